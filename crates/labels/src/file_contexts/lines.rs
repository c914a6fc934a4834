//! What all files together say, before it is put in order: the bytes of the files, and where the words are in them.

use super::kind::FileKind;
use super::problem::Problems;

/// A word in the arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    start: usize,
    end: usize,
}

impl Piece {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    pub(super) fn start(self) -> usize {
        self.start
    }

    pub(super) fn end(self) -> usize {
        self.end
    }

    pub(super) fn of(self, arena: &[u8]) -> &[u8] {
        arena.get(self.start..self.end).unwrap_or_default()
    }
}

/// One line, or one entry of a compiled file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Which of the files.
    pub(super) file: u8,
    /// The line's number; entries of compiled files mostly have none.
    pub(super) number: Option<u32>,
    pub(super) regex: Piece,
    pub(super) kind: Option<FileKind>,
    pub(super) context: Piece,
}

/// The lines of all files.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The bytes of all files, one after the other.
    pub(super) arena: Vec<u8>,
    /// The files' names.
    pub(super) files: Vec<String>,
    pub(super) all: Vec<Line>,
    pub(super) problems: Problems,
}

impl Lines {
    /// Where a word stands, which must be a part of `arena`.
    pub(super) fn piece_of(&self, arena: &[u8], word: &[u8]) -> Piece {
        let start = word.as_ptr().addr().saturating_sub(arena.as_ptr().addr());
        Piece { start, end: start.saturating_add(word.len()) }
    }
}
