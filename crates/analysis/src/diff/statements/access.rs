//! Access rules: which permissions `allow`, `auditallow` and `dontaudit` give one type on another, with attributes expanded.
//!
//! Rules under a condition are compared by condition and branch; what rules without one give anyway does not count there.
//! Source: what SETools' `terules.py` takes for a difference.

use avstore::Branch;
use policydb::{AvRule, Name, Policy, RuleKind};

use super::Comparison;
use super::cells::{Cell, Slot, Value, differing};
use super::classes::SharedClass;
use super::conditions::{Condition, SharedBranch};
use super::limit::TooMuch;
use super::row::SharedType;
use super::side::{Bytes, Changes, Side};

/// The permissions of a source on a target in a class, on either side. [`Comparison`] has the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// `allow`, `auditallow` or `dontaudit`.
    pub kind: RuleKind,
    /// The source, a type.
    pub source: SharedType,
    /// The target, a type.
    pub target: SharedType,
    /// The class.
    pub class: SharedClass,
    /// The condition that the rules stand under.
    pub branch: SharedBranch,
    /// The permissions, old and new, in the numbering that the sides share.
    pub permissions: [u64; 2],
}

impl Value for u64 {
    const CONDITIONS_ADD: bool = true;

    fn is_empty(&self) -> bool {
        *self == 0
    }

    fn unite(&mut self, other: &Self) {
        *self |= other;
    }

    fn take(&mut self, other: &Self) {
        *self &= !other;
    }

    fn weight(&self) -> u64 {
        1
    }
}

/// Calls `visit` for the rules of some kinds in the access-vector tables of a policy: position, rule, and the branch of those that
/// are conditional.
pub(super) fn for_each_rule(
    policy: &Policy<'_>,
    kinds: &[RuleKind],
    mut visit: impl FnMut(usize, AvRule, Option<Branch>),
) {
    let wanted = kinds.iter().fold(0, |bits, kind| bits | kind.bits());
    let is_wanted = |(_, rule): &(usize, AvRule)| rule.kind_bits() & wanted != 0;
    let rules = policy.rules();
    let of_kinds = rules.rules(0..rules.len()).filter(is_wanted);
    of_kinds.for_each(|(position, rule)| visit(position, rule, None));
    for (conditional, branches) in (0u32..).zip(policy.conditionals()) {
        for (when, positions) in [(true, &branches.true_rules), (false, &branches.false_rules)] {
            let branch = Some(Branch { conditional, when });
            let rules = policy.conditional_rules().rules(positions.clone()).filter(is_wanted);
            rules.for_each(|(position, rule)| visit(position, rule, branch));
        }
    }
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Access rules of some kinds. Added and removed ones have permissions on one side only.
    ///
    /// # Errors
    /// More differences than honest policies of that size have.
    pub fn access(&self, kinds: &[RuleKind]) -> Result<Changes<AccessChange, AccessChange>, TooMuch> {
        let n_classes = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        let number_of = |kind: RuleKind| kinds.iter().position(|known| *known == kind);
        let mut n_rules = 0;
        Side::BOTH.iter().for_each(|&side| for_each_rule(self.policy(side), kinds, |_, _, _| n_rules += 1));
        let mut rules = Vec::with_capacity(n_rules);
        for side in Side::BOTH {
            for_each_rule(self.policy(side), kinds, |_, rule, branch| {
                let kind = rule.kind();
                let Some(number) = number_of(kind).filter(|_| kind.has_permissions()) else { return };
                let value = self.classes.vector(side, rule.class(), rule.permissions());
                if value == 0 {
                    return;
                }
                let class = self.classes.place(side, rule.class());
                let number = u32::try_from(number).unwrap_or(0);
                let slot = Slot {
                    group: number.saturating_mul(n_classes).saturating_add(class.0),
                    branch: self.conditions.by_text(side, branch),
                };
                let values = match side {
                    Side::Left => [value, 0],
                    Side::Right => [0, value],
                };
                rules.push(Cell {
                    source: self.types.place(side, rule.source()),
                    target: self.types.place(side, rule.target()),
                    slot,
                    values,
                });
            });
        }
        let n_groups = self.classes.len().saturating_mul(kinds.len());
        let mut changes = Changes::default();
        differing(
            &self.types,
            rules,
            n_groups,
            &mut self.limit(),
            |Cell { source, target, slot, values }| {
                let number = slot.group.checked_div(n_classes).unwrap_or(0);
                let kind = kinds.get(number as usize).copied().unwrap_or(RuleKind::Allow);
                let class = SharedClass(slot.group.checked_rem(n_classes).unwrap_or(0));
                let change =
                    AccessChange { kind, source, target, class, branch: slot.branch, permissions: values };
                match values {
                    [0, _] => changes.added.push(change),
                    [_, 0] => changes.removed.push(change),
                    _ => changes.modified.push(change),
                }
            },
        )?;
        Ok(changes)
    }

    /// The name of a type.
    pub fn type_name(&self, of: SharedType) -> Bytes<'p> {
        self.types.name(of)
    }

    /// The names of all types and attributes of both sides, by [`SharedType::index`].
    pub fn type_names(&self) -> impl Iterator<Item = Bytes<'p>> {
        self.types.iter().map(|of| self.types.name(of))
    }

    /// The names of all classes of both sides, by [`SharedClass::index`].
    pub fn class_names(&self) -> impl Iterator<Item = Name<'p>> {
        (0..u32::try_from(self.classes.len()).unwrap_or(u32::MAX))
            .map(|of| self.classes.name(SharedClass(of)))
    }

    /// The name of a class.
    pub fn class_name(&self, of: SharedClass) -> Name<'p> {
        self.classes.name(of)
    }

    /// The names of the permissions in a vector of an [`AccessChange`], sorted.
    pub fn permissions(&self, of: SharedClass, vector: u64) -> Vec<Name<'p>> {
        self.classes.permissions(of, vector)
    }

    /// The condition of an access rule.
    pub fn access_condition(&self, branch: SharedBranch) -> Option<Condition<'_>> {
        self.conditions.of_text(self.stores, branch)
    }
}
