//! Answers of `status`: what was seen of a system, and a line for each part of it.
//!
//! The lines are made once (`tell.rs`, with `tell_policy.rs` and `tell_engines.rs`); text and JSON print the same, and the exit status follows from them.

mod json;
mod tell;
mod tell_engines;
mod tell_policy;
mod text;

use host::{ConfiguredMode, Mode, UnknownPermissions};

pub(crate) use json::status_as_json;
pub(crate) use tell::status_lines;
pub(crate) use text::status_as_text;

/// Something that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen<T> {
    /// It could be seen.
    Yes(T),
    /// It could not, and why.
    No(String),
}

impl<T> Seen<T> {
    /// What was seen.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Seen::Yes(value) => Some(value),
            Seen::No(_) => None,
        }
    }
}

/// All that was seen of a system.
pub(crate) struct SystemStatus {
    /// What the kernel says; nothing if SELinux is off.
    pub(crate) kernel: Option<Kernel>,
    /// What is configured for the next boot.
    pub(crate) configured: Option<ConfiguredMode>,
    /// `SELINUXTYPE`.
    pub(crate) policy_type: String,
    /// What the kernel was told at boot.
    pub(crate) boot_parameters: Vec<String>,
    pub(crate) policy: Seen<AskedPolicy>,
    pub(crate) loaded: Seen<Loaded>,
    /// The label of this process.
    pub(crate) own_label: Option<String>,
    /// The same with the names that the system gives its levels, if it has such names and this build asks for them.
    pub(crate) own_label_translated: Option<String>,
    /// What logins of root become, and those of others.
    pub(crate) logins: [Option<host::Login>; 2],
    /// Whether the system gives its levels names.
    pub(crate) has_level_names: bool,
    /// All booleans, by name.
    pub(crate) booleans: Seen<Vec<BooleanState>>,
    /// Nothing if the system has no module store.
    pub(crate) modules: Seen<Option<ModulesState>>,
    pub(crate) engines: Seen<EnginesState>,
    pub(crate) denials: Seen<Denials>,
}

/// What the kernel says.
pub(crate) struct Kernel {
    pub(crate) mount_point: String,
    pub(crate) mode: Option<Mode>,
    /// The newest version of policies that it reads.
    pub(crate) newest_version: Option<u32>,
    pub(crate) has_levels: Option<bool>,
    pub(crate) unknown_permissions: Option<UnknownPermissions>,
}

/// The policy that every command asks without `-P`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedPolicy {
    pub(crate) path: String,
    pub(crate) version: u32,
    pub(crate) sha256: String,
    pub(crate) is_running: bool,
    /// Its permissive domains.
    pub(crate) permissive: Vec<String>,
}

/// The loaded policy beside the installed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loaded {
    /// None is loaded.
    Nothing,
    /// One is loaded, and none is installed.
    NothingInstalled,
    /// They are the same.
    Same {
        /// The installed one.
        path: String,
        /// What was compared.
        by: &'static str,
    },
    /// They are not.
    Different {
        /// The installed one.
        path: String,
    },
}

/// A boolean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BooleanState {
    pub(crate) name: String,
    /// The state of the next boot: that of the installed policy, if that is known.
    pub(crate) default: Option<bool>,
    /// Whether an administrator set that.
    pub(crate) is_local: bool,
    pub(crate) current: bool,
    pub(crate) pending: bool,
}

/// The installed module store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModulesState {
    pub(crate) in_force: usize,
    pub(crate) disabled: Vec<String>,
    /// Modules that will not load, and why.
    pub(crate) failing: Vec<(String, Vec<String>)>,
    pub(crate) unread: Vec<String>,
}

/// The container engines and their containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnginesState {
    pub(crate) engines: Vec<EngineState>,
    /// Containers that run.
    pub(crate) containers: usize,
    /// Those in the domain of their monitor.
    pub(crate) without_label: usize,
    /// Those in `spc_t`.
    pub(crate) unconfined: usize,
}

/// A container engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EngineState {
    pub(crate) engine: host::Engine,
    /// Whether what it is configured for is used.
    pub(crate) is_asked: bool,
}

/// What the log has since the system was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Denials {
    pub(crate) sources: Vec<String>,
    /// When the system was started, in seconds since the epoch.
    pub(crate) since: Option<i64>,
    /// Whether the log may have more than was shown to this user.
    pub(crate) is_partial: bool,
    /// Titles and how often, the most frequent first.
    pub(crate) stories: Vec<(String, u64)>,
    pub(crate) count: u64,
    /// How many were enforced.
    pub(crate) enforced: u64,
    /// SELINUX_ERR records that are different.
    pub(crate) refusals: usize,
    /// Labels that the policy does not know.
    pub(crate) invalid: Vec<String>,
}

/// How much of a worry something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    Fine,
    /// Somebody should look at it.
    LookAt,
    /// It could not be seen.
    Unseen,
}

impl Concern {
    /// The word for it in JSON.
    const fn word(self) -> &'static str {
        match self {
            Concern::Fine => "fine",
            Concern::LookAt => "look_at",
            Concern::Unseen => "unseen",
        }
    }
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusLine {
    /// What it is about.
    label: &'static str,
    concern: Concern,
    text: String,
    /// Examples, one a line.
    more: Vec<String>,
    /// What to type next.
    next: Vec<String>,
}

impl StatusLine {
    fn new(label: &'static str, concern: Concern, text: impl Into<String>) -> Self {
        StatusLine { label, concern, text: text.into(), more: Vec::new(), next: Vec::new() }
    }

    /// The same with an example.
    fn more(mut self, example: impl Into<String>) -> Self {
        self.more.push(example.into());
        self
    }

    /// The same with a command to type next.
    fn next(mut self, command: impl Into<String>) -> Self {
        self.next.push(command.into());
        self
    }

    /// Whether somebody should look at it.
    pub(crate) fn is_to_look_at(&self) -> bool {
        self.concern == Concern::LookAt
    }
}
