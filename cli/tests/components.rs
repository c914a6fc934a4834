//! `info`, `list` and `show` as a user meets them.

mod common;

use common::{Answer, answer, sepolq, testdata};
use serde_json::Value;

fn lines(words: &[&str]) -> Vec<String> {
    let answer = answer(words);
    assert_eq!(answer.code, Some(0), "{words:?}: {}", answer.stderr);
    answer.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_listing_is_names_and_expanded_statements() {
    assert_eq!(lines(&["--demo", "list", "types", "container_t"]), ["container_t"]);
    assert_eq!(lines(&["--demo", "list", "booleans", "virt_use_nfs", "-x"]), ["bool virt_use_nfs false;"]);
    let expanded = lines(&["--demo", "list", "type", "svirt_lxc_net_t", "--expand"]);
    assert_eq!(expanded.len(), 1);
    assert!(
        expanded[0].starts_with("type container_t alias svirt_lxc_net_t, container_domain, "),
        "{expanded:?}"
    );
    let attribute = lines(&["--demo", "list", "attributes", "container_domain", "-x"]);
    assert_eq!(attribute[0], "attribute container_domain;");
    assert!(attribute.contains(&"typeattribute container_t container_domain;".to_owned()));
}

#[test]
fn without_a_kind_the_kinds_are_counted() {
    for line in lines(&["--demo", "list"]) {
        let (kind, count) = line.split_once(' ').unwrap();
        let listed = answer(&["--demo", "list", kind, "--count"]);
        assert_eq!(listed.stdout.trim(), count.trim(), "{kind}");
        assert_eq!(listed.code, Some(i32::from(count.trim() == "0")), "{kind}");
    }
}

#[test]
fn json_has_a_statement_and_fields_for_each() {
    for line in lines(&["--demo", "list"]) {
        let kind = line.split(' ').next().unwrap();
        let object: Value =
            serde_json::from_str(&answer(&["--demo", "list", kind, "--json"]).stdout).expect("one object");
        assert_eq!((object["schema"].as_str(), object["kind"].as_str()), (Some("sepolq.list/1"), Some(kind)));
        let results = object["results"].as_array().unwrap();
        assert_eq!(object["count"], results.len());
        let statements: Vec<String> =
            results.iter().map(|result| result["statement"].as_str().unwrap().to_owned()).collect();
        let mut expanded = answer(&["--demo", "list", kind, "-x"]).stdout;
        if kind == "attributes" || kind == "conditionals" {
            // Behind each stand its types or its rules.
            let own = |line: &&str| line.starts_with("attribute ") || line.starts_with("if (");
            expanded = expanded.lines().filter(own).map(|line| format!("{line}\n")).collect();
        }
        assert_eq!(expanded.lines().collect::<Vec<_>>(), statements, "{kind}");
    }
}

#[test]
fn limits_are_told() {
    let object: Value =
        serde_json::from_str(&answer(&["--demo", "list", "types", "--json", "--limit", "3"]).stdout).unwrap();
    assert_eq!(object["truncated"], true);
    assert_eq!(object["results"].as_array().unwrap().len(), 3);
    assert_eq!(lines(&["--demo", "list", "types", "--limit", "2"]).len(), 2);
}

#[test]
fn a_table_has_headings_and_a_row_for_each() {
    let table = lines(&["--demo", "list", "portcon", "--table"]);
    assert!(table[0].starts_with("protocol"), "{}", table[0]);
    assert_eq!(table.len(), 1 + lines(&["--demo", "list", "portcon"]).len());
}

#[test]
fn mistakes_are_explained() {
    for (words, expected) in [
        (&["--demo", "list", "tpyes"][..], "did you mean `types`?"),
        (&["--demo", "list", "httpd_t"], "sepolq show httpd_t"),
        (&["--demo", "list", "types", "contianer_t"], "did you mean `container_t`, "),
        (&["--demo", "list", "booleans", "container_t"], "is a type of this policy"),
        (&["--demo", "list", "portcon", "70000"], "0 to 65535"),
        (&["--demo", "list", "nodecon", "10.0.0.0/99"], "0 to 32"),
        (&["--demo", "list", "nodecon", "256.1.1.1"], "no IPv4 or IPv6 address"),
        (&["--demo", "list", "portcon", "80-"], "no port"),
        (&["--demo", "show", "65536"], "0 to 65535"),
        (&["--demo", "show", "@domain"], "sepolq list types @ATTR"),
        (&["--demo", "show", "system_u:system_r:init_t:s0"], "sepolq context"),
        (&["--demo", "show", "system_r", "--for", "container_t"], "is a role of this policy"),
        (&["--demo", "list", "--count"], "<KIND>"),
        (&["--demo", "show", "contianer_t"], "did you mean `container_t`, "),
        (&["--demo", "show", "virt_use_nfs", "--bool", "virt_use_nsf=on"], "did you mean `virt_use_nfs`?"),
    ] {
        let answer = answer(words);
        assert_eq!(answer.code, Some(2), "{words:?}");
        assert!(answer.stderr.contains(expected), "{words:?}: {}", answer.stderr);
        assert_eq!(answer.stdout, "", "{words:?}");
    }
}

#[test]
fn nothing_of_a_kind_is_status_1() {
    let answer = answer(&["--demo", "list", "portcon", "container_t"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""));
}

#[test]
fn info_says_what_stands_out() {
    let text = answer(&["--demo", "info"]).stdout;
    assert!(text.contains("permissive types (1): site_agent_t"), "{text}");
    let object: Value = serde_json::from_str(&answer(&["--demo", "info", "--json"]).stdout).unwrap();
    assert_eq!(object["schema"], "sepolq.info/1");
    let ids: Vec<&str> =
        object["notices"].as_array().unwrap().iter().map(|notice| notice["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["permissive", "unknown_allowed", "empty_attributes"]);
    assert_eq!(object["symbols"]["types"], lines(&["--demo", "list", "types"]).len());
    let old = testdata("policies/rich.20");
    let old = answer(&["-P", old.to_str().unwrap(), "info"]).stdout;
    assert!(old.contains("attributes without names"), "{old}");
}

#[test]
fn a_name_is_shown_as_all_that_it_is() {
    let object: Value = serde_json::from_str(&answer(&["--demo", "show", "file", "--json"]).stdout).unwrap();
    let kinds: Vec<&str> =
        object["results"].as_array().unwrap().iter().map(|result| result["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["class", "common", "sid"]);
    let alias = answer(&["--demo", "show", "svirt_lxc_net_t"]).stdout;
    assert!(alias.starts_with("container_t: a type (`svirt_lxc_net_t` is an alias)\n"), "{alias}");
    let off = answer(&["--demo", "show", "memfd_class"]).stdout;
    assert!(off.contains("state            off"), "{off}");
    let boolean = answer(&["--demo", "show", "virt_use_nfs", "--bool", "virt_use_nfs=on"]).stdout;
    assert!(
        boolean.contains("state            on\n") && boolean.contains("default          off\n"),
        "{boolean}"
    );
}

#[test]
fn of_a_port_the_first_statement_decides() {
    let text = answer(&["--demo", "show", "tcp/80"]).stdout;
    let deciding: Vec<&str> = text.lines().filter(|line| line.ends_with("yes")).collect();
    assert!(matches!(deciding.as_slice(), [one] if one.contains(":http_port_t:s0")), "{text}");
}

#[test]
fn a_host_is_shown_with_its_statements() {
    let text = answer(&["--demo", "show", "127.0.0.1"]).stdout;
    assert!(text.contains("nodecon 127.0.0.1 255.255.255.255 "), "{text}");
}

#[test]
fn what_has_no_statement_has_the_initial_sid_s_label() {
    for (word, sid) in [("dccp/80", "sid port "), ("::7", "sid node ")] {
        let text = answer(&["--demo", "show", word]).stdout;
        assert!(text.contains(sid), "{text}");
    }
}

#[test]
fn switched_off_is_said_apart() {
    let object: Value =
        serde_json::from_str(&answer(&["--demo", "show", "httpd_t", "--json"]).stdout).unwrap();
    let through = object["results"][0]["through"].as_array().unwrap();
    assert!(through.iter().any(|through| through["attribute"] == "domain"), "{through:?}");
    let policy = testdata("policies/condition-rules.33");
    let policy = policy.to_str().unwrap();
    let rules = answer(&["-P", policy, "list", "conditionals", "-x"]).stdout;
    let found = answer(&["-P", policy, "search", "-b", "/./", "--count"]).stdout;
    assert_eq!(rules.lines().filter(|line| !line.starts_with("if (")).count().to_string(), found.trim());
}

#[test]
fn names_from_strangers_cannot_drive_a_terminal() {
    let path = testdata("policies/names.33");
    let output = sepolq().arg("-P").arg(path).args(["list", "types", "-x"]).output().unwrap();
    let answer = Answer::of(&output);
    assert!(!answer.stdout.chars().any(|c| c.is_control() && c != '\n'), "{}", answer.stdout);
}
