//! What all files together say, before it is put in order: the words, and where they come from.

use super::kind::FileKind;
use super::problem::{ProblemReason, Problems};

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

/// The words of a line, where they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words<'a> {
    pub(super) regex: &'a [u8],
    pub(super) kind: Option<FileKind>,
    pub(super) context: &'a [u8],
}

/// The lines of all files.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The words, one after the other.
    pub(super) arena: Vec<u8>,
    /// The files' names.
    pub(super) files: Vec<String>,
    pub(super) all: Vec<Line>,
    pub(super) problems: Problems,
}

impl Lines {
    /// The number of another file.
    pub(super) fn add_file(&mut self, name: &str) -> u8 {
        let file = u8::try_from(self.files.len()).unwrap_or(u8::MAX);
        self.files.push(name.to_owned());
        file
    }

    /// Keeps a line; one whose words are not ASCII is a problem.
    pub(super) fn add(&mut self, file: u8, number: Option<u32>, words: Words<'_>) {
        if !words.regex.is_ascii() || !words.context.is_ascii() {
            self.complain(file, number, ProblemReason::NotAscii);
            return;
        }
        let (regex, context) = (self.keep(words.regex), self.keep(words.context));
        self.all.push(Line { file, number, regex, kind: words.kind, context });
    }

    pub(super) fn complain(&mut self, file: u8, number: Option<u32>, reason: ProblemReason) {
        let name = self.files.get(usize::from(file)).map_or("", String::as_str);
        self.problems.add(name, number, reason);
    }

    fn keep(&mut self, word: &[u8]) -> Piece {
        let start = self.arena.len();
        self.arena.extend_from_slice(word);
        Piece { start, end: self.arena.len() }
    }
}
