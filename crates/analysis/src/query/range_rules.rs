//! Which `range_transition` rules does the policy state? A scan of their table.

use avstore::{Rule, Store, TypeSet};
use policydb::{Level, Policy, Range, RangeTransition};

use super::ClassSet;
use crate::lookup::shown;

/// A sensitivity and categories, by value, as a question names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedLevel {
    /// Value of the sensitivity, from 1.
    pub sensitivity: u32,
    /// Values of the categories, from 1, ascending, none twice.
    pub categories: Vec<u32>,
}

impl AskedLevel {
    /// Whether a level of the policy is this one.
    pub fn is(&self, level: Level<'_>) -> bool {
        let categories = level.categories.bits().map(|bit| bit.saturating_add(1));
        level.sensitivity == self.sensitivity && categories.eq(self.categories.iter().copied())
    }

    /// Whether this level dominates another.
    pub fn dominates(&self, other: &AskedLevel) -> bool {
        self.sensitivity >= other.sensitivity
            && other.categories.iter().all(|category| self.categories.binary_search(category).is_ok())
    }
}

/// A range that a policy does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{range}` is no range of this policy: {reason}\nhelp: a range is a level, or two: s0, s0:c1,c5.c9, s0 - s0:c0.c1023",
    range = shown(.range),
    reason = shown(.reason)
)]
pub struct RangeError {
    /// The range as given.
    pub range: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a range such as `s0:c1 - s0:c0.c1023`; aliases are accepted.
///
/// # Errors
/// A name that the policy does not have, categories in the wrong order, a high level that does not dominate
/// the low one.
pub fn parse_range(policy: &Policy<'_>, text: &str) -> Result<(AskedLevel, AskedLevel), RangeError> {
    let invalid = |reason| RangeError { range: text.to_owned(), reason };
    let (low, high) = match text.split_once('-') {
        Some((low, high)) => (low.trim(), high.trim()),
        None => (text.trim(), text.trim()),
    };
    let low = parse_level(policy, low).map_err(invalid)?;
    let high = parse_level(policy, high).map_err(invalid)?;
    if high.dominates(&low) {
        Ok((low, high))
    } else {
        Err(invalid("the high level does not dominate the low one".to_owned()))
    }
}

fn parse_level(policy: &Policy<'_>, text: &str) -> Result<AskedLevel, String> {
    if !policy.header().mls {
        return Err("the policy has no levels".to_owned());
    }
    let (name, groups) = match text.split_once(':') {
        Some((name, groups)) => (name, Some(groups)),
        None => (text, None),
    };
    let sensitivity =
        policy.sensitivity_named(name.as_bytes()).ok_or_else(|| format!("no sensitivity `{name}`"))?;
    let category =
        |name: &str| policy.category_named(name.as_bytes()).ok_or_else(|| format!("no category `{name}`"));
    let mut categories = Vec::new();
    for group in groups.into_iter().flat_map(|groups| groups.split(',')) {
        let (first, last) = match group.split_once('.') {
            Some((first, last)) => (category(first)?, category(last)?),
            None => (category(group)?, category(group)?),
        };
        if first > last {
            return Err(format!("the categories of `{group}` are in the wrong order"));
        }
        categories.extend(first..=last);
    }
    categories.sort_unstable();
    categories.dedup();
    Ok(AskedLevel { sensitivity, categories })
}

/// What is searched for. `None` means that a criterion was not given.
#[derive(Clone, Debug, Default)]
pub struct RangeCriteria {
    /// Symbols that may stand as source.
    pub source: Option<TypeSet>,
    /// Symbols that may stand as target.
    pub target: Option<TypeSet>,
    /// Classes.
    pub classes: Option<ClassSet>,
    /// The low and the high level of the new range, exactly.
    pub range: Option<(AskedLevel, AskedLevel)>,
}

/// The rules that meet the criteria, in the order of the policy.
pub fn find_range_rules<'p>(store: &Store<'p>, criteria: &RangeCriteria) -> Vec<Rule<'p>> {
    // Without levels the rules have no meaning.
    if !store.policy().header().mls {
        return Vec::new();
    }
    let is_range = |range: Range<'_>| {
        criteria
            .range
            .as_ref()
            .is_none_or(|(low, high)| low.is(range.low) && high.is(range.high.unwrap_or(range.low)))
    };
    let matching = |transition: RangeTransition<'p>| {
        let rule = Rule::RangeTransition(Box::new(transition));
        let matches = criteria.source.as_ref().is_none_or(|set| set.contains(transition.source))
            && criteria.target.as_ref().is_none_or(|set| set.contains(transition.target))
            && criteria
                .classes
                .as_ref()
                .is_none_or(|set| rule.class(store).is_some_and(|class| set.contains(class)))
            && is_range(transition.range);
        matches.then_some(rule)
    };
    store.policy().range_transitions().iter().filter_map(matching).collect()
}
