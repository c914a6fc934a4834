//! Classes of characters: `[a-z\d]`. There is no nesting and there are no operators: `[[a]`, `[a&&b]` and
//! `[a~~b]` are of plain characters, and `[+--b]` is `b` and the range from `+` to `-`.
//!
//! The reference is Python 3.11, `re/_parser.py` (`_parse`, the part about `[`).

use super::characters::CharacterSet;
use super::escapes::{self, Escape};
use super::flags::Flags;
use super::source::{Source, Token};

/// Reads a class whose `[` is taken.
pub(super) fn read(source: &mut Source, flags: Flags) -> Result<CharacterSet, String> {
    let start = source.position().saturating_sub(1);
    let unterminated = |source: &Source| source.error_at("unterminated character set", start);
    let mut set = CharacterSet {
        negated: source.take_if('^')?,
        ranges: Vec::new(),
        categories: Vec::new(),
        case: flags.case(),
    };
    loop {
        let first = source.take()?.ok_or_else(|| unterminated(source))?;
        let is_empty = set.ranges.is_empty() && set.categories.is_empty();
        if first == Token::Plain(']') && !is_empty {
            return Ok(set);
        }
        let low = member(source, first, flags)?;
        if !source.take_if('-')? {
            add(&mut set, low);
            continue;
        }
        let last = source.take()?.ok_or_else(|| unterminated(source))?;
        if last == Token::Plain(']') {
            add(&mut set, low);
            add(&mut set, Escape::Literal('-' as u32));
            return Ok(set);
        }
        let high = member(source, last, flags)?;
        match (low, high) {
            (Escape::Literal(low), Escape::Literal(high)) if low <= high => set.ranges.push((low, high)),
            _ => {
                let message = format!("bad character range {first}-{last}");
                return Err(source.error(&message, first.length() + 1 + last.length()));
            }
        }
    }
}

fn member(source: &mut Source, token: Token, flags: Flags) -> Result<Escape, String> {
    match token {
        Token::Plain(c) => Ok(Escape::Literal(c as u32)),
        Token::Escaped(letter) => escapes::in_class(source, letter, flags),
    }
}

fn add(set: &mut CharacterSet, member: Escape) {
    match member {
        Escape::Literal(code) => set.ranges.push((code, code)),
        Escape::Category(category) => set.categories.push(category),
    }
}
