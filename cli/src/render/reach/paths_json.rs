//! Paths for programs: `sepolq.path/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use analysis::decide::Decider;
use analysis::reach::{NotFound, SortAnswer};
use serde::Serialize;

use super::paths::{PathAnswer, Teller, ToldAccess, ToldHop, ToldWay};
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    from: String,
    to: String,
    results: Vec<SortJson>,
}

#[derive(Serialize)]
struct SortJson {
    sort: &'static str,
    found: bool,
    /// Steps of the paths, all of the same, least length.
    hops: Option<usize>,
    /// Why there is none: `none`, or `max_hops`.
    reason: Option<&'static str>,
    /// Booleans to change for it.
    set_booleans: BTreeMap<String, bool>,
    /// Whether the search for a setting of the booleans hit its bound.
    bounded: bool,
    /// Whether there are more paths of this length.
    truncated: bool,
    paths: Vec<Vec<HopJson>>,
}

#[derive(Serialize)]
struct HopJson {
    from: String,
    to: String,
    /// How many ways there are, of which the first are listed.
    n_ways: usize,
    ways: Vec<WayJson>,
}

#[derive(Serialize)]
struct WayJson {
    kind: &'static str,
    weight: Option<u8>,
    result: &'static str,
    accesses: Vec<AccessJson>,
    type_transition: Option<String>,
}

#[derive(Serialize)]
struct AccessJson {
    source: String,
    target: String,
    class: String,
    permissions: Vec<String>,
    result: &'static str,
    rules: Vec<String>,
    granted_if: Vec<String>,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn paths_as_json(answer: &PathAnswer<'_, '_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    let document = Document {
        schema: "sepolq.path/1",
        policy: PolicyJson::of(answer.source, policy, settings),
        from: answer.question.from.text(policy),
        to: answer.question.to.text(policy),
        results: answer.answers.iter().map(|sort| sort_json(answer, sort)).collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

fn sort_json<'p>(answer: &PathAnswer<'_, '_, 'p>, sort: &SortAnswer<'p>) -> SortJson {
    let policy = answer.store.policy();
    let decider = Decider::new(answer.store, sort.circumstances.clone());
    let teller = Teller { decider: &decider, most_ways: usize::MAX };
    let paths = sort.paths.as_ref().ok();
    let change = |(id, state): &(policydb::BoolId, bool)| {
        let name = policy.boolean(*id).map(|(name, _)| name.to_string()).unwrap_or_default();
        (name, *state)
    };
    SortJson {
        sort: sort.sort.name(),
        found: paths.is_some(),
        hops: paths.and_then(|paths| paths.paths.first()).map(|path| path.hops.len()),
        reason: sort.paths.as_ref().err().map(|error| match error {
            NotFound::None => "none",
            NotFound::WithinHops(_) => "max_hops",
        }),
        set_booleans: sort.changes.iter().map(change).collect(),
        bounded: sort.bounded,
        truncated: paths.is_some_and(|paths| paths.more),
        paths: paths
            .into_iter()
            .flat_map(|paths| &paths.paths)
            .map(|path| path.hops.iter().map(|hop| hop_json(teller.hop(hop))).collect())
            .collect(),
    }
}

const fn result(certain: bool) -> &'static str {
    if certain { "granted" } else { "depends" }
}

fn hop_json(hop: ToldHop) -> HopJson {
    let ways = hop.ways.into_iter().map(way_json).collect();
    HopJson { from: hop.from, to: hop.to, n_ways: hop.n_ways, ways }
}

fn way_json(way: ToldWay) -> WayJson {
    WayJson {
        kind: way.kind,
        weight: way.weight,
        result: result(way.certain),
        accesses: way.accesses.into_iter().map(access_json).collect(),
        type_transition: way.type_transition,
    }
}

fn access_json(access: ToldAccess) -> AccessJson {
    AccessJson {
        source: access.source,
        target: access.target,
        class: access.class,
        permissions: access.permissions,
        result: result(access.certain),
        rules: access.rules,
        granted_if: access.granted_if,
    }
}
