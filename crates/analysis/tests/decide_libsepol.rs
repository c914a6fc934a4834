//! Decisions and new labels against libsepol's, on the real policies.

use analysis::context::{PartialContext, SecurityContext};
use analysis::decide::{Access, Circumstances, Decider, Labelling};
use avstore::Store;
use policydb::Policy;
use testkit::access::AccessQuestions;
use testkit::judge::Libsepol;
use testkit::policies;
use testkit::random::Random;

const QUESTIONS: usize = 25_000;

/// A context that is whole and valid; libsepol takes no other.
fn valid(decider: &Decider<'_, '_>, text: &str) -> Option<SecurityContext> {
    let context = SecurityContext::parse(decider.store(), text).ok()?;
    decider.context_rules().is_valid(&context).then_some(context)
}

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

/// A new label in the judge's form.
fn label(decider: &Decider<'_, '_>, labelling: Labelling, source: &str, target: &str, class: &str) -> String {
    let store = decider.store();
    let (Some(source), Some(target)) = (valid(decider, source), valid(decider, target)) else {
        return "invalid".to_owned();
    };
    let (source, target) = (PartialContext::from(source), PartialContext::from(target));
    let class = store.policy().class_named(class.as_bytes()).expect("a class of the policy");
    let new = decider.new_context(labelling, &source, &target, class, None);
    if !new.invalid.is_empty() || new.no_common_range {
        return "invalid".to_owned();
    }
    format!("ok {}", new.context.text(store.policy()))
}

/// Calls `check` for each real policy that there is, with a judge.
fn for_real_policies(check: impl Fn(&Libsepol, &policies::Policy, &Decider<'_, '_>)) {
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
        check(&judge, policy, &decider);
    }
}

#[test]
fn every_permission_and_what_denied_it() {
    for_real_policies(|judge, policy, decider| {
        let (maker, mut random) = (AccessQuestions::new(decider.store().policy()), Random::new(4));
        let asked: Vec<_> = (0..QUESTIONS).map(|_| maker.access(&mut random)).collect();
        let lines: Vec<String> = asked.iter().map(|(s, t, c)| format!("access {s} {t} {c}")).collect();
        let answers = judge.ask(&policy.path(), &lines).expect("answers");
        let (mut granted, mut constrained) = (0, 0);
        for (((source, target, class), line), expected) in asked.iter().zip(&lines).zip(&answers) {
            let found = decide(decider, source, target, class);
            assert_eq!(&found, expected, "{}: {line}", policy.name);
            granted += usize::from(!expected.starts_with("ok 0 ") && expected != "invalid");
            constrained += usize::from(expected.split(' ').nth(5).is_some_and(|mask| mask != "0"));
        }
        assert!(granted * 5 > QUESTIONS, "{}: only {granted} grant anything", policy.name);
        assert!(constrained > 0 || policy.name == "corners", "{}: no constraint refused", policy.name);
    });
}

#[test]
fn new_labels() {
    const VERBS: [(&str, Labelling); 3] =
        [("create", Labelling::Transition), ("relabel", Labelling::Change), ("member", Labelling::Member)];
    for_real_policies(|judge, policy, decider| {
        let (maker, mut random) = (AccessQuestions::new(decider.store().policy()), Random::new(5));
        // libsepol gives sockets the label of an object; the kernel's rule is checked in a kernel.
        let asked: Vec<_> = std::iter::repeat_with(|| maker.labelling(&mut random))
            .filter(|(_, _, class)| !class.ends_with("socket"))
            .take(QUESTIONS / 5)
            .collect();
        let lines: Vec<String> = asked
            .iter()
            .zip((0..3).cycle())
            .map(|((source, target, class), verb)| format!("{} {source} {target} {class}", VERBS[verb].0))
            .collect();
        let answers = judge.ask(&policy.path(), &lines).expect("answers");
        let mut valid = 0;
        for (((source, target, class), verb), (line, expected)) in
            asked.iter().zip((0..3).cycle()).zip(lines.iter().zip(&answers))
        {
            let found = label(decider, VERBS[verb].1, source, target, class);
            assert_eq!(&found, expected, "{}: {line}", policy.name);
            valid += usize::from(expected != "invalid");
        }
        assert!(valid * 2 > lines.len(), "{}: only {valid} labels are valid", policy.name);
    });
}

#[test]
fn changes_of_labels() {
    for_real_policies(|judge, policy, decider| {
        let store = decider.store();
        let (maker, mut random) = (AccessQuestions::new(store.policy()), Random::new(6));
        let asked: Vec<_> = (0..QUESTIONS / 5)
            .map(|_| {
                let (old, new, class) = maker.access(&mut random);
                let (process, _, _) = maker.access(&mut random);
                (old, new, class, process)
            })
            .collect();
        let lines: Vec<String> = asked
            .iter()
            .map(|(old, new, class, process)| format!("validate {old} {new} {class} {process}"))
            .collect();
        let answers = judge.ask(&policy.path(), &lines).expect("answers");
        let mut denied = 0;
        for (((old, new, class, process), line), expected) in asked.iter().zip(&lines).zip(&answers) {
            let contexts = [old, new, process].map(|text| valid(decider, text));
            let found = match contexts {
                [Some(old), Some(new), Some(process)] => {
                    let class = store.policy().class_named(class.as_bytes()).expect("a class of the policy");
                    let refused = !decider.validate_transition(&old, &new, &process, class).is_empty();
                    if refused { "ok denied" } else { "ok granted" }
                }
                _ => "invalid",
            };
            assert_eq!(found, expected, "{}: {line}", policy.name);
            denied += usize::from(expected == "ok denied");
        }
        assert!(denied > 0 || policy.name != "mls", "the MLS policy refuses some changes");
    });
}
