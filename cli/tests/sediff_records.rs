//! `sepolq sediff` gives every recorded answer of sediff: exit code, and bytes but for what SETools leaves to chance.
//!
//! The records are in `testdata/records/sediff`; `cargo xtask oracle --full --tool sediff` takes them anew.

use std::path::Path;

use testkit::pairs::{PAIRS, PairRecords};
use testkit::{Error, leave_out};

/// Replays the records of the pairs that `wanted` picks, which must be so many.
fn replay(wanted: impl Fn(&[String; 2]) -> bool, at_least: usize) -> Result<(), Error> {
    let replayed = PairRecords::read()?.replay(Path::new(env!("CARGO_BIN_EXE_sepolq")), wanted);
    let (differences, asked) = match replayed {
        Ok(replayed) => replayed,
        // What is not on this machine can be left out; what is wrong in the repository cannot.
        Err(missing @ (Error::NoPolicy { .. } | Error::OtherPolicy { .. } | Error::Reference(_))) => {
            leave_out(&missing);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    assert!(asked >= at_least, "only {asked} comparisons are recorded");
    assert!(differences.is_empty(), "{} of {asked} differ:\n{}", differences.len(), differences.join("\n"));
    Ok(())
}

#[test]
fn every_pair_is_recorded() -> Result<(), Error> {
    let records = PairRecords::read()?;
    for (old, new) in PAIRS {
        let is_it = |[of_old, of_new]: &[String; 2]| of_old == old && of_new == new;
        assert!(records.records.iter().any(|record| is_it(&record.pair)), "{old} and {new}");
    }
    Ok(())
}

fn is_about(name: &str) -> impl Fn(&[String; 2]) -> bool {
    move |pair| pair.iter().any(|of| of == name)
}

#[test]
fn different_policies() -> Result<(), Error> {
    replay(
        |[old, new]| {
            ["default", "mls"].contains(&old.as_str())
                && ["mls", "default", "container"].contains(&new.as_str())
        },
        9,
    )
}

#[test]
fn a_policy_without_some_modules() -> Result<(), Error> {
    replay(is_about("container-less"), 6)
}

#[test]
fn an_optimised_policy() -> Result<(), Error> {
    replay(is_about("default-optimized"), 6)
}

#[test]
fn other_booleans() -> Result<(), Error> {
    replay(is_about("default-flipped"), 3)
}

#[test]
fn versions_of_one_policy() -> Result<(), Error> {
    replay(|[old, _]| old.starts_with("container-2") || old.starts_with("container-3"), 27)
}

#[test]
fn small_policies() -> Result<(), Error> {
    let small = ["corners", "rich", "declarations", "labels", "declarations-24"];
    replay(move |[old, _]| small.contains(&old.as_str()), 21)
}
