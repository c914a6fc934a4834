//! Sets of types and attributes as rows of 64-bit words; bit i stands for the id of index i.
//!
//! A row of a Fedora policy (5,451 ids) has 86 words. Membership is O(1), the operations on whole sets
//! are O(words).

use policydb::{Ebitmap, TypeId};

/// A set of type and attribute ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeSet {
    words: Vec<u64>,
}

impl TypeSet {
    /// The empty set over `n_types` ids.
    pub fn new(n_types: usize) -> Self {
        TypeSet { words: vec![0; n_types.div_ceil(64)] }
    }

    /// The set of one id.
    pub fn of(n_types: usize, id: TypeId) -> Self {
        let mut set = TypeSet::new(n_types);
        set.insert(id);
        set
    }

    /// Adds an id; one beyond the row is ignored.
    pub fn insert(&mut self, id: TypeId) {
        if let Some(word) = self.words.get_mut(id.index() >> 6) {
            *word |= 1 << (id.index() & 63);
        }
    }

    /// Adds the ids of a bitmap; those beyond the row are ignored.
    pub fn insert_all(&mut self, bitmap: Ebitmap<'_>) {
        for (index, bits) in bitmap.words() {
            if let Some(word) = self.words.get_mut(index) {
                *word |= bits;
            }
        }
    }

    /// Whether the set has an id.
    #[inline]
    pub fn contains(&self, id: TypeId) -> bool {
        self.contains_index(id.index())
    }

    /// Whether the set has the id of this index.
    #[inline]
    pub fn contains_index(&self, index: usize) -> bool {
        self.words.get(index >> 6).is_some_and(|word| word >> (index & 63) & 1 == 1)
    }

    /// Whether a bitmap has an id of this set. O(nodes).
    pub fn intersects(&self, bitmap: Ebitmap<'_>) -> bool {
        bitmap.words().any(|(index, bits)| self.words.get(index).is_some_and(|word| word & bits != 0))
    }

    /// Adds the ids of another set over the same ids. O(words), as the three that follow.
    pub fn unite(&mut self, other: &TypeSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Keeps the ids that another set over the same ids has.
    pub fn intersect(&mut self, other: &TypeSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Takes away the ids of another set over the same ids.
    pub fn subtract(&mut self, other: &TypeSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Whether another set over the same ids has one in common with this.
    pub fn meets(&self, other: &TypeSet) -> bool {
        self.words.iter().zip(&other.words).any(|(word, other)| word & other != 0)
    }

    /// Takes away an id.
    pub fn remove(&mut self, id: TypeId) {
        if let Some(word) = self.words.get_mut(id.index() >> 6) {
            *word &= !(1 << (id.index() & 63));
        }
    }

    /// The ids, ascending.
    pub fn iter(&self) -> impl Iterator<Item = TypeId> + '_ {
        (0u32..).zip(&self.words).flat_map(|(index, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                (bit < 64).then(|| {
                    left &= left.wrapping_sub(1);
                    TypeId::from_index(index.saturating_mul(64).saturating_add(bit))
                })
            })
        })
    }

    /// The number of ids in the set.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the set has no ids.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(value: u32) -> TypeId {
        TypeId::from_value(value).unwrap()
    }

    #[test]
    fn sets_are_combined_word_by_word() {
        let set = |values: &[u32]| {
            let mut set = TypeSet::new(130);
            values.iter().for_each(|&value| set.insert(id(value)));
            set
        };
        let combined = |combine: fn(&mut TypeSet, &TypeSet)| {
            let mut left = set(&[1, 65, 130]);
            combine(&mut left, &set(&[2, 65]));
            left.iter().map(TypeId::value).collect::<Vec<_>>()
        };
        assert_eq!(combined(TypeSet::unite), [1, 2, 65, 130]);
        assert_eq!(combined(TypeSet::intersect), [65]);
        assert_eq!(combined(TypeSet::subtract), [1, 130]);
        assert!(set(&[1, 130]).meets(&set(&[130])) && !set(&[1, 130]).meets(&set(&[65])));
        let mut left = set(&[1, 65]);
        left.remove(id(65));
        assert_eq!(left, set(&[1]));
    }

    #[test]
    fn a_set_holds_what_was_inserted() {
        let mut set = TypeSet::new(130);
        assert!(set.is_empty());
        for value in [1, 64, 65, 130, 500] {
            set.insert(id(value));
        }
        let values: Vec<u32> = set.iter().map(TypeId::value).collect();
        assert_eq!(values, [1, 64, 65, 130], "what lies beyond the row is ignored");
        assert_eq!(set.len(), 4);
        assert!(set.contains(id(64)) && !set.contains(id(63)) && !set.contains(id(500)));
        assert_eq!(TypeSet::of(130, id(65)).iter().collect::<Vec<_>>(), [id(65)]);
    }
}
