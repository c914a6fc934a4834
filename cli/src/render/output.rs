//! Standard output: buffered, and coloured only where a person looks at it.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use crate::args::ColorWhen;
use crate::status::Status;

/// How a piece of text is shown.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// The keyword of a statement.
    Keyword,
    /// A condition that holds.
    On,
    /// A condition that does not hold.
    Off,
    /// A remark.
    Remark,
    /// Access that is granted.
    Granted,
    /// Access that is denied.
    Denied,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Style::Keyword => "1;34",
            Style::On => "32",
            Style::Off => "33",
            Style::Remark => "2",
            Style::Granted => "1;32",
            Style::Denied => "1;31",
        }
    }
}

/// Where answers are written.
pub(crate) struct Output {
    writer: BufWriter<StdoutLock<'static>>,
    colored: bool,
    is_terminal: bool,
}

impl Output {
    pub(crate) fn open(color: ColorWhen) -> Self {
        let stdout = io::stdout();
        let colored = match color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
                    || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                stdout.is_terminal() && !unwanted
            }
        };
        let is_terminal = stdout.is_terminal();
        Output { writer: BufWriter::with_capacity(1 << 16, stdout.lock()), colored, is_terminal }
    }

    /// Whether a person looks at it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// The width of the terminal, else one that suits most readers.
    pub(crate) fn width(&self) -> usize {
        /// Of output that goes elsewhere.
        const PAGE: usize = 120;
        /// Columns that are used even of a narrower one.
        const LEAST: usize = 40;
        if !self.is_terminal {
            return PAGE;
        }
        // Terminals that do not know their height do not tell their width either; the shell may.
        let by_shell = || std::env::var("COLUMNS").ok()?.parse().ok();
        let known = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).or_else(by_shell);
        known.filter(|&width| width > 0).map_or(PAGE, |width| width.max(LEAST))
    }

    pub(crate) fn text(&mut self, text: &[u8]) -> io::Result<()> {
        self.writer.write_all(text)
    }

    pub(crate) fn styled(&mut self, style: Style, text: &[u8]) -> io::Result<()> {
        if !self.colored {
            return self.text(text);
        }
        write!(self.writer, "\x1b[{}m", style.code())?;
        self.writer.write_all(text)?;
        self.writer.write_all(b"\x1b[0m")
    }

    /// A number on a line of its own.
    pub(crate) fn count(&mut self, count: usize) -> io::Result<()> {
        writeln!(self.writer, "{count}")
    }

    /// The writer itself, for formats that are not for people.
    pub(crate) fn raw(&mut self) -> &mut impl Write {
        &mut self.writer
    }

    /// Writes an answer whose exit status is known: a reader who has seen enough does not change it.
    ///
    /// # Errors
    /// The output cannot be written, for another reason than that its reader has gone.
    pub(crate) fn answer(
        color: ColorWhen,
        status: Status,
        write: impl FnOnce(&mut Output) -> io::Result<()>,
    ) -> anyhow::Result<Status> {
        let mut output = Output::open(color);
        match write(&mut output).and_then(|()| output.finish()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(status),
            result => Ok(result.map(|()| status)?),
        }
    }

    /// Writes out what is buffered, and goes on.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Writes out what is buffered, so that a full disk is noticed.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
