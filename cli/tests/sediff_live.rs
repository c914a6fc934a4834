//! Pairs of random policies compared by the installed sediff and by sepolq in its place: equal bytes, but for what SETools leaves to
//! chance, and constraints that it takes for different by chance.
//!
//! Each day has its own pairs; `SEPOLQ_SEED` compares those of another day again. `cargo xtask oracle --tool sediff` compares more.

#[path = "common/setools.rs"]
#[allow(dead_code, reason = "each test file needs some of this")]
mod setools;

use std::path::Path;

use testkit::pairs::{NamedPolicy, ask_generated, ask_reference, ask_subject};
use testkit::reference::{Reference, Tool};
use testkit::{Error, generated, leave_out};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sepolq");

#[test]
fn generated_pairs_have_sediff_s_answers() -> Result<(), Error> {
    let Some(reference) = Reference::find(Tool::Sediff).inspect_err(leave_out).ok() else { return Ok(()) };
    if generated::compiler_is_missing() {
        leave_out(&Error::Reference("checkpolicy is not installed".to_owned()));
        return Ok(());
    }
    let seed = setools::seed();
    let differences = ask_generated(&reference, Path::new(PROGRAM), seed, 24)?;
    assert!(differences.is_empty(), "with SEPOLQ_SEED={seed}:\n{}", differences.join("\n"));
    Ok(())
}

/// Command lines that are no comparison, or one of something that is no policy.
const MISTAKES: &[&str] = &[
    "",
    "rich",
    "rich nosuch",
    "nosuch rich",
    "rich empty",
    "module rich",
    "rich rich rich",
    "-z rich rich",
    "--ty rich rich",
    "--s rich rich",
    "--al rich rich",
    "-c=3 rich rich",
    "--class=3 rich rich",
    "-Txy rich rich",
    "rich -c rich",
    "rich -- rich",
    "-- rich rich",
    "rich rich -- more",
    "rich -c -- rich",
    "rich rich -c --",
    "--version",
    "--version rich",
    "-ctb rich labels",
    "--stats rich labels",
    "--cat --sens rich-mls-24 labels",
    "it's rich",
];

#[test]
fn mistakes_have_sediff_s_messages() -> Result<(), Error> {
    let Some(reference) = Reference::find(Tool::Sediff).inspect_err(leave_out).ok() else { return Ok(()) };
    let folder = tempfile::tempdir().expect("a temporary directory");
    for name in ["rich", "rich-mls-24", "labels"] {
        NamedPolicy::named(name)?.put_into(folder.path())?;
    }
    std::fs::write(folder.path().join("empty"), "").expect("a file is written");
    // The magic number of a module, and no more.
    std::fs::write(folder.path().join("module"), 0xf97c_ff8f_u32.to_le_bytes()).expect("a file is written");
    for line in MISTAKES {
        let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let (expected, _) = ask_reference(&reference, folder.path(), &[], &words)?;
        let (found, _) = ask_subject(Path::new(PROGRAM), folder.path(), &[], &words)?;
        assert_eq!(found, expected, "sediff {line}");
    }
    Ok(())
}
