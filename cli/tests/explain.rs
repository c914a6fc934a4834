//! `explain` as people use it: where records come from, what is printed, exit codes. Causes and fixes themselves are tested
//! in `crates/analysis`, shapes of records in `crates/audit`.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Answer, answer, sepolq};
use flate2::write::GzEncoder;

/// A container is denied another container's file.
const MCS: &str = r#"type=AVC msg=audit(1700000000.100:7): avc:  denied  { read } for  pid=4021 comm="nginx" path="/usr/share/nginx/html/index.html" dev="sda1" ino=42 scontext=system_u:system_r:container_t:s0:c500,c676 tcontext=system_u:object_r:container_file_t:s0:c1,c2 tclass=file permissive=0"#;
/// A web server is denied a port.
const PORT: &str = "type=AVC msg=audit(1700000100.000:9): avc:  denied  { name_connect } for  pid=77 comm=\"httpd\" dest=5432 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:postgresql_port_t:s0 tclass=tcp_socket permissive=0";

/// A container is denied a directory that was never made for containers: searched, then written to.
fn mount_log() -> String {
    let line = |seconds: u32, permission: &str, class: &str| {
        format!(
            "type=AVC msg=audit({seconds}.000:{seconds}): avc:  denied  {{ {permission} }} for  pid=5 comm=\"sh\" name=\"www\" dev=\"sda1\" ino=7 scontext=system_u:system_r:container_t:s0:c3,c4 tcontext=unconfined_u:object_r:default_t:s0 tclass={class} permissive=0\n"
        )
    };
    [line(1, "write", "dir"), line(2, "write", "dir"), line(3, "write", "file"), line(4, "add_name", "dir")]
        .concat()
}

fn command(words: &[&str]) -> Command {
    let mut command = sepolq();
    command.env("TZ", "UTC").arg("--demo").arg("explain").args(words);
    command
}

fn explain(words: &[&str]) -> Answer {
    Answer::of(&command(words).stdin(Stdio::null()).output().expect("the program runs"))
}

/// The answer to what is piped in.
fn piped(words: &[&str], input: &[u8]) -> Answer {
    let mut child = command(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    match stdin.write_all(input) {
        // It may complain of its words before it reads.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written.expect("it reads"),
    }
    drop(stdin);
    Answer::of(&child.wait_with_output().expect("it ends"))
}

fn json(words: &[&str], input: &str) -> serde_json::Value {
    let answer = piped(&[words, &["--json"]].concat(), input.as_bytes());
    serde_json::from_str(&answer.stdout).expect("one JSON object")
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

#[test]
fn a_story_fits_on_a_screen() {
    let expected = r#"1. container_t may not read a file labelled container_file_t:s0:c1,c2    once, 2023-11-14 22:13:20, enforcing
   process  nginx (pid 4021), container level s0:c500,c676
   object   file "/usr/share/nginx/html/index.html" on sda1 (the path is inside the container)
   cause    MCS: the file has another container's categories {c1,c2}; this container has {c500,c676}
              h1 dom h2: {c500,c676} does not contain {c1,c2}
              t1 != mcs_constrained_type: container_t has mcs_constrained_type
              type enforcement would allow it
   do       share it: mount with :z  (until the files are relabelled)
              -v HOSTDIR:CONTAINERDIR:z
              labels the tree container_file_t:s0: any container may use it
            own it: mount with :Z  (until the files are relabelled)
              -v HOSTDIR:CONTAINERDIR:Z
              takes it away from the container whose categories it has, and from all others
            or give both containers one level  (as long as the container)
              --security-opt label=level:s0:c1,c2
              for the containers that share the files; in Kubernetes seLinuxOptions.level of the pod
            which one it is on the host: podman inspect --format '{{.Mounts}}' CONTAINER
            or: find "$(findmnt -n -o TARGET -S /dev/sda1 | head -n1)" -xdev -inum 42
   do not   audit2allow: a constraint, a role or a bound refuses this, no rule can allow it
            restorecon or chcon on the path of the record: it is a path inside the container
"#;
    let answer = piped(&[], MCS.as_bytes());
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), expected, ""));
}

