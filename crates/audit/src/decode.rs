//! How the text of a field is written, undone.
//!
//! The kernel writes a string that somebody chose (`audit_log_untrustedstring`) in quotes, or, if it holds a control
//! character, a blank, a quote or a byte above `~`, in hexadecimal without quotes. `ausearch -i` writes it plain, and control
//! characters in octal (`auparse/interpret.c`). `\x2d` is neither: systemd's escaping is part of the file's name.

use crate::text::Text;

/// What wrote the record, which decides what plain text may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// As the kernel or an object manager wrote it.
    Raw,
    /// Shown by `ausearch -i`: hexadecimal is text already.
    Interpreted,
}

/// Decodes the text of a field that stood without quotes. O(n).
pub(crate) fn plain(raw: &[u8], writing: Writing) -> Text {
    match writing {
        Writing::Raw => hexadecimal(raw).map_or_else(|| Text::new(raw), |bytes| Text::new(&bytes)),
        Writing::Interpreted => octal(raw),
    }
}

/// The bytes that the kernel encoded, or nothing where it would not have encoded them, so that a program named
/// `cafe` keeps its name.
pub(crate) fn hexadecimal(raw: &[u8]) -> Option<Vec<u8>> {
    let first = raw.first()?;
    if !first.is_ascii_hexdigit() || !raw.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Option<Vec<u8>> = raw
        .chunks_exact(2)
        .map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect();
    bytes.filter(|bytes| bytes.iter().any(|&byte| byte < 0x21 || byte == b'"' || byte > 0x7e))
}

/// Undoes `\026`: only what stands for a control character is written like that.
fn octal(raw: &[u8]) -> Text {
    if memchr::memchr(b'\\', raw).is_none() {
        return Text::new(raw);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        match tail {
            [b'0', high @ b'0'..=b'3', low @ b'0'..=b'7', after @ ..] if first == b'\\' => {
                bytes.push((high & 7) << 3 | (low & 7));
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    Text::new(&bytes)
}

/// A command line as the kernel keeps it: words that end in NUL. Shown with blanks, as `ausearch -i` does.
pub(crate) fn command_line(text: &Text) -> Text {
    let end = text.as_bytes().iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    let words: Vec<u8> =
        text.as_bytes().iter().take(end).map(|&byte| if byte == 0 { b' ' } else { byte }).collect();
    Text::new(&words)
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character & 0xf),
        // `A` and `a` end in 1, which stands for ten.
        b'A'..=b'F' | b'a'..=b'f' => Some((character & 0xf).wrapping_add(9)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Writing, command_line, plain};
    use crate::text::Text;

    #[test]
    fn hexadecimal_is_undone_where_the_kernel_wrote_it() {
        let raw = |text: &str| plain(text.as_bytes(), Writing::Raw);
        assert_eq!(raw("2F746D702F612062"), "/tmp/a b");
        assert_eq!(raw("2f746d702f612062"), "/tmp/a b");
        assert_eq!(raw("cafe"), Text::new(b"\xca\xfe"));
        // Printable when decoded, so the kernel would not have encoded it.
        assert_eq!(raw("4142"), "4142");
        assert_eq!(raw("414"), "414");
        assert_eq!(raw("(null)"), "(null)");
        assert_eq!(raw(""), "");
        assert_eq!(plain(b"2F746D702F612062", Writing::Interpreted), "2F746D702F612062");
    }

    #[test]
    fn octal_is_undone_for_control_characters_only() {
        let shown = |text: &str| plain(text.as_bytes(), Writing::Interpreted);
        assert_eq!(shown("\\026D1C\\024"), Text::new(b"\x16D1C\x14"));
        assert_eq!(shown("dev-luks\\x2d8f \\101 \\"), "dev-luks\\x2d8f \\101 \\");
    }

    #[test]
    fn words_of_a_command_line_are_parted_by_blanks() {
        assert_eq!(command_line(&Text::new(b"ls\0-l\0/tmp\0")), "ls -l /tmp");
        assert_eq!(command_line(&Text::new(b"\0\0")), "");
    }
}
