//! `sepolq sediff` where SETools 4.4.1 crashes, fails by a fault of its own, or answers at random: it answers.
//! All else is compared with SETools, in `sediff_records.rs` and `sediff_live.rs`.

mod common;

use common::{Answer, answer, testdata};

fn sediff(options: &[&str], old: &str, new: &str) -> Answer {
    let [old, new] = [old, new].map(|name| testdata("policies").join(name).display().to_string());
    answer(&[&["sediff"], options, &[&old, &new]].concat())
}

fn printed(options: &[&str], old: &str, new: &str) -> String {
    let answer = sediff(options, old, new);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer:?}");
    answer.stdout
}

#[test]
fn versions_on_which_setools_crashes_are_answered() {
    let rules = [
        "-A",
        "--auditallow",
        "--dontaudit",
        "-T",
        "--type_change",
        "--type_member",
        "--role_allow",
        "--stats",
    ];
    for version in 20..24 {
        // Rules name attributes that have no names; what they grant is the same.
        let said = printed(&rules, &format!("rich.{version}"), "rich.24");
        assert!(
            said.lines().filter(|line| !line.is_empty()).all(|line| {
                line.ends_with("(0 Added, 0 Removed, 0 Modified)") || line.ends_with("(0 Added, 0 Removed)")
            }),
            "{version}: {said}"
        );
        assert!(!printed(&["-a"], &format!("rich.{version}"), "rich.24").is_empty());
    }
}

#[test]
fn names_of_any_script_do_no_harm() {
    let policy = "transition-file-name-utf8.33";
    assert_eq!(printed(&[], policy, policy), "");
    let said = printed(&["-T"], "transition-file-name.33", policy);
    assert!(said.starts_with("Type_transition Rules ("), "{said}");
    assert!(!said.is_ascii(), "the file name is printed as it is: {said}");
}

#[test]
fn a_policy_is_no_different_from_itself() {
    for policy in ["rich-mls.33", "rich-xperm.33", "labels.33", "declarations.33", "corners.33", "xen.30"] {
        if testdata("policies").join(policy).is_file() {
            assert_eq!(printed(&[], policy, policy), "", "{policy}");
        }
    }
}

#[test]
fn permissions_of_modified_rules_are_sorted_and_kept_ones_first() {
    let said = printed(&["--allow"], "condition-granted.33", "condition-denied.33");
    for line in said.lines().filter_map(|line| line.strip_prefix("      * ")) {
        let (_, set) = line.split_once("{ ").expect("permissions");
        let (set, _) = set.split_once(" }").expect("an end");
        let words: Vec<&str> = set.split(' ').collect();
        let key = |word: &&str| match word.as_bytes().first() {
            Some(b'+') => (1, (*word).to_owned()),
            Some(b'-') => (2, (*word).to_owned()),
            _ => (0, (*word).to_owned()),
        };
        assert!(words.is_sorted_by_key(key), "{line}");
    }
}

#[test]
fn what_is_no_policy_is_named() {
    let good = testdata("policies/rich.33").display().to_string();
    let source = testdata("policies/rich.conf").display().to_string();
    let answer = answer(&["sediff", &good, &source]);
    assert_eq!(answer.code, Some(1));
    assert!(answer.stdout.starts_with(&format!("Invalid policy: {source}. ")), "{answer:?}");
    let reason = common::answer(&["sediff", "--debug", &good, &source]);
    assert!(reason.stderr.contains("byte"), "with --debug the reason is told: {reason:?}");
}
