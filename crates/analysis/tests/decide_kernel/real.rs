//! Random questions about the real policies, before and after booleans are changed.

use policydb::Policy;
use testkit::kernel::{Answer, Machine};
use testkit::policies::ALL;
use testkit::random::Random;

use super::rounds::{ask_about, compare};

/// States of booleans that are asked under, besides the policy's own.
const STATES: usize = 4;

/// Questions about a real policy: `cargo xtask kernel-oracle --questions` sets it.
fn n_questions() -> usize {
    let count = std::env::var("SEPOLQ_KERNEL_QUESTIONS").ok();
    count.map_or(12_000, |count| count.parse().expect("SEPOLQ_KERNEL_QUESTIONS is a number"))
}

fn real(index: usize) {
    let policy = ALL[index];
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(error) => return testkit::leave_out(&error),
    };
    let Ok(bytes) = std::fs::read(policy.path()) else {
        return testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() });
    };
    let parsed = Policy::parse(&bytes).expect("a policy");
    let mut script = Vec::new();
    let mut random = Random::new(7);
    let rounds = ask_about(&mut script, &parsed, "policy", &mut random, STATES, n_questions());
    let machine = machine.with("policy", &policy.path()).expect("a file");
    let answers = machine.ask(&script).expect("answers");
    assert_eq!(answers[0], Answer::Ok(String::new()), "{} is loaded", policy.name);
    let told = compare(policy.name, &parsed, &script, &answers, &rounds);
    for verb in ["access", "create", "relabel", "member", "context"] {
        let count = told.get(verb).copied().unwrap_or_default();
        assert!(count * 100 > n_questions(), "{}: {verb} told something {count} times only", policy.name);
    }
    println!("{}: {} questions, something told: {told:?}", policy.name, script.len());
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_default_policy() {
    real(0);
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_multi_level_policy() {
    real(1);
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_container_policy() {
    real(2);
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_corners() {
    real(3);
}
