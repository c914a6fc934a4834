//! libsepol as a judge of decisions: a small C program, compiled when a test needs it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// The compiled judge.
#[derive(Debug)]
pub struct Libsepol {
    program: PathBuf,
}

/// Questions in one process: libsepol looks contexts up one by one, so that many cost their square.
const AT_ONCE: usize = 2000;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/judges/libsepol_judge.c");

impl Libsepol {
    /// Compiles the judge into a folder.
    ///
    /// # Errors
    /// When there is no compiler, or no libsepol with headers.
    pub fn build(folder: &Path) -> Result<Self, Error> {
        let program = folder.join("libsepol_judge");
        // Only the static library has the functions that compute new labels.
        let output = Command::new("gcc")
            .args(["-O2", "-Wall", "-o"])
            .arg(&program)
            .args([SOURCE, "-l:libsepol.a"])
            .output()
            .map_err(|error| {
                Error::Reference(format!("cannot run gcc: {error}\nhelp: `cargo xtask test` installs it"))
            })?;
        if output.status.success() {
            return Ok(Libsepol { program });
        }
        let why = String::from_utf8_lossy(&output.stderr);
        Err(Error::Reference(format!("cannot compile the judge: {}", why.lines().next().unwrap_or_default())))
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The answers to questions, one line each; the form is described in the program's source.
    ///
    /// # Errors
    /// When the judge fails, or does not answer every question.
    pub fn ask(&self, policy: &Path, questions: &[String]) -> Result<Vec<String>, Error> {
        let mut answers = Vec::with_capacity(questions.len());
        for some in questions.chunks(AT_ONCE) {
            answers.extend(self.ask_some(policy, some)?);
        }
        Ok(answers)
    }

    fn ask_some(&self, policy: &Path, questions: &[String]) -> Result<Vec<String>, Error> {
        let cannot = |error: std::io::Error| Error::Reference(format!("cannot ask the judge: {error}"));
        let mut child = Command::new(&self.program)
            .arg(policy)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        let mut stdin =
            child.stdin.take().ok_or_else(|| Error::Reference("the judge has no input".into()))?;
        let text = questions.join("\n") + "\n";
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output().map_err(cannot)?;
        let written = writer.join().map_err(|_| Error::Reference("asking the judge failed".into()))?;
        written.map_err(cannot)?;
        let answers: Vec<String> =
            String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        if output.status.success() && answers.len() == questions.len() {
            Ok(answers)
        } else {
            Err(Error::Reference(format!(
                "the judge gave {} answers to {} questions",
                answers.len(),
                questions.len()
            )))
        }
    }
}
