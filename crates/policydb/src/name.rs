//! A name out of a policy. The format does not say which bytes a name may hold, and policies come from
//! strangers: names are bytes, and shown escaped.

use std::fmt;

/// A name as it stands in the policy: any bytes but NUL, never empty.
///
/// Order is that of the bytes. `Display` escapes control characters and what is not UTF-8, so that a
/// hostile name cannot drive a terminal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name<'a>(&'a [u8]);

impl<'a> Name<'a> {
    /// Wraps bytes as a name.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Name(bytes)
    }

    /// The bytes as in the file.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// True for names of printable ASCII without blanks or colons, which can be compared as words of a
    /// statement and printed as they are.
    pub fn is_plain(self) -> bool {
        self.0.iter().all(|&b| b.is_ascii_graphic() && b != b':')
    }
}

/// Characters that show nothing themselves but change how others are shown, such as the direction of text.
const fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() || is_format(c) {
                    write!(f, "{}", c.escape_default())?;
                } else {
                    fmt::Write::write_char(f, c)?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn display_escapes_what_could_drive_a_terminal() {
        assert_eq!(Name::new(b"httpd_t").to_string(), "httpd_t");
        assert_eq!(Name::new("h\u{e9}".as_bytes()).to_string(), "h\u{e9}");
        assert_eq!(Name::new(b"a\x1b[31m\n").to_string(), "a\\u{1b}[31m\\n");
        assert_eq!(Name::new(b"a\xff").to_string(), "a\\xff");
    }

    #[test]
    fn plain_names_hold_no_separators() {
        assert!(Name::new(b"a-b.c_D9").is_plain());
        for odd in [&b"a b"[..], b"a:b", b"a\n", b"\xc3\xa9"] {
            assert!(!Name::new(odd).is_plain());
        }
    }
}
