//! Loading a policy in process: policydb beside libsepol's `policydb_read`, both from memory.

use super::report::{Row, Side};
use super::timing::Times;
use crate::paths;
use crate::process::{capture, cargo, run, system};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Loads in one process, and processes of each loader, which take turns.
const LOADS: usize = 15;
const PROCESSES: usize = 3;

/// The two programs that load a policy many times and print nanoseconds.
pub(super) struct Loaders {
    ours: PathBuf,
    theirs: PathBuf,
}

impl Loaders {
    /// Compiles both, with optimisation.
    pub(super) fn build() -> Result<Self, String> {
        run(cargo().args(["build", "--quiet", "--release", "--package", "policydb", "--example", "load"]))?;
        let folder = paths::target().join("bench");
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let theirs = folder.join("libsepol_load");
        let source = paths::repository().join("benches/libsepol_load.c");
        run(system("gcc").args(["-O2", "-Wall", "-o"]).arg(&theirs).arg(&source).arg("-lsepol"))?;
        Ok(Self { ours: paths::target().join("release/examples/load"), theirs })
    }

    /// The row about loading one policy.
    pub(super) fn measure(&self, file: &Path) -> Result<Row, String> {
        println!("measuring: loading {}", file.display());
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..PROCESSES {
            ours.extend(loads(&self.ours, file)?);
            theirs.extend(loads(&self.theirs, file)?);
        }
        Ok(Row {
            work: "load, in process".into(),
            ours: Side::new("policydb", Times::new(ours), None),
            theirs: Side::new("libsepol `policydb_read`", Times::new(theirs), None),
        })
    }
}

fn loads(loader: &Path, file: &Path) -> Result<Vec<Duration>, String> {
    let printed = capture(Command::new(loader).arg(file).arg(LOADS.to_string()))?;
    let nanoseconds = |line: &str| line.trim().parse().map(Duration::from_nanos).ok();
    printed
        .lines()
        .map(nanoseconds)
        .collect::<Option<_>>()
        .ok_or_else(|| format!("{} printed no times", loader.display()))
}
