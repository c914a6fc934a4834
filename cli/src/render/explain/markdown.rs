//! Stories as Markdown: for issues, tickets and release notes.

use std::io;

use super::refusals::refusal_told;
use super::tell::{counted, told};
use super::told::{Command, RefusalTold, Told};
use super::unread::look_further;
use super::{IN_A_LINE, Stories, WHOLE};
use crate::render::Output;

/// Prints the stories.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn stories_as_markdown(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    if !stories.any() {
        let further: String = look_further(stories)
            .iter()
            .map(|(command, shows)| format!("- `{command}`: {}\n", escaped(shows)))
            .collect();
        let text =
            format!("{}\n\n**Look further**\n\n{further}\n", escaped(&super::unread::nothing(stories)));
        output.text(text.as_bytes())?;
    }
    let limit = stories.limit.unwrap_or(WHOLE);
    for (number, explained) in (1usize..).zip(stories.explained.iter().take(limit)) {
        let text = story(number, &told(stories, explained));
        output.text(text.as_bytes())?;
    }
    let limit_of_refusals = limit.saturating_sub(stories.explained.len());
    for refusal in stories.refusals.iter().take(limit_of_refusals) {
        output.text(refusal_text(&refusal_told(stories, refusal)).as_bytes())?;
    }
    let beyond = stories.beyond(limit);
    if !beyond.is_empty() {
        output.text(b"## More\n\n")?;
    }
    for (title, how_often) in beyond.iter().take(IN_A_LINE) {
        output.text(format!("- {}: {}\n", escaped(title), escaped(how_often)).as_bytes())?;
    }
    let more = beyond.len().saturating_sub(IN_A_LINE);
    if more > 0 {
        output.text(format!("- and {}\n", counted(more as u64, "story more", "stories more")).as_bytes())?;
    }
    for remark in super::unread::remarks(stories) {
        let help = remark.help.map_or_else(String::new, |help| format!("; {}", escaped(&help)));
        output.text(format!("- {}{help}\n", escaped(&remark.text)).as_bytes())?;
    }
    Ok(())
}

fn refusal_text(refusal: &RefusalTold) -> String {
    let mut text = format!("## {}\n\n{}\n\n", escaped(&refusal.title), escaped(&refusal.how_often));
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
    text.push('\n');
    text
}

fn story(number: usize, story: &Told) -> String {
    let mut text = format!("## {number}. {}\n\n{}\n\n", escaped(&story.title), escaped(&story.how_often));
    text.push_str(&format!("- process: {}\n", escaped(&story.process)));
    if let Some(command) = &story.command {
        text.push_str(&format!("- command: {}\n", escaped(command)));
    }
    text.push_str(&format!("- object: {}\n", escaped(&story.object)));
    for other in &story.also {
        let names: Vec<&str> = other.permissions.iter().map(|permission| permission.name.as_str()).collect();
        text.push_str(&format!(
            "- also {}: {} ({})\n",
            escaped(&other.class),
            escaped(&names.join(", ")),
            counted(other.count, "time", "times")
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
    for (i, find) in story.find.iter().enumerate() {
        let heading = if i == 0 { "\n**Which one it is on the host**\n\n" } else { "" };
        text.push_str(&format!("{heading}- {}\n", code(find)));
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
        if !compare.changes.is_empty() {
            text.push('\n');
        }
        for change in &compare.changes {
            text.push_str(&format!("- {}\n", escaped(change)));
        }
    }
    text.push('\n');
    text
}

/// A span of code; its fence is longer than any within.
fn code(text: &str) -> String {
    let mut fence = "`".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    if fence.len() == 1 { format!("`{text}`") } else { format!("{fence} {text} {fence}") }
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
