//! `diff` as people use it: a screen, a domain, causes, exit codes, JSON, Markdown, the page, file contexts, and files that are
//! no policies. What is compared is held against decisions in `crates/analysis`.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Answer, answer, sepolq, testdata};
use serde_json::Value;

fn older() -> String {
    testdata("demo/demo-older.33").display().to_string()
}

fn demo() -> String {
    testdata("demo/demo.33").display().to_string()
}

fn diff(words: &[&str]) -> Answer {
    answer(&[&["diff", &older(), &demo()], words].concat())
}

fn reversed(words: &[&str]) -> Answer {
    answer(&[&["diff", &demo(), &older()], words].concat())
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {}", answer.stderr))
}

fn contains(text: &str, parts: &[&str]) {
    // Lines are broken where the page ends.
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(one_line.contains(part), "`{part}` is missing:\n{text}");
    }
}

#[test]
fn exit_codes_say_whether_and_how_seriously_they_differ() {
    assert_eq!(answer(&["diff", &demo(), &demo()]).code, Some(0));
    assert_eq!(diff(&[]).code, Some(1));
    assert_eq!(diff(&["--fail-on", "info"]).code, Some(1));
    assert_eq!(diff(&["--fail-on", "medium"]).code, Some(1));
    // A new domain writes the audit log, and the engine may start it.
    assert_eq!(diff(&["--fail-on", "critical"]).code, Some(1));
    let policy = |name: &str| testdata(&format!("policies/{name}.33")).display().to_string();
    let stricter = |level: &str| {
        answer(&["diff", &policy("mcs-granted"), &policy("mcs-denied"), "--fail-on", level]).code
    };
    assert_eq!([stricter("info"), stricter("high")], [Some(1), Some(0)]);
    assert_eq!(reversed(&["--fail-on", "critical"]).code, Some(1));
    assert_eq!(answer(&["diff", &demo(), "/no/such/file"]).code, Some(2));
}

#[test]
fn the_summary_fits_a_screen_and_has_the_most_serious_first() {
    let summary = reversed(&[]);
    assert!(summary.stdout.lines().count() <= 53, "{}", summary.stdout);
    contains(
        &summary.stdout,
        &[
            "renamed, which changes nothing: container_ro_file_t → container_share_t",
            "critical container_kvm_t became permissive",
            "container_init_t left mcs_constrained_type",
            "newly connect to the container engine: container_runtime_t",
            "domain container_logwriter_t is gone",
            "ask next: --domain",
        ],
    );
    let critical = summary.stdout.find("  critical").expect("one that is critical");
    assert!(critical < summary.stdout.find("  medium").expect("one that is not"));
    assert_eq!(summary.stdout, reversed(&[]).stdout, "the same question has the same answer");
}

#[test]
fn a_domain_is_told_whole() {
    let told = diff(&["--domain", "container_t"]);
    contains(
        &told.stdout,
        &[
            "moved behind !deny_ptrace (default on) ~ container_t:process ptrace [ always → !deny_ptrace ]",
            "- container_t:process { setexec setfscreate } [ always → container_modify_selinux_labels ]",
            "default changed: container_use_devices || container_use_dri_devices holds + dri_device_t:chr_file",
            "removed allow container_domain container_runtime_domain:unix_stream_socket connectto; - container_runtime_t:unix_stream_socket connectto",
        ],
    );
    contains(
        &diff(&["--domain", "container_init_t"]).stdout,
        &["joined mcs_constrained_type", "33 constraints that name mcs_constrained_type now bind it"],
    );
    contains(&diff(&["--domain", "container_kvm_t"]).stdout, &["is no longer permissive"]);
    // An alias of either policy, and an attribute.
    contains(
        &diff(&["--domain", "container_share_t"]).stdout,
        &["container_ro_file_t, was container_share_t"],
    );
    contains(&diff(&["--domain", "@container_domain"]).stdout, &["container_logreader_t", "container_kvm_t"]);
    let unknown = diff(&["--domain", "contaner_t"]);
    assert_eq!(unknown.code, Some(2));
    contains(&unknown.stderr, &["neither policy has", "container_t"]);
}

