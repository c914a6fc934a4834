//! The body of a record → fields and values.
//!
//! Values are words, or quoted, or plain with blanks (`ausearch -i`): those reach to the next known field. Quotes
//! may be broken (`dev="xvda3 ino=1`): a quoted value that holds a known field has lost its end. In
//! records as the kernel writes them this cannot mislead, because it encodes names that hold blanks or quotes.

use crate::decode::{self, Writing};
use crate::field::{Field, Value};
use crate::text::Text;

/// Calls `each` with every known field and its decoded value, in the order of the text. O(n).
pub(crate) fn each_field(body: &[u8], writing: Writing, mut each: impl FnMut(Field, Text)) {
    // What follows the group separator repeats numbers as names (log_format = ENRICHED).
    let mut rest = memchr::memchr(0x1d, body).and_then(|end| body.get(..end)).unwrap_or(body);
    while let Some(start) = rest.iter().position(|&byte| !is_blank(byte)) {
        rest = rest.get(start..).unwrap_or_default();
        let Some((field, value)) = known_field(rest) else {
            rest = after_word(rest);
            continue;
        };
        if field == Field::Msg {
            // The message of an object manager, in quotes, is a list of fields as well.
            rest = value.strip_prefix(b"'").unwrap_or(value);
            continue;
        }
        let (raw, quoted, after) = value_of(field, value);
        rest = after;
        let text = match (field.value(), writing) {
            (Value::Context, _) => match broken_context(raw, after) {
                Some((whole, after)) => {
                    rest = after;
                    Text::new(&whole)
                }
                None => Text::new(raw),
            },
            (Value::Word | Value::Phrase, Writing::Raw) => Text::new(raw),
            _ if quoted => Text::new(raw),
            _ => decode::plain(raw, writing),
        };
        each(field, text);
    }
}

/// The field that stands at the start of a text, and the text behind its `=`.
pub(crate) fn known_field(text: &[u8]) -> Option<(Field, &[u8])> {
    // No name of a field is longer.
    let near = text.get(..16).unwrap_or(text);
    let end = near.iter().position(|&byte| class(byte) & (EQUALS | BLANK) != 0)?;
    let (name, value) = text.split_at_checked(end)?;
    Some((Field::by_name(name)?, value.strip_prefix(b"=")?))
}

/// The value at the start of a text, whether it was quoted, and what follows it.
fn value_of(field: Field, text: &[u8]) -> (&[u8], bool, &[u8]) {
    if let Some(inner) = text.strip_prefix(b"\"") {
        if let Some(end) = closing_quote(field, inner) {
            let after = inner.get(end..).and_then(|rest| rest.get(1..)).unwrap_or_default();
            return (inner.get(..end).unwrap_or_default(), true, after);
        }
        let (raw, _, after) = value_of(field, inner);
        return (raw.strip_suffix(b"\"").unwrap_or(raw), true, after);
    }
    let end = match field.value() {
        Value::Name | Value::Phrase => words_end(text),
        Value::Word | Value::Context | Value::Encoded => word_end(text),
    };
    let (raw, after) = text.split_at_checked(end).unwrap_or((text, b""));
    (without_tail(raw), false, after)
}

/// A context that somebody's line break went through: the first piece has no colon, the next word several.
fn broken_context<'a>(raw: &[u8], after: &'a [u8]) -> Option<(Vec<u8>, &'a [u8])> {
    if raw.is_empty() || raw.contains(&b':') {
        return None;
    }
    let start = after.iter().position(|&byte| !is_blank(byte))?;
    let next = after.get(start..)?;
    let (word, after) = next.split_at_checked(word_end(next))?;
    let is_rest = word.iter().filter(|&&byte| byte == b':').count() >= 2 && known_field(next).is_none();
    is_rest.then(|| ([raw, without_tail(word)].concat(), after))
}

/// Where a quoted value ends; nothing if its end is lost.
fn closing_quote(field: Field, inner: &[u8]) -> Option<usize> {
    if field == Field::Cmdline {
        // systemd writes what the user typed, quotes and all: the last quote before a field that we know.
        let mut ends = memchr::memchr_iter(b'"', inner).filter(|&end| {
            let after = inner.get(end..).and_then(|rest| rest.get(1..)).unwrap_or_default();
            let next = after.iter().position(|&byte| !is_blank(byte));
            match next {
                None => true,
                Some(0) => after.first() == Some(&b'\''),
                Some(start) => known_field(after.get(start..).unwrap_or_default()).is_some(),
            }
        });
        return ends.next();
    }
    let end = memchr::memchr(b'"', inner)?;
    let value = inner.get(..end)?;
    let mut blanks = value.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    blanks
        .all(|(blank, _)| {
            known_field(value.get(blank..).and_then(|rest| rest.get(1..)).unwrap_or_default()).is_none()
        })
        .then_some(end)
}

/// Where a value with blanks ends: before the blanks before the next known field.
fn words_end(text: &[u8]) -> usize {
    let mut at = word_end(text);
    let mut end = at;
    while let Some(start) = text.get(at..).and_then(|rest| rest.iter().position(|&byte| !is_blank(byte))) {
        at = at.saturating_add(start);
        let rest = text.get(at..).unwrap_or_default();
        if known_field(rest).is_some() || rest.starts_with(b"#012") {
            break;
        }
        at = at.saturating_add(word_end(rest).max(1));
        end = at;
    }
    end
}

