//! Real policies: random pairs of types against decisions, versions of one build, and the figures that causes add up to.

use analysis::diff::{Comparison, Symbol, Which};
use testkit::policies::{NAMELESS, OLDER, REAL};
use testkit::random::Random;

use super::brute_force::{Judges, check, check_causes, check_effects};
use super::with_comparison;

const QUESTIONS: usize = 4000;

fn policy(name: &str) -> Option<Vec<u8>> {
    let policy = REAL.iter().chain(OLDER).chain(NAMELESS).find(|policy| policy.name == name)?;
    match std::fs::read(policy.path()) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            testkit::leave_out(&testkit::Error::Reference(format!("{}: {error}", policy.path().display())));
            None
        }
    }
}

fn pair(old: &str, new: &str, check: impl FnOnce(&Comparison<'_, '_>)) {
    if let (Some(old), Some(new)) = (policy(old), policy(new)) {
        with_comparison(&old, &new, check);
    }
}

/// Random pairs, of which half are those of changes, so that both answers are asked about.
fn ask(comparison: &Comparison<'_, '_>, seed: u64) {
    let matching = &comparison.matching;
    let mut random = Random::new(seed);
    let types: Vec<Symbol> = matching.types().collect();
    let state = |number: u32| number.is_multiple_of(3);
    let judges = Judges::new(matching, &|_, number| state(number));
    let defaults =
        Judges::new(matching, &|which, number| matching.boolean_state(which, number).unwrap_or_default());
    for question in 0..QUESTIONS {
        let mut pair = (types[random.below(types.len())], types[random.below(types.len())]);
        let mut class = u32::try_from(random.below(matching.n_classes() as usize)).expect("few");
        if question % 2 == 0 && !comparison.effective.changes.is_empty() {
            let change = &comparison.effective.changes[random.below(comparison.effective.changes.len())];
            (pair, class) = ((change.source, change.target), change.class);
        }
        check(comparison, &judges, &state, pair, class);
        check_effects(comparison, &defaults, pair, class);
    }
    check_causes(comparison);
}

#[test]
fn sampled_pairs_of_types_differ_as_decisions_do() {
    pair("default", "container", |comparison| {
        assert!(comparison.effective.changes.len() > 100_000);
        ask(comparison, 1);
    });
    pair("container", "default", |comparison| ask(comparison, 2));
    pair("default", "mls", |comparison| ask(comparison, 3));
    pair("mls", "container", |comparison| ask(comparison, 4));
}

#[test]
fn each_older_version_of_a_build_is_equal() {
    for older in OLDER.iter().chain(NAMELESS) {
        pair(older.name, "container", |comparison| {
            assert!(comparison.is_same(), "{}: {:?}", older.name, comparison.components);
            assert!(comparison.left_out.as_ref().is_none_or(|(which, _)| *which == Which::Old));
        });
    }
}
