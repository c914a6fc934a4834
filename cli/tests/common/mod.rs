//! Running the program in tests.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The program, with an environment that does not depend on who runs the tests.
pub fn sepolq() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sepolq"));
    command.env_remove("SEPOLQ_POLICY").env_remove("NO_COLOR").env("LC_ALL", "C").env("COLUMNS", "100");
    command
}

/// What the program answers to some words.
pub fn answer(words: &[&str]) -> Answer {
    Answer::of(&sepolq().args(words).output().expect("the program runs"))
}

/// A file of the test data.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn testdata(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(path)
}

/// Exit code and streams as text.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Answer { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}
