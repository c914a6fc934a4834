//! Running the program in tests.

#![allow(dead_code, reason = "each test file needs some of this")]

pub(crate) mod commands;

use std::path::PathBuf;
use std::process::{Command, Output};

/// The program, with an environment that does not depend on who runs the tests.
pub(crate) fn sepolq() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sepolq"));
    command.env_remove("SEPOLQ_POLICY").env_remove("NO_COLOR").env("LC_ALL", "C").env("COLUMNS", "100");
    command
}

/// What the program answers to some words.
pub(crate) fn answer(words: &[&str]) -> Answer {
    Answer::of(&sepolq().args(words).output().expect("the program runs"))
}

/// The words of a command line as these pages write them: blanks between single quotes are kept.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in line.split('\'').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// A file of the test data.
pub(crate) fn testdata(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(path)
}

/// Exit code and streams as text.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Answer { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}
