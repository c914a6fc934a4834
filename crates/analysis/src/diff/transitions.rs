//! Rules that say which type something gets: `type_transition` (those by file name among them), `type_change` and
//! `type_member`. They stand in a policy by exact type, so they are compared one by one. What stands in both branches of a
//! condition, or in several, is one rule under all of them. O(rules log rules).

use std::collections::{BTreeMap, HashMap};

use policydb::format::Feature;
use policydb::{Name, RuleKind};

use super::both::{Both, Which};
use super::condition::{Condition, ConditionTable};
use super::formats::Formats;
use super::matching::{Matching, Symbol};

/// A type that something gets in one policy, and not in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransitionChange<'p> {
    /// Which kind of rule.
    pub kind: RuleKind,
    /// Who creates or relabels.
    pub source: Symbol,
    /// Where, or what.
    pub target: Symbol,
    /// The class of what is created, by its common number.
    pub class: u32,
    /// The file name, if the rule has one.
    pub name: Option<Name<'p>>,
    /// When the rule is in force.
    pub condition: Condition,
    /// The type in each policy; `None` where it has no such rule.
    pub default: Both<Option<Symbol>>,
}

/// A rule as numbers: kind, source, target, class, name, condition.
type Key = (u16, u32, u32, u32, u32, u32);

/// All that differ, in the order of their keys.
pub(super) fn transition_changes<'p>(
    matching: &Matching<'_, 'p>,
    conditions: &mut ConditionTable,
    formats: Formats,
) -> Vec<TransitionChange<'p>> {
    let mut names: Names<'p> = Names::default();
    let mut found: Vec<(Key, Which, Symbol)> = Vec::new();
    for which in Which::BOTH {
        let policy = matching.store(which).policy();
        let symbol = |id| matching.symbol(which, id);
        let class_of = |id: policydb::ClassId| matching.classes.common(which, id.index());
        let mut add = |rule: policydb::AvRule, condition: Condition| {
            if !rule.kind().has_default() || condition == Condition::NEVER {
                return;
            }
            let parts = (symbol(rule.source()), symbol(rule.target()), class_of(rule.class()));
            let default = rule.default_type().and_then(symbol);
            if let ((Some(source), Some(target), Some(class)), Some(default)) = (parts, default) {
                let key = (rule.kind_bits(), source.0, target.0, class, 0, condition.number());
                found.push((key, which, default));
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
        if formats.both_have(Feature::FilenameTransitions) {
            policy.filename_transitions().for_each(|rule| {
                let parts = (symbol(rule.source), symbol(rule.target), class_of(rule.class));
                if let ((Some(source), Some(target), Some(class)), Some(default)) =
                    (parts, symbol(rule.default))
                {
                    let kind = RuleKind::TypeTransition.bits();
                    let name = names.number(rule.name);
                    let always = Condition::ALWAYS.number();
                    found.push(((kind, source.0, target.0, class, name, always), which, default));
                }
            });
        }
    }
    let found = &mut with_whole_conditions(found, conditions);
    // Stable: of several rules with one key, which no compiler writes, the first counts.
    found.sort_by_key(|(key, which, _)| (*key, *which));
    let mut changes = Vec::new();
    for run in found.chunk_by(|a, b| a.0 == b.0) {
        let default =
            Both::of(|which| run.iter().find(|(_, of, _)| *of == which).map(|(_, _, default)| *default));
        if default.old == default.new {
            continue;
        }
        let Some(&((kind, source, target, class, name, condition), ..)) = run.first() else { continue };
        let kind = match kind {
            0x0020 => RuleKind::TypeMember,
            0x0040 => RuleKind::TypeChange,
            _ => RuleKind::TypeTransition,
        };
        changes.push(TransitionChange {
            kind,
            source: Symbol(source),
            target: Symbol(target),
            class,
            name: names.name(name),
            condition: Condition::from_number(condition),
            default,
        });
    }
    changes
}

/// Rules that give the same under several conditions as one, under any of them.
fn with_whole_conditions(
    found: Vec<(Key, Which, Symbol)>,
    conditions: &mut ConditionTable,
) -> Vec<(Key, Which, Symbol)> {
    let (depending, mut all): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(key, ..)| Condition::from_number(key.5).depends());
    let mut whole: BTreeMap<(Key, Which, Symbol), Condition> = BTreeMap::new();
    for (key, which, default) in depending {
        let (kind, source, target, class, name, condition) = key;
        let condition = Condition::from_number(condition);
        let under =
            whole.entry(((kind, source, target, class, name, 0), which, default)).or_insert(condition);
        *under = conditions.union(*under, condition);
    }
    all.extend(whole.into_iter().map(|((key, which, default), condition)| {
        let (kind, source, target, class, name, _) = key;
        ((kind, source, target, class, name, condition.number()), which, default)
    }));
    all
}

/// File names by number, from 1. The table has the standard library's keyed hasher: names come from strangers.
#[derive(Default)]
struct Names<'p> {
    numbers: HashMap<Name<'p>, u32>,
    names: Vec<Name<'p>>,
    last: Option<(Name<'p>, u32)>,
}

impl<'p> Names<'p> {
    fn number(&mut self, name: Name<'p>) -> u32 {
        // Rules with one name stand together.
        if let Some((last, number)) = self.last
            && last == name
        {
            return number;
        }
        let next = u32::try_from(self.names.len() + 1).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
        }
        self.last = Some((name, number));
        number
    }

    fn name(&self, number: u32) -> Option<Name<'p>> {
        self.names.get((number as usize).checked_sub(1)?).copied()
    }
}
