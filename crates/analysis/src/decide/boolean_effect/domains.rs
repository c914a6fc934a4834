//! What a boolean switches, and for whom: its rules, counted by source. O(rules in conditionals).

use std::collections::BTreeMap;

use avstore::Store;
use policydb::{BoolId, RuleKind, TypeId};

use super::switch::{branches, naming};

/// How many rules of one kind stand in the branches of a boolean's conditionals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The kind.
    pub kind: RuleKind,
    /// In force when their condition is true.
    pub when_true: usize,
    /// In force when it is false.
    pub when_false: usize,
}

/// A type or attribute, as rules name it, and the rules of a boolean with it as the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BooleanDomain {
    /// The source.
    pub source: TypeId,
    /// All its rules.
    pub total: usize,
    /// The same by kind.
    pub counts: Vec<RuleCount>,
}

/// The sources of the rules in conditionals that name a boolean; those with the most rules first.
pub fn boolean_domains(store: &Store<'_>, boolean: BoolId) -> Vec<BooleanDomain> {
    let policy = store.policy();
    let mut sources: BTreeMap<TypeId, BTreeMap<RuleKind, [usize; 2]>> = BTreeMap::new();
    for (branch, range) in naming(policy, boolean).flat_map(|conditional| branches(policy, conditional)) {
        for (_, rule) in policy.conditional_rules().rules(range) {
            let [when_false, when_true] =
                sources.entry(rule.source()).or_default().entry(rule.kind()).or_default();
            *(if branch.when { when_true } else { when_false }) += 1;
        }
    }
    let domain = |(source, kinds): (TypeId, BTreeMap<RuleKind, [usize; 2]>)| {
        let counts = kinds.into_iter();
        let counts: Vec<RuleCount> =
            counts.map(|(kind, [when_false, when_true])| RuleCount { kind, when_true, when_false }).collect();
        let total = counts.iter().map(|count| count.when_true + count.when_false).sum();
        BooleanDomain { source, total, counts }
    };
    let mut domains: Vec<BooleanDomain> = sources.into_iter().map(domain).collect();
    domains.sort_by_key(|domain| std::cmp::Reverse(domain.total));
    domains
}
