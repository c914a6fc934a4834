//! `sepolq sesearch` gives every recorded answer of sesearch: exit code, bytes, and the line of a usage error.
//!
//! The records are in `testdata/records/sesearch`; `cargo xtask oracle --full` takes them anew.

use testkit::compare::{Subject, report};
use testkit::policies::{self, Policy};
use testkit::records::Records;
use testkit::{Error, leave_out};

/// Replays the records of one policy of version 33.
fn replay_newest(name: &str) -> Result<(), Error> {
    let policy = policies::ALL.iter().find(|policy| policy.name == name);
    replay(policy.expect("the policy has records"), 1000)
}

/// Replays the records of one policy, which must be so many.
fn replay(policy: &Policy, at_least: usize) -> Result<(), Error> {
    let name = policy.name;
    let records = match Records::read(policy) {
        Ok(records) => records.records,
        // What is not on this machine can be left out; what is wrong in the repository cannot.
        Err(missing @ (Error::NoPolicy { .. } | Error::OtherPolicy { .. })) => {
            leave_out(&missing);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    assert!(records.len() >= at_least, "only {} questions are recorded for {name}", records.len());
    let subject = Subject::new(env!("CARGO_BIN_EXE_sepolq"));
    let differences = subject.replay(policy, &records)?;
    assert!(differences.is_empty(), "{name}: {}", report(records.len(), &differences));
    Ok(())
}

#[test]
fn debian_default() -> Result<(), Error> {
    replay_newest("default")
}

#[test]
fn debian_mls() -> Result<(), Error> {
    replay_newest("mls")
}

#[test]
fn reference_policy_with_containers() -> Result<(), Error> {
    replay_newest("container")
}

#[test]
fn corners() -> Result<(), Error> {
    replay_newest("corners")
}

#[test]
fn older_versions_of_a_policy() -> Result<(), Error> {
    assert_eq!(policies::OLDER.len(), 9);
    policies::OLDER.iter().try_for_each(|policy| replay(policy, 150))
}
