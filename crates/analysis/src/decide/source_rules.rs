//! All `allow` rules of one source, for those who ask about many targets and under several states of the booleans.
//!
//! Cheaper than [`Decider::prepare`] where one or two sources are asked about: one scan, 24 bytes a rule of the source.

use avstore::{Branch, Conditions, Rule, TypeSet};
use policydb::{AvTable, ClassId, RuleKind, TypeId};

use super::proof::Applied;
use super::rules::branches;
use super::{AppliedRule, Decider};

/// The rules.
#[derive(Debug)]
pub(crate) struct SourceRules {
    source: TypeId,
    symbols: TypeSet,
    /// By class; of one class in the order of the policy.
    rules: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    class: ClassId,
    target: TypeId,
    permissions: u32,
    /// In the table of conditional rules if there is a branch, else in the other one.
    position: u32,
    branch: Option<Branch>,
}

/// What rules grant, and what others would that are not in force.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RuleMasks {
    /// Permissions that rules in force grant.
    pub(crate) on: u32,
    /// Permissions that rules would grant that are not.
    pub(crate) off: u32,
}

impl SourceRules {
    /// The rules of a type. O(rules).
    pub(crate) fn of(decider: &Decider<'_, '_>, source: TypeId) -> Self {
        let policy = decider.store().policy();
        let symbols = decider.symbols_of(source);
        let mut rules = Vec::new();
        let mut add = |table: &AvTable<'_>, range, branch| {
            for (position, rule) in table.rules(range) {
                if rule.kind() == RuleKind::Allow && symbols.contains(rule.source()) {
                    rules.push(Entry {
                        class: rule.class(),
                        target: rule.target(),
                        permissions: rule.permissions(),
                        position: u32::try_from(position).unwrap_or(u32::MAX),
                        branch,
                    });
                }
            }
        };
        add(policy.rules(), 0..policy.rules().len(), None);
        for (branch, range) in branches(policy) {
            add(policy.conditional_rules(), range, Some(branch));
        }
        rules.sort_by_key(|entry| entry.class);
        SourceRules { source, symbols, rules }
    }

    fn of_class(&self, class: ClassId) -> &[Entry] {
        let start = self.rules.partition_point(|entry| entry.class < class);
        let end = self.rules.partition_point(|entry| entry.class <= class);
        self.rules.get(start..end).unwrap_or_default()
    }

    /// What rules say about a target and a class. O(rules of the source about the class).
    pub(crate) fn masks(
        &self,
        decider: &Decider<'_, '_>,
        class: ClassId,
        target: TypeId,
        conditions: &Conditions,
    ) -> RuleMasks {
        let symbols = decider.symbols_of(target);
        let mut masks = RuleMasks::default();
        for entry in self.of_class(class).iter().filter(|entry| symbols.contains(entry.target)) {
            match entry.branch.is_none_or(|branch| conditions.in_force(branch)) {
                true => masks.on |= entry.permissions,
                false => masks.off |= entry.permissions,
            }
        }
        for extra in decider.overlay.allows.iter().filter(|extra| extra.class == class) {
            if extra.applies(&self.symbols, &symbols, self.source == target) {
                masks.on |= extra.permissions;
            }
        }
        masks
    }

    /// The rules about a target and a class that are about one of `permissions`, with how they apply; those of the question last.
    pub(crate) fn applied<'p>(
        &self,
        decider: &Decider<'_, 'p>,
        class: ClassId,
        target: TypeId,
        permissions: u32,
    ) -> Vec<Applied<'p>> {
        let store = decider.store();
        let symbols = decider.symbols_of(target);
        let is_about =
            |entry: &&Entry| entry.permissions & permissions != 0 && symbols.contains(entry.target);
        let rules = self.of_class(class).iter().filter(is_about).filter_map(|entry| {
            let position = entry.position as usize;
            match entry.branch {
                None => Rule::unconditional(store, position),
                Some(branch) => Rule::conditional(store, position, branch),
            }
        });
        let stated = rules.map(|rule| decider.applied(rule, self.source, target));
        let extra = decider.overlay.allows.iter().filter(|extra| {
            extra.class == class
                && extra.permissions & permissions != 0
                && extra.applies(&self.symbols, &symbols, self.source == target)
        });
        let extra = extra.map(|extra| Applied {
            source_through: Some(extra.source).filter(|symbol| *symbol != self.source),
            target_through: extra.target.filter(|symbol| *symbol != target),
            in_force: true,
            rule: AppliedRule::Extra(*extra),
        });
        stated.chain(extra).collect()
    }
}
