//! Access decisions: a prepared decider beside libsepol's `sepol_compute_av_reason`, in process, one core, the same
//! different requests; and the time of cold questions about access.

use super::report::{Row, Side};
use super::timing::{Times, alone};
use crate::paths;
use crate::process::{capture, cargo, run, shown, system};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Requests, all different, and rounds of each program, which take turns.
const REQUESTS: &str = "100000";
const ROUNDS: usize = 3;

/// The two programs that decide, and where questions are kept.
pub(super) struct Deciders {
    ours: PathBuf,
    theirs: PathBuf,
    questions: PathBuf,
}

/// What a program printed: how many requests it answered, how long it took, how many permissions it granted.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Round {
    requests: u64,
    nanoseconds: u64,
    granted: u64,
}

/// Builds our program, and says where it is.
pub(super) fn build_ours() -> Result<PathBuf, String> {
    run(cargo().args(["build", "--quiet", "--release", "--package", "analysis", "--example", "decisions"]))?;
    Ok(paths::target().join("release/examples/decisions"))
}

impl Deciders {
    /// Compiles both, with optimisation.
    pub(super) fn build() -> Result<Self, String> {
        let ours = build_ours()?;
        let folder = paths::target().join("bench");
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let theirs = folder.join("libsepol_judge");
        let source = paths::repository().join("crates/testkit/judges/libsepol_judge.c");
        run(system("gcc").args(["-O2", "-Wall", "-o"]).arg(&theirs).arg(&source).arg("-l:libsepol.a"))?;
        Ok(Self { ours, theirs, questions: folder.join("decisions.txt") })
    }

    /// The row about decisions on one policy, and a sentence about the index and cold questions.
    pub(super) fn measure(&self, file: &Path) -> Result<(Row, String), String> {
        println!("measuring: access decisions on {}", file.display());
        let questions = capture(Command::new(&self.ours).arg(file).args(["make", REQUESTS]))?;
        std::fs::write(&self.questions, questions)
            .map_err(|error| format!("cannot write {}: {error}", self.questions.display()))?;
        let (mut ours, mut theirs, mut index) = (Vec::new(), Vec::new(), 0.0f64);
        for _ in 0..ROUNDS {
            let printed = self.ask(&self.ours, file)?;
            let (first, rounds) = printed.split_once('\n').ok_or("the decider printed nothing")?;
            index = index.max(first.trim().parse().map_err(|_| "the decider printed no time for its index")?);
            ours.extend(parse(rounds)?);
            theirs.extend(parse(&self.ask(&self.theirs, file)?)?);
        }
        let answers = |rounds: &[Round]| rounds.first().map(|round| (round.requests, round.granted));
        if answers(&ours) != answers(&theirs) {
            return Err("sepolq and libsepol grant differently, so no times are compared".to_owned());
        }
        let times = |rounds: &[Round]| {
            Times::new(rounds.iter().map(|r| Duration::from_nanos(r.nanoseconds)).collect())
        };
        let (ours, theirs) = (times(&ours), times(&theirs));
        let rate = |times: &Times| 100_000.0 / times.median().as_secs_f64().max(1e-9);
        let cold = |words: &[&str]| -> Result<f64, String> {
            let mut command = Command::new(paths::release_program());
            command.arg("-P").arg(file).args(words);
            Ok(alone(command, 31)?.median().as_secs_f64() * 1e3)
        };
        let note = format!(
            "Decisions: {:.0} a second on one core, libsepol {:.0}; the index is built in {:.0} ms at most. A cold `sepolq can` \
             takes {:.1} ms, a cold `sepolq who-can` over all types {:.1} ms.",
            rate(&ours),
            rate(&theirs),
            index / 1e6,
            cold(&["can", "init_t", "etc_t", "file", "read,open"])?,
            cold(&["who-can", "etc_t", "file", "write"])?,
        );
        let row = Row {
            work: format!("{REQUESTS} access decisions, in process"),
            ours: Side::new("analysis", ours, None),
            theirs: Side::new("libsepol `sepol_compute_av_reason`", theirs, None),
        };
        Ok((row, note))
    }

    fn ask(&self, program: &Path, file: &Path) -> Result<String, String> {
        let questions = File::open(&self.questions)
            .map_err(|error| format!("cannot read {}: {error}", self.questions.display()))?;
        let mut command = Command::new(program);
        command.arg(file).arg("3").stdin(questions);
        let output = command.output().map_err(|error| format!("cannot run {}: {error}", shown(&command)))?;
        if !output.status.success() {
            return Err(format!("{} ended with {}", shown(&command), output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn parse(printed: &str) -> Result<Vec<Round>, String> {
    let round = |line: &str| {
        let mut numbers = line.split(' ').map(|number| number.parse().ok());
        Some(Round { requests: numbers.next()??, nanoseconds: numbers.next()??, granted: numbers.next()?? })
    };
    printed.lines().map(round).collect::<Option<_>>().ok_or_else(|| format!("no rounds in `{printed}`"))
}
