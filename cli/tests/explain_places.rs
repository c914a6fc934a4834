//! What `explain` advises about an object depends on where it stands: files without a path, directories that the system stands
//! in, what is not made yet, ports and devices of others. On the demo policy and its file contexts.

mod common;

use common::{Answer, sepolq};
use serde_json::Value;

/// The only story of one denial.
fn story(record: [&str; 5]) -> Value {
    let [permissions, object, source, target, class] = record;
    let line = format!(
        "type=AVC msg=audit(1700000000.100:7): avc:  denied  {{ {permissions} }} for  pid=9 comm=\"x\" {object} \
         scontext={source} tcontext={target} tclass={class} permissive=0"
    );
    let mut command = sepolq();
    let answer = Answer::of(&command.args(["--demo", "explain", "--json", &line]).output().expect("it runs"));
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let document: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    document["stories"][0].clone()
}

/// A denial of the web server.
fn httpd(permissions: &str, object: &str, target: &str, class: &str) -> Value {
    let target = format!("system_u:object_r:{target}:s0");
    story([permissions, object, "system_u:system_r:httpd_t:s0", &target, class])
}

/// A denial of a container.
fn container(permissions: &str, object: &str, target: &str, class: &str) -> Value {
    let target = format!("system_u:object_r:{target}:s0");
    story([permissions, object, "system_u:system_r:container_t:s0:c1,c2", &target, class])
}

fn ids<'a>(story: &'a Value, what: &str) -> Vec<&'a str> {
    story[what].as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect()
}

/// The commands of the fix with an id.
fn commands(story: &Value, id: &str) -> Vec<String> {
    let fixes = story["fixes"].as_array().expect("fixes");
    let fix = fixes.iter().find(|fix| fix["id"] == id).unwrap_or_else(|| panic!("no {id}: {fixes:?}"));
    let commands = fix["commands"].as_array().expect("commands").iter();
    commands.map(|command| command["text"].as_str().expect("text").to_owned()).collect()
}

/// The command that puts a label back.
fn restorecon(story: &Value) -> String {
    commands(story, "restore_label").pop().expect("a command")
}

fn advice(story: &Value, id: &str) -> String {
    let all = story["advice"].as_array().expect("advice");
    let one = all.iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("no {id}: {all:?}"));
    one["text"].as_str().expect("text").to_owned()
}

#[test]
fn the_system_is_not_relabelled() {
    for path in ["/", "/home", "/var"] {
        let told = httpd("read", &format!("path=\"{path}\" dev=\"dm-0\" ino=2"), "default_t", "dir");
        assert!(!ids(&told, "fixes").contains(&"label"), "{path}: {told}");
        assert_eq!(restorecon(&told), format!("restorecon -v {path}"));
        assert!(ids(&told, "advice").contains(&"system_directory"), "{told}");
    }
    // A label that a container's `:Z` gave is put back there, too, and there alone.
    let told = httpd("read", "path=\"/var\" dev=\"dm-0\"", "container_file_t", "dir");
    assert_eq!(restorecon(&told), "restorecon -Fv /var");
    let told = httpd("read", "path=\"/var/www\" dev=\"dm-0\"", "container_file_t", "dir");
    assert_eq!(restorecon(&told), "restorecon -RFv /var/www");
    let told = httpd("read", "path=\"/var/www/x\" dev=\"dm-0\"", "user_home_t", "file");
    assert_eq!(restorecon(&told), "restorecon -v /var/www/x");
    // What restorecon leaves needs force.
    let told = httpd("read", "path=\"/etc/x\" dev=\"dm-0\"", "httpd_user_content_t", "file");
    assert_eq!(restorecon(&told), "restorecon -Fv /etc/x");
}

#[test]
fn a_root_need_not_be_the_hosts() {
    let told = httpd("watch", "path=\"/\" dev=\"sda4\" ino=2", "tmpfs_t", "dir");
    assert_eq!(ids(&told, "fixes"), ["local_rule"]);
    assert!(advice(&told, "path_is_a_root").contains("another file system (sda4)"));
    assert_eq!(told["find"][0], "findmnt -n -o TARGET,FSTYPE -S /dev/sda4");
    let told = httpd("watch", "path=\"/srv/x\" dev=\"sda4\" ino=2", "tmpfs_t", "dir");
    assert!(!ids(&told, "advice").contains(&"path_is_a_root"));
}

