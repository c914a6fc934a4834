//! Which `range_transition` rules does the policy state?

use std::collections::BTreeSet;

use policydb::{Level, Policy, Range};

use crate::names::{class_or_process, type_name};
use crate::sides::{Side, Types};

/// What is asked for. Empty lists and `None` ask for nothing in particular.
#[derive(Clone, Debug, Default)]
pub struct RangeQuery {
    /// The source.
    pub source: Option<Side>,
    /// The target.
    pub target: Option<Side>,
    /// Classes.
    pub classes: Vec<String>,
    /// The low and the high level, exactly.
    pub range: Option<(AskedLevel, AskedLevel)>,
}

/// The names of a sensitivity and of categories, none of them an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedLevel {
    /// The sensitivity.
    pub sensitivity: String,
    /// All its categories, one by one.
    pub categories: BTreeSet<String>,
}

/// The statements that answer a query. A name that is no type matches nothing; without levels there are no rules.
pub fn search_range_rules(policy: &Policy<'_>, query: &RangeQuery) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let types = Types::of(policy);
    let side = |side: &Option<Side>| side.as_ref().map(|side| types.answering(side));
    let (sources, targets) = (side(&query.source), side(&query.target));
    for rule in policy.range_transitions().iter().filter(|_| policy.header().mls) {
        let class = class_or_process(policy, rule.class);
        let levels = levels(policy, rule.range);
        let matches = sources.as_ref().is_none_or(|sources| sources.contains(&rule.source))
            && targets.as_ref().is_none_or(|targets| targets.contains(&rule.target))
            && (query.classes.is_empty() || query.classes.contains(&class))
            && query.range.as_ref().is_none_or(|asked| *asked == levels);
        if matches {
            let (source, target) = (type_name(policy, rule.source), type_name(policy, rule.target));
            let range = range_text(policy, rule.range);
            found.insert(format!("range_transition {source} {target}:{class} {range};"));
        }
    }
    found
}

/// The low and the high level of a range in names.
pub fn levels(policy: &Policy<'_>, range: Range<'_>) -> (AskedLevel, AskedLevel) {
    (names(policy, range.low), names(policy, range.high.unwrap_or(range.low)))
}

fn names(policy: &Policy<'_>, level: Level<'_>) -> AskedLevel {
    let sensitivity = policy.sensitivity_name(level.sensitivity).expect("levels have sensitivities");
    let categories = level.categories.bits().map(|bit| category_name(policy, bit)).collect();
    AskedLevel { sensitivity: sensitivity.to_string(), categories }
}

fn category_name(policy: &Policy<'_>, bit: u32) -> String {
    policy.category_name(bit + 1).expect("levels have categories of the policy").to_string()
}

fn range_text(policy: &Policy<'_>, range: Range<'_>) -> String {
    let (low, high) = (range.low, range.high.unwrap_or(range.low));
    let (low, high) = (level_text(policy, low), level_text(policy, high));
    if low == high { low } else { format!("{low} - {high}") }
}

/// The sensitivity, and each run of neighbouring categories by its ends.
fn level_text(policy: &Policy<'_>, level: Level<'_>) -> String {
    let bits: BTreeSet<u32> = level.categories.bits().collect();
    let mut groups = Vec::new();
    for &first in bits.iter().filter(|bit| **bit == 0 || !bits.contains(&(**bit - 1))) {
        let last = (first..).take_while(|bit| bits.contains(bit)).last().expect("the first at least");
        let (first, last) = (category_name(policy, first), category_name(policy, last));
        groups.push(if first == last { first } else { format!("{first}.{last}") });
    }
    let sensitivity = names(policy, level).sensitivity;
    if groups.is_empty() { sensitivity } else { format!("{sensitivity}:{}", groups.join(",")) }
}