#[test]
fn records_come_from_anywhere() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let plain = file(folder.path(), "audit.log", format!("{MCS}\n").as_bytes());
    let rotated = file(folder.path(), "audit.log.2.gz", &gzipped(format!("{PORT}\n").as_bytes()));
    let names = [plain.to_str().expect("a name"), rotated.to_str().expect("a name")];
    let both = explain(&[names[0], names[1], "--json"]);
    let both: serde_json::Value = serde_json::from_str(&both.stdout).expect("JSON");
    assert_eq!(both["stories"].as_array().expect("stories").len(), 2);
    // The same record: as a word, from a pipe named or not, from a file, compressed in a pipe.
    let as_word = explain(&[MCS]);
    assert_eq!(as_word.code, Some(0), "{}", as_word.stderr);
    for other in [
        piped(&[], MCS.as_bytes()),
        piped(&["-"], MCS.as_bytes()),
        explain(&[names[0]]),
        piped(&[], &gzipped(MCS.as_bytes())),
    ] {
        assert_eq!((other.code, other.stdout), (Some(0), as_word.stdout.clone()));
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let xz = file(folder.path(), "audit.log.xz", b"\xfd7zXZ\0rest");
    let broken = file(folder.path(), "broken.gz", &gzipped(MCS.as_bytes())[..40]);
    for (word, says) in [
        ("/no/such.log", "is neither a file nor a record"),
        (folder.path().to_str().expect("a name"), "is a directory"),
        (xz.to_str().expect("a name"), "to its end"),
        (broken.to_str().expect("a name"), "to its end"),
    ] {
        let answer = explain(&[word]);
        assert_eq!(answer.code, Some(2), "{word}: {}", answer.stdout);
        assert!(answer.stderr.contains(says), "{word}: {}", answer.stderr);
    }
    let folder_of_logs = folder.path().to_str().expect("a name");
    assert!(explain(&["--follow", folder_of_logs]).stderr.contains("is a directory"));
    // A bad record among good ones is shown with its line, and the rest is answered.
    let log = format!("{MCS}\nsomething else\navc: denied {{ read }} for scontext=a:b:c\n{PORT}\n");
    let answer = piped(&[], log.as_bytes());
    assert!(answer.stdout.contains("\nline 3: "), "{}", answer.stdout);
    let object = json(&[], &log);
    assert_eq!(object["stories"].as_array().expect("stories").len(), 2);
    assert_eq!((&object["counts"]["denials"], &object["counts"]["unreadable"]), (&2.into(), &1.into()));
    assert_eq!(object["unreadable"][0]["line"], 3);
}

#[test]
fn nothing_found_says_how_to_look_further() {
    let answer = piped(&[], b"nothing here\n");
    assert_eq!(answer.code, Some(1));
    for says in ["1 line read of standard input", "semodule -DB", "ausearch", "user namespaces", "permissive"]
    {
        assert!(answer.stdout.contains(says), "{says}: {}", answer.stdout);
    }
    assert_eq!(piped(&["--json"], b"nothing here\n").code, Some(1));
}

#[test]
fn thousands_of_records_become_few_stories() {
    let log = format!("{}{}", mount_log().repeat(1000), format!("{MCS}\n").repeat(10));
    let object = json(&[], &log);
    let stories = object["stories"].as_array().expect("stories");
    assert_eq!(stories.len(), 2);
    // The directory and the files in it are one story, what came up most often first.
    assert_eq!((&stories[0]["class"], &stories[0]["count"]), (&"dir".into(), &3000.into()));
    assert_eq!(stories[0]["permissions"][1]["name"], "add_name");
    assert_eq!(
        (&stories[0]["also"][0]["class"], &stories[0]["also"][0]["count"]),
        (&"file".into(), &1000.into())
    );
    let rule = stories[0]["fixes"].as_array().expect("fixes").last().expect("a rule").clone();
    let text = rule["commands"][0]["text"].as_str().expect("text");
    assert!(text.contains("(dir (") && text.contains("(file (write))"), "{text}");
    // What was let through comes after what was not.
    let permissive = MCS.replace("permissive=0", "permissive=1");
    let object = json(&[], &format!("{}{PORT}\n", format!("{permissive}\n").repeat(5)));
    assert_eq!(object["stories"][0]["class"], "tcp_socket");
    assert_eq!(object["stories"][1]["permissive"], 5);
}

