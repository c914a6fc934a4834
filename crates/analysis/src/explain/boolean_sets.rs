//! The smallest sets of booleans under which rules would grant what was denied.
//!
//! Only booleans of conditions on rules about the denied access matter. All their subsets up to [`LARGEST`] are tried,
//! smallest first, among at most [`MOST_BOOLEANS`]; a set is kept if every permission has a rule in force under it and
//! no smaller set is part of it. O(subsets × rules).

use avstore::{Booleans, Rule, boolean_ids, condition_value};
use policydb::{BoolId, Policy};

use crate::decide::{AppliedRule, Proof};

/// Booleans that are tried.
const MOST_BOOLEANS: usize = 16;
/// Booleans of a set, at most.
const LARGEST: usize = 4;
/// Sets that are given.
const MOST_SETS: usize = 8;

/// Booleans and the states in which they let rules grant what was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BooleanSet {
    /// The booleans to change, with their new states.
    pub settings: Vec<(BoolId, bool)>,
    /// How many rules that changes turn on, in the whole policy.
    pub rules_on: usize,
    /// For how many types those rules are, as sources.
    pub domains: usize,
}

/// The smallest sets of booleans that grant every permission of the proof that rules of other booleans grant.
pub fn boolean_sets(policy: &Policy<'_>, proof: &Proof<'_>, booleans: &Booleans) -> Vec<BooleanSet> {
    let mut named: Vec<BoolId> = Vec::new();
    let mut rules = Vec::new();
    for applied in &proof.grants {
        let AppliedRule::Stated(rule @ Rule::Av { .. }) = &applied.rule else {
            rules.push((None, applied.rule.permissions()));
            continue;
        };
        rules.push((rule.branch(), applied.rule.permissions()));
        let conditional = rule.branch().and_then(|branch| policy.conditionals().get(branch.index()));
        for id in conditional.into_iter().flat_map(boolean_ids) {
            if !named.contains(&id) && named.len() < MOST_BOOLEANS {
                named.push(id);
            }
        }
    }
    let granted_under = |booleans: &Booleans| {
        rules.iter().fold(0, |all, (branch, permissions)| {
            let in_force = branch.is_none_or(|branch| {
                let conditional = policy.conditionals().get(branch.index());
                conditional.and_then(|conditional| condition_value(conditional, booleans))
                    == Some(branch.when)
            });
            if in_force { all | permissions } else { all }
        })
    };
    let all = rules.iter().fold(0, |all, (_, permissions)| all | permissions);
    // What no rule grants at all, no boolean gives.
    let wanted = proof.requested & all;
    let mut subsets: Vec<u32> = (1..1u32.unbounded_shl(u32::try_from(named.len()).unwrap_or(0))).collect();
    subsets.retain(|subset| subset.count_ones() as usize <= LARGEST);
    subsets.sort_by_key(|subset| (subset.count_ones(), *subset));
    let mut found: Vec<(u32, Vec<(BoolId, bool)>)> = Vec::new();
    for subset in subsets {
        if found.len() >= MOST_SETS || found.iter().any(|(smaller, _)| subset & smaller == *smaller) {
            continue;
        }
        let chosen = (0u32..).zip(&named).filter(|(bit, _)| subset >> bit & 1 == 1);
        let settings: Vec<(BoolId, bool)> = chosen.map(|(_, id)| (*id, !booleans.get(*id))).collect();
        let changed = settings.iter().fold(booleans.clone(), |all, &(id, state)| all.with(id, state));
        if granted_under(&changed) & wanted == wanted {
            found.push((subset, settings));
        }
    }
    let mut sets: Vec<BooleanSet> = found
        .into_iter()
        .map(|(_, settings)| {
            let (rules_on, domains) = turned_on(policy, booleans, &settings);
            BooleanSet { settings, rules_on, domains }
        })
        .collect();
    // The narrowest first.
    sets.sort_by_key(|set| (set.settings.len(), set.domains, set.rules_on));
    sets
}

/// How many rules some settings turn on, and for how many types.
fn turned_on(policy: &Policy<'_>, booleans: &Booleans, settings: &[(BoolId, bool)]) -> (usize, usize) {
    let changed = settings.iter().fold(booleans.clone(), |all, &(id, state)| all.with(id, state));
    let mut n_rules = 0usize;
    let mut sources = avstore::TypeSet::new(policy.n_types());
    for conditional in policy.conditionals() {
        if !boolean_ids(conditional).any(|id| settings.iter().any(|(other, _)| *other == id)) {
            continue;
        }
        let (before, after) =
            (condition_value(conditional, booleans), condition_value(conditional, &changed));
        if before == after {
            continue;
        }
        let range = match after {
            Some(true) => &conditional.true_rules,
            Some(false) => &conditional.false_rules,
            None => continue,
        };
        for (_, rule) in policy.conditional_rules().rules(range.clone()) {
            if rule.kind() == policydb::RuleKind::Allow {
                n_rules = n_rules.saturating_add(1);
                sources.insert(rule.source());
            }
        }
    }
    let n_types = u32::try_from(policy.n_types()).unwrap_or(u32::MAX);
    let types = (0..n_types).map(policydb::TypeId::from_index);
    let is_source = |id: &policydb::TypeId| {
        let is_type = policy.type_symbol(*id).is_some_and(|(_, symbol)| !symbol.is_attribute);
        is_type && (sources.contains(*id) || sources.intersects(policy.attributes_of(*id)))
    };
    let domains = if sources.is_empty() { 0 } else { types.filter(is_source).count() };
    (n_rules, domains)
}
