//! Extended permissions that differ: which ioctl commands and netlink messages rules list for a source, a target and a
//! class, expanded where something changed.
//!
//! Rules are compared as they are written, and what differs only counts if it makes a difference for some source and target
//! (`applied_xperms.rs`): optimised builds state the same in other words, and a type that joins or leaves an attribute has
//! other commands though no rule differs. A command that is listed under several conditions is listed under any of them.
//!
//! Any extended rule switches the checking of commands on for its types and class, so the first one takes away all commands
//! that it does not list, and with the last one all come back: that is said of a change. O(extended rules × types they
//! stand for), for those that differ.

use std::collections::{BTreeMap, BTreeSet};

use policydb::format::Feature;
use policydb::{AvTable, RuleKind, XpermKind};

use super::applied_xperms::Applied;
use super::both::{Both, Which};
use super::condition::{Condition, ConditionTable};
use super::formats::Formats;
use super::matching::{Matching, Symbol};

/// Commands as a set of 65,536 bits, in 256 rows of 256.
type Commands = BTreeMap<u8, [u8; 32]>;

/// An extended rule that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XpermChange {
    /// Which kind of rule.
    pub kind: RuleKind,
    /// `ioctl` or `nlmsg`.
    pub operation: &'static str,
    /// Who: a type or an attribute, as stated.
    pub source: Symbol,
    /// To what.
    pub target: Symbol,
    /// Of which class.
    pub class: u32,
    /// When it is in force.
    pub condition: Condition,
    /// Commands that only one of the policies lists, as ranges with both ends included.
    pub only: Both<Vec<(u16, u16)>>,
    /// Whether the older policy lists any for some of these, and the newer one for all of them.
    pub has_any: Both<bool>,
    /// If no rule differs, and the source or the target joined or left an attribute: of whom that is so.
    pub through: Option<Through>,
}

/// Of whom a difference is that no rule makes, the one that is named included: the same commands for each of these sources on each
/// of these targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// Who, ascending.
    pub sources: Vec<Symbol>,
    /// On what, ascending.
    pub targets: Vec<Symbol>,
}

impl XpermChange {
    /// Whether it is about a source and, if one is given, a target, in either policy.
    pub(super) fn applies(
        &self,
        matching: &Matching<'_, '_>,
        source: Symbol,
        target: Option<Symbol>,
    ) -> bool {
        if let Some(through) = &self.through {
            let is_target = target.is_none_or(|target| through.targets.binary_search(&target).is_ok());
            return is_target && through.sources.binary_search(&source).is_ok();
        }
        Which::BOTH.into_iter().any(|which| {
            matching.stands_for(which, self.source, source)
                && target.is_none_or(|target| matching.stands_for(which, self.target, target))
        })
    }
}

/// A rule without its commands: kind, source, target, class, condition, operation.
type Key = (u16, Symbol, Symbol, u32, Condition, &'static str);

/// An extended rule that both policies have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeptXperm {
    pub(super) kind: RuleKind,
    pub(super) source: Symbol,
    pub(super) target: Symbol,
    pub(super) class: u32,
    pub(super) operation: &'static str,
}

/// Extended rules that differ, in the order of their keys; and those that both have, which may be about other types.
pub(super) fn xperm_changes(
    matching: &Matching<'_, '_>,
    conditions: &mut ConditionTable,
    formats: Formats,
) -> (Vec<XpermChange>, Vec<KeptXperm>) {
    if !formats.both_have(Feature::ExtendedPermissions) {
        return (Vec::new(), Vec::new());
    }
    let rules = Both::of(|which| {
        let rules = rules_of(matching, conditions, which);
        with_whole_conditions(rules, conditions)
    });
    let keys: BTreeSet<&Key> = rules.old.keys().chain(rules.new.keys()).collect();
    let (mut changes, mut kept) = (Vec::new(), Vec::new());
    for key in keys {
        let of = Both { old: rules.old.get(key), new: rules.new.get(key) };
        let only = Both::of(|which| beyond(*of.get(which), *of.get(which.other())));
        let &(kind, source, target, class, condition, operation) = key;
        let kind = match kind {
            0x0200 => RuleKind::AuditAllowXperm,
            0x0400 => RuleKind::DontAuditXperm,
            _ => RuleKind::AllowXperm,
        };
        if only.old.is_empty() && only.new.is_empty() {
            let rule = KeptXperm { kind, source, target, class, operation };
            // A rule may stand under several conditions.
            let of_types = |one: &&KeptXperm| (one.source, one.target, one.class) == (source, target, class);
            let is_new = !kept.iter().rev().take_while(of_types).any(|one| *one == rule);
            if is_new && (matching.is_attribute(source) || matching.is_attribute(target)) {
                kept.push(rule);
            }
            continue;
        }
        let has_any = Both { old: of.old.is_some(), new: of.new.is_some() };
        changes.push(XpermChange {
            kind,
            operation,
            source,
            target,
            class,
            condition,
            only,
            has_any,
            through: None,
        });
    }
    Applied::of(matching).settle(matching, &mut changes);
    (changes, kept)
}

