//! `reach DOMAIN TARGET` and `reach --matrix` as people use them: what is printed is asked again of `can`; options; modules on top.
//! The paths themselves are compared with their definition in `crates/analysis`.

mod common;

use common::answer;
use serde_json::Value;

fn json(words: &[&str]) -> Value {
    let answer = answer(&[&["--demo", "reach", "--json"], words].concat());
    serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {}", answer.stderr))
}

fn of_sort<'a>(document: &'a Value, sort: &str) -> &'a Value {
    let results = document["results"].as_array().expect("results");
    results.iter().find(|result| result["sort"] == sort).expect("a sort")
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|word| word.as_str().expect("text")).collect()
}

/// Asks `can` about each access of each way.
fn check(document: &Value) -> usize {
    let mut asked = 0;
    for result in document["results"].as_array().expect("results") {
        let hops = result["paths"]
            .as_array()
            .expect("paths")
            .iter()
            .flat_map(|path| path.as_array().expect("steps"));
        let settings: Vec<String> = result["set_booleans"]
            .as_object()
            .expect("booleans")
            .iter()
            .map(|(name, state)| format!("{name}={}", if state == true { "on" } else { "off" }))
            .collect();
        for access in hops
            .flat_map(|hop| hop["ways"].as_array().expect("ways").iter().take(3))
            .flat_map(|way| way["accesses"].as_array().expect("accesses"))
        {
            let text = |key: &str| access[key].as_str().expect("text");
            let permissions = words(&access["permissions"]).join(",");
            let mut question =
                vec!["--demo", "can", text("source"), text("target"), text("class"), &permissions, "--json"];
            settings.iter().for_each(|setting| question.extend(["--bool", setting]));
            let answer = answer(&question);
            let verdict: Value = serde_json::from_str(&answer.stdout).expect("JSON");
            assert_eq!(verdict["result"], access["result"], "{question:?}");
            asked += 1;
        }
    }
    asked
}

#[test]
fn every_access_is_what_can_says() {
    let mut asked = 0;
    for question in [
        &["container_t", "shadow_t"][..],
        &["httpd_t", "container_file_t", "--all-shortest", "--limit", "5"],
        &["container_t:s0:c1,c2", "container_t:s0:c3,c4"],
        &["httpd_t", "httpd_sys_script_t", "--booleans", "any"],
        &["init_t", "container_t", "--only", "transition,program"],
        &["httpd_t", "user_home_t", "--reverse"],
    ] {
        asked += check(&json(question));
    }
    assert!(asked > 60, "{asked}");
}

#[test]
fn with_levels_what_constraints_forbid_is_no_step() {
    let hops = |to: &str| {
        let document = json(&["container_t:s0:c1,c2", to, "--only", "ptrace,signal"]);
        of_sort(&document, "control")["hops"].as_u64()
    };
    assert_eq!(hops("container_t:s0:c3,c4"), None, "another container");
    assert_eq!(hops("container_t:s0:c1"), Some(1), "a level that its own dominates");
    let open = json(&["container_t", "container_init_t", "--only", "flow"]);
    let way = &of_sort(&open, "flow")["paths"][0][0]["ways"];
    assert!(way.as_array().expect("ways").iter().all(|way| way["accesses"][0]["granted_if"].is_array()));
}

#[test]
fn booleans_that_open_a_path_are_named() {
    let closed = answer(&[
        "--demo",
        "reach",
        "httpd_t",
        "httpd_sys_script_t",
        "--bool",
        "httpd_enable_cgi=off",
        "--only",
        "transition",
    ]);
    assert_eq!(closed.code, Some(1));
    assert!(
        closed.stdout.contains("no path") && closed.stdout.contains("--booleans any"),
        "{}",
        closed.stdout
    );
    // A boolean that the question sets stays.
    let question =
        ["--demo", "reach", "container_t", "nfs_t", "--only", "write", "--max-hops", "1", "--booleans"];
    let kept = answer(&[&question[..], &["virt_use_nfs=off,any"]].concat());
    assert_eq!(kept.code, Some(1), "{}", kept.stdout);
    let any = answer(&[&question[..], &["any"]].concat());
    assert_eq!(any.code, Some(0));
    assert!(any.stdout.contains("with virt_use_nfs=on"), "{}", any.stdout);
}

#[test]
fn what_lies_between_is_chosen() {
    let direct = json(&["container_t", "shadow_t", "--only", "flow"]);
    assert_eq!(of_sort(&direct, "flow")["hops"], 2);
    let through = json(&["container_t", "shadow_t", "--only", "flow", "--via", "httpd_t"]);
    let path = of_sort(&through, "flow")["paths"][0].as_array().expect("steps").clone();
    assert!(path.iter().any(|hop| hop["to"] == "httpd_t"), "{through}");
    let first = of_sort(&direct, "flow")["paths"][0][0]["to"].as_str().expect("a type").to_owned();
    let around = json(&["container_t", "shadow_t", "--only", "flow", "--avoid", &first]);
    assert_ne!(of_sort(&around, "flow")["paths"][0][0]["to"], Value::from(first));
    let short = json(&["container_t", "shadow_t", "--only", "flow", "--max-hops", "1"]);
    assert_eq!(
        (&of_sort(&short, "flow")["found"], &of_sort(&short, "flow")["reason"]),
        (&Value::from(false), &Value::from("max_hops"))
    );
}

