//! Paths for people: for each sort the shortest, a line for each step and below it the rules.

use std::io;

use analysis::decide::Decider;
use analysis::reach::{NotFound, Path, SortAnswer};

use super::paths::{PathAnswer, Teller, ToldAccess, ToldHop, ToldWay};
use crate::render::layout::{paragraph, wrapped};
use crate::render::{Output, Style};

/// Rules of an access that are shown before the others are only counted.
const RULES_SHOWN: usize = 3;
/// Columns before a rule.
const INDENT: usize = 7;

/// Prints the answer.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn paths_as_text(answer: &PathAnswer<'_, '_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let ends = format!("{} to {}", answer.question.from.text(policy), answer.question.to.text(policy));
    for (at, sort) in answer.answers.iter().enumerate() {
        if at > 0 {
            output.text(b"\n")?;
        }
        of_sort(answer, sort, &ends, output)?;
    }
    let none = answer.answers.iter().all(|sort| sort.paths.is_err());
    let mut hints = Vec::new();
    if none && !answer.question.any_booleans && policy.n_booleans() > 0 {
        hints.push("`--booleans any` looks for a setting of the booleans that opens one");
    }
    if !answer.reversed && answer.answers.iter().any(|sort| sort.sort == analysis::reach::Sort::Flow) {
        hints.push("`--reverse` asks for the way back");
    }
    if none && !hints.is_empty() {
        output.text(b"\n")?;
        paragraph(&format!("{}.", hints.join("; ")), 0, Some(Style::Remark), output)?;
    }
    Ok(())
}

fn of_sort<'p>(
    answer: &PathAnswer<'_, '_, 'p>,
    sort: &SortAnswer<'p>,
    ends: &str,
    output: &mut Output,
) -> io::Result<()> {
    output.styled(Style::Keyword, sort.sort.name().as_bytes())?;
    let paths = match &sort.paths {
        Ok(paths) => paths,
        Err(error) => {
            let bounded = match sort.bounded {
                true => ", as far as was looked: the search for a setting of the booleans hit its bound",
                false => "",
            };
            let text = match error {
                NotFound::None => format!(": no path from {ends}{bounded}\n"),
                NotFound::WithinHops(1) => format!(": no path from {ends} in a single step{bounded}\n"),
                NotFound::WithinHops(hops) => {
                    format!(": no path from {ends} in {hops} steps or less{bounded}\n")
                }
            };
            return output.text(text.as_bytes());
        }
    };
    let steps = paths.paths.first().map_or(0, |path| path.hops.len());
    let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
    let count = match (answer.all, paths.paths.len(), paths.more) {
        (false, ..) => String::new(),
        (true, 1, false) => ", the only path of that length".to_owned(),
        (true, n, false) => format!(", {n} paths of that length"),
        (true, n, true) => format!(", the first {n} of the paths of that length (--limit)"),
    };
    output.text(format!(": from {ends} in {steps}{count}\n").as_bytes())?;
    if !sort.changes.is_empty() {
        let policy = answer.store.policy();
        let change = |(id, state): &(policydb::BoolId, bool)| {
            let name = policy.boolean(*id).map(|(name, _)| name.to_string()).unwrap_or_default();
            format!("{name}={}", if *state { "on" } else { "off" })
        };
        let changes: Vec<String> = sort.changes.iter().map(change).collect();
        paragraph(&format!("with {}", changes.join(", ")), 2, Some(Style::Off), output)?;
    }
    if sort.bounded {
        let text = "the search for a setting of the booleans hit its bound: there may be a shorter path";
        paragraph(text, 2, Some(Style::Remark), output)?;
    }
    let decider = Decider::new(answer.store, sort.circumstances.clone());
    let teller = Teller { decider: &decider, most_ways: 1 };
    let several = paths.paths.len() > 1;
    for (at, path) in paths.paths.iter().enumerate() {
        if several {
            output.styled(Style::Remark, format!("  path {}\n", at + 1).as_bytes())?;
        }
        print_path(path, &teller, output)?;
    }
    Ok(())
}

fn print_path<'p>(path: &Path<'p>, teller: &Teller<'_, '_, 'p>, output: &mut Output) -> io::Result<()> {
    for (at, hop) in path.hops.iter().enumerate() {
        let hop = teller.hop(hop);
        let Some(way) = hop.ways.first() else { continue };
        head(at + 1, &hop, way, output)?;
        for access in &way.accesses {
            print_access(access, output)?;
        }
        if let Some(rule) = &way.type_transition {
            output.text(" ".repeat(INDENT).as_bytes())?;
            wrapped(rule, INDENT, None, output)?;
        }
    }
    Ok(())
}

/// `  1  container_t writes to container_file_t        weight 10, and 3 other ways`
fn head(number: usize, hop: &ToldHop, way: &ToldWay, output: &mut Output) -> io::Result<()> {
    output.text(format!("  {number:>2} {} ", hop.from).as_bytes())?;
    output.styled(if way.certain { Style::Granted } else { Style::Off }, way.verb.as_bytes())?;
    output.text(format!(" {}", hop.to).as_bytes())?;
    let mut remarks = Vec::new();
    if !way.certain {
        remarks.push("depends".to_owned());
    }
    remarks.extend(way.weight.map(|weight| format!("weight {weight}")));
    match hop.n_ways.saturating_sub(1) {
        0 => {}
        1 => remarks.push("1 other way".to_owned()),
        n => remarks.push(format!("{n} other ways")),
    }
    if !remarks.is_empty() {
        output.styled(Style::Remark, format!("  ({})", remarks.join(", ")).as_bytes())?;
    }
    output.text(b"\n")
}

fn print_access(access: &ToldAccess, output: &mut Output) -> io::Result<()> {
    for rule in access.rules.iter().take(RULES_SHOWN) {
        output.text(" ".repeat(INDENT).as_bytes())?;
        wrapped(rule, INDENT, None, output)?;
    }
    if access.rules.len() > RULES_SHOWN {
        let text = format!("… and {} more rules", access.rules.len() - RULES_SHOWN);
        paragraph(&text, INDENT, Some(Style::Remark), output)?;
    }
    for condition in &access.granted_if {
        paragraph(&format!("granted if {condition}"), INDENT + 2, Some(Style::Off), output)?;
    }
    Ok(())
}
