//! `mount` and `label` as people use them: a case for each rule of container engines, every claim about access asked again of
//! `can`, exit codes, and what goes wrong. Look-ups in file contexts are compared with libselinux in `crates/labels`.

mod common;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::{Answer, answer, sepolq, testdata};
use serde::Deserialize;
use serde_json::Value;

/// The cases.
#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// One question, and its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: String,
    rule_of_the_tree: Option<String>,
    command: Option<String>,
    arguments: Option<String>,
    tree: Option<String>,
    after: Option<String>,
    effect: Option<String>,
    domain: Option<String>,
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
    #[serde(default)]
    read_only: Vec<String>,
    #[serde(default)]
    second_yes: Vec<String>,
    #[serde(default)]
    second_no: Vec<String>,
    #[serde(default)]
    losing: Vec<String>,
    #[serde(default)]
    ways: Vec<String>,
    #[serde(default)]
    any_order: bool,
    /// Whether the container build answers the same.
    #[serde(default)]
    container: bool,
    #[expect(dead_code, reason = "for who reads the cases")]
    source: String,
}

impl Case {
    fn name(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{} ({} {})", self.rule, text(&self.arguments), text(&self.command))
    }

    fn ask(&self, policy: &[&str]) -> Answer {
        let mut command = sepolq();
        command.env("HOME", "/home/ada").args(policy).args(["mount", "--json"]);
        command.args(self.arguments.iter().flat_map(|text| text.split(' ')));
        command.args(self.tree.iter().flat_map(|tree| ["--tree-label", tree]));
        if let Some(text) = &self.command {
            command.arg("--").args(text.split(' '));
        }
        Answer::of(&command.output().expect("the program runs"))
    }
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(testdata("mounts/rules.toml")).expect("the cases");
    toml::from_str::<Cases>(&text).expect("cases").case
}

