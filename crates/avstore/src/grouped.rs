//! Values grouped by a key that is a small index: two arrays, and no allocation a group.
//!
//! Built in O(values + keys), asked in O(1).

use std::ops::Range;

/// Values by key. Within a group they stand in the order in which they came.
#[derive(Clone, Debug)]
pub struct Grouped<T> {
    /// Where each key's values begin; one more than keys, ascending.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy> Grouped<T> {
    /// Groups pairs of key and value. Pairs with a key of `n_keys` or more are left out.
    pub fn new(n_keys: usize, pairs: impl IntoIterator<Item = (usize, T)>) -> Self {
        let mut pairs: Vec<(u32, T)> = pairs
            .into_iter()
            .filter_map(|(key, value)| Some((u32::try_from(key).ok().filter(|_| key < n_keys)?, value)))
            .collect();
        // Stable, and merges what is sorted already, as tables of a policy often are.
        pairs.sort_by_key(|&(key, _)| key);
        let mut starts = Vec::with_capacity(n_keys.saturating_add(1));
        for (index, &(key, _)) in (0u32..).zip(&pairs) {
            starts.resize(starts.len().max((key as usize).saturating_add(1)), index);
        }
        let end = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
        starts.resize(n_keys.saturating_add(1), end);
        Grouped { starts, values: pairs.into_iter().map(|(_, value)| value).collect() }
    }

    /// The values of a key; none for a key beyond the table.
    #[inline]
    pub fn get(&self, key: usize) -> &[T] {
        self.values.get(self.range(key)).unwrap_or_default()
    }

    /// The number of values of a key.
    #[inline]
    pub fn count(&self, key: usize) -> usize {
        self.range(key).len()
    }

    /// Sorts the values of each key.
    pub fn sort_groups_by_key<K: Ord>(&mut self, sort_key: impl Fn(&T) -> K) {
        for key in 0..self.starts.len().saturating_sub(1) {
            let range = self.range(key);
            if let Some(group) = self.values.get_mut(range) {
                group.sort_by_key(&sort_key);
            }
        }
    }

    #[inline]
    fn range(&self, key: usize) -> Range<usize> {
        match (self.starts.get(key), self.starts.get(key.wrapping_add(1))) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Grouped;

    #[test]
    fn each_key_has_its_values_in_order() {
        let mut grouped = Grouped::new(4, [(2, 'b'), (0, 'z'), (2, 'a'), (9, 'x'), (4, 'y')]);
        assert_eq!(grouped.get(0), ['z']);
        assert_eq!(grouped.get(1), []);
        assert_eq!(grouped.get(2), ['b', 'a']);
        assert_eq!((grouped.get(3), grouped.count(2)), (&[][..], 2));
        assert_eq!(grouped.get(4), [], "keys beyond the table have none");
        grouped.sort_groups_by_key(|&value| value);
        assert_eq!(grouped.get(2), ['a', 'b']);
        assert_eq!(Grouped::<u8>::new(0, []).get(0), []);
    }
}
