//! Answers of `status`: what was seen of a system, and a line for each part of it.
//!
//! The lines are made once; text and JSON print the same, and the exit status follows from them.
//!
//! | file | what it tells |
//! |---|---|
//! | `tell.rs` | which lines there are, and in which order |
//! | `tell_system.rs` | mode and configuration, logins, levels, a system without SELinux or without a policy |
//! | `tell_policy.rs` | the policy, permissive domains, booleans, modules |
//! | `tell_denials.rs` | what was denied |
//! | `tell_engines.rs` | container engines and containers |
//! | `health.rs` | what the lines come to |
//! | `text.rs`, `screen.rs` | the lines on one screen |
//! | `json.rs` | the same, and all that was seen, as JSON |

mod health;
mod json;
mod screen;
mod tell;
mod tell_denials;
mod tell_engines;
mod tell_policy;
mod tell_system;
mod text;

use host::{Configuration, Mode, UnknownPermissions};

use crate::records::{Missing, SystemLog};
pub(crate) use health::{Health, unseen};
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
    /// What is configured for the next boot; nothing if nothing is.
    pub(crate) configuration: Seen<Option<Configuration>>,
    /// `SELINUXTYPE`; nothing without a configuration.
    pub(crate) policy_type: Option<String>,
    /// Without a configuration: the only type of policy that is installed.
    pub(crate) installed_type: Option<String>,
    /// Whether the states that booleans have in the installed policy are known.
    pub(crate) has_defaults: bool,
    /// Where the installed policy is.
    pub(crate) installed_policy: Option<String>,
    /// Whether this is root, to whom `sudo` is no help.
    pub(crate) is_root: bool,
    /// What the kernel was told at boot.
    pub(crate) boot_parameters: Vec<String>,
    pub(crate) policy: Seen<AskedPolicy>,
    pub(crate) loaded: Seen<Loaded>,
    /// The label of this process.
    pub(crate) own_label: Seen<Option<String>>,
    /// The same with the names that the system gives its levels, if it has such names and this build asks for them.
    pub(crate) own_label_translated: Option<String>,
    /// What logins become.
    pub(crate) logins: Seen<host::Logins>,
    /// Whether the system gives its levels names.
    pub(crate) has_level_names: Seen<bool>,
    pub(crate) booleans: Seen<BooleanStates>,
    /// Nothing if the system has no module store.
    pub(crate) modules: Seen<Option<ModulesState>>,
    pub(crate) engines: Seen<EnginesState>,
    pub(crate) denials: Seen<Denials>,
}

/// What the kernel says.
pub(crate) struct Kernel {
    pub(crate) mount_point: String,
    /// Whether it has a policy; without one it enforces nothing.
    pub(crate) has_policy: bool,
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
    /// Its unconfined domains, if it has an attribute for them.
    pub(crate) unconfined: Vec<String>,
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

/// The booleans of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BooleanStates {
    /// Those that can be read, by name.
    pub(crate) all: Vec<BooleanState>,
    /// The names of the others, and why not.
    pub(crate) unread: Vec<(String, String)>,
}

/// A boolean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BooleanState {
    pub(crate) name: String,
    /// The state of the next boot: that of the installed policy, if that is known.
    pub(crate) default: Option<bool>,
    /// The state that an administrator set for good, if he did.
    pub(crate) set_for_good: Option<bool>,
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
    /// Those in `spc_t` and the like.
    pub(crate) unconfined: usize,
    /// Daemons and containers whose label cannot be read, and why the first cannot.
    pub(crate) unread: Option<(usize, String)>,
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
    /// Which log that is.
    pub(crate) log: SystemLog,
    /// Why there may have been more, if there may.
    pub(crate) missing: Option<Missing>,
    /// Records that look like denials and cannot be read.
    pub(crate) unreadable: u64,
    /// Titles and how often, the most frequent first.
    pub(crate) stories: Vec<(String, u64)>,
    pub(crate) count: u64,
    /// How many were enforced, and how many let through, as far as records say it.
    pub(crate) enforced: u64,
    pub(crate) let_through: u64,
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
    /// What to type next, what helps most first; nothing where all is fine.
    next: Vec<String>,
    /// What must be said of something that is fine, however little room there is.
    remark: Option<String>,
    /// Whether a system can be called healthy though this could not be seen.
    is_minor: bool,
}

impl StatusLine {
    fn new(label: &'static str, concern: Concern, text: impl Into<String>) -> Self {
        StatusLine {
            label,
            concern,
            text: text.into(),
            more: Vec::new(),
            next: Vec::new(),
            remark: None,
            is_minor: false,
        }
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

    /// The same with `sudo` as the next command, for who is not root.
    fn asked_as_root(self, status: &SystemStatus) -> Self {
        if status.is_root { self } else { self.next("sudo sepolq status") }
    }
}
