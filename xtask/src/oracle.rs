//! `cargo xtask oracle`: random questions, asked of sesearch and of sepolq.
//!
//! The work is done by `testkit`'s program `oracle`; this chore sets up what it needs and starts it.

use crate::packages;
use crate::process::{cargo, run as run_command};
use crate::{Outcome, demo, paths, policies};

pub(crate) const HELP: &str = "
    cargo xtask oracle [--seed N] [--count N]
        asks sesearch and sepolq N (100) fresh random questions about the three real policies, and compares
        exit codes and bytes. Each day has its own seed, which is printed.
    cargo xtask oracle --full [--seed N] [--count N]
        asks sesearch N (1100) questions for each policy, writes its answers to testdata/records/sesearch/,
        and compares them with ours (about 20 minutes).";

pub(crate) fn run(args: &[String]) -> Outcome {
    let mut left_out = packages::ensure(&[packages::REFERENCE]);
    left_out.extend(policies::build_all()?);
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
    )
}
