//! A line, ready to be compared with paths.

use std::sync::OnceLock;

use super::generation::Generation;
use super::kind::FileKind;
use super::lines::{Line, Piece};
use super::pattern::{self, PatternError, Program};
use super::shape::{self, Shape};
use super::text;

/// A line and how it is compared.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) line: Line,
    /// The text that every matching path begins with.
    prefix: Piece,
    /// The text that a path must begin with besides, or it is not compared at all.
    stem: Piece,
    /// How many components the stem has.
    pub(super) depth: usize,
    /// The context is `<<none>>`.
    pub(super) is_none: bool,
    comparison: Comparison,
}

#[derive(Debug)]
enum Comparison {
    /// The path is the text, byte for byte.
    Literal,
    /// The path is the text; a line feed may follow.
    Exact,
    /// The path is the text, or lies below it.
    Tree,
    /// The path begins with the text.
    Beginning,
    /// Whatever the expression says; compiled when the first path comes that begins with the text.
    Expression(OnceLock<Program>),
}

impl Record {
    /// Works out how a line is compared; its texts are appended to `literals`. With it comes the folder that all it
    /// matches lies at or below. Linear in the expression.
    ///
    /// # Errors
    /// An expression that PCRE refuses or that is not translated.
    pub(super) fn new(
        line: Line,
        arena: &[u8],
        generation: Generation,
        has_meta: bool,
        literals: &mut Vec<u8>,
    ) -> Result<(Record, Piece), PatternError> {
        let regex = line.regex.of(arena);
        let start = literals.len();
        let shape = shape::read(regex, literals);
        if shape == Shape::Expression && pattern::check(regex)?.splits {
            // Of the sides of a `|` only the first begins with the text.
            literals.truncate(start);
        }
        let prefix = Piece::new(start, literals.len());
        let is_literal = generation == Generation::Tree && !has_meta && shape == Shape::Exact;
        if !is_literal {
            generation.write_stem(regex, literals);
        }
        let stem = Piece::new(prefix.end(), literals.len());
        let folder = match shape {
            Shape::Exact | Shape::Tree => prefix,
            Shape::Beginning | Shape::Expression => {
                let text = if prefix.of(literals).is_empty() { stem } else { prefix };
                let n_bytes = shape::folder(text.of(literals)).len();
                Piece::new(text.start(), text.start().saturating_add(n_bytes))
            }
        };
        let slashes = stem.of(literals).iter().filter(|byte| **byte == b'/').count();
        let depth = slashes.saturating_sub(1);
        // Mostly the text says all that the stem says.
        let is_implied = prefix.of(literals).starts_with(stem.of(literals));
        let stem = if is_implied { Piece::default() } else { stem };
        let comparison = match shape {
            Shape::Exact if is_literal => Comparison::Literal,
            Shape::Exact => Comparison::Exact,
            Shape::Tree => Comparison::Tree,
            Shape::Beginning => Comparison::Beginning,
            Shape::Expression => Comparison::Expression(OnceLock::new()),
        };
        let is_none = line.context.of(arena) == text::NONE;
        Ok((Record { line, prefix, stem, depth, is_none, comparison }, folder))
    }

    /// Is the line for files of a kind; without a kind all are.
    pub(super) fn is_of_kind(&self, kind: Option<FileKind>) -> bool {
        kind.is_none() || self.line.kind.is_none() || self.line.kind == kind
    }

    /// Does the line match the path, whatever kind of file it is.
    pub(super) fn is_match(&self, arena: &[u8], literals: &[u8], path: &[u8]) -> bool {
        let Some(rest) = path.strip_prefix(self.prefix.of(literals)) else { return false };
        if !path.starts_with(self.stem.of(literals)) {
            return false;
        }
        match &self.comparison {
            Comparison::Literal => rest.is_empty(),
            Comparison::Exact => matches!(rest, b"" | b"\n"),
            Comparison::Tree => matches!(rest, b"" | b"\n" | [b'/', ..]),
            Comparison::Beginning => true,
            Comparison::Expression(program) => {
                program.get_or_init(|| Program::compile(self.line.regex.of(arena))).is_match(path)
            }
        }
    }

    /// Is it a path that is compared as text alone.
    pub(super) fn is_literal(&self) -> bool {
        matches!(self.comparison, Comparison::Literal)
    }

    /// Why look-ups so far could not use the line, if that was so.
    pub(super) fn refusal(&self) -> Option<String> {
        match &self.comparison {
            Comparison::Expression(program) => program.get().and_then(Program::refusal),
            _ => None,
        }
    }
}
