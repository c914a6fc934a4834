//! Stories on one screen each: what happened, every reason, what to do first, what not to do.

use std::io;

use super::refusals::refusal_told;
use super::tell::{counted, told};
use super::told::{Command, CommandKind, RefusalTold, Told};
use super::unread::look_further;
use super::{Explained, IN_A_LINE, Stories, WHOLE};
use crate::render::layout::{INDENT, begin, entry, paragraph, wrapped};
use crate::render::{Output, Style};

/// Types named of those that the object could have.
const COULD_BE_SHOWN: usize = 6;
/// Classes named of those that a story is about, too.
const ALSO_SHOWN: usize = 6;

/// Prints the first stories whole, the next ones in a line each, and counts the rest.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn stories_as_text(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    let limit = stories.limit.unwrap_or(WHOLE);
    let mut number = 0usize;
    let separate = |number: usize, output: &mut Output| {
        if number > 1 { output.text(b"\n") } else { Ok(()) }
    };
    for explained in stories.explained.iter().take(limit) {
        number = number.saturating_add(1);
        separate(number, output)?;
        story_as_text(stories, explained, number, output)?;
    }
    for refusal in stories.refusals.iter().take(limit.saturating_sub(number)) {
        number = number.saturating_add(1);
        separate(number, output)?;
        refusal_as_text(&refusal_told(stories, refusal), number, output)?;
    }
    let beyond = stories.beyond(limit);
    if !beyond.is_empty() {
        separate(number.saturating_add(1), output)?;
    }
    for (title, how_often) in beyond.iter().take(IN_A_LINE) {
        number = number.saturating_add(1);
        head(title, how_often, number, output)?;
    }
    let more = beyond.len().saturating_sub(IN_A_LINE);
    if more > 0 {
        let text = format!(
            "and {}: `--limit N` shows N whole, `--json` all",
            counted(more as u64, "story more", "stories more")
        );
        paragraph(&text, 0, Some(Style::Remark), output)?;
    }
    remarks(stories, output)
}

/// Prints one story.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn story_as_text<'p>(
    stories: &Stories<'_, 'p>,
    explained: &Explained<'p>,
    number: usize,
    output: &mut Output,
) -> io::Result<()> {
    let story = told(stories, explained);
    head(&story.title, &story.how_often, number, output)?;
    entry("process", &story.process, output)?;
    if let Some(command) = &story.command {
        entry("command", command, output)?;
    }
    entry("object", &story.object, output)?;
    for other in story.also.iter().take(ALSO_SHOWN) {
        let names: Vec<&str> = other.permissions.iter().map(|permission| permission.name.as_str()).collect();
        let times = counted(other.count, "time", "times");
        entry("also", &format!("{}: {}, {times}", other.class, names.join(", ")), output)?;
    }
    if story.also.len() > ALSO_SHOWN {
        let more = story.also.len().saturating_sub(ALSO_SHOWN);
        entry("", &format!("and {more} classes more"), output)?;
    }
    causes(&story, output)?;
    fixes(&story, output)?;
    for (warning, label) in [(false, "note"), (true, "do not")] {
        let mut label = label;
        for advice in story.advice.iter().filter(|advice| advice.warning == warning) {
            entry(label, &advice.text, output)?;
            label = "";
        }
    }
    if let Some(compare) = &story.compare {
        entry("compare", &compare.text, output)?;
        compare.changes.iter().try_for_each(|change| entry("", change, output))?;
    }
    Ok(())
}

/// Says that a story came up again.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn again_as_text(story: &audit::Story, number: usize, output: &mut Output) -> io::Result<()> {
    let times = counted(story.count, "time", "times");
    output.styled(
        Style::Remark,
        format!("{number}. again: {}, {times}\n", super::title::story_title(story)).as_bytes(),
    )
}

