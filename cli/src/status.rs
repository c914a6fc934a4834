//! Exit codes, and how errors are shown.

use std::io::{self, Write};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// There are results.
    Found,
    /// There are none.
    NothingFound,
    /// The question could not be asked.
    CouldNotRun,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Found => 0,
            Status::NothingFound => 1,
            Status::CouldNotRun => 2,
        })
    }
}

/// Whether an error only says that the reader of our output has gone.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The error and its causes on one line, and the help that belongs to it on the lines after.
pub(crate) fn message(error: &anyhow::Error) -> String {
    let (mut lines, mut help) = (Vec::new(), Vec::new());
    for cause in error.chain() {
        let text = cause.to_string();
        let mut parts = text.split('\n');
        lines.extend(parts.next().map(str::to_owned));
        help.extend(parts.map(str::to_owned));
    }
    lines.dedup();
    std::iter::once(lines.join(": ")).chain(help).collect::<Vec<_>>().join("\n")
}

/// Tells the user of an error that does not end the program.
pub(crate) fn error(message: &str) {
    // If standard error is closed, nobody is left to tell.
    let _ = writeln!(io::stderr(), "error: {message}");
}

/// Tells the user something that is no error, on standard error.
pub(crate) fn note(text: &str) {
    // If standard error is closed, nobody is left to tell.
    let _ = writeln!(io::stderr(), "note: {text}");
}
