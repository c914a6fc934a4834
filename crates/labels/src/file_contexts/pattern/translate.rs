//! An expression of PCRE → the same for the engines here, in one pass without recursion.
//!
//! Source: pcre2pattern(3); `parse_regex` in pcre2's `pcre2_compile.c` (10.42) for what may be repeated and what is an
//! error. Both engines read what is written: bytes other than letters, digits and some signs are `\xHH`, classes are
//! ranges of bytes, letters under the option `i` are classes.

use std::fmt::Write as _;

use super::byte_set::ByteSet;
use super::escape::{self, Character};
use super::source::Source;
use super::{PatternError, class, quantifier};

/// Groups within groups that PCRE takes.
const MAX_DEPTH: usize = 250;

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
struct Options {
    caseless: bool,
    dot_matches_all: bool,
}

struct Translator<'p> {
    source: Source<'p>,
    /// The engine that is written for.
    target: Engine,
    /// Is anything written at all.
    writes: bool,
    out: String,
    options: Options,
    /// The options to restore at the end of each open group.
    open: Vec<Options>,
    /// How many groups were opened that capture.
    captures: usize,
    /// The names of groups so far.
    names: Vec<Vec<u8>>,
    /// The largest group that is referred to.
    referred: usize,
    findings: Findings,
    /// Was the last thing one that may be repeated.
    repeatable: bool,
    quoted: bool,
}

