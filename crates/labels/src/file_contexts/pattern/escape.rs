//! Escapes of PCRE that stand for one byte or for a set of bytes.
//!
//! Source: pcre2pattern(3), "Backslash"; `_pcre2_check_escape` in `pcre2_compile.c`.

use super::PatternError;
use super::byte_set::{self, ByteSet};
use super::source::Source;

/// What an escape stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Character {
    /// One byte.
    Byte(u8),
    /// One of several bytes.
    Set(ByteSet),
}

const TOO_LARGE: PatternError = PatternError::Syntax("the number of a character is over 255");

/// Reads an escape within brackets, whose backslash is taken.
///
/// # Errors
/// What PCRE refuses there.
pub(super) fn read_in_class(source: &mut Source<'_>) -> Result<Character, PatternError> {
    match source.peek() {
        Some(b'b') => {
            source.next();
            Ok(Character::Byte(0x08))
        }
        // Without a meaning in brackets they are the digit.
        Some(digit @ (b'8' | b'9')) => {
            source.next();
            Ok(Character::Byte(digit))
        }
        Some(b'0'..=b'7') => octal(source, 3).map(Character::Byte),
        _ => read(source),
    }
}

/// Reads an escape, whose backslash is taken, that means the same within brackets and outside; not a digit but 0.
///
/// # Errors
/// What PCRE refuses, and escapes that are neither a byte nor a set.
pub(super) fn read(source: &mut Source<'_>) -> Result<Character, PatternError> {
    let letter = source.next().ok_or(PatternError::Syntax("a backslash ends it"))?;
    if let Some(set) = byte_set::of_escape(letter) {
        return Ok(Character::Set(set));
    }
    let byte = match letter {
        b'0' => octal(source, 2)?,
        b'a' => 0x07,
        b'e' => 0x1b,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'x' => hexadecimal(source)?,
        b'o' => braced(source, 8)?,
        b'c' => match source.next() {
            Some(byte @ 0x20..=0x7e) => byte.to_ascii_uppercase() ^ 0x40,
            _ => return Err(PatternError::Syntax("`\\c` without a printable character")),
        },
        b'p' | b'P' | b'X' => return Err(PatternError::Untranslated("Unicode properties")),
        b'g' | b'k' => return Err(PatternError::Untranslated("references to groups by `\\g` and `\\k`")),
        letter if letter.is_ascii_alphanumeric() => {
            return Err(PatternError::Syntax("a backslash before a letter without a meaning"));
        }
        byte => byte,
    };
    Ok(Character::Byte(byte))
}

/// Up to `most` octal digits.
pub(super) fn octal(source: &mut Source<'_>, most: usize) -> Result<u8, PatternError> {
    let mut number: u32 = 0;
    for _ in 0..most {
        let Some(digit @ b'0'..=b'7') = source.peek() else { break };
        number = number.saturating_mul(8).saturating_add(u32::from(digit & 7));
        source.next();
    }
    u8::try_from(number).map_err(|_| TOO_LARGE)
}

/// `\xhh` with up to two digits, or `\x{…}`.
fn hexadecimal(source: &mut Source<'_>) -> Result<u8, PatternError> {
    if source.peek() == Some(b'{') {
        return braced(source, 16);
    }
    let mut number: u8 = 0;
    for _ in 0..2 {
        let digit = source.peek().and_then(|byte| char::from(byte).to_digit(16));
        let Some(digit) = digit.and_then(|digit| u8::try_from(digit).ok()) else { break };
        number = number.wrapping_mul(16) | digit;
        source.next();
    }
    Ok(number)
}

/// `{digits}`.
fn braced(source: &mut Source<'_>, radix: u32) -> Result<u8, PatternError> {
    const BAD: PatternError = PatternError::Syntax("the number of a character cannot be read");
    if !source.eat(b"{") {
        return Err(BAD);
    }
    let digits = source.until(b'}').ok_or(BAD)?;
    if digits.is_empty() {
        return Err(BAD);
    }
    let mut number: u32 = 0;
    for digit in digits {
        let digit = char::from(digit).to_digit(radix).ok_or(BAD)?;
        number = number.saturating_mul(radix).saturating_add(digit);
    }
    u8::try_from(number).map_err(|_| TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use super::{Character, read, read_in_class};
    use crate::file_contexts::pattern::source::Source;

    fn byte(text: &[u8]) -> Option<u8> {
        match read(&mut Source::new(text)) {
            Ok(Character::Byte(byte)) => Some(byte),
            _ => None,
        }
    }

    #[test]
    fn a_byte_has_many_names() {
        for text in [&b"x2e"[..], b"x{2e}", b"056", b"o{56}", b"."] {
            assert_eq!(byte(text), Some(b'.'), "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(byte(b"x"), Some(0));
        assert_eq!(byte(b"c"), Some(b'$' ^ 0x40), "the added $ is the character");
    }

    #[test]
    fn what_pcre_refuses_is_refused() {
        for text in [&b"x{100}"[..], b"x{}", b"x{1", b"o7", b"y", b"u", b"pL", b"k<a>", b"c\xe9", b"o{400}"] {
            assert_eq!(byte(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn brackets_have_meanings_of_their_own() {
        assert_eq!(read_in_class(&mut Source::new(b"b")), Ok(Character::Byte(8)));
        assert_eq!(read_in_class(&mut Source::new(b"9")), Ok(Character::Byte(b'9')));
        assert_eq!(read_in_class(&mut Source::new(b"101")), Ok(Character::Byte(b'A')));
        assert!(read_in_class(&mut Source::new(b"B")).is_err());
        assert!(read_in_class(&mut Source::new(b"777")).is_err());
    }
}
