//! What is open, for people: a table of primitives and domains, and behind it the rules that open them.
//!
//! A domain to which more than half is open is hardly confined, and is not listed primitive by primitive unless it is asked why.

use std::io;

use analysis::breakout::{Cell, DomainAnswer, Verdict};

use super::{BreakoutAnswer, tell};
use crate::render::layout::{entry, paragraph};
use crate::render::{Output, Style};

/// Columns of a cell, at least.
const CELL: usize = 8;

/// Open primitives of a domain that are listed whatever the others are.
const MANY: usize = 8;

/// Prints the answer.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn breakout_as_text(answer: &BreakoutAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let names: Vec<String> = answer.answers.iter().map(|domain| domain.domain.text(policy)).collect();
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or_default();
    let ids = longest(&mut answer.catalogue.primitives.iter().map(|primitive| primitive.id.chars().count()));
    let titles =
        longest(&mut answer.catalogue.primitives.iter().map(|primitive| primitive.title.chars().count()));
    let titles = titles.min(40);
    let cell = longest(&mut names.iter().map(|name| name.chars().count())).max(CELL);
    // As many domains beside each other as fit.
    let room = output.width().saturating_sub(ids + titles + 3);
    let columns = (room / (cell + 2)).max(1);
    for start in (0..names.len()).step_by(columns) {
        let end = (start + columns).min(names.len());
        table(answer, &names, start..end, (ids, titles, cell), output)?;
        output.text(b"\n")?;
    }
    summaries(answer, &names, output)?;
    details(answer, &names, output)
}

/// The rows, for some of the domains.
fn table(
    answer: &BreakoutAnswer<'_, '_>,
    names: &[String],
    columns: std::ops::Range<usize>,
    (ids, titles, width): (usize, usize, usize),
    output: &mut Output,
) -> io::Result<()> {
    let heads: Vec<String> = names[columns.clone()].iter().map(|name| format!("{name:<width$}")).collect();
    let head = format!("{:1$} {2}", "", ids + titles + 2, heads.join("  "));
    output.styled(Style::Remark, format!("{}\n", head.trim_end()).as_bytes())?;
    for (at, primitive) in answer.catalogue.primitives.iter().enumerate() {
        output.text(format!("{:<ids$}  ", primitive.id).as_bytes())?;
        output.styled(Style::Remark, format!("{:<titles$} ", primitive.title).as_bytes())?;
        let mut blanks = 0;
        for domain in &answer.answers[columns.clone()] {
            let cell = &domain.cells[at];
            let (word, style) = word(cell, answer.is_accepted(primitive, domain, cell));
            output.text(" ".repeat(blanks).as_bytes())?;
            output.styled(style, word.as_bytes())?;
            blanks = width + 2 - word.len();
        }
        output.text(b"\n")?;
    }
    Ok(())
}

/// What stands in a cell.
fn word(cell: &Cell<'_>, is_accepted: bool) -> (&'static str, Style) {
    match cell.verdict {
        _ if is_accepted => ("accepted", Style::Off),
        Verdict::Blocked => ("blocked", Style::Granted),
        Verdict::Open => ("open", Style::Denied),
        Verdict::CannotTell => ("?", Style::Off),
    }
}

/// How many are open to each domain, and what was filled in of it.
fn summaries(answer: &BreakoutAnswer<'_, '_>, names: &[String], output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    for (domain, name) in answer.answers.iter().zip(names) {
        let count = |verdict| answer.count(domain, verdict, false);
        let accepted =
            answer.count(domain, Verdict::Open, true) + answer.count(domain, Verdict::CannotTell, true);
        let mut text = format!(
            "{name}: {} open, {} blocked, {} cannot be told",
            count(Verdict::Open),
            count(Verdict::Blocked),
            count(Verdict::CannotTell)
        );
        if accepted > 0 {
            text.push_str(&format!(", {accepted} accepted"));
        }
        if domain.permissive {
            text.push_str("; it is permissive: nothing stops it");
        }
        let asked_as = domain.asked_as.text(policy);
        if asked_as != *name {
            text.push_str(&format!(" (asked as {asked_as})"));
        }
        paragraph(&text, 0, None, output)?;
    }
    Ok(())
}

/// Whether a domain is only summed up.
fn is_hardly_confined(domain: &DomainAnswer<'_>) -> bool {
    let open = domain.cells.iter().filter(|cell| cell.verdict == Verdict::Open).count();
    open >= MANY && open * 2 > domain.cells.len()
}

/// What is open, by which rules; what cannot be told; which booleans would open more.
fn details(answer: &BreakoutAnswer<'_, '_>, names: &[String], output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let summed_up: Vec<&str> = answer
        .answers
        .iter()
        .zip(names)
        .filter(|(domain, _)| is_hardly_confined(domain) && !answer.why)
        .map(|(_, name)| name.as_str())
        .collect();
    let (mut untold, mut switches): (Vec<(String, String)>, Vec<String>) = (Vec::new(), Vec::new());
    let mut meant: Option<&String> = None;
    for (primitive, domain, cell, is_accepted) in answer.cells() {
        let name = domain.domain.text(policy);
        if let Some(openers) = tell::openers(answer.store, cell) {
            switches.push(format!("{} to {name} {openers}", primitive.id));
        }
        let is_shown = cell.verdict == Verdict::Open && !summed_up.contains(&name.as_str()) && !is_accepted;
        if cell.verdict == Verdict::CannotTell && !answer.why {
            let reason = tell::untold(answer.store, cell);
            match untold.iter_mut().find(|(_, known)| *known == reason) {
                Some((ids, _)) if ids.split(", ").any(|id| id == primitive.id) => {}
                Some((ids, _)) => ids.push_str(&format!(", {}", primitive.id)),
                None => untold.push((primitive.id.clone(), reason)),
            }
        }
        if !is_shown && !answer.why {
            continue;
        }
        output.text(b"\n")?;
        let (word, style) = word(cell, is_accepted);
        let word = if cell.verdict == Verdict::CannotTell && !is_accepted { "cannot tell" } else { word };
        output.text(format!("{} ({}): ", primitive.id, primitive.reference).as_bytes())?;
        output.styled(style, word.as_bytes())?;
        output.text(format!(" to {name}\n").as_bytes())?;
        let mut before = "";
        for (label, text) in tell::cell(answer.store, primitive, cell) {
            entry(if label == before { "" } else { label }, &text, output)?;
            before = label;
        }
        // Once a primitive.
        if cell.verdict != Verdict::Blocked && meant != Some(&primitive.id) {
            entry("means", &primitive.meaning, output)?;
            meant = Some(&primitive.id);
        }
    }
    if !untold.is_empty() {
        output.text(b"\ncannot be told\n")?;
        for (ids, reason) in &untold {
            paragraph(&format!("{ids}: {reason}"), 3, None, output)?;
        }
    }
    if !switches.is_empty() && !answer.why {
        output.text(b"\nwould be opened\n")?;
        for text in &switches {
            paragraph(text, 3, None, output)?;
        }
    }
    if !summed_up.is_empty() {
        output.text(b"\n")?;
        let text = format!("{}: SELinux hardly confines it; --why has the rules", summed_up.join(", "));
        paragraph(&text, 0, None, output)?;
    }
    Ok(())
}
