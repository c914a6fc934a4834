//! `breakout` as people use it: the expected table on three policies, every witness decided again by `can`, what is accepted, exit
//! codes, and catalogues with mistakes.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use common::{Answer, answer, sepolq, testdata};
use serde::Deserialize;
use serde_json::Value;

/// The table.
#[derive(Deserialize)]
struct Expected {
    row: Vec<Row>,
}

/// A primitive, and how it stands with domains: by policy, then by domain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    because: String,
    demo: BTreeMap<String, String>,
    #[serde(rename = "demo-older")]
    demo_older: BTreeMap<String, String>,
    container: BTreeMap<String, String>,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(testdata("breakout/expected.toml")).expect("the table");
    toml::from_str::<Expected>(&text).expect("a table").row
}

/// The policies of the table: the name, the file, and what a row says of it. The container build may be missing.
type OfPolicy = (&'static str, PathBuf, fn(&Row) -> &BTreeMap<String, String>);

fn policies() -> Vec<OfPolicy> {
    let mut policies: Vec<OfPolicy> = vec![
        ("demo", testdata("demo/demo.33"), |row| &row.demo),
        ("demo-older", testdata("demo/demo-older.33"), |row| &row.demo_older),
    ];
    let built = testkit::policies::ALL.iter().find(|policy| policy.name == "container").expect("known");
    let path = built.path();
    match path.exists() {
        true => policies.push(("container", path, |row| &row.container)),
        false => testkit::leave_out(&testkit::Error::NoPolicy { path }),
    }
    policies
}

/// Asks for JSON about domains.
fn ask(policy: &PathBuf, words: &[&str]) -> (Option<i32>, Value) {
    let answer = Answer::of(
        &sepolq().arg("-P").arg(policy).args(["breakout", "--json"]).args(words).output().expect("runs"),
    );
    let json = serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("no JSON: {}", answer.stderr));
    (answer.code, json)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

#[test]
fn the_expected_table() {
    let rows = rows();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, path, of) in policies() {
        let domains: BTreeSet<&String> = rows.iter().flat_map(|row| of(row).keys()).collect();
        let words: Vec<&str> = domains.iter().map(|domain| domain.as_str()).collect();
        let (code, json) = ask(&path, &words);
        assert_eq!(code, Some(1), "{name}: something is open");
        for domain in list(&json["results"]) {
            for cell in list(&domain["cells"]) {
                let id = text(&cell["id"]);
                let row = rows.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("no row for {id}"));
                let expected = of(row).get(text(&domain["domain"]));
                let expected =
                    expected.unwrap_or_else(|| panic!("{id}: nothing expected of {}", domain["domain"]));
                assert_eq!(text(&cell["verdict"]), expected, "{name}: {id} and {}", domain["domain"]);
                seen.entry(id.to_owned()).or_default().insert(expected.clone());
            }
        }
    }
    for row in &rows {
        assert!(row.because.len() > 20, "{}: a justification", row.id);
        let verdicts = seen.get(&row.id).unwrap_or_else(|| panic!("there is no primitive {}", row.id));
        let all = [&row.demo, &row.demo_older, &row.container];
        for wanted in ["open", "blocked"] {
            // Whether the container build is there or not, the table has it.
            let is_there = all.iter().any(|cells| cells.values().any(|verdict| verdict == wanted));
            assert!(is_there, "{} is nowhere {wanted}: {verdicts:?}", row.id);
        }
    }
}

/// Asks `can`, which answers with its exit code.
fn can(policy: &PathBuf, source: &str, target: &str, class: &str, permissions: &[&str]) -> Answer {
    let mut command = sepolq();
    command.arg("-P").arg(policy).args(["can", source, target, class, &permissions.join(",")]);
    Answer::of(&command.output().expect("runs"))
}

