//! Levels and ranges of multi-level and multi-category security, by value, read from text and compared.
//!
//! Source: `mls_context_to_sid`, `mls_sid_to_context` and `mls_level_dom` in the kernel's `ss/mls.c` and
//! `ss/mls_types.h`. Comparisons cost O(categories / 64).

use policydb::{Ebitmap, Level, Policy, Range};

use crate::lookup::shown;

/// A set of categories; bit 0 is the category of value 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CategorySet {
    /// INVARIANT: the last word is not 0, so that equal sets are equal words.
    words: Vec<u64>,
}

impl CategorySet {
    /// The set of a bitmap.
    pub fn of(bitmap: Ebitmap<'_>) -> Self {
        let mut set = CategorySet::default();
        for (index, bits) in bitmap.words() {
            set.words.resize(index, 0);
            set.words.push(bits);
        }
        set
    }

    /// Adds the categories from one value to another, both included. O(last / 64).
    pub fn insert_run(&mut self, first: u32, last: u32) {
        let (first, last) = (first.saturating_sub(1), last.saturating_sub(1));
        let (first_word, last_word) = ((first / 64) as usize, (last / 64) as usize);
        if self.words.len() <= last_word {
            self.words.resize(last_word.saturating_add(1), 0);
        }
        for (index, word) in
            self.words.iter_mut().enumerate().take(last_word.saturating_add(1)).skip(first_word)
        {
            let from = if index == first_word { u64::MAX << (first % 64) } else { u64::MAX };
            let to = if index == last_word { u64::MAX >> (63 - last % 64) } else { u64::MAX };
            *word |= from & to;
        }
    }

    /// Whether all of `other` are in this set.
    #[inline]
    pub fn contains_all(&self, other: &CategorySet) -> bool {
        self.words.len() >= other.words.len() && self.words.iter().zip(&other.words).all(|(a, b)| b & !a == 0)
    }

    /// Whether a category, by value, is in the set.
    pub fn contains(&self, value: u32) -> bool {
        let bit = value.wrapping_sub(1);
        self.words.get((bit / 64) as usize).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The values of the categories, ascending.
    pub fn values(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.words).flat_map(|(index, &word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| index.saturating_mul(64) + bit + 1)
        })
    }

    /// What is in both sets.
    pub fn intersection(&self, other: &CategorySet) -> CategorySet {
        self.combined(other, |a, b| a & b)
    }

    /// What is in one of the sets.
    pub fn union(&self, other: &CategorySet) -> CategorySet {
        self.combined(other, |a, b| a | b)
    }

    /// What is in this set and not in the other.
    pub fn difference(&self, other: &CategorySet) -> CategorySet {
        self.combined(other, |a, b| a & !b)
    }

    fn combined(&self, other: &CategorySet, combine: impl Fn(u64, u64) -> u64) -> CategorySet {
        let n_words = self.words.len().max(other.words.len());
        let word = |set: &CategorySet, index| set.words.get(index).copied().unwrap_or(0);
        let mut words: Vec<u64> =
            (0..n_words).map(|index| combine(word(self, index), word(other, index))).collect();
        while words.last() == Some(&0) {
            words.pop();
        }
        CategorySet { words }
    }
}

/// A sensitivity and categories.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MlsLevel {
    /// Value of the sensitivity, from 1.
    pub sensitivity: u32,
    /// The categories.
    pub categories: CategorySet,
}

impl MlsLevel {
    /// A level as it stands in the policy.
    pub fn of(level: Level<'_>) -> Self {
        MlsLevel { sensitivity: level.sensitivity, categories: CategorySet::of(level.categories) }
    }

    /// Whether this level dominates another: its sensitivity is at least as high, and it has all categories.
    #[inline]
    pub fn dominates(&self, other: &MlsLevel) -> bool {
        self.sensitivity >= other.sensitivity && self.categories.contains_all(&other.categories)
    }

    /// Reads a level such as `s0:c1,c5.c9`.
    fn parse(policy: &Policy<'_>, text: &str) -> Result<Self, String> {
        let (name, groups) = match text.split_once(':') {
            Some((name, groups)) => (name, Some(groups)),
            None => (text, None),
        };
        let sensitivity = policy
            .sensitivity_named(name.as_bytes())
            .ok_or_else(|| format!("the policy has no sensitivity `{}`", shown(name)))?;
        let category = |name: &str| {
            policy
                .category_named(name.as_bytes())
                .ok_or_else(|| format!("the policy has no category `{}`", shown(name)))
        };
        let mut categories = CategorySet::default();
        for group in groups.into_iter().flat_map(|groups| groups.split(',')) {
            let (first, last) = match group.split_once('.') {
                Some((first, last)) => (category(first)?, category(last)?),
                None => (category(group)?, category(group)?),
            };
            // The kernel refuses equal ends, too: `c1.c1` is no range.
            if first > last || (first == last && group.contains('.')) {
                return Err(format!("the categories of `{}` are in the wrong order", shown(group)));
            }
            categories.insert_run(first, last);
        }
        Ok(MlsLevel { sensitivity, categories })
    }

