//! `status` on false systems in temporary folders: a healthy one, and what can be the matter with it.

mod common;

use std::fs;

use common::{Answer, sepolq, testdata};
use serde_json::Value;

/// What auditd's log has of a system that was started at 1700000000.
const STARTED: &str = "type=DAEMON_END msg=audit(1600000000.000:9): op=terminate\ntype=DAEMON_START msg=audit(1700000000.500:1): op=start\n";
/// The same of a syslog.
const BANNER: &str = "Nov 14 22:13:21 host kernel: Linux version 6.1.0\n";

/// A false system, healthy at first: a small policy, loaded and installed.
struct System(tempfile::TempDir);

impl System {
    fn healthy() -> Self {
        let system = System(tempfile::tempdir().expect("a folder"));
        system.put("proc/self/mountinfo", "21 1 0:5 / /sys/fs/selinux rw - selinuxfs selinuxfs rw\n");
        system.put("proc/stat", "cpu 1\nbtime 1700000000\n");
        system.put("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n");
        system.put("proc/cmdline", "quiet audit=1\n");
        system.put("var/log/audit/audit.log", STARTED);
        for (name, text) in [
            ("enforce", "1"),
            ("policyvers", "33"),
            ("mls", "1"),
            ("deny_unknown", "0"),
            ("reject_unknown", "0"),
        ] {
            system.put(&format!("sys/fs/selinux/{name}"), text);
        }
        system.use_policy("policies/condition-granted.33");
        system.put("proc/self/attr/current", "root:system_r:a_t:s0\0");
        system.put("etc/selinux/targeted/seusers", "root:root:s0\n__default__:user_u:s0\n");
        system.put("sys/fs/selinux/booleans/can_read", "1 1");
        system
    }

    /// Loads and installs a policy.
    fn use_policy(&self, name: &str) {
        let policy = fs::read(testdata(name)).expect("the policy");
        for path in ["sys/fs/selinux/policy", "etc/selinux/targeted/policy/policy.33"] {
            self.put(path, &policy);
        }
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, content).expect("written");
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.0.path().join(path)).expect("removed");
    }

    fn ask(&self, more: &[&str]) -> Answer {
        let root = self.0.path().to_str().expect("text");
        Answer::of(&sepolq().args(["status", "--root", root]).args(more).output().expect("the program runs"))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.ask(&["--json"]).stdout).expect("JSON")
    }

    /// Puts a FIFO, to which nobody writes, where a file should be.
    fn put_fifo(&self, path: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let _ = fs::remove_file(&path);
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
        assert!(made.success(), "{}", path.display());
    }

    /// A process: its name, its arguments, its parent and its label.
    fn put_process(&self, pid: u32, parent: u32, arguments: &str, label: &str) {
        let program = arguments.split(' ').next().unwrap_or_default();
        let name: String = program.rsplit('/').next().unwrap_or_default().chars().take(15).collect();
        self.put(&format!("proc/{pid}/status"), format!("Name:\t{name}\nPPid:\t{parent}\n"));
        self.put(&format!("proc/{pid}/cmdline"), arguments.replace(' ', "\0") + "\0");
        self.put(&format!("proc/{pid}/attr/current"), label);
    }

    /// The lines of a concern, by what they are about and what they say.
    fn lines(&self, concern: &str) -> Vec<(String, String)> {
        let lines = self.json()["lines"].as_array().expect("lines").clone();
        let word = |line: &Value, key: &str| line[key].as_str().expect("a word").to_owned();
        let lines = lines.iter().filter(|line| line["concern"] == concern);
        lines.map(|line| (word(line, "about"), word(line, "text"))).collect()
    }

    /// What there is to look at, by what it is about; and the exit status says so.
    fn concerns(&self) -> Vec<String> {
        let (json, code) = (self.json(), self.ask(&[]).code);
        let lines = json["lines"].as_array().expect("lines").clone();
        let concerns: Vec<String> = lines
            .iter()
            .filter(|line| line["concern"] == "look_at")
            .map(|line| line["about"].as_str().expect("a word").to_owned())
            .collect();
        let is_seen = json["unseen"] == Value::Array(Vec::new());
        let expected = match (concerns.is_empty(), is_seen) {
            (true, true) => (0, "healthy"),
            (true, false) => (2, "unseen"),
            (false, _) => (1, "look_at"),
        };
        assert_eq!((code, json["verdict"].as_str()), (Some(expected.0), Some(expected.1)), "{json}");
        assert_eq!(json["healthy"], expected.0 == 0);
        for line in lines {
            let has_next = line["next"].as_array().is_some_and(|next| !next.is_empty());
            assert_eq!(has_next, line["concern"] != "fine", "what to type next: {line}");
        }
        concerns
    }
}