#[test]
fn causes_have_their_rules() {
    let causes = diff(&["--causes"]);
    contains(
        &causes.stdout,
        &[
            "395 new domain container_logwriter_t",
            "moved behind container_modify_selinux_labels (default off)",
            "self:process { setexec setfscreate }",
            "+ type_transition container_kvm_t container_var_run_t:file container_kvm_var_run_t;",
        ]
        .map(|part| if part.starts_with("self") { "process { setexec setfscreate }" } else { part }),
    );
}

#[test]
fn json_names_both_policies_and_adds_up() {
    let document = json(&diff(&["--json", "--domain", "container_t"]));
    assert_eq!(document["schema"], "sepolq.diff/1");
    for side in ["old", "new"] {
        assert_eq!(document[side]["version"], 33);
        assert_eq!(document[side]["sha256"].as_str().map(str::len), Some(64));
    }
    assert_ne!(document["old"]["sha256"], document["new"]["sha256"]);
    let causes = document["causes"].as_array().expect("causes");
    let sum = |field: &str| causes.iter().filter_map(|cause| cause[field].as_u64()).sum::<u64>();
    assert_eq!(Some(sum("accesses")), document["access"]["accesses"].as_u64());
    assert_eq!(Some(sum("gained")), document["access"]["gained"].as_u64());
    assert_eq!(document["domains"][0]["name"], "container_t");
    assert_eq!(document["is_same"], false);
    let same = json(&answer(&["diff", &demo(), &demo(), "--json"]));
    assert_eq!(same["is_same"], true);
}

#[test]
fn markdown_is_for_release_notes() {
    let notes = reversed(&["--format", "markdown"]);
    contains(
        &notes.stdout,
        &[
            "## Most serious",
            "- **critical**:",
            "| types | 0 | 2 | 0 |",
            "- types removed: `container_kvm_var_run_t`",
        ],
    );
}

#[test]
fn who_newly_gets_at_secrets_has_a_path() {
    let reach = diff(&["--reach"]);
    contains(&reach.stdout, &["newly get at what is sensitive"]);
    let secrets = json(&diff(&["--reach", "--json"]));
    for secret in secrets["reach"].as_array().expect("a list") {
        for path in secret["first"].as_array().expect("paths") {
            let steps = path["path"].as_array().expect("types").len();
            assert_eq!(path["rules"].as_array().map(Vec::len), Some(steps - 1), "{path}");
        }
    }
}

/// A file in a folder of its own.
fn file(folder: &Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path.display().to_string()
}

#[test]
fn file_contexts_alone_can_differ() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = file(folder.path(), "old", b"/srv(/.*)? system_u:object_r:var_t:s0\n/gone -- system_u:object_r:etc_t:s0\n/img system_u:object_r:container_share_t:s0\n");
    let new = file(folder.path(), "new", b"/srv(/.*)? system_u:object_r:container_file_t:s0\n/new <<none>>\n/img system_u:object_r:container_ro_file_t:s0\n");
    let told = answer(&["diff", &demo(), &demo(), "--file-contexts", &old, &new]);
    assert_eq!(told.code, Some(1));
    contains(
        &told.stdout,
        &[
            "file contexts 1 1 1",
            "~ /srv(/.*)? system_u:object_r:container_file_t:s0 (was system_u:object_r:var_t:s0)",
            "- /gone -- system_u:object_r:etc_t:s0",
            "+ /new <<none>>",
            "no domain gained or lost any",
        ],
    );
    assert!(!told.stdout.contains("/img"), "{}", told.stdout);
    assert_eq!(answer(&["diff", &demo(), &demo(), "--file-contexts", &old, &old]).code, Some(0));
    let missing = answer(&["diff", &demo(), &demo(), "--file-contexts", &old, "/no/such/contexts"]);
    assert_eq!(missing.code, Some(2));
    contains(&missing.stderr, &["/no/such/contexts"]);
}

