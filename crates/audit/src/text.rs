//! A piece of a record, decoded: any bytes, because comm, path and name are chosen by whoever is denied.
//!
//! Most pieces are short (comm has at most 15 bytes), so up to 22 bytes are kept without an allocation.

use std::fmt;
use std::hash::{Hash, Hasher};

/// The longest text that is kept in place; a `Text` is 24 bytes.
const INLINE: usize = 22;

/// Bytes out of a record. `Display` escapes control characters, characters that change the direction of text, and what
/// is not UTF-8, so that a hostile file name cannot drive a terminal; `as_bytes` is what the record said.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Inline { length: u8, bytes: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl Text {
    /// Copies bytes.
    pub fn new(bytes: &[u8]) -> Self {
        let mut inline = [0; INLINE];
        match (inline.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(bytes);
                Text(Repr::Inline { length, bytes: inline })
            }
            _ => Text(Repr::Heap(bytes.into())),
        }
    }

    /// The bytes, unescaped.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Repr::Heap(bytes) => bytes,
        }
    }

    /// The text, where it is UTF-8, unescaped.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// True where the record had the field and nothing in it.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl Default for Text {
    fn default() -> Self {
        Text::new(b"")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::new(text.as_bytes())
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Text::new(bytes)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

/// Characters that show nothing themselves but change how others are shown, such as the direction of text.
const fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.as_bytes().utf8_chunks() {
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

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Text;
    use std::collections::HashSet;

    #[test]
    fn short_and_long_texts_are_the_same_to_their_users() {
        for length in [0, 1, 21, 22, 23, 300] {
            let bytes = vec![b'x'; length];
            let text = Text::new(&bytes);
            assert_eq!(text.as_bytes(), bytes);
            assert_eq!(text, text.clone());
            assert!(HashSet::from([text.clone()]).contains(&text));
            assert_eq!(text.is_empty(), length == 0);
        }
        assert_eq!(size_of::<Text>(), 24);
        assert_eq!(Text::from("a").cmp(&Text::from("b")), std::cmp::Ordering::Less);
    }

    #[test]
    fn display_escapes_what_could_drive_a_terminal() {
        assert_eq!(Text::from("caf\u{e9} \u{202e}").to_string(), "caf\u{e9} \\u{202e}");
        assert_eq!(Text::new(b"a\x1b[31m\n\xff").to_string(), "a\\u{1b}[31m\\n\\xff");
        assert_eq!(format!("{:?}", Text::from("x\ty")), "\"x\\ty\"");
        assert_eq!(Text::new(b"\xff").as_str(), None);
    }
}
