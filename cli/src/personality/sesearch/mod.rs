//! `sesearch`: rules as SETools 4.4.1 searches and prints them.
//! Source: `sesearch` of SETools 4.4.1 and the queries that it runs.

mod options;
mod range_rules;
mod role_rules;
mod type_rules;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use analysis::query::{find, find_range_rules, find_role_rules, most_rules};
use avstore::{FileNames, Kind, Rule, StatementWriter, Store};

use self::options::{HELP, Id, PARSER, Question, USAGE, sort_out};
use super::conditional_text::conditional_text;
use super::setools::{Failure, Manner, Program, open};
use crate::policy_source;
use crate::render::{ConditionTexts, Lines};

const PROGRAM: Program = Program { name: "sesearch", usage: USAGE, help: HELP };

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let parsed = match PROGRAM.read(&PARSER, [Id::Help, Id::Version], arguments) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let question = sort_out(parsed.options);
    if !question.any_kind {
        return PROGRAM.usage_error("At least one rule type must be specified.");
    }
    let manner = Manner { verbose: question.has(Id::Verbose), debug: question.has(Id::Debug) };
    PROGRAM.answer(manner, |output| {
        answer(&question, parsed.positionals.first().map(String::as_str), manner, output)
    })
}

/// Prints the rules of type enforcement, those about roles, and those about ranges: a criterion that fails
/// leaves what was printed before it.
fn answer(
    question: &Question,
    named: Option<&str>,
    manner: Manner,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    let named = named.filter(|path| !path.is_empty());
    let opened = open(named, manner)?;
    let policy = opened.parse(manner)?;
    let (path, bytes) = (&opened.path, &opened.bytes);
    let tell = |text: &str| manner.tell(text);
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
    output: &mut dyn Write,
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