#[test]
fn what_has_no_path_gets_no_label() {
    let cases = [
        ("path=2F6D656D66643A78202864656C6574656429 dev=\"tmpfs\" ino=7", "user_home_t", "file", "no_path"),
        (
            "path=2F616E6F6E5F6875676570616765202864656C6574656429 dev=\"hugetlbfs\"",
            "tmpfs_t",
            "file",
            "no_path",
        ),
        ("path=2F7372762F78202864656C6574656429 dev=\"sda1\"", "user_home_t", "file", "no_path"),
        ("path=\"/dev/pts/1\" dev=\"devpts\" ino=4", "user_home_t", "chr_file", "labelled_by_the_kernel"),
        ("path=\"/var/www/x\" dev=\"0:55\" ino=4", "nfs_t", "file", "labelled_by_the_kernel"),
        ("path=\"/tmp/x\" dev=\"sda1\" ino=4", "user_home_t", "file", "no_label_by_path"),
    ];
    for (object, target, class, id) in cases {
        let told = httpd("write", object, target, class);
        assert!(!ids(&told, "fixes").contains(&"restore_label"), "{told}");
        assert!(ids(&told, "advice").contains(&id), "{id}: {told}");
        let labels = ids(&told, "fixes").contains(&"label") || told.get("could_be").is_some();
        assert!(!labels || id == "no_label_by_path", "{told}");
    }
    // Nor does a container's mount have it.
    let told =
        container("write", "path=2F6D656D66643A78202864656C6574656429 dev=\"tmpfs\"", "default_t", "file");
    assert!(!ids(&told, "fixes").iter().any(|id| id.starts_with("mount") || *id == "label"), "{told}");
    let told = container("write", "path=\"/srv/x\" dev=\"sda1\"", "default_t", "file");
    assert!(ids(&told, "fixes").contains(&"mount_private"), "{told}");
}

#[test]
fn what_is_to_be_made_has_no_label_to_put_back() {
    let told = httpd("create", "name=\"x\"", "default_t", "file");
    assert!(!ids(&told, "fixes").contains(&"restore_label"), "{told}");
    assert_eq!(ids(&told, "fixes").first(), Some(&"own_directory"));
    assert!(advice(&told, "label_of_directory").contains("label of its directory, default_t"));
    let own = commands(&told, "own_directory");
    assert!(
        own[0].starts_with("semanage fcontext -a -t httpd_") && own[0].ends_with("'DIRECTORY(/.*)?'"),
        "{own:?}"
    );
    // Where the path is known, the directory is the one above.
    let told = httpd("create", "path=\"/data/in/x\"", "default_t", "file");
    assert_eq!(commands(&told, "own_directory")[1], "restorecon -RFv /data/in");
    let told = httpd("create", "path=\"/var/x\"", "default_t", "file");
    assert_eq!(commands(&told, "own_directory")[1], "restorecon -RFv DIRECTORY");
    // A rule gives it, by name; the rule gives another.
    let source = "system_u:system_r:NetworkManager_t:s0";
    let made = |target: &str| {
        let target = format!("system_u:object_r:{target}:s0");
        story(["create link", "name=\"resolv.conf\"", source, &target, "file"])
    };
    let by_rule = advice(&made("net_conf_t"), "label_by_transition");
    assert!(by_rule.contains("in directories labelled etc_t"), "{by_rule}");
    assert!(ids(&made("etc_t"), "advice").contains(&"label_asked_for"));
    // Another user than the process's: the process asked for it.
    let told = story([
        "create",
        "name=\"s\"",
        "user_u:user_r:user_t:s0",
        "system_u:object_r:user_tmp_t:s0",
        "chr_file",
    ]);
    assert!(ids(&told, "advice").contains(&"label_of_other_user"), "{told}");
    assert!(!ids(&told, "fixes").contains(&"restore_label"), "{told}");
}

