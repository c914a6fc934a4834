//! Stories for programs: `sepolq.explain/1`.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::refusals::refusal_told;
use super::tell::told;
use super::{Explained, ExplainedRefusal, Stories};
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a, 's, 'p> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    stories: StoriesJson<'a, 's, 'p>,
    refusals: RefusalsJson<'a, 's, 'p>,
    /// Whether `--limit` left some out.
    truncated: bool,
    unreadable: Vec<UnreadableJson>,
    errors: &'a [String],
    counts: CountsJson,
}

/// Stories, put into words when their turn comes: all words of thousands of them are megabytes.
struct StoriesJson<'a, 's, 'p>(&'a Stories<'s, 'p>, &'a [Explained<'p>]);

impl Serialize for StoriesJson<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.1.iter().map(|explained| told(self.0, explained)))
    }
}

struct RefusalsJson<'a, 's, 'p>(&'a Stories<'s, 'p>, &'a [ExplainedRefusal<'p>]);

impl Serialize for RefusalsJson<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.1.iter().map(|refusal| refusal_told(self.0, refusal)))
    }
}

#[derive(Serialize)]
struct UnreadableJson {
    line: u64,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct CountsJson {
    lines: u64,
    denials: u64,
    refusals: u64,
    unreadable: u64,
    sentences: u64,
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
    let limit = stories.limit.unwrap_or(usize::MAX);
    let n_stories = stories.explained.len();
    let shown = stories.explained.get(..limit.min(n_stories)).unwrap_or_default();
    let limit_of_refusals = limit.saturating_sub(n_stories).min(stories.refusals.len());
    let refusals = stories.refusals.get(..limit_of_refusals).unwrap_or_default();
    let document = Document {
        schema: "sepolq.explain/1",
        policy: PolicyJson::of(stories.source, policy, set),
        stories: StoriesJson(stories, shown),
        refusals: RefusalsJson(stories, refusals),
        truncated: n_stories.saturating_add(stories.refusals.len()) > limit,
        errors: &stories.unread.errors,
        unreadable: stories
            .unread
            .unreadable
            .iter()
            .map(|unreadable| UnreadableJson {
                line: unreadable.lines.first,
                reason: unreadable.reason.to_string(),
                help: unreadable.reason.help(),
                text: unreadable.start.to_string(),
            })
            .collect(),
        counts: CountsJson {
            lines: counts.lines,
            denials: counts.denials,
            refusals: counts.refusals,
            unreadable: counts.unreadable,
            sentences: counts.sentences,
            left_out: stories.overflow,
        },
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
