//! The search engine against its specification: on generated policies, on the small ones of the test data, and on
//! real ones at every version of the format, those that SETools does not read included.

mod engine;
mod generated;
mod grammar;
mod questions;
mod real;
mod versions;

use avstore::Store;
use policydb::Policy;
use testkit::policies;
use testkit::random::Random;

use questions::Questions;

/// Asks the engine and the specification random questions about a policy; returns how many had an answer.
///
/// # Panics
/// When an answer differs.
fn compare(name: &str, policy: &Policy<'_>, seed: u64, about_types: usize, about_others: usize) -> usize {
    let (store, questions) = (Store::new(policy), Questions::new(policy));
    let (mut random, mut answered) = (Random::new(seed), 0);
    for _ in 0..about_types {
        let query = questions.about_types(&mut random);
        let expected = spec::search(policy, &query);
        // Not by assert_eq: an answer can be a hundred thousand lines.
        let found = engine::rules(&store, &query);
        if let Some(line) = expected.symmetric_difference(&found).next() {
            let side = if expected.contains(line) { "is missing" } else { "is wrong" };
            panic!("{name}, seed {seed}: {line:?} {side}, query {query:?}");
        }
        answered += usize::from(!expected.is_empty());
    }
    for _ in 0..about_others {
        if let Some(query) = questions.about_roles(&mut random) {
            let expected = spec::search_role_rules(policy, &query);
            assert_eq!(engine::role_rules(&store, &query), expected, "{name}, seed {seed}, query {query:?}");
            answered += usize::from(!expected.is_empty());
        }
        if let Some(query) = questions.about_ranges(&mut random) {
            let expected = spec::search_range_rules(policy, &query);
            assert_eq!(engine::range_rules(&store, &query), expected, "{name}, seed {seed}, query {query:?}");
            answered += usize::from(!expected.is_empty());
        }
    }
    answered
}

/// Calls `check` with a policy that `cargo xtask policies` builds, or says that it is not there.
fn with_policy(policy: &policies::Policy, check: impl FnOnce(&Policy<'_>)) {
    match std::fs::read(policy.path()) {
        Ok(bytes) => check(&Policy::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", policy.name))),
        Err(_) => testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() }),
    }
}
