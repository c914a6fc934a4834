//! `seinfo`: what a policy declares, as SETools 4.4.1 lists and prints it.
//! Source: the script `seinfo` of SETools 4.4.1 and the queries that it runs; what only 4.7 has is 4.7's.
//!
//! Differences on purpose: ranges of ports and keys are answered, where 4.4.1 fails by a fault of its own, and so are
//! queries about policies for Xen; sets of names in constraints are sorted, where 4.4.1 has them in random order.

mod alias_order;
mod constraint_text;
mod criterion;
mod listing;
mod options;
mod sections;
mod statements;
mod summary;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use analysis::query::most_text;
use avstore::Store;
use policydb::Platform;

pub(super) use self::constraint_text::write_constraint;
use self::criterion::Criterion;
use self::listing::Listing;
use self::options::{HELP, Id, PARSER, Question, USAGE};
use self::sections::{SECTIONS, Section, XEN_SECTIONS};
use self::statements::Statements;
use self::summary::print_summary;
use super::setools::{Failure, Program, open};
use crate::policy_source;

const PROGRAM: Program = Program { name: "seinfo", usage: USAGE, help: HELP };

/// Runs the program.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let parsed = match PROGRAM.read(&PARSER, [Id::Help, Id::Version], arguments) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let question = Question::new(parsed.options, parsed.positionals.into_iter().next());
    PROGRAM.answer(question.manner, |output| answer(&question, output))
}

/// Prints the statistics, if nothing or everything was asked, and the sections. All values are understood before
/// anything is printed.
fn answer(question: &Question, output: &mut dyn Write) -> Result<(), Failure> {
    let manner = question.manner;
    let opened = open(question.policy.as_deref(), manner)?;
    let policy = opened.parse(manner)?;
    let store = Store::new(&policy);
    let present_name = |name: &str| match question.policy {
        Some(_) => name.to_owned(),
        None => policy_source::present_boolean_name(Path::new("/"), name),
    };
    let of_platform: &[Section] = if policy.format().platform == Platform::Xen { &XEN_SECTIONS } else { &[] };
    let mut listed = Vec::new();
    for section in SECTIONS.iter().chain(of_platform) {
        if let Some(asked) = question.asked(section.id) {
            listed.push((section, Criterion::resolve(section.id, asked, &store, &present_name)?));
        }
    }
    if (listed.is_empty() || question.all) && !question.flat {
        print_summary(&store, &opened.path, output)?;
    }
    if listed.is_empty() {
        return Ok(());
    }
    let statements = Statements::new(&store);
    let most = most_text(opened.bytes.len());
    for (section, criterion) in listed {
        manner.tell(&format!("Generating {} results from {}", section.told, opened.path));
        let listing = Listing::new(&statements, section, &criterion, question.expand, most)?;
        listing.print(section.title, question.flat, output)?;
    }
    Ok(())
}
