//! The criteria for `range_transition` rules, and ranges as people type them.
//! Source: `mlsrulequery.py`, and `Level` and `Range` in `mls.pxi`.

use analysis::context::{CategorySet, MlsLevel, MlsRange};
use analysis::query::RangeCriteria;
use avstore::Store;
use policydb::Policy;

use super::options::{Id, Question};
use super::type_rules::{classes, rule_side};

/// Resolves the criteria in the order in which SETools does.
pub(super) fn resolve(question: &Question, store: &Store<'_>) -> Result<RangeCriteria, String> {
    let side = |name: &Option<String>, regex, direct| {
        rule_side(store, name.as_deref(), question.has(regex), question.has(direct))
    };
    let target = side(&question.target, Id::TargetRegex, Id::TargetDirect)?;
    let source = side(&question.source, Id::SourceRegex, Id::SourceDirect)?;
    let range = question.default.as_deref().map(|text| range(store.policy(), text)).transpose()?;
    Ok(RangeCriteria { source, target, classes: classes(store, question)?, range })
}

/// Reads `s0:c0,c2 - s2:c0.c4`.
fn range(policy: &Policy<'_>, text: &str) -> Result<MlsRange, String> {
    if !policy.header().mls {
        // COMPAT(setools): the error has no text.
        return Err(String::new());
    }
    let mut levels = text.split('-').map(str::trim);
    let mut next = || levels.next().map(|text| level(policy, text));
    let invalid = |why: String| format!("{text} is not a valid range ({why}).");
    let low = next().unwrap_or(Err(String::new())).map_err(invalid)?;
    let high = next().transpose().map_err(invalid)?.unwrap_or_else(|| low.clone());
    if high.dominates(&low) {
        return Ok(MlsRange { low, high });
    }
    let shown = |level: &MlsLevel| level_text(policy, level);
    Err(format!("{text} is not a valid range ({} is not dominated by {})", shown(&low), shown(&high)))
}

fn level(policy: &Policy<'_>, text: &str) -> Result<MlsLevel, String> {
    let invalid = |why: String| format!("{text} is not a valid level ({why})");
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    let sensitivity = policy
        .sensitivity_named(name.as_bytes())
        .ok_or_else(|| invalid(format!("{name} is not a valid sensitivity")))?;
    let mut categories = CategorySet::default();
    for group in parts.next().into_iter().flat_map(|groups| groups.split(',')) {
        let ends: Vec<Option<u32>> =
            group.split('.').map(|name| policy.category_named(name.as_bytes())).collect();
        match ends.as_slice() {
            [Some(one)] => categories.insert_run(*one, *one),
            [Some(first), Some(last)] => {
                // COMPAT(setools): a reversed range is its two ends.
                categories.insert_run(*first, *first);
                categories.insert_run(*last, *last);
                if first < last {
                    categories.insert_run(*first, *last);
                }
            }
            [None] => return Err(invalid(format!("{group} is not a valid category"))),
            [_, _] => return Err(invalid(format!("{group} is not a valid category range"))),
            _ => return Err(invalid("level parsing error".to_owned())),
        }
    }
    if !may_have(policy, sensitivity, &categories) {
        return Err(invalid("one or more categories are not associated with the sensitivity".to_owned()));
    }
    Ok(MlsLevel { sensitivity, categories })
}

/// Whether a sensitivity may have all of these categories.
fn may_have(policy: &Policy<'_>, sensitivity: u32, categories: &CategorySet) -> bool {
    let Some((_, sensitivities)) = policy.sensitivities() else { return false };
    let declared =
        sensitivities.iter().find(|record| !record.is_alias && record.level.sensitivity == sensitivity);
    // COMPAT(setools): a category that has an alias is never taken to be associated.
    let has_alias = |value: u32| {
        let records = policy.categories().map(|(_, records)| records.iter());
        records.into_iter().flatten().any(|category| category.is_alias && category.value == value)
    };
    declared.is_some_and(|record| {
        let has = |value: u32| record.level.categories.contains((value as usize).saturating_sub(1));
        categories.values().all(|value| has(value) && !has_alias(value))
    })
}

/// A level as SETools prints it.
fn level_text(policy: &Policy<'_>, level: &MlsLevel) -> String {
    let name = |value: u32| policy.category_name(value).map(|name| name.to_string()).unwrap_or_default();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in level.categories.values() {
        match runs.last_mut() {
            Some(last) if last.1.checked_add(1) == Some(value) => last.1 = value,
            _ => runs.push((value, value)),
        }
    }
    let run = |(first, last): (u32, u32)| {
        if first == last { name(first) } else { format!("{}.{}", name(first), name(last)) }
    };
    let categories: Vec<String> = runs.into_iter().map(run).collect();
    let sensitivity =
        policy.sensitivity_name(level.sensitivity).map(|name| name.to_string()).unwrap_or_default();
    if categories.is_empty() { sensitivity } else { format!("{sensitivity}:{}", categories.join(",")) }
}
