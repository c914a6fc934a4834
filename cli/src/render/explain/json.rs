//! Stories for programs: `sepolq.explain/1`.

use std::io::{self, Write};

use serde::Serialize;

use super::words::Words;
use super::{Explained, Explanation};
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    stories: Vec<StoryJson>,
    unreadable: Vec<UnreadableJson>,
}

#[derive(Serialize)]
struct StoryJson {
    scontext: String,
    tcontext: String,
    class: String,
    permissions: Vec<String>,
    count: u64,
    permissive: u64,
    first_line: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<CauseJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advice: Vec<AdviceJson>,
}

#[derive(Serialize)]
struct CauseJson {
    id: &'static str,
    permissions: Vec<String>,
    text: Vec<String>,
}

#[derive(Serialize)]
struct FixJson {
    id: &'static str,
    title: String,
    commands: Vec<String>,
    remark: String,
    lasts: &'static str,
    complete: bool,
}

#[derive(Serialize)]
struct AdviceJson {
    id: &'static str,
    text: String,
}

#[derive(Serialize)]
struct UnreadableJson {
    line: u64,
    reason: String,
}

fn story(explanation: &Explanation<'_, '_>, explained: &Explained<'_>) -> StoryJson {
    let first = &explained.story.first;
    let mut json = StoryJson {
        scontext: first.scontext.to_string(),
        tcontext: first.tcontext.to_string(),
        class: first.tclass.to_string(),
        permissions: explained
            .story
            .permissions
            .iter()
            .map(|permission| permission.name.to_string())
            .collect(),
        count: explained.story.count,
        permissive: explained.story.permissive,
        first_line: first.origin.lines.first,
        causes: Vec::new(),
        fixes: Vec::new(),
        advice: Vec::new(),
    };
    if let Ok(answer) = &explained.answer {
        let words = Words { store: explanation.store, denied: &answer.denied, facts: &explained.facts };
        json.causes = answer
            .causes
            .iter()
            .map(|cause| words.cause(cause))
            .map(|cause| CauseJson { id: cause.id, permissions: cause.permissions, text: cause.lines })
            .collect();
        json.fixes = answer
            .fixes
            .iter()
            .map(|fix| (words.fix(fix), fix.complete))
            .map(|(fix, complete)| FixJson {
                id: fix.id,
                title: fix.title,
                commands: fix.commands,
                remark: fix.remark,
                lasts: fix.lasts,
                complete,
            })
            .collect();
        json.advice = answer
            .advice
            .iter()
            .map(|advice| AdviceJson { id: advice.id(), text: words.advice(advice).1 })
            .collect();
    }
    json
}

/// Prints the stories as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn explanation_as_json(explanation: &Explanation<'_, '_>, output: &mut Output) -> io::Result<()> {
    let document = Document {
        schema: "sepolq.explain/1",
        policy: PolicyJson::of(explanation.source, explanation.store.policy(), std::iter::empty()),
        stories: explanation.stories.iter().map(|explained| story(explanation, explained)).collect(),
        unreadable: explanation
            .unreadable
            .iter()
            .map(|unreadable| UnreadableJson {
                line: unreadable.lines.first,
                reason: unreadable.reason.to_string(),
            })
            .collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
