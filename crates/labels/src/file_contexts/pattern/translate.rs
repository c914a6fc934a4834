//! An expression of PCRE → the same for the engines here, in one pass without recursion.
//!
//! Source: pcre2pattern(3); `parse_regex` in pcre2's `pcre2_compile.c` (10.42) for what may be repeated and what is an
//! error. Both engines read what is written: bytes other than letters, digits and some signs are `\xHH`, classes are
//! ranges of bytes, letters under the option `i` are classes.

use std::fmt::Write as _;

use super::byte_set::ByteSet;

use super::source::Source;
use super::{PatternError, class, quantifier};

/// Which engine an expression needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Engine {
    /// The `regex` crate, linear in the path.
    Linear,
    /// `fancy-regex`, which tries one possibility after the other.
    Backtracking,
}

/// What one pass over an expression finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Findings {
    /// The engine that it needs.
    pub(in super::super) engine: Engine,
    /// A `|` stands outside of all groups, so that the anchors hold for its ends only.
    pub(in super::super) splits: bool,
}

/// Checks an expression without writing anything.
///
/// # Errors
/// What PCRE refuses or is not translated.
pub(in super::super) fn check(regex: &[u8]) -> Result<Findings, PatternError> {
    Translator::new(regex, Engine::Linear, false).run().map(|(findings, _)| findings)
}

/// The expression with its anchors, as the engine that it needs reads it.
///
/// # Errors
/// What PCRE refuses or is not translated.
pub(super) fn translate(regex: &[u8]) -> Result<(Engine, String), PatternError> {
    let (findings, text) = Translator::new(regex, Engine::Linear, true).run()?;
    match findings.engine {
        Engine::Linear => Ok((Engine::Linear, text)),
        Engine::Backtracking => {
            let (findings, text) = Translator::new(regex, Engine::Backtracking, true).run()?;
            Ok((findings.engine, text))
        }
    }
}

/// The options that can be changed within an expression.
#[derive(Clone, Copy)]
pub(super) struct Options {
    pub(super) caseless: bool,
    pub(super) dot_matches_all: bool,
}

/// May what was written last be repeated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// The start, an anchor, an option, a quantifier.
    Unrepeatable,
    Atom,
    /// A group that only looks ahead or behind.
    Look,
}

/// An open group.
pub(super) struct Group {
    /// The options behind it.
    pub(super) restored: Options,
    /// What it is once it is closed.
    pub(super) becomes: Last,
}

pub(super) struct Translator<'p> {
    pub(super) source: Source<'p>,
    /// The engine that is written for.
    pub(super) target: Engine,
    /// Is anything written at all.
    pub(super) writes: bool,
    pub(super) out: String,
    pub(super) options: Options,
    /// The open groups.
    pub(super) open: Vec<Group>,
    /// How many groups were opened that capture.
    pub(super) captures: usize,
    /// The names of groups so far.
    pub(super) names: Vec<Vec<u8>>,
    /// The largest group that is referred to.
    pub(super) referred: usize,
    pub(super) findings: Findings,
    pub(super) last: Last,
    pub(super) quoted: bool,
}

pub(super) type Step = Result<(), PatternError>;

impl<'p> Translator<'p> {
    fn new(regex: &'p [u8], target: Engine, writes: bool) -> Self {
        Self {
            source: Source::new(regex),
            target,
            writes,
            out: String::new(),
            options: Options { caseless: false, dot_matches_all: true },
            open: Vec::new(),
            captures: 0,
            names: Vec::new(),
            referred: 0,
            findings: Findings { engine: Engine::Linear, splits: false },
            last: Last::Unrepeatable,
            quoted: false,
        }
    }

    fn run(mut self) -> Result<(Findings, String), PatternError> {
        self.write("\\A");
        while self.source.peek().is_some() {
            self.step()?;
        }
        if !self.open.is_empty() {
            return Err(PatternError::Syntax("a parenthesis is not closed"));
        }
        if self.referred > self.captures {
            return Err(PatternError::Syntax("a reference is to a group that does not exist"));
        }
        Ok((self.findings, self.out))
    }

