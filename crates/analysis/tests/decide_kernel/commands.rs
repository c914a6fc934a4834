//! Every ioctl command, tried by a confined process on a real object, in enforcing mode.
//!
//! `testdata/policies/ioctl-kernel.conf` has a type for each combination of `allowxperm`, `auditallowxperm` and
//! `dontauditxperm`. For each, all 65536 commands are tried; what the kernel refuses is what we must refuse.

use analysis::decide::{Access, Circumstances, Decider, Operation};
use avstore::Store;
use policydb::Policy;
use testkit::kernel::{Answer, Machine};
use testkit::policies;

use super::questions::valid;

/// Target types with the classes of the objects that are made with them.
const OBJECTS: &[(&str, &str)] = &[
    ("plain_t", "unix_stream_socket file chr_file"),
    ("none_t", "unix_stream_socket file"),
    ("without_t", "file"),
    ("allowed_t", "unix_stream_socket unix_dgram_socket file chr_file fifo_file dir"),
    ("audited_t", "unix_stream_socket file"),
    ("quiet_t", "unix_stream_socket file"),
    ("allowed_audited_t", "unix_stream_socket file"),
    ("allowed_quiet_t", "unix_stream_socket file"),
    ("audited_quiet_t", "unix_stream_socket file"),
    ("all_t", "unix_stream_socket file"),
    ("union_t", "unix_stream_socket"),
    ("conditional_t", "unix_stream_socket"),
    ("confined_t", "unix_stream_socket"),
];

/// Commands for which the kernel does not ask for `ioctl`. Source: `selinux_file_ioctl` in `hooks.c`.
const OTHERS: &[(u16, Option<&str>)] = &[
    // FIBMAP, FIGETBSZ, FIONREAD
    (0x0001, Some("getattr")),
    (0x0002, Some("getattr")),
    (0x541b, Some("getattr")),
    // FIONBIO, FIOASYNC
    (0x5421, None),
    (0x5452, None),
    // KDSKBENT, KDSKBSENT: a capability, which this policy leaves undefined
    (0x4b47, None),
    (0x4b49, None),
];

/// One process trying all commands on one object.
struct Sweep {
    source: &'static str,
    class: &'static str,
    target: &'static str,
    /// The upper half of the commands, which the policy does not look at.
    high: u32,
}

fn sweeps() -> Vec<Sweep> {
    let mut sweeps = Vec::new();
    for (target, classes) in OBJECTS {
        let sweep = |class| Sweep { source: "confined_t", class, target, high: 0 };
        sweeps.extend(classes.split(' ').map(sweep));
    }
    let class = "unix_stream_socket";
    for source in ["parent_t", "child_t", "lax_t"] {
        sweeps.push(Sweep { source, class, target: "plain_t", high: 0 });
    }
    sweeps.push(Sweep { source: "confined_t", class, target: "all_t", high: 0x8004 });
    sweeps
}

#[test]
#[ignore = "`cargo xtask kernel-oracle` runs it"]
fn every_command_is_refused_exactly_where_we_refuse_it() {
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(error) => return testkit::leave_out(&error),
    };
    let path = policies::testdata().join("policies/ioctl-kernel.33");
    let bytes = std::fs::read(&path).expect("the policy");
    let parsed = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&parsed);
    let decider = Decider::new(&store, Circumstances::of(&store));
    let sweeps = sweeps();
    let mut script = vec!["load /in/policy".to_owned(), "set enforce 1".to_owned()];
    script.extend(sweeps.iter().map(|sweep| {
        let Sweep { source, class, target, high } = sweep;
        format!("commands {} {class} {} {high:04x}", context(source), context(target))
    }));
    let answers = machine.with("policy", &path).expect("a file").ask(&script).expect("answers");
    assert_eq!(answers[..2], [const { Answer::Ok(String::new()) }; 2], "loaded and enforcing");
    for (sweep, answer) in sweeps.iter().zip(&answers[2..]) {
        let Sweep { source, class, target, high } = sweep;
        let expected = Answer::Ok(ranges(&refused(&decider, sweep)));
        assert_eq!(expected, *answer, "{source} {target} {class} {high:x} (left: ours, right: the kernel's)");
    }
    println!("{} objects, each with all commands", sweeps.len());
}

fn context(name: &str) -> String {
    let role =
        if ["confined_t", "parent_t", "child_t", "lax_t"].contains(&name) { "system_r" } else { "object_r" };
    format!("system_u:{role}:{name}")
}

/// The commands that we say are refused.
fn refused(decider: &Decider<'_, '_>, sweep: &Sweep) -> Vec<u32> {
    let store = decider.store();
    let [source, target] =
        [sweep.source, sweep.target].map(|name| valid(decider, &context(name)).expect("a valid context"));
    let class = store.policy().class_named(sweep.class.as_bytes()).expect("a class");
    let access = Access { source: &source, target: &target, class };
    let decision = decider.decide(&access);
    let is_granted = |name: &str| {
        let permission = store.permission_named(class, name.as_bytes()).expect("a permission");
        decision.allowed >> permission.bit & 1 == 1
    };
    let ioctl = is_granted("ioctl");
    let is_refused = |low: u16| match OTHERS.iter().find(|(command, _)| *command == low && sweep.high == 0) {
        Some((_, asked)) => !asked.is_none_or(is_granted),
        None => !(ioctl && decider.command(&access, Operation::Ioctl, low).allowed),
    };
    (0..=u16::MAX).filter(|low| !decision.permissive && is_refused(*low)).map(u32::from).collect()
}

/// Ascending numbers as ranges, in the machine's form.
fn ranges(numbers: &[u32]) -> String {
    let text = |run: &[u32]| match run {
        [one] => format!("{one:04x}"),
        [first, .., last] => format!("{first:04x}-{last:04x}"),
        [] => String::new(),
    };
    numbers.chunk_by(|a, b| a + 1 == *b).map(text).collect::<Vec<_>>().join(",")
}
