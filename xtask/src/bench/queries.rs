//! Whole processes: the same question to `sepolq sesearch` and to sesearch, beside `cat` and `sha256sum` of the
//! policy, which bound what any program that reads the file could do.

use super::report::{Row, Side};
use super::timing::{alone, in_turn, peak_memory};
use crate::paths;
use crate::process::{shown, system};
use std::path::Path;
use std::process::Command;

/// Rounds of quick commands, and of those that take seconds.
const MANY: usize = 101;
const FEW: usize = 5;

/// All rows about one policy.
pub(super) fn measure(file: &Path, narrow: &[&str]) -> Result<Vec<Row>, String> {
    let mut rows = vec![beside_sesearch("narrow allow query, cold process", file, narrow)?];
    rows.extend(beside_reading(file, narrow)?);
    rows.push(beside_sesearch("all allow rules", file, &["--allow"])?);
    rows.push(beside_sesearch("all type transitions", file, &["-T"])?);
    Ok(rows)
}

/// One question to both programs; their answers must be equal, and not empty.
fn beside_sesearch(name: &str, file: &Path, question: &[&str]) -> Result<Row, String> {
    println!("measuring: {name} on {}", file.display());
    let (mut ours, mut theirs) = (sepolq(file, question), sesearch(file, question));
    let lines = equal_answers(&mut ours, &mut theirs)?;
    // Not in turn: between two of ours, sesearch would keep the machine busy for a second.
    let (our_memory, their_memory) = (peak_memory(&ours)?, peak_memory(&theirs)?);
    let our_times = alone(ours, MANY)?;
    let their_times = alone(theirs, FEW)?;
    Ok(Row {
        work: format!("{name} ({lines} lines)"),
        ours: Side::new("sepolq", our_times, Some(our_memory)),
        theirs: Side::new("sesearch", their_times, Some(their_memory)),
    })
}

/// The narrow question in turn with reading the file, hashing it, and starting a process that does nothing.
fn beside_reading(file: &Path, narrow: &[&str]) -> Result<Vec<Row>, String> {
    let with_file = |name: &str| {
        let mut command = system(name);
        command.arg(file);
        command
    };
    let mut commands = [sepolq(file, narrow), with_file("cat"), with_file("sha256sum"), system("true")];
    let mut times = in_turn(&mut commands, MANY)?.into_iter();
    let Some(ours) = times.next() else { return Ok(Vec::new()) };
    let names = ["`cat FILE`", "`sha256sum FILE`", "`true`"];
    let rows = names.into_iter().zip(times).map(|(name, theirs)| Row {
        work: "narrow allow query, cold process".into(),
        ours: Side::new("sepolq", ours.clone(), None),
        theirs: Side::new(name, theirs, None),
    });
    Ok(rows.collect())
}

fn sepolq(file: &Path, question: &[&str]) -> Command {
    let mut command = Command::new(paths::release_program());
    command.arg("sesearch").args(question).arg(file);
    command
}

fn sesearch(file: &Path, question: &[&str]) -> Command {
    let mut command = system("sesearch");
    command.args(question).arg(file);
    command
}

/// Runs both, compares their bytes, and returns how many lines they printed.
fn equal_answers(ours: &mut Command, theirs: &mut Command) -> Result<usize, String> {
    let answer = |command: &mut Command| {
        let output = command.output().map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
        let failed = !output.status.success() || output.stdout.is_empty();
        if failed { Err(format!("{} has no answer", shown(command))) } else { Ok(output.stdout) }
    };
    let (found, expected) = (answer(ours)?, answer(theirs)?);
    if found != expected {
        return Err(format!(
            "{} and {} answer differently, so no times are compared",
            shown(ours),
            shown(theirs)
        ));
    }
    Ok(found.iter().filter(|byte| **byte == b'\n').count())
}
