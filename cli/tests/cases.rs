//! The questions of `testdata/cases`, each asked of the program, of the specification, and of SETools.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use policydb::{Policy, PolicyBytes, RuleKind};
use regex::Regex;
use serde::Deserialize;
use spec::{Match, Query, Side};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// A question and its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// A policy in `testdata/policies`.
    policy: String,
    /// What the case is about.
    why: String,
    /// The question in the program's words.
    ask: Vec<String>,
    /// The same for SETools, unless it answers another way; the file is appended.
    sesearch: Option<Vec<String>>,
    /// What the program prints.
    answer: Vec<String>,
}

impl Case {
    fn policy_path(&self) -> PathBuf {
        testdata().join("policies").join(&self.policy)
    }

    fn describe(&self) -> String {
        format!("{} ({}): {}", self.policy, self.why, self.ask.join(" "))
    }
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(testdata().join("cases"))
        .expect("testdata/cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a readable file");
        toml::from_str::<Cases>(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).case
    };
    let cases: Vec<Case> = paths.iter().flat_map(read).collect();
    assert!(cases.len() > 40, "only {} cases", cases.len());
    cases
}

#[test]
fn the_program_answers() {
    for case in cases() {
        let output = Command::new(env!("CARGO_BIN_EXE_sepolq"))
            .arg("-P")
            .arg(case.policy_path())
            .args(&case.ask)
            .output()
            .expect("the program runs");
        let lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        assert_eq!(lines, case.answer, "{}", case.describe());
        let expected = if case.answer.is_empty() { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{}", case.describe());
    }
}

#[test]
fn the_specification_answers_the_same() {
    for case in cases() {
        let bytes = PolicyBytes::open(&case.policy_path()).expect("a readable policy");
        let policy = Policy::parse(&bytes).expect("a policy");
        let Some(query) = query(&case.ask) else { continue };
        let found: BTreeSet<String> = spec::search(&policy, &query)
            .into_iter()
            .map(|found| match found.branch {
                None => found.statement,
                Some((_, when)) => {
                    let (when, state) =
                        (if when { "True" } else { "False" }, if found.in_force { "on" } else { "off" });
                    format!("{} [ ]:{when}  # {state}", found.statement)
                }
            })
            .collect();
        let expected: BTreeSet<String> = case.answer.iter().map(|line| without_condition(line)).collect();
        assert_eq!(found, expected, "{}", case.describe());
    }
}

#[test]
fn setools_answers_the_same() {
    if let Err(why) = testkit::reference::Reference::find(testkit::reference::Tool::Sesearch) {
        testkit::leave_out(&why);
        return;
    }
    let with_setools: Vec<Case> = cases().into_iter().filter(|case| case.sesearch.is_some()).collect();
    assert!(with_setools.len() > 30);
    for case in with_setools {
        let output = Command::new("/usr/bin/sesearch")
            .args(case.sesearch.iter().flatten())
            .arg(case.policy_path())
            .output()
            .expect("sesearch runs");
        // SETools prints conditions its own way, which other tests compare, and no file name in quotes.
        let bare = |line: &str| without_condition(line).replace('"', "");
        let found: BTreeSet<String> = String::from_utf8_lossy(&output.stdout).lines().map(bare).collect();
        let unremarked = |line: &String| bare(line.trim_end_matches("  # on").trim_end_matches("  # off"));
        let expected: BTreeSet<String> = case.answer.iter().map(unremarked).collect();
        assert_eq!(found, expected, "{}", case.describe());
    }
}

/// The line with nothing in the brackets of its condition.
fn without_condition(line: &str) -> String {
    match (line.find("; [ "), line.rfind(" ]:")) {
        (Some(start), Some(end)) => format!("{} [{}", &line[..=start], &line[end..]),
        _ => line.to_owned(),
    }
}

/// The question in the specification's words; `None` for what it does not have: regular expressions, and
/// rules about roles and ranges.
fn query(ask: &[String]) -> Option<Query> {
    let mut words = ask.iter().map(String::as_str).peekable();
    let mut query = Query::default();
    let mut source_as_written = false;
    let command = words.next()?.replace('-', "_");
    if command == "search" {
        while let Some(kinds) = words.next_if(|word| !word.starts_with('-')) {
            query.kinds.extend(kinds.split(',').map(kind));
        }
        if query.kinds.is_empty() {
            query.kinds.extend(RuleKind::ALL);
        }
    } else if ["role_allow", "role_transition", "range_transition"].contains(&command.as_str()) {
        return None;
    } else {
        query.kinds.push(kind(&command));
    }
    let list =
        |text: Option<&str>| text.unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    let side = |text: Option<&str>| {
        let text = text.unwrap_or_default();
        match (text.strip_prefix('@'), text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'))) {
            (Some(name), _) => Side::Written(name.to_owned()),
            (None, Some(expression)) => Side::Matching(Regex::new(expression).expect("an expression")),
            (None, None) => Side::Named(text.to_owned()),
        }
    };
    while let Some(word) = words.next() {
        match word {
            "-s" => query.source = Some(side(words.next())),
            "-t" => query.target = Some(side(words.next())),
            "-c" => query.classes = list(words.next()),
            "-p" => query.permissions = list(words.next()),
            "-ep" => query.permission_match = Match::Equal,
            "-Sp" => query.permission_match = Match::All,
            "-ex" => query.xperms_equal = true,
            "-eb" => query.booleans_equal = true,
            "-D" => query.default = Some(side(words.next())),
            "-b" => query.booleans = list(words.next()),
            "-x" => {
                let ranges = analysis::query::parse_xperm_ranges(words.next()?).expect("commands");
                query.xperms = ranges.into_iter().flat_map(|(low, high)| low..=high).collect();
            }
            "-ds" => source_as_written = true,
            "--enabled" => query.enabled = true,
            "--bool" => {
                let (name, state) = words.next()?.split_once('=')?;
                query.settings.push((name.to_owned(), state == "on"));
            }
            other => panic!("the specification has no `{other}`"),
        }
    }
    if let (true, Some(Side::Named(name))) = (source_as_written, &query.source) {
        query.source = Some(Side::Written(name.clone()));
    }
    let has_regex = query.booleans.iter().chain(&query.classes).any(|name| name.starts_with('/'));
    (!has_regex).then_some(query)
}

fn kind(keyword: &str) -> RuleKind {
    let known = RuleKind::ALL.into_iter().find(|kind| kind.keyword() == keyword);
    known.unwrap_or_else(|| panic!("no kind of rule `{keyword}`"))
}
