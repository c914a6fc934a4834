//! What not to do, and what is known of denials like this one.

use policydb::TypeId;

use super::Cause;
use super::case::Case;
use super::cause::refused_whatever_rules;
use super::creation::LabelSource;
use super::fix::FixKind;
use super::fixes::Found;
use super::place::Place;

/// A remark that does not follow from causes and fixes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The label is the one that `label=disable` and `--privileged` give.
    MadeWithoutSeparation,
    /// The socket belongs to a daemon that can do everything: relabelling it does not help.
    DaemonSocket {
        /// Who listens.
        listener: TypeId,
        /// Whether that is a container engine, or a person's own service, which may be one.
        is_engine: bool,
    },
    /// Behind the file of a socket stands a daemon: connecting asks for its domain, too.
    SocketFile {
        /// Whether that is a container engine, by the socket's type or name.
        is_engine: bool,
    },
    /// `/` may be the root of another file system, or of another mount namespace.
    PathIsARoot,
    /// The object has no path: it was deleted, or made in memory.
    NoPath,
    /// It is of a file system whose files the kernel or the policy labels.
    LabelledByTheKernel,
    /// It is a key, by its path: no content.
    Key,
    /// File contexts leave the label as it is.
    NoLabelByPath,
    /// It does not exist yet; where its label comes from.
    ToBeMade(LabelSource),
    /// The files of the container itself are on fuse-overlayfs.
    ContainersOwnRoot,
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
    /// Without it the kernel clears the environment of what is started: nothing breaks, as a rule.
    EnvironmentIsCleared,
    /// The domain is permissive: it was logged, and done all the same.
    Permissive,
    /// A constraint, a role or a bound refuses it: no rule can allow it.
    NoRuleCanAllow,
    /// A rule on the containers' type would hold for all containers.
    RuleIsForAllContainers,
    /// The label protects the system's secrets: neither the file nor a rule should be opened.
    Guarded,
    /// Memory that can be written and executed is what exploits need.
    WritableCode,
    /// Who uses the disk itself uses every file on it, whatever its label.
    RawDisk,
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
            Advice::DaemonSocket { .. } => "daemon_socket",
            Advice::SocketFile { .. } => "socket_file",
            Advice::PathIsARoot => "path_is_a_root",
            Advice::NoPath => "no_path",
            Advice::LabelledByTheKernel => "labelled_by_the_kernel",
            Advice::Key => "key",
            Advice::NoLabelByPath => "no_label_by_path",
            Advice::ToBeMade(LabelSource::Directory) => "label_of_directory",
            Advice::ToBeMade(LabelSource::Transition(_)) => "label_by_transition",
            Advice::ToBeMade(LabelSource::Asked) => "label_asked_for",
            Advice::ToBeMade(LabelSource::AskedForUser) => "label_of_other_user",
            Advice::ContainersOwnRoot => "containers_own_root",
            Advice::EnvironmentIsCleared => "environment_is_cleared",
            Advice::WritableCode => "writable_code",
            Advice::RawDisk => "raw_disk",
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
                | Advice::WritableCode
                | Advice::RawDisk
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
    let place = case.place();
    let at_path = case.is_class(&AT_PATHS);
    let is_socket = case.is_class(&[b"unix_stream_socket"]) && case.wants(b"connectto");
    let by_mount = |fix: &super::Fix| {
        matches!(fix.kind, FixKind::MountShared | FixKind::MountPrivate | FixKind::Label(_))
    };
    let relabels = is_container && found.fixes.iter().any(by_mount);
    let restores = found.fixes.iter().any(|fix| fix.kind == FixKind::RestoreLabel);
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
        (
            is_container && is_socket && !is_granted,
            Advice::DaemonSocket {
                listener: target,
                is_engine: case.is_engine_socket() || case.is_user_service(),
            },
        ),
        (
            is_container
                && case.is_class(&[b"sock_file"])
                && !is_granted
                // What it makes or takes away it does not connect to.
                && !case.makes()
                && case.containers.file != Some(target),
            Advice::SocketFile { is_engine: case.is_engine_socket() },
        ),
        (at_path && case.is_unlabelled(), Advice::Unlabelled),
        (!is_granted && place == Place::Root, Advice::PathIsARoot),
        (!is_granted && place == Place::Nowhere, Advice::NoPath),
        (
            !is_granted
                && place == Place::KernelsOwn
                && (case.is_device() || case.has_attribute(target, b"noxattrfs")),
            Advice::LabelledByTheKernel,
        ),
        (!is_granted && place == Place::KeepsLabel, Advice::NoLabelByPath),
        (
            !is_granted && !is_container && case.is_file() && place != Place::ToBeMade && case.is_key(),
            Advice::Key,
        ),
        (case.is_engines_storage(), Advice::ContainersOwnRoot),
        (
            is_container && case.has_attribute(target, b"noxattrfs") && !case.is_engines_storage(),
            Advice::NoLabelsOnThisFileSystem,
        ),
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
        (without_rule && case.only_clears_environment(), Advice::EnvironmentIsCleared),
        (case.proof.decision.permissive, Advice::Permissive),
        (refused, Advice::NoRuleCanAllow),
        (!refused && is_container && without_rule, Advice::RuleIsForAllContainers),
        (case.is_file() && case.is_guarded() && !is_granted, Advice::Guarded),
        (
            !is_granted && case.wants_any(&[b"execmem", b"execstack", b"execheap", b"execmod"]),
            Advice::WritableCode,
        ),
        (!is_granted && case.is_raw_disk(), Advice::RawDisk),
        ((relabels && case.is_named(target, &HOMES)) || (is_container && case.is_home()), Advice::WholeHome),
        (
            (relabels && case.is_named(target, &SYSTEM))
                || (restores && matches!(place, Place::Root | Place::Top)),
            Advice::SystemDirectory,
        ),
        (is_container && at_path, Advice::PathIsInTheContainer),
    ];
    let mut remarks: Vec<Advice> =
        remarks.into_iter().filter_map(|(holds, advice)| holds.then_some(advice)).collect();
    if !is_granted && place == Place::ToBeMade {
        remarks.insert(0, Advice::ToBeMade(case.label_source()));
    }
    remarks
}
