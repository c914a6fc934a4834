//! The text form of file_contexts: `EXPRESSION [KIND] CONTEXT` on each line.
//!
//! Source: libselinux `label_support.c`, `read_spec_entries`, and `label_file.h`, `process_line`. Words are separated by
//! what C calls space; behind the third one anything may stand; a NUL ends a line. Linear.

use super::kind::FileKind;
use super::lines::{Lines, Words};
use super::problem::{ProblemReason, shown};

/// The context that says that a path has no label of its own.
pub(super) const NONE: &[u8] = b"<<none>>";

/// Adds the lines of a text.
pub(super) fn read(lines: &mut Lines, file: u8, text: &[u8]) {
    let mut rest = text;
    let mut number: u32 = 0;
    while !rest.is_empty() {
        number = number.saturating_add(1);
        let (line, behind) = match memchr::memchr(b'\n', rest).and_then(|at| rest.split_at_checked(at)) {
            Some((line, behind)) => (line, behind.get(1..).unwrap_or_default()),
            None => (rest, &[][..]),
        };
        rest = behind;
        match read_line(line) {
            Ok(None) => {}
            Ok(Some(words)) => lines.add(file, Some(number), words),
            Err(reason) => lines.complain(file, Some(number), reason),
        }
    }
}

/// One line. Nothing for comments and blank lines.
fn read_line(line: &[u8]) -> Result<Option<Words<'_>>, ProblemReason> {
    let mut words = words(line);
    let Some(regex) = words.next().filter(|word| !word.starts_with(b"#")) else { return Ok(None) };
    let (second, third) = (words.next(), words.next());
    match (second, third) {
        (None, _) => Err(ProblemReason::NoContext),
        (Some(context), None) => Ok(Some(Words { regex, kind: None, context })),
        (Some(word), Some(context)) => match FileKind::from_word(word) {
            Some(kind) => Ok(Some(Words { regex, kind: Some(kind), context })),
            None => Err(ProblemReason::FileKind(shown(word))),
        },
    }
}

/// The words of a line, up to a NUL.
pub(super) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = line.iter().position(|byte| *byte == 0).unwrap_or(line.len());
    let line = line.get(..end).unwrap_or_default();
    line.split(|byte| matches!(byte, b'\t'..=b'\r' | b' ')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{FileKind, Lines, ProblemReason, Words, read, read_line};

    #[test]
    fn lines_as_libselinux_reads_them() {
        let words = |regex: &'static str, kind, context: &'static str| {
            Ok(Some(Words { regex: regex.as_bytes(), kind, context: context.as_bytes() }))
        };
        let cases = [
            (&b""[..], Ok(None)),
            (b" \t# /a b", Ok(None)),
            (b"/a s", words("/a", None, "s")),
            (b" /a\t--  s\r", words("/a", Some(FileKind::Regular), "s")),
            (b"/a -d s - s0:c1 # behind \xff", words("/a", Some(FileKind::Directory), "s")),
            (b"/a -l <<none>>", words("/a", Some(FileKind::Link), "<<none>>")),
            (b"/a s\0 -d t", words("/a", None, "s")),
            (b"/a", Err(ProblemReason::NoContext)),
            (b"/a -f s", Err(ProblemReason::FileKind("-f".into()))),
            (b"/a \xff s", Err(ProblemReason::FileKind("\\xff".into()))),
        ];
        for (line, expected) in cases {
            assert_eq!(read_line(line), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn words_that_are_not_ascii_are_problems() {
        let mut lines = Lines::default();
        let file = lines.add_file("fc");
        read(&mut lines, file, b"/\xc3\xa9 s\n/a \xff\n\n/a s");
        assert_eq!(lines.all.iter().map(|line| line.number).collect::<Vec<_>>(), [Some(4)]);
        assert_eq!(lines.problems.count, 2);
    }
}
