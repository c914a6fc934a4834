//! How much a change opens up: what rules let a source do, attributes expanded, counted in permissions on target types.
//!
//! Constraints are not looked at: they hold before and after. Masks of permissions by class and type; memory is 4 bytes ×
//! types × classes that rules are about, time O(rules + types that their targets stand for).

use std::collections::HashMap;

use avstore::{Store, TypeSet};
use policydb::{AvRule, ClassId, RuleKind, TypeId};

use super::{Decider, for_each_rule_in_force};

/// What rules let a source do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    /// By class: for each type, as its index, the permissions on it.
    by_class: HashMap<ClassId, Vec<u32>>,
}

impl Grants {
    /// What the rules in force let those do for whom `symbols` stand.
    pub(crate) fn in_force(decider: &Decider<'_, '_>, symbols: &TypeSet) -> Self {
        let mut grants = Grants::default();
        let store = decider.store();
        for_each_rule_in_force(decider, |rule| grants.add(store, symbols, &rule));
        grants
    }

    /// Adds what a rule lets them do, if it is one about them.
    pub(crate) fn add(&mut self, store: &Store<'_>, symbols: &TypeSet, rule: &AvRule) {
        if rule.kind() != RuleKind::Allow || !symbols.contains(rule.source()) {
            return;
        }
        let n_types = store.policy().n_types();
        let masks = self.by_class.entry(rule.class()).or_insert_with(|| vec![0; n_types]);
        let mut add = |index: usize| {
            if let Some(mask) = masks.get_mut(index) {
                *mask |= rule.permissions();
            }
        };
        if store.is_attribute(rule.target()) {
            store.members(rule.target()).iter().for_each(|id| add(id.index()));
        } else {
            add(rule.target().index());
        }
    }

    /// By class in the order of ids: the types of which rules say something, in theirs, and the permissions.
    pub(crate) fn into_classes(self) -> Vec<(ClassId, Vec<(TypeId, u32)>)> {
        let types = |masks: Vec<u32>| {
            let some = masks.into_iter().enumerate().filter(|(_, mask)| *mask != 0);
            some.filter_map(|(index, mask)| Some((TypeId::from_index(u32::try_from(index).ok()?), mask)))
                .collect()
        };
        let mut classes: Vec<_> =
            self.by_class.into_iter().map(|(class, masks)| (class, types(masks))).collect();
        classes.sort_unstable_by_key(|(class, _)| *class);
        classes
    }

    /// How many permissions on how many types are here and not there: their products, summed.
    pub(crate) fn count_beyond(&self, other: &Grants) -> usize {
        let beyond = |(class, masks): (&ClassId, &Vec<u32>)| -> usize {
            let others = other.by_class.get(class).into_iter().flatten().copied();
            let others = others.chain(std::iter::repeat(0));
            masks.iter().zip(others).map(|(mask, other)| (mask & !other).count_ones() as usize).sum()
        };
        self.by_class.iter().map(beyond).sum()
    }
}
