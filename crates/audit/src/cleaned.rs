//! What terminals and web pages add to a line, taken out.

use memchr::memmem::Finder;

/// The blank of web pages, which the kernel never writes plain.
pub(crate) const NO_BREAK_SPACE: &[u8; 2] = b"\xc2\xa0";

/// A text copied from a web page, with blanks for the page's.
pub(crate) fn without_web_blanks(line: &[u8]) -> Option<Vec<u8>> {
    let finder = Finder::new(NO_BREAK_SPACE);
    finder.find(line)?;
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = finder.find(rest) {
        plain.extend_from_slice(rest.get(..at)?);
        plain.push(b' ');
        rest = rest.get(at.checked_add(NO_BREAK_SPACE.len())?..)?;
    }
    plain.extend_from_slice(rest);
    Some(plain)
}

/// A text without the terminal's colours (`ESC [ … m`).
pub(crate) fn without_colours(line: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&first, tail)) = rest.split_first() {
        let end = match tail {
            [b'[', inner @ ..] if first == 0x1b => inner.iter().position(|byte| (0x40..0x7f).contains(byte)),
            _ => None,
        };
        match end {
            Some(end) => rest = tail.get(end.saturating_add(2)..).unwrap_or_default(),
            None => {
                plain.push(first);
                rest = tail;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{without_colours, without_web_blanks};

    #[test]
    fn colours_and_web_blanks_go() {
        assert_eq!(without_colours(b"\x1b[0;1;31mavc:\x1b[0m x\x1b y\x1b[3"), b"avc: x\x1b y\x1b[3");
        assert_eq!(without_web_blanks(b"a\xc2\xa0b\xc2"), Some(b"a b\xc2".to_vec()));
        assert_eq!(without_web_blanks(b"a\xc2\xa9"), None);
    }
}
