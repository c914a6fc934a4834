//! The JSON object is what docs/json.md says.

mod common;

use common::answer;
use serde_json::{Value, json};

fn object(words: &[&str]) -> Value {
    serde_json::from_str(&answer(words).stdout).expect("one JSON object")
}

#[test]
fn the_object_of_the_sentence() {
    let object =
        object(&["--demo", "allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file", "--json"]);
    let sha256 = object["policy"]["sha256"].as_str().unwrap().to_owned();
    assert_eq!(sha256.len(), 64);
    assert_eq!(
        object,
        json!({
            "schema": "sepolq.rules/1",
            "policy": {
                "path": "(demo)", "version": 33, "sha256": sha256, "booleans": "defaults", "booleans_set": {}
            },
            "count": 1,
            "truncated": false,
            "results": [{
                "statement": "allow httpd_t httpd_sys_content_t:file { getattr ioctl lock map open read };",
                "kind": "allow",
                "source": "httpd_t",
                "target": "httpd_sys_content_t",
                "class": "file",
                "permissions": ["getattr", "ioctl", "lock", "map", "open", "read"]
            }]
        })
    );
}

#[test]
fn the_digest_is_sha256sums() {
    let sums = std::fs::read_to_string(common::testdata("demo/demo.sha256")).unwrap();
    let recorded =
        sums.lines().find(|line| line.ends_with("  demo.33")).and_then(|line| line.split(' ').next());
    let object = object(&["--demo", "allow", "--limit", "0", "--json"]);
    assert_eq!(object["policy"]["sha256"].as_str(), recorded);
}

#[test]
fn limits_conditions_and_settings() {
    let words =
        ["--demo", "allow", "-b", "virt_use_nfs", "--bool", "virt_use_nfs=on", "--limit", "1", "--json"];
    let object = object(&words);
    assert_eq!(object["truncated"], json!(true));
    assert_eq!(object["results"].as_array().unwrap().len(), 1);
    assert!(object["count"].as_u64().unwrap() > 1);
    assert_eq!(object["policy"]["booleans_set"], json!({ "virt_use_nfs": true }));
    assert_eq!(
        object["results"][0]["condition"],
        json!({ "expression": "virt_use_nfs", "branch": true, "in_force": true })
    );
}

#[test]
fn other_kinds_of_rule() {
    let transitions =
        object(&["--demo", "type_transition", "-s", "container_runtime_t", "-c", "sock_file", "--json"]);
    let named =
        transitions["results"].as_array().unwrap().iter().find(|rule| rule.get("file_name").is_some());
    let named = named.expect("a transition by file name");
    assert_eq!(
        (&named["file_name"], &named["default"]),
        (&json!("docker.sock"), &json!("container_var_run_t"))
    );

    let xperms = object(&["--demo", "allowxperm", "--json"]);
    assert_eq!(xperms["results"][0]["xperms"]["operation"], json!("ioctl"));
    let ranges = xperms["results"][0]["xperms"]["ranges"].as_array().unwrap();
    assert!(ranges.iter().all(|range| range.as_array().is_some_and(|ends| ends.len() == 2)));

    let via = object(&[
        "--demo",
        "allow",
        "-s",
        "container_t",
        "-t",
        "container_file_t",
        "-c",
        "file",
        "-p",
        "write",
        "--via",
        "--json",
    ]);
    assert_eq!(
        via["results"][0]["via"],
        json!({ "source": { "attribute": "svirt_sandbox_domain", "types": ["container_t"] }, "target": null })
    );
}

#[test]
fn no_results_are_an_empty_list() {
    let object = object(&["--demo", "allow", "-s", "httpd_t", "-t", "shadow_t", "-p", "write", "--json"]);
    assert_eq!((&object["count"], &object["results"]), (&json!(0), &json!([])));
}
