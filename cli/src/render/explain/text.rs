//! Stories on one screen each: what happened, every reason, what to do first, what not to do.

use std::io;

use analysis::explain::Unresolved;
use audit::{Field, Story};

use super::words::Words;
use super::{Explained, Explanation};
use crate::render::{Output, Style};

/// Prints the stories.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn explanation_as_text(explanation: &Explanation<'_, '_>, output: &mut Output) -> io::Result<()> {
    for (number, explained) in explanation.stories.iter().enumerate() {
        if number > 0 {
            output.text(b"\n")?;
        }
        output.styled(Style::Keyword, format!("{}. ", number + 1).as_bytes())?;
        story(explanation, explained, output)?;
    }
    for unreadable in &explanation.unreadable {
        let line = format!("line {}: {}\n", unreadable.lines.first, unreadable.reason);
        output.styled(Style::Off, line.as_bytes())?;
    }
    for (count, what) in [
        (explanation.more_unreadable as u64, "more records look like denials and cannot be read"),
        (explanation.overflow, "denials of further kinds were left out"),
    ] {
        if count > 0 {
            output.styled(Style::Off, format!("{count} {what}\n").as_bytes())?;
        }
    }
    Ok(())
}

fn story(
    explanation: &Explanation<'_, '_>,
    explained: &Explained<'_>,
    output: &mut Output,
) -> io::Result<()> {
    let story = &explained.story;
    output.text(format!("{}\n", title(story)).as_bytes())?;
    entry("process", &process(story), output)?;
    entry("object", &object(story), output)?;
    let answer = match &explained.answer {
        Ok(answer) => answer,
        Err(unresolved) => return entry("cause", &unresolved_words(unresolved), output),
    };
    let words = Words { store: explanation.store, denied: &answer.denied, facts: &explained.facts };
    let mut label = "cause";
    for cause in answer.causes.iter().map(|cause| words.cause(cause)) {
        let permissions = match cause.permissions.as_slice() {
            [] => String::new(),
            some => format!(" ({})", some.join(" ")),
        };
        for (i, line) in cause.lines.iter().enumerate() {
            let head = if i == 0 { format!("{}{permissions}: ", cause.heading) } else { "  ".to_owned() };
            entry(label, &format!("{head}{line}"), output)?;
            label = "";
        }
    }
    let mut label = "do";
    for fix in answer.fixes.iter().map(|fix| words.fix(fix)) {
        entry(label, &format!("{}   [{}]", fix.title, fix.lasts), output)?;
        label = "";
        for command in &fix.commands {
            output.text(format!("             {command}\n").as_bytes())?;
        }
        output.styled(Style::Remark, format!("             {}\n", fix.remark).as_bytes())?;
    }
    for (is_warning, text) in answer.advice.iter().map(|advice| words.advice(advice)) {
        entry(if is_warning { "do not" } else { "note" }, &text, output)?;
    }
    if let Some(granted) = explained.elsewhere {
        let text = if granted {
            "fixed: the other policy allows it"
        } else {
            "unchanged: the other policy denies it, too"
        };
        entry("compare", text, output)?;
    }
    Ok(())
}

fn entry(label: &str, text: &str, output: &mut Output) -> io::Result<()> {
    output.text(b"   ")?;
    output.styled(Style::Remark, format!("{label:<8}").as_bytes())?;
    output.text(format!(" {text}\n").as_bytes())
}

/// The type of a context as it was written, else all of it.
fn type_of(context: &str) -> &str {
    context.split(':').nth(2).unwrap_or(context)
}

fn title(story: &Story) -> String {
    let names: Vec<String> = story.permissions.iter().map(|permission| permission.name.to_string()).collect();
    let (source, target) = (story.first.scontext.to_string(), story.first.tcontext.to_string());
    let level = target.splitn(4, ':').nth(3).map_or_else(String::new, |level| format!(":{level}"));
    let times = if story.count == 1 { "once".to_owned() } else { format!("{} times", story.count) };
    let mode = match (story.enforced, story.permissive) {
        (0, permissive) if permissive > 0 => ", let through (permissive)",
        (_, permissive) if permissive > 0 => ", in part let through (permissive)",
        _ => "",
    };
    format!(
        "{} may not {} a {} labelled {}{level}   {times}{mode}",
        type_of(&source),
        names.join(", "),
        story.first.tclass,
        type_of(&target)
    )
}

fn example(story: &Story, field: Field) -> Option<String> {
    let example = story.examples.iter().find(|example| example.field == field)?;
    let values: Vec<String> = example.values.iter().map(ToString::to_string).collect();
    let more = if example.has_more { ", …" } else { "" };
    Some(format!("{}{more}", values.join(", ")))
}

fn process(story: &Story) -> String {
    let name = example(story, Field::Comm).or_else(|| example(story, Field::Exe));
    let pid = story.first.pid().filter(|_| story.count == 1).map(|pid| format!(" (pid {pid})"));
    format!(
        "{}{}, {}",
        name.unwrap_or_else(|| "unnamed".to_owned()),
        pid.unwrap_or_default(),
        story.first.scontext
    )
}

fn object(story: &Story) -> String {
    let path = example(story, Field::Path).or_else(|| example(story, Field::Name));
    let name = path.map_or_else(String::new, |path| format!(" {path}"));
    let device = example(story, Field::Dev).map_or_else(String::new, |device| format!(" on {device}"));
    format!("{}{name}{device}, {}", story.first.tclass, story.first.tcontext)
}

fn unresolved_words(unresolved: &Unresolved) -> String {
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    match unresolved {
        Unresolved::Source(error) => {
            format!("the source is none of this policy's: {}", first(error.to_string()))
        }
        Unresolved::Target(error) => {
            format!("the target is none of this policy's: {}", first(error.to_string()))
        }
        Unresolved::Class(error) => first(error.to_string()),
        Unresolved::UndefinedClass { class, allowed: true } => {
            format!("this policy does not define class {class}, and allows what it does not define")
        }
        Unresolved::UndefinedClass { class, allowed: false } => {
            format!("this policy does not define class {class}, and denies what it does not define")
        }
    }
}

/// Prints the commands of the first fix of each story.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn commands_as_text(explanation: &Explanation<'_, '_>, output: &mut Output) -> io::Result<()> {
    for explained in &explanation.stories {
        let Ok(answer) = &explained.answer else { continue };
        let words = Words { store: explanation.store, denied: &answer.denied, facts: &explained.facts };
        output.text(format!("# {}\n", title(&explained.story)).as_bytes())?;
        if let Some(fix) = answer.fixes.first().map(|fix| words.fix(fix)) {
            for command in &fix.commands {
                output.text(format!("{command}\n").as_bytes())?;
            }
        }
    }
    Ok(())
}

/// Says how to look further where no denial was found.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn nothing_found(output: &mut Output) -> io::Result<()> {
    output.text(
        b"no denial found\n\
          look further:\n  \
          sudo ausearch -m avc,user_avc,selinux_err -ts recent    the audit log; without auditd: journalctl -k -g avc\n  \
          sudo semodule -DB, try again, then sudo semodule -B     denials that dontaudit rules hide\n  \
          ls -ln, id                                              file modes and owners: in user namespaces they differ\n  \
          sepolq list permissive                                  domains that are not stopped\n",
    )
}
