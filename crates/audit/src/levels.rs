//! How the levels of two contexts compare: all that a constraint can see of them.
//!
//! Every container gets categories of its own, so records of one cause have thousands of different levels. A
//! constraint compares only l1 with l2, l1 with h2, h1 with l2, h1 with h2, l1 with h1 and l2 with h2 (`eq`, `dom`,
//! `domby`, `incomp`; libsepol `services.c`). Two records for which these six agree are the same question.

use std::cmp::Ordering;

/// How one level compares with another: the sensitivities and the sets of categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// They are equal.
    Equal,
    /// The first dominates the second.
    Dominates,
    /// The second dominates the first.
    Dominated,
    /// Neither dominates the other.
    Incomparable,
}

/// How the levels of a source and a target compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelRelation {
    /// At least one context has no level (a policy without MLS), or a level has a name of its own: only equal texts are
    /// the same.
    Text,
    /// Both were compared.
    Compared {
        /// Low level of the source with low level of the target.
        low_low: Comparison,
        /// Low level of the source with high level of the target.
        low_high: Comparison,
        /// High level of the source with low level of the target.
        high_low: Comparison,
        /// High level of the source with high level of the target.
        high_high: Comparison,
        /// Low level of the source with its high one.
        source: Comparison,
        /// Low level of the target with its high one.
        target: Comparison,
        /// The source's high level has no categories: what is not a container's.
        source_is_plain: bool,
        /// The target's high level has no categories, as after a relabelling for all containers.
        target_is_plain: bool,
    },
}

impl LevelRelation {
    /// Compares the level parts of two contexts (`s0-s0:c0.c1023`). O(categories as written).
    pub(crate) fn of(source: &[u8], target: &[u8]) -> Self {
        match (Range::parse(source), Range::parse(target)) {
            (Some(source), Some(target)) => LevelRelation::Compared {
                low_low: source.low.compare(&target.low),
                low_high: source.low.compare(target.high()),
                high_low: source.high().compare(&target.low),
                high_high: source.high().compare(target.high()),
                source: source.low.compare(source.high()),
                target: target.low.compare(target.high()),
                source_is_plain: source.high().categories.is_empty(),
                target_is_plain: target.high().categories.is_empty(),
            },
            _ => LevelRelation::Text,
        }
    }
}

/// Splits a context into user, role and type, and its level: what follows the third colon.
pub(crate) fn split_context(context: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr_iter(b':', context).nth(2).and_then(|at| context.split_at_checked(at)) {
        Some((identity, level)) => (identity, level.get(1..).unwrap_or_default()),
        None => (context, b""),
    }
}

struct Range {
    low: Level,
    /// None where it is the low one.
    high: Option<Level>,
}

impl Range {
    fn parse(text: &[u8]) -> Option<Self> {
        match memchr::memchr(b'-', text).and_then(|at| text.split_at_checked(at)) {
            Some((low, high)) => {
                Some(Range { low: Level::parse(low)?, high: Some(Level::parse(high.get(1..)?)?) })
            }
            None => Some(Range { low: Level::parse(text)?, high: None }),
        }
    }

    fn high(&self) -> &Level {
        self.high.as_ref().unwrap_or(&self.low)
    }
}

struct Level {
    sensitivity: u32,
    /// Runs of categories, first and last, in order and apart.
    categories: Vec<(u32, u32)>,
}

impl Level {
    /// Reads `s0:c1,c3.c5`; nothing for names that only the policy understands.
    fn parse(text: &[u8]) -> Option<Self> {
        let (sensitivity, categories) =
            match memchr::memchr(b':', text).and_then(|at| text.split_at_checked(at)) {
                Some((sensitivity, categories)) => (sensitivity, categories.get(1..)),
                None => (text, None),
            };
        let mut runs = Vec::new();
        for run in categories.into_iter().flat_map(|all| all.split(|&byte| byte == b',')) {
            let (first, last) = match memchr::memchr(b'.', run).and_then(|at| run.split_at_checked(at)) {
                Some((first, last)) => (number(first, b'c')?, number(last.get(1..)?, b'c')?),
                None => (number(run, b'c')?, number(run, b'c')?),
            };
            if first > last {
                return None;
            }
            runs.push((first, last));
        }
        Some(Level { sensitivity: number(sensitivity, b's')?, categories: merged(runs) })
    }

