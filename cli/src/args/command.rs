//! The commands, one variant each, with the line that help shows for it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::access::{Can, ContextArgs, NewLabel, WhoCan};
use super::breakout::BreakoutArgs;
use super::components::{Info, List, Show};
use super::diff::DiffArgs;
use super::examples;
use super::explain::Explain;
use super::modules::ModulesArgs;
use super::mount::{LabelArgs, MountArgs};
use super::reach::ReachArgs;
use super::search::{AnyKind, Search};
use super::system_status::StatusArgs;

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Why was this denied? Every cause of the denials in a log or a paste, and what to do, least privilege first
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// What will a container be able to do with a bind mount, before it runs? Labels, services that lose, the smallest option
    #[command(after_help = examples::MOUNT)]
    Mount(MountArgs),
    /// Which label has a path, which should it have, who may use it, and what would :z and :Z do?
    #[command(after_help = examples::LABEL)]
    Label(LabelArgs),
    /// What can this domain reach: files, domains, the network, the kernel; alone or beside others; by which path?
    #[command(after_help = examples::REACH)]
    Reach(ReachArgs),
    /// Which known ways out of a container does the policy leave open, for which domains, and by which rules?
    #[command(after_help = examples::BREAKOUT)]
    Breakout(BreakoutArgs),
    /// What changed between two policies: for whom, how serious, and which statement made it
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// What is in a module store: priorities, what is disabled, which module declares a type, and what will not load here
    #[command(after_help = examples::MODULES)]
    Modules(ModulesArgs),
    /// Is SELinux well on this system? Mode, policy, booleans, modules, container engines, denials, in one screen; what to do next
    #[command(after_help = examples::STATUS)]
    Status(StatusArgs),
    /// Is this access granted, and by what or why not? The kernel's verdict, with every reason
    #[command(after_help = examples::CAN)]
    Can(Can),
    /// All types that are granted some access, not merely named by a rule
    #[command(name = "who-can", alias = "who_can", after_help = examples::WHO_CAN)]
    WhoCan(WhoCan),
    /// The label that something new gets, and which rule gives it
    #[command(name = "new-label", alias = "new_label", after_help = examples::NEW_LABEL)]
    NewLabel(NewLabel),
    /// What a context says, field by field, and whether it is valid
    #[command(after_help = examples::CONTEXT)]
    Context(ContextArgs),
    /// What the policy is, how many of everything it has, and what a reader should notice
    #[command(after_help = examples::INFO)]
    Info(Info),
    /// What the policy declares: types, booleans, ports, constraints, … by name
    #[command(after_help = examples::LIST)]
    List(List),
    /// What is this? Everything about a name, of whatever kind
    #[command(after_help = examples::SHOW)]
    Show(Show),
    /// Rules that grant access
    #[command(after_help = examples::ALLOW)]
    Allow(Search),
    /// Rules that audit access that is granted
    #[command(
        after_help = examples::AUDITALLOW
    )]
    Auditallow(Search),
    /// Rules that keep denials out of the audit log
    #[command(
        after_help = examples::DONTAUDIT
    )]
    Dontaudit(Search),
    /// Rules that grant ioctl commands or netlink messages
    #[command(after_help = examples::ALLOWXPERM)]
    Allowxperm(Search),
    /// Rules that audit ioctl commands or netlink messages that are granted
    #[command(after_help = examples::AUDITALLOWXPERM)]
    Auditallowxperm(Search),
    /// Rules that keep denied ioctl commands or netlink messages out of the audit log
    #[command(after_help = examples::DONTAUDITXPERM)]
    Dontauditxperm(Search),
    /// Rules that give new objects a type, those by file name included
    #[command(
        name = "type_transition",
        alias = "type-transition",
        after_help = examples::TYPE_TRANSITION
    )]
    TypeTransition(Search),
    /// Rules that name the type for relabelling an object
    #[command(
        name = "type_change",
        alias = "type-change",
        after_help = examples::TYPE_CHANGE
    )]
    TypeChange(Search),
    /// Rules that name the type of members of polyinstantiated objects
    #[command(
        name = "type_member",
        alias = "type-member",
        after_help = examples::TYPE_MEMBER
    )]
    TypeMember(Search),
    /// Rules that allow a change of role
    #[command(
        name = "role_allow",
        alias = "role-allow",
        after_help = examples::ROLE_ALLOW
    )]
    RoleAllow(Search),
    /// Rules that give new processes and objects a role
    #[command(
        name = "role_transition",
        alias = "role-transition",
        after_help = examples::ROLE_TRANSITION
    )]
    RoleTransition(Search),
    /// Rules that give new processes and objects a range
    #[command(
        name = "range_transition",
        alias = "range-transition",
        after_help = examples::RANGE_TRANSITION
    )]
    RangeTransition(Search),
    /// Rules that no policy may break: the compiler checks them, and binary policies hold none
    #[command(after_help = examples::NEVERALLOW)]
    Neverallow(Search),
    /// Rules of any mix of kinds
    #[command(after_help = examples::SEARCH)]
    Search(AnyKind),
    /// Print the script that makes a shell complete sepolq's words, names of the policy included
    #[command(
        after_help = examples::COMPLETIONS
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of sepolq, or of one of its commands
    #[command(after_help = examples::MAN)]
    Man {
        /// The command; without one, the page of the program
        #[arg(conflicts_with = "directory")]
        command: Option<String>,
        /// Write every page into this directory instead, as sepolq.1, sepolq-allow.1, …
        #[arg(long, value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// A drop-in that is not the first word: an error that says so.
    #[command(name = "sesearch", aliases = ["seinfo", "sediff", "sedta", "seinfoflow"], hide = true, disable_help_flag = true)]
    MisplacedDropIn {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// A shell that can complete.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
        }
    }
}
