//! sesearch's answers by the thousand: `driver/sesearch_driver.py` loads a policy once and executes the code of
//! the installed script for each question.

use crate::Error;
use crate::answer::Answer;
use crate::policies::{Policy, repository};
use crate::reference::{Sesearch, in_fixed_environment};
use crate::vocabulary::Vocabulary;
use serde::Deserialize;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// One line of the driver's output.
#[derive(Deserialize)]
struct Line {
    exit: i32,
    sha256: String,
    error: String,
}

/// A running driver, with one policy loaded.
pub struct Driver {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts a driver for a policy.
    ///
    /// # Errors
    /// When Python cannot be started.
    pub fn start(sesearch: &Sesearch, policy: &Policy) -> Result<Self, Error> {
        let mut command = python(policy);
        command.arg("answer").arg(sesearch.script()).arg(policy.file_name());
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::file("/usr/bin/python3"))?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Self { process, questions: Some(questions), answers: BufReader::new(answers) })
            }
            _ => Err(broken("it has no pipes")),
        }
    }

    /// Asks one question.
    ///
    /// # Errors
    /// When the driver ended, which means that sesearch did something that is no answer.
    pub fn ask(&mut self, arguments: &[String]) -> Result<Answer, Error> {
        let question = serde_json::to_string(arguments).map_err(|error| broken(&error.to_string()))?;
        let mut answer = String::new();
        let questions = self.questions.as_mut().ok_or_else(|| broken("it has ended"))?;
        writeln!(questions, "{question}").map_err(|_| broken(&format!("it ended before {question}")))?;
        self.answers.read_line(&mut answer).map_err(|error| broken(&error.to_string()))?;
        let line: Line =
            serde_json::from_str(&answer).map_err(|error| broken(&format!("on {question}: {error}")))?;
        Ok(Answer { exit: line.exit, sha256: line.sha256, error: line.error })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.questions.take());
        // Its input has ended, and so does it; nothing depends on how.
        let _ = self.process.wait();
    }
}

/// Reads a policy's vocabulary through SETools.
///
/// # Errors
/// When the policy is missing or SETools does not read it.
pub fn vocabulary(policy: &Policy) -> Result<Vocabulary, Error> {
    policy.sha256()?;
    let mut command = python(policy);
    let output = command
        .arg("vocabulary")
        .arg(policy.file_name())
        .output()
        .map_err(Error::file("/usr/bin/python3"))?;
    if !output.status.success() {
        return Err(broken(&String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| broken(&error.to_string()))
}

fn python(policy: &Policy) -> Command {
    let driver = repository().join("crates/testkit/driver/sesearch_driver.py");
    let mut command = Command::new("/usr/bin/python3");
    in_fixed_environment(command.arg(driver).current_dir(policy.folder()));
    command
}

fn broken(why: &str) -> Error {
    Error::Reference(format!("the sesearch driver failed: {why}"))
}
