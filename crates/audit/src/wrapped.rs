//! Records that a terminal or a mail program broke into several lines: which line goes on with which.
//!
//! A terminal breaks inside words, a mail program at blanks, and either blank is lost. So the two pieces are joined with
//! a blank where the second begins with a field's name, and inside braces; else without.

use crate::denial::Lines;
use crate::field::Field;
use crate::reader::MAX_LINE;
use crate::tokens::{is_blank, known_field};
use memchr::memmem;

/// More lines than that a record is not broken into.
const MOST_LINES: u64 = 16;

/// A record of which a piece may be missing.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// The pieces so far, joined; empty if there is none.
    pub(crate) text: Vec<u8>,
    pub(crate) lines: Lines,
    /// True where only the field after the class may be missing.
    pub(crate) is_readable: bool,
}

impl Pending {
    /// Appends the line if the record goes on with it.
    pub(crate) fn take(&mut self, line: &[u8], number: u64) -> bool {
        let piece = unquoted(line);
        let too_much = self.text.len().saturating_add(piece.len()) > MAX_LINE
            || number.saturating_sub(self.lines.first) >= MOST_LINES;
        if piece.is_empty() || too_much || self.text.ends_with(b">") {
            return false;
        }
        // The message that belongs to a header that stands alone.
        let is_message = piece.starts_with(b"avc:") && memmem::find(&self.text, b"avc:").is_none();
        if begins_a_record(piece) && !is_message {
            return false;
        }
        let Some(joint) = self.joint(piece).or(is_message.then_some(Joint::Blank)) else { return false };
        if joint == Joint::Blank {
            self.text.push(b' ');
        }
        self.text.extend_from_slice(piece);
        self.lines.last = number;
        true
    }

    fn joint(&self, piece: &[u8]) -> Option<Joint> {
        let is_name_broken = self.breaks_a_name(piece);
        if is_name_broken {
            return Some(Joint::Nothing);
        }
        if known_field(piece).is_some() {
            return Some(Joint::Blank);
        }
        if self.is_readable {
            // The rest of the class, and then `permissive=`.
            let near = piece.get(..64).unwrap_or(piece);
            return memmem::find(near, b" permissive=").map(|_| Joint::Nothing);
        }
        let in_braces =
            memchr::memrchr2(b'{', b'}', &self.text).and_then(|at| self.text.get(at)) == Some(&b'{');
        let opens = piece.starts_with(b"{") || piece.starts_with(b"denied") || piece.starts_with(b"for ");
        if in_braces || opens {
            return Some(Joint::Blank);
        }
        let is_record =
            piece.contains(&b'=') || piece.contains(&b'}') || !piece.iter().any(|&byte| is_blank(byte));
        is_record.then_some(Joint::Nothing)
    }

    /// True if the end of the one and the start of the other are a field's name together.
    fn breaks_a_name(&self, piece: &[u8]) -> bool {
        let word = self.text.rsplit(|&byte| is_blank(byte)).next().unwrap_or_default();
        let rest = memchr::memchr(b'=', piece.get(..16).unwrap_or(piece)).and_then(|end| piece.get(..end));
        match rest {
            Some(rest) if !word.is_empty() && word.len() < 16 => {
                Field::by_name(&[word, rest].concat()).is_some()
            }
            _ => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    Blank,
    Nothing,
}

/// A line without blanks around it and the marks of a quotation in front.
fn unquoted(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|&byte| byte != b'>' && !is_blank(byte)).unwrap_or(line.len());
    line.get(start..).unwrap_or_default().trim_ascii_end()
}

const MONTHS: [&[u8; 4]; 12] = [
    b"Jan ", b"Feb ", b"Mar ", b"Apr ", b"May ", b"Jun ", b"Jul ", b"Aug ", b"Sep ", b"Oct ", b"Nov ",
    b"Dec ",
];

/// What stands behind a blank in the first line of a record. Names hold them without blanks, or encoded.
const MARKS: [&[u8]; 4] = [b"avc: ", b"msg=audit(", b"audit(", b"audit["];

/// True for a line that is the start of some log's entry.
fn begins_a_record(line: &[u8]) -> bool {
    const STARTS: [&[u8]; 11] = [
        b"type=", b"node=", b"host=", b"----", b"time->", b"avc:", b"audit:", b"audit(", b"audit[", b"{\"",
        b"[",
    ];
    STARTS.iter().any(|start| line.starts_with(start))
        || MONTHS.iter().any(|month| line.starts_with(*month))
        || MARKS.iter().any(|mark| {
            memmem::find_iter(line, mark)
                .any(|at| line.get(..at).and_then(<[u8]>::last).is_some_and(|&byte| is_blank(byte)))
        })
}

#[cfg(test)]
mod tests {
    use super::Pending;
    use crate::denial::Lines;

    fn joined(pieces: &[&str], is_readable: bool) -> Option<String> {
        let (first, rest) = pieces.split_first().unwrap();
        let lines = Lines { first: 1, last: 1 };
        let mut pending = Pending { text: first.as_bytes().to_vec(), lines, is_readable };
        let mut number = 1;
        let all = rest.iter().all(|piece| {
            number += 1;
            pending.take(piece.as_bytes(), number)
        });
        all.then(|| String::from_utf8(pending.text).unwrap())
    }

    #[test]
    fn pieces_are_joined() {
        let cases: &[(&[&str], &str)] = &[
            (&["avc: denied", "{ read", "write } for", "pid=1"], "avc: denied { read write } for pid=1"),
            (&["scontext=a:b tcont", "ext=c:d", "> tclass=x"], "scontext=a:b tcontext=c:d tclass=x"),
            (
                &["tcontext=system_u:obj", "   ect_r:b_t:s0 tclass=x"],
                "tcontext=system_u:object_r:b_t:s0 tclass=x",
            ),
            (&["type=AVC msg=audit(1.0:2):", "avc: denied"], "type=AVC msg=audit(1.0:2): avc: denied"),
        ];
        for (pieces, expected) in cases {
            assert_eq!(joined(pieces, false).as_deref(), Some(*expected));
        }
        assert_eq!(
            joined(&["tclass=fi", "le permissive=0"], true).as_deref(),
            Some("tclass=file permissive=0")
        );
        assert_eq!(
            joined(&["tclass=file", "permissive=0"], true).as_deref(),
            Some("tclass=file permissive=0")
        );
    }

    #[test]
    fn other_lines_are_not_joined() {
        for line in
            ["", "type=SYSCALL x=1", "Sep  1 10:00:00 h x: a=b", "so this was denied", "x audit(1.0:2): a=b"]
        {
            assert_eq!(joined(&["avc: denied { read } for pid=1", line], false), None, "{line}");
        }
        assert_eq!(joined(&["avc: scontext=a:b:>", "tcontext=x"], false), None);
        assert_eq!(joined(&["tclass=file", "word"], true), None);
        assert_eq!(joined(&["avc: x"; 2], false), None);
    }
}
