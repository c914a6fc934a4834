//! What begins with a backslash and is more than a character: anchors, quotes, references to groups.
//!
//! Source: pcre2pattern(3), "Backslash" and "Backreferences".

use std::fmt::Write as _;

use super::PatternError;
use super::escape::{self, Character};
use super::translate::{Engine, Last, Step, Translator, not_line_feed};

impl Translator<'_> {
    /// What follows a backslash.
    pub(super) fn escape(&mut self) -> Step {
        match self.source.peek() {
            Some(b'Q') => {
                self.source.next();
                self.quoted = true;
                return Ok(());
            }
            Some(digit @ b'1'..=b'9') => return self.reference(digit),
            _ => {}
        }
        let Some(letter) = self.source.peek() else {
            return Err(PatternError::Syntax("a backslash ends it"));
        };
        match letter {
            b'A' | b'G' => self.assertion("\\A"),
            b'z' => self.assertion("\\z"),
            b'Z' => self.line_end(),
            b'K' => self.last = Last::Unrepeatable,
            b'b' | b'B' => self.word_boundary(letter == b'b'),
            b'C' => self.any(),
            b'N' if self.source.peek_at(1) == Some(b'{') => {
                return Err(PatternError::Syntax("characters by name do not exist without UTF"));
            }
            b'N' => self.set(not_line_feed()),
            b'R' => {
                self.findings.engine = Engine::Backtracking;
                self.assertion("(?>\\x0D\\x0A|[\\x0A-\\x0D\\x85])");
                self.last = Last::Atom;
            }
            _ => {
                match escape::read(&mut self.source)? {
                    Character::Byte(byte) => self.literal(byte),
                    Character::Set(set) => self.set(set),
                }
                return Ok(());
            }
        }
        self.source.next();
        Ok(())
    }

    /// `\1` to `\9`, and more digits if there are so many groups; else the number of a character.
    fn reference(&mut self, digit: u8) -> Step {
        let mut ahead = self.source;
        let mut number: usize = 0;
        while let Some(digit) = ahead.peek().filter(u8::is_ascii_digit) {
            number = number.saturating_mul(10).saturating_add(usize::from(digit & 0xf));
            ahead.next();
        }
        if number >= 10 && number > self.captures {
            if digit >= b'8' {
                return Err(PatternError::Syntax("a reference is to a group that does not exist"));
            }
            let byte = escape::octal(&mut self.source, 3)?;
            self.literal(byte);
            return Ok(());
        }
        if self.options.caseless {
            return Err(PatternError::Untranslated("references under the option `i`"));
        }
        self.source = ahead;
        self.referred = self.referred.max(number);
        self.findings.engine = Engine::Backtracking;
        if self.writes {
            // In a group, or a digit that follows would belong to the number.
            let _ = write!(self.out, "(?:\\{number})");
        }
        self.last = Last::Atom;
        Ok(())
    }

    fn word_boundary(&mut self, is_boundary: bool) {
        // `fancy-regex` takes more letters for word characters than bytes have.
        self.assertion(match (self.target, is_boundary) {
            (Engine::Linear, true) => "\\b",
            (Engine::Linear, false) => "\\B",
            (Engine::Backtracking, true) => {
                "(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))"
            }
            (Engine::Backtracking, false) => {
                "(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))"
            }
        });
    }
}
