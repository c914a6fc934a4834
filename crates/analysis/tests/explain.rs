//! Denials that people ask about, on the demo policy and on a real one with containers: every cause, and the expert's
//! first fix first.

use analysis::decide::{Circumstances, Operation};
use analysis::explain::{Cause, Enough, Evidence, Explainer, Explanation, FixKind, Unresolved};
use avstore::Store;
use policydb::Policy;

/// What is expected of a denial.
struct Case {
    name: &'static str,
    source: &'static str,
    target: &'static str,
    class: &'static str,
    permissions: &'static [&'static str],
    command: Option<u16>,
    /// The path in the record.
    path: Option<&'static str>,
    causes: &'static [&'static str],
    /// The fixes from the first on, as far as they matter.
    fixes: &'static [&'static str],
    advice: &'static [&'static str],
}

const C: &str = "system_u:system_r:container_t:s0:c500,c676";

/// On the demo policy.
const DEMO: &[Case] = &[
    Case {
        name: "a bind mount without z",
        source: C,
        target: "unconfined_u:object_r:default_t:s0",
        class: "dir",
        permissions: &["write"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["mount_private", "mount_shared"],
        advice: &["rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "another container's files",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c1,c2",
        class: "file",
        permissions: &["read"],
        command: None,
        path: None,
        causes: &["constraint"],
        fixes: &["mount_shared", "mount_private", "run_at_level"],
        advice: &["no_rule_can_allow", "path_is_in_the_container"],
    },
    Case {
        name: "by type and by level",
        source: C,
        target: "unconfined_u:object_r:user_home_t:s0:c1,c2",
        class: "file",
        permissions: &["read", "write"],
        command: None,
        path: None,
        causes: &["no_rule", "constraint"],
        fixes: &["mount_private", "mount_shared"],
        advice: &["no_rule_can_allow", "whole_home", "path_is_in_the_container"],
    },
    Case {
        name: "files left by a container without separation",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c1022,c1023",
        class: "file",
        permissions: &["write"],
        command: None,
        path: None,
        causes: &["constraint"],
        fixes: &["mount_shared"],
        advice: &["made_without_separation", "no_rule_can_allow", "path_is_in_the_container"],
    },
    Case {
        name: "an NFS volume",
        source: C,
        target: "system_u:object_r:nfs_t:s0",
        class: "file",
        permissions: &["read", "open"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["booleans", "mount_context"],
        advice: &["no_labels_on_this_file_system", "rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "the engine's socket",
        source: C,
        target: "system_u:system_r:container_runtime_t:s0",
        class: "unix_stream_socket",
        permissions: &["connectto"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["custom_type", "local_rule"],
        advice: &["daemon_socket", "rule_is_for_all_containers"],
    },
    Case {
        name: "a log collector",
        source: C,
        target: "system_u:object_r:var_log_t:s0",
        class: "file",
        permissions: &["read", "open"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["domain"],
        advice: &["rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "systemd in a container",
        source: C,
        target: "system_u:object_r:cgroup_t:s0",
        class: "file",
        permissions: &["write"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["domain", "booleans"],
        advice: &["rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "a web server that asks a database: the narrower boolean first",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:postgresql_port_t:s0",
        class: "tcp_socket",
        permissions: &["name_connect"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["booleans", "booleans"],
        advice: &[],
    },
    Case {
        name: "a port of another service: its label before a rule",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:unreserved_port_t:s0",
        class: "tcp_socket",
        permissions: &["name_bind"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["port_label"],
        advice: &[],
    },
    Case {
        name: "content of a web server with the wrong label",
        source: "system_u:system_r:httpd_t:s0",
        target: "unconfined_u:object_r:user_home_t:s0",
        class: "file",
        permissions: &["read", "open", "getattr"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["restore_label", "label httpd_sys_content_t", "label"],
        advice: &[],
    },
    Case {
        name: "allowed by this policy",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c500,c676",
        class: "file",
        permissions: &["read"],
        command: None,
        path: None,
        causes: &["allowed"],
        fixes: &["reinstall"],
        advice: &["path_is_in_the_container"],
    },
    Case {
        name: "the image's own libraries: the storage is mislabelled",
        source: C,
        target: "unconfined_u:object_r:var_lib_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: Some("/lib/ld-musl-x86_64.so.1"),
        causes: &["no_rule"],
        fixes: &["restore_storage", "mount_private"],
        advice: &["rule_is_for_all_containers", "system_directory", "path_is_in_the_container"],
    },
    Case {
        name: "a mount shared by :z took the files from a service of the host",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:container_file_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: Some("/var/www/html/index.html"),
        causes: &["no_rule"],
        fixes: &["restore_label"],
        advice: &[],
    },
    Case {
        name: "an engine whose program has not its label",
        source: "system_u:system_r:httpd_t:s0",
        target: C,
        class: "process",
        permissions: &["transition"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["label_runtime"],
        advice: &[],
    },
    Case {
        name: "a home directory: the project's, not all of it",
        source: C,
        target: "unconfined_u:object_r:user_home_t:s0",
        class: "dir",
        permissions: &["read", "open"],
        command: None,
        path: None,
        causes: &["no_rule", "allowed"],
        fixes: &["mount_private", "mount_shared", "label"],
        advice: &["rule_is_for_all_containers", "whole_home", "path_is_in_the_container"],
    },
    Case {
        name: "the commonest of all: content that was put somewhere, and its label",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:default_t:s0",
        class: "file",
        permissions: &["read", "open", "getattr"],
        command: None,
        path: Some("/data/www/index.html"),
        causes: &["no_rule"],
        fixes: &["restore_label", "label httpd_sys_content_t"],
        advice: &[],
    },
    Case {
        name: "a web server that writes its content: a label for that, not a boolean",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:httpd_sys_content_t:s0",
        class: "file",
        permissions: &["write"],
        command: None,
        path: Some("/var/www/html/upload"),
        causes: &["no_rule"],
        fixes: &["label httpd_sys_rw_content_t", "local_rule"],
        advice: &[],
    },
    Case {
        name: "the shadow file: no label, and a warning",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:shadow_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: Some("/etc/shadow"),
        causes: &["no_rule"],
        fixes: &["local_rule"],
        advice: &["guarded"],
    },
    Case {
        name: "a program of the system that is written: no label",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:bin_t:s0",
        class: "file",
        permissions: &["write"],
        command: None,
        path: Some("/usr/bin/ls"),
        causes: &["no_rule"],
        fixes: &["local_rule"],
        advice: &[],
    },
    Case {
        name: "a container and the shadow file",
        source: C,
        target: "system_u:object_r:shadow_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: Some("/etc/shadow"),
        causes: &["no_rule"],
        fixes: &["custom_type", "local_rule"],
        advice: &["rule_is_for_all_containers", "guarded", "path_is_in_the_container"],
    },
    Case {
        name: "situation 3: the whole of a home directory",
        source: C,
        target: "unconfined_u:object_r:user_home_dir_t:s0",
        class: "dir",
        permissions: &["read"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["mount_sub_directory"],
        advice: &["rule_is_for_all_containers", "whole_home", "path_is_in_the_container"],
    },
    Case {
        name: "situation 12: the socket of an engine that a person runs",
        source: C,
        target: "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
        class: "unix_stream_socket",
        permissions: &["connectto"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["run_service_as_runtime", "local_rule"],
        advice: &["daemon_socket", "rule_is_for_all_containers"],
    },
    Case {
        name: "by level, and one permission more that no rule grants: the level first all the same",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c1,c2",
        class: "file",
        permissions: &["read", "write", "entrypoint"],
        command: None,
        path: None,
        causes: &["constraint", "allowed"],
        fixes: &["mount_shared", "mount_private"],
        advice: &["no_rule_can_allow", "path_is_in_the_container"],
    },
    Case {
        name: "a permission that nobody knows does not hide the others",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c1,c2",
        class: "file",
        permissions: &["read", "frobnicate"],
        command: None,
        path: None,
        causes: &["constraint", "unknown_permission"],
        fixes: &["mount_shared", "mount_private"],
        advice: &["no_rule_can_allow", "path_is_in_the_container"],
    },
];

/// On Debian's policy with the container module. What the reference policy does differently is its own answer: it has
/// no boolean for devices, and cgroups are open by default.
const CONTAINER: &[Case] = &[
    Case {
        name: "C01: a directory at the top, no :z",
        source: "system_u:system_r:container_t:s0:c324,c837",
        target: "unconfined_u:object_r:default_t:s0",
        class: "dir",
        permissions: &["write"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["mount_private", "mount_shared", "label", "custom_type", "local_rule"],
        advice: &["rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "C09: a pod that was started again",
        source: "system_u:system_r:container_t:s0:c173,c969",
        target: "system_u:object_r:container_file_t:s0:c45,c627",
        class: "dir",
        permissions: &["setattr"],
        command: None,
        path: None,
        causes: &["constraint"],
        fixes: &["mount_shared", "mount_private", "run_at_level"],
        advice: &["no_rule_can_allow", "path_is_in_the_container"],
    },
    Case {
        name: "C12: an alias of the domain, and a command on another container's file",
        source: "system_u:system_r:svirt_lxc_net_t:s0:c278,c1001",
        target: "system_u:object_r:svirt_lxc_file_t:s0:c93,c135",
        class: "file",
        permissions: &["ioctl"],
        command: Some(0x5401),
        path: Some("/etc/hosts"),
        causes: &["constraint"],
        fixes: &["mount_shared"],
        advice: &["no_rule_can_allow", "path_is_in_the_container"],
    },
    Case {
        name: "C38: by type and by level, and nothing to be done but leave it",
        source: "system_u:system_r:container_t:s0:c374,c410",
        target: "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
        class: "shm",
        permissions: &["unix_read"],
        command: None,
        path: None,
        causes: &["no_rule", "constraint"],
        fixes: &[],
        advice: &["no_rule_can_allow"],
    },
    Case {
        name: "a port of no service: the web server's boolean, a rule, and last what changes the whole system",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:unreserved_port_t:s0",
        class: "tcp_socket",
        permissions: &["name_connect"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["booleans httpd_can_network_connect", "local_rule", "booleans allow_ypbind"],
        advice: &[],
    },
    Case {
        name: "what is kept out of the log elsewhere: a boolean that is there for it comes first",
        source: "system_u:system_r:container_t:s0:c1,c2",
        target: "system_u:object_r:nfs_t:s0",
        class: "dir",
        permissions: &["read"],
        command: None,
        path: None,
        causes: &["booleans", "dontaudit"],
        fixes: &["booleans container_use_nfs", "mount_context", "leave_it", "custom_type", "local_rule"],
        advice: &["no_labels_on_this_file_system", "rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "an engine of another policy: a type of that name is one of files here",
        source: "system_u:system_r:container_runtime_t:s0",
        target: "system_u:system_r:container_t:s0:c1,c2",
        class: "process",
        permissions: &["transition"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["local_rule"],
        advice: &["other_policy"],
    },
    Case {
        name: "a file without a label: it can be given one",
        source: "system_u:system_r:container_t:s0:c1,c2",
        target: "system_u:object_r:unlabeled_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["mount_private", "mount_shared", "label container_file_t", "custom_type", "local_rule"],
        advice: &["unlabelled", "rule_is_for_all_containers", "path_is_in_the_container"],
    },
    Case {
        name: "the same for a process of the host",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:unlabeled_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["restore_label"],
        advice: &["unlabelled"],
    },
    Case {
        name: "what a web server serves and is to write: the label for that, with the boolean that it needs",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:httpd_sys_content_t:s0",
        class: "dir",
        permissions: &["write"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["label_and_boolean httpd_sys_rw_content_t", "booleans"],
        advice: &[],
    },
    Case {
        name: "S06: what relays to another server: the boolean for that, and not the narrowest",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:http_port_t:s0",
        class: "tcp_socket",
        permissions: &["name_connect"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["booleans httpd_can_network_relay", "booleans httpd_can_network_connect"],
        advice: &[],
    },
    Case {
        name: "S04: a database: its own boolean first",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:mysqld_port_t:s0",
        class: "tcp_socket",
        permissions: &["name_connect"],
        command: None,
        path: None,
        causes: &["booleans"],
        fixes: &["booleans httpd_can_network_connect_db", "booleans httpd_can_network_connect"],
        advice: &[],
    },
    Case {
        name: "content of the system, not of an add-on",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:default_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: Some("/data/www/index.html"),
        causes: &["no_rule"],
        fixes: &["restore_label", "label httpd_sys_content_t", "local_rule"],
        advice: &[],
    },
    Case {
        name: "but for files that say so",
        source: "system_u:system_r:httpd_t:s0",
        target: "system_u:object_r:default_t:s0",
        class: "file",
        permissions: &["read"],
        command: None,
        path: Some("/data/nagios/index.html"),
        causes: &["no_rule"],
        fixes: &["restore_label", "label httpd_sys_content_t", "label httpd_nagios_content_t", "local_rule"],
        advice: &[],
    },
    Case {
        name: "a port to connect to: the label of the same service, not of another",
        source: "system_u:system_r:zabbix_agent_t:s0",
        target: "system_u:object_r:unreserved_port_t:s0",
        class: "tcp_socket",
        permissions: &["name_connect"],
        command: None,
        path: None,
        causes: &["no_rule"],
        fixes: &["port_label zabbix_port_t", "local_rule"],
        advice: &[],
    },
    Case {
        name: "K0357: a port of another service, and no label for it",
        source: "system_u:system_r:staff_t:s0",
        target: "system_u:object_r:howl_port_t:s0",
        class: "udp_socket",
        permissions: &["name_bind"],
        command: None,
        path: None,
        causes: &["booleans", "dontaudit"],
        fixes: &["other_port", "booleans", "leave_it", "local_rule"],
        advice: &[],
    },
    Case {
        name: "C16: this policy allows it, the loaded one did not",
        source: "system_u:system_r:container_t:s0:c327,c646",
        target: "system_u:object_r:cgroup_t:s0",
        class: "file",
        permissions: &["write"],
        command: None,
        path: None,
        causes: &["allowed"],
        fixes: &["reinstall"],
        advice: &["path_is_in_the_container"],
    },
];

fn explain<'p>(store: &Store<'p>, case: &Case) -> Explanation<'p> {
    let explainer = Explainer::new(store, Circumstances::of(store));
    let evidence = Evidence {
        scontext: case.source.to_owned(),
        tcontext: case.target.to_owned(),
        tclass: case.class.to_owned(),
        permissions: case.permissions.iter().map(|name| (*name).to_owned()).collect(),
        commands: case.command.map(|command| (Operation::Ioctl, command)).into_iter().collect(),
        path: case.path.map(|path| path.as_bytes().to_vec()),
        ..Evidence::default()
    };
    explainer.explain(&evidence).unwrap_or_else(|error| panic!("{}: {error:?}", case.name))
}

/// A fix's name; of booleans with the names of those.
fn fix_id(store: &Store<'_>, kind: &FixKind, wanted: &str) -> String {
    match kind {
        FixKind::Label(label) | FixKind::PortLabel(label) | FixKind::LabelAndBoolean(label, _)
            if wanted.contains(' ') =>
        {
            format!("{} {}", kind.id(), store.type_name(label.id))
        }
        FixKind::Booleans(set) if wanted.contains(' ') => {
            let names = set.settings.iter().filter_map(|(id, _)| store.policy().boolean(*id));
            let names: Vec<String> = names.map(|(name, _)| name.to_string()).collect();
            format!("booleans {}", names.join(" "))
        }
        kind => kind.id().to_owned(),
    }
}

fn check(bytes: &[u8], cases: &[Case]) {
    let policy = Policy::parse(bytes).expect("a policy");
    let store = Store::new(&policy);
    for case in cases {
        let Explanation { causes, fixes, advice, .. } = explain(&store, case);
        let mut ids: Vec<&str> = causes.iter().map(Cause::id).collect();
        ids.dedup();
        assert_eq!(ids, case.causes, "{}", case.name);
        let all: Vec<&str> = fixes.iter().map(|fix| fix.kind.id()).collect();
        assert!(fixes.len() >= case.fixes.len(), "{}: {all:?}", case.name);
        for (fix, wanted) in fixes.iter().zip(case.fixes) {
            assert_eq!(fix_id(&store, &fix.kind, wanted), *wanted, "{}: {all:?}", case.name);
        }
        let advice: Vec<&str> = advice.iter().map(|advice| advice.id()).collect();
        assert_eq!(advice, case.advice, "{}", case.name);
        // A rule is never the first thing, where there is another; what is last changes more than one domain.
        let is_wide = |kind: &FixKind| matches!(kind, FixKind::Booleans(set) if set.is_wide());
        let rule_at = fixes.iter().position(|fix| fix.kind == FixKind::LocalRule).unwrap_or(fixes.len());
        let behind = fixes.iter().skip(rule_at + 1);
        assert!(behind.into_iter().all(|fix| is_wide(&fix.kind)), "{}: {all:?}", case.name);
    }
}

#[test]
fn situations_on_the_demo_policy() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/demo.33");
    check(&std::fs::read(path).expect("the demo"), DEMO);
}

#[test]
fn situations_on_a_real_policy_with_containers() {
    let policy = testkit::policies::ALL.iter().find(|policy| policy.name == "container").expect("known");
    match std::fs::read(policy.path()) {
        Ok(bytes) => check(&bytes, CONTAINER),
        Err(_) => testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() }),
    }
}

#[test]
fn a_type_that_the_policy_lacks_is_named_whatever_its_user() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/demo.33");
    let bytes = std::fs::read(path).expect("the demo");
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let explainer = Explainer::new(&store, Circumstances::of(&store));
    for user in ["system_u", "martian_u"] {
        let evidence = Evidence {
            scontext: format!("{user}:system_r:contaner_t:s0:c1,c2"),
            tcontext: "system_u:object_r:container_file_t:s0".to_owned(),
            tclass: "file".to_owned(),
            permissions: vec!["read".to_owned()],
            ..Evidence::default()
        };
        let error = match explainer.causes(&evidence) {
            Err(Unresolved::Source(error)) => error.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(error, "no type or attribute `contaner_t` in this policy", "{user}");
    }
}

#[test]
fn what_file_contexts_say_decides_about_the_label_of_a_known_path() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/demo.33");
    let bytes = std::fs::read(path).expect("the demo");
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let explainer = Explainer::new(&store, Circumstances::of(&store));
    let fixes = |target: &str, expected: &str| {
        let evidence = Evidence {
            scontext: "system_u:system_r:httpd_t:s0".to_owned(),
            tcontext: target.to_owned(),
            tclass: "file".to_owned(),
            permissions: vec!["read".to_owned()],
            host_path: Some("/var/www/html/index.html".to_owned()),
            expected: Some(expected.to_owned()),
            ..Evidence::default()
        };
        let fixes = explainer.explain(&evidence).expect("an explanation").fixes;
        fixes.into_iter().map(|fix| (fix.kind.id(), fix.enough)).collect::<Vec<_>>()
    };
    // It was moved there: its own label is enough.
    let moved = fixes("unconfined_u:object_r:user_home_t:s0", "system_u:object_r:httpd_sys_content_t:s0");
    assert_eq!(moved.first(), Some(&("restore_label", Enough::Yes)));
    // Its own label would not help.
    let wrong = fixes("unconfined_u:object_r:user_home_t:s0", "system_u:object_r:shadow_t:s0");
    assert_eq!(wrong.first(), Some(&("restore_label", Enough::No)));
    // It has the label that it should have.
    let right = fixes("system_u:object_r:default_t:s0", "system_u:object_r:default_t:s0");
    assert!(right.iter().all(|(id, _)| *id != "restore_label"), "{right:?}");
}

#[test]
fn engines_refuse_some_paths_and_services_lose_others() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/demo.33");
    let bytes = std::fs::read(path).expect("the demo");
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let explainer = Explainer::new(&store, Circumstances::of(&store));
    let explain = |host_path: &str, several_sources| {
        let evidence = Evidence {
            scontext: C.to_owned(),
            tcontext: "system_u:object_r:httpd_sys_content_t:s0".to_owned(),
            tclass: "file".to_owned(),
            permissions: vec!["read".to_owned()],
            host_path: Some(host_path.to_owned()),
            several_sources,
            ..Evidence::default()
        };
        explainer.explain(&evidence).expect("an explanation")
    };
    for refused in ["/", "/etc", "/var/log/", "/home/alice", "/home"] {
        let ids: Vec<&str> = explain(refused, false).fixes.iter().map(|fix| fix.kind.id()).collect();
        assert_eq!(ids.first(), Some(&"mount_sub_directory"), "{refused}: {ids:?}");
        assert!(!ids.iter().any(|id| ["mount_private", "mount_shared", "label"].contains(id)), "{ids:?}");
    }
    let answer = explain("/srv/www", false);
    assert_eq!(answer.fixes.first().map(|fix| fix.kind.id()), Some("mount_private"));
    let losing = answer.losing.expect("services");
    let first = losing.services.first().expect("one");
    assert_eq!((store.type_name(first.id).to_string().as_str(), first.owns), ("httpd_t", true));
    // Two containers were seen to want it.
    assert_eq!(explain("/srv/www", true).fixes.first().map(|fix| fix.kind.id()), Some("mount_shared"));
}