#[test]
fn what_is_no_policy_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let module = file(folder.path(), "my.pp", b"\x8f\xff\x7c\xf9\x01\0\0\0");
    let bytes = std::fs::read(demo()).expect("the demo policy");
    let cut = file(folder.path(), "cut.33", &bytes[..bytes.len() / 2]);
    let mut forged = bytes.clone();
    forged[100..140].fill(0xff);
    let forged = file(folder.path(), "forged.33", &forged);
    for (old, new, part) in [
        (&module, &demo(), "cannot use the module"),
        (&demo(), &module, "cannot use the module"),
        (&demo(), &cut, "the new policy"),
        (&forged, &demo(), "the old policy"),
    ] {
        let answer = answer(&["diff", old, new]);
        assert_eq!(answer.code, Some(2), "{}", answer.stdout);
        contains(&answer.stderr, &[part]);
    }
    // A page is not written over what is compared.
    let copy = file(folder.path(), "copy.33", &bytes);
    let over = answer(&["diff", &older(), &copy, "--html", &copy]);
    assert_eq!(over.code, Some(2), "{}", over.stdout);
    assert_eq!(std::fs::read(&copy).expect("the copy"), bytes);
    let twice = answer(&["diff", "-", "-"]);
    assert_eq!(twice.code, Some(2));
    contains(&twice.stderr, &["only one"]);
    let beside = answer(&["--demo", "diff", &demo(), &older()]);
    assert_eq!(beside.code, Some(2));
    contains(&beside.stderr, &["compares two files"]);
    let xen = answer(&["diff", &testdata("policies/xen.30").display().to_string(), &demo()]);
    assert_eq!(xen.code, Some(2));
    contains(&xen.stderr, &["for Xen"]);
}

#[test]
fn what_is_not_defined_is_said_to_be_handled_otherwise() {
    let file = |name: &str| testdata(&format!("policies/{name}.33")).display().to_string();
    let told = answer(&["diff", &file("unknown-deny"), &file("unknown-allow"), "--fail-on", "medium"]);
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    contains(&told.stdout, &["does not define were denied, and are allowed"]);
}

#[test]
fn an_older_version_says_once_what_it_cannot_carry() {
    let old = testdata("policies/rich.24").display().to_string();
    let new = testdata("policies/rich.33").display().to_string();
    let told = answer(&["diff", &old, &new]);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    contains(
        &told.stdout,
        &[
            "(version 24 → 33)",
            "version 24 (the old policy) cannot carry it: type transitions by file name",
            "no difference",
        ],
    );
}

/// The page of two policies, one of which has names that try to be markup.
fn page(folder: &Path) -> (PathBuf, String) {
    let path = folder.join("page.html");
    let (old, new) = (testdata("demo/demo.33"), testdata("demo/demo-older.33"));
    let status = sepolq().arg("diff").args([&old, &new]).arg("--html").arg(&path).output().expect("it runs");
    assert_eq!(status.status.code(), Some(1));
    let text = std::fs::read_to_string(&path).expect("the page");
    (path, text)
}

#[test]
fn the_page_needs_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, text) = page(folder.path());
    for forbidden in ["http:", "https:", "src=", "href=", "@import", "url(", "<img", "<iframe"] {
        assert!(!text.contains(forbidden), "{forbidden}");
    }
    for part in [
        "<html lang=\"en\">",
        "name=\"viewport\"",
        "default-src 'none'",
        "<label for=\"search\">",
        "By cause",
        "By domain",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let (open, close) = (text.matches("<details").count(), text.matches("</details>").count());
    assert!(open == close && open > 20, "{open} {close}");
    // Hostile names, as text.
    let path = folder.path().join("names.html");
    let names = testdata("policies/names.33");
    let output =
        sepolq().arg("diff").arg(testdata("demo/demo.33")).arg(names).arg("--html").arg(&path).output();
    assert_eq!(output.expect("it runs").status.code(), Some(1));
    let text = std::fs::read_to_string(path).expect("the page");
    assert_eq!(text.matches("<script>").count(), 1, "the page's own");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    }) else {
        return testkit::leave_out(&testkit::Error::Reference("no Chromium is installed".to_owned()));
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (path, text) = page(folder.path());
    // A search by script: what a person would type, then what the page shows, told in its title.
    let probe = "<script>\nsearch.value = 'container_runtime_t connectto'; apply();\n\
        const shown = items.filter((item) => !item.hidden);\n\
        const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;\n\
        document.title = 'shown ' + shown.length + ' of ' + items.length + ' wide ' + wide\n\
        + ' open ' + shown.filter((item) => item.open).length;\n</script>\n</body>";
    std::fs::write(&path, text.replace("</body>", probe)).expect("the page");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,844", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .expect("it runs");
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    let title =
        page.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
    let words: Vec<&str> = title.split(' ').collect();
    let [_, shown, _, all, _, wide, _, open] = words.as_slice() else {
        panic!("`{title}`: {}", String::from_utf8_lossy(&output.stderr))
    };
    let number = |word: &str| word.parse::<usize>().expect("a number");
    assert!(number(shown) > 0 && number(shown) < number(all), "{title}");
    assert!(number(open) > 0, "a hit within a fold is shown: {title}");
    assert_eq!(*wide, "false", "the page is wider than a phone");
}

