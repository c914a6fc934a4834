//! SETools' answers by the thousand: `driver/setools_driver.py` loads a policy once and executes the code of the
//! installed script for each question.

use crate::Error;
use crate::answer::Answer;
use crate::policies::{Policy, repository};
use crate::reference::{Reference, Tool, in_fixed_environment};
use crate::vocabulary::Words;
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
    pub fn start(reference: &Reference, policy: &Policy) -> Result<Self, Error> {
        let mut command = python(policy);
        command.arg("answer").arg(reference.script()).arg(policy.file_name());
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
    /// When the driver ended, which means that the tool did something that is no answer.
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

/// Reads through SETools what questions to a tool about a policy are made of.
///
/// # Errors
/// When the policy is missing or SETools does not read it.
pub fn words(tool: Tool, policy: &Policy) -> Result<Words, Error> {
    policy.sha256()?;
    let mut command = python(policy);
    let output = command
        .arg("words")
        .arg(tool.name())
        .arg(policy.file_name())
        .output()
        .map_err(Error::file("/usr/bin/python3"))?;
    if !output.status.success() {
        return Err(broken(&String::from_utf8_lossy(&output.stderr)));
    }
    let words = match tool {
        Tool::Sediff => return Err(broken("sediff is asked about pairs of policies")),
        Tool::Sesearch => serde_json::from_slice(&output.stdout).map(Words::Rules),
        Tool::Seinfo => serde_json::from_slice(&output.stdout).map(Words::Declarations),
        Tool::Sedta => serde_json::from_slice(&output.stdout).map(Words::Transitions),
        Tool::Seinfoflow => serde_json::from_slice(&output.stdout).map(Words::Flows),
    };
    words.map_err(|error| broken(&error.to_string()))
}

fn python(policy: &Policy) -> Command {
    let driver = repository().join("crates/testkit/driver/setools_driver.py");
    let mut command = Command::new("/usr/bin/python3");
    in_fixed_environment(command.arg(driver).current_dir(policy.folder()));
    command
}

fn broken(why: &str) -> Error {
    Error::Reference(format!("the driver of SETools failed: {why}"))
}
