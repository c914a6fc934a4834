//! file_contexts: which label a file is meant to have, as libselinux looks it up.
//!
//! [`FileContexts::open`] reads a file with what stands beside it, [`FileContexts::parse`] takes bytes, and
//! [`FileContexts::lookup`] answers what `selabel_lookup` answers. The semantics are those of libselinux
//! `src/label_file.c`, in the two ways that [`Generation`] tells apart.
//!
//! On purpose it differs where libselinux gives up. A line that cannot be used is a [`Problem`] and the others are used,
//! where libselinux refuses the file (words missing, an unknown kind, bytes that are not ASCII) or ends each look-up
//! that comes to the line (an expression that does not compile, or takes too many steps). A compiled file is read
//! whatever version of PCRE wrote it; of one whose end is broken nothing is used. Lines of substitutions over 1022
//! bytes are left out. No context is validated or translated.
//!
//! Loading is linear in the bytes and compiles nothing. A look-up hashes each folder above the path and compares the
//! path with the lines of those, from the last to the first that matches; an expression is compiled when it is first
//! needed.

mod below;
mod compiled;
mod compiled_tree;
mod cursor;
mod generation;
mod index;
mod kind;
mod lines;
mod loading;
mod open;
mod pattern;
mod problem;
mod record;
mod shape;
mod substitution;
mod text;

use std::borrow::Cow;

pub use generation::Generation;
pub use kind::FileKind;
pub use problem::{OpenError, Problem, ProblemReason};

use index::Index;
use lines::{Line, Piece};
use loading::Loading;
use problem::Problems;
use record::Record;
use substitution::Substitutions;

/// A file and the name that problems and matches call it by.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The name.
    pub name: &'a str,
    /// All its bytes: text or the compiled form, which the first four tell apart. Substitutions are text.
    pub bytes: &'a [u8],
}

/// The files that belong together. Those that are not there are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    /// `file_contexts`: what the policy's modules say.
    pub base: Option<Part<'a>>,
    /// `file_contexts.homedirs`: home directories.
    pub homedirs: Option<Part<'a>>,
    /// `file_contexts.local`: what `semanage fcontext` added.
    pub local: Option<Part<'a>>,
    /// `file_contexts.subs_dist`: the distribution's substitutions.
    pub subs_dist: Option<Part<'a>>,
    /// `file_contexts.subs`: those of `semanage fcontext --equal`.
    pub subs: Option<Part<'a>>,
    /// How lines are compared. Nothing to go by the compiled form if there is one, else as libselinux does since 3.8.
    pub generation: Option<Generation>,
}

/// File contexts as a system has them, ready for look-ups.
#[derive(Debug)]
pub struct FileContexts {
    generation: Generation,
    /// The words of all lines.
    arena: Vec<u8>,
    /// The texts that expressions begin with.
    literals: Vec<u8>,
    files: Vec<String>,
    /// In ascending order of precedence.
    records: Vec<Record>,
    /// Which of them say `<<none>>`, in ascending order.
    nones: Vec<usize>,
    index: Index,
    subs_dist: Substitutions,
    subs: Substitutions,
    problems: Problems,
}

/// A statement of file_contexts: a line, or an entry of a compiled file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec<'a> {
    /// The expression, as written.
    pub regex: &'a str,
    /// The kind of file that it is for; nothing for all.
    pub kind: Option<FileKind>,
    /// The label; nothing for `<<none>>`, which leaves files as they are.
    pub context: Option<&'a str>,
    /// The name of the file.
    pub file: &'a str,
    /// The line, from 1. Compiled files number none, or only those with expressions.
    pub line: Option<u32>,
}

/// The statement that decides about a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The statement.
    pub spec: Spec<'a>,
    /// The path that was compared, if a substitution made it another one.
    pub substituted: Option<Vec<u8>>,
}

impl Match<'_> {
    /// The label; nothing for `<<none>>`.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.spec.context
    }
}

/// A path as it is compared, and what a substitution makes of it.
type Compared<'p> = (Cow<'p, [u8]>, Option<Vec<u8>>);

impl FileContexts {
    /// File contexts from bytes that are read already. Linear. Never panics.
    #[must_use]
    pub fn parse(parts: &Parts<'_>) -> FileContexts {
        let mut loading = Loading::default();
        for part in [parts.base, parts.homedirs, parts.local].into_iter().flatten() {
            if let Err(reason) = loading.add(part) {
                loading.lines.problems.add(part.name, None, reason);
            }
        }
        loading.subs_dist = loading.substitutions(parts.subs_dist);
        loading.subs = loading.substitutions(parts.subs);
        loading.generation = parts.generation.or(loading.generation);
        loading.finish()
    }

