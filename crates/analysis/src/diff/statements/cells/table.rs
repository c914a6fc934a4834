//! The rules of two policies by source: those about the same symbols together, and which of them make a difference.
//!
//! Built in O(rules × log rules of one source).

use std::ops::Range;

use super::{Cell, Slot, Value};
use crate::diff::statements::conditions::SharedBranch;
use crate::diff::statements::limit::{Limit, TooMuch};
use crate::diff::statements::row::SharedType;
use crate::diff::statements::types::SharedTypes;

/// The rules of both sides, those about the same symbols together.
pub(super) struct Table<V> {
    /// Sorted by source, group, branch and target.
    pub(super) rules: Vec<Cell<V>>,
    /// Where the rules of each source begin.
    starts: Vec<u32>,
    /// The rules that differ, or whose target stands for other types, sorted as the rules.
    odd: Vec<u32>,
    /// Where those of each source begin.
    odd_starts: Vec<u32>,
}

impl<V: Value> Table<V> {
    pub(super) fn new(
        types: &SharedTypes<'_, '_>,
        state: impl Fn(&mut dyn FnMut(Cell<V>)),
        limit: &mut Limit,
    ) -> Result<Self, TooMuch> {
        let mut rules = by_source(types.len(), state);
        rules.chunk_by_mut(|a, b| a.source == b.source).for_each(|of_source| {
            of_source.sort_unstable_by_key(Cell::key);
        });
        let mut result = Ok(());
        rules.dedup_by(|other, kept| {
            let same = other.source == kept.source && other.key() == kept.key();
            if same && result.is_ok() {
                for (kept, other) in kept.values.iter_mut().zip(&other.values) {
                    kept.unite(other);
                    result = result.and(limit.work(kept.weight()));
                }
            }
            same
        });
        result?;
        let changed: Vec<bool> = types.iter().map(|of| types.differ(of)).collect();
        let is_odd = |rule: &Cell<V>| {
            let [left, right] = &rule.values;
            left != right || changed.get(rule.target.index()).copied().unwrap_or(true)
        };
        let odd: Vec<u32> =
            (0u32..).zip(&rules).filter(|(_, rule)| is_odd(rule)).map(|(place, _)| place).collect();
        let sources = rules.iter().map(|rule| rule.source);
        let odd_sources = odd.iter().filter_map(|&place| Some(rules.get(place as usize)?.source));
        let (starts, odd_starts) = (starts(types.len(), sources), starts(types.len(), odd_sources));
        Ok(Table { starts, odd_starts, odd, rules })
    }

    pub(super) fn of(&self, source: SharedType) -> &[Cell<V>] {
        self.rules.get(range(&self.starts, source)).unwrap_or_default()
    }

    pub(super) fn odd_of(&self, source: SharedType) -> impl Iterator<Item = &Cell<V>> {
        let odd = self.odd.get(range(&self.odd_starts, source)).unwrap_or_default();
        odd.iter().filter_map(|&place| self.rules.get(place as usize))
    }
}

/// The rules in the order of their sources: counted first, then put in their places, which is faster than to sort them all.
fn by_source<V: Value>(n_types: usize, state: impl Fn(&mut dyn FnMut(Cell<V>))) -> Vec<Cell<V>> {
    let mut next = vec![0usize; n_types];
    state(&mut |rule| {
        if let Some(count) = next.get_mut(rule.source.index()) {
            *count = count.saturating_add(1);
        }
    });
    let mut n_rules = 0usize;
    for slot in &mut next {
        let count = std::mem::replace(slot, n_rules);
        n_rules = n_rules.saturating_add(count);
    }
    let slot = Slot { group: 0, branch: SharedBranch::default() };
    let nothing = Cell { source: SharedType(0), target: SharedType(0), slot, values: Default::default() };
    let mut rules = vec![nothing; n_rules];
    state(&mut |rule| {
        if let Some(next) = next.get_mut(rule.source.index())
            && let Some(slot) = rules.get_mut(*next)
        {
            *next = next.saturating_add(1);
            *slot = rule;
        }
    });
    rules
}

/// Where each source begins in a list that is sorted by source, and where the last ends.
fn starts(n_types: usize, sources: impl Iterator<Item = SharedType>) -> Vec<u32> {
    let mut starts = Vec::with_capacity(n_types.saturating_add(1));
    let mut len = 0u32;
    for source in sources {
        let needed = source.index().saturating_add(1).min(n_types);
        starts.resize(starts.len().max(needed), len);
        len = len.saturating_add(1);
    }
    starts.resize(n_types.saturating_add(1), len);
    starts
}

fn range(starts: &[u32], source: SharedType) -> Range<usize> {
    match starts.get(source.index()..).unwrap_or_default() {
        [start, end, ..] => *start as usize..*end as usize,
        _ => 0..0,
    }
}