#[test]
fn stories_keep_their_ids() {
    let one = json(&[], MCS);
    let again = json(&[], &format!("{PORT}\n{}\n", MCS.replace("c500,c676", "c7,c8").replace("4021", "5")));
    let id = &one["stories"][0]["id"];
    assert!(again["stories"].as_array().expect("stories").iter().any(|story| story["id"] == *id));
    assert_eq!(one["schema"], "sepolq.explain/1");
    assert_eq!(one["stories"][0]["earliest"], "2023-11-14T22:13:20.100Z");
    assert_eq!(one["stories"][0]["record"]["comm"], "nginx");
    let cause = &one["stories"][0]["causes"][0];
    assert_eq!((&cause["id"], &cause["layer"]), (&"constraint".into(), &"MCS".into()));
    assert_eq!(cause["leaves"][0]["value"], false);
}

#[test]
fn commands_are_for_the_shell() {
    let answer = piped(&["--commands"], PORT.as_bytes());
    assert!(answer.stdout.contains("\nsetsebool -P httpd_can_network_connect_db=on\n"), "{}", answer.stdout);
    let answer = piped(&["--commands", "--host-path", "/srv/it's here"], MCS.as_bytes());
    let expected = r"# start the container with: -v '/srv/it'\''s here':CONTAINERDIR:z";
    assert!(answer.stdout.contains(expected), "{}", answer.stdout);
    for line in answer.stdout.lines() {
        assert!(line.starts_with('#'), "{line}");
    }
}

#[test]
fn markdown_for_an_issue() {
    let answer = piped(&["--format", "markdown"], MCS.as_bytes());
    assert!(answer.stdout.starts_with("## 1. container\\_t may not read a file"), "{}", answer.stdout);
    assert!(answer.stdout.contains("   ```sh\n   -v HOSTDIR:CONTAINERDIR:z\n   ```\n"), "{}", answer.stdout);
    // A name cannot end its block or start another element.
    let hostile = MCS.replace("nginx", "<b>`x`|");
    let answer = piped(&["--format", "markdown"], hostile.as_bytes());
    assert!(answer.stdout.contains(r"\<b\>\`x\`\|"), "{}", answer.stdout);
}

#[test]
fn inspect_finds_the_mount() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let text = r#"[{"Id": "abc", "Name": "web", "ProcessLabel": "system_u:system_r:container_t:s0:c500,c676",
        "MountLabel": "system_u:object_r:container_file_t:s0:c500,c676",
        "Mounts": [{"Type": "bind", "Source": "/srv/www", "Destination": "/usr/share/nginx/html", "RW": true}]}]"#;
    let inspect = file(folder.path(), "web.json", text.as_bytes());
    let words = ["--inspect", inspect.to_str().expect("a name")];
    let answer = piped(&words, MCS.as_bytes());
    assert!(answer.stdout.contains("-v /srv/www:/usr/share/nginx/html:z\n"), "{}", answer.stdout);
    assert!(!answer.stdout.contains("HOSTDIR"), "{}", answer.stdout);
    // A path in no mount is of the image; a name alone may be in any mount; another container's level is another's.
    let image = piped(&words, MCS.replace("/usr/share/nginx/html", "/etc").as_bytes());
    assert!(image.stdout.contains("the path is in no mount of the container"), "{}", image.stdout);
    let name =
        piped(&words, MCS.replace("path=\"/usr/share/nginx/html/index.html\"", "name=\"x\"").as_bytes());
    assert!(name.stdout.contains("one of the mounts /srv/www as /usr/share/nginx/html"), "{}", name.stdout);
    let other = piped(&words, MCS.replace("c500,c676", "c8,c9").as_bytes());
    assert!(other.stdout.contains("-v HOSTDIR:CONTAINERDIR:z"), "{}", other.stdout);
    let bad = file(folder.path(), "bad.json", b"nonsense");
    assert_eq!(piped(&["--inspect", bad.to_str().expect("a name")], MCS.as_bytes()).code, Some(2));
}

