//! `cargo xtask fuzz`: the targets in `fuzz/`, built with stable Rust and run by libFuzzer.
//!
//! cargo-fuzz asks for a nightly compiler, because of its sanitizers. What guides libFuzzer is the coverage that
//! LLVM's pass counts, and stable Rust can be told to run that pass. Without the address sanitizer nothing is
//! lost here: the crates that are fuzzed have no `unsafe` outside `open.rs`, which no target calls.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::packages::{self, LeftOut};
use crate::process::{capture, cargo, run as run_command, run_logged};
use crate::{Outcome, paths};

pub(crate) const HELP: &str = "
    cargo xtask fuzz [TARGET…] [--seconds N]
        fuzzes each target, or all of them, for N (60) seconds. What it learns is kept in fuzz/corpus.
    cargo xtask fuzz [TARGET…] --runs N
        makes N runs of each target, from the same start and with the same seed every time; --short makes as many
        as CI does.
    cargo xtask fuzz TARGET -- [ARGUMENT…]
        hands arguments to libFuzzer: a FILE to try it alone, -minimize_crash=1 FILE to make it smaller.

The targets: load (memory and panics), ask (everything asked of what loads), round_trip (written back to the same
bytes), words (text as users type it), records (lines of a log),
file_contexts (text or compiled, and look-ups), module (parts of policies), package (RPM and deb packages,
compressed streams, CIL). What is found is written to fuzz/artifacts; once it is mended it becomes a
case in testdata/fuzz or an assembled one in a test. Needs a C++ compiler, which is installed if it is missing.";

/// A target, the size of its inputs (a little over the largest seed), and how many runs it makes in CI: what
/// takes about ten seconds.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    name: &'static str,
    size: usize,
    short: u64,
}

const TARGETS: &[Target] = &[
    Target { name: "load", size: 8192, short: 200_000 },
    Target { name: "ask", size: 8192, short: 40_000 },
    Target { name: "round_trip", size: 8192, short: 150_000 },
    Target { name: "words", size: 400, short: 20_000 },
    Target { name: "records", size: 2048, short: 20_000 },
    Target { name: "file_contexts", size: 2048, short: 1_500 },
    Target { name: "module", size: 8192, short: 100_000 },
    Target { name: "package", size: 16384, short: 200_000 },
];

/// How the code is compiled so that libFuzzer sees where it goes and what it compares.
const COVERAGE: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// What is a finding besides a panic: a single allocation or a process beyond these sizes, and a run that takes a
/// thousand times as long as others do.
const LIMITS: &[&str] = &["-rss_limit_mb=1024", "-malloc_limit_mb=256", "-timeout=20"];

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted<'a> {
    targets: Vec<&'static Target>,
    length: Length<'a>,
}

#[derive(Debug, PartialEq, Eq)]
enum Length<'a> {
    Seconds(u64),
    Runs(u64),
    /// As many runs as the target makes in CI.
    Short,
    /// libFuzzer's own arguments.
    Arguments(&'a [String]),
}

pub(crate) fn run(args: &[String]) -> Outcome {
    let wanted = Wanted::parse(args)?;
    let left_out = packages::ensure(&[packages::FUZZING]);
    packages::settle(&left_out)?;
    if !left_out.is_empty() {
        return Err("libFuzzer cannot be built; the lines above say why".into());
    }
    fuzz(&wanted)
}

/// The step of continuous integration: returns what is left out on a machine without a C++ compiler.
pub(crate) fn run_short() -> Result<Vec<LeftOut>, String> {
    let left_out = packages::ensure(&[packages::FUZZING]);
    packages::settle(&left_out)?;
    if left_out.is_empty() {
        fuzz(&Wanted { targets: TARGETS.iter().collect(), length: Length::Short })?;
    }
    Ok(left_out)
}

fn fuzz(wanted: &Wanted<'_>) -> Outcome {
    let programs = build()?;
    let policies = seeds()?;
    for Target { name, size, short } in wanted.targets.iter().copied() {
        let artifacts = folder(&repository("fuzz/artifacts").join(name))?;
        let mut command = Command::new(programs.join(name));
        command.current_dir(paths::repository()).args(LIMITS);
        command.args([format!("-max_len={size}"), format!("-artifact_prefix={}/", artifacts.display())]);
        let outcome = match wanted.length {
            Length::Arguments(arguments) => run_command(command.args(arguments)),
            Length::Seconds(seconds) => {
                println!("fuzzing {name} for {seconds} s");
                command.args([format!("-max_total_time={seconds}"), "-print_final_stats=1".into()]);
                command.arg(folder(&repository("fuzz/corpus").join(name))?);
                run_command(command.args(starts(name, &policies)))
            }
            Length::Short => fixed_runs(name, *short, command, &policies),
            Length::Runs(runs) => fixed_runs(name, runs, command, &policies),
        };
        outcome.map_err(|why| {
            let artifacts = artifacts.display();
            format!("{why}\nhelp: what was found is in {artifacts}; `cargo xtask fuzz {name} -- FILE` tries it again")
        })?;
    }
    Ok(())
}

