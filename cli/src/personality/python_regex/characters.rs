//! Sets of characters: what `a`, `.`, `\w` and `[a-z\d]` match, with or without regard to case, written as a
//! class of the `regex` crate.
//!
//! The reference is Python 3.11: `\d` is `str.isdecimal`, `\s` is `str.isspace`, `\w` is `str.isalnum` or `_`,
//! and without regard to case two characters are equal if they have the same lower case or the same upper case
//! (`re/_casefix.py`), which is Unicode's simple folding and, besides, that all four kinds of `i` are equal.
//! Characters that Unicode has changed since Python's tables (Unicode 14) may be read differently.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use std::fmt::Write;

/// Which names a program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Of ASCII alone.
    Ascii,
    Unicode,
}

impl Alphabet {
    fn last(self) -> u32 {
        match self {
            Alphabet::Ascii => 0x7f,
            Alphabet::Unicode => char::MAX as u32,
        }
    }
}

/// Whether case counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    /// Only letters of ASCII have two cases.
    IgnoredInAscii,
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CategoryKind {
    Digit,
    Space,
    Word,
}

/// `\d`, `\S` and their like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) kind: CategoryKind,
    pub(super) negated: bool,
    pub(super) ascii: bool,
}

/// A set of characters. Code points may be surrogates, which no name has.
#[derive(Clone, Debug)]
pub(super) struct CharacterSet {
    pub(super) negated: bool,
    /// First and last, both included.
    pub(super) ranges: Vec<(u32, u32)>,
    pub(super) categories: Vec<Category>,
    pub(super) case: Case,
}

impl CharacterSet {
    pub(super) fn literal(code: u32, case: Case) -> Self {
        CharacterSet { negated: false, ranges: vec![(code, code)], categories: Vec::new(), case }
    }

    pub(super) fn category(category: Category) -> Self {
        CharacterSet { negated: false, ranges: Vec::new(), categories: vec![category], case: Case::Sensitive }
    }

    /// What `.` matches.
    pub(super) fn any(with_line_feed: bool) -> Self {
        let ranges = if with_line_feed { Vec::new() } else { vec![(0x0a, 0x0a)] };
        CharacterSet { negated: true, ranges, categories: Vec::new(), case: Case::Sensitive }
    }

    /// The size of the compiled class and the work on it, in units of about a hundred bytes.
    pub(super) fn cost(&self, alphabet: Alphabet) -> u64 {
        let span: u64 = self.ranges.iter().map(|(first, last)| u64::from(last - first)).sum();
        match (self.ranges.as_slice(), self.categories.as_slice()) {
            // The tables of Unicode are large, and folding a range is slow.
            (_, categories) if alphabet == Alphabet::Unicode && categories.iter().any(|one| !one.ascii) => {
                300
            }
            _ if alphabet == Alphabet::Unicode && self.case == Case::Ignored => 10 + span / 1000,
            ([_], []) if !self.negated => 1,
            (ranges, _) => 10 + ranges.len() as u64,
        }
    }

    /// Appends the class.
    pub(super) fn write(&self, alphabet: Alphabet, out: &mut String) {
        let ranges = self.folded_ranges(alphabet);
        if let ([(first, last)], [], false) = (ranges.as_slice(), self.categories.as_slice(), self.negated)
            && first == last
        {
            return write_character(*first, out);
        }
        let start = out.len();
        out.push_str(if self.negated { "[^" } else { "[" });
        let opened = out.len();
        for (first, last) in ranges {
            write_character(first, out);
            if first != last {
                out.push('-');
                write_character(last, out);
            }
        }
        self.categories.iter().for_each(|category| category.write(alphabet, out));
        if out.len() == opened {
            // Neither crate has an empty class.
            out.truncate(start);
            out.push_str(if self.negated { "[" } else { "[^" });
            out.push_str(match alphabet {
                Alphabet::Ascii => r"\x00-\xff",
                Alphabet::Unicode => r"\x{0}-\x{10ffff}",
            });
        }
        out.push(']');
    }

