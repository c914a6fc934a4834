//! `reach`: what a domain can do, by groups, alone or beside others; `path.rs` by which path it reaches a type.

mod matrix;
mod path;

use std::path::PathBuf;

use analysis::context::PartialContext;
use analysis::decide::{Decider, WhatIf, possible_context};
use analysis::nearest;
use analysis::reach::{DirectReach, GROUPS, Through, direct, through};
use anyhow::{Context, bail};
use avstore::Store;
use policydb::{Policy, TypeId};

use crate::args::{Global, ReachArgs};
use crate::cil_modules;
use crate::policy_source::{self, PolicySource};
use crate::render::{Output, ReachAnswer, reach_as_json, reach_as_text};
use crate::status::Status;

/// Domains that are set side by side at most: each is a column.
const MOST: usize = 32;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &ReachArgs) -> anyhow::Result<Status> {
    match args.names.as_slice() {
        types if args.matrix.matrix => {
            refuse(&for_domains(args), "--matrix")?;
            refuse(&for_paths(args), "--matrix")?;
            matrix::run(global, args, types)
        }
        [] => bail!("name a domain\nhelp: `sepolq reach container_t`, or `sepolq reach --matrix`"),
        [domain] => {
            refuse(&for_paths(args), "one domain")?;
            refuse(&for_steps(args), "one domain")?;
            direct_reach(global, args, domain)
        }
        [domain, target] => {
            refuse(&for_domains(args), "a path")?;
            if args.path.limit.is_some() && !args.path.all_shortest {
                bail!("`--limit` says how many paths `--all-shortest` gives, which was not asked for");
            }
            path::run(global, args, domain, target)
        }
        _ => bail!(
            "a path has two ends\nhelp: `--via TYPE` for what it passes, `--vs OTHER` to set domains side by side"
        ),
    }
}

/// Options for domains side by side that were given.
fn for_domains(args: &ReachArgs) -> Vec<&'static str> {
    let given = [("--vs", !args.vs.is_empty()), ("--list", !args.list.is_empty())];
    given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

/// Options for paths that were given.
fn for_paths(args: &ReachArgs) -> Vec<&'static str> {
    let given = [
        ("--reverse", args.path.reverse),
        ("--all-shortest", args.path.all_shortest),
        ("--via", !args.path.via.is_empty()),
        ("--limit", args.path.limit.is_some()),
    ];
    given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

/// Options for paths and all pairs that were given.
fn for_steps(args: &ReachArgs) -> Vec<&'static str> {
    let given = [
        ("--only", !args.path.only.is_empty()),
        ("--max-hops", args.path.max_hops.is_some()),
        ("--avoid", !args.path.avoid.is_empty()),
        ("--min-weight", args.path.min_weight.is_some()),
        ("--map", args.path.map.is_some()),
        ("--form", args.matrix.form.is_some()),
        ("--threads", args.matrix.threads.is_some()),
    ];
    given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

/// Refuses options that say nothing about what is asked.
fn refuse(given: &[&str], asked: &str) -> anyhow::Result<()> {
    match given.first() {
        Some(option) => bail!(
            "`{option}` says nothing about {asked}\nhelp: `sepolq reach DOMAIN --vs OTHER`, `sepolq reach DOMAIN TARGET --via TYPE`"
        ),
        None => Ok(()),
    }
}

/// What one domain reaches, or several side by side.
fn direct_reach(global: &Global, args: &ReachArgs, domain: &str) -> anyhow::Result<Status> {
    let listed = listed(&args.list)?;
    let (settings, any) = path::booleans(args)?;
    if any {
        bail!(
            "`--booleans any` looks for a path: name where it ends\nhelp: `sepolq reach {domain} TARGET --booleans any`"
        );
    }
    let what_if = WhatIf { booleans: settings.clone(), ..WhatIf::default() };
    with_modules(global, &args.with, |source, store| {
        let decider = Decider::new(store, what_if.resolve(store)?);
        let mut domains = Vec::new();
        for word in std::iter::once(domain).chain(args.vs.iter().map(String::as_str)) {
            domains.extend(domains_of(&decider, store, word)?);
        }
        if domains.len() > MOST {
            bail!(
                "{} domains are more than can be set side by side\nhelp: name a smaller attribute, or at most {MOST} of its types",
                domains.len()
            );
        }
        let reaches: Vec<DirectReach> = domains.iter().map(|domain| direct(&decider, domain)).collect();
        let map = path::map(&args.path)?;
        let through: Vec<Vec<Through>> =
            domains.iter().map(|domain| through(&decider, domain, &map)).collect();
        let any = reaches.iter().flat_map(|reach| &reach.groups).any(|group| group.count().0 > 0);
        let answer = ReachAnswer { source, store, settings: &settings, reaches, through, listed };
        let status = if any { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| {
            if args.json { reach_as_json(&answer, output) } else { reach_as_text(&answer, output) }
        })
    })
}

/// Opens the policy, puts modules on top of it, and calls `ask` with what comes out.
fn with_modules<R>(
    global: &Global,
    modules: &[PathBuf],
    ask: impl for<'p> FnOnce(&PolicySource, &Store<'p>) -> anyhow::Result<R>,
) -> anyhow::Result<R> {
    if modules.is_empty() {
        return policy_source::with_store(global, ask);
    }
    let source = policy_source::with_store(global, |source, store| {
        let bytes = cil_modules::on_top_of(store, source, modules)?;
        Ok(source.replaced(bytes, modules))
    })?;
    let policy = Policy::parse(&source).context("cannot use what secilc wrote")?;
    ask(&source, &Store::new(&policy))
}

/// The groups that are listed, as positions in [`GROUPS`].
fn listed(words: &[String]) -> anyhow::Result<Vec<usize>> {
    let mut listed = Vec::new();
    for word in words {
        if word == "all" {
            return Ok((0..GROUPS.len()).collect());
        }
        let before = listed.len();
        let is_meant = |group: &analysis::reach::Group| group.id == word || group.heading.name() == word;
        listed.extend(GROUPS.iter().enumerate().filter(|(_, group)| is_meant(group)).map(|(at, _)| at));
        if listed.len() == before {
            let near = nearest(word, GROUPS.iter().map(|group| group.id.to_owned()));
            let names: Vec<&str> = GROUPS.iter().map(|group| group.id).collect();
            let help = if near.is_empty() { names.join(", ") } else { near.join(", ") };
            bail!("there is no group `{}`\nhelp: {help}", policydb::Name::new(word.as_bytes()));
        }
    }
    Ok(listed)
}

/// The domain that a word names, or the types of an attribute.
pub(in crate::commands) fn domains_of(
    decider: &Decider<'_, '_>,
    store: &Store<'_>,
    word: &str,
) -> anyhow::Result<Vec<PartialContext>> {
    let Some(name) = word.strip_prefix('@') else {
        return Ok(vec![possible_context(decider.context_rules(), store, word)?]);
    };
    let Some(id) = store.policy().type_named(name.as_bytes()).filter(|id| store.is_attribute(*id)) else {
        bail!(
            "`{}` is no attribute of this policy\nhelp: `sepolq list attributes`",
            policydb::Name::new(word.as_bytes())
        );
    };
    let mut members: Vec<TypeId> = store.members(id).iter().collect();
    members.sort_by(|one, other| store.type_name(*one).bytes().cmp(&store.type_name(*other).bytes()));
    let members: Vec<PartialContext> = members.into_iter().map(PartialContext::of_type).collect();
    if members.is_empty() {
        bail!("the attribute `{}` has no types", policydb::Name::new(word.as_bytes()));
    }
    Ok(members)
}
