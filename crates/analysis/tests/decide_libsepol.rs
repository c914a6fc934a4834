//! Decisions against libsepol's, on the real policies: every permission, and what denied it.

use analysis::context::SecurityContext;
use analysis::decide::{Access, Circumstances, Decider};
use avstore::Store;
use policydb::Policy;
use testkit::access::AccessQuestions;
use testkit::judge::Libsepol;
use testkit::policies;
use testkit::random::Random;

const QUESTIONS: usize = 25_000;

/// Our answer in the judge's form.
fn decide(decider: &Decider<'_, '_>, source: &str, target: &str, class: &str) -> String {
    let store = decider.store();
    let context = |text| {
        let context = SecurityContext::parse(store, text).ok()?;
        decider.context_rules().is_valid(&context).then_some(context)
    };
    let (Some(source), Some(target)) = (context(source), context(target)) else {
        return "invalid".to_owned();
    };
    let class = store.policy().class_named(class.as_bytes()).expect("a class of the policy");
    let decision = decider.decide(&Access { source: &source, target: &target, class });
    assert_eq!(decision.allowed, decision.possible, "whole contexts leave nothing open");
    let defined = store.permissions(class).iter().fold(0u32, |bits, permission| bits | 1 << permission.bit);
    format!(
        "ok {:x} {:x} {:x} {:x} {:x} {:x} {:x}",
        decision.allowed,
        decision.auditallow,
        decision.auditdeny,
        !decision.by_rules & defined,
        decision.by_rules & !decision.after_constraints & defined,
        decision.after_constraints & !decision.after_roles & defined,
        decision.after_roles & !decision.allowed & defined,
    )
}

#[test]
fn every_permission_and_what_denied_it() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let judge = match Libsepol::build(folder.path()) {
        Ok(judge) => judge,
        Err(error) => return testkit::leave_out(&error),
    };
    for policy in policies::ALL {
        let path = policy.path();
        let Ok(bytes) = std::fs::read(&path) else {
            testkit::leave_out(&testkit::Error::NoPolicy { path });
            continue;
        };
        let parsed = Policy::parse(&bytes).expect("a policy");
        let store = Store::new(&parsed);
        let decider = Decider::new(&store, Circumstances::of(&store));
        decider.prepare();
        let (maker, mut random) = (AccessQuestions::new(&parsed), Random::new(4));
        let asked: Vec<_> = (0..QUESTIONS).map(|_| maker.access(&mut random)).collect();
        let lines: Vec<String> = asked.iter().map(|(s, t, c)| format!("access {s} {t} {c}")).collect();
        let answers = judge.ask(&path, &lines).expect("answers");
        let (mut granted, mut constrained) = (0, 0);
        for (((source, target, class), line), expected) in asked.iter().zip(&lines).zip(&answers) {
            let found = decide(&decider, source, target, class);
            assert_eq!(&found, expected, "{}: {line}", policy.name);
            granted += usize::from(!expected.starts_with("ok 0 ") && expected != "invalid");
            constrained += usize::from(expected.split(' ').nth(5).is_some_and(|mask| mask != "0"));
        }
        assert!(granted * 5 > QUESTIONS, "{}: only {granted} grant anything", policy.name);
        assert!(constrained > 0 || policy.name == "corners", "{}: no constraint refused", policy.name);
    }
}