    /// The ranges with the other cases of their characters, as far as the alphabet goes.
    fn folded_ranges(&self, alphabet: Alphabet) -> Vec<(u32, u32)> {
        let mut ranges = match (self.case, alphabet) {
            (Case::Ignored, Alphabet::Unicode) => fold(&self.ranges),
            _ => self.ranges.clone(),
        };
        if self.case != Case::Sensitive {
            self.ranges.iter().for_each(|range| add_other_ascii_case(*range, &mut ranges));
        }
        if self.case == Case::Ignored {
            let members =
                |code: u32| self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&code));
            let letters =
                EQUAL_TO_ASCII.iter().filter(|(code, _)| members(*code)).flat_map(|(_, letters)| *letters);
            ranges.extend(letters.map(|letter| (u32::from(*letter), u32::from(*letter))));
        }
        ranges.retain_mut(|(first, last)| {
            *last = (*last).min(alphabet.last());
            // A range may begin or end among the surrogates, but the crate has no word for that.
            if (0xd800..=0xdfff).contains(first) {
                *first = 0xe000;
            }
            if (0xd800..=0xdfff).contains(last) {
                *last = 0xd7ff;
            }
            first <= last
        });
        ranges
    }
}

/// Characters beyond ASCII that are equal to letters of ASCII without regard to case.
const EQUAL_TO_ASCII: &[(u32, &[u8])] = &[(0x130, b"iI"), (0x131, b"iI"), (0x17f, b"sS"), (0x212a, b"kK")];

/// Adds the letters of ASCII that are the other case of letters in a range.
fn add_other_ascii_case((first, last): (u32, u32), ranges: &mut Vec<(u32, u32)>) {
    for (low, high, other) in [(b'A', b'Z', b'a'), (b'a', b'z', b'A')] {
        let (low, high, other) = (u32::from(low), u32::from(high), u32::from(other));
        let (first, last) = (first.max(low), last.min(high));
        if first <= last {
            ranges.push((first - low + other, last - low + other));
        }
    }
}

/// The ranges with all characters that are equal to theirs without regard to case.
fn fold(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    /// `i` and `I`, with and without a dot.
    const KINDS_OF_I: [char; 4] = ['i', 'I', '\u{130}', '\u{131}'];
    let scalar = |code: u32, otherwise: char| char::from_u32(code).unwrap_or(otherwise);
    let range = |&(first, last): &(u32, u32)| {
        let (first, last) = (scalar(first, '\u{e000}'), scalar(last, '\u{d7ff}'));
        (first <= last).then(|| ClassUnicodeRange::new(first, last))
    };
    let mut class = ClassUnicode::new(ranges.iter().filter_map(range));
    class.case_fold_simple();
    if class.ranges().iter().any(|range| KINDS_OF_I.iter().any(|i| (range.start()..=range.end()).contains(i)))
    {
        KINDS_OF_I.iter().for_each(|i| class.push(ClassUnicodeRange::new(*i, *i)));
    }
    class.ranges().iter().map(|range| (range.start() as u32, range.end() as u32)).collect()
}

impl Category {
    /// Appends what stands for the category within a class.
    pub(super) fn write(self, alphabet: Alphabet, out: &mut String) {
        let ascii = self.ascii || alphabet == Alphabet::Ascii;
        let inside = match (self.kind, ascii) {
            (CategoryKind::Digit, true) => "0-9",
            (CategoryKind::Digit, false) => r"\p{Nd}",
            (CategoryKind::Space, true) if self.ascii => r"\x{9}-\x{d}\x{20}",
            // The four separators of ASCII are spaces to `str.isspace`.
            (CategoryKind::Space, true) => r"\x{9}-\x{d}\x{1c}-\x{20}",
            (CategoryKind::Space, false) => {
                r"\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
            }
            (CategoryKind::Word, true) => "0-9A-Za-z_",
            (CategoryKind::Word, false) => r"\p{L}\p{N}_",
        };
        match self.negated {
            true => out.extend(["[^", inside, "]"]),
            false => out.push_str(inside),
        }
    }
}

/// Appends a character so that it stands for itself, in a class and outside.
fn write_character(code: u32, out: &mut String) {
    match char::from_u32(code) {
        Some(c) if c.is_ascii_alphanumeric() || c == '_' => out.push(c),
        _ => {
            let _ = write!(out, r"\x{{{code:x}}}");
        }
    }
}
