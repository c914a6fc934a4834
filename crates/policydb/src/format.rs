//! The one table of differences between versions of the policy format.
//!
//! Source: `security/selinux/include/security.h` (POLICYDB_VERSION_*) of the kernel and libsepol's
//! `policydb.h`. SELinux policies are read from version 15 to 35; Xen's exist as 24 and 30 only.

use crate::header::Platform;

/// The oldest SELinux policy version that is read.
pub const OLDEST: u32 = 15;
/// The newest SELinux policy version that is read.
pub const NEWEST: u32 = 35;
/// The two versions of Xen policies.
pub const XEN: [u32; 2] = [24, 30];

/// Something that policies have from some version on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Booleans and conditional rules.
    Booleans,
    /// `nodecon` for IPv6.
    Ipv6Nodes,
    /// Levels in contexts, `validatetrans`, `range_transition`.
    Mls,
    /// 16-bit access-vector keys and the type–attribute map; before, every rule is expanded.
    CompactAvtab,
    /// Any class in `range_transition`, not only `process`.
    RangeTransitionClass,
    /// Policy capabilities.
    Capabilities,
    /// Permissive types.
    Permissive,
    /// Bounds, and names of attributes, in the type table.
    Bounds,
    /// `type_transition` with a file name.
    FilenameTransitions,
    /// A class in `role_transition`.
    RoleTransitionClass,
    /// `default_user`, `default_role`, `default_range`.
    ObjectDefaults,
    /// `default_type`.
    DefaultType,
    /// Constraints keep the attribute names of their source.
    ConstraintNames,
    /// Extended permissions (in Xen policies: device trees).
    ExtendedPermissions,
    /// InfiniBand contexts.
    InfiniBand,
    /// File name transitions grouped by target, class and name.
    CompressedFilenameTransitions,
    /// The map of types whose denials are never audited.
    NeverAudit,
}

/// The first version with each feature.
const SINCE: &[(Feature, u32)] = &[
    (Feature::Booleans, 16),
    (Feature::Ipv6Nodes, 17),
    (Feature::Mls, 19),
    (Feature::CompactAvtab, 20),
    (Feature::RangeTransitionClass, 21),
    (Feature::Capabilities, 22),
    (Feature::Permissive, 23),
    (Feature::Bounds, 24),
    (Feature::FilenameTransitions, 25),
    (Feature::RoleTransitionClass, 26),
    (Feature::ObjectDefaults, 27),
    (Feature::DefaultType, 28),
    (Feature::ConstraintNames, 29),
    (Feature::ExtendedPermissions, 30),
    (Feature::InfiniBand, 31),
    (Feature::CompressedFilenameTransitions, 33),
    (Feature::NeverAudit, 35),
];

/// Which form of the format a policy has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// SELinux or Xen.
    pub platform: Platform,
    /// The policy version.
    pub version: u32,
}

impl Format {
    /// Whether policies of this form have `feature`. O(1).
    pub fn has(self, feature: Feature) -> bool {
        SINCE.iter().any(|&(f, since)| f == feature && self.version >= since)
    }

    /// Whether this program reads policies of this form.
    pub fn is_known(self) -> bool {
        match self.platform {
            Platform::Selinux => (OLDEST..=NEWEST).contains(&self.version),
            Platform::Xen => XEN.contains(&self.version),
        }
    }

    /// How many symbol tables the file has: 5 at first, booleans came with 16, levels and categories
    /// with 19.
    pub(crate) fn symbol_tables(self) -> u32 {
        match (self.has(Feature::Mls), self.has(Feature::Booleans)) {
            (true, _) => 8,
            (false, true) => 6,
            (false, false) => 5,
        }
    }

    /// How many lists of object contexts the file has.
    pub(crate) fn context_lists(self) -> u32 {
        match self.platform {
            Platform::Xen if self.version >= 30 => 6,
            Platform::Xen => 5,
            Platform::Selinux if self.has(Feature::InfiniBand) => 9,
            Platform::Selinux if self.has(Feature::Ipv6Nodes) => 7,
            Platform::Selinux => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_sizes_follow_libsepols_compatibility_table() {
        let sizes = |version| {
            let format = Format { platform: Platform::Selinux, version };
            (format.symbol_tables(), format.context_lists())
        };
        assert_eq!([sizes(15), sizes(16), sizes(17), sizes(18)], [(5, 6), (6, 6), (6, 7), (6, 7)]);
        assert_eq!([sizes(19), sizes(30), sizes(31), sizes(35)], [(8, 7), (8, 7), (8, 9), (8, 9)]);
        let xen = |version| Format { platform: Platform::Xen, version };
        assert_eq!((xen(24).context_lists(), xen(30).context_lists()), (5, 6));
        assert!(xen(24).is_known() && !xen(29).is_known());
    }

    #[test]
    fn every_feature_has_a_row() {
        let format = Format { platform: Platform::Selinux, version: NEWEST };
        for &(feature, since) in SINCE {
            assert!(format.has(feature));
            assert!(!Format { version: since - 1, ..format }.has(feature));
        }
    }
}
