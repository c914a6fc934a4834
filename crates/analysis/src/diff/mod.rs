//! What changed between two policies: for whom, how serious, and why.

mod components;
mod condition;
mod constraints;
mod domains;
mod effective;
mod formats;
mod matching;
mod roles;
mod rules;
mod severity;
mod transitions;
mod words;
mod xperms;

use avstore::Store;

pub use components::ComponentChange;
pub use condition::{Condition, ConditionTable};
pub use constraints::{ConstrainedChange, ConstraintChange};
pub use domains::{DomainChange, Effect};
pub use effective::{AccessChange, Cause, Effective};
pub use matching::{Both, Matching, Symbol, SymbolSet, Which};
pub use roles::RoleRuleChange;
pub use rules::JoinedRule;
pub use severity::{AccessFinding, Finding, Level, What};
pub use transitions::TransitionChange;
pub use xperms::XpermChange;

/// Two policies compared.
#[derive(Debug)]
pub struct Comparison<'s, 'p> {
    /// What is the same in both.
    pub matching: Matching<'s, 'p>,
    /// Conditions of both.
    pub conditions: ConditionTable,
    /// The `allow` rules of both.
    allow: rules::RuleTable,
    /// What really changed of what rules grant.
    pub effective: Effective,
    /// What one of the formats cannot carry, and is left out: which one, and in words.
    pub left_out: Option<(Which, Vec<&'static str>)>,
    /// What changed of all that is declared.
    pub components: Vec<ComponentChange>,
    /// Rules that give something a type.
    pub transitions: Vec<TransitionChange<'p>>,
    /// Extended permissions.
    pub xperms: Vec<XpermChange>,
    /// Rules about roles and ranges.
    pub roles: Vec<RoleRuleChange>,
    /// Constraints.
    pub constraints: Vec<ConstraintChange>,
    /// Types for which constraints newly count, or no longer do.
    pub constrained: Vec<ConstrainedChange>,
    /// `auditallow` and `dontaudit` rules that differ.
    pub audit: [Vec<JoinedRule>; 2],
    /// What is a domain, and confined.
    domains: domains::Domains,
    /// How classes that a policy does not define are handled, where that differs.
    pub handle_unknown: Option<Both<policydb::HandleUnknown>>,
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Compares two policies. O(rules log rules + candidates; see `effective.rs`).
    pub fn of(old: &'s Store<'p>, new: &'s Store<'p>) -> Self {
        let matching = Matching::new(old, new);
        let formats = formats::Formats::of(&matching);
        let mut conditions = ConditionTable::of(&matching);
        let [allow, auditallow, dontaudit] = rules::tables(&matching, &conditions);
        let effective = effective::effective(&matching, &mut conditions, &allow);
        let differing = |table: rules::RuleTable| -> Vec<JoinedRule> {
            table.all().iter().filter(|rule| !rule.is_equal()).copied().collect()
        };
        let (constraints, constrained) = constraints::constraint_changes(&matching, formats);
        let handle_unknown = Both::of(|which| matching.store(which).policy().header().handle_unknown);
        Comparison {
            left_out: formats.left_out(),
            components: components::component_changes(&matching, formats),
            transitions: transitions::transition_changes(&matching, &conditions, formats),
            xperms: xperms::xperm_changes(&matching, &conditions, formats),
            roles: roles::role_changes(&matching, formats),
            constraints,
            constrained,
            audit: [differing(auditallow), differing(dontaudit)],
            domains: domains::Domains::of(&matching, allow.all().iter().map(|rule| rule.source)),
            handle_unknown: Some(handle_unknown).filter(|both| both.old != both.new),
            effective,
            allow,
            conditions,
            matching,
        }
    }

    /// What is serious about the changes, the most serious first.
    pub fn findings(&self) -> Vec<Finding> {
        severity::findings(self)
    }

    /// The rule at a position of the table, as causes name it.
    pub fn rule(&self, position: u32) -> Option<&JoinedRule> {
        self.allow.all().get(position as usize)
    }
}
