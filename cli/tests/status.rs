//! `status` on false systems in temporary folders: a healthy one, and what can be the matter with it.

mod common;

use std::fs;

use common::{Answer, sepolq, testdata};
use serde_json::Value;

/// A false system, healthy at first: a small policy, loaded and installed.
struct System(tempfile::TempDir);

impl System {
    fn healthy() -> Self {
        let system = System(tempfile::tempdir().expect("a folder"));
        system.put("proc/self/mountinfo", "21 1 0:5 / /sys/fs/selinux rw - selinuxfs selinuxfs rw\n");
        system.put("proc/stat", "cpu 1\nbtime 1700000000\n");
        system.put("proc/cmdline", "quiet\n");
        system.put("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n");
        system.put("var/log/audit/audit.log", "type=DAEMON_START msg=audit(1600000000.000:1): op=start\n");
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

    /// What there is to look at, by what it is about; and the exit status says so.
    fn concerns(&self) -> Vec<String> {
        let (json, code) = (self.json(), self.ask(&[]).code);
        let lines = json["lines"].as_array().expect("lines").clone();
        let concerns: Vec<String> = lines
            .iter()
            .filter(|line| line["concern"] == "look_at")
            .map(|line| line["about"].as_str().expect("a word").to_owned())
            .collect();
        assert_eq!(code, Some(i32::from(!concerns.is_empty())), "{json}");
        assert_eq!(json["healthy"], concerns.is_empty());
        for line in lines {
            assert_ne!(line["next"].as_array().map(Vec::len), Some(0), "nothing to type next: {line}");
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
    assert!(system.ask(&[]).stdout.contains("sudo setenforce 1"));
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
    assert!(system.ask(&[]).stdout.contains("sudo setsebool -P can_read off"));
    let json = system.json();
    assert_eq!(
        (&json["booleans"][0]["current"], &json["booleans"][0]["next_boot"]),
        (&false.into(), &true.into())
    );
    system.put("sys/fs/selinux/booleans/can_read", "1 0");
    assert_eq!(system.concerns(), ["booleans"]);
    assert!(system.ask(&[]).stdout.contains("not committed"));
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
fn what_cannot_be_seen_is_said_and_is_no_alarm() {
    let system = System::healthy();
    system.remove("sys/fs/selinux/policy");
    system.remove("var/log/audit/audit.log");
    assert_eq!(system.concerns(), [""; 0]);
    let text = system.ask(&[]).stdout;
    assert!(text.contains("could not be seen (?)"), "{text}");
    assert_eq!(system.json()["policy"]["booleans"], "defaults");
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
}

#[test]
fn a_system_that_is_not_there_and_one_that_is_not_meant() {
    let answer = common::answer(&["status", "--root", "/no/such/folder"]);
    assert_eq!(answer.code, Some(2));
    assert_eq!(common::answer(&["status", "--demo"]).code, Some(2));
}
