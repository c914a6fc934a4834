//! The rules that grant access in two policies, as one table: for each source, target, class and condition what either
//! grants. What both grant in the same words has equal masks, and is looked at only where memberships changed.
//!
//! O(rules log rules), 40 bytes a rule.

use std::ops::Range;

use policydb::{AvRule, RuleKind};

use super::both::{Both, Which};
use super::condition::{Condition, ConditionTable};
use super::matching::{Matching, Symbol};

/// What two policies say about a source, a target and a class under one condition, by one kind of rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinedRule {
    /// A type or an attribute.
    pub source: Symbol,
    /// A type or an attribute.
    pub target: Symbol,
    /// The class, by its common number.
    pub class: u32,
    /// When it is in force.
    pub condition: Condition,
    /// The permissions in each policy.
    pub masks: Both<u64>,
}

/// The rules of one kind.
#[derive(Debug)]
pub(super) struct RuleTable {
    /// By source, class, target and condition.
    rules: Vec<JoinedRule>,
    /// For each symbol, where its rules begin; one more than symbols.
    starts: Vec<u32>,
}

impl JoinedRule {
    /// Whether it is the same in both.
    pub const fn is_equal(&self) -> bool {
        self.masks.old == self.masks.new
    }

    fn key(&self) -> u128 {
        u128::from(self.source.0) << 96
            | u128::from(self.class) << 64
            | u128::from(self.target.0) << 32
            | u128::from(self.condition.number())
    }
}

/// The rules of each kind that has permissions: `allow`, `auditallow`, `dontaudit`.
pub(super) fn tables(matching: &Matching<'_, '_>, conditions: &ConditionTable) -> [RuleTable; 3] {
    let mut found: [Vec<JoinedRule>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for which in Which::BOTH {
        let policy = matching.store(which).policy();
        let mut add = |rule: AvRule, condition: Condition| {
            let kind = match rule.kind() {
                RuleKind::Allow => 0,
                RuleKind::AuditAllow => 1,
                RuleKind::DontAudit => 2,
                _ => return,
            };
            let symbol = |id| matching.symbol(which, id);
            let (Some(source), Some(target)) = (symbol(rule.source()), symbol(rule.target())) else { return };
            let Some(class) = matching.classes.common(which, rule.class().index()) else { return };
            let mask = matching.mask(which, class, rule.permissions());
            if mask == 0 || condition == Condition::NEVER {
                return;
            }
            let mut masks = Both { old: 0, new: 0 };
            *masks.get_mut(which) = mask;
            if let Some(rules) = found.get_mut(kind) {
                rules.push(JoinedRule { source, target, class, condition, masks });
            }
        };
        for (_, rule) in policy.rules().rules(0..policy.rules().len()) {
            add(rule, Condition::ALWAYS);
        }
        for (at, node) in matching.conditionals(which) {
            for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
                let condition = conditions.of_branch(which, at, when);
                for (_, rule) in policy.conditional_rules().rules(range.clone()) {
                    add(rule, condition);
                }
            }
        }
    }
    found.map(|rules| RuleTable::new(rules, matching.n_symbols()))
}

impl RuleTable {
    fn new(mut rules: Vec<JoinedRule>, n_symbols: usize) -> Self {
        rules.sort_unstable_by_key(JoinedRule::key);
        rules.dedup_by(|next, kept| {
            let same = next.key() == kept.key();
            if same {
                kept.masks.old |= next.masks.old;
                kept.masks.new |= next.masks.new;
            }
            same
        });
        rules.shrink_to_fit();
        let mut starts = Vec::with_capacity(n_symbols + 1);
        for (at, rule) in (0u32..).zip(&rules) {
            starts.resize(starts.len().max(rule.source.index() + 1), at);
        }
        starts.resize(n_symbols + 1, u32::try_from(rules.len()).unwrap_or(u32::MAX));
        RuleTable { rules, starts }
    }

    /// All rules.
    pub(super) fn all(&self) -> &[JoinedRule] {
        &self.rules
    }

    /// The positions of a source's rules.
    pub(super) fn range_of(&self, source: Symbol) -> Range<usize> {
        match (self.starts.get(source.index()), self.starts.get(source.index() + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The rules of a source, by class.
    pub(super) fn of(&self, source: Symbol) -> &[JoinedRule] {
        self.rules.get(self.range_of(source)).unwrap_or_default()
    }

    /// The rules of a source about a class.
    pub(super) fn about(&self, source: Symbol, class: u32) -> &[JoinedRule] {
        let rules = self.of(source);
        let start = rules.partition_point(|rule| rule.class < class);
        let rest = rules.get(start..).unwrap_or_default();
        let end = rest.partition_point(|rule| rule.class == class);
        rest.get(..end).unwrap_or_default()
    }
}
