//! `reach --matrix`: all pairs.

use std::collections::HashSet;

use analysis::decide::{Decider, WhatIf};
use analysis::reach::{Graph, GraphRequest, Kind, Sort, Switches, matrix};
use anyhow::bail;
use avstore::Store;
use policydb::TypeId;

use super::path::{avoided, booleans, map, sorts_and_kinds};
use super::{domains_of, with_modules};
use crate::args::{Global, MatrixForm, ReachArgs};
use crate::render::{MatrixAnswer, Output, matrix_as_csv, matrix_as_dot, matrix_as_json, matrix_as_text};
use crate::status::Status;
use crate::threads;

/// Types that are printed at most: a row and a column each.
const MOST: usize = 2000;

/// Answers the question.
pub(super) fn run(global: &Global, args: &ReachArgs, words: &[String]) -> anyhow::Result<Status> {
    let (settings, any) = booleans(args)?;
    if any {
        bail!(
            "all pairs are asked under one setting of the booleans\nhelp: leave out `--booleans any`, or ask for one path"
        );
    }
    let (map, kinds) = (map(&args.path)?, kinds_of(&args.path.only)?);
    let what_if = WhatIf { booleans: settings.clone(), ..WhatIf::default() };
    with_modules(global, &args.with, |source, store| {
        let decider = Decider::new(store, what_if.resolve(store)?);
        let chosen = chosen(&decider, store, words)?;
        let avoid = avoided(store, &args.path.avoid)?;
        if let Some(id) = chosen.iter().find(|id| avoid.contains(id)) {
            bail!("`{}` is to be avoided and to be printed", store.type_name(*id));
        }
        if chosen.is_empty() && args.matrix.form.is_some() {
            bail!(
                "without types there is only a summary\nhelp: name types or an @attribute to print, or `--json`"
            );
        }
        let request = GraphRequest {
            kinds: kinds.clone(),
            map: &map,
            min_weight: args.path.min_weight.unwrap_or(1),
            avoid,
        };
        let graph = Graph::of(&decider, &request, Vec::new());
        let switches = Switches::in_force(store.policy(), decider.conditions());
        let hops = args.path.max_hops.map_or(usize::MAX, |hops| hops as usize);
        let matrix = threads::spread(args.matrix.threads.map(usize::from), || {
            matrix(&graph, &switches, &chosen, hops)
        })?;
        let any = matrix.by_steps.iter().any(|count| *count > 0);
        let answer =
            MatrixAnswer { source, store, settings: &settings, kinds: &kinds, chosen: &chosen, matrix };
        let status = if any { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| match args.matrix.form.unwrap_or(MatrixForm::Csv) {
            _ if args.json => matrix_as_json(&answer, output),
            _ if chosen.is_empty() => matrix_as_text(&answer, output),
            MatrixForm::Csv => matrix_as_csv(&answer, output),
            MatrixForm::Dot => matrix_as_dot(&answer, output),
        })
    })
}

/// The kinds of steps: those of information without words.
fn kinds_of(words: &[String]) -> anyhow::Result<Vec<&'static Kind>> {
    let flow = [Sort::Flow.name().to_owned()];
    let (_, kinds) = sorts_and_kinds(if words.is_empty() { &flow } else { words })?;
    Ok(kinds)
}

/// The types that are printed.
fn chosen(decider: &Decider<'_, '_>, store: &Store<'_>, words: &[String]) -> anyhow::Result<Vec<TypeId>> {
    let mut chosen: Vec<TypeId> = Vec::new();
    let mut seen = HashSet::new();
    for word in words {
        for context in domains_of(decider, store, word)? {
            if context != analysis::context::PartialContext::of_type(context.r#type) {
                bail!("all pairs are asked of types, and `{word}` is more than that");
            }
            if seen.insert(context.r#type) {
                chosen.push(context.r#type);
            }
        }
    }
    if chosen.len() > MOST {
        bail!("{} types are more than can be printed ({MOST})\nhelp: name a smaller attribute", chosen.len());
    }
    Ok(chosen)
}
