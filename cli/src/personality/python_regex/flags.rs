//! The letters of `(?aiLmsux)` and `(?i-s:…)`.
//!
//! The reference is Python 3.11, `re/_parser.py` (`_parse_flags`, `fix_flags`).

use super::characters::Case;
use super::source::{Source, Token};

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const ASCII: Flags = Flags(1);
    pub(super) const IGNORE_CASE: Flags = Flags(1 << 1);
    const LOCALE: Flags = Flags(1 << 2);
    pub(super) const MULTILINE: Flags = Flags(1 << 3);
    pub(super) const DOT_ALL: Flags = Flags(1 << 4);
    /// An old flag without use: with it no repetition is accepted.
    pub(super) const TEMPLATE: Flags = Flags(1 << 5);
    const UNICODE: Flags = Flags(1 << 6);
    pub(super) const VERBOSE: Flags = Flags(1 << 7);
    /// What a character is. A part of an expression has one of them.
    const TYPES: Flags = Flags(Flags::ASCII.0 | Flags::LOCALE.0 | Flags::UNICODE.0);

    fn of(token: Token) -> Option<Flags> {
        let Token::Plain(letter) = token else { return None };
        Some(match letter {
            'a' => Flags::ASCII,
            'i' => Flags::IGNORE_CASE,
            'L' => Flags::LOCALE,
            'm' => Flags::MULTILINE,
            's' => Flags::DOT_ALL,
            't' => Flags::TEMPLATE,
            'u' => Flags::UNICODE,
            'x' => Flags::VERBOSE,
            _ => return None,
        })
    }

    /// Whether a group that begins with `(?` and this token has flags.
    pub(super) fn begin_with(token: Token) -> bool {
        token == Token::Plain('-') || Flags::of(token).is_some()
    }

    pub(super) fn has(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }

    fn meets(self, flags: Flags) -> bool {
        self.0 & flags.0 != 0
    }

    pub(super) fn with(self, flags: Flags) -> Flags {
        Flags(self.0 | flags.0)
    }

    fn without(self, flags: Flags) -> Flags {
        Flags(self.0 & !flags.0)
    }

    pub(super) fn ascii(self) -> bool {
        self.has(Flags::ASCII)
    }

    pub(super) fn case(self) -> Case {
        match (self.has(Flags::IGNORE_CASE), self.ascii()) {
            (false, _) => Case::Sensitive,
            (true, true) => Case::IgnoredInAscii,
            (true, false) => Case::Ignored,
        }
    }

    /// # Errors
    /// When the expression as a whole is both ASCII and Unicode.
    pub(super) fn check(self) -> Result<(), String> {
        if self.has(Flags::ASCII.with(Flags::UNICODE)) {
            return Err("ASCII and UNICODE flags are incompatible".to_owned());
        }
        Ok(())
    }
}

/// What the flags of a group are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlagGroup {
    /// `(?i)`: the whole expression.
    Global(Flags),
    /// `(?i-s:`: the group.
    Local { on: Flags, off: Flags },
}

impl FlagGroup {
    /// The flags within a local group.
    pub(super) fn within(on: Flags, off: Flags, around: Flags) -> Flags {
        let around = if on.meets(Flags::TYPES) { around.without(Flags::TYPES) } else { around };
        around.with(on).without(off)
    }

    /// Reads flags after `(?` and the `first` token of them.
    pub(super) fn read(source: &mut Source, first: Token) -> Result<FlagGroup, String> {
        let mut on = Flags::default();
        let mut token = first;
        while let Some(flag) = Flags::of(token) {
            if flag == Flags::LOCALE {
                return Err(source.error("bad inline flags: cannot use 'L' flag with a str pattern", 0));
            }
            on = on.with(flag);
            if flag.meets(Flags::TYPES) && Flags(on.0 & Flags::TYPES.0) != flag {
                return Err(source.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0));
            }
            token = source.take()?.ok_or_else(|| source.error("missing -, : or )", 0))?;
            if matches!(token, Token::Plain(')' | '-' | ':')) {
                break;
            }
            expect_flag(source, token, "missing -, : or )")?;
        }
        if token == Token::Plain(')') {
            return Ok(FlagGroup::Global(on));
        }
        if on.has(Flags::TEMPLATE) {
            return Err(source.error("bad inline flags: cannot turn on global flag", 1));
        }
        let off = if token == Token::Plain('-') { read_off(source)? } else { Flags::default() };
        if off.has(Flags::TEMPLATE) {
            return Err(source.error("bad inline flags: cannot turn off global flag", 1));
        }
        if on.meets(off) {
            return Err(source.error("bad inline flags: flag turned on and off", 1));
        }
        Ok(FlagGroup::Local { on, off })
    }
}

/// Reads the flags between `-` and `:`.
fn read_off(source: &mut Source) -> Result<Flags, String> {
    let mut off = Flags::default();
    let mut token = source.take()?.ok_or_else(|| source.error("missing flag", 0))?;
    let mut missing = "missing flag";
    loop {
        let flag = expect_flag(source, token, missing)?;
        if flag.meets(Flags::TYPES) {
            return Err(source.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0));
        }
        off = off.with(flag);
        missing = "missing :";
        token = source.take()?.ok_or_else(|| source.error(missing, 0))?;
        if token == Token::Plain(':') {
            return Ok(off);
        }
    }
}

fn expect_flag(source: &Source, token: Token, missing: &str) -> Result<Flags, String> {
    Flags::of(token).ok_or_else(|| {
        let message = if is_letter(token) { "unknown flag" } else { missing };
        source.error(message, token.length())
    })
}

/// `str.isalpha`.
fn is_letter(token: Token) -> bool {
    let Token::Plain(c) = token else { return false };
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    regex::Regex::new(r"\A\p{L}\z").is_ok_and(|letter| letter.is_match(c.encode_utf8(&mut [0; 4])))
}
