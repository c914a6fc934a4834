//! `cargo xtask ci`: what must pass before a change lands, in the order in which failures are cheapest.

use crate::{Outcome, bench, fuzz, only_known, package, packages, test, tidy};
use std::time::Instant;

pub(crate) const HELP: &str = "
Runs `tidy --check`, then `test`, then a short `fuzz`, then `bench --gate`, then `package --check`, and stops at the first that fails.
With CI=true in the environment nothing may be left out: a missing tool or policy is an error.";

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &[])?;
    step("tidy --check", || tidy::run(&["--check".into()]))?;
    step("test", || test::run(&[]))?;
    let mut left_out = Vec::new();
    step("fuzz --short", || {
        left_out = fuzz::run_short()?;
        Ok(())
    })?;
    step("bench --gate", || bench::run(&["--gate".into()]))?;
    step("package --check", || {
        left_out.extend(package::make(true)?);
        Ok(())
    })?;
    // Once more, below what the steps printed, where it is seen.
    packages::settle(&left_out)
}

fn step(name: &str, chore: impl FnOnce() -> Outcome) -> Outcome {
    println!("==> cargo xtask {name}");
    let start = Instant::now();
    chore()?;
    println!("==> cargo xtask {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
}