fn rules_of(
    matching: &Matching<'_, '_>,
    conditions: &ConditionTable,
    which: Which,
) -> BTreeMap<Key, Commands> {
    let policy = matching.store(which).policy();
    let mut rules: BTreeMap<Key, Commands> = BTreeMap::new();
    let mut add = |table: &AvTable<'_>, position: usize, condition: Condition| {
        let Some((rule, Some(xperms))) = table.get(position) else { return };
        let symbol = |id| matching.symbol(which, id);
        let (Some(source), Some(target)) = (symbol(rule.source()), symbol(rule.target())) else { return };
        let Some(class) = matching.classes.common(which, rule.class().index()) else { return };
        let key = (rule.kind_bits(), source, target, class, condition, xperms.operation());
        let commands = rules.entry(key).or_default();
        let has =
            |bit: u8| xperms.bits().get(usize::from(bit >> 3)).is_some_and(|byte| byte >> (bit & 7) & 1 == 1);
        match xperms.kind {
            XpermKind::IoctlDriver => {
                for driver in (0..=255u8).filter(|driver| has(*driver)) {
                    commands.insert(driver, [255; 32]);
                }
            }
            XpermKind::IoctlFunction | XpermKind::Nlmsg => {
                let row = commands.entry(xperms.driver).or_insert([0; 32]);
                row.iter_mut().zip(xperms.bits()).for_each(|(own, more)| *own |= more);
            }
        }
    };
    let mut scan = |table: &AvTable<'_>, range: std::ops::Range<usize>, condition: Condition| {
        if condition == Condition::NEVER {
            return;
        }
        let extended = table.rules(range).filter(|(_, rule)| rule.kind().has_xperms());
        let positions: Vec<usize> = extended.map(|(position, _)| position).collect();
        positions.into_iter().for_each(|position| add(table, position, condition));
    };
    scan(policy.rules(), 0..policy.rules().len(), Condition::ALWAYS);
    for (at, node) in matching.conditionals(which) {
        for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
            scan(policy.conditional_rules(), range.clone(), conditions.of_branch(which, at, when));
        }
    }
    rules
}

/// Conditions of a rule beyond which they are left as they are.
const MOST_CONDITIONS: usize = 64;

/// Rules in which no command stands under two conditions: it stands under any of them.
fn with_whole_conditions(
    rules: BTreeMap<Key, Commands>,
    conditions: &mut ConditionTable,
) -> BTreeMap<Key, Commands> {
    if !rules.keys().any(|key| key.4.depends()) {
        return rules;
    }
    let mut by_rule: BTreeMap<Key, Vec<(Condition, Commands)>> = BTreeMap::new();
    for ((kind, source, target, class, condition, operation), commands) in rules {
        let key = (kind, source, target, class, Condition::ALWAYS, operation);
        by_rule.entry(key).or_default().push((condition, commands));
    }
    let mut whole = BTreeMap::new();
    for (key, of) in by_rule {
        let (kind, source, target, class, _, operation) = key;
        let parts = if of.len() > 1 && of.len() <= MOST_CONDITIONS { parted(of, conditions) } else { of };
        for (condition, commands) in parts {
            whole.insert((kind, source, target, class, condition, operation), commands);
        }
    }
    whole
}

