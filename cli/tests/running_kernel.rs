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

/// What is tried in enforcing mode: the domain, the label of a directory that it may look into, the label of the file, the deed; and
/// a cause that the explanation must name.
const DEEDS: &[[&str; 5]] = &[
    [
        "system_u:system_r:container_t:s0:c1,c2",
        "system_u:object_r:container_file_t:s0:c1,c2",
        "system_u:object_r:shadow_t:s0",
        "read",
        "no_rule",
    ],
    [
        "system_u:system_r:container_t:s0:c1,c2",
        "system_u:object_r:container_file_t:s0:c1,c2",
        "system_u:object_r:container_file_t:s0:c3,c4",
        "write",
        "constraint",
    ],
    [
        "system_u:system_r:httpd_t:s0",
        "system_u:object_r:httpd_sys_content_t:s0",
        "system_u:object_r:user_home_t:s0",
        "read",
        "boolean",
    ],
];
/// The boolean of the last one.
const HOME: &str = "httpd_read_user_content";
/// A policy that has rules for ioctl commands, and what is tried under it.
const COMMANDS: [&str; 5] = [
    "system_u:system_r:confined_t",
    "system_u:object_r:allowed_t",
    "system_u:object_r:allowed_t",
    "ioctl:5402",
    "extended_permissions",
];

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn what_the_kernel_denies_is_explained() {
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(error) => return testkit::leave_out(&error),
    };
    let policy = testkit::policies::REAL[2].path();
    if !policy.is_file() {
        return testkit::leave_out(&testkit::Error::NoPolicy { path: policy });
    }
    let installed = std::fs::read(&policy).expect("the policy");
    let machine = machine
        .with("policy", &policy)
        .and_then(|machine| machine.with("commands", &common::testdata("policies/ioctl-kernel.33")))
        .and_then(|machine| machine.with_program("sepolq", env!("CARGO_BIN_EXE_sepolq").as_ref()))
        .expect("the files are there")
        .with_content("etc/selinux/config", "SELINUX=permissive\nSELINUXTYPE=default\n")
        .with_content("etc/selinux/default/policy/policy.33", installed)
        .with_audit();
    const LOG: &str = "/var/log/audit/audit.log";
    let mut script = vec!["load /in/policy".to_owned(), "run /in/sepolq status --json".to_owned()];
    let first = script.len();
    for [source, directory, target, deed, _] in DEEDS {
        script.push(format!("deed {source} {directory} {target} {deed}"));
        script.push(format!("log {LOG}"));
        script.push("run /in/sepolq explain --json".to_owned());
    }
    let flipped = script.len();
    script.push(format!("set booleans/{HOME} 1"));
    script.push("set commit_pending_bools 1".to_owned());
    let [source, directory, target, deed, _] = DEEDS[2];
    script.push(format!("deed {source} {directory} {target} {deed}"));
    script.push(format!("run /in/sepolq show {HOME} --json"));
    script.push("run /in/sepolq status --json".to_owned());
    let commands = script.len();
    let [source, directory, target, deed, _] = COMMANDS;
    script.push("load /in/commands".to_owned());
    script.push(format!("deed {source} {directory} {target} {deed}"));
    script.push(format!("log {LOG}"));
    script.push("run /in/sepolq explain --json".to_owned());
    let answers = machine.ask(&script).expect("answers");
    for (question, answer) in script.iter().zip(&answers) {
        eprintln!("{question}\n    {answer:?}");
    }
    let _ = (first, flipped, commands);
}
