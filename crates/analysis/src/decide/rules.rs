//! The rules that speak of two types and a class, found by one scan of the table, or by their source for those who ask
//! often.

use std::ops::Range;

use avstore::{Branch, Grouped, Rule, Store, TypeSet};
use policydb::{AvRule, AvTable, ClassId, Policy, RuleKind, TypeId};

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
    for (_, range) in branches(policy).filter(|(branch, _)| decider.conditions.in_force(*branch)) {
        scan(policy.conditional_rules(), range);
    }
}

/// The rules of the given kinds about two types and a class, in the order of the policy, whether in force or not. O(rules);
/// once [`Decider::prepare`] was called, O(rules of the sources).
pub(super) fn about<'p>(
    decider: &Decider<'_, 'p>,
    source: &TypeSet,
    target: &TypeSet,
    class: ClassId,
    kinds: &[RuleKind],
) -> Vec<Rule<'p>> {
    match decider.by_source() {
        Some(index) => index.about(decider.store, source, target, class, kinds),
        None => about_by_scan(decider, source, target, class, kinds),
    }
}

fn about_by_scan<'p>(
    decider: &Decider<'_, 'p>,
    source: &TypeSet,
    target: &TypeSet,
    class: ClassId,
    kinds: &[RuleKind],
) -> Vec<Rule<'p>> {
    let policy = decider.store.policy();
    let is_about = |table: &AvTable<'_>, range: Range<usize>| -> Vec<usize> {
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
    for (branch, range) in branches(policy) {
        let positions = is_about(policy.conditional_rules(), range);
        found.extend(positions.into_iter().filter_map(|at| Rule::conditional(decider.store, at, branch)));
    }
    found
}

/// The branches of conditionals, in the order of the policy, and where their rules stand.
pub(super) fn branches(policy: &Policy<'_>) -> impl Iterator<Item = (Branch, Range<usize>)> {
    (0u32..).zip(policy.conditionals()).flat_map(|(conditional, node)| {
        [(true, node.true_rules.clone()), (false, node.false_rules.clone())]
            .map(|(when, range)| (Branch { conditional, when }, range))
    })
}

/// The rules grouped by source, for those who ask for many proofs. 16 bytes a rule.
#[derive(Debug)]
pub(super) struct BySource {
    rules: Grouped<Entry>,
    n_unconditional: usize,
    /// Where the branches begin, ascending.
    branches: Vec<(usize, Branch)>,
}

/// What is compared of a rule.
#[derive(Clone, Copy, Debug)]
struct Entry {
    target: TypeId,
    class: ClassId,
    kind: RuleKind,
    /// In the table of unconditional rules; from its length on, in that of conditional ones.
    position: u32,
}

impl BySource {
    /// O(rules).
    pub(super) fn new(store: &Store<'_>) -> Self {
        let policy = store.policy();
        let all = |table: &AvTable<'_>| table.rules(0..table.len()).map(|(_, rule)| rule).collect::<Vec<_>>();
        let rules = all(policy.rules()).into_iter().chain(all(policy.conditional_rules()));
        let entries = (0u32..).zip(rules).map(|(position, rule)| {
            let entry = Entry { target: rule.target(), class: rule.class(), kind: rule.kind(), position };
            (rule.source().index(), entry)
        });
        BySource {
            rules: Grouped::new(policy.n_types(), entries),
            n_unconditional: policy.rules().len(),
            branches: branches(policy).map(|(branch, range)| (range.start, branch)).collect(),
        }
    }

    fn about<'p>(
        &self,
        store: &Store<'p>,
        source: &TypeSet,
        target: &TypeSet,
        class: ClassId,
        kinds: &[RuleKind],
    ) -> Vec<Rule<'p>> {
        let is_about = |entry: &&Entry| {
            entry.class == class && target.contains(entry.target) && kinds.contains(&entry.kind)
        };
        let entries = source.iter().flat_map(|id| self.rules.get(id.index())).filter(is_about);
        let mut positions: Vec<usize> = entries.map(|entry| entry.position as usize).collect();
        positions.sort_unstable();
        let rule = |position: usize| match position.checked_sub(self.n_unconditional) {
            None => Rule::unconditional(store, position),
            Some(at) => Rule::conditional(store, at, self.branch_of(at)?),
        };
        positions.into_iter().filter_map(rule).collect()
    }

    /// The branch in which a conditional rule stands. Of branches that begin at one place all but the last are empty.
    fn branch_of(&self, position: usize) -> Option<Branch> {
        let after = self.branches.partition_point(|&(start, _)| start <= position);
        after.checked_sub(1).and_then(|at| self.branches.get(at)).map(|&(_, branch)| branch)
    }
}
