//! A policy compared with itself, which is no difference, and with a small honest one, both ways.

use analysis::diff::Comparison;
use avstore::Store;
use policydb::Policy;

/// The honest one.
const HONEST: &[u8] = include_bytes!("../../../testdata/policies/rich-mls.33");

/// Compares.
///
/// # Panics
/// When a policy differs from itself, or causes do not add up.
pub(crate) fn ask_differences(policy: &Policy<'_>) {
    let Ok(honest) = Policy::parse(HONEST) else { return };
    let (store, honest) = (Store::new(policy), Store::new(&honest));
    let with_itself = Comparison::of(&store, &store);
    assert!(
        with_itself.is_same() || with_itself.truncated,
        "a policy differs from itself: {:?} {:?} {:?} {:?} {:?} {:?}",
        with_itself.effective.changes.first(),
        with_itself.components.first(),
        with_itself.transitions.first(),
        with_itself.xperms.first(),
        with_itself.roles.first(),
        with_itself.constraints.first()
    );
    check(&Comparison::of(&store, &honest));
    check(&Comparison::of(&honest, &store));
}

fn check(comparison: &Comparison<'_, '_>) {
    let totals = comparison.totals();
    let causes = comparison.by_cause();
    assert_eq!(causes.iter().map(|cause| cause.permissions).sum::<usize>(), totals.permissions);
    for cause in causes.iter().take(50) {
        assert!(!comparison.cause_text(cause.cause).contains(|c: char| c.is_control()));
        comparison.moved_rules(cause.cause, 5);
    }
    let findings = comparison.findings();
    assert!(findings.is_sorted_by(|a, b| a.level >= b.level));
    for change in comparison.by_domain().iter().take(50) {
        let n_changes = comparison.changes_of(change.domain).len();
        assert!(n_changes > 0 && comparison.constraints_on(change.domain).len() < 100_000);
    }
    for change in comparison.transitions.iter().take(50) {
        comparison.transition_text(change);
    }
    comparison.xperms.iter().take(50).for_each(|change| assert!(!comparison.xperm_text(change).is_empty()));
    comparison.constraint_texts();
}
