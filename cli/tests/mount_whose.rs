//! Whose a tree is: what `mount` never advises to relabel, what it advises in its place, and what belongs to nobody.

mod common;

use common::{Answer, sepolq};
use serde_json::Value;

/// A question and its answer.
struct Case {
    /// What is asked after `sepolq mount`.
    asked: &'static str,
    /// `whose.id`; empty if it is nobody's.
    whose: &'static str,
    /// The ways, from the first on.
    ways: &'static [&'static str],
    /// Whether what is asked takes it away.
    takes: bool,
    /// The exit status.
    status: i32,
}

/// Ways that relabel the tree itself.
const RELABELLING: [&str; 3] = ["private", "shared", "label"];

const fn case(
    asked: &'static str,
    whose: &'static str,
    ways: &'static [&'static str],
    takes: bool,
    status: i32,
) -> Case {
    Case { asked, whose, ways, takes, status }
}

/// On the demo policy.
const DEMO: &[Case] = &[
    // Homes, by path and by type, whoever's engine it is.
    case("-- podman run -v /home/alice:/h i", "home", &["sub_directory", "custom_type"], false, 1),
    case("-- docker run -v /home/alice:/h i", "home", &["sub_directory", "custom_type"], false, 1),
    case("-- docker run -v /home/alice:/h:Z i", "home", &["sub_directory"], true, 1),
    case("-- podman run -v /home/alice/:/h:z,ro i", "home", &["sub_directory"], true, 1),
    case("-- docker run -v /root:/h:Z i", "home", &["sub_directory"], false, 1),
    case("-- docker run -v /people/ada:/h:Z i", "home", &["sub_directory"], true, 1),
    case("-- podman run -v /home:/h:Z i", "homes", &["sub_directory"], false, 1),
    case("--tree-label user_home_dir_t:s0 -- docker run -v /x:/h:Z i", "home", &["sub_directory"], true, 1),
    case("--engine kubernetes --path /home/alice --level s0:c1,c2", "home", &["sub_directory"], false, 1),
    // A project in one is nobody's.
    case("-- podman run -v /home/alice/project:/h:Z i", "", &[], false, 0),
    case("-- podman run -v /home/alice/project:/h i", "", &["private", "shared", "label"], false, 1),
    // Keys.
    case("-- podman run -v /home/alice/.ssh:/root/.ssh i", "keys", &["copy", "without_separation"], false, 1),
    case("-- podman run -v /home/alice/.ssh:/root/.ssh:Z i", "keys", &["copy"], true, 1),
    case("-- docker run -v /home/alice/.ssh:/root/.ssh:ro,z i", "keys", &["copy"], true, 1),
    case("-- podman run -v /home/alice/.gnupg:/g:Z i", "keys", &["copy"], true, 1),
    case("-- podman run -v /etc/ssh:/h:Z i", "keys", &["copy"], true, 1),
    // A path that cannot be looked at is of the kind for which file contexts name it.
    case("-- podman run -v /etc/shadow:/s:ro i", "keys", &["copy"], false, 1),
    case("--tree-label shadow_t:s0 -- podman run -v /srv/x:/h:Z i", "keys", &["copy"], true, 1),
    // Logs.
    case("-- podman run -v /var/log:/logs:ro i", "logs", &["domain", "domain", "custom_type"], false, 1),
    case("-- podman run -v /var/log/httpd:/logs:Z i", "logs", &["domain"], true, 1),
    case("--tree-label var_log_t:s0 -- podman run -v /data/l:/logs:ro i", "logs", &["domain"], false, 1),
    // What is the system's.
    case("-- podman run -v /etc/myapp:/c:Z i", "system", &["without_relabel", "copy"], true, 1),
    case("-- podman run -v /usr/share/x:/c:z i", "system", &["without_relabel", "copy"], true, 1),
    case("-- podman run -v /usr:/h:z i", "system", &["without_relabel", "copy"], false, 1),
    case("-- podman run -v /usr:/h:ro i", "", &[], false, 0),
    case("-- podman run -v /:/host i", "host", &["custom_type", "without_separation"], false, 1),
    case("-- podman run -v /var:/v:z i", "host", &["custom_type", "without_separation"], false, 1),
    case("-- podman run -v /srv:/s:Z i", "top_directory", &["sub_directory"], false, 1),
    // What engines keep images in.
    case("-- podman run -v /var/lib/containers:/c:Z i", "engine_storage", &[], true, 1),
    // Services, by the name of the type: by path, or by the label that somebody gave.
    case("-- podman run -v /srv/www:/h:z i", "services", &["copy", "private", "shared", "label"], true, 1),
    case("-- podman run -v /srv/www:/h i", "services", &["copy", "private", "shared", "label"], false, 1),
    case("-- podman run -v /var/lib/pgsql:/h:Z i", "services", &["copy", "private"], true, 1),
    case("-- podman run -v /run/postgresql:/h:Z i", "services", &["custom_type"], true, 1),
    case(
        "--tree-label httpd_sys_content_t:s0 -- podman run -v /data/x:/h:Z i",
        "services",
        &["copy"],
        true,
        1,
    ),
    // Without separation it can be used as it is: no reason to take it.
    case("-- podman run --privileged -v /home/alice:/h:Z i", "home", &["without_relabel"], true, 1),
    case("-- podman run -v /etc/localtime:/etc/localtime:ro,Z i", "system", &["without_relabel"], true, 1),
    // What keeps no labels has none to lose.
    case("--file-system nfs4 -- docker run -v /home/alice:/h:Z i", "", &["booleans"], false, 1),
    // Nobody's.
    case("-- podman run -v /srv/data:/h:Z i", "", &[], false, 0),
    case("-- podman run -v /opt/app:/h:z i", "", &[], false, 0),
    case("-- podman run -v /data:/h:Z i", "", &[], false, 0),
    case("--engine kubernetes --path /srv/data --level s0:c1,c2", "", &["label"], false, 1),
    case("-- podman run -v /var/local-path-provisioner/x:/h:Z i", "", &[], false, 0),
    // What has no label, or another than it should.
    case(
        "--tree-label unlabeled_t:s0 -- podman run -v /data/x:/x i",
        "",
        &["private", "shared", "label", "mount_context", "without_separation"],
        false,
        1,
    ),
    case("--tree-label unlabeled_t:s0 -- podman run -v /data/x:/x:Z i", "", &[], false, 0),
    case(
        "--tree-label unlabeled_t:s0 --engine kubernetes --path /data/x --level s0:c1,c2",
        "",
        &["label", "mount_context"],
        false,
        1,
    ),
    case(
        "--tree-label unlabeled_t:s0 -- podman run -v /var/local-path-provisioner/x:/x i",
        "",
        &["restore_label", "private"],
        false,
        1,
    ),
    case(
        "--tree-label unlabeled_t:s0 -- podman run -v /home/alice:/x i",
        "home",
        &["sub_directory"],
        false,
        1,
    ),
];