#[test]
fn a_healthy_system_gives_no_alarm() {
    let system = System::healthy();
    let answer = system.ask(&[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{}", answer.stdout);
    assert!(answer.stdout.ends_with("nothing needs to be looked at\n"), "{}", answer.stdout);
    assert_eq!(system.concerns(), [""; 0]);
    let json = system.json();
    assert_eq!(json["schema"], "sepolq.status/1");
    assert_eq!(json["selinux"]["mode"], "enforcing");
    assert_eq!(json["policy"]["booleans"], "kernel");
    assert_eq!(json["loaded"]["same"], true);
    assert_eq!(json["levels"]["own_label"], "root:system_r:a_t:s0");
    assert_eq!(json["logins"]["others"]["user"], "user_u");
    assert!(answer.stdout.contains("logins of root become root, others user_u"), "{}", answer.stdout);
}

#[test]
fn modes_that_are_not_what_they_should_be() {
    let system = System::healthy();
    system.put("sys/fs/selinux/enforce", "0");
    assert_eq!(system.concerns(), ["mode"]);
    assert!(system.ask(&[]).stdout.contains("→ sudo setenforce 1"));
    assert!(!system.ask(&[]).stdout.contains("explain"), "nothing was let through");
    let let_through = "type=AVC msg=audit(1700000001.000:7): avc:  denied  { read } for  pid=8 comm=\"x\" scontext=a:b:c_t:s0 tcontext=a:b:d_t:s0 tclass=file permissive=1\n";
    let log = fs::read_to_string(system.0.path().join("var/log/audit/audit.log")).expect("the log");
    system.put("var/log/audit/audit.log", log.clone() + let_through);
    assert_eq!(system.concerns(), ["mode", "denials"]);
    let text = system.ask(&[]).stdout;
    let (explain, enforce) =
        (text.find("→ sudo sepolq explain --boot  # what"), text.find("→ sudo setenforce 1"));
    assert!(explain.is_some() && explain < enforce, "what it would deny first: {text}");
    system.put("var/log/audit/audit.log", log);
    system.put("sys/fs/selinux/enforce", "1");
    system.put("proc/cmdline", "quiet enforcing=0\n");
    assert_eq!(system.concerns(), ["mode"]);
    system.put("proc/cmdline", "quiet\n");
    system.put("etc/selinux/config", "SELINUX=permissive\nSELINUXTYPE=targeted\n");
    assert_eq!(system.concerns(), ["mode"]);
    assert!(system.ask(&[]).stdout.contains("enforcing until the next boot"));
}

#[test]
fn booleans_that_changed_and_nothing_else_is_said_of_the_policy() {
    let system = System::healthy();
    system.put("sys/fs/selinux/booleans/can_read", "0 0");
    assert_eq!(system.concerns(), ["booleans"]);
    let text = system.ask(&[]).stdout;
    for next in ["sepolq show can_read", "sudo setsebool can_read on ", "sudo setsebool -P can_read off "] {
        assert!(text.contains(next), "{text}");
    }
    let json = system.json();
    assert_eq!(
        (&json["booleans"][0]["current"], &json["booleans"][0]["next_boot"]),
        (&false.into(), &true.into())
    );
    system.put("sys/fs/selinux/booleans/can_read", "1 0");
    assert_eq!(system.concerns(), ["booleans"]);
    assert!(system.ask(&[]).stdout.contains("not committed, so without effect: can_read=off"));
}

#[test]
fn a_policy_that_is_not_loaded_yet() {
    let system = System::healthy();
    let other = fs::read(testdata("policies/condition-else.33")).expect("the policy");
    system.put("etc/selinux/targeted/policy/policy.33", other);
    assert!(system.concerns().contains(&"loaded".to_owned()));
    assert!(system.ask(&[]).stdout.contains("sudo load_policy"));
}

#[test]
fn permissive_domains_are_named() {
    let system = System::healthy();
    system.use_policy("demo/demo.33");
    system.remove("sys/fs/selinux/booleans/can_read");
    assert_eq!(system.concerns(), ["domains"]);
    assert!(system.ask(&[]).stdout.contains("sudo semanage permissive -d "));
}

#[test]
fn denials_since_the_boot_and_labels_that_are_none() {
    let system = System::healthy();
    let record = |time: u64, target: &str| {
        format!(
            "type=AVC msg=audit({time}.000:{time}): avc:  denied  {{ read }} for  pid=1 comm=\"x\x1b\" name=\"y\" dev=\"sda1\" ino=1 scontext=system_u:system_r:httpd_t:s0 tcontext={target} tclass=file permissive=0\n"
        )
    };
    let before = record(1_600_000_000, "system_u:object_r:shadow_t:s0");
    let before = before + STARTED;
    system.put("var/log/audit/audit.log", &before);
    assert_eq!(system.concerns(), [""; 0], "before the boot");
    let since = record(1_700_000_001, "system_u:object_r:shadow_t:s0");
    system.put("var/log/audit/audit.log", format!("{before}{since}{since}"));
    assert_eq!(system.concerns(), ["denials"]);
    let text = system.ask(&[]).stdout;
    assert!(text.contains("2 denials in 1 story") && text.contains("httpd_t may not read a file"), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
    let unlabeled = record(1_700_000_002, "system_u:object_r:unlabeled_t:s0");
    system.put("var/log/audit/audit.log", format!("{before}{unlabeled}"));
    assert_eq!(system.concerns(), ["denials", "labels"]);
}

#[test]
fn engines_that_do_not_keep_containers_apart() {
    let system = System::healthy();
    system.put("proc/5/status", "Name:\tdockerd\nPPid:\t1\n");
    system.put("proc/5/cmdline", "/usr/bin/dockerd\0");
    system.put("proc/5/attr/current", "system_u:system_r:container_runtime_t:s0\0");
    assert_eq!(system.concerns(), ["engines"]);
    let text = system.ask(&[]).stdout;
    assert!(text.contains("docker runs as container_runtime_t, with SELinux off"), "{text}");
    assert!(text.contains("sudoedit /etc/docker/daemon.json"), "{text}");
    system.put("etc/docker/daemon.json", "{\"selinux-enabled\": true}");
    assert_eq!(system.concerns(), [""; 0]);
    // An engine that only is installed is no worry, and one whose program has lost its label is.
    system.put("usr/bin/containerd", "");
    assert_eq!(system.concerns(), [""; 0]);
    system.put("proc/5/attr/current", "system_u:system_r:unconfined_service_t:s0\0");
    assert_eq!(system.concerns(), ["engines"]);
    system.put("proc/5/attr/current", "system_u:system_r:container_runtime_t:s0\0");
    system.put("proc/8/status", "Name:\tcontainerd-shim\nPPid:\t1\n");
    system.put("proc/8/attr/current", "system_u:system_r:container_runtime_t:s0\0");
    system.put("proc/9/status", "Name:\tnginx\nPPid:\t8\n");
    system.put("proc/9/attr/current", "system_u:system_r:container_t:s0:c1,c2\0");
    assert_eq!(system.concerns(), [""; 0]);
    system.put("proc/9/attr/current", "system_u:system_r:container_runtime_t:s0\0");
    assert_eq!(system.concerns(), ["engines"]);
    assert_eq!(system.json()["engines"]["without_label"], 1);
}

#[test]
fn what_cannot_be_seen_is_said_and_is_neither_an_alarm_nor_health() {
    let system = System::healthy();
    system.remove("sys/fs/selinux/policy");
    system.remove("var/log/audit/audit.log");
    assert_eq!(system.concerns(), [""; 0]);
    let answer = system.ask(&[]);
    assert!(answer.stdout.contains("could not be seen (?)"), "{}", answer.stdout);
    assert_eq!(answer.code, Some(2), "a monitor takes 0 for healthy");
    assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
    let json = system.json();
    assert_eq!(json["policy"]["booleans"], "defaults");
    assert_eq!((&json["healthy"], &json["verdict"]), (&false.into(), &"unseen".into()));
    assert_eq!(json["unseen"], serde_json::json!(["loaded", "denials"]));
    assert!(answer.stdout.contains("sudo dmesg | sepolq explain"), "{}", answer.stdout);
    assert!(!answer.stdout.contains("sepolq list booleans"), "{}", answer.stdout);
    // These tests may run as root, for whom `sudo` is no help.
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata(system.0.path()).expect("it")) == 0;
    assert_eq!(answer.stdout.contains("sudo sepolq status"), !is_root, "{}", answer.stdout);
}

#[test]
fn the_readmes_screen_is_what_is_printed() {
    let system = System::healthy();
    let other = fs::read(testdata("policies/condition-else.33")).expect("the policy");
    system.put("etc/selinux/targeted/policy/policy.33", other);
    system.put_process(5, 1, "/usr/bin/dockerd", "system_u:system_r:container_runtime_t:s0");
    system.put_process(7, 1, "/usr/bin/containerd-shim-runc-v2", "system_u:system_r:container_runtime_t:s0");
    system.put_process(8, 7, "nginx", "system_u:system_r:container_t:s0:c1,c2");
    system.remove("sys/fs/selinux/booleans/can_read");
    system.put(
        "var/log/audit/audit.log",
        STARTED.to_owned() + "type=AVC msg=audit(1700000001.000:7): avc:  denied  { read } for  pid=8 comm=\"nginx\" name=\"index.html\" dev=\"sda1\" ino=1 scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=0\n",
    );
    let readme = fs::read_to_string(testdata("../README.md")).expect("the README");
    let (_, rest) = readme.split_once("docker started without SELinux:\n\n```text\n").expect("the block");
    let (block, _) = rest.split_once("```").expect("its end");
    assert_eq!(system.ask(&[]).stdout, block);
}

#[test]
fn a_log_of_another_daemon_is_read_where_auditd_does_not_run() {
    let system = System::healthy();
    system.remove("var/log/audit/audit.log");
    let record = |time: u64| {
        format!(
            "Nov 14 22:13:21 host kernel: [ 1.0] audit: type=1400 audit({time}.000:7): avc:  denied  {{ read }} for  pid=1 comm=\"x\" name=\"y\" scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:shadow_t:s0 tclass=file permissive=0\n"
        )
    };
    for name in ["var/log/kern.log", "var/log/messages"] {
        system.put(name, record(1_600_000_000) + BANNER);
        assert_eq!(system.concerns(), [""; 0], "before the boot");
        assert_eq!(system.json()["denials"]["log"], "syslog");
        system.put(name, record(1_600_000_000) + BANNER + &record(1_700_000_001));
        assert_eq!(system.concerns(), ["denials"]);
        assert_eq!(system.json()["denials"]["count"], 1);
        let text = system.ask(&[]).stdout;
        assert!(text.contains("→ sudo sepolq explain --boot"), "{text}");
        assert_eq!(system.json()["denials"]["sources"], serde_json::json!([format!("`/{name}`")]));
        system.remove(name);
    }
}

#[test]
fn nothing_that_stands_for_a_file_is_waited_for() {
    const FILES: [&str; 23] = [
        "etc/selinux/config",
        "etc/selinux/targeted/policy/policy.33",
        "etc/selinux/targeted/seusers",
        "etc/selinux/targeted/setrans.conf",
        "sys/fs/selinux/policy",
        "sys/fs/selinux/enforce",
        "sys/fs/selinux/mls",
        "sys/fs/selinux/booleans/can_read",
        "proc/self/mountinfo",
        "proc/self/attr/current",
        "proc/stat",
        "proc/cmdline",
        "proc/5/status",
        "proc/5/cmdline",
        "proc/5/attr/current",
        "etc/docker/daemon.json",
        "etc/containerd/config.toml",
        "etc/containers/containers.conf",
        "etc/crio/crio.conf",
        "etc/passwd",
        "root/.config/containers/containers.conf",
        "var/log/audit/audit.log",
        "var/lib/selinux/targeted/active/booleans.local",
    ];
    /// What is known by other ways, or need not be known.
    const SILENT: [&str; 5] =
        ["sys/fs/selinux/mls", "proc/self/mountinfo", "proc/stat", "proc/5/status", "proc/5/cmdline"];
    for file in FILES {
        let system = System::healthy();
        system.put("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        system.put("etc/docker/daemon.json", "{\"selinux-enabled\": true}");
        system.put("usr/bin/podman", "");
        system.put("usr/bin/crio", "");
        system.put("usr/bin/containerd", "");
        system.put_process(5, 1, "/usr/bin/dockerd", "system_u:system_r:container_runtime_t:s0");
        assert_eq!(system.ask(&[]).code, Some(0), "{}", system.ask(&[]).stdout);
        system.put_fifo(file);
        let root = system.0.path().to_str().expect("text");
        let program = env!("CARGO_BIN_EXE_sepolq");
        let ended = std::process::Command::new("timeout")
            .args(["20", program, "status", "--root", root])
            .output()
            .expect("timeout runs");
        let text = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.code().is_some_and(|code| code < 3), "{file}: {ended:?}");
        assert_eq!(
            text.contains("\n ? ") || text.starts_with(" ? "),
            !SILENT.contains(&file),
            "{file}: {text}"
        );
    }
}

#[test]
fn a_policy_that_is_named_may_still_be_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, policy) = (folder.path().join("pipe"), testdata("demo/demo.33"));
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs").success());
    let (to, from) = (path.clone(), policy);
    let writer = std::thread::spawn(move || fs::copy(from, to));
    let answer = common::answer(&["info", "-P", path.to_str().expect("text")]);
    writer.join().expect("it ends").expect("written");
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
}

