//! The kinds of things that a policy declares, and their names.

/// A kind of component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComponentKind {
    /// Types.
    Type,
    /// Attributes of types.
    Attribute,
    /// Aliases of types.
    Alias,
    /// Roles.
    Role,
    /// SELinux users.
    User,
    /// Object classes.
    Class,
    /// Commons.
    Common,
    /// Permissions of all classes.
    Permission,
    /// Booleans.
    Boolean,
    /// Conditionals.
    Conditional,
    /// Sensitivities.
    Sensitivity,
    /// Categories.
    Category,
    /// Constraints that compare no levels.
    Constrain,
    /// Constraints that compare levels.
    MlsConstrain,
    /// Constraints on changes of label that compare no levels.
    ValidateTrans,
    /// Constraints on changes of label that compare levels.
    MlsValidateTrans,
    /// Types that are bounded.
    TypeBounds,
    /// Roles that are bounded.
    RoleBounds,
    /// Users that are bounded.
    UserBounds,
    /// Permissive types.
    Permissive,
    /// Types whose denials are never audited.
    NeverAudit,
    /// Policy capabilities.
    Capability,
    /// Defaults of new objects.
    Default,
    /// Initial SIDs.
    InitialSid,
    /// Labels of files by file system.
    FsUse,
    /// Labels of files by path on file systems that keep none.
    Genfscon,
    /// Labels of file systems themselves, which nothing uses any more.
    Fscon,
    /// Labels of ports.
    Portcon,
    /// Labels of interfaces and of their packets.
    Netifcon,
    /// Labels of hosts.
    Nodecon,
    /// Labels of InfiniBand partitions.
    Ibpkeycon,
    /// Labels of InfiniBand ports.
    Ibendportcon,
    /// Xen: labels of interrupts.
    Pirqcon,
    /// Xen: labels of I/O ports.
    Ioportcon,
    /// Xen: labels of I/O memory.
    Iomemcon,
    /// Xen: labels of PCI devices.
    Pcidevicecon,
    /// Xen: labels of nodes of the device tree.
    Devicetreecon,
}

impl ComponentKind {
    /// Every kind, in the order in which help and documentation name them.
    pub const ALL: [ComponentKind; 37] = [
        ComponentKind::Type,
        ComponentKind::Attribute,
        ComponentKind::Alias,
        ComponentKind::Role,
        ComponentKind::User,
        ComponentKind::Class,
        ComponentKind::Common,
        ComponentKind::Permission,
        ComponentKind::Boolean,
        ComponentKind::Conditional,
        ComponentKind::Sensitivity,
        ComponentKind::Category,
        ComponentKind::Constrain,
        ComponentKind::MlsConstrain,
        ComponentKind::ValidateTrans,
        ComponentKind::MlsValidateTrans,
        ComponentKind::TypeBounds,
        ComponentKind::RoleBounds,
        ComponentKind::UserBounds,
        ComponentKind::Permissive,
        ComponentKind::NeverAudit,
        ComponentKind::Capability,
        ComponentKind::Default,
        ComponentKind::InitialSid,
        ComponentKind::FsUse,
        ComponentKind::Genfscon,
        ComponentKind::Fscon,
        ComponentKind::Portcon,
        ComponentKind::Netifcon,
        ComponentKind::Nodecon,
        ComponentKind::Ibpkeycon,
        ComponentKind::Ibendportcon,
        ComponentKind::Pirqcon,
        ComponentKind::Ioportcon,
        ComponentKind::Iomemcon,
        ComponentKind::Pcidevicecon,
        ComponentKind::Devicetreecon,
    ];

    /// The kinds of statements that give a label to what has no other.
    pub const LABELS: [ComponentKind; 14] = [
        ComponentKind::InitialSid,
        ComponentKind::FsUse,
        ComponentKind::Genfscon,
        ComponentKind::Fscon,
        ComponentKind::Portcon,
        ComponentKind::Netifcon,
        ComponentKind::Nodecon,
        ComponentKind::Ibpkeycon,
        ComponentKind::Ibendportcon,
        ComponentKind::Pirqcon,
        ComponentKind::Ioportcon,
        ComponentKind::Iomemcon,
        ComponentKind::Pcidevicecon,
        ComponentKind::Devicetreecon,
    ];

    /// One of them, in policy language where that has a word: `type`, `bool`, `portcon`, ….
    pub const fn keyword(self) -> &'static str {
        match self {
            ComponentKind::Type => "type",
            ComponentKind::Attribute => "attribute",
            ComponentKind::Alias => "typealias",
            ComponentKind::Role => "role",
            ComponentKind::User => "user",
            ComponentKind::Class => "class",
            ComponentKind::Common => "common",
            ComponentKind::Permission => "permission",
            ComponentKind::Boolean => "bool",
            ComponentKind::Conditional => "conditional",
            ComponentKind::Sensitivity => "sensitivity",
            ComponentKind::Category => "category",
            ComponentKind::Constrain => "constrain",
            ComponentKind::MlsConstrain => "mlsconstrain",
            ComponentKind::ValidateTrans => "validatetrans",
            ComponentKind::MlsValidateTrans => "mlsvalidatetrans",
            ComponentKind::TypeBounds => "typebounds",
            ComponentKind::RoleBounds => "rolebounds",
            ComponentKind::UserBounds => "userbounds",
            ComponentKind::Permissive => "permissive",
            ComponentKind::NeverAudit => "neveraudit",
            ComponentKind::Capability => "policycap",
            ComponentKind::Default => "default",
            ComponentKind::InitialSid => "sid",
            ComponentKind::FsUse => "fs_use",
            ComponentKind::Genfscon => "genfscon",
            ComponentKind::Fscon => "fscon",
            ComponentKind::Portcon => "portcon",
            ComponentKind::Netifcon => "netifcon",
            ComponentKind::Nodecon => "nodecon",
            ComponentKind::Ibpkeycon => "ibpkeycon",
            ComponentKind::Ibendportcon => "ibendportcon",
            ComponentKind::Pirqcon => "pirqcon",
            ComponentKind::Ioportcon => "ioportcon",
            ComponentKind::Iomemcon => "iomemcon",
            ComponentKind::Pcidevicecon => "pcidevicecon",
            ComponentKind::Devicetreecon => "devicetreecon",
        }
    }

    /// Which of the file's lists of object contexts holds them; `None` for all that stand elsewhere. Nodes with
    /// IPv6 addresses have a list of their own, 6. Source: `OCON_*` in libsepol's `policydb.h`.
    pub(super) const fn context_list(self, is_xen: bool) -> Option<usize> {
        Some(match (self, is_xen) {
            (ComponentKind::InitialSid, _) => 0,
            (ComponentKind::Fscon, false) => 1,
            (ComponentKind::Portcon, false) => 2,
            (ComponentKind::Netifcon, false) => 3,
            (ComponentKind::Nodecon, false) => 4,
            (ComponentKind::FsUse, false) => 5,
            (ComponentKind::Ibpkeycon, false) => 7,
            (ComponentKind::Ibendportcon, false) => 8,
            (ComponentKind::Pirqcon, true) => 1,
            (ComponentKind::Ioportcon, true) => 2,
            (ComponentKind::Iomemcon, true) => 3,
            (ComponentKind::Pcidevicecon, true) => 4,
            (ComponentKind::Devicetreecon, true) => 5,
            _ => return None,
        })
    }
}