#[test]
fn every_statement_that_differs_in_the_manner_of_sediff() {
    let (old, new) = (older(), demo());
    let complete = answer(&["diff", &old, &new, "--complete"]);
    assert_eq!(complete.code, Some(1));
    for part in ["Classes (1 Added, 0 Removed, 0 Modified)", "      + user_namespace", "Allow Rules ("] {
        assert!(complete.stdout.contains(part), "{part}: {}", complete.stdout);
    }
    let same = answer(&["diff", &new, &new, "--complete"]);
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""));
    // The drop-in counts the same rules where its reading has no faults.
    let drop_in = answer(&["sediff", "--allow", "--stats", &old, &new]);
    let head = drop_in.stdout.lines().next().expect("a head").to_owned();
    assert!(complete.stdout.lines().any(|line| line == head), "{head}");
}

/// A policy of the test data in which a type of version 35 is never audited, and one in which none is.
fn with_and_without_neveraudit(folder: &Path) -> [String; 2] {
    let all = testkit::newer_versions::policies().expect("the test data");
    let with = all.iter().find(|policy| policy.version == 35).expect("version 35");
    let mut without = with.bytes.clone();
    // The map has one node: its bits.
    let node = [64u32, 64, 1, 0, 8, 0].map(u32::to_le_bytes).concat();
    let at = without.windows(node.len()).position(|bytes| bytes == node).expect("the map");
    without[at + 16] = 0x10;
    [file(folder, "without", &without), file(folder, "with", &with.bytes)]
}

#[test]
fn types_that_are_never_audited_are_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let [old, new] = with_and_without_neveraudit(folder.path());
    let told = answer(&["diff", &old, &new]);
    contains(&told.stdout, &["high denials of ", " are never audited"]);
    let complete = answer(&["diff", "--complete", &old, &new]);
    contains(&complete.stdout, &["Types Never Audited (1 Added, 1 Removed)", "+ neveraudit "]);
}

#[test]
fn bounds_of_roles_and_users_are_compared() {
    if testkit::generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("secilc is not installed".to_owned()));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cil = "(class c (p)) (classorder (c)) (sid kernel) (sidorder (kernel)) (mls false) \
        (type t) (role object_r) (role r) (role s) (roletype r t) (roletype s t) (roletype object_r t) (user u) (user v) (userrole u r) (userrole v r) \
        (userrole u s) (userrole u object_r) (sensitivity s0) (sensitivityorder (s0)) (userlevel u (s0)) (userrange u ((s0) (s0))) \
        (userlevel v (s0)) (userrange v ((s0) (s0))) (allow t self (c (p))) (sidcontext kernel (u r t ((s0) (s0))))";
    let policy = |name: &str, more: &str| {
        let source = file(folder.path(), &format!("{name}.cil"), format!("{cil} {more}").as_bytes());
        let path = folder.path().join(format!("{name}.33"));
        let mut made = Command::new("secilc");
        made.args(["-c", "33", "-f", "/dev/null", "-o"]).arg(&path).arg(&source);
        let made = made.output().expect("secilc runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        path.display().to_string()
    };
    let (with, without) = (policy("with", "(rolebounds r s) (userbounds u v)"), policy("without", ""));
    let told = answer(&["diff", &with, &without]);
    contains(&told.stdout, &["role bounds - 1", "user bounds - 1", "high removed: "]);
    let complete = answer(&["diff", "--complete", &with, &without]);
    contains(&complete.stdout, &["Rolebounds (0 Added, 1 Removed)", "Userbounds (0 Added, 1 Removed)"]);
    assert_eq!(complete.code, Some(1));
}

