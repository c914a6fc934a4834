//! Answers of `explain`: stories with their causes, fixes and advice.
//!
//! Each story is put into words once ([`Told`]); text, Markdown and JSON print the same words.
//!
//! | file | what it does |
//! |---|---|
//! | `told.rs` | a story in words, and as JSON has it |
//! | `tell.rs` | puts a story into words: who, what, when |
//! | `title.rs` | what was denied, as a sentence |
//! | `causes.rs`, `fixes.rs`, `advice.rs`, `refusals.rs` | the words of each |
//! | `commands.rs` | commands: what is quoted, what stands for what is not known |
//! | `times.rs` | when: in the reader's time zone |
//! | `unread.rs` | what cannot be read, and what to say where nothing was found |
//! | `text.rs`, `markdown.rs`, `json.rs` | the forms; `fill.rs` breaks text into lines |

mod advice;
mod causes;
mod commands;
mod fixes;
mod json;
mod markdown;
mod places;
mod refusals;
mod tell;
mod text;
mod times;
mod title;
mod told;
mod unread;

use analysis::explain::{Explanation, RefusalCause, RefusalFix, Unresolved};
use audit::{RefusalStory, Story};
use avstore::Store;

pub(crate) use commands::Facts;
pub(crate) use json::stories_as_json;
pub(crate) use markdown::stories_as_markdown;
pub(crate) use text::{again_as_text, commands_as_text, nothing_found, stories_as_text, story_as_text};
pub(crate) use times::Clock;
pub(crate) use title::story_title;

use crate::policy_source::PolicySource;
use crate::records::Unread;

/// Stories that text and Markdown print whole, unless `--limit` says how many.
const WHOLE: usize = 50;
/// Stories beyond those that have a line each.
const IN_A_LINE: usize = 200;

/// A story, explained as far as the policy goes.
pub(crate) struct Explained<'p> {
    pub(crate) story: Story,
    pub(crate) facts: Facts,
    pub(crate) answer: Result<Explanation<'p>, Unresolved>,
    /// What another policy would say.
    pub(crate) compared: Option<Compared>,
    /// What changed for it between the two policies, in words.
    pub(crate) changes: Vec<String>,
    /// Stories about the same two types with the same causes and fixes: other classes of objects.
    pub(crate) also: Vec<(Story, Explanation<'p>)>,
}

/// How a story ends under another policy.
#[derive(Clone, Debug)]
pub(crate) enum Compared {
    /// The other policy allows what this one denies.
    Fixed,
    /// The other policy denies what this one allows; why.
    NewlyDenied(Vec<&'static str>),
    /// Both deny it; why the other does.
    StillDenied(Vec<&'static str>),
    /// Both allow it.
    StillAllowed,
    /// This policy does not have a type, class or permission; what the other one would say.
    UnknownHere(Vec<&'static str>),
    /// The other policy does not have a type, class or permission.
    Unknown(String),
}

/// A refusal and how often it came up, explained.
pub(crate) struct ExplainedRefusal<'p> {
    pub(crate) story: RefusalStory,
    pub(crate) causes: Vec<RefusalCause<'p>>,
    pub(crate) fixes: Vec<RefusalFix>,
}

/// All that was read.
pub(crate) struct Stories<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) booleans_set: Vec<(String, bool)>,
    pub(crate) explained: Vec<Explained<'p>>,
    pub(crate) refusals: Vec<ExplainedRefusal<'p>>,
    pub(crate) unread: Unread,
    /// Denials of stories beyond those that are kept.
    pub(crate) overflow: u64,
    /// How many stories the user wants.
    pub(crate) limit: Option<usize>,
    /// How times are shown.
    pub(crate) clock: Clock,
}

impl Stories<'_, '_> {
    /// Whether something was denied or refused.
    pub(crate) fn any(&self) -> bool {
        !self.explained.is_empty() || !self.refusals.is_empty()
    }

    /// The titles of the stories beyond the first few, and how often they came up.
    fn beyond(&self, limit: usize) -> Vec<(String, String)> {
        let stories = self.explained.iter().map(|explained| tell::headline(self, &explained.story));
        let refusals = self.refusals.iter().map(|refusal| refusals::headline(self, &refusal.story));
        stories.chain(refusals).skip(limit).collect()
    }
}