/// The verdict on `OBJECT.USE`.
fn verdict<'a>(can: &'a Value, wanted: &str) -> &'a str {
    let uses = can.as_array().expect("uses");
    let is_it = |cell: &&Value| format!("{}.{}", text(&cell["object"]), text(&cell["use"])) == wanted;
    text(&uses.iter().find(is_it).unwrap_or_else(|| panic!("no use {wanted}"))["verdict"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn check(case: &Case, policy: &[&str]) {
    let answer = case.ask(policy);
    let name = case.name();
    assert!(matches!(answer.code, Some(0 | 1)), "{name}: {}", answer.stderr);
    let json: Value = serde_json::from_str(&answer.stdout).expect("one JSON object");
    let result = &json["results"][0];
    let mut rules: Vec<&str> = vec![text(&result["rule"]["id"])];
    let of_container = result["container"]["rules"].as_array().expect("rules");
    rules.extend(of_container.iter().map(|rule| text(&rule["id"])));
    let wanted = case.rule_of_the_tree.as_ref().unwrap_or(&case.rule);
    assert!(rules.contains(&wanted.as_str()), "{name}: {rules:?}");
    if let Some(after) = &case.after {
        assert_eq!(text(&result["after"]), after, "{name}");
    }
    if let Some(effect) = &case.effect {
        assert_eq!(text(&result["effect"]), effect, "{name}");
    }
    if let Some(domain) = &case.domain {
        assert_eq!(text(&result["container"]["domain"]), domain, "{name}");
    }
    for (uses, can, expected) in [
        (&case.yes, "can", "granted"),
        (&case.no, "can", "denied"),
        (&case.read_only, "can", "read_only_mount"),
        (&case.second_yes, "second_can", "granted"),
        (&case.second_no, "second_can", "denied"),
    ] {
        for wanted in uses {
            assert_eq!(verdict(&result[can], wanted), expected, "{name}: {can} {wanted}");
        }
    }
    let losing: Vec<&str> = result["losing"]
        .as_array()
        .expect("services")
        .iter()
        .map(|service| text(&service["domain"]))
        .collect();
    for domain in &case.losing {
        assert!(losing.contains(&domain.as_str()), "{name}: {losing:?}");
    }
    let ways: Vec<&str> =
        result["ways"].as_array().expect("ways").iter().map(|way| text(&way["id"])).collect();
    match case.any_order {
        true => assert!(case.ways.iter().all(|way| ways.contains(&way.as_str())), "{name}: {ways:?}"),
        false => assert_eq!(
            ways.get(..case.ways.len().min(ways.len())),
            Some(&case.ways[..].iter().map(String::as_str).collect::<Vec<_>>()[..]),
            "{name}: {ways:?}"
        ),
    }
    asked_again(result, policy, &name);
}

/// Asks `can` every claim about access: what is granted must be, and of what is denied exactly what is named.
fn asked_again(result: &Value, policy: &[&str], name: &str) {
    let Some(after) = result["after"].as_str().filter(|after| !after.contains("PAIR")) else { return };
    if text(&result["effect"]) == "seen_as_private" {
        return;
    }
    let container = text(&result["container"]["asked_as"]);
    let after = match after.matches(':').count() {
        0 | 1 => format!("system_u:object_r:{after}"),
        _ if after.starts_with("system_u") => after.to_owned(),
        _ => format!("system_u:object_r:{after}"),
    };
    for cell in result["can"].as_array().expect("uses") {
        let denied: BTreeSet<(String, String)> = cell["lacking"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|lacking| {
                let class = text(&lacking["class"]).to_owned();
                let names = lacking["permissions"].as_array().expect("permissions");
                names.iter().map(|name| (class.clone(), text(name).to_owned())).collect::<Vec<_>>()
            })
            .collect();
        let what = (text(&cell["object"]), text(&cell["use"]));
        let found: BTreeSet<(String, String)> = asks(what)
            .into_iter()
            .filter(|(class, permission)| {
                // What is made in the tree has the label that the policy gives it.
                let is_new = what.1 == "create" && !(*class == "dir" && ADD.contains(permission));
                let made = if is_new { new_label(policy, container, &after, class) } else { after.clone() };
                let words = [policy, &["can", container, &made, class, permission]].concat();
                answer(&words).code != Some(0)
            })
            .map(|(class, permission)| (class.to_owned(), permission.to_owned()))
            .collect();
        assert_eq!(denied, found, "{name}: {what:?}");
    }
}

/// What adding an entry asks of a directory.
const ADD: &[&str] = &["search", "write", "add_name"];

fn new_label(policy: &[&str], container: &str, tree: &str, class: &str) -> String {
    let made = answer(&[policy, &["new-label", container, tree, class]].concat());
    made.stdout.split_whitespace().next().unwrap_or_else(|| panic!("{}", made.stderr)).to_owned()
}

/// What a use asks, as its definition in docs and the SELinux hooks of the kernel have it.
fn asks(what: (&str, &str)) -> Vec<(&'static str, &'static str)> {
    let (search, add): (&[&str], &[&str]) = (&["search"], ADD);
    let (dir, class, permissions): (&[&'static str], &'static str, &[&'static str]) = match what {
        ("files", "read") => (search, "file", &["getattr", "open", "read"]),
        ("files", "write") => (search, "file", &["getattr", "open", "write"]),
        ("files", "create") => (add, "file", &["create", "open", "write"]),
        ("files", "execute") => (search, "file", &["getattr", "open", "read", "execute", "execute_no_trans"]),
        ("directories", "read") => (&["getattr", "open", "read", "search"], "dir", &[]),
        ("directories", "write") => (&["search", "write", "add_name", "remove_name"], "dir", &[]),
        ("directories", "create") => (&["search", "write", "add_name", "create"], "dir", &[]),
        ("sockets", "write") => (search, "sock_file", &["write"]),
        ("sockets", "create") => (add, "sock_file", &["create"]),
        ("devices", "read") => (search, "chr_file", &["getattr", "open", "read"]),
        ("devices", "write") => (search, "chr_file", &["getattr", "open", "write"]),
        other => panic!("unknown use {other:?}"),
    };
    let of_dir = dir.iter().map(|&name| ("dir", name));
    of_dir.chain(permissions.iter().map(|&name| (class, name))).collect()
}

#[test]
fn each_rule_of_the_engines_on_the_demo_policy() {
    for case in cases() {
        check(&case, &["--demo"]);
    }
}

#[test]
fn each_rule_of_the_engines_on_a_real_policy_with_containers() {
    let policy = testkit::policies::ALL.iter().find(|policy| policy.name == "container").expect("known");
    let path = policy.path();
    if !path.exists() {
        return testkit::leave_out(&testkit::Error::NoPolicy { path });
    }
    let path = path.to_str().expect("text");
    let mut asked = 0;
    for case in cases().into_iter().filter(|case| case.container) {
        check(&case, &["-P", path]);
        asked += 1;
    }
    assert!(asked >= 20, "{asked}");
}

#[test]
fn no_rule_is_without_a_case() {
    let tried: BTreeSet<String> = cases().into_iter().map(|case| case.rule).collect();
    let all: BTreeSet<String> = labels::runtime::RULES.iter().map(|id| id.name().to_owned()).collect();
    assert_eq!(tried, all);
}

#[test]
fn exit_codes_tell_whether_it_suffices() {
    let code = |words: &[&str]| answer(&[&["--demo", "mount"], words].concat()).code;
    assert_eq!(code(&["--path", "/srv/data", "--option", "z"]), Some(0));
    assert_eq!(code(&["--path", "/srv/data", "--option", "ro"]), Some(1));
    assert_eq!(code(&["--path", "/srv/data", "--option", "z,ro", "--need", "write"]), Some(1));
    // It would do, and the web server would lose it.
    assert_eq!(code(&["--path", "/srv/www", "--option", "z"]), Some(1));
    assert_eq!(code(&["--", "podman", "run", "nginx"]), Some(2));
    assert_eq!(code(&[]), Some(2));
}

#[test]
fn what_cannot_be_asked_is_said() {
    for (words, part) in [
        (&["--", "podman", "run", "nginx"][..], "mounts nothing"),
        (&["--", "kubectl", "run"], "neither podman nor docker"),
        (&["--", "podman", "run", "-v", "/a:/b:z,Z", "x"], "z and Z"),
        (&["--", "podman", "run", "-v", "$PWD:/b", "x"], "no shell has replaced"),
        (&["--path", "/tmp/x"], "file contexts leave it as it is"),
        (&["--path", "/srv", "--domain", "contaner_t"], "container_t"),
        (&["--path", "/srv", "--tree-label", "no_such_t"], "no type"),
        (&["--path", "/srv", "--level", "s0:c5000"], "c5000"),
        (&["--path", "/srv", "--file-contexts", "/no/such/file"], "cannot read file contexts"),
    ] {
        let answer = answer(&[&["--demo", "mount"], words].concat());
        assert_eq!(answer.code, Some(2), "{words:?}: {}", answer.stdout);
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
    let without =
        answer(&["-P", testdata("demo/demo.33").to_str().expect("text"), "mount", "--path", "/srv/x"]);
    assert!(without.stderr.contains("--tree-label") && without.code == Some(2), "{}", without.stderr);
}

#[test]
fn a_home_directory_is_that_of_who_runs_podman() {
    let ask = |engine: &str| {
        let mut command = sepolq();
        command.env("HOME", "/home/ada").args(["--demo", "mount", "--json", "--"]);
        command.args([engine, "run", "-v", "/home/ada/:/h:Z", "x"]);
        let answer = Answer::of(&command.output().expect("the program runs"));
        let json: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        json["results"][0].clone()
    };
    assert_eq!(ask("podman")["effect"], "refused");
    // docker's daemon has another home, and relabels it: keys of people among it.
    let docker = ask("docker");
    assert_eq!(docker["effect"], "private");
    let losing: Vec<&str> =
        docker["losing"].as_array().expect("services").iter().map(|one| text(&one["domain"])).collect();
    assert!(losing.contains(&"sshd_t"), "{losing:?}");
}

#[test]
fn paths_are_resolved_before_they_are_looked_at() {
    let effect = |path: &str| {
        let answer =
            answer(&["--demo", "mount", "--json", "--", "podman", "run", "-v", &format!("{path}:/x:Z"), "a"]);
        let json: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        text(&json["results"][0]["effect"]).to_owned()
    };
    for path in ["/usr/", "/usr//", "/usr/./", "/srv/../usr", "/../.."] {
        assert_eq!(effect(path), "refused", "{path}");
    }
    assert_eq!(effect("/srv/../srv/www"), "private");
}

fn mounted(words: &[&str]) -> Value {
    let answer = answer(&[&["--demo", "mount", "--json"], words].concat());
    let json: Value = serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr));
    json["results"][0].clone()
}

fn ways(result: &Value) -> Vec<String> {
    result["ways"].as_array().expect("ways").iter().map(|way| text(&way["id"]).to_owned()).collect()
}

#[test]
fn files_that_are_made_have_their_own_label() {
    // Another SELinux user on the tree does not keep new files from being made.
    let tree =
        mounted(&["--path", "/home/ada/x", "--tree-label", "unconfined_u:object_r:container_file_t:s0"]);
    assert_eq!(verdict(&tree["can"], "files.create"), "granted");
    assert_eq!(tree["suffices"], true);
}

#[test]
fn a_socket_is_a_daemons() {
    let socket = mounted(&["--", "docker", "run", "-v", "/run/docker.sock:/run/docker.sock:Z", "x"]);
    // The file could be written, and the daemon not reached.
    assert_eq!(verdict(&socket["can"], "sockets.write"), "granted");
    assert_eq!(socket["suffices"], false);
    assert_eq!(ways(&socket), ["custom_type", "without_separation"]);
    let notes = socket["notes"].as_array().expect("notes");
    assert!(notes.iter().any(|note| text(note).contains("connectto")), "{notes:?}");
}

#[test]
fn file_systems_without_labels_have_the_one_of_the_policy() {
    let nfs = mounted(&["--file-system", "nfs4", "--path", "/mnt/nfs", "--option", "Z"]);
    assert_eq!(nfs["before"]["from"], "file_system_kind");
    assert!(text(&nfs["before"]["label"]).contains(":nfs_t:"), "{}", nfs["before"]);
    assert_eq!(ways(&nfs)[..2], ["booleans", "mount_context"]);
    // The label tells it, too.
    let by_label = mounted(&["--tree-label", "nfs_t:s0", "--path", "/mnt/nfs", "--option", "Z"]);
    assert_eq!(by_label["rule"]["id"], "no_labels");
}

#[test]
fn what_the_labels_say_of_other_containers() {
    let notes = |words: &[&str]| {
        let result = mounted(words);
        result["notes"]
            .as_array()
            .expect("notes")
            .iter()
            .map(|note| text(note).to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let left = notes(&["--path", "/srv/x", "--tree-label", "container_file_t:s0:c1022,c1023"]);
    assert!(left.contains("label=disable"), "{left}");
    let taken = notes(&["--path", "/srv/x", "--option", "Z", "--tree-label", "container_file_t:s0:c1,c2"]);
    assert!(taken.contains("s0:c1,c2, which loses it"), "{taken}");
}

#[test]
fn kubernetes_has_its_own_words() {
    let result = mounted(&["--engine", "kubernetes", "--path", "/var/log", "--need", "read"]);
    assert_eq!(ways(&result).first().map(String::as_str), Some("domain"));
    let shown = result["ways"].to_string();
    assert!(shown.contains("seLinuxOptions") && !shown.contains("--security-opt"), "{shown}");
}

#[test]
fn nobody_is_told_to_relabel_what_the_host_needs() {
    let policy = testkit::policies::ALL.iter().find(|policy| policy.name == "container").expect("known");
    let path = policy.path();
    if !path.exists() {
        return testkit::leave_out(&testkit::Error::NoPolicy { path });
    }
    let path = path.to_str().expect("text");
    let ask = |words: &[&str]| {
        let answer = answer(&[&["-P", path, "mount", "--json"], words].concat());
        let json: Value =
            serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr));
        json["results"][0].clone()
    };
    for label in ["net_conf_t:s0", "locale_t:s0", "cert_t:s0"] {
        let ways = ways(&ask(&["--path", "/etc/x", "--tree-label", label]));
        assert!(ways.contains(&"copy".to_owned()), "{label}: {ways:?}");
        assert!(!ways.iter().any(|way| ["private", "shared", "label"].contains(&way.as_str())), "{ways:?}");
    }
    assert_eq!(
        ask(&["--path", "/etc/x", "--option", "Z", "--tree-label", "locale_t:s0"])["breaks_the_host"],
        true
    );
}

#[test]
fn why_does_one_directory_work_and_the_other_not() {
    let answer = answer(&["--demo", "label", "--json", "/var/www/html", "/var/html"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let json: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let reads = |at: usize| {
        let domains = json["results"][at]["readers"]["domains"].as_array().expect("domains");
        domains.iter().any(|domain| domain == "httpd_t")
    };
    assert!(reads(0) && !reads(1));
    assert_eq!(json["results"][0]["expected"]["expression"], "/var/www(/.*)?");
    assert_eq!(json["results"][1]["label"]["label"], "system_u:object_r:var_t:s0");
}

#[test]
fn labels_that_are_not_what_they_should_be() {
    let verdict = |path: &str, label: &str| {
        let answer = answer(&["--demo", "label", "--json", path, "--tree-label", label]);
        let json: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        text(&json["results"][0]["verdict"]).to_owned()
    };
    assert_eq!(verdict("/var/www/x", "httpd_sys_content_t:s0"), "as_expected");
    assert_eq!(verdict("/var/www/x", "var_t:s0"), "other_type");
    assert_eq!(verdict("/var/www/x", "httpd_sys_content_t:s0:c1"), "other_level");
    assert_eq!(verdict("/var/www/x", "container_file_t:s0"), "customized");
    assert_eq!(verdict("/tmp/x", "tmp_t:s0"), "as_expected");
}

#[test]
fn any_bytes_are_a_path() {
    for path in [&b"/var/www/\xff\x1b[31m\n"[..], b"/a b/../c", b"//", b"relative"] {
        let output =
            sepolq().args(["--demo", "label"]).arg(OsStr::from_bytes(path)).output().expect("it runs");
        assert!(output.status.code().is_some_and(|code| code <= 1), "{path:?}");
        assert!(!output.stdout.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn bad_lines_of_file_contexts_are_named_and_the_rest_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file_contexts");
    std::fs::write(
        &path,
        "/data(/.* system_u:object_r:var_t:s0\n/data -q x\n/data/.* system_u:object_r:mnt_t:s0\n",
    )
    .expect("written");
    let path = path.to_str().expect("text");
    let answer = answer(&["--demo", "label", "/data/x", "--file-contexts", path]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert!(answer.stdout.contains("mnt_t:s0"), "{}", answer.stdout);
    assert!(answer.stderr.contains("line 1") || answer.stderr.contains(":1"), "{}", answer.stderr);
    assert!(answer.stderr.contains("line 2") || answer.stderr.contains(":2"), "{}", answer.stderr);
}

#[test]
fn who_may_use_a_device_or_a_socket_is_asked_of_its_own_class() {
    for (kind, class, label, write) in [
        ("file", "file", "etc_t", "open,write"),
        ("dir", "file", "etc_t", "open,write"),
        ("socket", "sock_file", "devlog_t", "write"),
        ("char", "chr_file", "devpts_t", "open,write"),
        ("link", "lnk_file", "etc_t", "write"),
    ] {
        let told = answer(&["--demo", "label", "--json", "/x", "--kind", kind, "--tree-label", label]);
        let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
        let told = &told["results"][0];
        assert_eq!(told["class"], class, "{kind}");
        let sorted = |names: &[&Value]| {
            let names = names.iter().flat_map(|names| names.as_array().expect("an array"));
            let mut names: Vec<String> = names.map(|name| text(name).to_owned()).collect();
            names.sort();
            names
        };
        let writers = sorted(&[&told["writers"]["domains"], &told["writers"]["by_level"]]);
        let can = answer(&["--demo", "who-can", label, class, write, "--json"]);
        let can: Value = serde_json::from_str(&can.stdout).expect("JSON");
        let domains: Vec<Value> = can["results"]
            .as_array()
            .expect("an array")
            .iter()
            .map(|result| result["type"].clone())
            .collect();
        assert_eq!(writers, sorted(&[&Value::Array(domains)]), "{kind}");
        assert!(kind != "socket" || !writers.is_empty(), "everybody writes to the log");
    }
}

#[test]
fn a_relative_path_begins_somewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" --demo label x";
    let output = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_sepolq")])
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stderr).contains("working directory"));
}
