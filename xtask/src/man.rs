//! `cargo xtask man`: the manual pages in docs/man, made of the definition of the command line.

use crate::process::{cargo, run as run_command};
use crate::{Outcome, only_known, paths};
use std::fs;

pub(crate) const HELP: &str = "
Writes the manual pages of sepolq and of each of its commands into docs/man. A test fails when they are stale.";

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &[])?;
    let folder = paths::repository().join("docs/man");
    // Pages of commands that are gone go as well.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    run_command(
        cargo().args(["run", "--quiet", "--package", "sepolq", "--", "man", "--directory"]).arg(&folder),
    )
}
