//! Denials that people ask about, on the demo policy: every cause, and the expert's first fix first.

use analysis::decide::{Circumstances, Decider, Operation};
use analysis::explain::{Advice, Cause, Containers, Denied, FixKind, causes, fixes};
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
    causes: &'static [&'static str],
    /// The fixes from the first on, as far as they matter.
    fixes: &'static [&'static str],
    advice: &'static [&'static str],
}

const C: &str = "system_u:system_r:container_t:s0:c500,c676";

const CASES: &[Case] = &[
    Case {
        name: "a bind mount without z",
        source: C,
        target: "unconfined_u:object_r:default_t:s0",
        class: "dir",
        permissions: &["write"],
        command: None,
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
        causes: &["no_rule", "constraint"],
        fixes: &["mount_private", "mount_shared"],
        advice: &["no_rule_can_allow", "path_is_in_the_container"],
    },
    Case {
        name: "files left by a container without separation",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c1022,c1023",
        class: "file",
        permissions: &["write"],
        command: None,
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
        causes: &["booleans"],
        fixes: &["label"],
        advice: &[],
    },
    Case {
        name: "allowed by this policy",
        source: C,
        target: "system_u:object_r:container_file_t:s0:c500,c676",
        class: "file",
        permissions: &["read"],
        command: None,
        causes: &["allowed"],
        fixes: &[],
        advice: &["path_is_in_the_container"],
    },
];

fn id(cause: &Cause<'_>) -> &'static str {
    match cause {
        Cause::Allowed { .. } => "allowed",
        Cause::NoRule { .. } => "no_rule",
        Cause::Booleans { .. } => "booleans",
        Cause::Constraint(_) => "constraint",
        Cause::Role { .. } => "role",
        Cause::Bounds { .. } => "bounds",
        Cause::Command { .. } => "command",
        Cause::Undefined { .. } => "undefined",
    }
}

#[test]
fn situations_on_the_demo_policy() {
    let bytes =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/demo.33")).expect("the demo");
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let circumstances = Circumstances::of(&store);
    let decider = Decider::new(&store, circumstances.clone());
    let containers = Containers::of(&store);
    for case in CASES {
        let permissions: Vec<String> = case.permissions.iter().map(|name| (*name).to_owned()).collect();
        let command = case.command.map(|command| (Operation::Ioctl, command));
        let denied = Denied::resolve(&store, [case.source, case.target, case.class], &permissions, command)
            .unwrap_or_else(|error| panic!("{}: {error:?}", case.name));
        let (causes, proof) = causes(&decider, &circumstances, &denied);
        let mut ids: Vec<&str> = causes.iter().map(id).collect();
        ids.dedup();
        assert_eq!(ids, case.causes, "{}", case.name);
        let fixes = fixes(&decider, &circumstances, &containers, &denied, &causes, &proof);
        let fix_ids: Vec<&str> = fixes.iter().map(|fix| fix.kind.id()).collect();
        assert!(fix_ids.starts_with(case.fixes), "{}: {fix_ids:?}", case.name);
        let advice: Vec<&str> =
            Advice::on(&decider, &containers, &denied, &causes, &proof).iter().map(Advice::id).collect();
        assert_eq!(advice, case.advice, "{}", case.name);
        // A rule is never the first thing, where there is another.
        let rule_at = fixes.iter().position(|fix| fix.kind == FixKind::LocalRule);
        assert!(rule_at.is_none_or(|at| at + 1 == fixes.len()), "{}: {fix_ids:?}", case.name);
    }
}
