//! Comparisons of two policies: sediff and sepolq in its place, asked the same about the same pairs.
//!
//! [`ask_generated`] makes pairs of random policies and asks both programs; [`Pair`] names the pairs of real policies
//! whose answers are recorded ([`PairRecords`]), as sediff takes up to a minute for each.

mod chance;
mod recorded;
mod records;
mod texts;

use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::answer::{Answer, Reply, ask, sha256};
use crate::compare::in_threads;
use crate::generated::{compile_at, with_bounds};
use crate::random::Random;
use crate::reference::{Reference, in_fixed_environment};

pub use chance::without_chance;
pub use recorded::{NamedPolicy, PAIRS, Pair};
pub use records::{PairRecord, PairRecords};
pub use texts::pair_texts;

/// What selects sections, for random questions.
const OPTIONS: &[&str] = &[
    "--property",
    "--common",
    "-c",
    "-t",
    "-a",
    "-r",
    "-u",
    "-b",
    "--sensitivity",
    "--category",
    "--level",
    "-A",
    "--allow",
    "--neverallow",
    "--auditallow",
    "--dontaudit",
    "--allowxperm",
    "--neverallowxperm",
    "--auditallowxperm",
    "--dontauditxperm",
    "-T",
    "--type_change",
    "--type_member",
    "--role_allow",
    "--role_trans",
    "--range_trans",
    "--constrain",
    "--mlsconstrain",
    "--validatetrans",
    "--mlsvalidatetrans",
    "--ibendportcon",
    "--ibpkeycon",
    "--initialsid",
    "--fs_use",
    "--genfscon",
    "--netifcon",
    "--nodecon",
    "--portcon",
    "--default",
    "--polcap",
    "--typebounds",
    "--cla",
    "--typeb",
    "-ct",
    "--port",
];

/// The comparable part of an answer to such options.
fn comparable(reply: &Reply, options: &[String]) -> (Answer, Vec<u8>) {
    let selects = |option: &&String| *option != "--stats" && *option != "-v";
    let normal = without_chance(&reply.stdout, !options.iter().any(|option| selects(&option)));
    let answer = Answer { sha256: sha256(&normal), ..reply.answer.clone() };
    (answer, normal)
}

/// Asks sediff about two files of a folder; without files the options are the whole command line.
///
/// # Errors
/// When it cannot be started.
pub fn ask_reference(
    reference: &Reference,
    folder: &Path,
    files: &[String],
    options: &[String],
) -> Result<(Answer, Vec<u8>), Error> {
    let mut command = Command::new(reference.script());
    in_fixed_environment(command.args(options).args(files).current_dir(folder));
    let reply = ask(&mut command).map_err(Error::file(reference.script()))?;
    Ok(comparable(&reply, options))
}

/// Asks sepolq in sediff's place.
///
/// # Errors
/// When it cannot be started.
pub fn ask_subject(
    program: &Path,
    folder: &Path,
    files: &[String],
    options: &[String],
) -> Result<(Answer, Vec<u8>), Error> {
    let mut command = Command::new(program);
    in_fixed_environment(command.arg("sediff").args(options).args(files).current_dir(folder));
    let reply = ask(&mut command).map_err(Error::file(program))?;
    Ok(comparable(&reply, options))
}

/// Makes so many pairs of random policies and asks both programs about each; returns what was answered otherwise, in words.
/// Most are of version 33, others of two older ones; some have bounds of types, which no compiler writes so.
///
/// # Errors
/// When a program cannot be started, or the compiler refuses what it should take.
pub fn ask_generated(
    reference: &Reference,
    program: &Path,
    seed: u64,
    n_pairs: u64,
) -> Result<Vec<String>, Error> {
    let seeds: Vec<u64> =
        (0..n_pairs).map(|place| seed.wrapping_mul(1_000_003).wrapping_add(place)).collect();
    let differences = in_threads(&seeds, |&seed| {
        let mut random = Random::new(seed);
        let texts = pair_texts(&mut random);
        let folder = tempfile::tempdir().map_err(Error::file("a temporary folder"))?;
        let files = ["old".to_owned(), "new".to_owned()];
        for (text, file) in texts.iter().zip(&files) {
            let version =
                if random.chance(75) { 33 } else { 24 + u32::try_from(random.below(9)).unwrap_or(0) };
            let mut bytes = compile_at(version, &stated_in(version, text), folder.path())?;
            if random.chance(30) {
                bytes = with_bounds(&bytes, &mut random);
            }
            std::fs::write(folder.path().join(file), bytes).map_err(Error::file(folder.path()))?;
        }
        let options = options(&mut random);
        let expected = ask_reference(reference, folder.path(), &files, &options)?;
        let found = ask_subject(program, folder.path(), &files, &options)?;
        let differs = expected.0 != found.0;
        Ok(differs.then(|| {
            let options = options.join(" ");
            format!("pair {seed}, {options}:\n{}", first_difference(&expected, &found))
        }))
    })?;
    Ok(differences.into_iter().flatten().collect())
}

/// A text without what a version of the format cannot state.
fn stated_in(version: u32, text: &str) -> String {
    let cannot = |line: &&str| {
        let first = line.split(' ').next().unwrap_or_default();
        (version < 31 && first.starts_with("ib"))
            || (version < 32 && line.ends_with("glblub;"))
            || (version < 28 && first == "default_type")
            || (version < 27 && first.starts_with("default_"))
            || (version < 25 && first == "type_transition" && line.contains('"'))
    };
    text.lines().filter(|line| !cannot(line)).flat_map(|line| [line, "\n"]).collect()
}

/// Nothing, or a few sections, and sometimes counts only.
fn options(random: &mut Random) -> Vec<String> {
    let mut options = Vec::new();
    if random.chance(25) {
        options.extend(random.some(OPTIONS, 6).into_iter().map(str::to_owned));
    }
    if random.chance(10) && !options.iter().any(|option| option.contains("constrain")) && !options.is_empty()
    {
        options.push("--stats".to_owned());
    }
    options
}

fn first_difference(expected: &(Answer, Vec<u8>), found: &(Answer, Vec<u8>)) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (theirs, ours) = (text(&expected.1), text(&found.1));
    let differing = theirs.lines().zip(ours.lines()).find(|(theirs, ours)| theirs != ours);
    let (theirs, ours) = differing.unwrap_or(("(the same, or the end)", "(the same, or the end)"));
    format!("  exit {} and {}\n  - {theirs}\n  + {ours}", expected.0.exit, found.0.exit)
}
