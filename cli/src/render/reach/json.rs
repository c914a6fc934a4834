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
    let results = answer.reaches.iter().map(|reach| DomainJson {
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
