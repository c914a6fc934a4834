//! New labels where libsepol (3.4) and the kernel differ. The kernel is right, and we side with it.
//!
//! | | kernel | libsepol |
//! |---|---|---|
//! | a new object with a name | the rule for that name | cannot be asked with a name |
//! | a socket without a rule | its creator's role, type and range | those of an object |
//! | a label that is not valid | refused if enforcing, else made | refused |
//!
//! Source: `security_compute_sid` in the kernel's and in libsepol's `services.c`.

use analysis::context::PartialContext;
use analysis::decide::{Circumstances, Decider, Labelling};
use avstore::Store;
use policydb::Policy;
use testkit::access::AccessQuestions;
use testkit::judge::Libsepol;
use testkit::kernel::{Answer, Machine, errno};
use testkit::policies::ALL;
use testkit::random::Random;

use super::questions::{expected, valid};

const QUESTIONS: usize = 3000;

/// Why libsepol's answer is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Name,
    Socket,
    Invalid,
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn where_libsepol_differs_the_kernel_is_right() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let (machine, judge) = match (Machine::find(), Libsepol::build(folder.path())) {
        (Ok(machine), Ok(judge)) => (machine, judge),
        (Err(error), _) | (_, Err(error)) => return testkit::leave_out(&error),
    };
    // The multi-level policy, whose users have roles and ranges of their own.
    let policy = ALL[1];
    let Ok(bytes) = std::fs::read(policy.path()) else {
        return testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() });
    };
    let parsed = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&parsed);
    let decider = Decider::new(&store, Circumstances::of(&store));
    let (maker, mut random) = (AccessQuestions::new(&parsed), Random::new(9));
    let all_valid =
        |question: &String| question.split(' ').skip(1).take(2).all(|text| valid(&decider, text).is_some());
    let questions: Vec<String> = std::iter::repeat_with(|| match maker.naming(&mut random) {
        Some((source, target, class, name)) if random.chance(30) => {
            let name: String = name.iter().map(|byte| format!("%{byte:02x}")).collect();
            format!("create {source} {target} {class} {name}")
        }
        _ => {
            let (source, target, class) = maker.labelling(&mut random);
            format!("create {source} {target} {class}")
        }
    })
    .filter(all_valid)
    .take(QUESTIONS)
    .collect();

    let mut script = vec!["load /in/policy".to_owned()];
    script.extend(questions.iter().cloned());
    script.push("set enforce 1".to_owned());
    script.extend(questions.iter().cloned());
    let answers = machine.with("policy", &policy.path()).expect("a file").ask(&script).expect("answers");
    let (permissive, enforcing) = (&answers[1..=QUESTIONS], &answers[QUESTIONS + 2..]);
    assert_eq!(answers[QUESTIONS + 1], Answer::Ok(String::new()), "the kernel enforces");
    let without_names: Vec<String> =
        questions.iter().map(|question| question.split(' ').take(4).collect::<Vec<_>>().join(" ")).collect();
    let others = judge.ask(&policy.path(), &without_names).expect("answers");

    let mut reasons = std::collections::BTreeMap::new();
    for (((question, permissive), enforcing), other) in
        questions.iter().zip(permissive).zip(enforcing).zip(&others)
    {
        assert_eq!(expected(&decider, question), *permissive, "{question} (left: ours, right: the kernel's)");
        let is_valid = is_valid(&decider, question);
        let when_enforcing = if is_valid { permissive.clone() } else { Answer::Error(errno::EACCES) };
        assert_eq!(when_enforcing, *enforcing, "enforcing: {question} (left: ours, right: the kernel's)");
        let same = other.strip_prefix("ok ") == permissive.ok();
        if !same {
            let why = if !is_valid && other == "invalid" {
                Why::Invalid
            } else if question.split(' ').count() == 5 {
                Why::Name
            } else {
                assert!(
                    question.ends_with("socket"),
                    "{question}: libsepol says {other}, the kernel {permissive:?}"
                );
                Why::Socket
            };
            *reasons.entry(why).or_insert(0) += 1;
        }
    }
    println!("libsepol gives other labels: {reasons:?} of {QUESTIONS}");
    assert_eq!(reasons.len(), 3, "each difference occurs: {reasons:?}");
}

/// Whether the new label is valid, so that an enforcing kernel makes it.
fn is_valid(decider: &Decider<'_, '_>, question: &str) -> bool {
    let words: Vec<&str> = question.split(' ').collect();
    let [source, target] =
        [words[1], words[2]].map(|text| PartialContext::from(valid(decider, text).expect("a valid context")));
    let class = decider.store().policy().class_named(words[3].as_bytes()).expect("a class");
    let name: Option<Vec<u8>> = words.get(4).map(|name| super::questions::decoded(name));
    decider.new_context(Labelling::Transition, &source, &target, class, name.as_deref()).invalid.is_empty()
}
