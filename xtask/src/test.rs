//! `cargo xtask test`: everything the tests need, then all of them.
//!
//! The tests find the policies through `SEPOLQ_POLICIES_DIR` and look for the reference tools themselves
//! (`testkit`); with `CI=true` they, too, leave nothing out.

use crate::kernel_oracle;
use crate::packages::{self, LeftOut};
use crate::policies::{self, Extent};
use crate::process::{capture, cargo, is_installed, run as run_command, system};
use crate::{Outcome, only_known, paths};

pub(crate) const HELP: &str = "
Installs the reference tools (setools, checkpolicy, …) that are missing, builds the real policies
(`cargo xtask policies`), and runs all tests: with cargo-nextest if it is installed, else with `cargo test`. Those that
ask a booted kernel come last (`cargo xtask kernel-oracle`).

The byte comparisons need SETools 4.4.x and Debian's policy packages. On a machine that has others they are
left out, with a sentence that says why; with CI=true in the environment that is an error.";

/// The series of SETools whose bytes are the promise of the drop-ins.
const SETOOLS_SERIES: &str = "4.4.";

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &[])?;
    let mut left_out = packages::ensure(&[
        packages::REFERENCE,
        packages::COMPILER,
        packages::FILE_CONTEXTS,
        packages::PACKAGING,
        packages::BROWSER,
        packages::LIBSELINUX,
    ]);
    left_out.extend(other_setools());
    left_out.extend(policies::build_all(Extent::Usual)?);
    packages::settle(&left_out)?;

    let mut tests = cargo();
    if is_installed("cargo-nextest") {
        tests.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        tests.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    }
    tests.args(packages::libselinux_features());
    let mut doctests = cargo();
    doctests.args(["test", "--workspace", "--doc", "--quiet"]);
    // The runner with the most tests ends the output.
    for command in [&mut doctests, &mut tests] {
        run_command(command.env("SEPOLQ_POLICIES_DIR", paths::policies()))?;
    }
    left_out.extend(kernel_oracle::judge(None)?);
    // Once more, below what the tests printed, where it is seen.
    packages::settle(&left_out)
}

/// Says so if the SETools that is installed is not of the series that is compared with.
fn other_setools() -> Option<LeftOut> {
    if !is_installed("sesearch") {
        return None; // `packages::ensure` has said so
    }
    let version = capture(system("sesearch").arg("--version")).unwrap_or_else(|why| why);
    let version = version.trim();
    (!version.starts_with(SETOOLS_SERIES)).then(|| LeftOut {
        what: "the byte comparisons with SETools".into(),
        why: format!("they need SETools {SETOOLS_SERIES}x, and this machine has {version}"),
    })
}
