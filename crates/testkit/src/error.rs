//! What can go wrong around a comparison; a difference in answers is not an error but a result.

use std::path::PathBuf;

/// Why a comparison cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that should be there cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A real policy has not been built.
    #[error("there is no {}\nhelp: `cargo xtask policies` builds it", path.display())]
    NoPolicy {
        /// Where it would be.
        path: PathBuf,
    },
    /// The policy is not the one that the records were taken from.
    #[error(
        "{} has sha256 {found}, and the records of {policy} were taken from {expected}\nhelp: `cargo xtask policies` \
         builds the policy; `cargo xtask oracle --full` takes the records anew", path.display()
    )]
    OtherPolicy {
        /// The policy's name.
        policy: String,
        /// Its file.
        path: PathBuf,
        /// The digest in the records.
        expected: String,
        /// The digest of the file.
        found: String,
    },
    /// The reference tool is missing, of another version, or does not run.
    #[error("{0}")]
    Reference(String),
    /// A record file does not have the form that [`crate::records`] describes.
    #[error("{}:{line}: {why}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    /// For `map_err` on what the file system returns.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
