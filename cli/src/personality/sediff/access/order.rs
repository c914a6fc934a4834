//! The order of access rules: that of their texts, without making them.

use std::cmp::Ordering;
use std::ops::Range;

use analysis::diff::statements::{AccessChange, AccessChanges, Comparison, SharedType};

use super::text::Texts;

/// The order of names as they stand in a rule, with what follows them there.
pub(super) struct Ranks {
    sources: Vec<u32>,
    targets: Vec<u32>,
    classes: Vec<u32>,
}

impl Ranks {
    pub(super) fn of(comparison: &Comparison<'_, '_>) -> Self {
        let types: Vec<_> = comparison.type_names().collect();
        let types: Vec<&[u8]> = types.iter().map(|name| &**name).collect();
        let classes: Vec<_> = comparison.class_names().collect();
        let classes: Vec<&[u8]> = classes.iter().map(|name| name.as_bytes()).collect();
        Ranks { sources: ranks(&types, b' '), targets: ranks(&types, b':'), classes: ranks(&classes, b' ') }
    }

    /// What is said, with its place; in the order of the classes.
    pub(super) fn sorted_by_class(&self, said: &[AccessChange]) -> Vec<(u32, AccessChange)> {
        let mut sorted: Vec<(u32, AccessChange)> = (0u32..).zip(said.iter().copied()).collect();
        sorted.sort_by_key(|(_, change)| self.classes[change.class.index()]);
        sorted
    }
}

/// Where a rule stands among those of its source: the list that it is of (4 bits), the rank of its target (28 bits; each type takes
/// 28 bytes of a policy), and what is said (32 bits), by class. One number sorts several times faster than its parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

const TARGET_SHIFT: u32 = 32;
const LIST_SHIFT: u32 = 60;

impl Place {
    /// The list and the target.
    fn target(self) -> u64 {
        self.0 >> TARGET_SHIFT
    }

    /// What is said, by its place in [`Ranks::sorted_by_class`].
    pub(super) fn said(self) -> u32 {
        self.0 as u32
    }
}

/// The rules of all lists in order.
pub(super) struct Ordered {
    places: Vec<Place>,
    /// The sources in the order of their names.
    sources: Vec<(SharedType, Range<usize>)>,
    /// The types by rank as targets. Types of one name, which only a forged policy has, have one rank.
    by_rank: Vec<u32>,
}

impl Ordered {
    /// Puts changes in order: first the sources, then the rules of each. `list` gives the list that a change is of.
    pub(super) fn new(
        changes: AccessChanges,
        ranks: &Ranks,
        texts: &mut Texts<'_, '_, '_>,
        list: impl Fn(&AccessChange) -> u64,
    ) -> Self {
        let AccessChanges { said, targets, mut sources } = changes;
        let mut ends = vec![0; said.len()];
        for (place, (said, change)) in (0u64..).zip(texts.said()) {
            ends[*said as usize] = list(change) << LIST_SHIFT | place;
        }
        let rank = |of: SharedType| u64::from(ranks.targets[of.index()]);
        let places = targets.into_iter();
        let mut places: Vec<Place> =
            places.map(|of| Place(ends[of.said() as usize] | rank(of.target()) << TARGET_SHIFT)).collect();
        for (_, of_source) in &sources {
            let places = &mut places[of_source.clone()];
            places.sort_unstable();
            settle_equal(places, texts);
        }
        sources.sort_by_key(|(source, _)| ranks.sources[source.index()]);
        let mut by_rank = vec![0; ranks.targets.len()];
        (0u32..).zip(&ranks.targets).for_each(|(index, rank)| by_rank[*rank as usize] = index);
        Ordered { places, sources, by_rank }
    }

    /// The sources of a list with their rules, in order.
    pub(super) fn of_list(&self, list: u64) -> impl Iterator<Item = (SharedType, &[Place])> {
        self.sources.iter().filter_map(move |(source, places)| {
            let places = &self.places[places.clone()];
            let start = places.partition_point(|place| place.0 >> LIST_SHIFT < list);
            let places = &places[start..];
            let end = places.partition_point(|place| place.0 >> LIST_SHIFT == list);
            (end > 0).then(|| (*source, &places[..end]))
        })
    }

    /// The target of a rule, by the index of the type.
    pub(super) fn target(&self, place: Place) -> usize {
        let rank = place.target() & ((1 << (LIST_SHIFT - TARGET_SHIFT)) - 1);
        self.by_rank[rank as usize] as usize
    }
}

/// Puts rules about the same types and class, which only their texts tell apart, in the order of these.
fn settle_equal(places: &mut [Place], texts: &mut Texts<'_, '_, '_>) {
    for of_target in places.chunk_by_mut(|a, b| a.target() == b.target()).filter(|of| of.len() > 1) {
        let mut start = 0;
        while let Some(first) = of_target.get(start).copied() {
            let rest = &mut of_target[start..];
            let n_equal =
                rest.iter().take_while(|other| texts.have_one_class(first.said(), other.said())).count();
            if n_equal > 1 {
                rest[..n_equal].sort_by_cached_key(|place| texts.end_of(place.said()));
            }
            start += n_equal;
        }
    }
}

/// The rank of each name if each is followed by `end`.
fn ranks(names: &[&[u8]], end: u8) -> Vec<u32> {
    let compare = |a: u32, b: u32| {
        let (a, b) = (names[a as usize], names[b as usize]);
        let common = a.len().min(b.len());
        let next = |name: &[u8]| name.get(common).copied().unwrap_or(end);
        a[..common].cmp(&b[..common]).then_with(|| next(a).cmp(&next(b)))
    };
    let mut sorted: Vec<u32> = (0u32..).zip(names).map(|(index, _)| index).collect();
    sorted.sort_unstable_by(|&a, &b| compare(a, b));
    let (mut ranks, mut rank) = (vec![0; names.len()], 0);
    for (place, &index) in sorted.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| sorted[before]);
        // Equal names have one rank: the text decides.
        if before.is_some_and(|before| compare(before, index) != Ordering::Equal) {
            rank += 1;
        }
        ranks[index as usize] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::ranks;

    #[test]
    fn names_are_ranked_with_what_follows_them() {
        let names: [&[u8]; 4] = [b"a_t", b"a_t.x", b"a", b"a_t"];
        assert_eq!(ranks(&names, b' '), [1, 2, 0, 1]);
        assert_eq!(ranks(&names, b':'), [2, 1, 0, 2]);
    }
}
