//! Our own permission map: it knows every permission of the real policies, and where it says otherwise than SETools' map, which is
//! compared where SETools is installed, this says why.

use std::collections::BTreeSet;
use std::path::Path;

use analysis::reach::{Flow, PermissionMap};
use policydb::{Policy, PolicyBytes};
use testkit::{Error, leave_out, policies};

/// A reason, and the permissions of which our map says otherwise for it, with both directions.
type Disagreement = (&'static str, &'static [(&'static str, &'static str)]);

/// How our map and SETools' differ in direction, whatever the class, and why ours says what it says.
const DISAGREEMENTS: &[Disagreement] = &[
    (
        "the kernel or a daemon answers, or keeps a state that others see",
        &[
            ("check_context", "r not n"),
            ("compute_av", "r not n"),
            ("compute_create", "r not n"),
            ("compute_member", "r not n"),
            ("compute_relabel", "r not n"),
            ("compute_user", "r not n"),
            ("disable", "w not n"),
            ("enable", "w not n"),
            ("halt", "w not n"),
            ("ipc_info", "r not n"),
            ("load_policy", "w not n"),
            ("module_request", "w not n"),
            ("override", "w not n"),
            ("read_policy", "r not n"),
            ("reboot", "w not n"),
            ("setbool", "w not n"),
            ("setcheckreqprot", "w not n"),
            ("setenforce", "w not n"),
            ("setsecparam", "w not n"),
            ("syslog_console", "w not n"),
            ("syslog_mod", "w not n"),
            ("syslog_read", "r not n"),
            ("translate", "r not n"),
            ("validate_trans", "r not n"),
        ],
    ),
    (
        "one process learns of another, or sets what it inherits",
        &[
            ("noatsecure", "w not n"),
            ("rlimitinh", "w not n"),
            ("setrlimit", "w not n"),
            ("siginh", "w not n"),
            ("signull", "r not n"),
        ],
    ),
    (
        "only the subject's own state, label or memory",
        &[
            ("map_create", "n not w"),
            ("prog_load", "n not w"),
            ("setcurrent", "n not w"),
            ("setexec", "n not w"),
            ("setfscreate", "n not w"),
            ("setkeycreate", "n not w"),
            ("setsockcreate", "n not w"),
            ("share", "n not b"),
        ],
    ),
    (
        "it makes other permissions possible, which count themselves",
        &[
            ("audit_access", "n not r"),
            ("cmd", "n not w"),
            ("confidentiality", "n not r"),
            ("cpu", "n not r"),
            ("create", "n not w"),
            ("implement", "n not w"),
            ("install", "n not w"),
            ("integrity", "n not b"),
            ("kernel", "n not r"),
            ("nnp_transition", "n not w"),
            ("nosuid_transition", "n not w"),
            ("open", "n not r"),
            ("override_creds", "n not w"),
            ("polmatch", "n not r"),
            ("sqpoll", "n not w"),
            ("tracepoint", "n not r"),
        ],
    ),
    (
        "what is asked for is told to the other side, too, or only told",
        &[
            ("association", "b not w"),
            ("attach_queue", "b not w"),
            ("call", "b not w"),
            ("lock", "b not n"),
            ("manage_subnet", "b not w"),
            ("next_value", "b not w"),
            ("prog_run", "b not w"),
            ("watch_with_perm", "b not r"),
            ("acquire_svc", "w not b"),
            ("mounton", "w not b"),
            ("rmdir", "w not b"),
        ],
    ),
    (
        "an address or a listener is found by others",
        &[("connect", "w not n"), ("listen", "w not r"), ("name_bind", "w not n"), ("node_bind", "w not n")],
    ),
    (
        "content comes out, or goes in, and nothing else",
        &[
            ("execmod", "r not n"),
            ("execute", "r not w"),
            ("expand", "r not w"),
            ("getfocus", "r not w"),
            ("install_module", "w not r"),
            ("nlmsg_tty_audit", "r not w"),
            ("relabelfrom", "r not w"),
            ("relabelto", "w not r"),
            ("select", "r not n"),
            ("setattr", "w not r"),
        ],
    ),
];

#[test]
fn every_permission_of_the_real_policies_is_there() -> Result<(), Error> {
    let map = PermissionMap::own();
    for policy in policies::REAL {
        if let Err(missing) = policy.sha256() {
            leave_out(&missing);
            continue;
        }
        let bytes = PolicyBytes::open(&policy.path()).expect("the policy opens");
        let parsed = Policy::parse(&bytes).expect("the policy is valid");
        let store = avstore::Store::new(&parsed);
        for class in store.class_ids() {
            let class_name = store.class_name(class).to_string();
            for permission in store.permissions(class) {
                let name = permission.name.to_string();
                assert!(map.stated(&class_name, &name).is_some(), "{}: {class_name} {name}", policy.name);
            }
        }
    }
    Ok(())
}

#[test]
fn disagreements_with_setools_are_named() {
    let path = Path::new("/usr/lib/python3/dist-packages/setools/perm_map");
    let Ok(text) = std::fs::read_to_string(path) else {
        leave_out(&Error::Reference(format!("{} is not installed", path.display())));
        return;
    };
    let theirs = PermissionMap::parse(&text).expect("SETools' map is valid");
    let ours = PermissionMap::own();
    let (mut alike, mut all) = (0, 0);
    let mut found: BTreeSet<(&str, String)> = BTreeSet::new();
    for (class, permission, their) in theirs.entries() {
        let our = ours.weight(class, permission);
        all += 1;
        if our.flow == their.flow {
            alike += 1;
        } else {
            found.insert((permission, format!("{} not {}", letter(our.flow), letter(their.flow))));
        }
    }
    println!("{alike} of {all} directions are alike");
    assert!(alike * 100 >= all * 85, "only {alike} of {all} directions are alike");
    let entries = DISAGREEMENTS.iter().flat_map(|(_, entries)| entries.iter());
    let named: BTreeSet<(&str, String)> =
        entries.map(|&(permission, how)| (permission, how.to_owned())).collect();
    let missing: Vec<_> = found.difference(&named).collect();
    let gone: Vec<_> = named.difference(&found).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not named: {missing:?}\nno longer so: {gone:?}");
}

fn letter(flow: Flow) -> char {
    match flow {
        Flow::Read => 'r',
        Flow::Write => 'w',
        Flow::Both => 'b',
        Flow::None => 'n',
        Flow::Unmapped => 'u',
    }
}
