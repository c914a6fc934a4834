//! Which `range_transition` rules does the policy state? A scan of their table.

use avstore::{Rule, Store, TypeSet};
use policydb::{Level, Range};

use super::ClassSet;

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
    let matching = |transition| {
        let rule = Rule::RangeTransition(transition);
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
