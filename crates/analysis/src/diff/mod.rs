//! What changed between two policies: for whom, how serious, and why.
//!
//! | file | what it decides |
//! |---|---|
//! | `both.rs` | the two policies side by side |
//! | `matching.rs`, `joined.rs`, `join_types.rs` | what is the same in both: one space of ids |
//! | `forged.rs` | what only forged policies have |
//! | `formats.rs` | what one of the formats cannot carry |
//! | `condition.rs` | conditions in a form in which equal ones are equal |
//! | `rules.rs` | the rules of both as one table |
//! | `effective.rs` | what rules really grant more or less, and the statement that makes each change |
//! | `causes.rs` | the changes counted by cause |
//! | `domains.rs` | what is a domain, and confined; the changes counted by domain |
//! | `components.rs`, `fields.rs` | what is declared |
//! | `constraints.rs`, `meaning.rs` | constraints, and for whom they newly count; what an expression means |
//! | `transitions.rs`, `roles.rs`, `xperms.rs` | statements of other kinds |
//! | `applied_xperms.rs` | extended permissions that differ for a source and a target, attributes expanded |
//! | `labels.rs`, `label_examples.rs`, `label_findings.rs` | file contexts: what differs, paths to ask about, what is serious |
//! | `severity.rs`, `severity.toml` | how serious something is: a table |
//! | `newcomers.rs` | new domains that may be entered, and new container domains that constraints do not bind |
//! | `findings.rs`, `statement_findings.rs` | what is serious about the changes of access, and about the others |
//! | `replay.rs` | what changed for one access of a record |
//! | `reach.rs` | who newly gets at what is sensitive |
//! | `modules.rs` | two policy modules, without a policy that they are part of |
//! | `words.rs` | statements and causes in words |
//! | `statements/` | every statement that one policy has and the other has not, or has otherwise; knows nothing of the others |

mod applied_xperms;
mod both;
mod causes;
mod components;
mod condition;
mod constraints;
mod domains;
mod effective;
mod fields;
mod findings;
mod forged;
mod formats;
mod join_types;
mod joined;
mod label_examples;
mod label_findings;
mod labels;
mod matching;
mod meaning;
pub mod modules;
mod newcomers;
mod reach;
mod replay;
mod roles;
mod rules;
mod severity;
mod statement_findings;
pub mod statements;
mod transitions;
mod words;
mod xperms;

use std::collections::BTreeMap;

use avstore::Store;

pub use both::{Both, Which};
pub use causes::{CauseSummary, Totals};
pub use components::ComponentChange;
pub use condition::{Condition, ConditionTable};
pub use constraints::{ConstrainedChange, ConstraintChange};
pub use domains::{DomainChange, Effect};
pub use effective::{AccessChange, Cause, Effective};
pub use fields::Part;
pub use findings::{AccessFinding, Finding, What};
pub use forged::type_as_attribute;
pub use labels::{FileLabels, LabelChange, PathChange, SubstitutionChange, file_context_changes};
pub use matching::{Matching, Symbol, SymbolSet};
pub use reach::{NewReach, SecretReach, newly_reaching};
pub use roles::RoleRuleChange;
pub use rules::JoinedRule;
pub use severity::Level;
pub use transitions::TransitionChange;
pub use xperms::{Through, XpermChange};

