//! What scripts and people rely on: exit codes, streams, errors that say what to do.

mod common;

use std::process::Stdio;

use common::{Answer, answer, sepolq, testdata};

const SENTENCE: [&str; 8] = ["--demo", "allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file"];
const ITS_ANSWER: &str = "allow httpd_t httpd_sys_content_t:file { getattr ioctl lock map open read };\n";

#[test]
fn the_sentence_to_get_right_first() {
    let answer = answer(&SENTENCE);
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), ITS_ANSWER, ""));
}

#[test]
fn global_options_may_stand_behind_the_command() {
    assert_eq!(
        answer(&["allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file", "--demo"]).stdout,
        ITS_ANSWER
    );
}

#[test]
fn exit_codes() {
    for (words, code) in [
        (&["--demo", "allow", "-s", "httpd_t"][..], 0),
        (&["--demo", "allow", "-s", "httpd_t", "-t", "shadow_t", "-p", "write"], 1),
        (&["--demo", "allow", "-s", "httpd_t", "-t", "shadow_t", "-p", "write", "--json"], 1),
        (&["--demo", "allow", "-s", "httpd_t", "-t", "shadow_t", "-p", "write", "--count"], 1),
        (&["--demo", "allow", "-s", "htpd_t"], 2),
        (&["--demo", "alow"], 2),
        (&["--demo", "allow", "--no-such-option"], 2),
        (&["-P", "/no/such/policy", "allow"], 2),
        (&["--help"], 0),
        (&["allow", "--help"], 0),
        (&["--version"], 0),
    ] {
        let answer = answer(words);
        assert_eq!(answer.code, Some(code), "{words:?}: {answer:?}");
        if code == 2 {
            assert_eq!(answer.stdout, "", "{words:?}");
            assert!(answer.stderr.starts_with("error: "), "{words:?}: {}", answer.stderr);
        }
    }
}

#[test]
fn unknown_names_get_the_nearest() {
    for (words, says) in [
        (&["allow", "-s", "htpd_t"][..], "`httpd_t`"),
        (&["allow", "-t", "contianer_file_t"], "`container_file_t`"),
        (&["allow", "-c", "flie"], "`file`"),
        (&["allow", "-p", "raed"], "`read`"),
        (&["allow", "-c", "file", "-p", "connectto"], "these classes have it: unix_stream_socket"),
        (&["allow", "-b", "virt_use_nsf"], "`virt_use_nfs`"),
        (&["allow", "--enabled", "--bool", "virt_use_nsf=on"], "`virt_use_nfs`"),
        (&["search", "type_transtion"], "`type_transition`"),
        (&["allow", "-s", "/(/"], "no regular expression"),
        (&["allow", "-x", "0x123456"], "16 bits"),
        (&["allow", "--bool", "virt_use_nfs"], "-b virt_use_nfs"),
    ] {
        let words = [&["--demo"], words].concat();
        let answer = answer(&words);
        assert_eq!(answer.code, Some(2), "{words:?}");
        assert!(answer.stderr.contains(says), "{words:?}: {}", answer.stderr);
    }
}

#[test]
fn aliases_are_taken_and_types_shown() {
    let by_alias =
        answer(&["--demo", "allow", "-s", "svirt_lxc_net_t", "-t", "svirt_sandbox_file_t", "-c", "file"]);
    let by_name = answer(&["--demo", "allow", "-s", "container_t", "-t", "container_file_t", "-c", "file"]);
    assert_eq!(by_alias.stdout, by_name.stdout);
    assert!(by_name.stdout.contains("container_file_t"));
}

