//! The differences between versions of the module format. Source: `MOD_POLICYDB_VERSION_*` in libsepol's `policydb.h`.

use crate::module::Kind;

/// The oldest version that is read.
pub const OLDEST: u32 = 4;
/// The newest version that is read.
pub const NEWEST: u32 = 24;

/// What came with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// Levels, and `validatetrans`.
    Levels,
    /// Range transitions as rules, users with levels as they were written.
    RangeTransitions,
    /// Policy capabilities.
    Capabilities,
    /// Flags of types, such as permissive.
    Permissive,
    /// Bounds of users, roles and types; flags of types as properties.
    Bounds,
    /// A type's bound beside the type that an alias is for.
    AliasBounds,
    /// `type_transition` with a file name.
    FilenameTransitions,
    /// Classes of `role_transition`.
    RoleTransitionClasses,
    /// Attributes of roles.
    RoleAttributes,
    /// Tunables told from booleans.
    Tunables,
    /// `default_user`, `default_role`, `default_range`.
    ObjectDefaults,
    /// `default_type`.
    DefaultType,
    /// Extended permissions.
    Xperms,
    /// Infiniband objects.
    Infiniband,
    /// `self` in `type_transition` with a file name.
    SelfTransitions,
}

/// Each feature and the version that it came with.
const SINCE: [(Feature, u32); 15] = [
    (Feature::Levels, 5),
    (Feature::RangeTransitions, 6),
    (Feature::Capabilities, 7),
    (Feature::Permissive, 8),
    (Feature::Bounds, 9),
    (Feature::AliasBounds, 10),
    (Feature::FilenameTransitions, 11),
    (Feature::RoleTransitionClasses, 12),
    (Feature::RoleAttributes, 13),
    (Feature::Tunables, 14),
    (Feature::ObjectDefaults, 15),
    (Feature::DefaultType, 16),
    (Feature::Xperms, 18),
    (Feature::Infiniband, 19),
    (Feature::SelfTransitions, 21),
];

/// What decides how records are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) version: u32,
}

impl Shape {
    pub(crate) fn has(self, feature: Feature) -> bool {
        SINCE.iter().any(|(other, since)| *other == feature && self.version >= *since)
    }

    /// Whether it is a base module that has a feature.
    pub(crate) fn base_has(self, feature: Feature) -> bool {
        self.kind == Kind::Base && self.has(feature)
    }
}
