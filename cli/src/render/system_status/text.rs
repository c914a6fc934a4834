//! `status` on one screen: a mark, what the line is about, and what to type next.

use std::io;

use super::screen::{ROWS, laid_out};
use super::{Concern, Health, StatusLine, SystemStatus};
use crate::render::layout::INDENT;
use crate::render::{Output, Style};

/// A row of the screen: pieces of text, some in a style.
#[derive(Clone, Default)]
pub(super) struct TextLine(Vec<(Option<Style>, String)>);

impl TextLine {
    /// The first row of a line.
    pub(super) fn first(line: &StatusLine, text: String) -> Self {
        let (mark, style) = match line.concern {
            Concern::Fine => (" ", Style::Granted),
            Concern::LookAt => ("!", Style::Denied),
            Concern::Unseen => ("?", Style::Off),
        };
        TextLine(vec![
            (None, " ".to_owned()),
            (Some(style), mark.to_owned()),
            (None, " ".to_owned()),
            (Some(Style::Remark), format!("{:<8}", line.label)),
            (None, format!(" {text}")),
        ])
    }

    /// A further row.
    pub(super) fn after(text: String) -> Self {
        TextLine(vec![(None, " ".repeat(INDENT)), (None, text)])
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, style: Style, text: &str) {
        self.0.push((Some(style), text.to_owned()));
    }

    /// Columns that it has.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }

    /// Whether it ends with a command.
    pub(super) fn has_command(&self) -> bool {
        self.0.last().is_some_and(|(style, _)| matches!(style, Some(Style::Keyword)))
    }
}

/// Prints the lines.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn status_as_text(
    status: &SystemStatus,
    lines: &[StatusLine],
    output: &mut Output,
) -> io::Result<()> {
    // The last row is the verdict's.
    let screen = laid_out(lines, output.width(), ROWS.saturating_sub(1));
    for row in &screen.rows {
        for (style, text) in &row.0 {
            match style {
                Some(style) => output.styled(*style, text.as_bytes())?,
                None => output.text(text.as_bytes())?,
            }
        }
        output.text(b"\n")?;
    }
    let count = |concern: Concern| lines.iter().filter(|line| line.concern == concern).count();
    let to_look_at = count(Concern::LookAt);
    let verdict = match (Health::of(status, lines), to_look_at) {
        (Health::Off, _) => "SELinux does not protect this system".to_owned(),
        (Health::Healthy, _) => "nothing needs to be looked at".to_owned(),
        (Health::Unseen, _) => "nothing that was seen needs to be looked at".to_owned(),
        (Health::LookAt, 1) => "1 thing to look at (!)".to_owned(),
        (Health::LookAt, n) => format!("{n} things to look at (!)"),
    };
    let unseen = match count(Concern::Unseen) {
        0 => String::new(),
        n => format!("; {n} could not be seen (?)"),
    };
    let cut = if screen.is_cut { "; --json has all" } else { "" };
    let style = if to_look_at == 0 { Style::Granted } else { Style::Denied };
    output.styled(style, format!("{verdict}{unseen}{cut}\n").as_bytes())
}
