//! Stories on one screen each: what happened, every reason, what to do first, what not to do.

use std::io;

use super::refusals::refusal_told;
use super::tell::{counted, told};
use super::told::{Command, CommandKind, RefusalTold, Told};
use super::{Explained, Stories};
use crate::render::{Output, Style};

/// Columns before the text of an entry.
const INDENT: usize = 12;
/// Types named of those that the object could have.
const COULD_BE_SHOWN: usize = 6;
/// Classes named of those that a story is about, too.
const ALSO_SHOWN: usize = 6;

/// Prints the stories.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn stories_as_text(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    let mut number = 0usize;
    for explained in &stories.explained {
        number = number.saturating_add(1);
        if number > 1 {
            output.text(b"\n")?;
        }
        story_as_text(stories, explained, number, output)?;
    }
    for refusal in stories.refusals.iter().map(|refusal| refusal_told(stories.store, refusal)) {
        number = number.saturating_add(1);
        if number > 1 {
            output.text(b"\n")?;
        }
        refusal_as_text(&refusal, number, output)?;
    }
    unread(stories, output)
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
    let story = told(stories.store, explained);
    head(&story, number, output)?;
    entry("process", &story.process, output)?;
    let in_container = explained.answer.as_ref().is_ok_and(|answer| !answer.sees_host_paths);
    let has_path = explained.story.examples.iter().any(|example| example.field == audit::Field::Path);
    let namespace = if in_container && has_path { " (the path is inside the container)" } else { "" };
    entry("object", &format!("{}{namespace}", story.object), output)?;
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
        format!("{number}. again: {}, {times}\n", super::title::title(story)).as_bytes(),
    )
}

/// The title, and how often on the same line where there is room.
fn head(story: &Told, number: usize, output: &mut Output) -> io::Result<()> {
    let number = format!("{number}. ");
    output.styled(Style::Keyword, number.as_bytes())?;
    let length = number.len() + story.title.chars().count() + story.how_often.chars().count() + 4;
    output.styled(Style::Keyword, story.title.as_bytes())?;
    if length <= output.width() {
        output.text(format!("    {}\n", story.how_often).as_bytes())
    } else {
        output.text(format!("\n   {}\n", story.how_often).as_bytes())
    }
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
        entry_styled(
            label,
            &[(Style::Granted, &fix.title), (Style::Remark, &format!("  ({})", fix.lasts))],
            output,
        )?;
        label = "";
        commands(&fix.commands, output)?;
        if !fix.cost.is_empty() {
            paragraph(&fix.cost, INDENT + 2, Some(Style::Remark), output)?;
        }
    }
    for (i, find) in story.find.iter().enumerate() {
        let text =
            if i == 0 { format!("which one it is on the host: {find}") } else { format!("or: {find}") };
        entry(label, &text, output)?;
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

fn refusal_as_text(refusal: &RefusalTold, number: usize, output: &mut Output) -> io::Result<()> {
    output.styled(Style::Keyword, format!("{number}. {}", refusal.title).as_bytes())?;
    let times = if refusal.count == 1 { "once".to_owned() } else { format!("{} times", refusal.count) };
    output.text(format!("    {times}\n").as_bytes())?;
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

fn unread(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    let unread = &stories.unread;
    for unreadable in &unread.unreadable {
        let line = format!("line {}: {}: {}\n", unreadable.lines.first, unreadable.reason, unreadable.start);
        output.styled(Style::Off, line.as_bytes())?;
    }
    let more = unread.counts.unreadable.saturating_sub(unread.unreadable.len() as u64);
    for (count, what) in [
        (more, "more that look like denials cannot be read"),
        (stories.overflow, "denials of further kinds were left out: ask a part of the log"),
        (unread.counts.cut, "lines were cut, they are longer than 1 MiB"),
    ] {
        if count > 0 {
            output.styled(Style::Off, format!("{count} {what}\n").as_bytes())?;
        }
    }
    Ok(())
}

pub(crate) fn entry(label: &str, text: &str, output: &mut Output) -> io::Result<()> {
    output.text(b"   ")?;
    output.styled(Style::Remark, format!("{label:<8}").as_bytes())?;
    output.text(b" ")?;
    // A line that is part of the one before keeps its indent where it goes on.
    let indent = INDENT + text.len() - text.trim_start().len();
    wrapped(text, indent, None, output)
}

pub(crate) fn entry_styled(label: &str, parts: &[(Style, &str)], output: &mut Output) -> io::Result<()> {
    output.text(b"   ")?;
    output.styled(Style::Remark, format!("{label:<8}").as_bytes())?;
    output.text(b" ")?;
    for (style, text) in parts {
        output.styled(*style, text.as_bytes())?;
    }
    output.text(b"\n")
}

/// Text that stands alone, indented.
pub(crate) fn paragraph(
    text: &str,
    indent: usize,
    style: Option<Style>,
    output: &mut Output,
) -> io::Result<()> {
    output.text(" ".repeat(indent).as_bytes())?;
    wrapped(text, indent, style, output)
}

/// Text that goes on in the next line, indented, where the terminal is too narrow; no word is broken.
pub(crate) fn wrapped(
    text: &str,
    indent: usize,
    style: Option<Style>,
    output: &mut Output,
) -> io::Result<()> {
    let width = output.width().max(indent + 20);
    let mut column = indent;
    let mut line = text.get(..text.len() - text.trim_start().len()).unwrap_or_default().to_owned();
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !line.trim().is_empty() && column + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            column = indent;
        }
        if !line.trim().is_empty() {
            line.push(' ');
            column += 1;
        }
        line.push_str(word);
        column += length;
    }
    lines.push(line);
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            output.text(" ".repeat(indent).as_bytes())?;
        }
        match style {
            Some(style) => output.styled(style, line.as_bytes())?,
            None => output.text(line.as_bytes())?,
        }
        output.text(b"\n")?;
    }
    Ok(())
}