    fn compare(&self, other: &Level) -> Comparison {
        let sensitivity = self.sensitivity.cmp(&other.sensitivity);
        let dominates = sensitivity != Ordering::Less && covers(&self.categories, &other.categories);
        let dominated = sensitivity != Ordering::Greater && covers(&other.categories, &self.categories);
        match (dominates, dominated) {
            (true, true) => Comparison::Equal,
            (true, false) => Comparison::Dominates,
            (false, true) => Comparison::Dominated,
            (false, false) => Comparison::Incomparable,
        }
    }
}

/// A number behind its letter.
fn number(text: &[u8], letter: u8) -> Option<u32> {
    let digits = text.strip_prefix(&[letter])?;
    u32::try_from(crate::stamp::decimal(digits)?).ok()
}

/// Runs in order, those that touch joined.
fn merged(mut runs: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    runs.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(runs.len());
    for (first, last) in runs {
        match merged.last_mut() {
            Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// True if every category of the second set is in the first.
fn covers(all: &[(u32, u32)], some: &[(u32, u32)]) -> bool {
    let mut rest = all.iter().peekable();
    some.iter().all(|&(first, last)| {
        while rest.next_if(|run| run.1 < first).is_some() {}
        rest.peek().is_some_and(|run| run.0 <= first && last <= run.1)
    })
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Level, LevelRelation, split_context};

    #[test]
    fn levels_are_compared() {
        let cases = [
            ("s0", "s0", Comparison::Equal),
            ("s0:c1,c2", "s0", Comparison::Dominates),
            ("s0:c1,c2", "s0:c2.c3", Comparison::Incomparable),
            ("s0:c0.c1023", "s0:c5,c7", Comparison::Dominates),
            ("s0:c1", "s1:c1", Comparison::Dominated),
            ("s1", "s0:c1", Comparison::Incomparable),
            ("s0:c1,c2,c3", "s0:c1.c3", Comparison::Equal),
            ("s0:c3,c1.c2,c2", "s0:c1.c3", Comparison::Equal),
        ];
        for (one, other, expected) in cases {
            let parse = |text: &str| Level::parse(text.as_bytes()).unwrap();
            assert_eq!(parse(one).compare(&parse(other)), expected, "{one} {other}");
        }
        for bad in ["", "SystemLow", "s", "s0:", "s0:c", "s0:c2.c1", "s0:c1,", "s99999999999", "s0:d1"] {
            assert!(Level::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn containers_differ_in_their_levels_only() {
        let of = |source: &str, target: &str| LevelRelation::of(source.as_bytes(), target.as_bytes());
        assert_eq!(of("s0:c1,c2", "s0:c3,c4"), of("s0:c700,c900", "s0:c5,c6"));
        assert_ne!(of("s0:c1,c2", "s0:c1,c2"), of("s0:c1,c2", "s0:c3,c4"));
        assert_ne!(of("s0:c1,c2", "s0"), of("s0:c1,c2", "s0:c1"));
        assert_ne!(of("s0-s0:c0.c1023", "s0"), of("s0:c0.c1023", "s0"));
        assert_eq!(of("SystemLow", "s0"), LevelRelation::Text);
        assert_eq!(of("", ""), LevelRelation::Text);
    }

    #[test]
    fn contexts_are_split_at_the_third_colon() {
        assert_eq!(split_context(b"u:r:t:s0:c1,c2"), (&b"u:r:t"[..], &b"s0:c1,c2"[..]));
        assert_eq!(split_context(b"u:r:t"), (&b"u:r:t"[..], &b""[..]));
    }
}
