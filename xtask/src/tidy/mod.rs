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

/// The fuzz targets, which are a workspace of their own.
const FUZZ: &str = "fuzz/Cargo.toml";

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &["--check"])?;
    // Everything is looked at, so that one run says all there is to do.
    let mut complaints = Vec::new();
    for workspace in [&["--all"][..], &["--manifest-path", FUZZ]] {
        let mut fmt = cargo();
        fmt.arg("fmt").args(workspace);
        if args.iter().any(|arg| arg == "--check") {
            fmt.arg("--check");
        }
        if let Err(why) = run_command(&mut fmt) {
            complaints.push(format!("{why}\nhelp: `cargo xtask tidy` formats the code"));
        }
    }
    let deny = ["--", "--deny", "warnings"];
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets"];
    complaints.extend(run_command(cargo().args(clippy).args(deny)).err());
    let clippy = ["clippy", "--quiet", "--locked", "--manifest-path", FUZZ, "--target-dir"];
    let mut fuzz = cargo();
    // Nothing is linked, so libFuzzer need not be there, nor a C++ compiler to build it.
    fuzz.args(clippy)
        .arg(paths::target().join("fuzz/clippy"))
        .args(deny)
        .env("CUSTOM_LIBFUZZER_PATH", "none/none.a");
    complaints.extend(run_command(&mut fuzz).err());
    let root = paths::repository();
    complaints.extend(arrows::check(&root)?);
    complaints.extend(headers::check(&root)?);
    complaints.extend(testdata::check(&root)?);
    if complaints.is_empty() { Ok(()) } else { Err(format!("tidy found\n{}", complaints.join("\n"))) }
}
