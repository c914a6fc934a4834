//! `reach DOMAIN TARGET`: by which paths.

use analysis::context::PartialContext;
use analysis::decide::{Decider, WhatIf, possible_context};
use analysis::nearest;
use analysis::reach::{KINDS, Kind, PathQuestion, PermissionMap, SORTS, Sort, paths};
use anyhow::{Context, bail};
use avstore::Store;
use policydb::{Name, TypeId};

use super::with_modules;
use crate::args::{Global, PathArgs, ReachArgs};
use crate::render::{Output, PathAnswer, paths_as_json, paths_as_text};
use crate::status::Status;
use crate::system_tools::{MOST_BYTES, read_at_most};

/// Paths of a sort that are printed where nobody says how many.
const LIMIT: u32 = 100;

/// Answers the question.
pub(super) fn run(global: &Global, args: &ReachArgs, domain: &str, target: &str) -> anyhow::Result<Status> {
    let (settings, any_booleans) = booleans(args)?;
    let map = map(&args.path)?;
    let what_if = WhatIf { booleans: settings.clone(), ..WhatIf::default() };
    with_modules(global, &args.with, |source, store| {
        let circumstances = what_if.resolve(store)?;
        let decider = Decider::new(store, circumstances.clone());
        let context = |word: &str| end(&decider, store, word);
        let (from, to) = (context(domain)?, context(target)?);
        let (from, to) = if args.path.reverse { (to, from) } else { (from, to) };
        if from == to && args.path.via.is_empty() {
            bail!("both ends are `{}`", from.text(store.policy()));
        }
        let kept = settings.iter().filter_map(|(name, _)| store.policy().boolean_named(name.as_bytes()));
        let question = PathQuestion {
            any_booleans,
            kept_booleans: kept.collect(),
            ..question(store, &args.path, (from, to), &map)?
        };
        let answers = paths(store, &question, &circumstances);
        let found = answers.iter().any(|answer| answer.paths.is_ok());
        let answer = PathAnswer {
            source,
            store,
            settings: &settings,
            question: &question,
            answers,
            reversed: args.path.reverse,
            all: args.path.all_shortest,
        };
        let status = if found { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| {
            if args.json { paths_as_json(&answer, output) } else { paths_as_text(&answer, output) }
        })
    })
}

fn question<'m>(
    store: &Store<'_>,
    args: &PathArgs,
    (from, to): (PartialContext, PartialContext),
    map: &'m PermissionMap,
) -> anyhow::Result<PathQuestion<'m>> {
    let via = args.via.iter().map(|word| type_named(store, word)).collect::<anyhow::Result<Vec<TypeId>>>()?;
    let avoid = avoided(store, &args.avoid)?;
    for id in [from.r#type, to.r#type].iter().chain(&via) {
        if avoid.contains(id) {
            bail!("`{}` is to be avoided and to be part of the path", store.type_name(*id));
        }
    }
    let (sorts, kinds) = sorts_and_kinds(&args.only)?;
    let hops = args.max_hops.map_or(usize::MAX, |hops| hops as usize);
    Ok(PathQuestion {
        from,
        to,
        sorts,
        kinds,
        map,
        min_weight: args.min_weight.unwrap_or(1),
        via,
        avoid,
        max_hops: hops,
        most: if args.all_shortest { args.limit.unwrap_or(LIMIT) as usize } else { 1 },
        any_booleans: false,
        kept_booleans: Vec::new(),
    })
}

/// An end of a path: whole contexts must be possible, whatever their types are.
fn end(decider: &Decider<'_, '_>, store: &Store<'_>, word: &str) -> anyhow::Result<PartialContext> {
    if word.starts_with('@') || (word.contains(',') && !word.contains(':')) {
        bail!(
            "`{}` is no single type, and a path has two ends\nhelp: `sepolq reach --matrix` looks at the types of an attribute",
            Name::new(word.as_bytes())
        );
    }
    Ok(possible_context(decider.context_rules(), store, word)?)
}

/// The sorts and the kinds of steps that words name.
pub(super) fn sorts_and_kinds(words: &[String]) -> anyhow::Result<(Vec<Sort>, Vec<&'static Kind>)> {
    analysis::reach::sorts_and_kinds(words).map_err(|word| {
        let mut known: Vec<&str> = SORTS.iter().map(|sort| sort.name()).collect();
        known.extend(KINDS.iter().map(|kind| kind.id));
        known.dedup();
        let near = nearest(&word, known.iter().map(|name| (*name).to_owned()));
        let help = if near.is_empty() { known.join(", ") } else { near.join(", ") };
        anyhow::anyhow!("there is no sort or kind of step `{}`\nhelp: {help}", Name::new(word.as_bytes()))
    })
}

/// Types that are no part of a path.
pub(super) fn avoided(store: &Store<'_>, words: &[String]) -> anyhow::Result<Vec<TypeId>> {
    let mut avoided = Vec::new();
    for word in words {
        match word.strip_prefix('@') {
            None => avoided.push(type_named(store, word)?),
            Some(name) => {
                let attribute =
                    store.policy().type_named(name.as_bytes()).filter(|id| store.is_attribute(*id));
                let Some(attribute) = attribute else {
                    bail!(
                        "`{}` is no attribute of this policy\nhelp: `sepolq list attributes`",
                        Name::new(word.as_bytes())
                    );
                };
                avoided.extend(store.members(attribute).iter());
            }
        }
    }
    Ok(avoided)
}

fn type_named(store: &Store<'_>, word: &str) -> anyhow::Result<TypeId> {
    let context = PartialContext::parse(store, word)?;
    if context != PartialContext::of_type(context.r#type) {
        bail!(
            "`{}` is more than a type\nhelp: only DOMAIN and TARGET may have a level",
            Name::new(word.as_bytes())
        );
    }
    Ok(context.r#type)
}

/// The permission map of the question.
pub(super) fn map(args: &PathArgs) -> anyhow::Result<PermissionMap> {
    let Some(path) = &args.map else { return Ok(PermissionMap::own()) };
    let shown = Name::new(path.as_os_str().as_encoded_bytes());
    let bytes = read_at_most(path, MOST_BYTES)
        .with_context(|| format!("cannot read the permission map `{shown}`"))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        anyhow::anyhow!("the permission map `{shown}` is not text: byte {}", error.valid_up_to())
    })?;
    PermissionMap::parse(text).map_err(|problem| anyhow::anyhow!("the permission map `{shown}`: {problem}"))
}

/// The booleans that are set for the question, and whether any others may be.
pub(super) fn booleans(args: &ReachArgs) -> anyhow::Result<(Vec<(String, bool)>, bool)> {
    let mut settings = args.settings.clone();
    let mut any = false;
    for word in &args.path.booleans {
        match word.as_str() {
            "current" => {}
            "any" => any = true,
            setting => match crate::args::parse_setting(setting) {
                Ok(setting) => {
                    let is_other =
                        |(name, state): &&(String, bool)| *name == setting.0 && *state != setting.1;
                    if settings.iter().any(|other| is_other(&other)) {
                        bail!("`{}` is set on and off", Name::new(setting.0.as_bytes()));
                    }
                    settings.push(setting);
                }
                Err(_) => bail!(
                    "`{}` says nothing about booleans\nhelp: `current`, `any`, or BOOL=on, BOOL=off",
                    Name::new(setting.as_bytes())
                ),
            },
        }
    }
    Ok((settings, any))
}
