//! `file_contexts.subs` and `.subs_dist`: paths that are looked up as if they were others.
//!
//! Source: libselinux `label_file.c`, `selabel_subs_init`, `selabel_sub` and `selabel_sub_key`. The last line that fits
//! is the one that counts. A path is replaced at most once by each file, first by `.subs`, so lines that lead to one
//! another are no loop.

use super::problem::{ProblemReason, Problems};

/// The bytes that libselinux 3.4 reads of a line, without the line feed.
const MAX_LINE: usize = 1022;

/// The lines of one file.
#[derive(Debug, Default)]
pub(super) struct Substitutions {
    /// What is replaced, and by what; in the order of the file.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Substitutions {
    /// Reads a file. Linear. Never panics.
    pub(super) fn parse(name: &str, bytes: &[u8], problems: &mut Problems) -> Self {
        let mut pairs = Vec::new();
        for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
            let mut words = super::text::words(line);
            let Some(from) = words.next().filter(|word| !word.starts_with(b"#")) else { continue };
            let to = words.next();
            let reason = match to {
                _ if line.len() > MAX_LINE => ProblemReason::LongLine,
                None => ProblemReason::NoSubstitute,
                Some(to) => {
                    pairs.push((from.to_vec(), to.to_vec()));
                    continue;
                }
            };
            problems.add(name, Some(number), reason);
        }
        Self { pairs }
    }

    /// What is replaced, and by what, in the order of the file.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|(from, to)| (from.as_slice(), to.as_slice()))
    }

    /// The path that is looked up instead of `path`. Linear in the lines.
    pub(super) fn apply(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.pairs.iter().rev().find_map(|(from, to)| {
            let rest = path.strip_prefix(from.as_slice())?;
            let rest = match rest {
                // Not two slashes where the root is put in place of a folder.
                [b'/', behind @ ..] if to == b"/" => behind,
                [] | [b'/', ..] => rest,
                _ => return None,
            };
            Some([to, rest].concat())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Substitutions;
    use crate::file_contexts::problem::{ProblemReason, Problems};

    fn parse(text: &str) -> (Substitutions, Vec<(Option<u32>, ProblemReason)>) {
        let mut problems = Problems::default();
        let found = Substitutions::parse("subs", text.as_bytes(), &mut problems);
        (found, problems.kept.into_iter().map(|problem| (problem.line, problem.reason)).collect())
    }

    #[test]
    fn whole_components_are_replaced() {
        let (subs, problems) = parse("# comment\n\n  /lib64\t/usr/lib trailing\n/srv/root /\n");
        assert_eq!(problems, []);
        assert_eq!(subs.apply(b"/lib64"), Some(b"/usr/lib".to_vec()));
        assert_eq!(subs.apply(b"/lib64/a"), Some(b"/usr/lib/a".to_vec()));
        assert_eq!(subs.apply(b"/lib64a"), None);
        assert_eq!(subs.apply(b"/srv/root/etc"), Some(b"/etc".to_vec()));
        assert_eq!(subs.apply(b"/srv/root"), Some(b"/".to_vec()));
    }

    #[test]
    fn the_last_line_wins_and_nothing_goes_in_circles() {
        let (subs, _) = parse("/a /b\n/b /a\n/a /c\n/c/d /e\n/c /c/c\n");
        assert_eq!(subs.apply(b"/a/x"), Some(b"/c/x".to_vec()));
        assert_eq!(subs.apply(b"/b/x"), Some(b"/a/x".to_vec()));
        assert_eq!(subs.apply(b"/c/d"), Some(b"/c/c/d".to_vec()), "the last one, not the longest");
    }

    #[test]
    fn bad_lines_are_told() {
        let long = format!("/{} /b", "a".repeat(1022));
        let (subs, problems) = parse(&format!("/a\n{long}\n/x /y"));
        let expected = [(Some(1), ProblemReason::NoSubstitute), (Some(2), ProblemReason::LongLine)];
        assert_eq!(problems, expected);
        assert_eq!(subs.apply(b"/x"), Some(b"/y".to_vec()));
    }
}
