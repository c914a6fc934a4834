//! `can`, `who-can`, `new-label` and `context`: verdicts, exit codes, what a person reads.

mod common;

use common::{answer, testdata};

fn ask(words: &[&str]) -> common::Answer {
    answer(&[&["--demo"], words].concat())
}

#[test]
fn a_container_may_not_read_what_another_one_owns() {
    let answer = ask(&[
        "can",
        "system_u:system_r:container_t:s0:c500,c676",
        "system_u:object_r:container_file_t:s0:c1,c2",
        "file",
        "read,open",
    ]);
    assert_eq!(answer.code, Some(1), "{}", answer.stderr);
    let expected = "\
denied: read        (open is granted)
  rule       allow svirt_sandbox_domain container_file_t:file { … open read … };  container_t has svirt_sandbox_domain
  constraint mlsconstrain file { … read } (h1 dom h2 or t1 != mcs_constrained_type)
               h1 dom h2                    {c500,c676} does not contain {c1,c2}
               t1 != mcs_constrained_type   container_t has mcs_constrained_type
";
    assert_eq!(answer.stdout, expected);
}

#[test]
fn an_open_answer_says_what_it_depends_on_and_shows_both() {
    let answer = ask(&["can", "container_t", "container_file_t", "file", "create"]);
    for line in [
        "depends: create\n",
        "  granted if h1 dom h2\n",
        "  granted if u1 == u2 or u2 == system_u\n",
        "  granted to system_u:system_r:container_t:s0  on  system_u:object_r:container_file_t:s0\n",
        "  denied to  system_u:system_r:container_t:s0  on  system_u:object_r:container_file_t:s0:c0\n",
    ] {
        assert!(answer.stdout.contains(line), "{line}{}", answer.stdout);
    }
    // What no rule grants is denied, whatever constraints would say.
    let denied = ask(&["can", "container_t", "shadow_t", "file", "read"]);
    assert!(denied.stdout.contains("  may refuse mlsconstrain"), "{}", denied.stdout);
}