#[test]
fn what_is_only_a_target_has_the_names_of_those_who_gained() {
    let told = reversed(&["--domain", "container_runtime_t"]);
    contains(&told.stdout, &["as a target: ", " gained access to it: "]);
    let object = json(&reversed(&["--domain", "container_runtime_t", "--json"]));
    let of = &object["domains"][0]["as_target"];
    assert!(of["gained"].as_array().is_some_and(|names| names.contains(&"container_t".into())), "{of}");
}

#[test]
fn a_domain_that_is_newly_bound_is_on_the_first_screen() {
    let policy = |name: &str| testdata(&format!("policies/{name}.33")).display().to_string();
    let told = answer(&["diff", &policy("mcs-granted"), &policy("mcs-denied")]);
    contains(
        &told.stdout,
        &[
            "newly bound by constraints, which may deny what rules grant a_t joined constrained: 1 constraint that names it now binds it",
            "ask next: --domain a_t, --causes",
        ],
    );
}

#[test]
fn file_contexts_are_judged_by_who_may_do_what() {
    let folder = tempfile::tempdir().expect("a folder");
    let contexts = |name: &str, lines: &str, substitutions: &str| {
        let of = folder.path().join(name);
        std::fs::create_dir(&of).expect("a folder");
        file(&of, "file_contexts.subs_dist", substitutions.as_bytes());
        file(&of, "file_contexts", lines.as_bytes())
    };
    let base = "/.* system_u:object_r:default_t:s0\n/srv(/.*)? system_u:object_r:var_t:s0\n/etc/shadow -- system_u:object_r:shadow_t:s0\n";
    let old = contexts("old", base, "/run /var/run\n");
    let told = |name: &str, lines: &str, substitutions: &str| {
        let new = contexts(name, lines, substitutions);
        answer(&["diff", &demo(), &demo(), "--file-contexts", &old, &new])
    };
    let shadow = told("shadow", &base.replace("shadow_t", "etc_t"), "/run /var/run\n");
    contains(&shadow.stdout, &["high /etc/shadow become etc_t where it was shadow_t"]);
    let write = told(
        "write",
        &base.replace("object_r:var_t:s0\n/etc", "object_r:container_file_t:s0\n/etc"),
        "/run /var/run\n",
    );
    contains(
        &write.stdout,
        &[
            "medium /srv, /srv/x become container_file_t where it was var_t: confined domains may now write it: ",
        ],
    );
    let moved = told("moved", base, "/run /srv\n");
    contains(&moved.stdout, &["~ /run is looked up as /srv (was /var/run)"]);
    // The same lines in another order: of two that match with the same text before the first wildcard, the later one wins.
    let lines = ["/a/b.* system_u:object_r:etc_t:s0\n", "/a/b[^/]* system_u:object_r:var_t:s0\n"];
    let ordered = |name: &str, lines: [&str; 2]| contexts(name, &[base, lines[0], lines[1]].concat(), "");
    let (one, other) = (ordered("one", lines), ordered("other", [lines[1], lines[0]]));
    let order = answer(&["diff", &demo(), &demo(), "--file-contexts", &one, &other]);
    contains(
        &order.stdout,
        &[
            "~ /a/b, by the order of lines: /a/b.* decides system_u:object_r:etc_t:s0 (was system_u:object_r:var_t:s0 by /a/b[^/]*)",
        ],
    );
    assert_eq!(order.code, Some(1));
}

#[test]
fn help_shows_nothing_that_is_refused() {
    let help = answer(&["diff", "--help"]);
    assert!(!help.stdout.contains("--policy") && !help.stdout.contains("--demo"), "{}", help.stdout);
    for words in [["diff", "-P", "x", "a", "b"], ["-P", "x", "diff", "a", "b"]] {
        contains(&answer(&words).stderr, &["`diff` compares two files"]);
    }
    contains(&answer(&["diff", "--demo", "a", "b"]).stderr, &["`diff` compares two files"]);
}