#[test]
fn a_kernel_without_a_policy_is_one_thing_to_look_at() {
    let system = System::healthy();
    system.put("sys/fs/selinux/policy", "");
    system.put("sys/fs/selinux/enforce", "0");
    system.put("proc/self/attr/current", "kernel\0");
    system.remove("sys/fs/selinux/booleans/can_read");
    let answer = system.ask(&[]);
    assert_eq!(answer.code, Some(1), "{}", answer.stdout);
    assert!(answer.stdout.contains("no policy is loaded"), "{}", answer.stdout);
    assert!(answer.stdout.contains("→ sudo load_policy -i") && answer.stdout.contains("→ journalctl -b"));
    let json = system.json();
    assert_eq!(json["lines"].as_array().map(Vec::len), Some(1), "{json}");
    assert_eq!((&json["selinux"]["policy_loaded"], &json["verdict"]), (&false.into(), &"off".into()));
    system.put("etc/selinux/config", "SELINUX=disabled\nSELINUXTYPE=targeted\n");
    assert!(system.ask(&[]).stdout.contains("says `SELINUX=disabled`"));
}

#[test]
fn without_a_configuration_nothing_is_invented() {
    let system = System::healthy();
    system.remove("etc/selinux/config");
    assert_eq!(system.concerns(), [""; 0]);
    let json = system.json();
    assert_eq!(
        (&json["selinux"]["type"], &json["selinux"]["installed_type"]),
        (&Value::Null, &"targeted".into())
    );
    assert_eq!(json["loaded"]["same"], true, "what is installed is compared");
    // Where there are two, none is meant.
    let policy = fs::read(testdata("policies/condition-granted.33")).expect("the policy");
    system.put("etc/selinux/mls/policy/policy.33", policy);
    assert_eq!(system.json()["selinux"]["installed_type"], Value::Null);
    // Android has neither.
    fs::remove_dir_all(system.0.path().join("etc/selinux")).expect("removed");
    system.put("vendor/etc/selinux/precompiled_sepolicy", "");
    assert_eq!(system.concerns(), [""; 0]);
    let (json, text) = (system.json(), system.ask(&[]).stdout);
    assert_eq!((&json["selinux"]["type"], &json["selinux"]["installed_type"]), (&Value::Null, &Value::Null));
    assert!(text.contains("no configuration"), "{text}");
    assert!(!text.contains("semodule") && !text.contains("targeted") && !text.contains("cat /etc"), "{text}");
}

