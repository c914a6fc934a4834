//! The text form of file_contexts: `EXPRESSION [KIND] CONTEXT` on each line.
//!
//! Source: libselinux `label_support.c`, `read_spec_entries`, and `label_file.h`, `process_line`. Words are separated by
//! what C calls space; behind the third one anything may stand; a NUL ends a line. Linear.

use super::kind::FileKind;
use super::lines::{Line, Lines};
use super::problem::{ProblemReason, shown};

/// The context that says that a path has no label of its own.
pub(super) const NONE: &[u8] = b"<<none>>";

/// Adds the lines of a text that the arena of `lines` holds at `start..end`.
pub(super) fn read(lines: &mut Lines, file: u8, start: usize, end: usize) {
    let text = std::mem::take(&mut lines.arena);
    let mut rest = text.get(start..end).unwrap_or_default();
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
            Ok(Some((regex, kind, context))) => {
                let (regex, context) = (lines.piece_of(&text, regex), lines.piece_of(&text, context));
                lines.all.push(Line { file, number: Some(number), regex, kind, context });
            }
            Err(reason) => {
                let name = lines.files.get(usize::from(file)).cloned().unwrap_or_default();
                lines.problems.add(&name, Some(number), reason);
            }
        }
    }
    lines.arena = text;
}

type Words<'a> = (&'a [u8], Option<FileKind>, &'a [u8]);

/// One line. Nothing for comments and blank lines.
fn read_line(line: &[u8]) -> Result<Option<Words<'_>>, ProblemReason> {
    let mut words = words(line);
    let Some(regex) = words.next().filter(|word| !word.starts_with(b"#")) else { return Ok(None) };
    let (second, third) = (words.next(), words.next());
    if [Some(regex), second, third].into_iter().flatten().any(|word| !word.is_ascii()) {
        return Err(ProblemReason::NotAscii);
    }
    match (second, third) {
        (None, _) => Err(ProblemReason::NoContext),
        (Some(context), None) => Ok(Some((regex, None, context))),
        (Some(word), Some(context)) => match FileKind::from_word(word) {
            Some(kind) => Ok(Some((regex, Some(kind), context))),
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
    use super::{FileKind, ProblemReason, read_line};

    #[test]
    fn lines_as_libselinux_reads_them() {
        type Expected = Result<Option<(&'static str, Option<FileKind>, &'static str)>, ProblemReason>;
        let cases: [(&[u8], Expected); 12] = [
            (b"", Ok(None)),
            (b" \t# /a b", Ok(None)),
            (b"/a s", Ok(Some(("/a", None, "s")))),
            (b" /a\t--  s\r", Ok(Some(("/a", Some(FileKind::Regular), "s")))),
            (b"/a -d s - s0:c1 # behind", Ok(Some(("/a", Some(FileKind::Directory), "s")))),
            (b"/a -l <<none>>", Ok(Some(("/a", Some(FileKind::Link), "<<none>>")))),
            (b"/a s\0 -d t", Ok(Some(("/a", None, "s")))),
            (b"/a", Err(ProblemReason::NoContext)),
            (b"/a -f s", Err(ProblemReason::FileKind("-f".into()))),
            (b"/\xc3\xa9 s", Err(ProblemReason::NotAscii)),
            (b"/a s \xff", Err(ProblemReason::NotAscii)),
            (b"/a -- s \xff", Ok(Some(("/a", Some(FileKind::Regular), "s")))),
        ];
        for (line, expected) in cases {
            let expected = expected.map(|words| words.map(|(a, kind, b)| (a.as_bytes(), kind, b.as_bytes())));
            assert_eq!(read_line(line), expected, "{}", line.escape_ascii());
        }
    }
}
