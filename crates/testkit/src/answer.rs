//! What a tool answered: exit code, the bytes of standard output, and the last line of a usage error.

use sha2::{Digest, Sha256};
use std::process::{Command, Stdio};

/// Exit code of argparse's usage errors, the only ones that go to standard error.
const USAGE_ERROR: i32 = 2;

/// An answer as it is recorded and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The exit code; -1 when a signal ended the process.
    pub exit: i32,
    /// sha256 of standard output, in hexadecimal digits.
    pub sha256: String,
    /// The last line of standard error after a usage error, else empty. Its other lines are the usage text,
    /// which wraps with the width of the terminal.
    pub error: String,
}

/// An answer with what was printed.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The comparable part.
    pub answer: Answer,
    /// The bytes of standard output.
    pub stdout: Vec<u8>,
    /// The bytes of standard error.
    pub stderr: Vec<u8>,
}

/// Runs a command with no standard input.
///
/// # Errors
/// When it cannot be started.
pub fn ask(command: &mut Command) -> std::io::Result<Reply> {
    let output = command.stdin(Stdio::null()).output()?;
    let exit = output.status.code().unwrap_or(-1);
    let said = String::from_utf8_lossy(&output.stderr);
    let error =
        if exit == USAGE_ERROR { said.lines().last().unwrap_or_default().to_owned() } else { String::new() };
    let answer = Answer { exit, sha256: sha256(&output.stdout), error };
    Ok(Reply { answer, stdout: output.stdout, stderr: output.stderr })
}

/// sha256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Answer {
    /// True if nothing was printed on standard output.
    pub fn is_empty(&self) -> bool {
        self.sha256 == sha256(b"")
    }
}
