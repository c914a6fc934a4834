//! libsepol as a judge of decisions, libselinux as a judge of file contexts: small C programs, compiled when a test
//! needs them.

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

const LIBSELINUX_SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/judges/libselinux_judge.c");

impl Libsepol {
    /// Compiles the judge into a folder.
    ///
    /// # Errors
    /// When there is no compiler, or no libsepol with headers.
    pub fn build(folder: &Path) -> Result<Self, Error> {
        let program = folder.join("libsepol_judge");
        // Only the static library has the functions that compute new labels.
        compile(SOURCE, &program, "-l:libsepol.a")?;
        Ok(Libsepol { program })
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
        ask(&self.program, policy, questions)
    }
}

/// The compiled judge of file contexts.
#[derive(Debug)]
pub struct Libselinux {
    program: PathBuf,
    /// The version of the library, as `3.4`.
    version: String,
}

impl Libselinux {
    /// Compiles the judge into a folder.
    ///
    /// # Errors
    /// When there is no compiler, or no libselinux with headers.
    pub fn build(folder: &Path) -> Result<Self, Error> {
        let program = folder.join("libselinux_judge");
        compile(LIBSELINUX_SOURCE, &program, "-lselinux")?;
        let output = Command::new("pkg-config").args(["--modversion", "libselinux"]).output();
        let output = output.map_err(|error| Error::Reference(format!("cannot run pkg-config: {error}")))?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match version.split_once('.') {
            Some(_) => Ok(Libselinux { program, version }),
            None => Err(Error::Reference("pkg-config does not know the version of libselinux".into())),
        }
    }

    /// Is the library so new that plain paths are compared as text: 3.8 and later.
    pub fn has_tree(&self) -> bool {
        let mut numbers = self.version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
        (numbers.next(), numbers.next()) >= (Some(3), Some(8))
    }

    /// The answers to look-ups in the file and its neighbours, one line each; the form is described in the program's
    /// source.
    ///
    /// # Errors
    /// When libselinux does not open the file, or does not answer every question.
    pub fn ask(&self, file: &Path, questions: &[String]) -> Result<Vec<String>, Error> {
        ask(&self.program, file, questions)
    }
}

/// Compiles a judge.
fn compile(source: &str, program: &Path, library: &str) -> Result<(), Error> {
    let output = Command::new("gcc")
        .args(["-O2", "-Wall", "-o"])
        .arg(program)
        .args([source, library])
        .output()
        .map_err(|error| {
            Error::Reference(format!("cannot run gcc: {error}\nhelp: `cargo xtask test` installs it"))
        })?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(Error::Reference(format!("cannot compile the judge: {}", why.lines().next().unwrap_or_default())))
}

/// Asks a judge, in one process.
fn ask(program: &Path, file: &Path, questions: &[String]) -> Result<Vec<String>, Error> {
    let cannot = |error: std::io::Error| Error::Reference(format!("cannot ask the judge: {error}"));
    let mut child = Command::new(program)
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let mut stdin = child.stdin.take().ok_or_else(|| Error::Reference("the judge has no input".into()))?;
    let text = questions.join("\n") + "\n";
    // A judge that refuses the file reads nothing; what it says then is its exit code.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(cannot)?;
    let _ = writer.join().map_err(|_| Error::Reference("asking the judge failed".into()))?;
    let answers: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
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