/// On the container build of the reference policy, with its file contexts: these say nothing of homes.
const CONTAINER: &[Case] = &[
    case("--engine kubernetes --path /srv/data --level s0:c10,c20", "", &["label"], false, 1),
    case(
        "--engine kubernetes --path /opt/local-path-provisioner/x --level s0:c10,c20",
        "",
        &["label"],
        false,
        1,
    ),
    case("-- podman run -v /srv/data:/x i", "", &["private", "shared", "label"], false, 1),
    case("-- podman run -v /opt/app:/x i", "", &["private", "shared", "label"], false, 1),
    case("-- podman run -v /opt/app:/x:z i", "", &[], false, 0),
    case("-- podman run -v /var/lib/app:/x:Z i", "", &[], false, 0),
    case("-- podman run -v /home/alice/project:/x:Z i", "", &[], false, 0),
    case("-- podman run -v /home/alice:/x:Z i", "home", &["sub_directory"], true, 1),
    case("-- podman run -v /home:/x:ro i", "homes", &["sub_directory"], false, 1),
    case("-- podman run -v /:/host i", "host", &["custom_type", "without_separation"], false, 1),
    case("-- podman run -v /var/log:/logs:ro i", "logs", &["custom_type", "without_separation"], false, 1),
    case("-- podman run -v /var/log/mysql:/logs:Z i", "logs", &["custom_type"], true, 1),
    case("-- podman run -v /usr:/h:z i", "system", &["without_relabel"], false, 1),
    case("-- podman run -v /usr:/h:ro i", "", &[], false, 0),
    case("-- podman run -v /usr/share/nginx/html:/h:z i", "system", &["without_relabel", "copy"], true, 1),
    case("-- podman run -v /var/lib/mysql:/h:Z i", "services", &["copy", "private"], true, 1),
    case("--tree-label cert_t:s0 -- podman run -v /srv/x:/h:Z i", "system", &["booleans", "copy"], true, 1),
    case(
        "--tree-label unlabeled_t:s0 -- podman run -v /data/x:/x i",
        "",
        &["private", "shared", "label", "mount_context", "without_separation"],
        false,
        1,
    ),
];