#[test]
fn ports_of_others_are_not_taken() {
    let told = httpd("name_bind", "src=3306", "mysqld_port_t", "tcp_socket");
    assert_eq!(ids(&told, "fixes"), ["other_port", "port_label", "local_rule"]);
    assert_eq!(commands(&told, "other_port"), ["semanage port -l | grep -w http_port_t"]);
    assert_eq!(commands(&told, "port_label"), ["semanage port -m -t http_port_t -p tcp 3306"]);
    let sshd = "system_u:system_r:sshd_t:s0";
    let told = story(["name_bind", "src=443", sshd, "system_u:object_r:http_port_t:s0", "tcp_socket"]);
    let fixes = &told["fixes"];
    assert_eq!(fixes[0]["title"], "take another port: this one is labelled http_port_t, for httpd_t");
    assert!(fixes[1]["cost"].as_str().expect("a cost").ends_with("httpd_t loses it"), "{fixes}");
    // A port of nobody's is there for the taking.
    let told = httpd("name_bind", "src=8888", "unreserved_port_t", "tcp_socket");
    assert_eq!(ids(&told, "fixes"), ["port_label", "local_rule"]);
    assert_eq!(commands(&told, "port_label"), ["semanage port -a -t http_port_t -p tcp 8888"]);
    // And what is other services' is no label for one without ports of its own.
    let staff = "staff_u:staff_r:staff_t:s0";
    let told =
        story(["name_bind", "src=1716", staff, "system_u:object_r:unreserved_port_t:s0", "tcp_socket"]);
    assert!(!ids(&told, "fixes").contains(&"port_label"), "{told}");
    // What listens there has the label, not who connects.
    let told = story(["name_connect", "dest=3306", sshd, "system_u:object_r:mysqld_port_t:s0", "tcp_socket"]);
    assert!(!ids(&told, "fixes").contains(&"port_label"), "{told}");
}

#[test]
fn devices_keep_to_the_host() {
    let told = container("open", "path=\"/dev/kfd\" dev=\"devtmpfs\" ino=7", "device_t", "chr_file");
    assert_eq!(ids(&told, "fixes"), ["restore_device", "custom_type", "local_rule"]);
    assert_eq!(commands(&told, "restore_device")[1], "restorecon -v /dev/kfd");
    let cost = told["fixes"][0]["cost"].as_str().expect("a cost");
    assert!(cost.contains("container_use_devices"), "{cost}");
}

#[test]
fn harmless_and_dangerous_rules_are_told_apart() {
    let source = "system_u:system_r:httpd_t:s0";
    let told = story(["noatsecure", "", source, "system_u:system_r:httpd_helper_t:s0", "process"]);
    assert_eq!(ids(&told, "fixes").first(), Some(&"leave_it"));
    assert!(advice(&told, "environment_is_cleared").contains("LD_PRELOAD"));
    let told = story(["execmem", "", source, source, "process"]);
    assert!(ids(&told, "advice").contains(&"writable_code"), "{told}");
    let told = httpd("open", "path=\"/dev/sda\" dev=\"devtmpfs\"", "fixed_disk_device_t", "blk_file");
    assert!(ids(&told, "advice").contains(&"raw_disk"), "{told}");
    let told = httpd("getattr", "path=\"/dev/sda\" dev=\"devtmpfs\"", "fixed_disk_device_t", "blk_file");
    assert!(!ids(&told, "advice").contains(&"raw_disk"), "{told}");
}

#[test]
fn only_sockets_of_engines_give_roots_power() {
    let roots = "root's power";
    let told = container("write", "name=\"s.PGSQL\"", "postgresql_var_run_t", "sock_file");
    assert!(!advice(&told, "socket_file").contains(roots));
    for (name, target) in [("docker.sock", "var_run_t"), ("x", "container_var_run_t")] {
        let told = container("write", &format!("name=\"{name}\""), target, "sock_file");
        assert!(advice(&told, "socket_file").contains(roots), "{name}");
    }
    // What it makes it does not connect to; and its own root is no mount.
    let told = container("create", "name=\".s.PGSQL.5432\"", "fusefs_t", "sock_file");
    let said = ids(&told, "advice");
    assert!(!said.contains(&"socket_file") && said.contains(&"containers_own_root"), "{told}");
    assert!(!ids(&told, "fixes").contains(&"mount_context"), "{told}");
    let daemon = "system_u:system_r:postgresql_t:s0";
    let source = "system_u:system_r:container_t:s0:c1,c2";
    let told = story(["connectto", "path=\"/run/x\"", source, daemon, "unix_stream_socket"]);
    assert!(!advice(&told, "daemon_socket").contains(roots));
    let engine = "system_u:system_r:container_runtime_t:s0";
    let told = story(["connectto", "path=\"/run/x\"", source, engine, "unix_stream_socket"]);
    assert!(advice(&told, "daemon_socket").contains(roots));
}

