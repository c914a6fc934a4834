//! `sediff`: what changed from one policy to another, as SETools 4.4.1 compares and prints it.
//! Source: the script `sediff` of SETools 4.4.1 and its package `setools.diff`.
//!
//! Differences on purpose: what 4.4.1 prints in random order is sorted (permissions of modified rules, names in constraints);
//! constraints that it takes for different because of that order are not; policies before version 24, on which it crashes, are
//! answered, and names of any script do no harm.

mod access;
mod options;
mod report;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use analysis::diff::statements::{Comparison, Reading};
use avstore::{FileNames, Store};
use policydb::RuleKind;

use self::access::print_access;
use self::options::{HELP, Id, PARSER, Question, USAGE};
use self::report::{Report, Title};
use super::conditional_text::conditional_text;
use super::setools::{Failure, Program, open};

const PROGRAM: Program = Program { name: "sediff", usage: USAGE, help: HELP };

/// COMPAT(setools): what makes two statements the same.
const READING: Reading =
    Reading { condition_text: conditional_text, names: FileNames::Bare, sees_signs: false };

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let parsed = match PROGRAM.read(&PARSER, [Id::Help, Id::Version], arguments) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let question = Question::new(parsed.options, parsed.positionals);
    PROGRAM.answer(question.manner, |output| answer(&question, output))
}

/// Opens both policies before anything is compared, then prints section by section.
fn answer(question: &Question, output: &mut dyn Write) -> Result<(), Failure> {
    let manner = question.manner;
    let [old, new] = &question.policies;
    let old_opened = open(Some(old), manner)?;
    let old_policy = old_opened.parse(manner)?;
    let new_opened = open(Some(new), manner)?;
    let new_policy = new_opened.parse(manner)?;
    let (old, new) = (Store::new(&old_policy), Store::new(&new_policy));
    let comparison = Comparison::new(&old, &new, READING);
    let mut report = Report::new(output, question.stats);
    let wants = |id| question.wants(id);

    print_access(&comparison, RuleKind::Allow, Title::new("Allow Rules"), wants(Id::Allow), &mut report)?;
    let title = Title::new("Auditallow Rules");
    print_access(&comparison, RuleKind::AuditAllow, title, wants(Id::Auditallow), &mut report)?;
    let title = Title::new("Dontaudit Rules");
    print_access(&comparison, RuleKind::DontAudit, title, wants(Id::Dontaudit), &mut report)?;
    Ok(())
}
