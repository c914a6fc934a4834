//! How far a long run has come: one line on standard error, where that is a terminal, after half a second.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

/// Before the line is shown first.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two lines.
const INTERVAL: Duration = Duration::from_millis(200);

/// A reader that shows how much was read of it.
pub(super) struct Progress<R> {
    input: R,
    label: String,
    n_read: u64,
    is_shown: bool,
    is_wanted: bool,
    next: Instant,
}

impl<R: Read> Progress<R> {
    pub(super) fn new(input: R, label: &str) -> Self {
        let is_wanted = io::stderr().is_terminal();
        let next = Instant::now() + PATIENCE;
        Progress { input, label: label.to_owned(), n_read: 0, is_shown: false, is_wanted, next }
    }

    fn show(&mut self) {
        let now = Instant::now();
        if !self.is_wanted || now < self.next {
            return;
        }
        self.next = now + INTERVAL;
        self.is_shown = true;
        let mebibytes = self.n_read >> 20;
        // If standard error is closed, nobody is left to see it.
        let _ = write!(io::stderr(), "\r{}: {mebibytes} MiB read\x1b[K", self.label);
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.n_read = self.n_read.saturating_add(n as u64);
        self.show();
        Ok(n)
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