/// Makes a number of runs that depend on nothing but the code and the seeds: the corpus is a new folder.
fn fixed_runs(name: &str, runs: u64, mut command: Command, policies: &Path) -> Outcome {
    println!("fuzzing {name}: {runs} runs");
    let corpus = paths::target().join("fuzz/short").join(name);
    let log = corpus.with_extension("log");
    let _ = fs::remove_dir_all(&corpus).and(fs::remove_file(&log));
    command
        .args([format!("-runs={runs}"), "-seed=1".into()])
        .arg(folder(&corpus)?)
        .args(starts(name, policies));
    run_logged(&mut command, &log)
}

/// The folders of inputs that a target begins with.
fn starts(name: &str, policies: &Path) -> Vec<PathBuf> {
    match name {
        "words" => vec![repository("testdata/fuzz/words")],
        "records" => vec![repository("testdata/fuzz/audit")],
        "file_contexts" => vec![repository("testdata/fuzz/file_contexts")],
        "package" => vec![repository("testdata/fuzz/packages")],
        "module" => vec![repository("testdata/modules")],
        _ => vec![policies.to_owned(), repository("testdata/fuzz/policies")],
    }
}

/// Builds all targets; returns the folder of the programs.
fn build() -> Result<PathBuf, String> {
    let version =
        capture(Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not say its host")?;
    let target = paths::target().join("fuzz");
    run_command(
        cargo()
            .args(["build", "--quiet", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"])
            // Given, so that build scripts and macros, which run without libFuzzer, are compiled without this.
            .args(["--target", host])
            .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\x1f"))
            .env("CARGO_TARGET_DIR", &target),
    )?;
    Ok(target.join(host).join("release"))
}

/// A folder of the compiled policies of the test data, without their sources.
fn seeds() -> Result<PathBuf, String> {
    let seeds = folder(&paths::target().join("fuzz/seeds"))?;
    let policies = repository("testdata/policies");
    let problem = |error: std::io::Error| format!("cannot copy {}: {error}", policies.display());
    for entry in fs::read_dir(&policies).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        let is_policy = path
            .extension()
            .is_some_and(|extension| extension.as_encoded_bytes().iter().all(u8::is_ascii_digit));
        if let (true, Some(name)) = (is_policy, path.file_name()) {
            fs::copy(&path, seeds.join(name)).map_err(problem)?;
        }
    }
    Ok(seeds)
}

fn repository(path: &str) -> PathBuf {
    paths::repository().join(path)
}

/// The folder, made if it is not there.
fn folder(path: &Path) -> Result<PathBuf, String> {
    fs::create_dir_all(path).map_err(|error| format!("cannot make {}: {error}", path.display()))?;
    Ok(path.to_owned())
}

impl<'a> Wanted<'a> {
    fn parse(args: &'a [String]) -> Result<Self, String> {
        let mut wanted = Wanted { targets: Vec::new(), length: Length::Seconds(60) };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut number = || {
                let number = args.next().and_then(|number| number.parse().ok());
                number.ok_or_else(|| format!("`{arg}` needs a number"))
            };
            match arg.as_str() {
                "--seconds" => wanted.length = Length::Seconds(number()?),
                "--runs" => wanted.length = Length::Runs(number()?),
                "--short" => wanted.length = Length::Short,
                "--" => {
                    wanted.length = Length::Arguments(args.as_slice());
                    break;
                }
                name => match TARGETS.iter().find(|target| target.name == name) {
                    Some(target) => wanted.targets.push(target),
                    None => {
                        let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
                        return Err(format!(
                            "there is no target `{name}`\nhelp: there are {}",
                            known.join(", ")
                        ));
                    }
                },
            }
        }
        if wanted.targets.is_empty() {
            wanted.targets = TARGETS.iter().collect();
        }
        if matches!(wanted.length, Length::Arguments(_)) && wanted.targets.len() != 1 {
            return Err("libFuzzer's own arguments are for one target\nhelp: name it before `--`".into());
        }
        Ok(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::{Length, TARGETS, Wanted};

    #[test]
    fn the_command_line_is_read() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let none = words(&[]);
        let all = Wanted { targets: TARGETS.iter().collect(), length: Length::Seconds(60) };
        assert_eq!(Wanted::parse(&none), Ok(all));
        let runs = words(&["load", "--runs", "5"]);
        assert_eq!(Wanted::parse(&runs).map(|wanted| wanted.length), Ok(Length::Runs(5)));
        let own = words(&["load", "--", "-help=1", "--runs"]);
        assert_eq!(Wanted::parse(&own).map(|wanted| wanted.length), Ok(Length::Arguments(&own[2..])));
        for bad in [&["lod"][..], &["--runs"], &["--seconds", "soon"], &["--", "FILE"]] {
            assert!(Wanted::parse(&words(bad)).is_err(), "{bad:?}");
        }
    }
}