#[test]
fn every_witness_is_decided_again() {
    let rows = rows();
    for (name, path, of) in policies() {
        let domains: BTreeSet<&String> = rows.iter().flat_map(|row| of(row).keys()).collect();
        let words: Vec<&str> = domains.iter().map(|domain| domain.as_str()).collect();
        let (_, json) = ask(&path, &words);
        let (mut n_granted, mut n_denied) = (0, 0);
        for domain in list(&json["results"]) {
            for cell in list(&domain["cells"]) {
                let what = format!("{name}: {} and {}", cell["id"], domain["domain"]);
                let is_open = text(&cell["verdict"]) == "open";
                let mut any_denied = false;
                for need in list(&cell["needs"]) {
                    let verdict = text(&need["verdict"]);
                    assert!(!is_open || verdict == "granted", "{what}");
                    any_denied |= verdict == "denied";
                    for access in list(&need["access"]) {
                        let (source, target) = (text(&need["source"]), text(&need["target"]));
                        let class = text(&access["class"]);
                        let permissions: Vec<&str> = list(&access["permissions"]).iter().map(text).collect();
                        let lacking: BTreeSet<&str> = list(&access["lacking"])
                            .iter()
                            .flat_map(|lacking| list(&lacking["permissions"]))
                            .map(text)
                            .collect();
                        let undefined: Vec<&str> = list(&access["undefined"]).iter().map(text).collect();
                        let mut said = String::new();
                        for permission in permissions {
                            let again = can(&path, source, target, class, &[permission]);
                            if again.code == Some(2) && undefined.contains(&permission) {
                                // A class of a service that neither kernel nor policy has: `can` knows no such name.
                                assert!(again.stderr.contains("class"), "{what}: {}", again.stderr);
                                continue;
                            }
                            let expected = if lacking.contains(permission) { Some(1) } else { Some(0) };
                            assert_eq!(
                                again.code, expected,
                                "{what}: {class} {permission}: {}",
                                again.stderr
                            );
                            match lacking.contains(permission) {
                                true => n_denied += 1,
                                false => n_granted += 1,
                            }
                            said.push_str(&again.stdout);
                        }
                        // The rules that are named are those that `can` names.
                        for rule in list(&access["rules"]).iter().filter(|_| need["permissive"] == false) {
                            let statement = text(&rule["statement"]);
                            let beginning = statement.split('{').next().unwrap_or_default().trim_end();
                            assert!(said.contains(beginning), "{what}: {statement}");
                        }
                    }
                }
                assert!(text(&cell["verdict"]) != "blocked" || any_denied, "{what}");
            }
        }
        assert!(n_granted > 30 && n_denied > 30, "{name}: {n_granted} {n_denied}");
    }
}

