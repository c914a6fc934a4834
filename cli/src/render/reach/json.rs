//! What domains reach, for programs: `sepolq.reach/1`.

use std::io::{self, Write};

use analysis::reach::GROUPS;
use serde::Serialize;

use super::{ReachAnswer, names};
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    results: Vec<DomainJson>,
}

#[derive(Serialize)]
struct DomainJson {
    domain: String,
    groups: Vec<GroupJson>,
    through_others: Vec<ThroughJson>,
}

/// What chains of steps of one sort lead to; levels, roles and users of all but the domain left open.
#[derive(Serialize)]
struct ThroughJson {
    sort: &'static str,
    /// Types that a single step leads to.
    at_once: usize,
    /// Types that it takes more steps to reach.
    through_others: usize,
    /// The most steps that it takes to reach one.
    farthest: usize,
}

#[derive(Serialize)]
struct GroupJson {
    id: &'static str,
    heading: &'static str,
    title: &'static str,
    count: usize,
    /// Names that it reaches whatever was left open.
    granted: Vec<String>,
    /// Names for which it depends on what was left open.
    depends: Vec<String>,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn reach_as_json(answer: &ReachAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    let results = answer.reaches.iter().zip(&answer.through).map(|(reach, through)| DomainJson {
        domain: reach.source.text(policy),
        groups: GROUPS
            .iter()
            .zip(&reach.groups)
            .map(|(group, found)| {
                let (granted, depends) = names(answer.store, found);
                GroupJson {
                    id: group.id,
                    heading: group.heading.name(),
                    title: group.title,
                    count: found.count().0,
                    granted,
                    depends,
                }
            })
            .collect(),
        through_others: through
            .iter()
            .map(|of| ThroughJson {
                sort: of.sort.name(),
                at_once: of.at_once.len(),
                through_others: of.through_others.len(),
                farthest: of.farthest,
            })
            .collect(),
    });
    let document = Document {
        schema: "sepolq.reach/1",
        policy: PolicyJson::of(answer.source, policy, settings),
        results: results.collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