#[test]
fn the_same_records_under_another_policy() {
    let demo = common::testdata("demo/demo.33");
    let compare = ["--compare", demo.to_str().expect("a name")];
    let answer = piped(&compare, MCS.as_bytes());
    assert!(
        answer.stdout.contains("compare  unchanged: the other policy denies it, too (constraint)"),
        "{}",
        answer.stdout
    );
    let fixed = [&compare[..], &["--bool", "httpd_can_network_connect=off"]].concat();
    assert_eq!(json(&fixed, PORT)["stories"][0]["compare"]["result"], "still_denied");
    // What a boolean grants here, the other policy's default does not.
    let newly = [&compare[..], &["--bool", "httpd_can_network_connect=on"]].concat();
    assert_eq!(json(&newly, PORT)["stories"][0]["compare"]["result"], "newly_denied");
    let own = MCS.replace("s0:c1,c2", "s0:c500,c676");
    assert_eq!(json(&compare, &own)["stories"][0]["compare"]["result"], "still_allowed");
    let unknown = MCS.replace("container_file_t", "no_such_t");
    assert_eq!(json(&compare, &unknown)["stories"][0]["compare"]["result"], "unknown");
}

#[test]
fn what_changed_is_told_in_the_words_of_diff() {
    let older = common::testdata("demo/demo-older.33");
    let compare = ["--compare", older.to_str().expect("a name")];
    let record = "type=AVC msg=audit(1700000000.1:1): avc:  denied  { connectto } for  pid=5 comm=\"docker\" scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=system_u:system_r:container_runtime_t:s0 tclass=unix_stream_socket permissive=0";
    let change = "connectto gained: added allow container_domain container_runtime_domain:unix_stream_socket connectto;";
    let answer = json(&compare, record);
    let compared = &answer["stories"][0]["compare"];
    assert_eq!(compared["result"], "fixed");
    assert_eq!(compared["changes"], serde_json::json!([change]));
    let text = piped(&compare, record.as_bytes()).stdout;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.contains(&format!("the other policy allows it {change}")), "{text}");
}

#[test]
fn a_container_of_a_confined_login_needs_a_user_or_all_categories() {
    let log = "type=SELINUX_ERR msg=audit(1:1): op=security_compute_sid invalid_context=\"user_u:user_r:container_t:s0:c1,c2\" scontext=user_u:user_r:container_runtime_t:s0 tcontext=system_u:object_r:container_ro_file_t:s0 tclass=process\n";
    let text = piped(&[], log.as_bytes()).stdout;
    let (login, range) =
        ("semanage login -a -s container_u LOGIN", "semanage user -m -r s0-s0:c0.c1023 user_u");
    assert!(text.find(login).is_some_and(|at| text.find(range).is_some_and(|other| at < other)), "{text}");
    assert!(!text.contains("-r s0:c1,c2"), "it would lock out all who log in at s0: {text}");
}

#[test]
fn refusals_are_explained() {
    let log = "type=SELINUX_ERR msg=audit(1700000000.1:1): op=security_compute_sid invalid_context=unconfined_u:unconfined_r:httpd_t:s0 scontext=unconfined_u:unconfined_r:unconfined_t:s0 tcontext=system_u:object_r:httpd_exec_t:s0 tclass=process
type=SELINUX_ERR msg=audit(1700000000.2:2): op=security_bounded_transition seresult=denied oldcontext=system_u:system_r:httpd_t:s0 newcontext=system_u:system_r:sshd_t:s0\n";
    let object = json(&[], log);
    let refusals = object["refusals"].as_array().expect("refusals");
    assert_eq!(refusals[0]["fixes"][0]["id"], "role_type");
    let command = refusals[0]["fixes"][0]["commands"][0]["text"].as_str().expect("text");
    assert!(command.contains("(roletype unconfined_r httpd_t)"), "{command}");
    assert_eq!(refusals[1]["causes"][0]["id"], "not_bounded");
    let answer = piped(&[], log.as_bytes());
    assert_eq!(answer.code, Some(0));
    assert!(answer.stdout.contains("do not   audit2allow: no permission was denied"), "{}", answer.stdout);
}