type Step = Result<(), PatternError>;

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
            repeatable: false,
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
                self.options =
                    self.open.pop().ok_or(PatternError::Syntax("a parenthesis is closed and not opened"))?;
                self.write(")");
                self.repeatable = true;
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
        if !self.repeatable {
            return Err(PatternError::Syntax("a quantifier has nothing before it to repeat"));
        }
        self.repeatable = false;
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
            self.repeatable = false;
        } else {
            self.line_end();
        }
    }

    fn line_end(&mut self) {
        self.findings.engine = Engine::Backtracking;
        self.assertion("(?=\\n?\\z)");
    }

    /// What follows `(`.
    fn group(&mut self) -> Step {
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
                return self.open(self.options);
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
        self.open(self.options)
    }

    fn open(&mut self, restored: Options) -> Step {
        if self.open.len() >= MAX_DEPTH {
            return Err(PatternError::Syntax("parentheses are nested too deeply"));
        }
        self.open.push(restored);
        self.repeatable = false;
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
                    self.repeatable = false;
                    return Ok(());
                }
                Some(b':') => {
                    self.write("(?:");
                    return self.open(restored);
                }
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'^' | b'(' | b'|' | b'&' | b'+' | b'0'..=b'9') => {
                    return Err(PatternError::Untranslated("such options and such groups after `(?`"));
                }
                Some(_) => return Err(PatternError::Syntax("an unknown sign after `(?`")),
                None => return Err(PatternError::Syntax("a parenthesis is not closed")),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Step {
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
            b'K' => self.repeatable = false,
            b'b' | b'B' => self.word_boundary(letter == b'b'),
            b'C' => self.any(),
            b'N' if self.source.peek_at(1) == Some(b'{') => {
                return Err(PatternError::Syntax("characters by name do not exist without UTF"));
            }
            b'N' => self.set(not_line_feed()),
            b'R' => {
                self.findings.engine = Engine::Backtracking;
                self.assertion("(?>\\x0D\\x0A|[\\x0A-\\x0D\\x85])");
                self.repeatable = true;
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
        self.repeatable = true;
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

    fn any(&mut self) {
        self.write(".");
        self.repeatable = true;
    }

    fn set(&mut self, set: ByteSet) {
        if self.writes {
            set.write(&mut self.out);
        }
        self.repeatable = true;
    }

    fn literal(&mut self, byte: u8) {
        if self.options.caseless && byte.is_ascii_alphabetic() {
            let mut set = ByteSet::default();
            set.insert(byte);
            self.set(set.both_cases());
            return;
        }
        self.write_byte_escaped(byte);
        self.repeatable = true;
    }

    /// Writes what may not be repeated.
    fn assertion(&mut self, text: &str) {
        self.write(text);
        self.repeatable = false;
    }

    fn write(&mut self, text: &str) {
        if self.writes {
            self.out.push_str(text);
        }
    }

    fn write_byte(&mut self, byte: u8) {
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
fn not_line_feed() -> ByteSet {
    let mut set = ByteSet::default();
    set.insert(b'\n');
    set.complement()
}

#[cfg(test)]
mod tests {
    use super::{Engine, check, translate};

    fn text(regex: &str) -> String {
        translate(regex.as_bytes()).map(|(_, text)| text).unwrap_or_else(|error| format!("! {error}"))
    }

    #[test]
    fn expressions_as_policies_have_them() {
        assert_eq!(text("/usr(/.*)?"), r"\A/usr(?:/.*)?\n?\z");
        assert_eq!(text(r"/a\.b[^/]+"), r"\A/a\x2Eb[\x00-\x2E\x30-\xFF]+\n?\z");
        assert_eq!(text("/d/[0-9]{2,}.*"), r"\A/d/[\x30-\x39]{2,}.*\n?\z");
    }

    #[test]
    fn the_end_is_part_of_the_expression() {
        assert_eq!(text(r"/a\"), r"\A/a\x24", "the added $ is a letter");
        assert_eq!(text(r"/a\Q.*"), r"\A/a\x2E\x2A\x24");
        assert_eq!(text("/a$"), r"\A/a\n?\z");
        assert_eq!(text("/a|b"), r"\A/a|b\n?\z");
        assert!(check(b"/a|b").is_ok_and(|found| found.splits));
        assert!(check(b"/(a|b)").is_ok_and(|found| !found.splits));
    }

    #[test]
    fn what_is_not_linear_goes_to_the_other_engine() {
        for regex in ["/a++", "/(?=a)b", "/(?<!a)b", "/(a)\\1", "/(?>a)", "/a$|/b", "/\\R", "/a\\Z"] {
            assert!(
                check(regex.as_bytes()).is_ok_and(|found| found.engine == Engine::Backtracking),
                "{regex}"
            );
        }
        assert_eq!(text(r"/(a)(?:b)\1"), r"\A/(a)(?:b)(?:\1)\n?\z");
    }

    #[test]
    fn options_end_with_their_group() {
        assert_eq!(text("/(?i)a"), r"\A/[\x41\x61]\n?\z");
        assert_eq!(text("/((?i)a)b(?-s:.)."), r"\A/(?:[\x41\x61])b(?:[\x00-\x09\x0B-\xFF]).\n?\z");
    }

    #[test]
    fn what_pcre_refuses_is_refused() {
        for regex in [
            "*a",
            "/a**",
            "/a{2}{3}",
            "^*",
            "/$*",
            "/\\b*",
            "/(?i)*",
            "/a+++",
            "/(",
            "/)",
            "/[a",
            "/[z-a]",
            "/[\\d-z]",
            "/[[:foo:]]",
            "/[[.a.]]",
            "[:a:]",
            "/\\y",
            "/\\1",
            "/(a)\\2",
            "/a{3,2}",
            "/(?#",
            "/(?<1>a)",
            "/(?<n>a)(?<n>b)",
            "/(?q)",
            "/\\91",
        ] {
            assert!(check(regex.as_bytes()).is_err(), "{regex}");
        }
        for regex in
            ["/a\\E*", "/\\Qa\\E*", "/(?=a)*", "/[]a]", "/[\\w-]", "/a{,3}", "/\\101", "/(?'n'a)", "/a(?#x)*"]
        {
            assert!(check(regex.as_bytes()).is_ok(), "{regex}");
        }
        let deep = format!("{}{}", "(".repeat(251), ")".repeat(251));
        assert!(check(deep.as_bytes()).is_err());
    }
}
