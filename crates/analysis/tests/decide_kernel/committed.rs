//! Random questions about the committed small policies: bounds, permissive domains, constraints, levels, defaults.
//!
//! All of one machine: it loads one after the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use policydb::Policy;
use testkit::kernel::{Answer, Machine, errno};
use testkit::random::Random;
use testkit::{generated, policies};

use super::rounds::{ask_about, compare};

/// What the kernel does not load: one has no rules, which we refuse, too; one lacks classes that the kernel has and
/// says `reject`.
const REFUSED: &[&str] = &["rules-none.33", "unknown-reject.33"];

/// The committed policies of the newest version that the kernel takes, compiled anew as their list says, in the order
/// of the list. The kernel asks for the class of processes, which most of them do without: it is added.
fn committed(scratch: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = policies::testdata().join("policies");
    let list = std::fs::read_to_string(folder.join("SHA256SUMS")).expect("a list");
    let commands = list.lines().filter_map(|line| line.strip_prefix("# command: checkpolicy "));
    let mut found = Vec::new();
    for command in commands {
        let mut words: Vec<&str> = command.split(' ').collect();
        let [.., "-o", binary, source] = words[..] else { panic!("an unknown command: {command}") };
        if !binary.ends_with(".33") {
            continue;
        }
        let text = std::fs::read_to_string(folder.join(source)).expect("a source");
        std::fs::write(scratch.join(source), with_processes(&text)).expect("a scratch file");
        words.truncate(words.len() - 3);
        let output = Command::new("checkpolicy")
            .args(words)
            .args(["-o", binary, source])
            .current_dir(scratch)
            .output()
            .expect("checkpolicy");
        assert!(output.status.success(), "{binary}: {}", String::from_utf8_lossy(&output.stderr));
        found.push((binary.to_owned(), std::fs::read(scratch.join(binary)).expect("a binary")));
    }
    found
}

/// A policy's source with the class of processes and the two permissions of it that the kernel insists on.
fn with_processes(source: &str) -> String {
    let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
    if let Some(line) = lines.iter_mut().find(|line| line.starts_with("class process {")) {
        if !line.contains("dyntransition") {
            *line = line.replace(" }", " dyntransition }");
        }
    } else {
        let is_definition = |line: &String| line.starts_with("class ") && line.split(' ').count() > 2;
        let definition = lines.iter().position(is_definition).expect("a class with permissions");
        lines.insert(definition, "class process { transition dyntransition }".to_owned());
        let first_sid = lines.iter().position(|line| line.starts_with("sid ")).expect("an initial SID");
        lines.insert(first_sid, "class process".to_owned());
    }
    lines.join("\n") + "\n"
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn the_committed_policies() {
    let mut machine = match Machine::find() {
        Ok(machine) => machine,
        Err(error) => return testkit::leave_out(&error),
    };
    if generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".into()));
    }
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let files = committed(scratch.path());
    for (name, _) in &files {
        machine = machine.with(name, &scratch.path().join(name)).expect("a file");
    }
    let (refused, loaded): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| REFUSED.contains(&&**name));
    assert_eq!(refused.len(), REFUSED.len());
    let parsed: Vec<Policy<'_>> =
        loaded.iter().map(|(_, bytes)| Policy::parse(bytes).expect("a policy")).collect();
    let mut script: Vec<String> = refused.iter().map(|(name, _)| format!("load /in/{name}")).collect();
    let mut random = Random::new(8);
    let mut asked = Vec::new();
    for ((name, _), policy) in loaded.iter().zip(&parsed) {
        let first = script.len();
        asked.push((first, ask_about(&mut script, policy, name, &mut random, 3, 400)));
    }
    let answers = machine.ask(&script).expect("answers");
    for ((name, _), answer) in refused.iter().zip(&answers) {
        assert_eq!(*answer, Answer::Error(errno::EINVAL), "loading {name}");
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (((name, _), policy), (first, rounds)) in loaded.iter().zip(&parsed).zip(&asked) {
        assert_eq!(answers[*first], Answer::Ok(String::new()), "loading {name}");
        for (verb, count) in compare(name, policy, &script, &answers, rounds) {
            *told.entry(verb).or_default() += count;
        }
    }
    println!("{} policies: {} questions, something told: {told:?}", loaded.len(), script.len());
    assert!(told.get("validatetrans").is_some_and(|count| *count > 0), "{told:?}");
}
