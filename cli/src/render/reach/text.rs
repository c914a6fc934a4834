//! What domains reach, for people: counts first, and the first few names; lists where they are asked for; for several domains a
//! column each.

use std::collections::BTreeSet;
use std::io;

use analysis::reach::{GROUPS, SORTS, Through};
use avstore::TypeSet;

use super::{ReachAnswer, all_names, names, through_title};
use crate::render::layout::filled;
use crate::render::{Output, Style};

/// Columns of the titles of groups.
const TITLE: usize = 24;
/// Columns of a count.
const COUNT: usize = 6;

/// Prints the answer.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn reach_as_text(answer: &ReachAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    match answer.reaches.as_slice() {
        [_] => one(answer, output),
        _ => side_by_side(answer, output),
    }
}

/// The headings, once each.
fn heading(name: &'static str, before: &mut &'static str, output: &mut Output) -> io::Result<()> {
    if *before != name {
        output.styled(Style::Keyword, format!("{name}\n").as_bytes())?;
        *before = name;
    }
    Ok(())
}

fn one(answer: &ReachAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let mut before = "";
    for reach in &answer.reaches {
        for (at, (group, found)) in GROUPS.iter().zip(&reach.groups).enumerate() {
            let (count, depends) = found.count();
            heading(group.heading.name(), &mut before, output)?;
            output.text(format!("  {:<TITLE$}{count:>COUNT$}", group.title).as_bytes())?;
            let (granted, by_level) = names(answer.store, found);
            let all = answer.listed.contains(&at);
            let mut text = granted.join(" ");
            if depends > 0 {
                let separator = if text.is_empty() { "" } else { "  " };
                text.push_str(&format!("{separator}if levels allow: {}", by_level.join(" ")));
            }
            list(&text, all, output)?;
        }
    }
    for through in answer.through.iter().flatten() {
        heading("through others", &mut before, output)?;
        let count = through.at_once.len() + through.through_others.len();
        output.text(format!("  {:<TITLE$}{count:>COUNT$}", through_title(through.sort)).as_bytes())?;
        let steps = match through.farthest {
            0 => String::new(),
            1 => "   all in a single step".to_owned(),
            steps => format!("   {} in a single step, all in {steps}", through.at_once.len()),
        };
        output.styled(Style::Remark, steps.as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

/// Names behind a count: all of them, or as many as fit in the line.
fn list(text: &str, all: bool, output: &mut Output) -> io::Result<()> {
    const INDENT: usize = 2 + TITLE + COUNT + 3;
    if text.is_empty() {
        return output.text(b"\n");
    }
    let lines = filled(text, INDENT, output.width());
    let shown = if all { lines.len() } else { 1 };
    for (i, line) in lines.iter().take(shown).enumerate() {
        let indent = if i == 0 { 3 } else { INDENT };
        output.text(" ".repeat(indent).as_bytes())?;
        let more = if i.saturating_add(1) == shown && shown < lines.len() { " …" } else { "" };
        output.styled(Style::Remark, format!("{line}{more}").as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

/// A column for each domain; of two also what only one of them reaches.
fn side_by_side(answer: &ReachAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    let domains: Vec<String> = answer.reaches.iter().map(|reach| reach.source.text(policy)).collect();
    let width = domains.iter().map(|name| name.chars().count()).max().unwrap_or_default().max(COUNT);
    let is_pair = domains.len() == 2;
    let mut columns: Vec<String> = domains.iter().map(|name| format!("{name:>width$}")).collect();
    if is_pair {
        columns.extend(["both", "only first", "only second", "ratio"].map(|name| format!("{name:>11}")));
    }
    output.styled(Style::Remark, format!("  {:<TITLE$}{}\n", "", columns.join("  ")).as_bytes())?;
    let mut before = "";
    for (at, group) in GROUPS.iter().enumerate() {
        let found: Vec<_> = answer.reaches.iter().filter_map(|reach| reach.groups.get(at)).collect();
        let sets: Vec<BTreeSet<String>> =
            found.iter().map(|group| all_names(answer.store, group).into_iter().collect()).collect();
        heading(group.heading.name(), &mut before, output)?;
        let mut cells: Vec<String> = sets.iter().map(|set| format!("{:>width$}", set.len())).collect();
        if let ([first, second], true) = (sets.as_slice(), is_pair) {
            let both = first.intersection(second).count();
            for count in [both, first.len().saturating_sub(both), second.len().saturating_sub(both)] {
                cells.push(format!("{count:>11}"));
            }
            cells.push(format!("{:>11}", ratio(first.len(), second.len())));
        }
        output.text(format!("  {:<TITLE$}{}\n", group.title, cells.join("  ")).as_bytes())?;
        if answer.listed.contains(&at) {
            only(&domains, &sets, output)?;
        }
    }
    for (at, sort) in SORTS.iter().enumerate() {
        heading("through others", &mut before, output)?;
        let sets: Vec<TypeSet> =
            answer.through.iter().filter_map(|through| through.get(at)).map(reached).collect();
        let mut cells: Vec<String> = sets.iter().map(|set| format!("{:>width$}", set.len())).collect();
        if let ([first, second], true) = (sets.as_slice(), is_pair) {
            let mut both = first.clone();
            both.intersect(second);
            let both = both.len();
            for count in [both, first.len().saturating_sub(both), second.len().saturating_sub(both)] {
                cells.push(format!("{count:>11}"));
            }
            cells.push(format!("{:>11}", ratio(first.len(), second.len())));
        }
        output.text(format!("  {:<TITLE$}{}\n", through_title(*sort), cells.join("  ")).as_bytes())?;
    }
    Ok(())
}

/// All that chains of steps lead to.
fn reached(through: &Through) -> TypeSet {
    let mut all = through.at_once.clone();
    all.unite(&through.through_others);
    all
}

/// How many times as many, in a few characters.
fn ratio(first: usize, second: usize) -> String {
    match (first, second) {
        (0, 0) => "-".to_owned(),
        (0, _) => "none".to_owned(),
        (_, 0) => "all".to_owned(),
        (first, second) => {
            let percent = first.saturating_mul(100).checked_div(second).unwrap_or_default();
            format!("{percent} %")
        }
    }
}

/// What all reach, and what each reaches that not all do.
fn only(domains: &[String], sets: &[BTreeSet<String>], output: &mut Output) -> io::Result<()> {
    let mut all: Option<BTreeSet<String>> = None;
    for set in sets {
        all = Some(match all {
            None => set.clone(),
            Some(all) => all.intersection(set).cloned().collect(),
        });
    }
    let all = all.unwrap_or_default();
    let of_all = ("all".to_owned(), all.iter().cloned().collect::<Vec<String>>());
    let of_each = domains.iter().zip(sets).map(|(domain, set)| {
        (format!("only {domain}"), set.difference(&all).cloned().collect::<Vec<String>>())
    });
    for (title, names) in std::iter::once(of_all).chain(of_each) {
        if names.is_empty() {
            continue;
        }
        let text = format!("{title}: {}", names.join(" "));
        for (i, line) in filled(&text, 6, output.width()).iter().enumerate() {
            output.text(if i == 0 { b"    " } else { b"      " })?;
            output.styled(Style::Remark, line.as_bytes())?;
            output.text(b"\n")?;
        }
    }
    Ok(())
}
