//! What stands behind an atom: `*`, `+`, `?`, `{n,m}`, and what makes them lazy or possessive.
//!
//! Source: `read_repeat_counts` in pcre2's `pcre2_compile.c` (10.42: `{,m}` is no quantifier yet).

use super::PatternError;
use super::source::Source;

/// The largest number that PCRE takes.
const MAX_REPEAT: u32 = 65_535;

/// A quantifier, ready to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Quantifier {
    /// At least so often.
    pub(super) least: u32,
    /// At most so often; nothing for no bound.
    pub(super) most: Option<u32>,
    /// It never gives back what it took.
    pub(super) possessive: bool,
}

/// Reads a quantifier if one comes next; a `{` that begins none is a letter.
///
/// # Errors
/// Numbers that PCRE refuses.
pub(super) fn read(source: &mut Source<'_>) -> Result<Option<Quantifier>, PatternError> {
    let (least, most) = match source.peek() {
        Some(b'*') => (0, None),
        Some(b'+') => (1, None),
        Some(b'?') => (0, Some(1)),
        Some(b'{') => match counts(source)? {
            Some((counts, behind)) => {
                *source = behind;
                return Ok(Some(with_suffix(source, counts)));
            }
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    source.next();
    Ok(Some(with_suffix(source, (least, most))))
}

fn with_suffix(source: &mut Source<'_>, (least, most): (u32, Option<u32>)) -> Quantifier {
    let possessive = source.eat(b"+");
    // Lazy or not, the same paths match.
    let _ = !possessive && source.eat(b"?");
    Quantifier { least, most, possessive }
}

type Counts = (u32, Option<u32>);

/// `{n}`, `{n,}` or `{n,m}`, and the place behind it.
fn counts<'p>(source: &Source<'p>) -> Result<Option<(Counts, Source<'p>)>, PatternError> {
    let mut ahead = *source;
    ahead.next();
    let Some(least) = number(&mut ahead) else { return Ok(None) };
    let most = if ahead.eat(b",") { number(&mut ahead) } else { Some(least) };
    if !ahead.eat(b"}") {
        return Ok(None);
    }
    if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT) {
        return Err(PatternError::Syntax("a number of repetitions is over 65535"));
    }
    if most.is_some_and(|most| most < least) {
        return Err(PatternError::Syntax("the numbers of repetitions are out of order"));
    }
    Ok(Some(((least, most), ahead)))
}

fn number(source: &mut Source<'_>) -> Option<u32> {
    let mut number = None;
    while let Some(digit) = source.peek().filter(u8::is_ascii_digit) {
        let so_far: u32 = number.unwrap_or(0);
        number = Some(so_far.saturating_mul(10).saturating_add(u32::from(digit & 0xf)));
        source.next();
    }
    number
}

#[cfg(test)]
mod tests {
    use super::{Quantifier, read};
    use crate::file_contexts::pattern::source::Source;

    #[test]
    fn quantifiers_are_read() {
        let quantifier = |least, most, possessive| Ok(Some(Quantifier { least, most, possessive }));
        assert_eq!(read(&mut Source::new(b"*?")), quantifier(0, None, false));
        assert_eq!(read(&mut Source::new(b"?+")), quantifier(0, Some(1), true));
        assert_eq!(read(&mut Source::new(b"{2,}")), quantifier(2, None, false));
        assert_eq!(read(&mut Source::new(b"{2,30}")), quantifier(2, Some(30), false));
        assert_eq!(read(&mut Source::new(b"{7}+")), quantifier(7, Some(7), true));
    }

    #[test]
    fn a_brace_that_begins_none_is_a_letter() {
        for text in [&b"{"[..], b"{}", b"{,3}", b"{a}", b"{1", b"{1,b}", b"{1;2}"] {
            assert_eq!(read(&mut Source::new(text)), Ok(None));
        }
        for text in [&b"{3,2}"[..], b"{65536}", b"{1,99999999999999}"] {
            assert!(read(&mut Source::new(text)).is_err());
        }
    }
}
