//! What stands behind a backslash, in a class of characters and outside.
//!
//! The reference is Python 3.11, `re/_parser.py` (`_escape`, `_class_escape`). COMPAT(python): names of characters
//! (`\N{EM DASH}`) are not known; each is refused as Python refuses one that does not exist.

use super::characters::{Category, CategoryKind};
use super::flags::Flags;
use super::repr;
use super::source::Source;

/// What an escape stands for, wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// A code point, perhaps a surrogate.
    Literal(u32),
    Category(Category),
}

/// `\d` and its like.
pub(super) fn category(letter: char, flags: Flags) -> Option<Category> {
    let kind = match letter {
        'd' | 'D' => CategoryKind::Digit,
        's' | 'S' => CategoryKind::Space,
        'w' | 'W' => CategoryKind::Word,
        _ => return None,
    };
    Some(Category { kind, negated: letter.is_ascii_uppercase(), ascii: flags.ascii() })
}

/// `\n` and its like; `\b` only in a class, as outside it is a word boundary.
pub(super) fn control(letter: char) -> Option<u32> {
    Some(match letter {
        'a' => 0x07,
        'b' => 0x08,
        't' => 0x09,
        'n' => 0x0a,
        'v' => 0x0b,
        'f' => 0x0c,
        'r' => 0x0d,
        '\\' => 0x5c,
        _ => return None,
    })
}

/// An escape in a class of characters; the backslash and the letter are taken.
pub(super) fn in_class(source: &mut Source, letter: char, flags: Flags) -> Result<Escape, String> {
    if let Some(code) = control(letter) {
        return Ok(Escape::Literal(code));
    }
    if let Some(category) = category(letter, flags) {
        return Ok(Escape::Category(category));
    }
    if !letter.is_ascii_digit() {
        return literal(source, letter).map(Escape::Literal);
    }
    if matches!(letter, '8' | '9') {
        return Err(bad_escape(source, &letter.to_string()));
    }
    let mut digits = letter.to_string();
    source.take_while(2, is_octal, &mut digits)?;
    octal(source, &digits).map(Escape::Literal)
}

/// The value of octal digits.
pub(super) fn octal(source: &Source, digits: &str) -> Result<u32, String> {
    let value = u32::from_str_radix(digits, 8).unwrap_or(u32::MAX);
    if value > 0o377 {
        let message = format!("octal escape value \\{digits} outside of range 0-0o377");
        return Err(source.error(&message, digits.len() + 1));
    }
    Ok(value)
}

pub(super) fn is_octal(c: &char) -> bool {
    matches!(c, '0'..='7')
}

/// An escape that is read alike in classes and outside, and stands for one character.
pub(super) fn literal(source: &mut Source, letter: char) -> Result<u32, String> {
    match letter {
        'x' => hexadecimal(source, letter, 2),
        'u' => hexadecimal(source, letter, 4),
        'U' => hexadecimal(source, letter, 8),
        'N' => named(source),
        _ if letter.is_ascii_alphabetic() => Err(bad_escape(source, &letter.to_string())),
        _ => Ok(letter as u32),
    }
}

fn hexadecimal(source: &mut Source, letter: char, n_digits: usize) -> Result<u32, String> {
    let mut text = letter.to_string();
    source.take_while(n_digits, char::is_ascii_hexdigit, &mut text)?;
    let digits = text.get(1..).unwrap_or_default();
    if digits.len() != n_digits {
        return Err(source.error(&format!("incomplete escape \\{text}"), text.len() + 1));
    }
    match u32::from_str_radix(digits, 16) {
        Ok(code) if code <= char::MAX as u32 => Ok(code),
        // COMPAT(python): from here on `chr` fails otherwise.
        Ok(code) if code > i32::MAX as u32 => Err("Python int too large to convert to C int".to_owned()),
        _ => Err(bad_escape(source, &text)),
    }
}

fn named(source: &mut Source) -> Result<u32, String> {
    if !source.take_if('{')? {
        return Err(source.error("missing {", 0));
    }
    let name = source.take_until('}', "character name")?;
    let message = format!("undefined character name {}", repr(&name));
    Err(source.error(&message, name.chars().count() + r"\N{}".len()))
}

/// An escape that is taken and stands for nothing; `text` is what follows the backslash.
fn bad_escape(source: &Source, text: &str) -> String {
    source.error(&format!("bad escape \\{text}"), text.chars().count() + 1)
}
