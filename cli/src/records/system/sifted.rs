//! An input of which some lines are passed on.

use std::io::{self, BufRead, Read};

/// Bytes of a line that are looked at together.
const PIECE: u64 = 64 << 10;

/// The lines of an input that `takes` says yes to. It is asked once for each line, with its first 64 KiB.
pub(super) struct Sifted<R, F> {
    input: R,
    takes: F,
    /// A piece of a line, and how much of it was given away.
    piece: Vec<u8>,
    given: usize,
    /// Whether the next piece begins a line, and whether this line is passed on.
    is_start: bool,
    is_taken: bool,
}

impl<R: BufRead, F: FnMut(&[u8]) -> bool> Sifted<R, F> {
    pub(super) fn new(input: R, takes: F) -> Self {
        Sifted { input, takes, piece: Vec::new(), given: 0, is_start: true, is_taken: false }
    }
}

impl<R: BufRead, F: FnMut(&[u8]) -> bool> Read for Sifted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut rest) = self.piece.get(self.given..).filter(|rest| !rest.is_empty()) {
                let n = rest.read(buffer)?;
                self.given = self.given.saturating_add(n);
                return Ok(n);
            }
            self.piece.clear();
            self.given = 0;
            self.input.by_ref().take(PIECE).read_until(b'\n', &mut self.piece)?;
            if self.piece.is_empty() {
                return Ok(0);
            }
            if self.is_start {
                self.is_taken = (self.takes)(&self.piece);
            }
            self.is_start = self.piece.ends_with(b"\n");
            if !self.is_taken {
                self.piece.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_however_long_it_is() {
        let long = "x".repeat(3 * PIECE as usize);
        let text = format!("yes {long}\nno {long} yes\n\nyes z");
        let mut found = String::new();
        let mut asked = 0;
        let takes = |line: &[u8]| {
            asked += 1;
            line.starts_with(b"yes")
        };
        Sifted::new(text.as_bytes(), takes).read_to_string(&mut found).unwrap();
        assert_eq!(found, format!("yes {long}\nyes z"));
        assert_eq!(asked, 4);
    }
}
