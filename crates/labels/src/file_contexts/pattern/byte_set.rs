//! Sets of bytes: what a class or an escape of PCRE stands for when it is compiled without UTF and in the C locale.
//!
//! Source: pcre2pattern(3), "Generic character types" and "POSIX character classes"; `pcre2_chartables.c`.

use std::fmt::Write as _;

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet {
    low: u128,
    high: u128,
}

impl ByteSet {
    /// The bytes of which `holds` is true.
    pub(super) fn of(holds: impl Fn(u8) -> bool) -> Self {
        let mut set = Self::default();
        (0..=u8::MAX).filter(|byte| holds(*byte)).for_each(|byte| set.insert(byte));
        set
    }

    pub(super) fn insert(&mut self, byte: u8) {
        let half = if byte < 128 { &mut self.low } else { &mut self.high };
        *half |= 1_u128.wrapping_shl(u32::from(byte));
    }

    pub(super) fn insert_range(&mut self, first: u8, last: u8) {
        (first..=last).for_each(|byte| self.insert(byte));
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        let half = if byte < 128 { self.low } else { self.high };
        half.wrapping_shr(u32::from(byte)) & 1 == 1
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self { low: self.low | other.low, high: self.high | other.high }
    }

    pub(super) fn complement(self) -> Self {
        Self { low: !self.low, high: !self.high }
    }

    /// With both cases of each letter.
    pub(super) fn both_cases(self) -> Self {
        Self::of(|byte| self.contains(byte.to_ascii_lowercase()) || self.contains(byte.to_ascii_uppercase()))
    }

    /// Writes the set as a class that both engines read.
    pub(super) fn write(&self, out: &mut String) {
        if *self == Self::default() {
            // An empty class is an error in both; this matches nothing either.
            out.push_str("[^\\x00-\\xFF]");
            return;
        }
        out.push('[');
        let mut first = None;
        for byte in 0..=u8::MAX {
            let next = byte.checked_add(1).filter(|next| self.contains(*next));
            if !self.contains(byte) {
                continue;
            }
            let start = *first.get_or_insert(byte);
            if next.is_none() {
                // Writing to a String does not fail.
                let _ = if start == byte {
                    write!(out, "\\x{byte:02X}")
                } else {
                    write!(out, "\\x{start:02X}-\\x{byte:02X}")
                };
                first = None;
            }
        }
        out.push(']');
    }
}

/// What `\d`, `\w`, `\s`, `\h`, `\v`, `\N` and their opposites stand for.
pub(super) fn of_escape(letter: u8) -> Option<ByteSet> {
    let set = match letter.to_ascii_lowercase() {
        b'd' => ByteSet::of(|byte| byte.is_ascii_digit()),
        b'w' => ByteSet::of(is_word),
        b's' => ByteSet::of(is_space),
        b'h' => ByteSet::of(|byte| matches!(byte, b'\t' | b' ' | 0xa0)),
        b'v' => ByteSet::of(|byte| matches!(byte, b'\n'..=b'\r' | 0x85)),
        _ => return None,
    };
    Some(if letter.is_ascii_uppercase() { set.complement() } else { set })
}

/// What `[:name:]` stands for.
pub(super) fn of_posix(name: &[u8]) -> Option<ByteSet> {
    Some(match name {
        b"alpha" => ByteSet::of(|byte| byte.is_ascii_alphabetic()),
        b"lower" => ByteSet::of(|byte| byte.is_ascii_lowercase()),
        b"upper" => ByteSet::of(|byte| byte.is_ascii_uppercase()),
        b"alnum" => ByteSet::of(|byte| byte.is_ascii_alphanumeric()),
        b"ascii" => ByteSet::of(|byte| byte.is_ascii()),
        b"blank" => ByteSet::of(|byte| matches!(byte, b'\t' | b' ')),
        b"cntrl" => ByteSet::of(|byte| byte.is_ascii_control()),
        b"digit" => ByteSet::of(|byte| byte.is_ascii_digit()),
        b"graph" => ByteSet::of(|byte| byte.is_ascii_graphic()),
        b"print" => ByteSet::of(|byte| byte.is_ascii_graphic() || byte == b' '),
        b"punct" => ByteSet::of(|byte| byte.is_ascii_punctuation()),
        b"space" => ByteSet::of(is_space),
        b"word" => ByteSet::of(is_word),
        b"xdigit" => ByteSet::of(|byte| byte.is_ascii_hexdigit()),
        _ => return None,
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::{ByteSet, of_escape, of_posix};

    #[test]
    fn sets_are_written_as_ranges() {
        let mut set = ByteSet::default();
        set.insert_range(b'a', b'c');
        set.insert(0xff);
        let mut out = String::new();
        set.write(&mut out);
        assert_eq!(out, "[\\x61-\\x63\\xFF]");
        out.clear();
        ByteSet::default().write(&mut out);
        assert_eq!(out, "[^\\x00-\\xFF]");
        out.clear();
        ByteSet::default().complement().write(&mut out);
        assert_eq!(out, "[\\x00-\\xFF]");
    }

    #[test]
    fn opposites_share_nothing() {
        for letter in *b"dwshv" {
            let (set, opposite) = (of_escape(letter), of_escape(letter.to_ascii_uppercase()));
            assert_eq!(set.map(ByteSet::complement), opposite);
        }
        assert_eq!(of_escape(b'q'), None);
        assert_eq!(of_posix(b"letters"), None);
        assert_eq!(of_posix(b"lower").map(ByteSet::both_cases), of_posix(b"alpha"));
    }
}