#[test]
fn all_pairs_as_csv_json_and_graph() {
    let types = ["container_t", "spc_t", "shadow_t"];
    let csv = answer(&[&["--demo", "reach", "--matrix"], &types[..]].concat());
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines[0], "from,container_t,spc_t,shadow_t");
    assert_eq!(lines.len(), 4);
    let document = json(&[&["--matrix"], &types[..]].concat());
    for (row, from) in types.iter().enumerate() {
        let cells: Vec<&str> = lines[row + 1].split(',').skip(1).collect();
        for (column, to) in types.iter().enumerate() {
            let steps = &document["steps"][row][column];
            assert_eq!(cells[column], steps.as_u64().map_or_else(String::new, |steps| steps.to_string()));
            if row != column {
                let path = json(&[from, to, "--only", "flow"]);
                assert_eq!(&of_sort(&path, "flow")["hops"], steps, "{from} {to}");
            }
        }
    }
    let graph = answer(&[&["--demo", "reach", "--matrix", "--form", "dot"], &types[..]].concat());
    assert!(
        graph.stdout.starts_with("digraph reach {\n") && graph.stdout.contains("\"spc_t\" -> \"shadow_t\";"),
        "{}",
        graph.stdout
    );
    let one = answer(&["--demo", "reach", "--matrix", "--threads", "1"]);
    assert_eq!(one.stdout, answer(&["--demo", "reach", "--matrix", "--threads", "2"]).stdout);
    assert!(one.stdout.contains("pairs reach each other"), "{}", one.stdout);
}

#[test]
fn a_module_on_top_is_part_of_the_policy() {
    if !std::path::Path::new("/usr/bin/secilc").exists() {
        return testkit::leave_out(&testkit::Error::Reference("secilc is not installed".to_owned()));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let module = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let ours = module(
        "ours.cil",
        "(block ours\n  (type process)\n  (roletype system_r process)\n  (typeattributeset domain (process))\n  (typeattributeset \
         container_domain (process))\n  (allow process shadow_t (file (read open getattr))))\n",
    );
    // A module that says nothing changes nothing: no attribute is lost, though secilc would expand the small ones.
    let empty = module("empty.cil", "; nothing\n");
    let domains = ["--demo", "reach", "--matrix", "@container_domain"];
    assert_eq!(answer(&domains).stdout, answer(&[&domains[..], &["--with", &empty]].concat()).stdout);
    let before = answer(&["--demo", "reach", "ours.process"]);
    assert_eq!(before.code, Some(2));
    let direct = json(&["ours.process", "--list", "read", "--with", &ours]);
    let groups = direct["results"][0]["groups"].as_array().expect("groups").clone();
    let read = groups.iter().find(|group| group["id"] == "read").expect("a group");
    assert!(words(&read["granted"]).contains(&"shadow_t"), "{read}");
    let path = json(&["shadow_t", "ours.process", "--only", "flow", "--with", &ours]);
    assert_eq!(of_sort(&path, "flow")["hops"], 1);
    for (name, text) in [
        ("unknown.cil", "(allow no_such_t shadow_t (file (read)))\n"),
        ("optional.cil", "(optional some (allow no_such_t shadow_t (file (read))))\n"),
        ("broken.cil", "(allow\n"),
    ] {
        let path = module(name, text);
        let answer = answer(&["--demo", "reach", "container_t", "--with", &path]);
        assert_eq!(answer.code, Some(2), "{name}: {}", answer.stdout);
        assert!(answer.stderr.contains(name), "{name}: {}", answer.stderr);
    }
    let missing = answer(&["--demo", "reach", "container_t", "--with", "/nonexistent.cil"]);
    assert!(missing.code == Some(2) && missing.stderr.contains("/nonexistent.cil"), "{}", missing.stderr);
}

#[test]
fn what_cannot_be_asked_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = folder.path().join("map");
    std::fs::write(&map, "1\nclass file 1\nread x 10\n").expect("written");
    let map = map.to_str().expect("text");
    for (words, part) in [
        (&[][..], "name a domain"),
        (&["container_t", "shadow_t", "etc_t"], "two ends"),
        (&["container_t", "shdow_t"], "shadow_t"),
        (&["container_t", "container_t"], "both ends"),
        (&["container_t", "shadow_t", "--only", "flw"], "flow"),
        (&["container_t", "shadow_t", "--booleans", "all"], "any"),
        (&["container_t", "shadow_t", "--booleans", "no_such=on"], "no_such"),
        (&["container_t", "shadow_t", "--avoid", "shadow_t"], "avoided"),
        (&["container_t", "shadow_t", "--avoid", "@no_such"], "no attribute"),
        (&["container_t", "shadow_t", "--via", "etc_t:s0"], "more than a type"),
        (&["container_t", "shadow_t", "--vs", "spc_t"], "--vs"),
        (&["container_t", "--via", "spc_t"], "--via"),
        (&["container_t", "--only", "flow"], "--only"),
        (&["container_t", "--booleans", "any"], "where it ends"),
        (&["container_t", "shadow_t", "--limit", "5"], "--all-shortest"),
        (&["@domain", "shadow_t"], "no single type"),
        (
            &["container_t", "shadow_t", "--bool", "virt_use_nfs=on", "--booleans", "virt_use_nfs=off"],
            "on and off",
        ),
        (&["--matrix", "--form", "dot"], "only a summary"),
        (&["--matrix", "spc_t", "--avoid", "spc_t"], "avoided"),
        (&["container_t", "shadow_t", "--map", "/dev/zero"], "64 MiB"),
        (&["container_t", "shadow_t", "--map", map], "line 3"),
        (&["container_t", "shadow_t", "--min-weight", "11"], "11"),
        (&["--matrix", "--booleans", "any"], "one setting"),
        (&["--matrix", "container_t:s0"], "more than that"),
    ] {
        let answer = answer(&[&["--demo", "reach"], words].concat());
        assert_eq!(answer.code, Some(2), "{words:?}: {}", answer.stdout);
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
}
