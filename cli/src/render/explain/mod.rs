//! Answers of `explain`: stories with their causes, fixes and advice.

mod json;
mod text;
mod words;

use analysis::explain::{Advice, Cause, Denied, Fix, Unresolved};
use audit::{Story, Unreadable};
use avstore::Store;

pub(crate) use json::explanation_as_json;
pub(crate) use text::{commands_as_text, explanation_as_text, nothing_found};

use crate::policy_source::PolicySource;

/// What records say beside the access, for words and commands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The path on the host, where the user gave it.
    pub(crate) host_path: Option<String>,
    /// The port that was to be bound or connected to.
    pub(crate) port: Option<i64>,
}

/// A story, explained as far as the policy goes.
pub(crate) struct Explained<'p> {
    pub(crate) story: Story,
    pub(crate) facts: Facts,
    pub(crate) answer: Result<Answer<'p>, Unresolved>,
    /// Under another policy: whether all of it would be granted.
    pub(crate) elsewhere: Option<bool>,
}

/// Causes, fixes and advice.
pub(crate) struct Answer<'p> {
    pub(crate) denied: Denied,
    pub(crate) causes: Vec<Cause<'p>>,
    pub(crate) fixes: Vec<Fix>,
    pub(crate) advice: Vec<Advice>,
}

/// All that was read.
pub(crate) struct Explanation<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) stories: Vec<Explained<'p>>,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Of those, how many were not kept.
    pub(crate) more_unreadable: usize,
    /// Denials of stories beyond those that are kept.
    pub(crate) overflow: u64,
}
