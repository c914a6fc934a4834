//! Which story comes first, and which are one.

use std::cmp::Reverse;
use std::collections::HashMap;

use analysis::explain::{Cause, Explanation, FixKind};

use crate::render::Explained;

/// What blocks people first: what is enforced and still denied, then what was let through, then what this policy allows;
/// among equals what came up most often, and then what came up first.
pub(super) fn sorted(mut explained: Vec<Explained<'_>>) -> Vec<Explained<'_>> {
    explained.sort_by_key(|explained| {
        let story = &explained.story;
        let is_allowed =
            explained.answer.as_ref().is_ok_and(|answer| answer.causes.iter().all(Cause::is_grant));
        let is_let_through = story.permissive > 0 && story.permissive == story.count;
        let rank = match (is_allowed, is_let_through) {
            (false, false) => 0u8,
            (false, true) => 1,
            (true, _) => 2,
        };
        (rank, Reverse(story.count), story.first.origin.lines.first)
    });
    explained
}

/// Stories about the same two contexts, with the same kinds of causes and the same fixes, told as one.
pub(super) fn folded(explained: Vec<Explained<'_>>) -> Vec<Explained<'_>> {
    let mut heads: HashMap<String, usize> = HashMap::new();
    let mut folded: Vec<Explained<'_>> = Vec::with_capacity(explained.len());
    for explained in explained {
        let key = key(&explained);
        match key.as_ref().and_then(|key| heads.get(key)).and_then(|at| folded.get_mut(*at)) {
            Some(head) => {
                if let Ok(answer) = explained.answer {
                    head.also.push((explained.story, answer));
                }
            }
            None => {
                if let Some(key) = key {
                    heads.insert(key, folded.len());
                }
                folded.push(explained);
            }
        }
    }
    folded
}

/// What makes two stories one; nothing for those that cannot be explained or are compared.
fn key(explained: &Explained<'_>) -> Option<String> {
    let answer = explained.answer.as_ref().ok()?;
    if explained.compared.is_some() {
        return None;
    }
    let story = &explained.story;
    let denied = &answer.denied;
    let contexts =
        [&denied.source, &denied.target].map(|context| (context.user, context.role, context.r#type));
    let mut key = format!("{:?} {contexts:?} {:?} ", story.first.manager, story.levels);
    let facts = &explained.facts;
    key.push_str(&format!("{:?} {:?} {:?} ", facts.host_path, facts.container, facts.container_path));
    let stored = (story.first.source_raw_context(), story.first.target_raw_context());
    key.push_str(&format!("{stored:?} "));
    key.push_str(if story.permissive > 0 && story.permissive == story.count { "permissive " } else { "" });
    key.push_str(&kinds(answer));
    Some(key)
}

fn kinds(answer: &Explanation<'_>) -> String {
    let causes = answer.causes.iter().map(Cause::id);
    let fixes = answer.fixes.iter().map(|fix| match &fix.kind {
        FixKind::Label(could) | FixKind::PortLabel(could) => format!("{} {:?}", fix.kind.id(), could.id),
        FixKind::Domain { id, .. } => format!("{} {id:?}", fix.kind.id()),
        FixKind::Booleans(set) => format!("{} {:?}", fix.kind.id(), set.settings),
        kind => kind.id().to_owned(),
    });
    let mut kinds: Vec<String> = causes.map(str::to_owned).chain(fixes).collect();
    kinds.dedup();
    kinds.join(",")
}
