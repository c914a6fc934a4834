//! What the system's log has of denials since the system was started, and of labels that its policy does not know.

use std::cmp::Reverse;
use std::path::Path;

use audit::{RefusalKind, Story};
use host::Process;

use super::first_line;
use crate::records::{self, SystemRecords};
use crate::render::{Denials, Seen, story_title};

/// Classes of objects that keep a label on disk: a packet without a label is nothing to mend.
const FILES: [&str; 7] = ["file", "dir", "lnk_file", "chr_file", "blk_file", "sock_file", "fifo_file"];
/// The type that stands for labels which the policy does not know.
const UNLABELED: &str = "unlabeled_t";

/// Looks at the log of the system below `root`.
pub(super) fn look(root: &Path, processes: &[Process]) -> Seen<Denials> {
    let since = host::boot_time(root);
    let SystemRecords { collected, log, missing } = match records::collect_system(root, since, processes) {
        Ok(records) => records,
        Err(error) => return Seen::No(first_line(&error)),
    };
    let stories = collected.stories.as_slice();
    let mut by_count: Vec<&Story> = stories.iter().collect();
    // Equally frequent ones stay in the order of the log.
    by_count.sort_by_key(|story| Reverse(story.count));
    let mut invalid: Vec<String> = stories.iter().filter_map(invalid_label).collect();
    invalid.extend(collected.refusals.as_slice().iter().filter_map(|refusal| match &refusal.first.kind {
        RefusalKind::UnknownLabel { context, .. } => Some(context.to_string()),
        RefusalKind::InvalidContext { newcontext, .. } => Some(newcontext.to_string()),
        _ => None,
    }));
    invalid.sort_unstable();
    invalid.dedup();
    Seen::Yes(Denials {
        sources: collected.unread.sources,
        since,
        log,
        missing,
        stories: by_count.iter().map(|story| (story_title(story), story.count)).collect(),
        count: stories
            .iter()
            .fold(collected.stories.overflow(), |sum, story| sum.saturating_add(story.count)),
        unreadable: collected.unread.counts.unreadable,
        let_through: stories.iter().fold(0, |sum: u64, story| sum.saturating_add(story.permissive)),
        enforced: stories.iter().fold(0, |sum: u64, story| sum.saturating_add(story.enforced)),
        refusals: collected.refusals.as_slice().len(),
        invalid,
    })
}

/// The label that the object of a denial has, if the policy does not know it.
fn invalid_label(story: &Story) -> Option<String> {
    if let Some(raw) = story.first.target_raw_context() {
        return Some(audit::Text::new(raw).to_string());
    }
    let tcontext = story.first.tcontext.to_string();
    let is_file = FILES.contains(&story.first.tclass.to_string().as_str());
    (is_file && tcontext.split(':').nth(2) == Some(UNLABELED)).then_some(tcontext)
}