#[test]
fn a_label_that_the_policy_did_not_know() {
    let record = MCS.replace("container_file_t:s0:c1,c2", "unlabeled_t:s0")
        + " trawcon=\"system_u:object_r:gone_t:s0\"";
    let object = json(&[], &record);
    let cause = &object["stories"][0]["causes"][0];
    assert_eq!(cause["id"], "stored_context");
    let text = cause["text"].to_string();
    assert!(text.contains("system_u:object_r:gone_t:s0") && text.contains("no type or attribute"), "{text}");
    assert_eq!(object["stories"][0]["fixes"][0]["id"], "restore_label");
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let hex: String = b"\x1b]0;x\x07\n\xff".iter().map(|byte| format!("{byte:02X}")).collect();
    let record = MCS
        .replace("\"/usr/share/nginx/html/index.html\"", &format!("2F{hex}"))
        .replace("comm=\"nginx\"", &format!("comm={hex}"));
    for words in [&[][..], &["--json"], &["--format", "markdown"], &["--commands"]] {
        let answer = piped(words, record.as_bytes());
        assert_eq!(answer.code, Some(0));
        assert!(!answer.stdout.contains(['\x1b', '\x07']), "{words:?} {}", answer.stdout.escape_debug());
    }
    // A service's path goes into commands, quoted.
    let record = PORT.replace("dest=5432", &format!("path=2F{hex}")).replace("tcp_socket", "file");
    let record = record.replace("postgresql_port_t", "user_home_t").replace("name_connect", "read");
    let answer = piped(&[], record.as_bytes());
    assert!(!answer.stdout.contains(['\x1b', '\x07']), "{}", answer.stdout.escape_debug());
}

#[test]
fn users_and_levels_that_the_policy_lacks_are_left_open() {
    let record = MCS.replace("system_u:system_r:container_t", "martian_u:martian_r:container_t");
    let object = json(&[], &record);
    assert_eq!(object["stories"][0]["causes"][0]["id"], "constraint");
    let text = object["stories"][0]["causes"][0]["text"].to_string();
    assert!(text.contains("the user martian_u of the source is none of this policy's"), "{text}");
    let object = json(&[], &MCS.replace("container_t", "gone_t"));
    assert_eq!(object["stories"][0]["causes"][0]["id"], "unknown_source");
}

#[test]
fn follow_explains_what_comes() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let log = file(folder.path(), "audit.log", format!("{PORT}\n").as_bytes());
    let mut child = command(&["--follow", log.to_str().expect("a name")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let stdout = child.stdout.take().expect("a pipe");
    let lines = BufReader::new(stdout).lines().map(|line| line.expect("text"));
    let append = |text: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&log).expect("opened");
        writeln!(file, "{text}").expect("written");
    };
    // What stood there before is not told. The program may not have opened it yet: the record is written until it is told.
    let mut first = None;
    let (sender, receiver) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in lines {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    for _ in 0..120 {
        append(MCS);
        if let Ok(line) = receiver.recv_timeout(std::time::Duration::from_millis(500)) {
            first = Some(line);
            break;
        }
    }
    assert!(
        first.expect("a story").starts_with("1. container_t may not read a file"),
        "the old record is not told"
    );
    // The log is rotated away, and the story comes up again.
    std::fs::rename(&log, folder.path().join("audit.log.1")).expect("renamed");
    append(MCS);
    let again = receiver.iter().find(|line| line.contains("again: "));
    assert!(again.expect("again").starts_with("1. again: container_t may not read"), "told once more");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    drop(receiver);
    reader.join().expect("it ends");
    // What is piped in ends, and then so does it.
    let answer = piped(&["--follow"], format!("{MCS}\n{MCS}\n").as_bytes());
    assert_eq!(answer.code, Some(0));
    assert!(answer.stdout.starts_with("1. container_t may not read a file"), "{}", answer.stdout);
    assert_eq!(piped(&["--follow"], b"").code, Some(1));
}

#[test]
fn options_that_do_not_go_together() {
    for words in [
        &["--json", "--format", "markdown"][..],
        &["--follow", "--json"],
        &["--commands", "--json"],
        &["--format", "yaml"],
        &["--bool", "x"],
    ] {
        let answer = explain(words);
        assert_eq!(answer.code, Some(2), "{words:?}");
    }
    assert_eq!(answer(&["--demo", "explain", "--bool", "no_such=on", MCS]).code, Some(2));
}