#[test]
fn disabled_is_not_permissive() {
    let system = System::healthy();
    system.put("etc/selinux/config", "SELINUX=disabled\nSELINUXTYPE=targeted\n");
    for (mode, starts) in [("1", "enforcing until"), ("0", "permissive until")] {
        system.put("sys/fs/selinux/enforce", mode);
        let lines = system.lines("look_at");
        let [(about, text)] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(about, "mode");
        assert!(text.starts_with(starts) && text.contains("off after it"), "{text}");
        assert!(!text.contains("after the next boot too"), "{text}");
    }
}

#[test]
fn containerd_is_asked_like_the_others() {
    let system = System::healthy();
    system.put_process(5, 1, "/usr/bin/containerd", "system_u:system_r:container_runtime_t:s0");
    assert_eq!(system.concerns(), ["engines"], "off is the default");
    let (lines, text) = (system.lines("look_at"), system.ask(&[]).stdout);
    let why = "/etc/containerd/config.toml does not say `enable_selinux = true`";
    assert!(lines[0].1.ends_with(why), "{lines:?}");
    assert!(
        text.contains("sudoedit /etc/containerd/config.toml && sudo systemctl restart containerd"),
        "{text}"
    );
    assert!(!text.contains("podman run"), "{text}");
    let table = |value: &str| format!("[plugins.\"io.containerd.grpc.v1.cri\"]\nenable_selinux = {value}\n");
    system.put("etc/containerd/config.toml", table("false"));
    assert_eq!(system.concerns(), ["engines"]);
    // What is imported counts.
    let main = format!("imports = [\"conf.d/*.toml\"]\n{}", table("false"));
    system.put("etc/containerd/config.toml", main);
    system.put("etc/containerd/conf.d/on.toml", table("true"));
    assert_eq!(system.concerns(), [""; 0]);
    assert_eq!(system.json()["engines"]["found"][0]["separates"], true);
    system.put("etc/containerd/conf.d/on.toml", "= =");
    assert_eq!(system.concerns(), [""; 0]);
    assert_eq!(system.json()["engines"]["found"][0]["separates"], Value::Null);
    assert_eq!(system.lines("unseen").len(), 1);
    // What a distribution of Kubernetes writes for it is not for people to change.
    let generated = "var/lib/rancher/k3s/agent/etc/containerd/config.toml";
    system.put(generated, table("false"));
    let line = format!("/usr/bin/containerd -c /{generated}");
    system.put_process(5, 1, &line, "system_u:system_r:container_runtime_t:s0");
    assert_eq!(system.concerns(), ["engines"]);
    let text = system.ask(&[]).stdout;
    assert!(text.contains("/etc/rancher/k3s/config.yaml && sudo systemctl restart k3s"), "{text}");
    assert!(!text.contains("sudoedit"), "{text}");
    system.put_process(5, 1, "/usr/bin/containerd", "system_u:system_r:container_runtime_t:s0");
    // Under Docker it starts what Docker labels, unless Kubernetes asks it.
    system.put("etc/containerd/config.toml", table("false"));
    system.put("etc/docker/daemon.json", "{\"selinux-enabled\": true}");
    system.put_process(6, 1, "/usr/bin/dockerd", "system_u:system_r:container_runtime_t:s0");
    assert_eq!(system.concerns(), [""; 0]);
    system.put_process(7, 1, "/usr/bin/kubelet", "system_u:system_r:kubelet_t:s0");
    assert_eq!(system.concerns(), ["engines"]);
}