#[test]
fn booleans_that_are_named_open_it() {
    let path = testdata("demo/demo.33");
    let (_, json) = ask(&path, &["container_t", "container_logreader_t"]);
    let mut tried = 0;
    for domain in list(&json["results"]) {
        for cell in list(&domain["cells"]) {
            for settings in list(&cell["opened_by"]) {
                let settings: Vec<String> = list(settings)
                    .iter()
                    .map(|setting| {
                        format!(
                            "{}={}",
                            text(&setting["name"]),
                            if setting["state"] == true { "on" } else { "off" }
                        )
                    })
                    .collect();
                let words =
                    [text(&domain["domain"]), "--only", text(&cell["id"]), "--bool", &settings.join(",")];
                let (code, again) = ask(&path, &words);
                assert_eq!(code, Some(1), "{words:?}");
                assert_eq!(text(&again["results"][0]["cells"][0]["verdict"]), "open", "{words:?}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 2, "{tried}");
}

#[test]
fn two_pairs_of_categories_keep_containers_apart() {
    let verdict = |domain: &str| {
        let (_, json) = ask(&testdata("demo/demo.33"), &[domain, "--only", "other-container"]);
        let cell = &json["results"][0]["cells"][0];
        (text(&cell["verdict"]).to_owned(), text(&cell["needs"][0]["target"]).to_owned())
    };
    let (blocked, target) = verdict("container_t:s0:c1,c2");
    assert_eq!(
        (blocked.as_str(), target.as_str()),
        ("blocked", "system_u:object_r:container_file_t:s0:c3,c4")
    );
    assert_eq!(verdict("container_t:s0:c3,c7").1, "system_u:object_r:container_file_t:s0:c1,c2");
    assert_eq!(verdict("spc_t").0, "open", "no constraint binds it");
    assert_eq!(verdict("container_t:s0-s0:c0.c1023").0, "open", "it is the high level that is compared");
}

#[test]
fn exit_codes_count_what_is_not_accepted() {
    let code = |words: &[&str]| answer(&[&["--demo", "breakout"], words].concat()).code;
    assert_eq!(code(&[]), Some(1));
    assert_eq!(code(&["container_t", "--only", "raw-disk"]), Some(0));
    assert_eq!(code(&["spc_t", "--only", "raw-disk"]), Some(1));
    assert_eq!(code(&["container_t", "spc_t", "--only", "raw-disk", "--except", "raw-disk:spc_t"]), Some(0));
    assert_eq!(
        code(&["container_t", "spc_t", "--only", "raw-disk", "--except", "raw-disk:container_t"]),
        Some(1)
    );
    assert_eq!(code(&["spc_t", "--only", "raw-disk,shadow", "--except", "raw-disk,shadow"]), Some(0));
    assert_eq!(code(&["container_t", "--only", "raw-disk", "--bool", "container_use_devices=on"]), Some(1));
    assert_eq!(code(&["container_t", "--only", "binfmt"]), Some(0), "what cannot be told does not count");
    assert_eq!(code(&["container_t", "--only", "binfmt", "--strict"]), Some(1));
    assert_eq!(code(&["container_t", "--only", "binfmt", "--strict", "--except", "binfmt"]), Some(0));
    assert_eq!(code(&["site_agent_t", "--only", "shadow"]), Some(1), "nothing stops a permissive domain");
    assert_eq!(code(&["--list"]), Some(0));
    for words in [
        &["no_such_t"][..],
        &["@domain"],
        &["@no_such"],
        &["container_t", "--only", "raw-disc"],
        &["container_t", "--except", "raw-disk:no_such_t"],
        &["container_t", "--catalogue", "/no/such/file"],
        &["container_t", "--bool", "no_such=on"],
        &["container_t:s0:c9999"],
    ] {
        let answer = answer(&[&["--demo", "breakout"], words].concat());
        if words != ["@domain"] {
            assert_eq!(answer.code, Some(2), "{words:?}");
            assert!(answer.stderr.starts_with("error: "), "{words:?}: {}", answer.stderr);
        }
    }
    let xen = testdata("policies/xen.30").display().to_string();
    assert_eq!(answer(&["-P", &xen, "breakout"]).code, Some(2));
    let small = testdata("policies/mcs-denied.33").display().to_string();
    assert_eq!(answer(&["-P", &small, "breakout"]).code, Some(2), "no containers there");
}

#[test]
fn accepted_cells_are_shown() {
    let shown = answer(&["--demo", "breakout", "spc_t", "--only", "raw-disk", "--except", "raw-disk:spc_t"]);
    assert!(shown.stdout.contains("accepted"), "{}", shown.stdout);
    let (code, json) =
        ask(&testdata("demo/demo.33"), &["spc_t", "--only", "raw-disk", "--except", "raw-disk"]);
    assert_eq!(code, Some(0));
    assert_eq!(json["counts"]["accepted"], 1);
    assert_eq!(json["counts"]["open"], 0);
    assert_eq!(json["results"][0]["cells"][0]["accepted"], true);
}

#[test]
fn undefined_classes_follow_handle_unknown() {
    // The older demo policy has no class user_namespace and allows what it does not define; the container build denies.
    let (_, json) = ask(&testdata("demo/demo-older.33"), &["container_t", "--only", "user-namespace"]);
    let access = &json["results"][0]["cells"][0]["needs"][0]["access"][0];
    assert_eq!(access["undefined"][0], "create");
    let reject = testdata("policies/unknown-reject.33");
    let list = answer(&["-P", &reject.display().to_string(), "list", "types"]);
    let domain = list.stdout.lines().next().expect("a type").to_owned();
    let (code, json) = ask(&reject, &[&domain, "--only", "user-namespace", "--strict"]);
    assert_eq!(code, Some(1));
    let cell = &json["results"][0]["cells"][0];
    assert_eq!(cell["verdict"], "cannot_tell");
    assert_eq!(cell["needs"][0]["missing"][0], "user_namespace create");
}

/// A catalogue in a file of its own, and what the program says to it.
fn with_catalogue(bytes: &[u8], words: &[&str]) -> Answer {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ours.toml");
    std::fs::write(&path, bytes).expect("written");
    let path = path.display().to_string();
    answer(&[&["--demo", "breakout", "--catalogue", &path], words].concat())
}

const OURS: &str = r#"
[[primitive]]
id = "home"
title = "homes of people"
reference = "our rules"
meaning = "containers have no business there"
[[primitive.way]]
needs = [{ access = ["file { open read }"], on = ["user_home_t"] }]
"#;

#[test]
fn catalogues_of_ones_own_are_asked() {
    let ours = with_catalogue(OURS.as_bytes(), &["container_t", "spc_t", "--only", "home"]);
    assert_eq!(ours.code, Some(1), "{}", ours.stderr);
    assert!(ours.stdout.contains("homes of people blocked      open"), "{}", ours.stdout);
    let list = with_catalogue(OURS.as_bytes(), &["--list"]);
    assert!(list.stdout.contains("file { open read } on user_home_t"), "{}", list.stdout);
    // Levels that are left open cannot be told, and the answer says what it depends on.
    let open = OURS.replace("on = [\"user_home_t\"]", "on = [\"container_file_t\"], level = \"open\"");
    let open = with_catalogue(open.as_bytes(), &["container_t", "--only", "home", "--why"]);
    assert_eq!(open.code, Some(0), "{}", open.stderr);
    assert!(open.stdout.contains("h1 dom h2") && open.stdout.contains("granted to "), "{}", open.stdout);
    // One of the program's ids: ours takes its place.
    let other = OURS.replace("\"home\"", "\"raw-disk\"");
    let other = with_catalogue(other.as_bytes(), &["spc_t", "--only", "raw-disk"]);
    assert!(other.stdout.contains("homes of people"), "{}", other.stdout);
}

#[test]
fn mistakes_in_catalogues_have_line_and_reason() {
    for (from, to, line, reason) in [
        ("open read", "open raed", 8, "`raed`"),
        ("file {", "fiel {", 8, "fiel"),
        ("user_home_t", "user home", 8, "is no object"),
        ("title = ", "titel = ", 4, "titel"),
        ("[[primitive]]", "[[primitive]", 2, ""),
        ("id = \"home\"", "id = \"ho me\"", 3, "is no id"),
    ] {
        let text = OURS.replace(from, to);
        let answer = with_catalogue(text.as_bytes(), &["container_t"]);
        assert_eq!(answer.code, Some(2), "{to}");
        assert!(answer.stderr.contains(&format!("line {line}: ")), "{to}: {}", answer.stderr);
        assert!(answer.stderr.contains(reason), "{to}: {}", answer.stderr);
        assert!(answer.stderr.contains("ours.toml"), "{to}: {}", answer.stderr);
    }
}

#[test]
fn hostile_catalogues_are_refused() {
    let mut binary = OURS.as_bytes().to_vec();
    binary.extend([b'\n', 0xff, 0xfe, 0]);
    let huge = [OURS.as_bytes(), "#".repeat(2 << 20).as_bytes()].concat();
    let deep = format!("x = {}", "[".repeat(500_000));
    let control = OURS.replace("our rules", "\\u001b]0;x\\u0007");
    for (bytes, reason) in [
        (binary.as_slice(), "line 10: it is not text"),
        (&huge, "larger than 1 MiB"),
        (deep.as_bytes(), "line 1: "),
        (control.as_bytes(), "line 5: a text has a control character"),
    ] {
        let answer = with_catalogue(bytes, &["container_t"]);
        assert_eq!(answer.code, Some(2), "{reason}: {}", answer.stderr);
        assert!(answer.stderr.contains(reason), "{reason}: {}", answer.stderr);
        assert!(answer.stderr.len() < 1000 && !answer.stderr.contains('\u{1b}'), "{}", answer.stderr);
    }
    let directory = answer(&["--demo", "breakout", "--catalogue", "/"]);
    assert_eq!(directory.code, Some(2));
}

#[test]
fn every_primitive_is_documented() {
    let page = std::fs::read_to_string(testdata("../docs/breakout.md")).expect("the page");
    let list = answer(&["breakout", "--list", "--json"]);
    let json: Value = serde_json::from_str(&list.stdout).expect("JSON");
    let primitives = list_of_ids(&json);
    assert!(primitives.len() >= 25);
    for id in &primitives {
        assert!(page.contains(&format!("`{id}`")), "docs/breakout.md says nothing of {id}");
    }
}

fn list_of_ids(json: &Value) -> Vec<String> {
    list(&json["primitives"]).iter().map(|primitive| text(&primitive["id"]).to_owned()).collect()
}

#[test]
fn examples_in_help_are_answered() {
    let help = answer(&["breakout", "--help"]).stdout;
    let (_, section) = help.split_once("Examples:\n").expect("examples");
    let mut examples = 0;
    for line in section.lines().filter_map(|line| line.strip_prefix("  sepolq ")) {
        let command = line.split("  ").next().unwrap_or_default();
        let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "--demo").collect();
        let found = match words.iter().position(|word| *word == "--catalogue") {
            Some(at) => with_catalogue(OURS.as_bytes(), &words[1..at]),
            None => answer(&[&["--demo"], &words[..]].concat()),
        };
        assert!(matches!(found.code, Some(0 | 1)), "{command}: {}", found.stderr);
        examples += 1;
    }
    assert!(examples >= 6, "{examples}");
}

#[test]
fn one_screen_says_it() {
    let shown = answer(&["--demo", "breakout"]).stdout;
    assert!(shown.lines().count() <= 66, "{}", shown.lines().count());
    assert!(shown.contains("release-agent to container_t by container_manage_cgroup=on"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 120), "{shown}");
    let why = answer(&["--demo", "breakout", "--why"]).stdout;
    assert!(why.contains("no rule grants container_t"), "{why}");
    assert!(why.contains("h1 dom h2: {c1,c2} does not contain {c3,c4}"), "{why}");
}