fn ask(policy: &[&str], asked: &str, json: bool) -> Answer {
    let mut command = sepolq();
    command.env("HOME", "/people/ada").env_remove("SUDO_USER").args(policy).arg("mount");
    command.args(json.then_some("--json")).args(asked.split(' '));
    Answer::of(&command.output().expect("the program runs"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn check(case: &Case, policy: &[&str]) {
    let Case { asked, whose, ways, takes, status } = case;
    let answer = ask(policy, asked, true);
    assert_eq!(answer.code, Some(*status), "{asked}: {}{}", answer.stdout, answer.stderr);
    let json: Value = serde_json::from_str(&answer.stdout).expect("one JSON object");
    let result = &json["results"][0];
    assert_eq!(result["whose"]["id"].as_str().unwrap_or_default(), *whose, "{asked}");
    assert_eq!(result["takes_it_away"], *takes, "{asked}");
    let found: Vec<&str> =
        result["ways"].as_array().expect("ways").iter().map(|way| text(&way["id"])).collect();
    assert_eq!(found.get(..ways.len()), Some(*ways), "{asked}: {found:?}");
    let relabels = found.iter().any(|way| RELABELLING.contains(way));
    let may_be = matches!(*whose, "" | "services");
    assert!(may_be || !relabels, "{asked}: {found:?}");
    // A copy that keeps its label would be denied as before.
    let commands: Vec<&str> = result["ways"]
        .as_array()
        .expect("ways")
        .iter()
        .flat_map(|way| way["commands"].as_array().expect("commands").iter().map(text))
        .collect();
    assert!(commands.iter().all(|command| !command.starts_with("cp -a")), "{asked}: {commands:?}");
    let copies = commands.iter().filter(|command| command.starts_with("cp "));
    assert!(copies.clone().all(|copy| copy.contains("--no-preserve=context")), "{asked}: {commands:?}");
    // What is somebody's is said, and nobody is told to label it so for good.
    let do_not = result["do_not"].as_array().expect("what not to do");
    assert_eq!(do_not.is_empty(), whose.is_empty(), "{asked}: {do_not:?}");
    let for_good = result["lasts"].to_string().contains("semanage");
    assert!(!for_good || (whose.is_empty() && *status == 0), "{asked}: {}", result["lasts"]);
    let printed = ask(policy, asked, false);
    assert_eq!(printed.code, answer.code, "{asked}");
    assert_eq!(printed.stdout.contains("   do not   "), !whose.is_empty(), "{asked}: {}", printed.stdout);
    assert_eq!(printed.stdout.contains("nothing more"), *status == 0, "{asked}: {}", printed.stdout);
}

#[test]
fn nobody_is_told_to_relabel_what_is_somebodys() {
    for case in DEMO {
        check(case, &["--demo"]);
    }
}

#[test]
fn nobody_is_told_to_relabel_what_is_somebodys_on_a_real_policy() {
    let policy = testkit::policies::ALL.iter().find(|policy| policy.name == "container").expect("known");
    let path = policy.path();
    let contexts = path.with_file_name("container.contexts").join("file_contexts");
    if !path.exists() || !contexts.exists() {
        return testkit::leave_out(&testkit::Error::NoPolicy { path });
    }
    let (path, contexts) = (path.to_str().expect("text"), contexts.to_str().expect("text"));
    for case in CONTAINER {
        let asked = format!("--file-contexts {contexts} {}", case.asked);
        check(&Case { asked: Box::leak(asked.into_boxed_str()), ..*case }, &["-P", path]);
    }
}

/// The commands of a way.
fn commands(asked: &str, id: &str) -> Vec<String> {
    let answer = ask(&["--demo"], asked, true);
    let json: Value = serde_json::from_str(&answer.stdout).expect("one JSON object");
    let ways = json["results"][0]["ways"].as_array().expect("ways").clone();
    let way = ways.iter().find(|way| way["id"] == id).unwrap_or_else(|| panic!("{asked}: no {id}"));
    way["commands"].as_array().expect("commands").iter().map(|command| text(command).to_owned()).collect()
}

#[test]
fn what_takes_the_place_of_a_tree_can_be_pasted() {
    let home = "-- podman run -v /home/alice:/h i";
    assert_eq!(commands(home, "sub_directory"), ["-v /home/alice/PROJECT:/h:Z"]);
    assert_eq!(
        commands("-- podman run -v /home:/h:ro i", "sub_directory"),
        ["-v /home/NAME/PROJECT:/h:Z,ro"]
    );
    let keys = commands("-- podman run -v /home/alice/.ssh:/root/.ssh:ro i", "copy");
    assert_eq!(keys, ["cp -r --no-preserve=context /home/alice/.ssh DIR", "-v DIR:/root/.ssh:Z,ro"]);
    // A hostPath is never relabelled: the copy gets its label by hand.
    let pod = commands("--engine kubernetes --path /srv/www --level s0:c1,c2", "copy");
    assert_eq!(
        pod,
        [
            "cp -r --no-preserve=context /srv/www DIR",
            "semanage fcontext -a -t container_file_t 'DIR(/.*)?'",
            "restorecon -RF DIR"
        ]
    );
    let usr = commands("-- podman run -v /usr:/h:z i", "without_relabel");
    assert_eq!(usr, ["-v /usr:/h:ro"]);
    // One file stays one.
    let file = commands("-- podman run -v /etc/shadow:/s:ro i", "copy");
    assert_eq!(file, ["cp --no-preserve=context /etc/shadow DIR/shadow", "-v DIR/shadow:/s:Z,ro"]);
    let logs = commands("-- docker run -v /var/log:/logs:ro i", "custom_type");
    assert_eq!(logs.first().map(String::as_str), Some("docker inspect CONTAINER | udica NAME"));
}

#[test]
fn what_was_taken_before_can_be_given_back() {
    let asked = "--tree-label container_file_t:s0 -- podman run -v /home/alice:/h i";
    // It can be used, and nothing is relabelled; who wonders why nobody can log in is told.
    for (asked, status) in [(asked.to_owned(), 0), (asked.replace("/h i", "/h:Z i"), 1)] {
        let answer = ask(&["--demo"], &asked, true);
        assert_eq!(answer.code, Some(status), "{asked}");
        assert!(answer.stdout.contains("restorecon -RFv /home/alice"), "{}", answer.stdout);
    }
    let nobodys = ask(&["--demo"], "--tree-label container_file_t:s0 -- podman run -v /srv/x:/h i", true);
    assert!(!nobodys.stdout.contains("restorecon -RFv"), "{}", nobodys.stdout);
}

#[test]
fn label_says_whose_a_path_is() {
    let whose = |path: &str| {
        let answer = common::answer(&["--demo", "label", "--json", "/srv/data", path]);
        let json: Value = serde_json::from_str(&answer.stdout).expect("one JSON object");
        json["results"][1]["relabelling"]["whose"]["id"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(whose("/home/alice/.ssh"), "keys");
    assert_eq!(whose("/srv/www"), "services");
    assert_eq!(whose("/srv/other"), "");
    let printed = common::answer(&["--demo", "label", "/home/alice/.ssh"]);
    assert!(printed.stdout.contains("do not:"), "{}", printed.stdout);
}