#[test]
fn keys_are_no_content() {
    for path in ["/data/private/x", "/data/x.key"] {
        let told = httpd("read", &format!("path=\"{path}\" dev=\"sda1\""), "default_t", "file");
        assert!(!ids(&told, "fixes").contains(&"label") && told.get("could_be").is_none(), "{told}");
        assert!(ids(&told, "advice").contains(&"key"), "{told}");
    }
    let told = httpd("read", "path=\"/data/x\" dev=\"sda1\"", "default_t", "file");
    assert!(ids(&told, "fixes").contains(&"label") && !ids(&told, "advice").contains(&"key"));
}

#[test]
fn services_without_a_domain_and_without_new_privileges() {
    let httpd = "system_u:system_r:httpd_t:s0";
    let init = "system_u:system_r:init_t:s0";
    let told = story(["connectto", "path=\"/run/x\"", httpd, init, "unix_stream_socket"]);
    assert_eq!(ids(&told, "fixes").first(), Some(&"label_program"));
    let told = story(["connectto", "path=\"/run/systemd/private\"", httpd, init, "unix_stream_socket"]);
    assert!(!ids(&told, "fixes").contains(&"label_program"));
    let told = story(["nnp_transition", "", httpd, "system_u:system_r:httpd_helper_t:s0", "process2"]);
    assert_eq!(ids(&told, "fixes").first(), Some(&"allow_new_privileges"));
}

#[test]
fn messages_go_to_names_of_a_bus() {
    let httpd = "system_u:system_r:httpd_t:s0";
    let told = story(["send_msg", "dest=:1.23", httpd, "system_u:system_r:sshd_t:s0", "dbus"]);
    assert_eq!(told["object"], "dbus to the bus name :1.23");
}

#[test]
fn where_a_type_is_unknown_the_record_speaks() {
    let record =
        ["read", "name=\"x\"", "u:r:martian_t:s0:c1,c2", "u:object_r:container_file_t:s0:c3,c4", "file"];
    let told = story(record);
    assert_eq!(
        (ids(&told, "causes"), ids(&told, "advice")),
        (vec!["unknown_source"], vec!["other_categories"])
    );
    let told = story(["transition", "", "u:r:initrc_t:s0", "u:r:container_t:s0:c1,c2", "process"]);
    assert_eq!(ids(&told, "advice"), ["unlabelled_engine"]);
}

#[test]
fn what_is_somebodys_is_no_more_relabelled_than_by_mount() {
    let record = |target: &str, class: &str| {
        format!(
            "avc:  denied  {{ read }} for  pid=8 comm=\"x\" name=\"y\" dev=\"sda1\" ino=7 scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=unconfined_u:object_r:{target}:s0 tclass={class} permissive=0"
        )
    };
    let fixes = |words: &[&str], record: &str| -> Vec<String> {
        let answer = Answer::of(
            &sepolq()
                .args(["--demo", "explain", "--json"])
                .args(words)
                .arg(record)
                .output()
                .expect("the program runs"),
        );
        let json: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let fixes = json["stories"][0]["fixes"].as_array().expect("fixes").clone();
        fixes.iter().map(|fix| fix["id"].as_str().expect("an id").to_owned()).collect()
    };
    // Keys, wherever they are.
    for words in [&[][..], &["--host-path", "/home/alice/.ssh"]] {
        let ids = fixes(words, &record("ssh_home_t", "file"));
        let relabels = ["mount_private", "mount_shared", "label"];
        assert!(!ids.iter().any(|id| relabels.contains(&id.as_str())), "{ids:?}");
        assert_eq!(ids.first().map(String::as_str), Some("mount_sub_directory"), "{ids:?}");
    }
    // A project's directory is its owner's to give.
    let ids = fixes(&["--host-path", "/home/alice/project"], &record("user_home_t", "dir"));
    assert_eq!(ids.first().map(String::as_str), Some("mount_private"), "{ids:?}");
}
