//! What can be done about a denial: the kinds of fixes, how long each lasts, and what it costs.

use policydb::{BoolId, RoleId, TypeId};

use super::{BooleanSet, CouldBe};

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What.
    pub kind: FixKind,
    /// How long it lasts.
    pub lasting: Lasting,
    /// Whether it is enough: decided again with it, all that was denied would be granted.
    pub enough: Enough,
}

/// Whether a fix is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enough {
    /// All that was denied would be granted.
    Yes,
    /// Other causes would remain.
    No,
    /// It cannot be decided from the record: which label a file should have, for one.
    CannotTell,
}

/// What can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// Mount the directory with `:z`: the containers' label without categories.
    MountShared,
    /// Mount it with `:Z`: the containers' label with this container's categories.
    MountPrivate,
    /// Run the container at the level of the files.
    RunAtLevel(String),
    /// Give the files another level.
    FileLevel(String),
    /// Put the labels of the container storage back.
    RestoreStorage,
    /// Put the label back that the system's file contexts give.
    RestoreLabel,
    /// Label the program of the container engine, so that it runs as what may start containers.
    LabelRuntime {
        /// The domains that may start this container.
        starters: Vec<TypeId>,
        /// The type of the engine's program, if there is only one such domain.
        program: Option<TypeId>,
    },
    /// Label the program of a service, so that it gets a domain of its own.
    LabelProgram,
    /// Mount the file system, which keeps no labels, with `context=`.
    MountContext(TypeId),
    /// Give the file another type, for good.
    Label(CouldBe),
    /// Make it in a directory of the process's own, which has this type.
    OwnDirectory(CouldBe),
    /// Put the label of a device's node on the host back.
    RestoreDevice {
        /// Booleans that let containers use devices, and are off.
        booleans: Vec<BoolId>,
    },
    /// Take another port: this one is labelled for somebody else.
    OtherPort {
        /// For whom, as far as rules and names tell.
        holders: Vec<TypeId>,
        /// A label of ports that the process may use, and that is made for it.
        own: Option<TypeId>,
    },
    /// Do without what keeps a program from changing its domain: no_new_privs, or a nosuid mount.
    AllowNewPrivileges,
    /// Give the file another type, for good, and switch the boolean on without which that is not enough.
    LabelAndBoolean(CouldBe, BooleanSet),
    /// Give the port a type that the source may use.
    PortLabel(CouldBe),
    /// Run the container in another domain.
    Domain {
        /// The domain.
        id: TypeId,
        /// What rules let it do that they do not let the present one: permissions on target types.
        added: usize,
    },
    /// Mount a directory below it: this one is never relabelled.
    MountSubDirectory,
    /// Run the service behind a socket in the domain of container engines: it has none of its own.
    RunServiceAsRuntime,
    /// Leave it: the policy's authors keep such denials out of the log.
    LeaveIt,
    /// Find out what changed since it was denied: this policy allows it.
    FindWhatChanged {
        /// Booleans of the conditions under which it does.
        booleans: Vec<BoolId>,
    },
    /// Change booleans.
    Booleans(BooleanSet),
    /// Start the program from a role that may change to the other.
    Role {
        /// The role of the source.
        from: Option<RoleId>,
        /// The role of the target.
        to: Option<RoleId>,
    },
    /// Put back the module whose rules the loaded policy lacks.
    Reinstall,
    /// A type of its own for this container, made by udica.
    CustomType,
    /// A local rule.
    LocalRule,
}

impl FixKind {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            FixKind::MountShared => "mount_shared",
            FixKind::MountPrivate => "mount_private",
            FixKind::RunAtLevel(_) => "run_at_level",
            FixKind::FileLevel(_) => "file_level",
            FixKind::RestoreStorage => "restore_storage",
            FixKind::RestoreLabel => "restore_label",
            FixKind::LabelRuntime { .. } => "label_runtime",
            FixKind::LabelProgram => "label_program",
            FixKind::MountContext(_) => "mount_context",
            FixKind::Label(_) => "label",
            FixKind::LabelAndBoolean(..) => "label_and_boolean",
            FixKind::PortLabel(_) => "port_label",
            FixKind::OwnDirectory(_) => "own_directory",
            FixKind::RestoreDevice { .. } => "restore_device",
            FixKind::OtherPort { .. } => "other_port",
            FixKind::AllowNewPrivileges => "allow_new_privileges",
            FixKind::MountSubDirectory => "mount_sub_directory",
            FixKind::RunServiceAsRuntime => "run_service_as_runtime",
            FixKind::LeaveIt => "leave_it",
            FixKind::FindWhatChanged { .. } => "find_what_changed",
            FixKind::Domain { .. } => "domain",
            FixKind::Booleans(_) => "booleans",
            FixKind::Role { .. } => "role",
            FixKind::Reinstall => "reinstall",
            FixKind::CustomType => "custom_type",
            FixKind::LocalRule => "local_rule",
        }
    }
}

/// How long a fix lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// As long as the container.
    Container,
    /// Until the file system is relabelled by other rules.
    UntilRelabelled,
    /// Until the file system is mounted again without the option.
    Mount,
    /// For good.
    Permanent,
}
