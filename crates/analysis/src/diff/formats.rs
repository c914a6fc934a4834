//! What the older format of two policies cannot carry, so that its absence is no change: said once, and left out of the
//! comparison. Source: the table of `policydb::format`.

use policydb::format::Feature;

use super::both::{Both, Which};
use super::matching::Matching;

/// Features whose absence shows, and what is then not compared.
const SHOWN: &[(Feature, &str)] = &[
    (Feature::Booleans, "booleans and conditional rules"),
    (Feature::Mls, "levels, range transitions and validatetrans"),
    (Feature::CompactAvtab, "attributes of types, and audit rules as they were written"),
    (Feature::RangeTransitionClass, "range transitions of other classes than process"),
    (Feature::Capabilities, "policy capabilities"),
    (Feature::Permissive, "permissive domains"),
    (Feature::Bounds, "bounds, and the names of attributes"),
    (Feature::FilenameTransitions, "type transitions by file name"),
    (Feature::RoleTransitionClass, "role transitions of other classes than process"),
    (Feature::ObjectDefaults, "defaults of users, roles and ranges"),
    (Feature::DefaultType, "defaults of types"),
    (Feature::ConstraintNames, "the attributes that constraints were written with"),
    (Feature::ExtendedPermissions, "extended permissions"),
    (Feature::InfiniBand, "InfiniBand labels"),
    (Feature::NeverAudit, "domains whose denials are never audited"),
];

/// What is compared of two policies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formats(Both<policydb::format::Format>);

impl Formats {
    pub(super) fn of(matching: &Matching<'_, '_>) -> Self {
        Formats(Both::of(|which| matching.store(which).policy().format()))
    }

    /// Whether both can carry something.
    pub(super) fn both_have(self, feature: Feature) -> bool {
        Which::BOTH.into_iter().all(|which| self.0.get(which).has(feature))
    }

    /// What one of them cannot carry: which, and in words.
    pub(super) fn left_out(self) -> Option<(Which, Vec<&'static str>)> {
        let which = if self.0.old.version < self.0.new.version { Which::Old } else { Which::New };
        let lacks =
            |feature: &Feature| !self.0.get(which).has(*feature) && self.0.get(which.other()).has(*feature);
        let left_out: Vec<&str> =
            SHOWN.iter().filter(|(feature, _)| lacks(feature)).map(|(_, words)| *words).collect();
        (!left_out.is_empty()).then_some((which, left_out))
    }
}