/// Commands by the condition under which they are listed; none stands twice.
fn parted(of: Vec<(Condition, Commands)>, conditions: &mut ConditionTable) -> Vec<(Condition, Commands)> {
    let mut parts: Vec<(Condition, Commands)> = Vec::new();
    for (condition, mut left) in of {
        for at in 0..parts.len() {
            let Some((known, theirs)) = parts.get_mut(at) else { break };
            let shared = combined(theirs, &left, |a, b| a & b);
            if shared.is_empty() {
                continue;
            }
            left = combined(&left, &shared, |a, b| a & !b);
            let union = conditions.union(*known, condition);
            if union != *known {
                *theirs = combined(theirs, &shared, |a, b| a & !b);
                push_part(&mut parts, union, &shared);
            }
        }
        push_part(&mut parts, condition, &left);
        parts.retain(|(_, commands)| !commands.is_empty());
    }
    parts
}

fn push_part(parts: &mut Vec<(Condition, Commands)>, condition: Condition, commands: &Commands) {
    match parts.iter_mut().find(|(known, _)| *known == condition) {
        Some((_, theirs)) => {
            for (driver, row) in commands {
                let own = theirs.entry(*driver).or_insert([0; 32]);
                own.iter_mut().zip(row).for_each(|(own, more)| *own |= more);
            }
        }
        None => parts.push((condition, commands.clone())),
    }
}

/// The rows of one set, each combined with that of another one; empty ones are left out.
fn combined(one: &Commands, other: &Commands, with: impl Fn(u8, u8) -> u8) -> Commands {
    let rows = one.iter().map(|(driver, row)| {
        let theirs = other.get(driver).copied().unwrap_or([0; 32]);
        let mut row = *row;
        row.iter_mut().zip(theirs).for_each(|(own, theirs)| *own = with(*own, theirs));
        (*driver, row)
    });
    rows.filter(|(_, row)| row.iter().any(|byte| *byte != 0)).collect()
}

/// The commands of one that the other does not have, as ranges.
fn beyond(one: Option<&Commands>, other: Option<&Commands>) -> Vec<(u16, u16)> {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for (driver, row) in one.into_iter().flatten() {
        let theirs = other.and_then(|other| other.get(driver)).copied().unwrap_or([0; 32]);
        for function in 0..=255u8 {
            let at = usize::from(function >> 3);
            let bit = |row: &[u8; 32]| row.get(at).is_some_and(|byte| byte >> (function & 7) & 1 == 1);
            if !bit(row) || bit(&theirs) {
                continue;
            }
            let command = u16::from_be_bytes([*driver, function]);
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(command) => last.1 = command,
                _ => ranges.push((command, command)),
            }
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver's commands.
    fn commands(functions: &[u8]) -> Commands {
        let mut row = [0u8; 32];
        functions.iter().for_each(|function| row[usize::from(function >> 3)] |= 1 << (function & 7));
        BTreeMap::from([(7, row)])
    }

    #[test]
    fn what_stands_under_all_conditions_stands_under_none() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/policies/condition-granted.33");
        let bytes = std::fs::read(path).unwrap();
        let policy = policydb::Policy::parse(&bytes).unwrap();
        let store = avstore::Store::new(&policy);
        let matching = Matching::new(&store, &store);
        let mut conditions = ConditionTable::of(&matching);
        let [when, unless] = [true, false].map(|when| conditions.of_branch(Which::Old, 0, when));
        assert!(when.depends() && unless.depends());
        let both = [(when, commands(&[1, 2])), (unless, commands(&[2, 3]))];
        let mut parts = parted(both.to_vec(), &mut conditions);
        parts.sort_by_key(|(condition, _)| *condition);
        let mut expected =
            vec![(Condition::ALWAYS, commands(&[2])), (when, commands(&[1])), (unless, commands(&[3]))];
        expected.sort_by_key(|(condition, _)| *condition);
        assert_eq!(parts, expected);
        // Listed always, what a condition lists says nothing.
        let covered = [(Condition::ALWAYS, commands(&[1, 2])), (when, commands(&[1]))];
        assert_eq!(parted(covered.to_vec(), &mut conditions), [(Condition::ALWAYS, commands(&[1, 2]))]);
    }
}