#[test]
fn an_engine_that_is_not_used_costs_nobody_his_health() {
    let system = System::healthy();
    system.put("usr/bin/crio", "");
    system.put("etc/crio/crio.conf", "= =");
    assert_eq!(system.concerns(), [""; 0]);
    assert_eq!(system.lines("unseen").len(), 1);
    assert_eq!(system.json()["verdict"], "healthy");
    // It runs, and is in no engine's domain, though Docker decides about its labels.
    let engine = "system_u:system_r:container_runtime_t:s0";
    system.put_process(5, 1, "/usr/bin/dockerd --selinux-enabled", engine);
    system.put_process(6, 1, "/usr/bin/containerd", "system_u:system_r:unconfined_service_t:s0");
    assert_eq!(system.concerns(), ["engines"]);
    assert!(system.ask(&[]).stdout.contains("no engine's domain"));
}

#[test]
fn podman_is_off_where_some_file_says_so() {
    let system = System::healthy();
    system.put("usr/bin/podman", "");
    assert_eq!(system.concerns(), [""; 0]);
    system.put("etc/containers/containers.conf.d/50-x.conf", "[containers]\nlabel=false\n");
    let lines = system.lines("look_at");
    assert!(
        lines[0].1.contains("/etc/containers/containers.conf.d/50-x.conf says `label = false`"),
        "{lines:?}"
    );
    system.remove("etc/containers/containers.conf.d/50-x.conf");
    system.put("etc/passwd", "ada:x:1000:1000::/home/ada:/bin/sh\n");
    system.put("home/ada/.config/containers/containers.conf", "[containers]\nlabel=false\n");
    assert_eq!(system.concerns(), ["engines"]);
    let file = "/home/ada/.config/containers/containers.conf";
    let next = format!("→ sudo -u ada vi {file}");
    assert!(system.ask(&[]).stdout.contains(&next));
    let podman = &system.json()["engines"]["found"][0];
    assert_eq!((&podman["separates"], &podman["off_for_people"][0]), (&true.into(), &file.into()));
}