/// What changed of what is logged, in accesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Grants that are audited.
    pub auditallow: Totals,
    /// Denials that are not.
    pub dontaudit: Totals,
}

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
    /// Whether more differs than is said, which no honest policies do.
    pub truncated: bool,
    /// What one of the formats cannot carry, and is left out: which one, and in words.
    pub left_out: Option<(Which, Vec<&'static str>)>,
    /// What changed of all that is declared.
    pub components: Vec<ComponentChange>,
    /// Rules that give something a type.
    pub transitions: Vec<TransitionChange<'p>>,
    /// Extended permissions.
    pub xperms: Vec<XpermChange>,
    /// Those that both have, about attributes.
    kept_xperms: Vec<xperms::KeptXperm>,
    /// Rules about roles and ranges.
    pub roles: Vec<RoleRuleChange>,
    /// Constraints.
    pub constraints: Vec<ConstraintChange>,
    /// Types for which constraints newly count, or no longer do.
    pub constrained: Vec<ConstrainedChange>,
    /// The attributes that constraints of the newer policy name.
    naming: BTreeMap<Symbol, constraints::Naming>,
    /// What changed of what is audited: `auditallow`, and what is kept out of the log: `dontaudit`.
    pub audit: Audit,
    /// What is a domain, and confined.
    domains: domains::Domains,
    /// How classes that a policy does not define are handled, where that differs.
    pub handle_unknown: Option<Both<policydb::HandleUnknown>>,
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Compares two policies. O(rules log rules + candidates; see `effective.rs`).
    pub fn of(old: &'s Store<'p>, new: &'s Store<'p>) -> Self {
        Self::build(old, new, None)
    }

    /// Compares what is said of some domains: for [`Comparison::replay`]. Access of others, audit rules and transitions are left
    /// out.
    pub fn about<'n>(old: &'s Store<'p>, new: &'s Store<'p>, domains: impl Iterator<Item = &'n str>) -> Self {
        let domains: Vec<&str> = domains.collect();
        Self::build(old, new, Some(&domains))
    }

    fn build(old: &'s Store<'p>, new: &'s Store<'p>, about: Option<&[&str]>) -> Self {
        let matching = Matching::new(old, new);
        let formats = formats::Formats::of(&matching);
        let mut conditions = ConditionTable::of(&matching);
        let [allow, auditallow, dontaudit] = rules::tables(&matching, &conditions);
        let sources: Vec<Symbol> = match about {
            Some(names) => {
                let named = names.iter().filter_map(|name| matching.named(name));
                let mut sources: Vec<Symbol> = named.collect();
                sources.sort_unstable();
                sources.dedup();
                sources
            }
            None => matching.types().collect(),
        };
        let effective = effective::effective(&matching, &mut conditions, &allow, &sources, true);
        let all_audited = if about.is_some() { [].as_slice() } else { sources.as_slice() };
        let audits = [auditallow, dontaudit]
            .map(|table| effective::effective(&matching, &mut conditions, &table, all_audited, false));
        let constraints::Found { changes: constraints, constrained, naming } =
            constraints::constraint_changes(&matching, formats);
        let handle_unknown = Both::of(|which| matching.store(which).policy().header().handle_unknown);
        let (xperms, kept_xperms) = xperms::xperm_changes(&matching, &mut conditions, formats);
        let transitions = match about {
            Some(_) => Vec::new(),
            None => transitions::transition_changes(&matching, &mut conditions, formats),
        };
        let mut comparison = Comparison {
            truncated: false,
            left_out: formats.left_out(),
            components: components::component_changes(&matching, formats),
            transitions,
            xperms,
            kept_xperms,
            roles: roles::role_changes(&matching, formats),
            constraints,
            constrained,
            naming,
            audit: Audit::default(),
            domains: domains::Domains::of(&matching, allow.all().iter().map(|rule| rule.source)),
            handle_unknown: Some(handle_unknown).filter(|both| both.old != both.new),
            effective,
            allow,
            conditions,
            matching,
        };
        comparison.truncated = comparison.effective.truncated || audits.iter().any(|audit| audit.truncated);
        let [auditallow, dontaudit] = audits.map(|audit| comparison.totals_of(&audit));
        // Compilers write other masks for audit rules where one record holds several kinds.
        if formats.both_have(policydb::format::Feature::CompactAvtab) {
            comparison.audit = Audit { auditallow, dontaudit };
        }
        comparison
    }

    /// Whether there is no difference at all. Renames by alias, and what one of the formats cannot carry, are none.
    pub fn is_same(&self) -> bool {
        !self.truncated
            && self.effective.changes.is_empty()
            && self.components.is_empty()
            && self.transitions.is_empty()
            && self.xperms.is_empty()
            && self.roles.is_empty()
            && self.constraints.is_empty()
            && self.constrained.is_empty()
            && self.audit == Audit::default()
            && self.handle_unknown.is_none()
    }

    /// What is serious about the changes, the most serious first.
    pub fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }

    /// The rule at a position of the table, as causes name it.
    pub fn rule(&self, position: u32) -> Option<&JoinedRule> {
        self.allow.all().get(position as usize)
    }
}