    /// The level as the kernel writes it, with the names of `policy`.
    pub fn text(&self, policy: &Policy<'_>) -> String {
        let mut text = match policy.sensitivity_name(self.sensitivity) {
            Some(name) => name.to_string(),
            None => format!("<unnamed-{}>", self.sensitivity),
        };
        if !self.categories.is_empty() {
            text.push(':');
            text.push_str(&categories_text(policy, &self.categories));
        }
        text
    }
}

/// Categories as the kernel writes them: `c0,c1` for two neighbours, `c0.c2` for more.
pub fn categories_text(policy: &Policy<'_>, categories: &CategorySet) -> String {
    let mut text = String::new();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in categories.values() {
        match runs.last_mut() {
            Some(last) if last.1 + 1 == value => last.1 = value,
            _ => runs.push((value, value)),
        }
    }
    let name = |value| match policy.category_name(value) {
        Some(name) => name.to_string(),
        None => format!("<unnamed-{value}>"),
    };
    for (first, last) in runs {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&name(first));
        if last > first {
            text.push(if last > first + 1 { '.' } else { ',' });
            text.push_str(&name(last));
        }
    }
    text
}

/// A low and a high level. The high one dominates the low one in every valid context.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MlsRange {
    /// The low level: of a process, what it works at.
    pub low: MlsLevel,
    /// The high level: of a process, its clearance.
    pub high: MlsLevel,
}

/// A range that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{range}` is no range of this policy: {reason}\nhelp: a range is a level, or two: s0, s0:c1,c5.c9, s0 - s0:c0.c1023"
)]
pub struct RangeError {
    /// The range as given, cut off where no honest one reaches.
    pub range: String,
    /// What is wrong with it.
    pub reason: String,
}

impl MlsRange {
    /// A range as it stands in the policy.
    pub fn of(range: Range<'_>) -> Self {
        let low = MlsLevel::of(range.low);
        let high = range.high.map_or_else(|| low.clone(), MlsLevel::of);
        MlsRange { low, high }
    }

    /// The range of one level.
    pub fn single(level: MlsLevel) -> Self {
        MlsRange { low: level.clone(), high: level }
    }

    /// Reads a range such as `s0:c1-s0:c0.c1023`; aliases are accepted. Whether the high level dominates the low
    /// one is a question of validity, not asked here.
    ///
    /// # Errors
    /// A name that the policy does not have, categories in the wrong order, a policy without levels.
    pub fn parse(policy: &Policy<'_>, text: &str) -> Result<Self, RangeError> {
        let invalid = |reason| RangeError { range: shown(text), reason };
        if !policy.header().mls {
            return Err(invalid("the policy has no levels".to_owned()));
        }
        let (low, high) = match text.split_once('-') {
            Some((low, high)) => (low, Some(high)),
            None => (text, None),
        };
        let low = MlsLevel::parse(policy, low).map_err(invalid)?;
        match high {
            None => Ok(MlsRange::single(low)),
            Some(high) => Ok(MlsRange { low, high: MlsLevel::parse(policy, high).map_err(invalid)? }),
        }
    }

    /// Whether another range lies within this one.
    pub fn contains(&self, other: &MlsRange) -> bool {
        other.low.dominates(&self.low) && self.high.dominates(&other.high)
    }

    /// The range as the kernel writes it, with the names of `policy`.
    pub fn text(&self, policy: &Policy<'_>) -> String {
        let low = self.low.text(policy);
        if self.low == self.high { low } else { format!("{low}-{}", self.high.text(policy)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(runs: &[(u32, u32)]) -> CategorySet {
        let mut set = CategorySet::default();
        runs.iter().for_each(|&(first, last)| set.insert_run(first, last));
        set
    }

    #[test]
    fn runs_fill_words() {
        let all: Vec<u32> = set(&[(1, 1), (63, 66), (128, 129)]).values().collect();
        assert_eq!(all, [1, 63, 64, 65, 66, 128, 129]);
        assert_eq!(set(&[(1, 200)]).values().count(), 200);
        assert!(set(&[(64, 64)]).contains(64) && !set(&[(64, 64)]).contains(65));
    }

    #[test]
    fn sets_compare_whatever_their_length() {
        let (small, large) = (set(&[(1, 2)]), set(&[(1, 2), (200, 200)]));
        assert!(large.contains_all(&small) && !small.contains_all(&large));
        assert_eq!(large.intersection(&small), small, "no word is left over");
        assert_eq!(large.difference(&small), set(&[(200, 200)]));
        assert_eq!(small.union(&large), large);
        assert!(small.contains_all(&CategorySet::default()));
    }

    #[test]
    fn domination_needs_sensitivity_and_categories() {
        let level = |sensitivity, runs| MlsLevel { sensitivity, categories: set(runs) };
        assert!(level(2, &[(1, 3)]).dominates(&level(1, &[(2, 2)])));
        assert!(!level(1, &[(1, 3)]).dominates(&level(2, &[])));
        assert!(!level(9, &[(1, 3)]).dominates(&level(1, &[(4, 4)])));
    }
}
