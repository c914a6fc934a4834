//! `cargo xtask ci`: what must pass before a change lands, in the order in which failures are cheapest.

use crate::{Outcome, bench, kernel_oracle, only_known, test, tidy};
use std::time::Instant;

pub(crate) const HELP: &str = "
Runs `tidy --check`, then `test`, then `kernel-oracle`, then `bench --gate`, and stops at the first that fails.
With CI=true in the environment nothing may be left out: a missing tool or policy is an error.";

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &[])?;
    step("tidy --check", || tidy::run(&["--check".into()]))?;
    step("test", || test::run(&[]))?;
    step("kernel-oracle", || kernel_oracle::run(&[]))?;
    step("bench --gate", || bench::run(&["--gate".into()]))
}

fn step(name: &str, chore: impl FnOnce() -> Outcome) -> Outcome {
    println!("==> cargo xtask {name}");
    let start = Instant::now();
    chore()?;
    println!("==> cargo xtask {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
}
