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

/// What is said of an answer out of a policy that somebody wrote to meanwhile.
pub(crate) const POLICY_CHANGED: &str = "the policy file was written to while it was being read: what was printed may mix the old one and the new one\nhelp: run the command again; who writes it should rename a new file over it";

/// Makes a fault that comes of such a policy end the program as that error, and not as a fault of the program.
pub(crate) fn explain_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if policydb::changed_while_mapped() {
            error(POLICY_CHANGED);
            std::process::exit(2);
        }
        report(panic);
    }));
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
