//! `status` on one screen: a mark, what the line is about, and what to type next.

use std::io;

use super::{Concern, StatusLine, SystemStatus};
use crate::render::layout::{INDENT, wrapped};
use crate::render::{Output, Style};

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
        output.styled(style, if line.label.is_empty() { b" " } else { mark.as_bytes() })?;
        output.text(b" ")?;
        output.styled(Style::Remark, format!("{:<8}", line.label).as_bytes())?;
        output.text(b" ")?;
        wrapped(&line.text, INDENT, None, output)?;
        for command in &line.next {
            output.text(" ".repeat(INDENT).as_bytes())?;
            output.styled(Style::Keyword, format!("→ {command}\n").as_bytes())?;
        }
    }
    let count = |concern: Concern| {
        lines.iter().filter(|line| line.concern == concern && !line.label.is_empty()).count()
    };
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
