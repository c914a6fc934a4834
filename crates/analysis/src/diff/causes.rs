//! The changes by what made them: each change is counted for one statement, so that all together are the whole difference.

use super::Comparison;
use super::domains::Effect;
use super::effective::{Cause, Effective};
use super::matching::{Symbol, SymbolSet};

/// What one statement changed.
#[derive(Clone, Debug)]
pub struct CauseSummary {
    /// The statement.
    pub cause: Cause,
    /// Its position among the causes.
    pub number: u32,
    /// Changes of a source, a target and a class.
    pub accesses: usize,
    /// Permissions in these.
    pub permissions: usize,
    /// Those of them that are gained, lost, or of another kind.
    pub gained: usize,
    /// See `gained`.
    pub lost: usize,
    /// For whom.
    pub domains: SymbolSet,
    /// On what.
    pub targets: SymbolSet,
}

/// How many changes there are of what kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sources, targets and classes with any change, cause by cause.
    pub accesses: usize,
    /// Permissions in these.
    pub permissions: usize,
    /// Those accesses that are now granted.
    pub gained: usize,
    /// Those that no longer are.
    pub lost: usize,
    /// Those that a boolean may grant now.
    pub may_gain: usize,
    /// Those that none may grant any more.
    pub may_lose: usize,
    /// Those under other conditions.
    pub conditions: usize,
}

impl Comparison<'_, '_> {
    /// What each statement changed, the one with most changes first. O(changes + causes × symbols).
    pub fn by_cause(&self) -> Vec<CauseSummary> {
        let empty = SymbolSet::new(self.matching.n_symbols());
        let causes = (0u32..).zip(&self.effective.causes);
        let mut all: Vec<CauseSummary> = causes
            .map(|(number, cause)| CauseSummary {
                cause: *cause,
                number,
                accesses: 0,
                permissions: 0,
                gained: 0,
                lost: 0,
                domains: empty.clone(),
                targets: empty.clone(),
            })
            .collect();
        for change in &self.effective.changes {
            let Some(summary) = all.get_mut(change.cause as usize) else { continue };
            summary.accesses += 1;
            summary.permissions += change.permissions.count_ones() as usize;
            match self.effect(change) {
                Effect::Gained => summary.gained += 1,
                Effect::Lost => summary.lost += 1,
                _ => {}
            }
            summary.domains.insert(change.source);
            summary.targets.insert(change.target);
        }
        all.sort_by_key(|summary| (std::cmp::Reverse(summary.accesses), summary.cause));
        all
    }

    /// How many changes there are.
    pub fn totals(&self) -> Totals {
        self.totals_of(&self.effective)
    }

    /// How many changes there are of one kind of rule.
    pub(super) fn totals_of(&self, effective: &Effective) -> Totals {
        let mut totals = Totals::default();
        for change in &effective.changes {
            totals.accesses += 1;
            totals.permissions += change.permissions.count_ones() as usize;
            let count = match self.effect(change) {
                Effect::Gained => &mut totals.gained,
                Effect::Lost => &mut totals.lost,
                Effect::MayGain => &mut totals.may_gain,
                Effect::MayLose => &mut totals.may_lose,
                Effect::Conditions => &mut totals.conditions,
            };
            *count += 1;
        }
        totals
    }

    /// The rules of both policies that moved from under one condition to under another, in words; at most `most`.
    pub fn moved_rules(&self, cause: Cause, most: usize) -> Vec<String> {
        let Cause::Moved(before, after) = cause else { return Vec::new() };
        let moved = self.allow.all().iter().filter(|rule| {
            let gone = rule.masks.old & !rule.masks.new;
            let come = rule.masks.new & !rule.masks.old;
            (rule.condition == before && gone != 0) || (rule.condition == after && come != 0)
        });
        let is_moved = |rule: &&super::JoinedRule| {
            let bits = rule.masks.old ^ rule.masks.new;
            let others = self.allow.about(rule.source, rule.class).iter();
            let mut others = others.filter(|other| other.target == rule.target);
            others.any(|other| {
                let is_pair = (rule.condition, other.condition) == (after, before);
                is_pair && other.masks.old & !other.masks.new & bits != 0
            })
        };
        moved
            .filter(is_moved)
            .take(most)
            .map(|rule| self.rule_text(rule, rule.masks.new & !rule.masks.old))
            .collect()
    }

    /// The types on the two sides of a summary, as names.
    pub fn names(&self, symbols: impl Iterator<Item = Symbol>) -> Vec<String> {
        let mut names: Vec<String> = symbols.map(|symbol| self.matching.name(symbol)).collect();
        names.sort_unstable();
        names
    }
}
