//! The program beside a running kernel: without `-P` it maps `/sys/fs/selinux/policy` and finds the booleans as they
//! are.
//!
//! The kernel writes its policy in another order than it was loaded in, so that equal answers also say that no answer
//! depends on the order. `cargo xtask kernel-oracle` runs this; how a kernel is asked is told in `testkit::kernel`.

mod common;

use common::sepolq;
use testkit::kernel::{Answer, Machine};
use testkit::policies::ALL;

/// A boolean that is off in the policy, and the question whose answer depends on it.
const BOOLEAN: &str = "httpd_can_network_connect";
const DEPENDS: &[&str] = &["allow", "-s", "httpd_t", "-c", "tcp_socket", "--enabled"];

/// Questions, as the words of a command line.
const QUESTIONS: &[&[&str]] = &[
    DEPENDS,
    &["allow", "-s", "init_t", "-t", "etc_t"],
    &["allow", "-s", "httpd_t"],
    &["type_transition", "-s", "init_t"],
    &["can", "system_u:system_r:httpd_t:s0", "system_u:object_r:etc_t:s0", "file", "read,write"],
    &["can", "httpd_t", "httpd_t", "tcp_socket", "name_connect"],
    &["who-can", "etc_t", "file", "write"],
    &["new-label", "system_u:system_r:init_t:s0", "system_u:object_r:httpd_exec_t:s0", "process"],
    &["context", "system_u:system_r:httpd_t:s0"],
];

/// What the program prints here about the policy's file.
fn printed_here(policy: &str, words: &[&str], more: &[&str]) -> (Option<i32>, String) {
    let (verb, rest) = words.split_first().expect("a verb");
    let output =
        sepolq().arg(verb).args(["-P", policy]).args(more).args(rest).output().expect("the program runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Exit code and standard output of a program in the machine.
fn printed_there(answer: &Answer) -> (Option<i32>, String) {
    let text = answer.ok().unwrap_or_else(|| panic!("the program did not run: {answer:?}"));
    let fields: Vec<&str> = text.split('\t').collect();
    let [code, output, errors] = fields[..] else { panic!("not three fields: {text}") };
    assert!(!errors.contains("error:"), "{errors}");
    (code.parse().ok(), output.to_owned())
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_kernels_own_policy_gives_the_same_answers() {
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(error) => return testkit::leave_out(&error),
    };
    let policy = ALL[0].path();
    if !policy.is_file() {
        return testkit::leave_out(&testkit::Error::NoPolicy { path: policy });
    }
    let machine = machine
        .with("policy", &policy)
        .and_then(|machine| machine.with_program("sepolq", env!("CARGO_BIN_EXE_sepolq").as_ref()))
        .expect("the files are there");
    let run = |words: &&[&str]| format!("run /in/sepolq {}", words.join(" "));
    let mut script = vec!["load /in/policy".to_owned()];
    script.extend(QUESTIONS.iter().map(run));
    script.push(format!("set booleans/{BOOLEAN} 1"));
    script.push("set commit_pending_bools 1".to_owned());
    let flipped = script.len();
    script.extend(QUESTIONS.iter().map(run));
    let held = script.len();
    script.extend(["hold".to_owned(), run(&DEPENDS), "release".to_owned()]);
    script.push("map /in/sepolq httpd_t+etc_t+file+read can --batch -".to_owned());
    let answers = machine.ask(&script).expect("answers");
    assert_eq!(answers[0], Answer::Ok(String::new()), "the policy is loaded");
    assert_eq!(answers[flipped - 1], Answer::Ok(String::new()), "the boolean is flipped");

    let policy = policy.to_string_lossy();
    let switch = format!("--bool={BOOLEAN}=on");
    for (first, more) in [(1, &[][..]), (flipped, &[&*switch])] {
        for (words, answer) in QUESTIONS.iter().zip(&answers[first..]) {
            // Only some commands have the option; of the others' answers here, none depends on the boolean.
            let more = if ["allow", "can"].contains(&words[0]) { more } else { &[] };
            assert_eq!(printed_here(&policy, words, more), printed_there(answer), "{words:?} {more:?}");
        }
    }
    assert_ne!(printed_there(&answers[1]), printed_there(&answers[flipped]), "the boolean matters");
    assert_eq!(answers[held], Answer::Ok(String::new()), "somebody else has opened the policy");
    assert_eq!(printed_there(&answers[held + 1]), printed_there(&answers[flipped]), "while it is held");
    let map = answers[held + 3].ok().expect("a memory map");
    assert!(map.contains(" r--p "), "the policy is mapped, private and for reading: `{map}`");
}