/// An event: the denial names a file by its inode, other records have its path and the program.
fn event(permissive: &str, success: &str) -> String {
    let head = |kind: &str| format!("type={kind} msg=audit(1700000000.100:78):");
    [
        format!("{} avc:  denied  {{ read }} for  pid=4021 comm=\"nginx\" name=\"index.html\" dev=\"vda1\" ino=55 scontext=system_u:system_r:container_t:s0:c500,c676 tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file{permissive}", head("AVC")),
        format!("{} arch=c000003e syscall=257 {success} a0=ffffff9c a1=7ffe a2=0 a3=0 items=1 comm=\"nginx\" exe=\"/usr/sbin/nginx\" key=(null)", head("SYSCALL")),
        format!("{} cwd=\"/usr/share/nginx\"", head("CWD")),
        format!("{} item=0 name=\"html/index.html\" inode=55 dev=fd:01 obj=unconfined_u:object_r:user_home_t:s0 nametype=NORMAL", head("PATH")),
        format!("{} proctitle=6E67696E78002D670064656D6F", head("PROCTITLE")),
        String::new(),
    ]
    .join("\n")
}

#[test]
fn records_of_one_event_are_joined() {
    let answer = piped(&[], event(" permissive=0", "success=no exit=-13").as_bytes());
    for says in [
        "   command  nginx -g demo (/usr/sbin/nginx)\n",
        "   object   file \"/usr/share/nginx/html/index.html\" on vda1 (the path is inside the container)\n",
    ] {
        assert!(answer.stdout.contains(says), "{says}: {}", answer.stdout);
    }
    let record = &json(&[], &event("", "success=yes exit=3"))["stories"][0];
    assert_eq!(record["permissive"], 1);
    let record = &record["record"];
    assert_eq!(record["path"], "/usr/share/nginx/html/index.html");
    assert_eq!((&record["exe"], &record["cwd"]), (&"/usr/sbin/nginx".into(), &"/usr/share/nginx".into()));
    assert_eq!((&record["proctitle"], &record["name"]), (&"nginx -g demo".into(), &"index.html".into()));
    // The mount is found by that path.
    let folder = tempfile::tempdir().expect("a temporary directory");
    let text = r#"[{"Id": "abc", "Name": "web", "ProcessLabel": "system_u:system_r:container_t:s0:c500,c676",
        "Mounts": [{"Type": "volume", "Name": "pages", "Source": "/var/lib/containers/storage/volumes/pages/_data", "Destination": "/usr/share/nginx/html", "RW": true}]}]"#;
    let inspect = file(folder.path(), "web.json", text.as_bytes());
    let words = ["--inspect", inspect.to_str().expect("a name")];
    let log = event(" permissive=0", "success=no exit=-13");
    let answer = piped(&words, log.as_bytes());
    assert!(answer.stdout.contains("-v pages:/usr/share/nginx/html:z\n"), "{}", answer.stdout);
    assert!(answer.stdout.contains("/storage/volumes/pages/_data(/.*)?"), "{}", answer.stdout);
    // Of a story of several levels no container is named.
    let other = log.replace("c500,c676", "c7,c8").replace(":78)", ":79)");
    let answer = piped(&words, format!("{log}{other}").as_bytes());
    assert!(answer.stdout.contains("-v HOSTDIR:CONTAINERDIR:z\n"), "{}", answer.stdout);
    assert!(!answer.stdout.contains("inspect web"), "{}", answer.stdout);
}

#[test]
fn times_are_the_readers() {
    let in_zone = |zone: &str, log: &str| {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), log).expect("written");
        let mut command = command(&[file.path().to_str().expect("a name")]);
        Answer::of(&command.env("TZ", zone).stdin(Stdio::null()).output().expect("the program runs")).stdout
    };
    let answer = in_zone("CET-1", MCS);
    assert!(answer.contains("once, 2023-11-14 23:13:20, enforcing\n"), "{answer}");
    if Path::new("/usr/share/zoneinfo/Europe/Berlin").exists() {
        assert_eq!(in_zone("Europe/Berlin", MCS), answer);
    }
    // Beside dates without a zone the zone is named.
    let shown = PORT.replace("1700000100.000", "11/14/2023 23:15:00.000");
    let answer = in_zone("CET-1", &format!("{MCS}\n{shown}\n"));
    assert!(answer.contains("once, 2023-11-14 23:13:20 CET, enforcing\n"), "{answer}");
    assert!(answer.contains("once, 11/14/2023 23:15:00.000, enforcing\n"), "{answer}");
    let refusal =
        "type=SELINUX_ERR msg=audit(1700000000.1:1): op=setxattr invalid_context=\"u:object_r:gone_t:s0\"\n";
    let answer = in_zone("UTC", &format!("{refusal}{}", refusal.replace("1700000000", "1700000060")));
    assert!(answer.contains("2 times, 2023-11-14 22:13:20 – 22:14:20\n"), "{answer}");
    let object = json(&[], refusal);
    assert_eq!(object["refusals"][0]["latest"], "2023-11-14T22:13:20.001Z");
    assert_eq!(object["refusals"][0]["last_line"], 1);
}