#[test]
fn a_container_that_is_unconfined_is_mentioned_though_it_is_no_alarm() {
    let system = System::healthy();
    let engine = "system_u:system_r:container_runtime_t:s0";
    system.put_process(7, 1, "/usr/bin/docker-containerd-shim-current 12ab", engine);
    system.put_process(8, 7, "nginx", "system_u:system_r:container_t:s0:c1,c2");
    system.put_process(9, 7, "app", "system_u:system_r:spc_t:s0");
    assert_eq!(system.concerns(), [""; 0]);
    let lines = system.lines("fine");
    assert!(
        lines.iter().any(|(_, text)| text.starts_with("2 containers run, 1 of 2 unconfined (spc_t")),
        "{lines:?}"
    );
    // What the policy says is unconfined is; and by `--security-opt label=type:unconfined_t`.
    system.put_process(10, 7, "app", "unconfined_u:unconfined_r:unconfined_t:s0");
    assert_eq!(system.json()["engines"]["unconfined"], 2);
}

#[test]
fn members_of_groups_become_what_their_line_says() {
    let system = System::healthy();
    system.put("etc/selinux/targeted/seusers", "root:root:s0\n%wheel:staff_u:s0\n__default__:user_u:s0\n");
    let you =
        |system: &System| system.lines("fine").into_iter().find(|(about, _)| about == "you").expect("you").1;
    assert!(you(&system).ends_with("others user_u, members of wheel staff_u"), "{}", you(&system));
    assert_eq!(system.json()["logins"]["groups"][0]["members"], Value::Null);
    system.put("etc/group", "wheel:x:10:root,ada\n");
    assert!(you(&system).ends_with("members of wheel (ada) staff_u"), "{}", you(&system));
    let group = &system.json()["logins"]["groups"][0];
    assert_eq!((&group["user"], &group["members"]), (&"staff_u".into(), &serde_json::json!(["ada"])));
}

