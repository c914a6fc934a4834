//! A story in words: what text and Markdown print, and JSON as it stands here (`docs/json.md`, `sepolq.explain/1`).

use std::collections::BTreeMap;

use serde::Serialize;

/// A story.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// The same for the same question, whatever the log.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) class: String,
    pub(crate) permissions: Vec<Counted>,
    pub(crate) count: u64,
    pub(crate) enforced: u64,
    pub(crate) permissive: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earliest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latest: Option<String>,
    pub(crate) first_line: u64,
    pub(crate) last_line: u64,
    /// What the first record says beside contexts, class and permissions.
    pub(crate) record: BTreeMap<&'static str, String>,
    /// Who wanted it, in words.
    pub(crate) process: String,
    /// The command line of who wanted it, and its program, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<String>,
    /// What they wanted it of, in words.
    pub(crate) object: String,
    pub(crate) causes: Vec<CauseTold>,
    pub(crate) fixes: Vec<FixTold>,
    /// Types that the object could have, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) could_be: Vec<CouldBeTold>,
    pub(crate) advice: Vec<AdviceTold>,
    /// What finds out what the record does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) find: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compare: Option<CompareTold>,
    /// The same for other classes of objects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also: Vec<AlsoTold>,
    /// When, how often and in which mode, in words.
    #[serde(skip)]
    pub(crate) how_often: String,
}

/// A permission and how often it was denied.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Counted {
    pub(crate) name: String,
    pub(crate) count: u64,
}

/// A cause.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CauseTold {
    pub(crate) id: &'static str,
    /// The layer that refuses, in a word.
    pub(crate) layer: &'static str,
    pub(crate) permissions: Vec<String>,
    pub(crate) text: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) boolean_sets: Vec<BooleanSetTold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expression: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) leaves: Vec<LeafTold>,
}

/// Booleans that would do.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BooleanSetTold {
    pub(crate) booleans: Vec<SettingTold>,
    /// Permissions on target types that rules then grant the source, and do not now.
    pub(crate) adds: usize,
    /// Types for which rules come into force.
    pub(crate) domains: usize,
}

/// A boolean and its new state.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SettingTold {
    pub(crate) name: String,
    pub(crate) state: bool,
}

/// A comparison of a constraint.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LeafTold {
    pub(crate) comparison: String,
    /// Null: it depends on what the record leaves open.
    pub(crate) value: Option<bool>,
    pub(crate) why: String,
}

/// A fix.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FixTold {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) commands: Vec<Command>,
    /// What it opens up, and for whom.
    pub(crate) cost: String,
    pub(crate) lasts: &'static str,
    /// Whether it is enough alone; null where a record cannot tell.
    pub(crate) enough: Option<bool>,
}

/// A command, or an option of the command that starts the container.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Command {
    /// `shell` or `container_option`.
    pub(crate) kind: CommandKind,
    pub(crate) text: String,
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CommandKind {
    Shell,
    ContainerOption,
}

/// A type that the object could have.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CouldBeTold {
    pub(crate) r#type: String,
    /// How many types of processes may do the same to it.
    pub(crate) others: usize,
}

/// A remark.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AdviceTold {
    pub(crate) id: &'static str,
    /// Whether it says what not to do.
    pub(crate) warning: bool,
    pub(crate) text: String,
}

/// How the story ends under the other policy.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CompareTold {
    /// `fixed`, `newly_denied`, `still_denied`, `still_allowed` or `unknown`.
    pub(crate) result: &'static str,
    pub(crate) text: String,
    /// What changed for it between the two policies, in the words of `diff`.
    pub(crate) changes: Vec<String>,
}

/// Another class of objects with the same causes and fixes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AlsoTold {
    pub(crate) id: String,
    pub(crate) class: String,
    pub(crate) permissions: Vec<Counted>,
    pub(crate) count: u64,
    pub(crate) object: String,
}

/// A context or change of context that was refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RefusalTold {
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earliest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latest: Option<String>,
    pub(crate) first_line: u64,
    pub(crate) last_line: u64,
    pub(crate) causes: Vec<RefusalCauseTold>,
    pub(crate) fixes: Vec<RefusalFixTold>,
    /// When and how often, in words.
    #[serde(skip)]
    pub(crate) how_often: String,
}

/// Why it was refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RefusalCauseTold {
    pub(crate) id: &'static str,
    pub(crate) text: Vec<String>,
}

/// What to do about it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RefusalFixTold {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) commands: Vec<Command>,
}
