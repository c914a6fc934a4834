//! `reach` as people use it: one domain, several side by side, lists, JSON, exit codes. What is counted is compared with
//! decisions in `crates/analysis`.

mod common;

use common::answer;
use serde_json::Value;

fn json(words: &[&str]) -> Value {
    let answer = answer(&[&["--demo", "reach", "--json"], words].concat());
    serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {}", answer.stderr))
}

fn group<'a>(domain: &'a Value, id: &str) -> &'a Value {
    let groups = domain["groups"].as_array().expect("groups");
    groups.iter().find(|group| group["id"] == id).expect("a group")
}

#[test]
fn a_container_reaches_less_than_one_without_separation() {
    let both = json(&["container_t", "--vs", "spc_t"]);
    let [container, spc] = [&both["results"][0], &both["results"][1]];
    assert_eq!((container["domain"].as_str(), spc["domain"].as_str()), (Some("container_t"), Some("spc_t")));
    for id in ["write", "enter", "trace", "kernel"] {
        assert!(group(container, id)["count"].as_u64() < group(spc, id)["count"].as_u64(), "{id}");
    }
    assert_eq!(group(container, "trace")["count"], 0);
    // Whether it may depends on levels.
    let entered =
        group(spc, "enter")["depends"].as_array().expect("names").iter().any(|name| name == "container_t");
    assert!(entered, "{}", group(spc, "enter"));
}

#[test]
fn what_depends_on_levels_is_told_apart() {
    let open = json(&["container_t"]);
    let depends = group(&open["results"][0], "write")["depends"].as_array().expect("names").clone();
    assert!(depends.contains(&Value::from("container_file_t")), "{depends:?}");
}

#[test]
fn text_for_one_and_for_several() {
    let one = answer(&["--demo", "reach", "container_t", "--list", "write"]);
    assert_eq!(one.code, Some(0));
    assert!(one.stdout.contains("write files") && one.stdout.contains("container_file_t"), "{}", one.stdout);
    let pair = answer(&["--demo", "reach", "container_t", "--vs", "spc_t", "--list", "enter"]);
    assert!(
        pair.stdout.contains("only first") && pair.stdout.contains("only spc_t: container_init_t"),
        "{}",
        pair.stdout
    );
    let family = answer(&["--demo", "reach", "@container_domain"]);
    assert!(
        family.stdout.contains("container_init_t") && !family.stdout.contains("ratio"),
        "{}",
        family.stdout
    );
}

#[test]
fn what_cannot_be_asked_is_said() {
    for (words, part) in [
        (&["contaner_t"][..], "container_t"),
        (&["@no_such"], "no attribute"),
        (&["container_t", "--list", "wrte"], "write"),
        (&["container_t:s0:c5000"], "c5000"),
        (&["@file_type"], "more than can be set side by side"),
        (&["@sandbox_x_domain"], "has no types"),
    ] {
        let answer = answer(&[&["--demo", "reach"], words].concat());
        assert_eq!(answer.code, Some(2), "{words:?}: {}", answer.stdout);
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
    // A file's type reaches nothing.
    assert_eq!(answer(&["--demo", "reach", "etc_t"]).code, Some(1));
}