#[test]
fn a_bad_input_does_not_cost_the_others() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let good = file(folder.path(), "audit.log", format!("{MCS}\n").as_bytes());
    let good = good.to_str().expect("a name");
    let ports: String =
        (0..20_000).map(|n| format!("{}\n", PORT.replace(":9)", &format!(":{n})")))).collect();
    let whole = gzipped(ports.as_bytes());
    let cut = file(folder.path(), "cut.gz", &whole[..whole.len() - 20]);
    let cut = cut.to_str().expect("a name");
    for (words, titles) in [
        (&[good, "/no/such.log"][..], &["container_t may not"][..]),
        (&[cut], &["httpd_t may not"]),
        (&[cut, good], &["httpd_t may not", "container_t may not"]),
    ] {
        let answer = explain(words);
        assert_eq!(answer.code, Some(2), "{words:?}");
        assert!(titles.iter().all(|title| answer.stdout.contains(title)), "{words:?}: {}", answer.stdout);
        assert!(answer.stderr.starts_with("error: "), "{words:?}: {}", answer.stderr);
        let object = explain(&[words, &["--json"]].concat());
        let object: serde_json::Value = serde_json::from_str(&object.stdout).expect("JSON");
        assert_eq!(object["errors"].as_array().expect("errors").len(), 1);
    }
    // Where nothing can be read, every error is told.
    let answer = explain(&["/no/such.log", "/no/other.log"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
    assert_eq!(answer.stderr.matches("error: ").count(), 2, "{}", answer.stderr);
}

#[test]
fn where_nothing_is_found_each_form_says_so_in_its_own_way() {
    let commands = piped(&["--commands"], b"nothing here\n");
    assert_eq!(commands.code, Some(1));
    assert!(commands.stdout.lines().all(|line| line.starts_with("# ")), "{}", commands.stdout);
    assert!(commands.stdout.contains("semodule -DB"), "{}", commands.stdout);
    let markdown = piped(&["--format", "markdown"], b"nothing here\n");
    assert!(
        markdown.stdout.contains("\n**Look further**\n\n- `sudo sepolq explain --boot`"),
        "{}",
        markdown.stdout
    );
}

#[test]
fn what_cannot_be_read_names_its_reason_its_record_and_what_to_do() {
    let id = "1d2a4b6c-1111-2222-3333-444455556666";
    let line = format!(
        "Nov 14 22:13:20 web setroubleshoot[9]: SELinux is preventing /usr/sbin/nginx from read access on the file x. For complete SELinux messages run: sealert -l {id}\n"
    );
    let answer = piped(&[], line.as_bytes());
    assert_eq!(answer.code, Some(2), "none is something else");
    assert_eq!(answer.stderr, "error: what looks like a denial cannot be read\n");
    let expected = "line 1: looks like a denial and cannot be read: a sentence of setroubleshoot, which has no contexts\n   Nov 14 22:13:20 web";
    assert!(answer.stdout.contains(expected), "{}", answer.stdout);
    assert!(answer.stdout.contains(&format!("\n   help: `sealert -l {id}` ends with")), "{}", answer.stdout);
    let object = json(&[], &line);
    assert_eq!((&object["counts"]["unreadable"], &object["counts"]["sentences"]), (&1.into(), &1.into()));
    assert!(object["unreadable"][0]["help"].as_str().expect("help").contains("ausearch"));
    // One line is one.
    let long = format!("avc: denied {{ read }} for {}\n{MCS}\n", "x".repeat(1 << 20));
    let answer = piped(&[], long.as_bytes());
    assert!(answer.stdout.contains("\n1 line was cut, it is longer than 1 MiB\n"), "{}", answer.stdout);
}

#[test]
fn the_first_stories_are_told_whole() {
    let log: String =
        (0..300).map(|n| format!("{}\n", MCS.replace("tclass=file", &format!("tclass=c{n}")))).collect();
    let answer = piped(&[], log.as_bytes());
    assert_eq!(answer.stdout.matches("\n   process ").count(), 50);
    assert!(answer.stdout.contains("\n\n51. container_t may not"), "{}", answer.stdout);
    assert!(answer.stdout.contains("\nand 50 stories more: `--limit N`"), "{}", answer.stdout);
    let few = piped(&["--limit", "2"], log.as_bytes());
    assert_eq!(few.stdout.matches("\n   process ").count(), 2);
    let object = json(&["--limit", "2"], &log);
    assert_eq!(object["stories"].as_array().expect("stories").len(), 2);
    assert_eq!(object["truncated"], true);
    assert_eq!(json(&[], &log)["stories"].as_array().expect("stories").len(), 300);
    let markdown = piped(&["--format", "markdown", "--limit", "1"], log.as_bytes());
    assert_eq!(markdown.stdout.matches("- process: ").count(), 1);
    assert!(markdown.stdout.contains("## More\n\n- container\\_t may not"), "{}", markdown.stdout);
}

#[test]
fn markdown_leaves_nothing_out() {
    let answer = piped(&["--format", "markdown"], MCS.as_bytes());
    for says in [
        "(the path is inside the container)",
        "**Which one it is on the host**\n\n- `podman inspect --format '{{.Mounts}}' CONTAINER`\n",
    ] {
        assert!(answer.stdout.contains(says), "{says}: {}", answer.stdout);
    }
}

#[test]
fn labels_that_differ_as_they_are_stored_are_different_stories() {
    let record = |class: &str, stored: &str| {
        MCS.replace("container_file_t:s0:c1,c2", "unlabeled_t:s0")
            .replace("tclass=file", &format!("tclass={class}"))
            + &format!(" trawcon=\"{stored}\"\n")
    };
    let one = "system_u:object_r:gone_t:s0";
    let log =
        [record("file", one), record("dir", "system_u:object_r:container_file_t:s0:c1"), record("dir", one)]
            .concat();
    let object = json(&[], &log);
    let text = object["stories"].to_string();
    assert!(text.contains("gone_t:s0") && text.contains("container_file_t:s0:c1"), "{text}");
    assert_eq!(object["stories"].as_array().expect("stories").len(), 2);
}

#[test]
fn a_policy_that_cannot_be_asked_is_not_compared() {
    let demo = common::testdata("demo/demo.33");
    let small = common::testdata("policies/alias.33");
    let words = ["explain", "--compare", demo.to_str().expect("a name"), "--json", MCS];
    let mut command = sepolq();
    let answer = Answer::of(
        &command.arg("-P").arg(&small).args(words).stdin(Stdio::null()).output().expect("it runs"),
    );
    let object: serde_json::Value = serde_json::from_str(&answer.stdout).expect(&answer.stderr);
    let compare = &object["stories"][0]["compare"];
    assert_eq!(compare["result"], "unknown");
    assert_eq!(compare["text"], "cannot be asked of this policy; the other policy denies it (constraint)");
}

#[test]
fn help_fits_a_narrow_terminal() {
    let mut command = sepolq();
    let answer =
        Answer::of(&command.args(["explain", "--help"]).env("COLUMNS", "60").output().expect("it runs"));
    let prose = answer.stdout.split("What a record does not say").nth(1).expect("the end of the help");
    assert!(prose.lines().all(|line| line.chars().count() <= 60), "{prose}");
}

#[test]
fn what_was_named_and_cannot_be_read_is_an_error() {
    let record = "avc: denied { read } for comm=\"x\" path=\"/var/www/x\" scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:var_t:s0 tclass=file";
    let folder = tempfile::tempdir().expect("a folder");
    let answer =
        answer(&["--demo", "explain", record, "--file-contexts", folder.path().to_str().expect("text")]);
    assert_eq!(answer.code, Some(2));
    assert_eq!(answer.stderr.matches("it is no regular file").count(), 1, "{}", answer.stderr);
}

#[test]
fn standard_input_is_read_once() {
    for (words, whose) in [
        (&["explain", "-", "-P", "-"][..], "both the policy and the log"),
        (&["explain", "avc: denied", "-P", "-", "--compare", "-"], "both policies"),
    ] {
        let answer = answer(words);
        assert_eq!(answer.code, Some(2));
        assert!(answer.stderr.contains(whose), "{}", answer.stderr);
    }
}
