//! What not to do, and what is known of denials like this one.

use policydb::TypeId;

use super::Cause;
use super::case::{Case, UNLABELLED, has_attribute};
use super::cause::refused_whatever_rules;
use super::fix::FixKind;
use super::fixes::Found;

/// A remark that does not follow from causes and fixes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The label is the one that `label=disable` and `--privileged` give.
    MadeWithoutSeparation,
    /// The socket belongs to a daemon that can do everything: relabelling it does not help.
    DaemonSocket(TypeId),
    /// Behind the file of a socket stands a daemon: connecting asks for its domain, too.
    SocketFile,
    /// The label of the file is none of this policy, or it never had one.
    Unlabelled,
    /// `:z` is silently ignored on file systems that keep no labels.
    NoLabelsOnThisFileSystem,
    /// A domain can only be entered through files of certain types, and this file has another.
    NotAnEntryPoint(TypeId),
    /// Newer versions of the containers' policy may allow it.
    OlderPolicy,
    /// The process's type is no domain in this policy: the record is of a system with another one.
    OtherPolicy(TypeId),
    /// The domain is permissive: it was logged, and done all the same.
    Permissive,
    /// A constraint, a role or a bound refuses it: no rule can allow it.
    NoRuleCanAllow,
    /// A rule on the containers' type would hold for all containers.
    RuleIsForAllContainers,
    /// The label protects the system's secrets: neither the file nor a rule should be opened.
    Guarded,
    /// Relabelling a whole home directory keeps the host's services out of it.
    WholeHome,
    /// Relabelling the system's own directories breaks the system.
    SystemDirectory,
    /// The path in the record is the container's.
    PathIsInTheContainer,
}

/// Types of files in home directories.
const HOMES: [&[u8]; 4] = [b"user_home_t", b"user_home_dir_t", b"admin_home_t", b"data_home_t"];
/// Types of files of the system's own directories.
const SYSTEM: [&[u8]; 12] = [
    b"root_t",
    b"etc_t",
    b"usr_t",
    b"bin_t",
    b"lib_t",
    b"var_t",
    b"var_lib_t",
    b"var_run_t",
    b"run_t",
    b"tmp_t",
    b"boot_t",
    b"home_root_t",
];
/// Classes of what other processes made for each other: that containers are kept from it will not change.
const OF_OTHERS: [&[u8]; 6] = [b"sock_file", b"ipc", b"shm", b"sem", b"msgq", b"msg"];
/// Classes of objects that stand at a path.
const AT_PATHS: [&[u8]; 5] = [b"file", b"dir", b"lnk_file", b"sock_file", b"fifo_file"];

impl Advice {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            Advice::MadeWithoutSeparation => "made_without_separation",
            Advice::DaemonSocket(_) => "daemon_socket",
            Advice::SocketFile => "socket_file",
            Advice::Unlabelled => "unlabelled",
            Advice::NoLabelsOnThisFileSystem => "no_labels_on_this_file_system",
            Advice::NotAnEntryPoint(_) => "not_an_entry_point",
            Advice::OlderPolicy => "older_policy",
            Advice::OtherPolicy(_) => "other_policy",
            Advice::Permissive => "permissive",
            Advice::NoRuleCanAllow => "no_rule_can_allow",
            Advice::RuleIsForAllContainers => "rule_is_for_all_containers",
            Advice::Guarded => "guarded",
            Advice::WholeHome => "whole_home",
            Advice::SystemDirectory => "system_directory",
            Advice::PathIsInTheContainer => "path_is_in_the_container",
        }
    }

    /// Whether it warns against doing something.
    pub const fn is_warning(&self) -> bool {
        matches!(
            self,
            Advice::NoRuleCanAllow
                | Advice::RuleIsForAllContainers
                | Advice::Guarded
                | Advice::WholeHome
                | Advice::SystemDirectory
                | Advice::PathIsInTheContainer
        )
    }
}

/// The remarks on a denial whose fixes were found: notes first, then warnings.
pub(super) fn advice(case: &Case<'_, '_, '_>, found: &Found) -> Vec<Advice> {
    let (store, denied) = (case.store, case.denied);
    let target = denied.target.r#type;
    let is_container = case.is_container();
    let at_path = case.is_class(&AT_PATHS);
    let is_socket = case.is_class(&[b"unix_stream_socket"]) && case.wants(b"connectto");
    let by_mount = |fix: &super::Fix| {
        matches!(fix.kind, FixKind::MountShared | FixKind::MountPrivate | FixKind::Label(_))
    };
    let relabels = is_container && found.fixes.iter().any(by_mount);
    let only_rules =
        found.fixes.iter().all(|fix| matches!(fix.kind, FixKind::CustomType | FixKind::LocalRule));
    let refused = refused_whatever_rules(case.causes) != 0;
    let without_rule = case.proof.without_rule() != 0;
    let is_granted = case.causes.iter().all(Cause::is_grant);
    let remarks = [
        (
            is_container && at_path && case.containers.is_reserved(store.policy(), &denied.target),
            Advice::MadeWithoutSeparation,
        ),
        (is_container && is_socket && !is_granted, Advice::DaemonSocket(target)),
        (
            is_container
                && case.is_class(&[b"sock_file"])
                && !is_granted
                && case.containers.file != Some(target),
            Advice::SocketFile,
        ),
        (at_path && case.is_named(target, &UNLABELLED), Advice::Unlabelled),
        (is_container && has_attribute(store, target, b"noxattrfs"), Advice::NoLabelsOnThisFileSystem),
        (
            case.wants(b"entrypoint") && case.proof.without_rule() != 0,
            Advice::NotAnEntryPoint(denied.source.r#type),
        ),
        (
            is_container
                && only_rules
                && !is_socket
                && !case.is_class(&OF_OTHERS)
                && without_rule
                && !case.is_guarded(),
            Advice::OlderPolicy,
        ),
        (case.is_of_another_policy(), Advice::OtherPolicy(denied.source.r#type)),
        (case.proof.decision.permissive, Advice::Permissive),
        (refused, Advice::NoRuleCanAllow),
        (!refused && is_container && without_rule, Advice::RuleIsForAllContainers),
        (case.is_file() && case.is_guarded() && !is_granted, Advice::Guarded),
        ((relabels && case.is_named(target, &HOMES)) || (is_container && case.is_home()), Advice::WholeHome),
        (relabels && case.is_named(target, &SYSTEM), Advice::SystemDirectory),
        (is_container && at_path, Advice::PathIsInTheContainer),
    ];
    remarks.into_iter().filter_map(|(holds, advice)| holds.then_some(advice)).collect()
}
