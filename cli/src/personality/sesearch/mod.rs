//! `sesearch`: rules as SETools 4.4.1 searches and prints them.
//! Source: `sesearch` of SETools 4.4.1 and the queries that it runs.
//!
//! Errors while searching go to standard output with status 1, usage errors to standard error with
//! status 2; nothing found is status 0.

mod options;
mod range_rules;
mod role_rules;
mod type_rules;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use analysis::query::{find, find_range_rules, find_role_rules, most_rules};
use avstore::{FileNames, Kind, Rule, StatementWriter, Store};
use policydb::{OpenError, Policy, PolicyBytes};

use self::options::{HELP, Id, PARSER, Question, USAGE, sort_out};
use super::conditional_text::conditional_text;
use super::python_int::repr;
use crate::policy_source;
use crate::render::{ConditionTexts, Lines};

/// The version that the drop-in answers with.
const VERSION: &str = "4.4.1";
/// The newest kernel policy that SETools' libsepol reads; it stands in a message.
const NEWEST_POLICY: u32 = 33;

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let arguments: Vec<String> = arguments.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let parsed = match PARSER.parse(&arguments, |id| matches!(id, Id::Help | Id::Version)) {
        Ok(parsed) => parsed,
        Err(message) => return usage_error(&message),
    };
    match parsed.options.last() {
        Some((Id::Help, _)) => return print(&[USAGE, HELP].concat()),
        Some((Id::Version, _)) => return print(&format!("{VERSION}\n")),
        _ => {}
    }
    if !parsed.unrecognized.is_empty() {
        return usage_error(&format!("unrecognized arguments: {}", parsed.unrecognized.join(" ")));
    }
    let question = sort_out(parsed.options);
    if !question.any_kind {
        return usage_error("At least one rule type must be specified.");
    }
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let status = match answer(&question, parsed.positional.as_deref(), &mut output) {
        Ok(()) => Ok(0),
        Err(Failure::Message(message)) => writeln!(output, "{message}").map(|()| 1),
        Err(Failure::Output(error)) => Err(error),
    };
    match status.and_then(|status| output.flush().map(|()| status)) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // COMPAT(setools): a closed pipe kills the program by its signal.
            let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGPIPE);
            ExitCode::from(1)
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "sesearch: {error}");
            ExitCode::from(1)
        }
    }
}

fn print(text: &str) -> ExitCode {
    ExitCode::from(u8::from(io::stdout().write_all(text.as_bytes()).is_err()))
}

fn usage_error(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{USAGE}sesearch: error: {message}");
    ExitCode::from(2)
}

/// Why there is no answer.
enum Failure {
    /// What SETools prints.
    Message(String),
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

/// Prints the rules of type enforcement, those about roles, and those about ranges: a criterion that fails
/// leaves what was printed before it.
fn answer(question: &Question, named: Option<&str>, output: &mut impl Write) -> Result<(), Failure> {
    let named = named.filter(|path| !path.is_empty());
    let tell = |text: &str| {
        if question.has(Id::Verbose) {
            // If standard error is closed, nobody is left to tell.
            let _ = writeln!(io::stderr(), "{text}");
        }
    };
    if let Some(path) = named {
        tell(&format!("Opening SELinux policy \"{path}\""));
    }
    let (path, bytes) = open(named)?;
    let policy = Policy::parse(&bytes).map_err(|_| not_a_policy(&path))?;
    tell(&format!("Successfully opened SELinux policy \"{path}\""));
    let store = Store::new(&policy);
    if question.any_type_kind {
        let present_name = |name: &str| match named {
            Some(_) => name.to_owned(),
            None => policy_source::present_boolean_name(Path::new("/"), name),
        };
        let criteria = type_rules::resolve(question, &store, &present_name)?;
        tell(&format!("Generating TE rule results from {path}"));
        let rules = find(&store, &criteria, most_rules(bytes.len())).map_err(|error| error.to_string())?;
        print_sorted(&store, rules, bytes.len(), output)?;
    }
    if question.has(Id::RoleAllow) || question.has(Id::RoleTransition) {
        let criteria = role_rules::resolve(question, &store)?;
        tell(&format!("Generating RBAC rule results from {path}"));
        print_sorted(&store, find_role_rules(&store, &criteria), bytes.len(), output)?;
    }
    if question.has(Id::RangeTransition) {
        let criteria = range_rules::resolve(question, &store)?;
        tell(&format!("Generating MLS rule results from {path}"));
        print_sorted(&store, find_range_rules(&store, &criteria), bytes.len(), output)?;
    }
    Ok(())
}

fn print_sorted(
    store: &Store<'_>,
    rules: Vec<Rule<'_>>,
    policy_size: usize,
    output: &mut impl Write,
) -> Result<(), Failure> {
    let mut conditions = ConditionTexts::new(store, conditional_text);
    let mut statements = StatementWriter::new(store, FileNames::Bare);
    let lines = Lines::sorted(store, rules, policy_size, |rule, out| {
        statements.write(rule, out);
        // COMPAT(setools): rules on extended permissions are printed without their condition.
        if !matches!(rule.kind(), Kind::Type(kind) if kind.has_xperms()) {
            conditions.write_suffix(rule, out);
        }
    })
    .map_err(|error| error.to_string())?;
    for (_, line) in lines.iter() {
        output.write_all(line)?;
        output.write_all(b"\n")?;
    }
    Ok(())
}

/// Opens the policy that was named, or the first that the system has.
fn open(policy: Option<&str>) -> Result<(String, PolicyBytes), String> {
    let Some(path) = policy else {
        for path in policy_source::system_policies(Path::new("/")) {
            match PolicyBytes::open(&path) {
                Ok(bytes) => return Ok((path.display().to_string(), bytes)),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(cannot_open(&path.display().to_string(), &error)),
            }
        }
        return Err("Unable to locate an SELinux policy to load.".to_owned());
    };
    // COMPAT(setools): `-` is a file like others.
    let file = if path == "-" { "./-" } else { path };
    match PolicyBytes::open(Path::new(file)) {
        Ok(bytes) => Ok((path.to_owned(), bytes)),
        Err(error) => Err(cannot_open(path, &error)),
    }
}

fn is_missing(error: &OpenError) -> bool {
    error.io().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The message of Python's OSError.
fn cannot_open(path: &str, error: &OpenError) -> String {
    match error.io().and_then(|error| Some((error.to_string(), error.raw_os_error()?))) {
        Some((text, number)) => {
            // Rust appends the number to the system's text.
            let text = text.replace(&format!(" (os error {number})"), "");
            format!("[Errno {number}] {text}: {}", repr(path))
        }
        None => not_a_policy(path),
    }
}

fn not_a_policy(path: &str) -> String {
    format!(
        "Invalid policy: {path}. A binary policy must be specified. (use e.g. policy.{NEWEST_POLICY} or sepolicy) \
         Source policies are not supported."
    )
}
