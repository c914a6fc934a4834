//! The rules that speak of two types and a class, found by one scan of the table.

use avstore::{Branch, Rule, TypeSet};
use policydb::{AvRule, AvTable, ClassId, RuleKind};

use super::Decider;

/// Calls `visit` with every rule about a class that is in force.
pub(crate) fn for_each_in_force(decider: &Decider<'_, '_>, class: ClassId, visit: impl FnMut(AvRule)) {
    if let Some(gathered) = decider.gathered.get(class.index()).and_then(|slot| slot.get()) {
        return gathered.iter().copied().for_each(visit);
    }
    scan_in_force(decider, |rule| rule.class() == class, visit);
}

/// Calls `visit` with every rule that is in force.
pub(crate) fn for_each_rule_in_force(decider: &Decider<'_, '_>, visit: impl FnMut(AvRule)) {
    scan_in_force(decider, |_| true, visit);
}

/// Calls `visit` with the rules in force that are meant.
pub(super) fn scan_in_force(
    decider: &Decider<'_, '_>,
    is_meant: impl Fn(&AvRule) -> bool,
    mut visit: impl FnMut(AvRule),
) {
    let policy = decider.store.policy();
    let mut scan = |table: &AvTable<'_>, range| {
        table.rules(range).map(|(_, rule)| rule).filter(&is_meant).for_each(&mut visit);
    };
    scan(policy.rules(), 0..policy.rules().len());
    for (conditional, node) in (0u32..).zip(policy.conditionals()) {
        for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
            if decider.conditions.in_force(Branch { conditional, when }) {
                scan(policy.conditional_rules(), range.clone());
            }
        }
    }
}

/// The rules of the given kinds about two types and a class, in the order of the policy, whether in force or not.
pub(super) fn about<'p>(
    decider: &Decider<'_, 'p>,
    source: &TypeSet,
    target: &TypeSet,
    class: ClassId,
    kinds: &[RuleKind],
) -> Vec<Rule<'p>> {
    let policy = decider.store.policy();
    let is_about = |table: &AvTable<'_>, range: std::ops::Range<usize>| -> Vec<usize> {
        let rules = table.rules(range).filter(|(_, rule)| {
            rule.class() == class
                && source.contains(rule.source())
                && target.contains(rule.target())
                && kinds.contains(&rule.kind())
        });
        rules.map(|(position, _)| position).collect()
    };
    let unconditional = is_about(policy.rules(), 0..policy.rules().len());
    let mut found: Vec<Rule<'p>> =
        unconditional.into_iter().filter_map(|at| Rule::unconditional(decider.store, at)).collect();
    for (conditional, node) in (0u32..).zip(policy.conditionals()) {
        for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
            let branch = Branch { conditional, when };
            let positions = is_about(policy.conditional_rules(), range.clone());
            found.extend(positions.into_iter().filter_map(|at| Rule::conditional(decider.store, at, branch)));
        }
    }
    found
}
