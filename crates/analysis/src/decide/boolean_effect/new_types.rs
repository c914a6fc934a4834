//! Types of new objects that the boolean switches: `type_transition`, `type_change`, `type_member` with the domain as
//! the source.
//!
//! As `new_context.rs` decides it: the rule that is always in force, else the first one in an enabled condition, else
//! what the class says. Source: `security_compute_sid` in the kernel's `ss/services.c`. Rules are looked up by exact
//! type. Transitions by file name are never conditional, and keep their names. O(rules).

use std::collections::BTreeMap;

use policydb::{AvRule, ClassId, RuleKind, TypeId};

use super::super::Decider;
use super::reach::switched;
use super::switch::{Switch, When, branches};

/// A type that something new gets, in the two states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeChange {
    /// The kind of rule.
    pub kind: RuleKind,
    /// The type of the directory, of the program, or of what is relabelled.
    pub target: TypeId,
    /// The class of what is new.
    pub class: ClassId,
    /// The type with the boolean off.
    pub off: TypeId,
    /// The type with the boolean on.
    pub on: TypeId,
}

type Key = (RuleKind, TypeId, ClassId);

pub(super) fn type_changes(decider: &Decider<'_, '_>, switch: &Switch, domain: TypeId) -> Vec<TypeChange> {
    let policy = decider.store.policy();
    let key = |rule: AvRule| {
        let is_it = rule.kind().has_default() && rule.source() == domain;
        is_it.then(|| (rule.kind(), rule.target(), rule.class()))
    };
    // The rules in the order in which the kernel looks for them.
    let mut rules: BTreeMap<Key, Vec<(When, TypeId)>> =
        switched(decider, switch).filter_map(|(_, rule, ..)| Some((key(rule)?, Vec::new()))).collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let mut add = |rule: AvRule, when| {
        if let (Some(key), Some(default)) = (key(rule), rule.default_type())
            && let Some(found) = rules.get_mut(&key)
        {
            found.push((when, default));
        }
    };
    let table = policy.rules();
    table.rules(0..table.len()).for_each(|(_, rule)| add(rule, When::Always));
    for (conditional, _) in (0u32..).zip(policy.conditionals()) {
        for (branch, range) in branches(policy, conditional) {
            if let Some(when) = switch.when(branch) {
                policy.conditional_rules().rules(range).for_each(|(_, rule)| add(rule, when));
            }
        }
    }
    let change = |((kind, target, class), found): (Key, Vec<(When, TypeId)>)| {
        let under = |state| {
            let rule = found.iter().find(|(when, _)| *when == When::Always || *when == state);
            rule.map_or_else(|| decider.type_without_rule(domain, target, class), |(_, default)| *default)
        };
        let (off, on) = (under(When::Off), under(When::On));
        (off != on).then_some(TypeChange { kind, target, class, off, on })
    };
    rules.into_iter().filter_map(change).collect()
}