/// The title, and how often on the same line where there is room.
fn head(title: &str, how_often: &str, number: usize, output: &mut Output) -> io::Result<()> {
    let number = format!("{number}. ");
    output.styled(Style::Keyword, number.as_bytes())?;
    let length = number.len() + title.chars().count() + how_often.chars().count() + 4;
    if length <= output.width() {
        output.styled(Style::Keyword, title.as_bytes())?;
        return output.text(format!("    {how_often}\n").as_bytes());
    }
    wrapped(title, number.len(), Some(Style::Keyword), output)?;
    paragraph(how_often, number.len(), None, output)
}

fn causes(story: &Told, output: &mut Output) -> io::Result<()> {
    let mut label = "cause";
    let many = story.permissions.len() > 1;
    for cause in &story.causes {
        let permissions = match cause.permissions.as_slice() {
            some if many && !some.is_empty() => format!(" ({})", some.join(" ")),
            _ => String::new(),
        };
        for (i, line) in cause.text.iter().enumerate() {
            let text =
                if i == 0 { format!("{}{permissions}: {line}", cause.layer) } else { format!("  {line}") };
            entry(label, &text, output)?;
            label = "";
        }
    }
    Ok(())
}

fn fixes(story: &Told, output: &mut Output) -> io::Result<()> {
    let mut label = "do";
    let is_known = |cause: &super::told::CauseTold| !cause.id.starts_with("unknown");
    if story.fixes.is_empty()
        && story.causes.iter().any(|cause| is_known(cause) && !["allowed", "undefined"].contains(&cause.id))
    {
        entry(label, "no label, level, domain, boolean or rule is known to grant it", output)?;
        label = "";
    }
    for fix in &story.fixes {
        fix_title(label, &fix.title, fix.lasts, output)?;
        label = "";
        commands(&fix.commands, output)?;
        if !fix.cost.is_empty() {
            paragraph(&fix.cost, INDENT + 2, Some(Style::Remark), output)?;
        }
    }
    for (i, find) in story.find.iter().enumerate() {
        let before = if i == 0 { "which one it is on the host:" } else { "or:" };
        let length = INDENT + before.len() + 1 + find.chars().count();
        if length > output.width() && is_command(find) {
            entry(label, before, output)?;
            output.text(format!("{:INDENT$}  {find}\n", "").as_bytes())?;
        } else {
            entry(label, &format!("{before} {find}"), output)?;
        }
        label = "";
    }
    let shown = story.could_be.iter().take(COULD_BE_SHOWN);
    let names: Vec<String> = shown.map(|could| format!("{} ({})", could.r#type, could.others)).collect();
    if names.len() > 1 {
        let text = format!(
            "types with which it would be granted (and how many others may do that): {}",
            names.join(", ")
        );
        entry(label, &text, output)?;
    }
    Ok(())
}

fn commands(commands: &[Command], output: &mut Output) -> io::Result<()> {
    for command in commands {
        output.text(format!("{:INDENT$}  {}\n", "", command.text).as_bytes())?;
    }
    Ok(())
}

/// Whether what finds an object is a command, and no remark.
fn is_command(find: &str) -> bool {
    ["podman ", "find ", "findmnt "].iter().any(|start| find.starts_with(start))
}

fn refusal_as_text(refusal: &RefusalTold, number: usize, output: &mut Output) -> io::Result<()> {
    head(&refusal.title, &refusal.how_often, number, output)?;
    let mut label = "cause";
    for line in refusal.causes.iter().flat_map(|cause| &cause.text) {
        entry(label, line, output)?;
        label = "";
    }
    let mut label = "do";
    for fix in &refusal.fixes {
        entry(label, &fix.title, output)?;
        label = "";
        commands(&fix.commands, output)?;
    }
    if refusal.fixes.iter().any(|fix| fix.id == "nnp_transition") {
        return Ok(());
    }
    entry("do not", "audit2allow: no permission was denied, an allow rule changes nothing", output)
}

fn remarks(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    for remark in super::unread::remarks(stories) {
        paragraph(&remark.text, 0, Some(Style::Off), output)?;
        if let Some(record) = &remark.record {
            output.text(format!("   {record}\n").as_bytes())?;
        }
        if let Some(help) = &remark.help {
            paragraph(&format!("help: {help}"), 3, Some(Style::Remark), output)?;
        }
    }
    Ok(())
}

/// What to do, and how long it lasts: behind it where there is room.
fn fix_title(label: &str, title: &str, lasts: &str, output: &mut Output) -> io::Result<()> {
    begin(label, output)?;
    let lasts = format!("({lasts})");
    if INDENT + title.chars().count() + 2 + lasts.chars().count() > output.width() {
        wrapped(title, INDENT, Some(Style::Granted), output)?;
        return paragraph(&lasts, INDENT, Some(Style::Remark), output);
    }
    output.styled(Style::Granted, title.as_bytes())?;
    output.styled(Style::Remark, format!("  {lasts}").as_bytes())?;
    output.text(b"\n")
}

/// Prints the commands of the first fix of each story.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn commands_as_text(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    let comment = |text: &str, output: &mut Output| {
        // A comment ends where its line does.
        text.lines().try_for_each(|line| output.styled(Style::Remark, format!("# {line}\n").as_bytes()))
    };
    if !stories.any() {
        comment(&super::unread::nothing(stories), output)?;
        for (command, shows) in look_further(stories) {
            comment(&format!("{command}: {shows}"), output)?;
        }
    }
    let limit = stories.limit.unwrap_or(usize::MAX);
    for story in stories.explained.iter().take(limit).map(|explained| told(stories, explained)) {
        comment(&story.title, output)?;
        match story.fixes.first() {
            None => comment("nothing to do", output)?,
            Some(fix) => {
                comment(&format!("{} ({})", fix.title, fix.lasts), output)?;
                // Whoever pipes commands to a shell has not read what a rule opens.
                let prefix = if fix.id == "local_rule" { "# " } else { "" };
                shell_lines(&fix.commands, prefix, output)?;
            }
        }
    }
    let limit = limit.saturating_sub(stories.explained.len());
    for refusal in stories.refusals.iter().take(limit).map(|refusal| refusal_told(stories, refusal)) {
        comment(&refusal.title, output)?;
        if let Some(fix) = refusal.fixes.first() {
            comment(&fix.title, output)?;
            shell_lines(&fix.commands, "", output)?;
        }
    }
    for remark in super::unread::remarks(stories) {
        comment(&remark.text, output)?;
        if let Some(help) = &remark.help {
            comment(&format!("help: {help}"), output)?;
        }
    }
    Ok(())
}

/// Commands as a shell takes them, behind a prefix: options of another command are comments there.
fn shell_lines(commands: &[Command], prefix: &str, output: &mut Output) -> io::Result<()> {
    for command in commands {
        match command.kind {
            CommandKind::Shell => output.text(format!("{prefix}{}\n", command.text).as_bytes())?,
            CommandKind::ContainerOption => {
                output.text(format!("# start the container with: {}\n", command.text).as_bytes())?;
            }
        }
    }
    Ok(())
}

/// Says how to look further where no denial was found.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn nothing_found(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    paragraph(&super::unread::nothing(stories), 0, None, output)?;
    remarks(stories, output)?;
    output.text(b"look further:\n")?;
    let further = look_further(stories);
    let column = further.iter().map(|(command, _)| command.len()).max().unwrap_or_default() + 6;
    let is_wide = further.iter().all(|(_, shows)| column + shows.len() <= output.width());
    for (command, shows) in further {
        if is_wide {
            output.text(format!("{:column$}{shows}\n", format!("  {command}")).as_bytes())?;
        } else {
            output.text(format!("  {command}\n").as_bytes())?;
            paragraph(shows, 6, None, output)?;
        }
    }
    Ok(())
}