#[test]
fn a_system_without_selinux_says_so_and_what_works() {
    let system = System::healthy();
    system.put("proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    let answer = system.ask(&[]);
    assert_eq!(answer.code, Some(1));
    assert!(
        answer.stdout.contains("SELinux is off") && answer.stdout.contains("--demo"),
        "{}",
        answer.stdout
    );
    assert_eq!(system.json()["healthy"], false);
    assert_eq!(system.json()["verdict"], "off");
    system.put_fifo("etc/selinux/config");
    assert!(system.ask(&[]).stdout.contains("/etc/selinux/config cannot be read"));
}

#[test]
fn a_system_that_is_not_there_and_one_that_is_not_meant() {
    let answer = common::answer(&["status", "--root", "/no/such/folder"]);
    assert_eq!(answer.code, Some(2));
    assert_eq!(common::answer(&["status", "--demo"]).code, Some(2));
}

#[test]
fn a_boolean_that_was_set_and_not_built_is_said_with_the_state_that_was_set() {
    let system = System::healthy();
    system.put("var/lib/selinux/targeted/active/booleans.local", "can_read=0\n");
    let text = system.ask(&[]).stdout;
    assert!(text.contains("not yet in the installed policy: can_read=off"), "{text}");
    assert_eq!(system.concerns(), ["booleans"]);
}

#[test]
fn a_configured_type_without_a_policy_is_named() {
    let system = System::healthy();
    system.put("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=mls\n");
    let text = system.ask(&[]).stdout;
    assert!(text.contains("no policy of SELINUXTYPE=mls is installed"), "{text}");
}

#[test]
fn a_log_that_begins_late_leaves_open_what_was_denied() {
    let system = System::healthy();
    system.put("var/log/audit/audit.log", "type=USER_AUTH msg=audit(1700090000.000:99710): x\n");
    assert_eq!(system.ask(&[]).code, Some(2));
    assert_eq!(system.json()["denials"]["complete"], false);
}

#[test]
fn logs_of_days_before_and_of_other_daemons_are_read() {
    let system = System::healthy();
    let denial = |time: u64| {
        format!(
            "type=AVC msg=audit({time}.000:7): avc:  denied  {{ read }} for  pid=1 comm=\"x\" scontext=a:b:c_t:s0 tcontext=a:b:d_t:s0 tclass=file permissive=0\n"
        )
    };
    system.put("var/log/audit/audit.log", denial(1_700_200_000));
    system.put("var/log/audit/audit.log-20231115", denial(1_600_000_000) + STARTED + &denial(1_700_100_000));
    assert_eq!(
        (system.concerns(), &system.json()["denials"]["count"]),
        (vec!["denials".to_owned()], &2.into())
    );
    // A FIFO among them, and it is not certain that there were no more.
    system.put_fifo("var/log/audit/audit.log-20231115");
    assert_eq!(system.json()["denials"]["complete"], false);
    assert!(system.ask(&[]).stdout.contains("audit.log-20231115: it is no regular file"));
    // auditd has ended; what the kernel printed since is in another log, and what anybody said there is not the kernel's.
    let end = "type=DAEMON_END msg=audit(1700100001.000:9): x\n";
    system.remove("var/log/audit/audit.log-20231115");
    system.put("var/log/audit/audit.log", denial(1_600_000_000) + STARTED + end);
    let kernel = |program: &str, time: u64| {
        let record = denial(time).replace("type=AVC msg=", "type=1400 ");
        format!("Nov 15 22:13:21 host {program}: audit: {record}")
    };
    assert_eq!(system.json()["denials"]["complete"], false);
    system.put("var/log/messages", kernel("kernel", 1_600_000_000) + BANNER + &kernel("ada", 1_700_200_000));
    assert_eq!(system.concerns(), [""; 0]);
    system
        .put("var/log/messages", kernel("kernel", 1_600_000_000) + BANNER + &kernel("kernel", 1_700_200_000));
    assert_eq!(system.concerns(), ["denials"]);
}

#[test]
fn what_makes_no_sense_is_named_with_its_line() {
    let system = System::healthy();
    system.put("usr/bin/podman", "");
    system.put("etc/containers/containers.conf", "[containers]\nlabel = maybe\n");
    let lines = system.lines("unseen");
    assert!(lines[0].1.contains("/etc/containers/containers.conf line 2 is no TOML"), "{lines:?}");
    assert!(system.ask(&[]).stdout.contains("→ sudoedit /etc/containers/containers.conf"));
}
