//! `sepolq sesearch` gives every recorded answer of sesearch: exit code, bytes, and the line of a usage error.
//!
//! The records are in `testdata/records/sesearch`; `cargo xtask oracle --full` takes them anew.

use testkit::compare::{Subject, report};
use testkit::policies::{self, Policy};
use testkit::records::Records;
use testkit::{Error, leave_out};

/// Replays the records of one policy, which must not be few.
fn replay(name: &str) -> Result<(), Error> {
    let policy: &Policy =
        policies::ALL.iter().find(|policy| policy.name == name).expect("the policy has records");
    let records = match Records::read(policy) {
        Ok(records) => records.records,
        // What is not on this machine can be left out; what is wrong in the repository cannot.
        Err(missing @ (Error::NoPolicy { .. } | Error::OtherPolicy { .. })) => {
            leave_out(&missing);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    assert!(records.len() >= 1000, "only {} questions are recorded for {name}", records.len());
    let subject = Subject::new(env!("CARGO_BIN_EXE_sepolq"));
    let differences = subject.replay(policy, &records)?;
    assert!(differences.is_empty(), "{name}: {}", report(records.len(), &differences));
    Ok(())
}

#[test]
fn debian_default() -> Result<(), Error> {
    replay("default")
}

#[test]
fn debian_mls() -> Result<(), Error> {
    replay("mls")
}

#[test]
fn reference_policy_with_containers() -> Result<(), Error> {
    replay("container")
}

#[test]
fn corners() -> Result<(), Error> {
    replay("corners")
}
