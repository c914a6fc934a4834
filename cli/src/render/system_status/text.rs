//! `status` on one screen: a mark, what the line is about, and what to type next.

use std::io;

use super::{Concern, StatusLine, SystemStatus};
use crate::render::layout::{INDENT, filled};
use crate::render::{Output, Style};

/// Blanks before what goes on.
const INDENTED: &str = "            ";

/// Prints the lines.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn status_as_text(
    status: &SystemStatus,
    lines: &[StatusLine],
    output: &mut Output,
) -> io::Result<()> {
    for line in lines {
        let (mark, style) = match line.concern {
            Concern::Fine => (" ", Style::Granted),
            Concern::LookAt => ("!", Style::Denied),
            Concern::Unseen => ("?", Style::Off),
        };
        output.text(b" ")?;
        output.styled(style, mark.as_bytes())?;
        output.text(b" ")?;
        output.styled(Style::Remark, format!("{:<8}", line.label).as_bytes())?;
        output.text(b" ")?;
        let mut column = said(&line.text, output)?;
        for example in &line.more {
            output.text(b"\n")?;
            output.text(INDENTED.as_bytes())?;
            column = said(example, output)?;
        }
        for command in &line.next {
            // The first command is what the line ends with, where there is room for it.
            let length = command.chars().count().saturating_add(4);
            if column.saturating_add(length) > output.width() {
                output.text(b"\n")?;
                output.text(INDENTED.as_bytes())?;
            } else {
                output.text(b"  ")?;
            }
            column = output.width();
            output.styled(Style::Keyword, format!("→ {command}").as_bytes())?;
        }
        output.text(b"\n")?;
    }
    let count = |concern: Concern| lines.iter().filter(|line| line.concern == concern).count();
    let (to_look_at, unseen) = (count(Concern::LookAt), count(Concern::Unseen));
    let verdict = match (to_look_at, status.kernel.is_some()) {
        (_, false) => "SELinux does not protect this system".to_owned(),
        (0, _) => "nothing needs to be looked at".to_owned(),
        (1, _) => "1 thing to look at (!)".to_owned(),
        (n, _) => format!("{n} things to look at (!)"),
    };
    let unseen = if unseen == 0 { String::new() } else { format!("; {unseen} could not be seen (?)") };
    let style = if to_look_at == 0 { Style::Granted } else { Style::Denied };
    output.styled(style, format!("{verdict}{unseen}\n").as_bytes())
}

/// Prints a text beside the margin; the column in which it ends.
fn said(text: &str, output: &mut Output) -> io::Result<usize> {
    let mut end = INDENT;
    for (at, line) in filled(text, INDENT, output.width()).iter().enumerate() {
        if at > 0 {
            output.text(b"\n")?;
            output.text(INDENTED.as_bytes())?;
        }
        output.text(line.as_bytes())?;
        end = INDENT.saturating_add(line.chars().count());
    }
    Ok(end)
}