/// Prints the commands of the first fix of each story.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn commands_as_text(stories: &Stories<'_, '_>, output: &mut Output) -> io::Result<()> {
    for story in stories.explained.iter().map(|explained| told(stories.store, explained)) {
        output.styled(Style::Remark, format!("# {}\n", story.title).as_bytes())?;
        match story.fixes.first() {
            None => output.text(b"# nothing to do\n")?,
            Some(fix) => {
                output.styled(Style::Remark, format!("# {} ({})\n", fix.title, fix.lasts).as_bytes())?;
                // Whoever pipes commands to a shell has not read what a rule opens.
                let prefix = if fix.id == "local_rule" { "# " } else { "" };
                shell_lines(&fix.commands, prefix, output)?;
            }
        }
    }
    for refusal in stories.refusals.iter().map(|refusal| refusal_told(stories.store, refusal)) {
        output.styled(Style::Remark, format!("# {}\n", refusal.title).as_bytes())?;
        if let Some(fix) = refusal.fixes.first() {
            output.styled(Style::Remark, format!("# {}\n", fix.title).as_bytes())?;
            shell_lines(&fix.commands, "", output)?;
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
    let read = counted(stories.unread.counts.lines, "line", "lines");
    let sources = stories.unread.sources.join(", ");
    output.text(format!("no denial found: {read} read of {sources}\n").as_bytes())?;
    unread(stories, output)?;
    output.text(
        b"look further:\n  \
          sudo ausearch -m avc,user_avc,selinux_err -ts recent    the audit log; without auditd: journalctl -b -g avc\n  \
          sudo semodule -DB, try again, then sudo semodule -B     denials that dontaudit rules keep out of the log\n  \
          ls -ln FILE; id                                         modes and owners: in user namespaces they differ\n  \
          sepolq list permissive                                  domains that are logged and not stopped\n  \
          getenforce                                              whether anything is stopped at all\n",
    )
}
