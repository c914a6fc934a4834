//! `cargo xtask oracle`: random questions, asked of SETools and of sepolq.
//!
//! The work is done by `testkit`'s program `oracle`; this chore sets up what it needs and starts it.

use crate::packages;
use crate::policies::{self, Extent};
use crate::process::{cargo, run as run_command};
use crate::{Outcome, demo, paths};

pub(crate) const HELP: &str = "
    cargo xtask oracle [--tool NAME] [--policy NAME] [--seed N] [--count N]
        asks sesearch, seinfo, sedta and seinfoflow, and sepolq in their place, N (100) fresh random questions each about the policies
        that answers are recorded for (of the last two only about small ones, if no policy is named: each takes half a minute), and sediff about N pairs of random policies, and compares exit codes and bytes. Each day has its own seed, which is printed.
    cargo xtask oracle --full [--tool NAME] [--seed N] [--count N]
        asks each N (1100) questions for each policy (a seventh of them for older versions and small policies; of sedta and seinfoflow
        a quarter about small policies, and 30 about each real one; of sediff a few about each of some pairs, which takes ten minutes),
        writes the answers to testdata/records/, and compares them with ours; then runs the
        tests on the 135 MB of version 19 (about an hour).";

pub(crate) fn run(args: &[String]) -> Outcome {
    let full = args.iter().any(|arg| arg == "--full");
    let extent = if full { Extent::Full } else { Extent::Usual };
    let mut left_out = packages::ensure(&[packages::REFERENCE]);
    left_out.extend(policies::build_all(extent)?);
    packages::settle(&left_out)?;
    if !left_out.is_empty() {
        return Err("there is nothing to compare with; the lines above say why".into());
    }
    demo::build_program()?;
    run_command(
        cargo()
            .args(["run", "--quiet", "--release", "--package", "testkit", "--bin", "oracle", "--"])
            .args(args)
            .env("SEPOLQ_POLICIES_DIR", paths::policies())
            .env("SEPOLQ_PROGRAM", paths::release_program()),
    )?;
    if !full {
        return Ok(());
    }
    run_command(
        cargo()
            .args(["test", "--release", "--package", "testkit", "--package", "analysis", "--tests", "--"])
            .args(["--ignored", "version_19"])
            .env("SEPOLQ_POLICIES_DIR", paths::policies()),
    )
}
