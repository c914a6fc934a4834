//! `cargo xtask demo`: the first question, asked of the policy that the program carries.

use crate::process::{cargo, run as run_command};
use crate::{Outcome, only_known, packages, paths};
use std::process::Command;

pub(crate) const HELP: &str = "
Builds the program (release) and runs

    sepolq --demo allow -s httpd_t -t httpd_sys_content_t -c file

on the small policy that is embedded in it. Needs nothing but Rust.";

/// The sentence to get right first.
const QUESTION: &[&str] = &["--demo", "allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file"];

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &[])?;
    build_program()?;
    println!("$ sepolq {}", QUESTION.join(" "));
    run_command(Command::new(paths::release_program()).args(QUESTION))
}

/// Builds `target/release/sepolq`, with libselinux where its headers are: as packages have it.
pub(crate) fn build_program() -> Outcome {
    let mut build = cargo();
    build.args(["build", "--quiet", "--release", "--package", "sepolq", "--bin", "sepolq"]);
    run_command(build.args(packages::libselinux_features()))
}
