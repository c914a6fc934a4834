//! `show BOOL --for DOMAIN`: exit codes, and names that are something else.

mod common;

use common::answer;

#[test]
fn exit_codes_and_errors() {
    for (words, code, says) in [
        (&["virt_use_nfs", "--for", "container_t"][..], 0, "virt_use_nfs adds for container_t (off now"),
        (&["container_connect_any", "--for", "container_t"], 1, "changes nothing for container_t"),
        (&["httpd_read_user_content", "--for", "httpd_t"], 1, "blocked: 2 conditional rules"),
        (
            &["httpd_read_user_content", "--for", "httpd_t:s0", "--bool", "httpd_enable_homedirs=on"],
            0,
            "adds for httpd_t:s0",
        ),
        (&["virt_use_nfs", "--for", "container_domain"], 2, "help: its types are"),
        (&["container_t", "--for", "virt_use_nfs"], 2, "`container_t` is a type"),
        (&["virt_use_nsf", "--for", "container_t"], 2, "did you mean `virt_use_nfs`"),
    ] {
        let answer = answer(&[&["--demo", "show"], words].concat());
        assert_eq!(answer.code, Some(code), "{words:?} {}", answer.stderr);
        let text = if code == 2 { &answer.stderr } else { &answer.stdout };
        assert!(text.contains(says), "{words:?} {text}");
    }
}

#[test]
fn the_object_names_the_settings() {
    let words =
        ["--demo", "show", "virt_use_nfs", "--for", "container_t", "--bool", "virt_use_nfs=on", "--json"];
    let object: serde_json::Value = serde_json::from_str(&answer(&words).stdout).expect("one JSON object");
    assert_eq!(object["schema"], "sepolq.boolean-effect/1");
    assert_eq!(object["policy"]["booleans_set"]["virt_use_nfs"], true);
    assert_eq!((&object["state"], &object["domain"]), (&"on".into(), &"container_t".into()));
    assert_eq!(object["access"]["adds"].as_array().expect("groups").len(), 5);
}
