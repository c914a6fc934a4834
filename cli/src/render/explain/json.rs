//! Stories for programs: `sepolq.explain/1`.

use std::io::{self, Write};

use serde::Serialize;

use super::Stories;
use super::refusals::refusal_told;
use super::tell::told;
use super::told::{RefusalTold, Told};
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    stories: Vec<Told>,
    refusals: Vec<RefusalTold>,
    unreadable: Vec<UnreadableJson>,
    counts: CountsJson,
}

#[derive(Serialize)]
struct UnreadableJson {
    line: u64,
    reason: String,
    text: String,
}

#[derive(Serialize)]
struct CountsJson {
    lines: u64,
    denials: u64,
    refusals: u64,
    unreadable: u64,
    left_out: u64,
}

/// Prints the stories as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn stories_as_json(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = stories.store.policy();
    let set = stories.booleans_set.iter().map(|(name, state)| (name.as_str(), *state));
    let counts = stories.unread.counts;
    let document = Document {
        schema: "sepolq.explain/1",
        policy: PolicyJson::of(stories.source, policy, set),
        stories: stories.explained.iter().map(|explained| told(stories.store, explained)).collect(),
        refusals: stories.refusals.iter().map(|refusal| refusal_told(stories.store, refusal)).collect(),
        unreadable: stories
            .unread
            .unreadable
            .iter()
            .map(|unreadable| UnreadableJson {
                line: unreadable.lines.first,
                reason: unreadable.reason.to_string(),
                text: unreadable.start.to_string(),
            })
            .collect(),
        counts: CountsJson {
            lines: counts.lines,
            denials: counts.denials,
            refusals: counts.refusals,
            unreadable: counts.unreadable,
            left_out: stories.overflow,
        },
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