#[test]
fn an_attribute_without_types_is_noted() {
    let policy = testdata("policies/attribute-empty.33");
    let answer =
        Answer::of(&sepolq().arg("-P").arg(policy).args(["allow", "-s", "nobody"]).output().unwrap());
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""));
    assert!(
        answer.stderr.contains("`nobody` has no types") && answer.stderr.contains("`@nobody`"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_name_may_be_a_types_or_a_roles() {
    let found = answer(&["--demo", "search", "-s", "staff_r"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert!(
        found
            .stdout
            .lines()
            .all(|line| line.starts_with("allow staff_r ") || line.starts_with("role_transition"))
    );
    let unknown = answer(&["--demo", "role_allow", "-s", "staf_r"]);
    assert!(
        unknown.stderr.contains("no role `staf_r`") && unknown.stderr.contains("`staff_r`"),
        "{}",
        unknown.stderr
    );
    let nowhere = answer(&["--demo", "search", "-s", "nope_r"]);
    assert_eq!(nowhere.code, Some(2));
}

#[test]
fn rules_of_roles_and_ranges_have_their_own_criteria() {
    let by_range = answer(&["--demo", "range_transition", "-D", "s0 - s0:c0.c1023"]).stdout;
    assert!(
        by_range.lines().count() > 1 && by_range.lines().all(|line| line.ends_with(" s0 - s0:c0.c1023;")),
        "{by_range}"
    );
    for (words, says) in [
        (["range_transition", "-D", "s0 - s9"], "no sensitivity `s9`"),
        (["range_transition", "-D", "s0:c9.c3"], "wrong order"),
        (["range_transition", "-D", "s0:c1 - s0"], "does not dominate"),
        (["role_allow", "-p", "read"], "no part of rules about roles"),
    ] {
        let answer = answer(&[&["--demo"], &words[..]].concat());
        assert_eq!(answer.code, Some(2), "{words:?}");
        assert!(answer.stderr.contains(says), "{words:?}: {}", answer.stderr);
    }
    let none = answer(&["--demo", "neverallow"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    assert!(none.stderr.contains("hold no neverallow rules"), "{}", none.stderr);
}

#[test]
fn the_drop_in_tells_what_it_does_as_setools_does() {
    let path = testdata("demo/demo.33").display().to_string();
    let said = answer(&["sesearch", "-v", "--allow", "--role_allow", "-t", "nosuch_r", &path]);
    assert_eq!(said.stdout, "nosuch_r is not a valid type attribute\n");
    assert_eq!(
        said.stderr,
        format!("Opening SELinux policy \"{path}\"\nSuccessfully opened SELinux policy \"{path}\"\n")
    );
    let said = answer(&["sesearch", "-v", "--allow", "--role_allow", "--range_trans", "-c", "file", &path]);
    let generating =
        ["TE", "RBAC", "MLS"].map(|kind| format!("Generating {kind} rule results from {path}\n")).concat();
    assert!(said.stderr.ends_with(&generating), "{}", said.stderr);
}

#[test]
fn what_cannot_be_met_is_noted() {
    for (words, says) in [
        (["allow", "-x", "5401"], "only allowxperm"),
        (["type_transition", "-p", "read"], "no permissions"),
        (["allow", "-D", "httpd_t"], "no default type"),
    ] {
        let answer = answer(&[&["--demo"], &words[..]].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{words:?}");
        assert!(answer.stderr.contains(says), "{words:?}: {}", answer.stderr);
    }
}

#[test]
fn an_expression_may_hold_commas() {
    let with_comma = answer(&["--demo", "allow", "-s", "httpd_t", "-c", "/^fil{1,2}e$/"]);
    let plain = answer(&["--demo", "allow", "-s", "httpd_t", "-c", "file"]);
    assert_eq!((with_comma.code, with_comma.stdout), (Some(0), plain.stdout));
}

#[test]
fn the_demo_comes_before_the_environment() {
    for value in ["/no/such/policy", ""] {
        let output = sepolq().env("SEPOLQ_POLICY", value).args(SENTENCE).output().unwrap();
        assert_eq!(Answer::of(&output).stdout, ITS_ANSWER, "{value}");
    }
}

#[test]
fn a_pasted_context_is_explained() {
    let answer = answer(&["--demo", "allow", "-s", "system_u:system_r:container_t:s0:c1,c2"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("ask for its type alone: `container_t`"), "{}", answer.stderr);
}

#[test]
fn endless_input_that_is_no_policy_is_not_swallowed() {
    let answer = answer(&["-P", "/dev/zero", "allow"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("magic"), "{}", answer.stderr);
}

#[test]
fn errors_name_their_cause_once_and_paths_cannot_drive_a_terminal() {
    let missing = answer(&["-P", "/no/such/policy", "allow"]).stderr;
    assert_eq!(missing.matches("No such file").count(), 1, "{missing}");
    let hostile = answer(&["-P", "\u{1b}[31mx", "allow"]).stderr;
    assert!(!hostile.contains('\u{1b}'), "{hostile}");
}

#[test]
fn via_names_the_attribute() {
    let answer = answer(&[
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
    ]);
    assert!(
        answer.stdout.ends_with(";  # source container_t has svirt_sandbox_domain\n"),
        "{}",
        answer.stdout
    );
}

#[test]
fn via_numbers_attributes_that_have_no_names_yet() {
    let policy = testdata("policies/rich.20");
    let words = ["allow", "-s", "web_t", "-t", "doc_t", "-p", "getattr", "--via", "-P"];
    let answer = answer(&[&words[..], &[policy.to_str().expect("a path in UTF-8")]].concat());
    // With names, from version 24 on: `allow domain file_type:file getattr;`.
    let through_both = "allow <unnamed-12> <unnamed-1>:file getattr;  # source web_t has <unnamed-12>; target doc_t has <unnamed-1>";
    assert_eq!(answer.stdout.lines().next(), Some(through_both), "{}", answer.stdout);
}

#[test]
fn limit_and_count_agree() {
    let all = answer(&["--demo", "allow", "-s", "httpd_t"]).stdout;
    let count = answer(&["--demo", "allow", "-s", "httpd_t", "--count"]).stdout;
    assert_eq!(count.trim().parse::<usize>().unwrap(), all.lines().count());
    let first: Vec<String> = answer(&["--demo", "allow", "-s", "httpd_t", "--limit", "3"])
        .stdout
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(first, all.lines().take(3).collect::<Vec<_>>());
}

#[test]
fn colour_only_where_it_is_wanted() {
    let colored = |words: &[&str], environment: Option<(&str, &str)>| {
        let mut command = sepolq();
        command.args(SENTENCE).args(words).envs(environment);
        String::from_utf8(command.output().unwrap().stdout).unwrap().contains('\x1b')
    };
    assert!(!colored(&[], None), "a pipe is no terminal");
    assert!(colored(&["--color", "always"], None));
    assert!(
        colored(&["--color", "always"], Some(("NO_COLOR", "1"))),
        "what is asked for comes before the environment"
    );
    assert!(!colored(&["--color", "never"], None));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = sepolq()
        .args(["--demo", "search", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let answer = Answer::of(&child.wait_with_output().unwrap());
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_drop_in_dies_of_a_closed_pipe_as_setools_does() {
    use std::os::unix::process::ExitStatusExt;
    let mut child = sepolq()
        .args(["sesearch", "-A"])
        .arg(testdata("demo/demo.33"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    const SIGPIPE: i32 = 13;
    assert_eq!(child.wait_with_output().unwrap().status.signal(), Some(SIGPIPE));
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sepolq().args(SENTENCE).stdout(full).stderr(Stdio::piped()).output().unwrap();
    let answer = Answer::of(&output);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("No space left"), "{}", answer.stderr);
}

#[test]
fn names_cannot_drive_a_terminal() {
    let mut policy = std::fs::read(testdata("policies/condition-granted.33")).unwrap();
    // A type's name of the same length with an escape sequence in it, wherever the name stands.
    let (plain, hostile) = (b"\x05\x00\x00\x00", b"doc_t");
    let at = policy.windows(hostile.len()).position(|window| window == hostile).expect("the name");
    assert_eq!(plain[0], 5);
    policy[at..at + 5].copy_from_slice(b"\x1b[7mt");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hostile.33");
    std::fs::write(&path, policy).unwrap();
    for words in [&["allow"][..], &["allow", "--json"], &["allow", "--via", "-t", "/t/"]] {
        let output = sepolq().arg("-P").arg(&path).args(words).output().unwrap();
        let answer = Answer::of(&output);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        assert!(!answer.stdout.contains('\x1b'), "{words:?}: {}", answer.stdout);
    }
}

#[test]
fn files_of_another_kind_are_named() {
    for (content, says) in [
        (&b""[..], "an empty file"),
        (b"\x8f\xff\x7c\xf9\x01", "cannot use the module"),
        (b"BZh91AY&SY", "the bzip2 stream is damaged or cut off"),
        (b"\x7fELF\x02", "an ELF program"),
        (b"(block container)", "policy text in CIL"),
        (b"hello world", "magic"),
        (b"hi", "only 2 bytes"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, content).unwrap();
        let answer = Answer::of(&sepolq().arg("-P").arg(&path).arg("allow").output().unwrap());
        assert_eq!(answer.code, Some(2));
        assert!(answer.stderr.contains(says) && answer.stderr.contains("\nhelp: "), "{}", answer.stderr);
        assert!(answer.stderr.contains("/file`"), "the file is named: {}", answer.stderr);
    }
}

#[test]
fn sesearch_takes_the_option_of_setools_3_for_both_sides() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/demo/demo.33");
    let ask =
        |words: &[&str]| answer(&[&["sesearch", "--allow", "-s", "container_t"], words, &[demo]].concat());
    let (old, new, expanded) = (ask(&["-d"]), ask(&["-ds", "-dt"]), ask(&[]));
    assert_eq!((old.code, &old.stdout), (Some(0), &new.stdout));
    assert!(old.stdout.len() < expanded.stdout.len());
}

#[test]
fn a_setools_name_behind_an_option_is_explained() {
    for name in ["sesearch", "seinfo", "sedta", "seinfoflow"] {
        let late = answer(&["-P", "policy.33", name, "--allow"]);
        assert_eq!(late.code, Some(2));
        assert!(late.stderr.contains("must be the first word"), "{}", late.stderr);
    }
}

#[test]
fn help_is_a_command_too() {
    for (words, page) in [(&["help"][..], "Commands:"), (&["help", "allow"], "Examples:")] {
        let help = answer(words);
        assert_eq!(help.code, Some(0), "{words:?}: {}", help.stderr);
        assert!(help.stdout.contains(page), "{}", help.stdout);
    }
}
