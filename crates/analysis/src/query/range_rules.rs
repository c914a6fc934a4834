//! Which `range_transition` rules does the policy state? A scan of their table.

use avstore::{Rule, Store, TypeSet};
use policydb::{Policy, RangeTransition};

use super::ClassSet;
use crate::context::{MlsRange, RangeError};

/// Reads a range such as `s0:c1 - s0:c0.c1023`; aliases are accepted, and blanks around the dash.
///
/// # Errors
/// A name that the policy does not have, categories in the wrong order, a high level that does not dominate
/// the low one.
pub(super) fn parse_range(policy: &Policy<'_>, text: &str) -> Result<MlsRange, RangeError> {
    let words: Vec<&str> = text.split('-').map(str::trim).collect();
    let range = MlsRange::parse(policy, &words.join("-"))?;
    if range.high.dominates(&range.low) {
        Ok(range)
    } else {
        let reason = "the high level does not dominate the low one".to_owned();
        Err(RangeError { range: text.to_owned(), reason })
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
    pub range: Option<MlsRange>,
}

/// The rules that meet the criteria, in the order of the policy.
pub fn find_range_rules<'p>(store: &Store<'p>, criteria: &RangeCriteria) -> Vec<Rule<'p>> {
    // Without levels the rules have no meaning.
    if !store.policy().header().mls {
        return Vec::new();
    }
    let is_range = |range| criteria.range.as_ref().is_none_or(|asked| *asked == MlsRange::of(range));
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