#[test]
fn exit_codes_and_first_words() {
    for (words, code, begins) in [
        (&["can", "httpd_t", "httpd_sys_content_t", "file", "read,open"][..], 0, "granted: open read\n"),
        (&["can", "httpd_t", "shadow_t", "file", "read"], 1, "denied: read\n"),
        (&["can", "container_t", "container_file_t", "file", "read"], 1, "depends: read\n"),
        (&["can", "container_t:s0", "container_file_t:s0", "file", "read"], 0, "granted: read\n"),
        // A permission that this policy does not define, and its handle_unknown allows.
        (&["can", "httpd_t", "httpd_t", "file", "watch_mountns"], 0, "granted: watch_mountns\n"),
        (&["can", "httpd_t", "*", "process", "sigkill"], 0, "httpd_helper_t\n"),
        (&["who-can", "shadow_t", "file", "read"], 0, "chkpwd_t\n"),
        (&["who-can", "shadow_t", "file", "execmod"], 1, ""),
        (&["new-label", "httpd_t", "httpd_log_t", "file"], 0, "…:object_r:httpd_log_t:…\n"),
        (&["context", "system_u:system_r:container_t:s0:c1,c2"], 0, "valid: "),
        (&["context", "system_u:system_r:shadow_t:s0"], 1, "invalid: "),
        (&["context", "container_t"], 0, "incomplete: "),
    ] {
        let answer = ask(words);
        assert_eq!(answer.code, Some(code), "{words:?}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stdout.starts_with(begins), "{words:?}: {}", answer.stdout);
    }
}

#[test]
fn what_cannot_be_asked_says_why() {
    for (words, says) in [
        (&["can", "htpd_t", "shadow_t", "file", "read"][..], "did you mean `httpd_t`"),
        (&["can", "httpd_t", "shadow_t", "flie", "read"], "did you mean `file`"),
        (&["can", "httpd_t", "shadow_t", "file", "raed"], "did you mean `read`"),
        (&["can", "domain", "shadow_t", "file", "read"], "`domain` is an attribute"),
        (&["can", "contaner_t:s0:c1", "shadow_t", "file", "read"], "did you mean `container_t`"),
        (&["can", "*", "shadow_t", "file", "read"], "sepolq who-can"),
        (&["can", "user_u:user_r", "shadow_t", "file", "read"], "is no context"),
        (&["can", "httpd_t", "shadow_t"], "required"),
        (
            &["can", "system_u:system_r:shadow_t:s0", "shadow_t", "file", "read"],
            "may not have the type shadow_t",
        ),
        (&["can", "container_t:s0:c5.c2", "shadow_t", "file", "read"], "wrong order"),
        (&["can", "container_t:s0:c1-s0", "shadow_t", "file", "read"], "does not dominate"),
        (&["can", "nobody_u:system_r:httpd_t:s0", "shadow_t", "file", "read"], "no user `nobody_u`"),
        (&["can", "httpd_t", "shadow_t", "file", "read", "--allow", "httpd_t shadow_t"], "is no rule"),
        (&["can", "httpd_t", "shadow_t", "file", "read", "--typeattribute", "httpd_t shadow_t"], "is a type"),
        (&["can", "httpd_t", "shadow_t", "file", "read", "--ioctl", "0xzz"], "hexadecimal"),
        (&["new-label", "httpd_t", "etc_t", "file", "a/b"], "last component"),
        (&["context", "a:b"], "no type"),
    ] {
        let answer = ask(words);
        assert_eq!(answer.code, Some(2), "{words:?}: {}", answer.stdout);
        assert!(answer.stderr.contains(says), "{words:?}: {}", answer.stderr);
        assert_eq!(answer.stdout, "", "{words:?}");
    }
}

#[test]
fn what_if_asks_of_the_policy_as_it_would_be() {
    let question = ["can", "httpd_t", "shadow_t", "file", "read"];
    let rule = ask(&[&question[..], &["--allow", "httpd_t shadow_t:file { read open }"]].concat());
    assert_eq!(rule.code, Some(0), "{}", rule.stdout);
    assert!(rule.stdout.contains("# what if"), "{}", rule.stdout);
    let permissive = ask(&[&question[..], &["--permissive", "httpd_t"]].concat());
    assert_eq!(permissive.code, Some(1), "permissive, and denied all the same");
    assert!(permissive.stdout.contains("permissive httpd_t is permissive"), "{}", permissive.stdout);
    let connect = ["can", "httpd_t", "http_port_t", "tcp_socket", "name_connect"];
    let off = ask(&connect);
    assert_eq!(off.code, Some(1));
    assert!(off.stdout.contains("[ httpd_can_network_connect ]:True"), "{}", off.stdout);
    let on = ask(&[&connect[..], &["--bool", "httpd_can_network_connect=on"]].concat());
    assert_eq!(on.code, Some(0), "{}", on.stdout);
    // With the attribute, the constraint on levels is about httpd_t, too.
    let confined = ask(&[
        "can",
        "httpd_t:s0:c1",
        "httpd_sys_content_t:s0:c2",
        "file",
        "read",
        "--typeattribute",
        "httpd_t mcs_constrained_type",
    ]);
    assert_eq!(confined.code, Some(1), "{}", confined.stdout);
    assert!(confined.stdout.contains("httpd_t has mcs_constrained_type"), "{}", confined.stdout);
}

#[test]
fn commands_are_checked_where_an_extended_rule_is() {
    let asked =
        |command| ask(&["can", "container_t:s0", "devpts_t:s0", "chr_file", "ioctl", "--ioctl", command]);
    let (listed, other) = (asked("0x5401"), asked("0x5412"));
    assert_eq!((listed.code, other.code), (Some(0), Some(1)));
    assert!(other.stdout.contains("0x5412 is in no allowxperm"), "{}", other.stdout);
    // Only the low 16 bits of a command count.
    assert_eq!(asked("0xc0045401").code, Some(0));
}

#[test]
fn a_command_narrows_what_targets_are_listed() {
    let listed = |words: &[&str]| {
        let answer = ask(&[&["can", "container_t:s0", "*", "chr_file", "ioctl"], words].concat());
        answer.stdout.lines().any(|line| line.starts_with("devpts_t"))
    };
    assert!(listed(&[]) && listed(&["--ioctl", "0x5401"]) && !listed(&["--ioctl", "0x5412"]));
    let bare = ask(&["can", "container_t:s0", "devpts_t:s0", "chr_file", "ioctl"]);
    assert!(bare.stdout.contains("have commands checked: ask about one with --ioctl"), "{}", bare.stdout);
    let without = ask(&["can", "container_t:s0", "shadow_t:s0", "file", "ioctl", "--ioctl", "0x5401"]);
    assert!(!without.stdout.contains("covers every command"), "no rule grants ioctl: {}", without.stdout);
}

#[test]
fn a_reader_that_has_gone_does_not_change_the_verdict() {
    for words in [
        &["--demo", "can", "httpd_t", "shadow_t", "file", "read"][..],
        &["--demo", "context", "system_u:system_r:shadow_t:s0"],
    ] {
        let mut child = common::sepolq()
            .args(words)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("the program runs");
        drop(child.stdout.take());
        assert_eq!(child.wait().expect("an end").code(), Some(1), "{words:?}");
    }
}

#[test]
fn a_level_that_is_open_lies_between_what_is_possible() {
    // Every level dominates the lowest one without categories.
    for target in ["container_file_t:s0", "system_u:object_r:container_file_t:s0"] {
        let answer = ask(&["can", "container_t", target, "file", "read"]);
        assert_eq!(answer.code, Some(0), "{}", answer.stdout);
    }
}

#[test]
fn permissions_are_taken_as_people_paste_them() {
    for permissions in [&["read,open"][..], &["read", "open"], &["{ read open }"], &["read, open"]] {
        let answer = ask(&[&["can", "httpd_t", "httpd_sys_content_t", "file"], permissions].concat());
        assert!(answer.stdout.starts_with("granted: open read\n"), "{permissions:?}: {}", answer.stderr);
    }
}

#[test]
fn bounds_name_what_bounds() {
    let policy = testdata("policies/bounds-denied.33").display().to_string();
    let denied = answer(&["-P", &policy, "can", "child_t", "doc_t", "file", "write"]);
    assert_eq!(denied.code, Some(1), "{}{}", denied.stdout, denied.stderr);
    assert!(denied.stdout.contains("child_t is bounded by parent_t"), "{}", denied.stdout);
}

#[test]
fn a_label_names_the_rule_that_gives_it() {
    let named = ask(&["new-label", "container_runtime_t", "var_run_t", "sock_file", "docker.sock"]);
    assert!(named.stdout.contains("container_var_run_t \"docker.sock\";"), "{}", named.stdout);
    let invalid = ask(&[
        "new-label",
        "staff_u:staff_r:staff_t:s0",
        "system_u:object_r:httpd_exec_t:s0",
        "process",
        "--json",
    ]);
    let object: serde_json::Value = serde_json::from_str(&invalid.stdout).expect("one object");
    assert_eq!(object["schema"], "sepolq.label/1");
    assert_eq!(object["valid"].as_bool(), Some(invalid.code == Some(0)), "{}", invalid.stdout);
}

#[test]
fn json_has_every_reason() {
    let answer = ask(&["can", "container_t:s0:c1", "container_file_t:s0:c2", "file", "read", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&answer.stdout).expect("one object");
    assert_eq!((answer.code, &object["result"]), (Some(1), &"denied".into()));
    assert_eq!(object["schema"], "sepolq.access/1");
    assert_eq!(object["permissions"][0]["rule"], true);
    assert_eq!(object["rules"][0]["source_through"], "svirt_sandbox_domain");
    assert_eq!(object["constraints"][0]["because"][0]["why"], "{c1} does not contain {c2}");
    assert_eq!(object["constraints"][0]["certain"], true);
    let who = ask(&["who-can", "shadow_t", "file", "read", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&who.stdout).expect("one object");
    assert_eq!((&object["schema"], &object["sought"]), (&"sepolq.who-can/1".into(), &"source".into()));
    assert_eq!(object["count"].as_u64(), object["results"].as_array().map(|all| all.len() as u64));
}
