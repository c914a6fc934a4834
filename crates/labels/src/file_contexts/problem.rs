//! What could not be used of the files, and why.

use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// A line, or a whole file, that is not used.
///
/// libselinux is stricter where a look-up is asked of it: the first line without enough words, with an unknown kind
/// or with bytes that are not ASCII makes it refuse the whole file, and the first expression that does not compile
/// ends the look-up that comes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name, as it was given.
    pub file: String,
    /// The line, from 1. Nothing if the whole file is meant, and for compiled files that number no lines.
    pub line: Option<u32>,
    /// What is wrong.
    pub reason: ProblemReason,
}

/// Why a line or a file is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemReason {
    /// A line of file_contexts with one word.
    #[error("the line has an expression and no context")]
    NoContext,
    /// A word with bytes over 127.
    #[error("a word of the line is not ASCII")]
    NotAscii,
    /// The second of three words is no kind of file.
    #[error("`{0}` is no kind of file\nhelp: one of -- -d -l -c -b -s -p, or nothing for all")]
    FileKind(String),
    /// An expression that PCRE refuses, that is not understood here, or that explodes.
    #[error("the expression `{regex}` cannot be used: {why}")]
    Expression {
        /// As written.
        regex: String,
        /// Why.
        why: String,
    },
    /// A line of a file of substitutions with one word.
    #[error("the line says what is replaced and not by what")]
    NoSubstitute,
    /// A line of a file of substitutions that is longer than libselinux reads.
    #[error("the line has more than 1022 bytes, which is what libselinux reads of it")]
    LongLine,
    /// A compiled file with something wrong in it. Nothing of it is used.
    #[error("at byte {offset}, {section}: expected {expected}")]
    Compiled {
        /// Where.
        offset: usize,
        /// What was being read.
        section: &'static str,
        /// What should have stood there.
        expected: &'static str,
    },
    /// A file larger than any of its kind.
    #[error("the file has more than {MAX_FILE} bytes")]
    TooLarge,
    /// A file that is there and cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
}

/// The most bytes of a file that is read; Debian's largest has 600,000.
pub(super) const MAX_FILE: usize = 64 << 20;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}

/// Problems, the first ones kept and all counted.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) kept: Vec<Problem>,
    pub(super) count: usize,
}

impl Problems {
    /// So many are kept: a file that is no file_contexts at all has one on each line.
    pub(super) const MAX_KEPT: usize = 100;

    pub(super) fn add(&mut self, file: &str, line: Option<u32>, reason: ProblemReason) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < Self::MAX_KEPT {
            self.kept.push(Problem { file: file.to_owned(), line, reason });
        }
    }
}

/// Bytes of a word for a message: at most two hundred, with `\xHH` for what is not printable.
pub(super) fn shown(word: &[u8]) -> String {
    const MOST: usize = 200;
    let mut shown = String::new();
    for byte in word.iter().take(MOST) {
        match byte {
            b' '..=b'~' => shown.push(char::from(*byte)),
            // Writing to a String does not fail.
            byte => {
                let _ = write!(shown, "\\x{byte:02x}");
            }
        }
    }
    if word.len() > MOST {
        shown.push('…');
    }
    shown
}

/// Why there is nothing to look up in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is neither the file nor its compiled form.
    #[error(
        "there is no `{path}` and no `{path}.bin`\nhelp: the file_contexts of the running policy are in /etc/selinux/NAME/contexts/files"
    )]
    Missing {
        /// What was asked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The compiled form cannot be used, and there is no text beside it.
    #[error("cannot use `{path}`: {reason}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: ProblemReason,
    },
}
