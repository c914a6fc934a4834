//! What begins with a parenthesis: groups, named groups, looking ahead and behind, options, comments.
//!
//! Source: pcre2pattern(3), "Groups" to "Comments"; `parse_regex` in pcre2's `pcre2_compile.c`.

use super::PatternError;
use super::translate::{Engine, Group, Last, Options, Step, Translator};

/// Groups within groups that PCRE takes.
const MAX_DEPTH: usize = 250;

impl Translator<'_> {
    /// What follows `(`.
    pub(super) fn group(&mut self) -> Step {
        if self.source.peek() == Some(b'*') {
            return Err(PatternError::Untranslated("verbs as `(*SKIP)`"));
        }
        if !self.source.eat(b"?") {
            return self.open_capture();
        }
        if self.source.eat(b"#") {
            let closed = self.source.until(b')').map(drop);
            return closed.ok_or(PatternError::Syntax("a comment is not closed"));
        }
        for (sign, looks) in
            [(&b":"[..], false), (b"=", true), (b"!", true), (b"<=", true), (b"<!", true), (b">", true)]
        {
            if self.source.eat(sign) {
                if looks {
                    self.findings.engine = Engine::Backtracking;
                }
                self.write("(?");
                sign.iter().for_each(|byte| self.write_byte(*byte));
                let becomes = if looks && sign != b">" { Last::Look } else { Last::Atom };
                return self.open(self.options, becomes);
            }
        }
        for (start, end) in [(&b"<"[..], b'>'), (b"P<", b'>'), (b"'", b'\'')] {
            if self.source.eat(start) {
                let name = self.source.until(end).unwrap_or_default();
                let begins_well = name.first().is_some_and(|byte| !byte.is_ascii_digit());
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                if !begins_well || name.len() > 32 || !name.iter().all(is_word) {
                    return Err(PatternError::Syntax("the name of a group cannot be read"));
                }
                if self.names.contains(&name) {
                    return Err(PatternError::Syntax("two groups have the same name"));
                }
                self.names.push(name);
                return self.open_capture();
            }
        }
        self.change_options()
    }

    fn open_capture(&mut self) -> Step {
        self.captures = self.captures.saturating_add(1);
        // Only references need what was captured.
        self.write(if self.target == Engine::Linear { "(?:" } else { "(" });
        self.open(self.options, Last::Atom)
    }

    fn open(&mut self, restored: Options, becomes: Last) -> Step {
        if self.open.len() >= MAX_DEPTH {
            return Err(PatternError::Syntax("parentheses are nested too deeply"));
        }
        self.open.push(Group { restored, becomes });
        self.last = Last::Unrepeatable;
        Ok(())
    }

    /// `(?i)`, `(?-s)`, `(?i-s:…)`.
    fn change_options(&mut self) -> Step {
        let (restored, mut on) = (self.options, true);
        loop {
            match self.source.next() {
                Some(b'i') => self.options.caseless = on,
                Some(b's') => self.options.dot_matches_all = on,
                Some(b'-') if on => on = false,
                Some(b')') => {
                    self.last = Last::Unrepeatable;
                    return Ok(());
                }
                Some(b':') => {
                    self.write("(?:");
                    return self.open(restored, Last::Atom);
                }
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'^' | b'(' | b'|' | b'&' | b'+' | b'0'..=b'9') => {
                    return Err(PatternError::Untranslated("such options and such groups after `(?`"));
                }
                Some(_) => return Err(PatternError::Syntax("an unknown sign after `(?`")),
                None => return Err(PatternError::Syntax("a parenthesis is not closed")),
            }
        }
    }
}
