//! Bracket expressions of PCRE → sets of bytes.
//!
//! Source: pcre2pattern(3), "Square brackets and character classes", and `parse_regex` in pcre2's `pcre2_compile.c`,
//! which decides what is a literal hyphen and what an error.

use super::PatternError;
use super::byte_set::{self, ByteSet};
use super::escape::{self, Character};
use super::source::Source;

/// One thing in a class.
enum Member {
    Byte(u8),
    Set(ByteSet),
    End,
}

/// Reads a class whose `[` is taken, up to its `]`.
///
/// # Errors
/// What PCRE refuses, and the few things that are not translated.
pub(super) fn read(source: &mut Source<'_>, caseless: bool) -> Result<ByteSet, PatternError> {
    if posix_name(source).is_some() {
        return Err(PatternError::Syntax("a POSIX class stands outside of brackets"));
    }
    let negated = begin(source);
    let mut set = ByteSet::default();
    let mut reader = Members { quoted: false, caseless, is_first: true };
    loop {
        let first = match reader.next(source)? {
            Member::End => break,
            Member::Set(members) => {
                set = set.union(members);
                // A hyphen behind a set is a letter, but only where it is the last one.
                if !reader.quoted && source.peek() == Some(b'-') && source.peek_at(1) != Some(b']') {
                    return Err(PatternError::Syntax("a range in brackets begins with a class"));
                }
                continue;
            }
            Member::Byte(byte) => byte,
        };
        reader.skip_quotes(source);
        if reader.quoted || source.peek() != Some(b'-') {
            set.insert(first);
            continue;
        }
        let mut behind = *source;
        behind.next();
        let mut ahead = Members { quoted: false, caseless, is_first: false };
        ahead.skip_quotes(&mut behind);
        if !ahead.quoted && behind.peek() == Some(b']') {
            set.insert(first);
            continue;
        }
        match ahead.next(&mut behind)? {
            Member::Byte(last) if first <= last => set.insert_range(first, last),
            Member::Byte(_) => return Err(PatternError::Syntax("a range in brackets is out of order")),
            _ => return Err(PatternError::Syntax("a range in brackets ends with a class")),
        }
        (*source, reader) = (behind, ahead);
    }
    if caseless {
        set = set.both_cases();
    }
    Ok(if negated { set.complement() } else { set })
}

/// Takes `^` if it is there, and the empty quotes that may stand before it.
fn begin(source: &mut Source<'_>) -> bool {
    while source.eat(b"\\E") || source.eat(b"\\Q\\E") {}
    let negated = source.eat(b"^");
    while source.eat(b"\\E") || source.eat(b"\\Q\\E") {}
    negated
}

/// The name between `[:` and `:]` if that is what comes next, the first `[` being taken; `[.` and `[=` count as well.
fn posix_name(source: &Source<'_>) -> Option<(u8, Vec<u8>)> {
    let mut ahead = *source;
    let sign = ahead.next().filter(|sign| matches!(sign, b':' | b'.' | b'='))?;
    let mut name = Vec::new();
    loop {
        match (ahead.peek()?, ahead.peek_at(1)?) {
            (b'\\', following @ (b']' | b'\\')) => {
                name.extend([b'\\', following]);
                ahead.next();
            }
            (b']', _) => return None,
            (b'[', following) if following == sign => return None,
            (end, b']') if end == sign => return Some((sign, name)),
            (byte, _) => name.push(byte),
        }
        ahead.next();
    }
}

/// Reads the members one after the other.
struct Members {
    quoted: bool,
    caseless: bool,
    is_first: bool,
}

impl Members {
    fn next(&mut self, source: &mut Source<'_>) -> Result<Member, PatternError> {
        const OPEN: PatternError = PatternError::Syntax("a bracket is not closed");
        self.skip_quotes(source);
        let is_first = std::mem::replace(&mut self.is_first, false);
        let byte = source.next().ok_or(OPEN)?;
        if self.quoted {
            return Ok(Member::Byte(byte));
        }
        match byte {
            b']' if !is_first => Ok(Member::End),
            b'[' => self.posix(source),
            b'\\' => match escape::read_in_class(source)? {
                Character::Byte(byte) => Ok(Member::Byte(byte)),
                Character::Set(set) => Ok(Member::Set(set)),
            },
            byte => Ok(Member::Byte(byte)),
        }
    }

    /// Takes `\Q` and `\E`.
    fn skip_quotes(&mut self, source: &mut Source<'_>) {
        loop {
            if source.eat(b"\\E") {
                self.quoted = false;
            } else if !self.quoted && source.eat(b"\\Q") {
                self.quoted = true;
            } else {
                return;
            }
        }
    }

    /// What an opening bracket in a class is: a POSIX class or a letter.
    fn posix(&self, source: &mut Source<'_>) -> Result<Member, PatternError> {
        let Some((sign, name)) = posix_name(source) else {
            return Ok(Member::Byte(b'['));
        };
        if sign != b':' {
            return Err(PatternError::Syntax("POSIX collating elements do not exist in PCRE"));
        }
        let (negated, word) = match name.strip_prefix(b"^") {
            Some(word) => (true, word),
            None => (false, &name[..]),
        };
        let word = match word {
            b"upper" | b"lower" if self.caseless => b"alpha",
            word => word,
        };
        let set =
            byte_set::of_posix(word).ok_or(PatternError::Syntax("a POSIX class has an unknown name"))?;
        // The two signs around the name, and the bracket that ends it.
        (0..name.len().saturating_add(3)).for_each(|_| {
            source.next();
        });
        Ok(Member::Set(if negated { set.complement() } else { set }))
    }
}
