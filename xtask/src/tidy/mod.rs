//! `cargo xtask tidy`: what a reviewer should never have to say.

mod arrows;
mod headers;
mod testdata;

use crate::process::{cargo, run as run_command};
use crate::{Outcome, only_known, paths};

pub(crate) const HELP: &str = "
Formats the code (with --check: only says whether it is), runs clippy with warnings denied, and checks

  - that crates depend on one another only as the table in xtask/src/tidy/arrows.rs allows,
  - that every Rust file begins with what it is for, and none is over 800 lines without a reason,
  - that the files in testdata are the ones their sha256 lists name, and that checkpolicy still compiles their
    sources to the same bytes.";

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &["--check"])?;
    let mut fmt = cargo();
    fmt.args(["fmt", "--all"]);
    if args.iter().any(|arg| arg == "--check") {
        fmt.arg("--check");
    }
    // Everything is looked at, so that one run says all there is to do.
    let mut complaints = Vec::new();
    if let Err(why) = run_command(&mut fmt) {
        complaints.push(format!("{why}\nhelp: `cargo xtask tidy` formats the code"));
    }
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    complaints.extend(run_command(cargo().args(clippy)).err());
    let root = paths::repository();
    complaints.extend(arrows::check(&root)?);
    complaints.extend(headers::check(&root)?);
    complaints.extend(testdata::check(&root)?);
    if complaints.is_empty() { Ok(()) } else { Err(format!("tidy found\n{}", complaints.join("\n"))) }
}