/// Where a word ends. syslog writes a newline as `#012`, pagers the separator of an enriched record as `^]`.
fn word_end(text: &[u8]) -> usize {
    let mut at = 0;
    // One pass over a byte class: this is where the reader spends most of its time.
    while let Some(length) = text.get(at..).and_then(|rest| rest.iter().position(|&byte| may_end(byte))) {
        at = at.saturating_add(length);
        let rest = text.get(at..).unwrap_or_default();
        if !matches!(rest, [b'#' | b'^', ..]) || rest.starts_with(b"#012") || rest.starts_with(b"^]") {
            return at;
        }
        at = at.saturating_add(1);
    }
    text.len()
}

/// True for blanks, and for what the two marks that end a word begin with.
fn may_end(byte: u8) -> bool {
    class(byte) & (BLANK | MARK) != 0
}

fn after_word(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"#012").unwrap_or(text);
    text.get(word_end(text).max(1)..).unwrap_or_default()
}

/// Drops what a message in quotes leaves at the end of its last field, and a comma between fields.
fn without_tail(raw: &[u8]) -> &[u8] {
    raw.strip_suffix(b"'").or_else(|| raw.strip_suffix(b",")).unwrap_or(raw)
}

/// True for what parts words.
pub(crate) fn is_blank(byte: u8) -> bool {
    class(byte) & BLANK != 0
}

const BLANK: u8 = 1;
const MARK: u8 = 2;
const EQUALS: u8 = 4;

/// What a byte may be. A table, because every byte of a log is looked up.
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, with indices below 128")]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    classes[b' ' as usize] = BLANK;
    classes[b'\t' as usize] = BLANK;
    classes[b'\n' as usize] = BLANK;
    classes[0x0b] = BLANK;
    classes[0x0c] = BLANK;
    classes[b'\r' as usize] = BLANK;
    classes[b'#' as usize] = MARK;
    classes[b'^' as usize] = MARK;
    classes[b'=' as usize] = EQUALS;
    classes
}

#[cfg(test)]
mod tests {
    use super::each_field;
    use crate::decode::Writing;
    use crate::field::Field;
    use crate::text::Text;

    fn read(body: &str, writing: Writing) -> Vec<(Field, Text)> {
        let mut fields = Vec::new();
        each_field(body.as_bytes(), writing, |field, text| fields.push((field, text)));
        fields
    }

    fn listed<const N: usize>(fields: [(Field, &str); N]) -> Vec<(Field, Text)> {
        fields.map(|(field, text)| (field, Text::from(text))).to_vec()
    }

    #[test]
    fn raw_fields() {
        assert_eq!(
            read("pid=12 comm=\"cat\" name=612062 dev=\"dm-0\" unknown=1 ino=7", Writing::Raw),
            listed([
                (Field::Pid, "12"),
                (Field::Comm, "cat"),
                (Field::Name, "a b"),
                (Field::Dev, "dm-0"),
                (Field::Ino, "7")
            ])
        );
    }

    #[test]
    fn plain_values_reach_to_the_next_field() {
        assert_eq!(
            read("comm=fuse mainloop path=/run/a b=c (deleted) dev=\"tmpfs\"  ino=2", Writing::Interpreted),
            listed([
                (Field::Comm, "fuse mainloop"),
                (Field::Path, "/run/a b=c (deleted)"),
                (Field::Dev, "tmpfs"),
                (Field::Ino, "2")
            ])
        );
        assert_eq!(read("name=x   ", Writing::Interpreted), listed([(Field::Name, "x")]));
    }

    #[test]
    fn numbers_are_no_hexadecimal_and_contexts_may_be_broken() {
        let raw =
            "pid=8881 ino=455285 dev=da dest=9099 scontext=sys tem_u:r:a_t:s0 tcontext=u:r:b_t tclass=file";
        assert_eq!(
            read(raw, Writing::Raw),
            listed([
                (Field::Pid, "8881"),
                (Field::Ino, "455285"),
                (Field::Dev, "da"),
                (Field::Dest, "9099"),
                (Field::Scontext, "system_u:r:a_t:s0"),
                (Field::Tcontext, "u:r:b_t"),
                (Field::Tclass, "file")
            ])
        );
        assert_eq!(
            read("scontext=x then tclass=file", Writing::Raw),
            listed([(Field::Scontext, "x"), (Field::Tclass, "file")])
        );
    }

    #[test]
    fn a_lost_quote_costs_no_other_field() {
        let expected = listed([(Field::Dev, "xvda3"), (Field::Ino, "3"), (Field::Name, "x")]);
        assert_eq!(read("dev=\"xvda3 ino=3 name=\"x\"", Writing::Raw), expected);
        assert_eq!(read("dev=\"xvda3 ino=3 name=\"x", Writing::Raw), expected);
        assert_eq!(read("comm=\"", Writing::Raw), listed([(Field::Comm, "")]));
        assert_eq!(read("comm=\"a b\"", Writing::Raw), listed([(Field::Comm, "a b")]));
    }

    #[test]
    fn messages_of_object_managers() {
        assert_eq!(
            read(
                "pid=1 msg='avc: x cmdline=\"sh -c \"exe=1\" --path=/x\" function=\"f\" exe=\"/sbin/init\" terminal=?'\x1dUID=\"root\" pid=7",
                Writing::Raw
            ),
            listed([
                (Field::Pid, "1"),
                (Field::Cmdline, "sh -c \"exe=1\" --path=/x"),
                (Field::Function, "f"),
                (Field::Exe, "/sbin/init"),
                (Field::Terminal, "?")
            ])
        );
        assert_eq!(
            read("permissive=0#012 exe=/usr/bin/x sauid=81^]UID=1", Writing::Raw),
            listed([(Field::Permissive, "0"), (Field::Exe, "/usr/bin/x"), (Field::Sauid, "81")])
        );
    }
}
