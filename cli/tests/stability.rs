//! What docs/stability.md promises holds: exit codes, forms of JSON with their fields, the text of rules, and that one
//! question has one answer.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::commands::{COMMANDS, DROP_INS, FURTHER, ask};
use common::{answer, testdata};
use serde_json::Value;

fn page(name: &str) -> String {
    std::fs::read_to_string(testdata("../docs").join(name)).expect("a page")
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The words between backticks.
fn quoted_words(text: &str) -> impl Iterator<Item = &str> {
    quoted(text).flat_map(|code| code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
}

/// The object that a question is answered with.
fn object(question: &str) -> Value {
    let answer = ask(question, &["--json"]);
    serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{question}: {error}: {answer:?}"))
}

/// The questions that are answered with one object, all different in their fields.
fn json_questions() -> impl Iterator<Item = &'static str> {
    let asked = COMMANDS.iter().filter(|asked| !asked.schema.is_empty());
    asked
        .flat_map(|asked| [asked.found, asked.nothing])
        .filter(|question| !question.is_empty())
        .chain(FURTHER.iter().copied())
}

#[test]
fn every_command_is_asked() {
    let help = answer(&["--help"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").expect("commands");
    let listed: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let asked: Vec<&str> = COMMANDS.iter().map(|asked| asked.command).collect();
    assert_eq!(listed, asked);
}

#[test]
fn exit_codes_are_those_of_the_page() {
    let page = page("stability.md");
    let (_, codes) = page.split_once("## Exit codes").expect("a section");
    for asked in COMMANDS {
        for (question, code) in [(asked.found, 0), (asked.nothing, 1), (asked.wrong, 2)] {
            if question.is_empty() {
                continue;
            }
            let answer = ask(question, &[]);
            assert_eq!(answer.code, Some(code), "{question}: {}", answer.stderr);
            if code == 2 {
                assert_eq!(answer.stdout, "", "{question}");
                assert!(answer.stderr.starts_with("error: "), "{question}: {}", answer.stderr);
            } else if !asked.schema.is_empty() {
                assert_eq!(ask(question, &["--json"]).code, Some(code), "{question} --json");
            }
        }
        let row = codes
            .lines()
            .find(|line| line.starts_with('|') && quoted(line).any(|name| name == asked.command));
        let row = row.unwrap_or_else(|| panic!("the page has no exit codes of {}", asked.command));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let is_asked_elsewhere = asked.command == "status";
        assert_eq!(cells[2] == "–", asked.found.is_empty() && !is_asked_elsewhere, "{row}");
        assert_eq!(cells[3] == "–", asked.nothing.is_empty(), "{row}");
    }
}

#[test]
fn every_object_names_its_form_and_its_policy() {
    let mut seen = BTreeSet::new();
    for question in json_questions() {
        let object = object(question);
        let schema = object["schema"].as_str().unwrap_or_else(|| panic!("{question}: no schema")).to_owned();
        let policies: &[&str] = match schema.as_str() {
            "sepolq.diff/1" => &["old", "new"],
            // What modules state is no policy, and the catalogue asks none.
            "sepolq.module/1"
            | "sepolq.modules/1"
            | "sepolq.module_diff/1"
            | "sepolq.breakout-catalogue/1" => &[],
            _ => &["policy"],
        };
        for name in policies {
            let policy = &object[name];
            let from = |field: &str| policy[field].as_str().unwrap_or_default();
            assert!(!from("path").is_empty(), "{question}");
            assert!(policy["version"].is_u64(), "{question}");
            assert_eq!(from("sha256").len(), 64, "{question}");
            assert_eq!(from("booleans"), "defaults", "{question}");
            assert!(policy["booleans_set"].is_object(), "{question}");
        }
        seen.insert(schema);
    }
    for asked in COMMANDS.iter().filter(|asked| !asked.schema.is_empty()) {
        let question = if asked.found.is_empty() { asked.nothing } else { asked.found };
        assert_eq!(object(question)["schema"], asked.schema, "{question}");
    }
    // A batch prints an object for each line; a system's health is asked of false systems, in `status.rs`.
    seen.insert("sepolq.decision/1".to_owned());
    seen.insert("sepolq.status/1".to_owned());
    let forms = |page: &str| -> BTreeSet<String> {
        quoted(page)
            .filter(|code| code.starts_with("sepolq.") && code.contains('/'))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(seen, forms(&page("json.md")), "docs/json.md describes every form, and no other");
    assert_eq!(seen, forms(&page("stability.md")), "docs/stability.md lists every form, and no other");
}

/// Objects whose keys are names out of the policy or the record, not fields.
fn holds_names(schema: &str, key: &str) -> bool {
    let counts = schema == "sepolq.info/1" && matches!(key, "symbols" | "rules" | "statements" | "labels");
    counts || matches!(key, "booleans_set" | "record" | "texts")
}

/// The fields of a value, at any depth.
fn fields(schema: &str, value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                into.insert(key.clone());
                if !holds_names(schema, key) {
                    fields(schema, value, into);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(schema, value, into)),
        _ => {}
    }
}

/// The forms whose descriptions one of this form refers to.
fn refers_to(schema: &str) -> &'static [&'static str] {
    match schema {
        "sepolq.show/1" => &["sepolq.list/1"],
        "sepolq.path_label/1" => &["sepolq.mount/1"],
        "sepolq.context/1" => &["sepolq.label/1"],
        _ => &[],
    }
}

#[test]
fn the_fields_of_answers_are_those_that_docs_json_md_describes() {
    let page = page("json.md");
    let mut sections = page.split("\n## ");
    let common = sections.next().expect("what all forms have");
    let mut described: BTreeMap<&str, &str> = BTreeMap::new();
    for section in sections {
        for schema in quoted(section).filter(|code| code.starts_with("sepolq.") && code.contains('/')) {
            described.insert(schema, section);
        }
    }
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut see = |object: &Value| {
        let schema = object["schema"].as_str().expect("a form").to_owned();
        let into = seen.entry(schema.clone()).or_default();
        fields(&schema, object, into);
    };
    json_questions().for_each(|question| see(&object(question)));
    // What a path leads to is told where it is another.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary directory");
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("/var", &link).expect("a link");
    let host = "--file-contexts testdata/demo/file_contexts";
    let path = link.display();
    see(&object(&format!("-P testdata/demo/demo.33 label {host} {path}")));
    see(&object(&format!("-P testdata/demo/demo.33 mount {host} -- podman run -v {path}:/data nginx")));

    for (schema, fields) in &seen {
        let section = described.get(schema.as_str()).unwrap_or_else(|| panic!("{schema} is not described"));
        let others = refers_to(schema).iter().filter_map(|schema| described.get(schema));
        let texts = [&common, section].into_iter().chain(others);
        let words: BTreeSet<&str> =
            texts.flat_map(|text| quoted_words(text)).chain(["schema", "policy"]).collect();
        let undescribed: Vec<&String> =
            fields.iter().filter(|field| !words.contains(field.as_str())).collect();
        assert!(undescribed.is_empty(), "docs/json.md says nothing of {undescribed:?} of {schema}");
        // The first column of a table of fields names fields that there are.
        let tables = section.split("\n\n").filter(|block| block.starts_with("| field |"));
        let rows = tables.flat_map(str::lines).filter(|line| line.starts_with("| `"));
        // One section may describe several forms.
        let fields: BTreeSet<&String> = seen
            .iter()
            .filter(|(other, _)| described.get(other.as_str()) == Some(section))
            .flat_map(|(_, fields)| fields)
            .collect();
        let promised = rows.filter_map(|row| row.split('|').nth(1)).flat_map(quoted_words);
        let missing: Vec<&str> =
            promised.filter(|word| !word.is_empty() && !fields.contains(&(*word).to_owned())).collect();
        assert!(missing.is_empty(), "no answer of {schema} has {missing:?}, which docs/json.md describes");
    }
}

#[test]
fn a_line_of_a_batch_has_the_fields_that_docs_json_md_describes() {
    use std::io::Write;
    let mut child = common::sepolq()
        .args(["--demo", "can", "--batch", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let request =
        "container_t:s0 container_file_t:s0 file read\n".repeat(2) + "nosuch_t container_file_t file read\n";
    child.stdin.take().expect("standard input").write_all(request.as_bytes()).expect("three lines");
    let printed = child.wait_with_output().expect("the program ends").stdout;
    let lines: Vec<Value> = String::from_utf8_lossy(&printed)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let keys =
        |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<String>>();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let mut expected =
        names(&["schema", "line", "request", "result", "granted", "denied", "depends", "permissive"]);
    assert_eq!(keys(&lines[1]), expected);
    assert_eq!(keys(&lines[2]), names(&["schema", "line", "error"]));
    expected.insert("policy".to_owned());
    assert_eq!(keys(&lines[0]), expected, "the first says which policy was asked");
    assert_eq!(lines[0]["policy"]["path"], "(demo)");
    assert!(lines[0]["policy"]["sha256"].is_string() && lines[0]["policy"]["version"].is_number());
}

#[test]
fn the_text_of_each_kind_of_rule_stays() {
    for (question, line) in [
        (
            "allow -b httpd_can_network_connect_db",
            "allow httpd_t mysqld_port_t:tcp_socket name_connect; [ httpd_can_network_connect_db ]:True  # off",
        ),
        ("auditallow", "auditallow domain security_t:security { load_policy setbool setenforce };"),
        ("dontaudit", "dontaudit container_domain container_runtime_tmpfs_t:dir read;"),
        (
            "allowxperm",
            "allowxperm container_domain container_devpts_t:chr_file ioctl { 0x5400-0x5411 0x5413-0x541f 0x5421-0x5463 };",
        ),
        (
            "auditallowxperm",
            "auditallowxperm unconfined_domain_type fixed_disk_device_t:blk_file ioctl 0x125f;",
        ),
        ("dontauditxperm", "dontauditxperm httpd_t httpd_log_t:file ioctl 0x5401;"),
        ("type_transition", "type_transition NetworkManager_t etc_t:file net_conf_t \"resolv.conf\";"),
        ("type_change", "type_change staff_t sshd_devpts_t:chr_file user_devpts_t;"),
        ("type_member", "type_member staff_t tmp_t:dir user_tmp_t;"),
        ("role_allow", "allow staff_r sysadm_r;"),
        ("role_transition", "role_transition sysadm_r initrc_exec_t:process system_r;"),
        ("range_transition", "range_transition container_runtime_t conmon_exec_t:process s0;"),
    ] {
        let answer = ask(&format!("--demo {question} --limit 1"), &[]);
        assert_eq!(answer.stdout, format!("{line}\n"), "{question}");
    }
}

#[test]
fn one_question_has_one_answer() {
    let all = COMMANDS.iter().flat_map(|asked| [asked.found, asked.nothing]).chain(DROP_INS.iter().copied());
    for question in all.filter(|question| !question.is_empty()) {
        let (first, again) = (ask(question, &[]), ask(question, &[]));
        assert_eq!((first.code, first.stdout), (again.code, again.stdout), "{question}");
    }
}
