//! Policy modules in the place of a policy: what they declare and state. That it is what the converter says is tested in
//! `crates/module`.

mod common;

use common::{answer, testdata};
use serde_json::Value;

fn boxes(version: u32) -> String {
    testdata(&format!("modules/boxes-{version}.pp")).to_str().expect("text").to_owned()
}

#[test]
fn a_module_says_what_it_is() {
    let shown = answer(&["show", &boxes(1)]);
    assert_eq!(shown.code, Some(0));
    assert!(shown.stdout.starts_with("module boxes 1.0\nformat 21"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("allow box_t"), "{}", shown.stdout);
    assert_eq!(answer(&["info", "-P", &boxes(1)]).stdout, shown.stdout);
    let all = answer(&["show", &boxes(1), "--all"]);
    for line in [
        "allow box_t etc_t:file { open read }; [ box_read_etc ]:True\n",
        "allow box_t audit_t:file { open read };  # optional block 1\n",
        "allow box_t log_t:file { open read };  # else of optional block 1\n",
        "/srv/boxes(/.*)?\t\tsystem_u:object_r:box_file_t\n",
    ] {
        assert!(all.stdout.contains(line), "{line}: {}", all.stdout);
    }
}

#[test]
fn rules_are_found_as_they_are_written() {
    let module = boxes(1);
    let find = |words: &[&str]| answer(&[words, &["-P", &module]].concat());
    let found = find(&["allow", "-s", "box_domain", "-c", "file", "-p", "write"]);
    assert_eq!(found.stdout, "allow box_domain box_file_t:file { getattr open read write };\n");
    // Attributes are not looked through: a module does not know all their types.
    assert_eq!(find(&["allow", "-s", "box_t", "-t", "box_file_t"]).code, Some(1));
    assert_eq!(find(&["type_transition", "-s", "/^box/"]).stdout.lines().count(), 1);
    assert_eq!(find(&["search", "--count"]).stdout, "15\n");
    assert_eq!(find(&["list", "booleans"]).stdout, "bool box_use_devices false;\nbool box_read_etc true;\n");
    assert_eq!(find(&["list", "aliases"]).stdout, "typealias box_file_t alias box_content_t;\n");
    let json: Value = serde_json::from_str(&find(&["allow", "--json", "-t", "etc_t"]).stdout).expect("JSON");
    assert_eq!((&json["schema"], &json["count"]), (&Value::from("sepolq.module/1"), &Value::from(1)));
    assert_eq!(json["results"][0]["condition"]["expression"], "box_read_etc");
    assert_eq!(json["module"]["texts"]["file_contexts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_needs_a_policy_is_refused() {
    let module = boxes(1);
    for words in [
        &["can", "box_t", "etc_t", "file", "read"][..],
        &["reach", "box_t"],
        &["allow", "--enabled"],
        &["allow", "-b", "box_read_etc"],
        &["list", "portcon"],
    ] {
        let answer = answer(&[words, &["-P", &module]].concat());
        assert_eq!(answer.code, Some(2), "{words:?}: {}", answer.stdout);
        assert!(answer.stderr.contains("module"), "{words:?}: {}", answer.stderr);
    }
    // What is about no policy is not kept from answering by the environment.
    for words in [&["diff", &boxes(1), &boxes(2)][..], &["breakout", "--list"], &["completions", "bash"]] {
        let output = common::sepolq().env("SEPOLQ_POLICY", &module).args(words).output().expect("it runs");
        assert_ne!(output.status.code(), Some(2), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cut = folder.path().join("cut.pp");
    let bytes = std::fs::read(&module).expect("a module");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("written");
    let answer = answer(&["show", cut.to_str().expect("text")]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("cut.pp") && answer.stderr.contains("byte "), "{}", answer.stderr);
}

/// One change of each kind between the two versions.
#[test]
fn two_modules_are_compared_by_what_they_state() {
    let changed = answer(&["diff", &boxes(1), &boxes(2)]);
    assert_eq!(changed.code, Some(1));
    for line in [
        "  renamed, which changes nothing: box_file_t → box_content_t\n",
        "  + typeattribute boxd_t box_domain;\n",
        "  - permissive boxd_t;\n",
        "  ~ box_use_devices is on by default, and was off\n",
        "  ~ allow box_domain box_content_t:dir { add_name read search write };  [ always → box_use_devices ]\n",
        "  - allow box_t sock_t:sock_file write;\n",
        "  + /var/lib/boxes(/.*)? system_u:object_r:box_content_t  # file_contexts\n",
    ] {
        assert!(changed.stdout.contains(line), "{line}: {}", changed.stdout);
    }
    assert_eq!(changed.stdout.lines().filter(|line| line.starts_with("  ")).count(), 7, "{}", changed.stdout);
    let json: Value =
        serde_json::from_str(&answer(&["diff", &boxes(1), &boxes(2), "--json"]).stdout).expect("JSON");
    assert_eq!((&json["schema"], &json["same"]), (&Value::from("sepolq.module_diff/1"), &Value::from(false)));
    assert_eq!(json["modules"][0]["changes"]["rules"].as_array().map(Vec::len), Some(2));
    let same = answer(&["diff", &boxes(2), &boxes(2)]);
    assert_eq!(same.code, Some(0));
    assert!(same.stdout.ends_with("no change\n"), "{}", same.stdout);
    let policy = testdata("demo/demo.33");
    for words in [
        &["diff", &boxes(1), policy.to_str().expect("text")][..],
        &["diff", &boxes(1), &boxes(2), "--causes"],
    ] {
        let refused = answer(words);
        assert_eq!(refused.code, Some(2), "{words:?}: {}", refused.stdout);
        assert!(refused.stderr.contains("module"), "{words:?}: {}", refused.stderr);
    }
}
