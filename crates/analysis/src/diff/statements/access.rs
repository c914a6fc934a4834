//! Access rules: which permissions `allow`, `auditallow` and `dontaudit` give one type on another, with attributes expanded.
//!
//! Rules under a condition are compared by condition and branch; what rules without one give anyway does not count there.
//! Source: what SETools' `terules.py` takes for a difference.

use avstore::Branch;
use policydb::{AvRule, Name, Policy, RuleKind};

use super::Comparison;
use super::access_changes::{AccessChange, AccessChanges, Collected};
use super::cells::{Cell, Slot, Value, differing};
use super::classes::SharedClass;
use super::conditions::{Condition, SharedBranch};
use super::limit::TooMuch;
use super::row::SharedType;
use super::side::{Bytes, Side};

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

/// Calls `visit` for the rules of a policy's access-vector tables whose kinds are among these bits: position, rule, and the branch of
/// those that are conditional.
fn for_each_rule(policy: &Policy<'_>, kinds: u16, mut visit: impl FnMut(usize, AvRule, Option<Branch>)) {
    let is_wanted = |(_, rule): &(usize, AvRule)| rule.kind_bits() & kinds != 0;
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

/// A rule that gives a type or extended permissions: there are few of them among those that give access.
#[derive(Clone, Copy, Debug)]
pub(super) struct RareRule {
    /// Its position in its table.
    pub(super) position: u32,
    pub(super) rule: AvRule,
    pub(super) branch: Option<Branch>,
}

/// The rules of a policy that do not give access, in the order of the policy.
pub(super) fn rare_rules(policy: &Policy<'_>) -> Vec<RareRule> {
    let rare = RuleKind::ALL.iter().filter(|kind| !kind.has_permissions());
    let mut rules = Vec::new();
    for_each_rule(policy, rare.fold(0, |bits, kind| bits | kind.bits()), |position, rule, branch| {
        rules.push(RareRule { position: u32::try_from(position).unwrap_or(u32::MAX), rule, branch });
    });
    rules
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Access rules of some kinds.
    ///
    /// # Errors
    /// More differences than honest policies of that size have.
    pub fn access(&self, kinds: &[RuleKind]) -> Result<AccessChanges, TooMuch> {
        let n_classes = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        let number_of = |kind: RuleKind| {
            (0u32..).zip(kinds).find(|(_, known)| **known == kind).map_or(0, |(number, _)| number)
        };
        let wanted = kinds.iter().filter(|kind| kind.has_permissions());
        let wanted = wanted.fold(0, |bits, kind| bits | kind.bits());
        let state = |visit: &mut dyn FnMut(Cell<u64>)| {
            for side in Side::BOTH {
                for_each_rule(self.policy(side), wanted, |_, rule, branch| {
                    let value = self.classes.vector(side, rule.class(), rule.permissions());
                    if value == 0 {
                        return;
                    }
                    let class = self.classes.place(side, rule.class());
                    let slot = Slot {
                        group: number_of(rule.kind()).saturating_mul(n_classes).saturating_add(class.0),
                        branch: self.conditions.by_text(side, branch),
                    };
                    let values = match side {
                        Side::Left => [value, 0],
                        Side::Right => [0, value],
                    };
                    let (source, target) = (rule.source(), rule.target());
                    let [source, target] = [source, target].map(|id| self.types.place(side, id));
                    visit(Cell { source, target, slot, values });
                });
            }
        };
        let n_groups = self.classes.len().saturating_mul(kinds.len());
        let mut collected = Collected::default();
        differing(
            &self.types,
            state,
            n_groups,
            &mut self.limit(),
            |Cell { source, target, slot, values }| {
                let number = slot.group.checked_div(n_classes).unwrap_or(0);
                let kind = kinds.get(number as usize).copied().unwrap_or(RuleKind::Allow);
                let class = SharedClass(slot.group.checked_rem(n_classes).unwrap_or(0));
                let change = AccessChange { kind, class, branch: slot.branch, permissions: values };
                collected.add(source, target, change);
            },
        )?;
        Ok(collected.changes())
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
