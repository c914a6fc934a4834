//! What the SETools programs have in common: opening the policy, where errors go, how the program ends.
//! Source: `SELinuxPolicy` and the ends of the programs' scripts in SETools 4.4.1.
//!
//! Errors while answering go to standard output with status 1, usage errors to standard error with status 2; nothing
//! found is status 0.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use avstore::{Store, TypeSet};
use policydb::{OpenError, Policy, PolicyBytes, TypeId};

use super::argparse::{Parsed, Parser};
use super::python_int::repr;
use crate::policy_source;

/// The version that the drop-ins answer with.
const VERSION: &str = "4.4.1";
/// COMPAT(setools): how it ends when its output cannot be written. Its message is a traceback; ours says why.
const NOT_PRINTED: u8 = 1;
/// The newest kernel policy that SETools' libsepol reads; it stands in a message.
const NEWEST_POLICY: u32 = 33;

/// A SETools program, by its words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    /// Its name.
    pub(super) name: &'static str,
    /// What stands before usage errors and before the help.
    pub(super) usage: &'static str,
    /// The help.
    pub(super) help: &'static str,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// What SETools prints.
    Message(String),
    /// The command line makes no sense, which is noticed while answering.
    Usage(String),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Message(message)
    }
}

/// What was asked for beside the question.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// Tell on standard error what is being done.
    pub(super) verbose: bool,
    /// Failures are for whoever mends the program: they go to standard error.
    pub(super) debug: bool,
}

impl Manner {
    /// Tells what is being done, to who wants to know.
    pub(super) fn tell(self, text: &str) {
        if self.verbose {
            // If standard error is closed, nobody is left to tell.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }
}

impl Program {
    /// Reads the command line; help, version and usage errors end the program.
    ///
    /// # Errors
    /// How the program ends.
    pub(super) fn read<Id: Copy + PartialEq>(
        self,
        parser: &Parser<Id>,
        [help, version]: [Id; 2],
        arguments: &[OsString],
    ) -> Result<Parsed<Id>, ExitCode> {
        let arguments: Vec<String> = arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
        let parsed = parser
            .parse(&arguments, |id| id == help || id == version)
            .map_err(|message| self.usage_error(&message))?;
        match parsed.options.last() {
            Some((id, _)) if *id == help => return Err(print(&[self.usage, self.help].concat())),
            Some((id, _)) if *id == version => return Err(print(&format!("{VERSION}\n"))),
            _ => {}
        }
        if !parsed.unrecognized.is_empty() {
            let words = parsed.unrecognized.join(" ");
            return Err(self.usage_error(&format!("unrecognized arguments: {words}")));
        }
        Ok(parsed)
    }

    /// Ends the program because of its command line.
    pub(super) fn usage_error(self, message: &str) -> ExitCode {
        let _ = writeln!(io::stderr(), "{}{}: error: {message}", self.usage, self.name);
        ExitCode::from(2)
    }

    /// Answers: what was printed before a failure stays.
    pub(super) fn answer(
        self,
        manner: Manner,
        answer: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
    ) -> ExitCode {
        let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let status = match answer(&mut output) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(Failure::Message(message)) if manner.debug => {
                let _ = writeln!(io::stderr(), "{}: {message}", self.name);
                Ok(ExitCode::from(1))
            }
            Err(Failure::Message(message)) => writeln!(output, "{message}").map(|()| ExitCode::from(1)),
            Err(Failure::Usage(message)) => Ok(self.usage_error(&message)),
            Err(Failure::Output(error)) => Err(error),
        };
        status.and_then(|status| output.flush().map(|()| status)).unwrap_or_else(|error| unwritable(&error))
    }
}

/// Ends the program because its output cannot be written.
fn unwritable(error: &io::Error) -> ExitCode {
    if error.kind() == io::ErrorKind::BrokenPipe {
        // COMPAT(setools): a closed pipe kills the program by its signal.
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGPIPE);
    }
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(NOT_PRINTED)
}

fn print(text: &str) -> ExitCode {
    let mut output = io::stdout();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => unwritable(&error),
    }
}

/// An opened policy, not yet parsed.
pub(super) struct Opened {
    /// Its path, as it was named or found.
    pub(super) path: String,
    /// Its bytes.
    pub(super) bytes: PolicyBytes,
}

impl Opened {
    /// Reads the policy.
    ///
    /// # Errors
    /// SETools' message, which gives no reasons.
    pub(super) fn parse(&self, manner: Manner) -> Result<Policy<'_>, String> {
        let policy = Policy::parse(&self.bytes).map_err(|error| {
            if manner.debug {
                let _ = writeln!(io::stderr(), "{error}");
            }
            not_a_policy(&self.path)
        })?;
        manner.tell(&format!("Successfully opened SELinux policy \"{}\"", self.path));
        Ok(policy)
    }
}

/// Opens the policy that was named, or the first that the system has.
///
/// # Errors
/// SETools' message.
pub(super) fn open(named: Option<&str>, manner: Manner) -> Result<Opened, String> {
    let Some(path) = named else {
        manner.tell("Attempting to locate current running policy.");
        for path in policy_source::system_policies(Path::new("/")) {
            let shown = path.display().to_string();
            manner.tell(&format!("Opening SELinux policy \"{shown}\""));
            match PolicyBytes::open_installed(&path) {
                Ok(bytes) => return Ok(Opened { path: shown, bytes }),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(policy_not_opened(&shown, &error)),
            }
        }
        return Err("Unable to locate an SELinux policy to load.".to_owned());
    };
    manner.tell(&format!("Opening SELinux policy \"{path}\""));
    // COMPAT(setools): `-` is a file like others.
    let file = if path == "-" { "./-" } else { path };
    match PolicyBytes::open(Path::new(file)) {
        Ok(bytes) => Ok(Opened { path: path.to_owned(), bytes }),
        Err(error) => Err(policy_not_opened(path, &error)),
    }
}

fn is_missing(error: &OpenError) -> bool {
    error.io().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Why a policy cannot be opened.
fn policy_not_opened(path: &str, error: &OpenError) -> String {
    error.io().map_or_else(|| not_a_policy(path), |error| cannot_open(path, error))
}

/// The message of Python's OSError.
pub(super) fn cannot_open(path: &str, error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => {
            // Rust appends the number to the system's text.
            let text = error.to_string().replace(&format!(" (os error {number})"), "");
            format!("[Errno {number}] {text}: {}", repr(path))
        }
        None => error.to_string(),
    }
}

/// The type of a name or an alias; attributes are none.
///
/// # Errors
/// SETools' message.
pub(super) fn type_named(store: &Store<'_>, name: &str) -> Result<TypeId, String> {
    let found = store.policy().type_named(name.as_bytes()).filter(|&id| !store.is_attribute(id));
    found.ok_or_else(|| format!("{name} is not a valid type"))
}

/// The types that an analysis leaves out.
///
/// # Errors
/// SETools' message about the first that is none.
pub(super) fn excluded_types(store: &Store<'_>, names: &[String]) -> Result<TypeSet, String> {
    let mut excluded = store.empty_set();
    for name in names {
        excluded.insert(type_named(store, name)?);
    }
    Ok(excluded)
}

/// A number of steps that is at least one: no path has more than types.
pub(super) fn at_most(steps: i128) -> usize {
    usize::try_from(steps).unwrap_or(usize::MAX)
}

fn not_a_policy(path: &str) -> String {
    format!(
        "Invalid policy: {path}. A binary policy must be specified. (use e.g. policy.{NEWEST_POLICY} or sepolicy) \
         Source policies are not supported."
    )
}
