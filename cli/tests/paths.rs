//! `sepolq sedta` and `sepolq seinfoflow` where SETools 4.4.1 crashes, fails by a fault of its own, or answers at random: they answer.
//! Mistakes in permission maps are compared with SETools itself. All else is in `paths_records.rs` and `paths_live.rs`.

mod common;

use std::process::Command;

use common::{Answer, answer, sepolq, testdata};
use testkit::reference::{Reference, Tool, in_fixed_environment};
use testkit::{Error, leave_out};

fn ask(tool: &str, policy: &str, words: &[&str]) -> Answer {
    let policy = testdata("policies").join(policy);
    answer(&[&[tool, "-p", policy.to_str().expect("a path in UTF-8")], words].concat())
}

/// What the tool prints about a version of a policy, which must succeed.
fn printed(tool: &str, policy: &str, words: &[&str]) -> String {
    let answer = ask(tool, policy, words);
    assert_eq!(answer.code, Some(0), "{words:?}: {answer:?}");
    answer.stdout
}

#[test]
fn versions_on_which_setools_crashes_are_answered_as_newer_ones() {
    for version in 20..24 {
        let policy = format!("rich.{version}");
        let flows = ["-s", "web_t", "-t", "log_t", "-A", "3", "-w", "1"];
        assert_eq!(
            sorted_lines(&printed("seinfoflow", &policy, &flows)),
            sorted_lines(&printed("seinfoflow", "rich.33", &flows)),
            "{policy}"
        );
        let transitions = ["-s", "init_t", "--full"];
        assert_eq!(printed("sedta", &policy, &transitions), printed("sedta", "rich.33", &transitions));
    }
}

fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn file_names_of_any_script_do_no_harm() {
    for tool in ["sedta", "seinfoflow"] {
        let answer = ask(tool, "transition-file-name-utf8.33", &["-s", "nosuch_t"]);
        assert_eq!(
            (answer.code, answer.stdout.as_str()),
            (Some(1), "nosuch_t is not a valid type\n"),
            "{tool}"
        );
    }
    let policy = testdata("policies/transition-file-name-utf8.33");
    let bytes = std::fs::read(policy).expect("the policy is there");
    let parsed = policydb::Policy::parse(&bytes).expect("the policy is valid");
    let store = avstore::Store::new(&parsed);
    let a_type = store.type_ids().find(|&id| !store.is_attribute(id)).expect("it has types");
    let name = store.type_name(a_type).to_string();
    for tool in ["sedta", "seinfoflow"] {
        let said = printed(tool, "transition-file-name-utf8.33", &["-s", &name, "--stats"]);
        assert!(said.contains("(s) found.\n\nGraph statistics:\n"), "{said}");
    }
}

#[test]
fn entry_points_are_sorted_by_name() {
    let said = printed("sedta", "reach.33", &["-s", "from_t", "--full"]);
    let entry_points: Vec<&str> = said.lines().filter(|line| line.starts_with("Entrypoint ")).collect();
    assert_eq!(entry_points.len(), 3, "{said}");
    let of_one: Vec<&str> = entry_points.iter().rev().take(2).rev().copied().collect();
    assert_eq!(of_one, ["Entrypoint named_exec_t:", "Entrypoint plain_exec_t:"]);
}

#[test]
fn flows_can_be_followed_backwards_as_in_setools_4_7() {
    let ends = |words: &[&str]| -> Vec<String> {
        let said = printed("seinfoflow", "reach.33", words);
        said.lines().filter_map(|line| Some(line.split_once(": ")?.1.to_owned())).collect()
    };
    let into = ends(&["-s", "f0_t", "-r", "-w", "1"]);
    assert!(!into.is_empty());
    for flow in &into {
        let (from, to) = flow.split_once(" -> ").expect("an arrow");
        assert_eq!(to, "f0_t");
        assert!(ends(&["-s", from, "-w", "1"]).contains(flow), "{flow}");
    }
    let (there, back) =
        (["-s", "d0_t", "-t", "f0_t", "-S", "-w", "1"], ["-s", "f0_t", "-t", "d0_t", "-S", "-w", "1", "-r"]);
    let steps = |words: &[&str]| {
        let mut steps = ends(words);
        steps.sort();
        steps
    };
    assert_eq!(steps(&there), steps(&back));
}

/// Maps with one thing wrong, and some that are only odd.
const MAPS: &[&[u8]] = &[
    b"",
    b"# nothing\n",
    b"x\n",
    b"0\n",
    b"-1\n",
    b"1 2 3\nclass file 1\nread r 10\n",
    b"1\nclass file\n",
    b"1\nclas file 1\n",
    b"1\nclass it's \"1\"\n",
    b"1\nclass file 1 2\n",
    b"1\nclass file x\n",
    b"1\nclass file 0\n",
    b"1\nclass file 1\nread r 10\nclass dir 1\nread r 10\n",
    b"1\nclass file 2\nread\n",
    b"1\nclass file 2\nread r\n",
    b"1\nclass file 2\nread x\n",
    b"1\nclass file 2\nread r ten\n",
    b"1\nclass file 2\nread r 0\n",
    b"1\nclass file 2\nread r 11\n",
    b"1\nclass file 1\nread r 10 and more\n",
    b"9\r\n\r\nclass file 1\r\nread r 10\rclass process 1\n  transition w +7\n",
    b"2\nclass file 1\nread r 10\nclass file 1\nwrite w 10\n",
    b"2\nclass file 2\nread r 10\nread w 3\n",
    b"1\nclass file 1\nread \xff 10\n",
    b"1\nclass file 1\nread r 1\xc3\n",
];

#[test]
fn maps_are_read_and_refused_as_setools_does() -> Result<(), Error> {
    let Some(reference) = Reference::find(Tool::Seinfoflow).inspect_err(leave_out).ok() else {
        return Ok(());
    };
    let folder = tempfile::tempdir().expect("a temporary directory");
    let policy = testdata("policies/reach.33");
    let maps: Vec<usize> = (0..MAPS.len()).collect();
    testkit::compare::in_threads(&maps, |&number| {
        let map = folder.path().join(format!("{number}.map"));
        std::fs::write(&map, MAPS[number]).expect("a file is written");
        let ask = |command: &mut Command| {
            command.arg("-p").arg(&policy).arg("-m").arg(&map).args(["-s", "d0_t", "-w", "1", "--full"]);
            Answer::of(&in_fixed_environment(command).output().expect("it runs"))
        };
        let expected = ask(&mut Command::new(reference.script()));
        let found = ask(sepolq().arg("seinfoflow"));
        let shown = String::from_utf8_lossy(MAPS[number]);
        assert_eq!((found.code, &found.stdout), (expected.code, &expected.stdout), "{shown}");
        Ok(())
    })?;
    Ok(())
}
