//! Sets of shared types as rows of 64-bit words: as `avstore`'s sets of types, over the types of two policies at once.

/// A type or attribute of either policy, by its place in the list that they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedType(pub(super) u32);

impl SharedType {
    /// Its place.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of shared types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    words: Vec<u64>,
}

impl Row {
    /// The empty set over so many types.
    pub(super) fn new(n_types: usize) -> Self {
        Row { words: vec![0; n_types.div_ceil(64)] }
    }

    pub(super) fn insert(&mut self, of: SharedType) {
        if let Some(word) = self.words.get_mut(of.index() >> 6) {
            *word |= 1 << (of.0 & 63);
        }
    }

    pub(super) fn contains(&self, of: SharedType) -> bool {
        self.words.get(of.index() >> 6).is_some_and(|word| word >> (of.0 & 63) & 1 == 1)
    }

    pub(super) fn clear(&mut self) {
        self.words.fill(0);
    }

    pub(super) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Adds what another set has.
    pub(super) fn unite(&mut self, other: &Row) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Adds what one of two sets has and the other has not.
    pub(super) fn unite_difference(&mut self, a: &Row, b: &Row) {
        let pairs = a.words.iter().zip(&b.words);
        self.words.iter_mut().zip(pairs).for_each(|(word, (a, b))| *word |= a ^ b);
    }

    /// Calls `visit` for what both sets have, ascending.
    pub(super) fn for_each_common(&self, other: &Row, mut visit: impl FnMut(SharedType)) {
        for (index, (word, other)) in (0u32..).zip(self.words.iter().zip(&other.words)) {
            let mut left = word & other;
            while left != 0 {
                visit(SharedType(index.saturating_mul(64).saturating_add(left.trailing_zeros())));
                left &= left.wrapping_sub(1);
            }
        }
    }

    /// Calls `visit` for what the set has, ascending, until it fails.
    pub(super) fn try_for_each<E>(
        &self,
        mut visit: impl FnMut(SharedType) -> Result<(), E>,
    ) -> Result<(), E> {
        for (index, &word) in (0u32..).zip(&self.words) {
            let mut left = word;
            while left != 0 {
                visit(SharedType(index.saturating_mul(64).saturating_add(left.trailing_zeros())))?;
                left &= left.wrapping_sub(1);
            }
        }
        Ok(())
    }

    /// What the set has, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = SharedType> + '_ {
        (0u32..).zip(&self.words).flat_map(|(index, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                (bit < 64).then(|| {
                    left &= left.wrapping_sub(1);
                    SharedType(index.saturating_mul(64).saturating_add(bit))
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(types: &[u32]) -> Row {
        let mut row = Row::new(130);
        types.iter().for_each(|&of| row.insert(SharedType(of)));
        row
    }

    #[test]
    fn rows_are_combined_word_by_word() {
        let (a, b) = (row(&[0, 64, 129]), row(&[1, 64]));
        let mut difference = row(&[5]);
        difference.unite_difference(&a, &b);
        assert_eq!(difference, row(&[0, 1, 5, 129]));
        let mut common = Vec::new();
        a.for_each_common(&b, |of| common.push(of.0));
        assert_eq!(common, [64]);
        let mut both = a.clone();
        both.unite(&b);
        assert_eq!((both.len(), both.iter().map(|of| of.0).collect::<Vec<_>>()), (4, vec![0, 1, 64, 129]));
        assert!(both.contains(SharedType(1)) && !both.contains(SharedType(2)));
        both.clear();
        assert_eq!(both, Row::new(130));
    }
}