    fn step(&mut self) -> Step {
        if self.source.eat(b"\\E") {
            // Without a meaning where nothing is quoted: what was repeatable stays so.
            self.quoted = false;
            return Ok(());
        }
        if !self.quoted {
            let quantifier = quantifier::read(&mut self.source)?;
            if let Some(quantifier) = quantifier {
                return self.repeat(&quantifier);
            }
        }
        let Some(byte) = self.source.next() else { return Ok(()) };
        if self.quoted {
            self.literal(byte);
            return Ok(());
        }
        match byte {
            b'^' => self.assertion("\\A"),
            b'$' => self.dollar(),
            b'.' if self.options.dot_matches_all => self.any(),
            b'.' => self.set(not_line_feed()),
            b'|' => {
                self.findings.splits |= self.open.is_empty();
                self.assertion("|");
            }
            b'(' => return self.group(),
            b')' => {
                let group = self.open.pop();
                let group = group.ok_or(PatternError::Syntax("a parenthesis is closed and not opened"))?;
                (self.options, self.last) = (group.restored, group.becomes);
                self.write(")");
            }
            b'[' => {
                let set = class::read(&mut self.source, self.options.caseless)?;
                self.set(set);
            }
            b'\\' => return self.escape(),
            byte => self.literal(byte),
        }
        Ok(())
    }

    fn repeat(&mut self, quantifier: &quantifier::Quantifier) -> Step {
        match std::mem::replace(&mut self.last, Last::Unrepeatable) {
            Last::Atom => {}
            Last::Look => return Err(PatternError::Untranslated("repetitions of what only looks around")),
            Last::Unrepeatable => {
                return Err(PatternError::Syntax("a quantifier has nothing before it to repeat"));
            }
        }
        if quantifier.possessive {
            self.findings.engine = Engine::Backtracking;
        }
        if self.writes {
            // Writing to a String does not fail.
            let _ = match (quantifier.least, quantifier.most) {
                (0, None) => self.out.write_char('*'),
                (1, None) => self.out.write_char('+'),
                (0, Some(1)) => self.out.write_char('?'),
                (least, None) => write!(self.out, "{{{least},}}"),
                (least, Some(most)) => write!(self.out, "{{{least},{most}}}"),
            };
            if quantifier.possessive {
                self.out.push('+');
            }
        }
        Ok(())
    }

    /// `$`: at the end, or before a line feed that is the last byte.
    fn dollar(&mut self) {
        if self.source.is_past_the_added() && self.open.is_empty() {
            // Nothing follows, so the line feed may be taken.
            self.assertion("\\n?\\z");
        } else if self.source.is_at_the_added() && self.open.is_empty() {
            // The added one behind it says the same.
            self.last = Last::Unrepeatable;
        } else {
            self.line_end();
        }
    }

    pub(super) fn line_end(&mut self) {
        self.findings.engine = Engine::Backtracking;
        self.assertion("(?=\\n?\\z)");
    }

    pub(super) fn any(&mut self) {
        self.write(".");
        self.last = Last::Atom;
    }

    pub(super) fn set(&mut self, set: ByteSet) {
        if self.writes {
            set.write(&mut self.out);
        }
        self.last = Last::Atom;
    }

    pub(super) fn literal(&mut self, byte: u8) {
        if self.options.caseless && byte.is_ascii_alphabetic() {
            let mut set = ByteSet::default();
            set.insert(byte);
            self.set(set.both_cases());
            return;
        }
        self.write_byte_escaped(byte);
        self.last = Last::Atom;
    }

    /// Writes what may not be repeated.
    pub(super) fn assertion(&mut self, text: &str) {
        self.write(text);
        self.last = Last::Unrepeatable;
    }

    pub(super) fn write(&mut self, text: &str) {
        if self.writes {
            self.out.push_str(text);
        }
    }

    pub(super) fn write_byte(&mut self, byte: u8) {
        if self.writes {
            self.out.push(char::from(byte));
        }
    }

    fn write_byte_escaped(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b',' | b':' | b'=' | b'@') {
            self.write_byte(byte);
        } else if self.writes {
            let _ = write!(self.out, "\\x{byte:02X}");
        }
    }
}

/// A dot without the option `s`, and `\N`.
pub(super) fn not_line_feed() -> ByteSet {
    let mut set = ByteSet::default();
    set.insert(b'\n');
    set.complement()
}

#[cfg(test)]
mod tests;
