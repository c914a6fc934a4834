//! The comparison of two policies: its effective difference against brute force by decisions, what must be no difference, and
//! causes of changes that were made on purpose.

mod brute_force;
mod constraints;
mod edited;
mod generated;
mod no_change;
mod purpose;
mod real;

use analysis::diff::Comparison;
use avstore::Store;
use policydb::Policy;

/// Calls `check` with the comparison of two policies.
fn with_comparison<R>(old: &[u8], new: &[u8], check: impl FnOnce(&Comparison<'_, '_>) -> R) -> R {
    let (old, new) = (Policy::parse(old).expect("a policy"), Policy::parse(new).expect("a policy"));
    let (old, new) = (Store::new(&old), Store::new(&new));
    check(&Comparison::of(&old, &new))
}

/// A file of the test data.
fn testdata(path: &str) -> Vec<u8> {
    let path = testkit::policies::testdata().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
