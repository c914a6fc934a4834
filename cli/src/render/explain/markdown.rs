//! Stories as Markdown: for issues, tickets and release notes.

use std::io;

use super::Stories;
use super::refusals::refusal_told;
use super::tell::told;
use super::told::{Command, Told};
use crate::render::Output;

/// Prints the stories.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn stories_as_markdown(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    for (number, explained) in (1usize..).zip(&stories.explained) {
        let text = story(number, &told(stories.store, explained));
        output.text(text.as_bytes())?;
    }
    for refusal in stories.refusals.iter().map(|refusal| refusal_told(stories.store, refusal)) {
        let mut text = format!("## {}\n\n{} times\n\n", escaped(&refusal.title), refusal.count);
        text.push_str("**Causes**\n\n");
        for line in refusal.causes.iter().flat_map(|cause| &cause.text) {
            text.push_str(&format!("- {}\n", escaped(line)));
        }
        if !refusal.fixes.is_empty() {
            text.push_str("\n**What to do**\n\n");
        }
        for (i, fix) in (1usize..).zip(&refusal.fixes) {
            text.push_str(&format!("{i}. {}\n", escaped(&fix.title)));
            text.push_str(&commands(&fix.commands));
        }
        output.text(format!("{text}\n").as_bytes())?;
    }
    for unreadable in &stories.unread.unreadable {
        let line =
            format!("- line {}: {}\n", unreadable.lines.first, escaped(&unreadable.reason.to_string()));
        output.text(line.as_bytes())?;
    }
    Ok(())
}

fn story(number: usize, story: &Told) -> String {
    let mut text = format!("## {number}. {}\n\n{}\n\n", escaped(&story.title), escaped(&story.how_often));
    text.push_str(&format!("- process: {}\n", escaped(&story.process)));
    text.push_str(&format!("- object: {}\n", escaped(&story.object)));
    for other in &story.also {
        let names: Vec<&str> = other.permissions.iter().map(|permission| permission.name.as_str()).collect();
        text.push_str(&format!(
            "- also {}: {} ({} times)\n",
            escaped(&other.class),
            names.join(", "),
            other.count
        ));
    }
    text.push_str("\n**Causes**\n\n");
    for cause in &story.causes {
        let permissions = match cause.permissions.as_slice() {
            [] => String::new(),
            some => format!(" ({})", escaped(&some.join(" "))),
        };
        text.push_str(&format!("- **{}**{permissions}: {}\n", cause.layer, escaped(&cause.text.join("; "))));
    }
    if !story.fixes.is_empty() {
        text.push_str("\n**What to do, what opens up least first**\n\n");
    }
    for (i, fix) in (1usize..).zip(&story.fixes) {
        let cost = if fix.cost.is_empty() { String::new() } else { format!(": {}", escaped(&fix.cost)) };
        text.push_str(&format!("{i}. {} ({}){cost}\n", escaped(&fix.title), fix.lasts));
        text.push_str(&commands(&fix.commands));
    }
    for (warning, heading) in [(false, "Notes"), (true, "Do not")] {
        let mut of_kind = story.advice.iter().filter(|advice| advice.warning == warning).peekable();
        if of_kind.peek().is_some() {
            text.push_str(&format!("\n**{heading}**\n\n"));
        }
        for advice in of_kind {
            text.push_str(&format!("- {}\n", escaped(&advice.text)));
        }
    }
    if let Some(compare) = &story.compare {
        text.push_str(&format!("\n**Compared**: {}\n", escaped(&compare.text)));
    }
    text.push('\n');
    text
}

/// A block of code in a numbered list; its fence is longer than any within.
fn commands(commands: &[Command]) -> String {
    let lines: Vec<&str> = commands.iter().map(|command| command.text.as_str()).collect();
    let mut fence = "```".to_owned();
    while lines.iter().any(|line| line.contains(&fence)) {
        fence.push('`');
    }
    let body: String = lines.iter().map(|line| format!("   {line}\n")).collect();
    format!("\n   {fence}sh\n{body}   {fence}\n\n")
}

/// Text without Markdown of its own: names come from strangers.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\`*_[]<>|#!&~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