    /// What `selabel_lookup` answers: the statement that decides about the path; nothing if there is none, and for a
    /// path that no file can have: an empty one, or one with a NUL.
    ///
    /// Without a kind, statements for all kinds are tried, as libselinux does for a mode of 0. Slashes that are doubled
    /// or at the end do not count; `.` and `..` are names like others. Costs a hash for each component of the path and
    /// a comparison for each statement about the folders above it.
    #[must_use]
    pub fn lookup(&self, path: &[u8], kind: Option<FileKind>) -> Option<Match<'_>> {
        let (path, substituted) = self.compared(path)?;
        let record = self.deciding(substituted.as_deref().unwrap_or(&path), kind)?;
        Some(Match { spec: self.spec(record), substituted })
    }

    /// A path as it is compared, and what a substitution makes of it; nothing for what no file can be called.
    fn compared<'p>(&self, path: &'p [u8]) -> Option<Compared<'p>> {
        if path.is_empty() || path.contains(&0) {
            return None;
        }
        let path = without_spare_slashes(path);
        let substituted = match self.subs.apply(&path) {
            Some(path) => Some(self.subs_dist.apply(&path).unwrap_or(path)),
            None => self.subs_dist.apply(&path),
        };
        Some((path, substituted))
    }

    /// What could not be used, as far as loading found it: the first hundred of [`FileContexts::n_problems`].
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems.kept
    }

    /// How many problems loading found.
    #[must_use]
    pub fn n_problems(&self) -> usize {
        self.problems.count
    }

    /// Problems that only look-ups find: expressions that are too large once their repetitions are written out, or took
    /// too many steps for some path. They matched nothing. At most a hundred; linear in the statements.
    #[must_use]
    pub fn problems_of_lookups(&self) -> Vec<Problem> {
        let refused = |record: &Record| {
            let why = record.refusal()?;
            let spec = self.spec(record);
            let regex = problem::shown(spec.regex.as_bytes());
            let reason = ProblemReason::Expression { regex, why };
            Some(Problem { file: spec.file.to_owned(), line: spec.line, reason })
        };
        self.records.iter().filter_map(refused).take(Problems::MAX_KEPT).collect()
    }

    /// All statements that are used, in ascending order of precedence: of two that match, the later one decides.
    pub fn specs(&self) -> impl Iterator<Item = Spec<'_>> {
        self.records.iter().map(|record| self.spec(record))
    }

    /// What paths may begin with, and what then stands in its place: those of the distribution, then those of the system. Of two
    /// about the same the later one counts.
    pub fn substitutions(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        [&self.subs_dist, &self.subs].into_iter().flat_map(Substitutions::pairs)
    }

    /// How lines are compared here.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The record that decides about a path as it is.
    fn deciding(&self, path: &[u8], kind: Option<FileKind>) -> Option<&Record> {
        let (number, last) = self.last_match(path, kind, |_| true)?;
        // Few lines say `<<none>>`, so they are asked one by one.
        let is_overruled = || {
            let before = self.nones.iter().take_while(|none| **none < number);
            let mut records = before.filter_map(|none| self.records.get(*none));
            records.any(|none| {
                none.depth > last.depth
                    && none.is_of_kind(kind)
                    && none.is_match(&self.arena, &self.literals, path)
            })
        };
        if self.generation == Generation::Stems || last.is_literal() || !is_overruled() {
            return Some(last);
        }
        // Since 3.8 libselinux goes through the stems from the deepest on, and a `<<none>>` ends that at once: it wins
        // over a later line that has fewer stems. A label does not.
        let mut decided: Option<(usize, &Record)> = None;
        for depth in (0..=generation::MAX_STEMS).rev() {
            let found = self.last_match(path, kind, |record| record.depth == depth);
            let later = found.filter(|(number, _)| decided.is_none_or(|(best, _)| best < *number));
            if let Some((number, record)) = later {
                if record.is_none {
                    return Some(record);
                }
                decided = Some((number, record));
            }
        }
        decided.map(|(_, record)| record)
    }

    /// The last record that matches a path, of those that `counts` is true of.
    fn last_match(
        &self,
        path: &[u8],
        kind: Option<FileKind>,
        counts: impl Fn(&Record) -> bool,
    ) -> Option<(usize, &Record)> {
        let mut last: Option<(usize, &Record)> = None;
        for folder in index::folders(path) {
            for number in self.index.lines(&self.literals, folder) {
                if last.is_some_and(|(last, _)| last >= number) {
                    break;
                }
                let Some(record) = self.records.get(number) else { break };
                if record.is_of_kind(kind)
                    && counts(record)
                    && record.is_match(&self.arena, &self.literals, path)
                {
                    last = Some((number, record));
                    break;
                }
            }
        }
        last
    }

    fn spec(&self, record: &Record) -> Spec<'_> {
        let Line { file, number, regex, kind, context } = record.line;
        // Both words were ASCII when they were read.
        let text = |piece: Piece| std::str::from_utf8(piece.of(&self.arena)).unwrap_or_default();
        let context = Some(text(context)).filter(|context| context.as_bytes() != text::NONE);
        let file = self.files.get(usize::from(file)).map_or("", String::as_str);
        Spec { regex: text(regex), kind, context, file, line: number }
    }
}

/// Runs of slashes as one, and none at the end.
fn without_spare_slashes(path: &[u8]) -> Cow<'_, [u8]> {
    let mut path = Cow::Borrowed(path);
    if memchr::memmem::find(&path, b"//").is_some() {
        let mut single = path.into_owned();
        single.dedup_by(|next, before| *next == b'/' && *before == b'/');
        path = Cow::Owned(single);
    }
    if path.len() > 1 && path.ends_with(b"/") {
        let n_bytes = path.len().saturating_sub(1);
        path = match path {
            Cow::Borrowed(path) => Cow::Borrowed(path.get(..n_bytes).unwrap_or_default()),
            Cow::Owned(mut path) => {
                path.truncate(n_bytes);
                Cow::Owned(path)
            }
        };
    }
    path
}

#[cfg(test)]
mod tests;
