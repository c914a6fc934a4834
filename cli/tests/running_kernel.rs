//! The program beside a running kernel: without `-P` it maps `/sys/fs/selinux/policy` and finds the booleans as they
//! are.
//!
//! The kernel writes its policy in another order than it was loaded in, so that equal answers also say that no answer
//! depends on the order. What the kernel denies is explained from its own log. `cargo xtask kernel-oracle` runs this; how a kernel is asked is told in `testkit::kernel`.

mod common;

use std::path::Path;

use common::sepolq;
use serde_json::Value;
use testkit::access::AccessQuestions;
use testkit::kernel::{Answer, Machine};
use testkit::policies::ALL;
use testkit::random::Random;

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

/// A machine with the program and a policy that can be loaded; None, and a word about it, where one of them is missing.
fn machine(policy: &Path) -> Option<Machine> {
    let machine = match Machine::find() {
        Ok(machine) if policy.is_file() => machine,
        Ok(_) => {
            testkit::leave_out(&testkit::Error::NoPolicy { path: policy.to_owned() });
            return None;
        }
        Err(error) => {
            testkit::leave_out(&error);
            return None;
        }
    };
    let machine = machine
        .with("policy", policy)
        .and_then(|machine| machine.with_program("sepolq", env!("CARGO_BIN_EXE_sepolq").as_ref()));
    Some(machine.expect("the files are there"))
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_kernels_own_policy_gives_the_same_answers() {
    let policy = ALL[0].path();
    let Some(machine) = machine(&policy) else { return };
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

/// What is tried in enforcing mode.
struct Deed {
    /// The domain, the label of a directory that it may look into, the label of a file in it.
    contexts: [&'static str; 3],
    deed: &'static str,
    /// What the explanation must name as the only cause.
    cause: &'static str,
}

/// What a system's own policy denies.
const DEEDS: [Deed; 3] = [
    Deed {
        contexts: [
            "system_u:system_r:container_t:s0:c1,c2",
            "system_u:object_r:container_file_t:s0:c1,c2",
            "system_u:object_r:shadow_t:s0",
        ],
        deed: "read",
        cause: "no_rule",
    },
    Deed {
        contexts: [
            "system_u:system_r:container_t:s0:c1,c2",
            "system_u:object_r:container_file_t:s0:c1,c2",
            "system_u:object_r:container_file_t:s0:c3,c4",
        ],
        deed: "write",
        cause: "constraint",
    },
    AT_HOME,
];
/// What depends on a boolean.
const AT_HOME: Deed = Deed {
    contexts: [
        "system_u:system_r:httpd_t:s0",
        "system_u:object_r:httpd_sys_content_t:s0",
        "system_u:object_r:user_home_t:s0",
    ],
    deed: "read",
    cause: "booleans",
};
const HOME: &str = "httpd_read_user_content";
/// What a policy with rules for ioctl commands denies.
const COMMAND: Deed = Deed {
    contexts: ["system_u:system_r:confined_t", "system_u:object_r:allowed_t", "system_u:object_r:allowed_t"],
    deed: "ioctl:5402",
    cause: "commands",
};
/// Random decisions that the program takes for a file of requests.
const DECISIONS: usize = 1000;
/// Where the kernel's records are put.
const LOG: &str = "/var/log/audit/audit.log";

impl Deed {
    fn question(&self) -> String {
        let [source, directory, target] = self.contexts;
        format!("deed {source} {directory} {target} {}", self.deed)
    }

    /// Does it, and has the kernel's records explained.
    fn explained(&self) -> [String; 3] {
        [self.question(), format!("log {LOG}"), "run /in/sepolq explain --json".to_owned()]
    }

    /// Compares what became of it.
    fn compare(&self, answers: &[Answer]) {
        let what = self.question();
        assert_eq!(answers[0].ok(), Some("denied 13"), "{what}");
        let record = answers[1].ok().expect("a record");
        assert_eq!(record.lines().count(), 1, "one permission is denied: {record}");
        let told = json_there(&answers[2]);
        let stories = told["stories"].as_array().expect("stories");
        let [story] = &stories[..] else { panic!("{what}: not one story: {told}") };
        assert_eq!((&story["enforced"], &story["count"]), (&1.into(), &1.into()), "{what}");
        assert_eq!(story["source"], self.contexts[0]);
        assert_eq!(story["target"], self.contexts[2]);
        let causes: Vec<&str> = story["causes"]
            .as_array()
            .expect("causes")
            .iter()
            .filter_map(|cause| cause["id"].as_str())
            .collect();
        assert_eq!(causes, [self.cause], "{what}: {story}");
    }
}

/// What the program in the machine printed as JSON.
fn json_there(answer: &Answer) -> Value {
    let (_, text) = printed_there(answer);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn what_the_kernel_denies_is_explained_and_its_state_is_seen() {
    let policy = testkit::policies::REAL[2].path();
    let Some(machine) = machine(&policy) else { return };
    let installed = std::fs::read(&policy).expect("the policy");
    let machine = machine
        .with("commands", &common::testdata("policies/ioctl-kernel.33"))
        .expect("the policy is there")
        .with_content("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=default\n")
        .with_content("etc/selinux/default/policy/policy.33", installed)
        .with_audit();
    let mut script: Vec<String> = Vec::new();
    let mut ask = |questions: &[String]| {
        script.extend_from_slice(questions);
        script.len() - questions.len()
    };
    let status = || "run /in/sepolq status --json".to_owned();
    let unloaded = ask(&[status(), "run /in/sepolq status".to_owned()]);
    let loaded = ask(&["load /in/policy".to_owned(), "set enforce 1".to_owned(), status()]);
    // The machine's own processes are in kernel_t, which may turn enforcing off again.
    let labels = ask(&[
        "run /in/sepolq label --json /sys/fs/selinux/enforce".to_owned(),
        "run /in/sepolq allow -s httpd_t -c file --enabled --count".to_owned(),
        "set enforce 0".to_owned(),
    ]);
    // No audit daemon, no journal: the kernel's own log is read. What it has so far does not go into the log of audit.
    let in_kernel_log = ask(&[DEEDS[1].question(), status(), "log /var/log/other".to_owned()]) + 1;
    let denied: Vec<usize> = DEEDS.iter().map(|deed| ask(&deed.explained())).collect();
    let flipped = ask(&[
        format!("set booleans/{HOME} 1"),
        status(),
        "set commit_pending_bools 1".to_owned(),
        AT_HOME.question(),
        format!("run /in/sepolq show {HOME} --json"),
        "run /in/sepolq allow -s httpd_t -c file --enabled --count".to_owned(),
        status(),
        "run /in/sepolq explain --boot --json".to_owned(),
    ]);
    let command = ask(&["load /in/commands".to_owned()]) + 1;
    ask(&COMMAND.explained());
    ask(&[status()]);
    let answers = machine.ask(&script).expect("answers");

    let without = json_there(&answers[unloaded]);
    assert_eq!((&without["verdict"], &without["selinux"]["policy_loaded"]), (&"off".into(), &false.into()));
    assert_eq!(without["lines"].as_array().map(Vec::len), Some(1), "{without}");
    let (code, text) = printed_there(&answers[unloaded + 1]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no policy is loaded") && text.contains("sudo load_policy -i"), "{text}");
    let seen = json_there(&answers[in_kernel_log]);
    assert_eq!(
        (&seen["denials"]["log"], &seen["denials"]["enforced"], &seen["denials"]["complete"]),
        (&"kernel".into(), &1.into(), &true.into()),
        "{seen}"
    );

    let before = json_there(&answers[loaded + 2]);
    assert_eq!(before["selinux"]["mode"], "enforcing");
    // The kernel writes it in another order.
    assert_eq!(
        (&before["loaded"]["same"], &before["loaded"]["compared_by"]),
        (&true.into(), &"meaning".into())
    );
    // All is well but that the machine's kernel is told to start permissive, and what it let pass before it enforced.
    let lines = before["lines"].as_array().expect("lines").iter();
    let mut concerns: Vec<&str> =
        lines.filter(|line| line["concern"] == "look_at").filter_map(|line| line["about"].as_str()).collect();
    concerns.retain(|about| *about != "denials");
    assert_eq!(before["denials"]["enforced"], 0, "{before}");
    assert_eq!((concerns, &before["booleans"]), (vec!["mode"], &Value::Array(Vec::new())), "{before}");
    let label = json_there(&answers[labels]);
    assert_eq!(label["results"][0]["label"]["label"], "system_u:object_r:security_t:s0", "{label}");
    for (deed, first) in DEEDS.iter().zip(denied) {
        deed.compare(&answers[first..]);
    }
    COMMAND.compare(&answers[command..]);

    let pending = json_there(&answers[flipped + 1]);
    let boolean = &pending["booleans"][0];
    assert_eq!(
        (&boolean["name"], &boolean["current"], &boolean["pending"]),
        (&HOME.into(), &false.into(), &true.into())
    );
    assert_eq!(answers[flipped + 3].ok(), Some("done"), "the boolean lets it pass");
    let shown = json_there(&answers[flipped + 4]);
    assert_eq!(
        (&shown["results"][0]["current"], &shown["results"][0]["default"]),
        (&"on".into(), &"off".into())
    );
    let [few, more] = [&answers[labels + 1], &answers[flipped + 5]]
        .map(|answer| printed_there(answer).1.trim().parse::<usize>().expect("a number"));
    assert!(more > few, "{few} rules in force before, {more} after");
    let after = json_there(&answers[flipped + 6]);
    assert_eq!(after["loaded"]["same"], true, "booleans are no difference of policies");
    assert_eq!(
        (&after["booleans"][0]["current"], &after["booleans"][0]["next_boot"]),
        (&true.into(), &false.into())
    );
    // The last log that was put there, and as no auditd runs the kernel's own, of which it is a part.
    let denials = &after["denials"];
    assert_eq!((&denials["log"], &denials["complete"]), (&"audit".into(), &true.into()), "{denials}");
    assert_eq!(denials["sources"].as_array().map(Vec::len), Some(2), "{denials}");
    let enforced = denials["enforced"].as_u64().expect("a number");
    // One of them was done before the others, too.
    assert_eq!(enforced, DEEDS.len() as u64 + 1, "each once: {denials}");
    let explained = json_there(&answers[flipped + 7]);
    let counts =
        explained["stories"].as_array().expect("stories").iter().map(|story| story["count"].as_u64());
    assert_eq!(counts.sum::<Option<u64>>(), denials["count"].as_u64(), "what is counted is explained");
    let other = json_there(&answers[answers.len() - 1]);
    assert_eq!(other["loaded"]["same"], false, "another policy was loaded: {other}");
}

#[cfg(feature = "libselinux")]
#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn levels_have_the_names_that_the_system_gives_them() {
    /// The service that knows the names of levels.
    const MCSTRANSD: &str = "/usr/sbin/mcstransd";
    let Some(machine) = machine(&testkit::policies::REAL[2].path()) else { return };
    if !Path::new(MCSTRANSD).is_file() {
        return testkit::leave_out(&testkit::Error::Reference("mcstransd is not installed".to_owned()));
    }
    // With it comes libselinux, which sepolq loads by itself.
    let machine = machine
        .with_program("mcstransd", MCSTRANSD.as_ref())
        .expect("the files are there")
        .with_content("etc/selinux/config", "SELINUX=permissive\nSELINUXTYPE=default\n")
        .with_content("etc/selinux/default/setrans.conf", "s0=SystemLow\ns0:c1,c2=Shop\n")
        .with_content("var/run/setrans/.keep", "");
    let status = "run /in/sepolq status --json".to_owned();
    let script = ["load /in/policy".to_owned(), status.clone(), "run /in/mcstransd".to_owned(), status];
    let answers = machine.ask(&script).expect("answers");
    let [before, after] = [&answers[1], &answers[3]].map(|answer| json_there(answer)["levels"].clone());
    assert_eq!(before["own_label_translated"], before["own_label"], "nobody gives names yet: {before}");
    assert_eq!(after["own_label"], "system_u:system_r:kernel_t:s0", "{after}");
    assert_eq!(after["own_label_translated"], "system_u:system_r:kernel_t:SystemLow", "{after}");
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn files_of_requests_are_decided_as_the_kernel_decides() {
    let path = testkit::policies::REAL[2].path();
    let Some(machine) = machine(&path) else { return };
    let bytes = std::fs::read(&path).expect("the policy");
    let policy = policydb::Policy::parse(&bytes).expect("a policy");
    let (maker, mut random) = (AccessQuestions::new(&policy), Random::new(11));
    let questions: Vec<_> = (0..DECISIONS).map(|_| maker.access(&mut random)).collect();
    let requests: String =
        questions.iter().map(|(source, target, class)| format!("{source} {target} {class}\n")).collect();
    let machine = machine.with_content("in/requests", requests);
    let mut script = vec!["load /in/policy".to_owned(), "run /in/sepolq can --batch /in/requests".to_owned()];
    script
        .extend(questions.iter().map(|(source, target, class)| format!("access {source} {target} {class}")));
    let answers = machine.ask(&script).expect("answers");
    let fields = answers[1].ok().expect("the program ran");
    let lines: Vec<&str> = fields.split('\t').nth(1).expect("its output").lines().collect();
    assert_eq!(lines.len(), DECISIONS);
    let mut granted = 0;
    for (((_, _, class), line), answer) in questions.iter().zip(lines).zip(&answers[2..]) {
        let ours: Value = serde_json::from_str(line).expect("JSON");
        let Some(theirs) = answer.ok() else {
            assert!(ours["error"].is_string(), "the kernel refuses it: {line}");
            continue;
        };
        let allowed = theirs.split(' ').next().and_then(|word| u32::from_str_radix(word, 16).ok());
        let allowed = allowed.expect("a number");
        let class = policy.class_named(class.as_bytes()).expect("a class");
        let mut expected: Vec<String> = policy
            .permissions(class)
            .filter(|permission| allowed >> permission.bit & 1 == 1)
            .map(|permission| permission.name.to_string())
            .collect();
        expected.sort_unstable();
        granted += expected.len();
        let ours: Vec<String> = serde_json::from_value(ours["granted"].clone()).unwrap_or_default();
        assert_eq!(ours, expected, "{line} (left: ours, right: the kernel's)");
    }
    assert!(granted > DECISIONS / 4, "{granted}");
    println!("{DECISIONS} decisions, {granted} permissions granted");
}
