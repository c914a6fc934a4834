//! What can be wrong with what is unpacked.
//!
//! Messages name what was read, where, what was expected and what was found; words out of the input are escaped.

use std::io;
use std::path::PathBuf;

use crate::Format;
use crate::limits::Exceeded;

/// Why something could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes begin as no package does.
    #[error("this is neither an RPM nor a Debian package")]
    NotAPackage,
    /// A part of a package is not as its format has it.
    #[error("{section}, byte {offset}: expected {expected}, found {found}")]
    Malformed {
        /// The part: `RPM header`, `cpio archive` and the like.
        section: &'static str,
        /// Where, from the beginning of the part that `section` names.
        offset: u64,
        /// What should stand there.
        expected: &'static str,
        /// What stands there, escaped.
        found: String,
    },
    /// A compressed stream, or the archive in it, is damaged or cut off.
    #[error("{section}: the {format} stream is damaged or cut off: {why}")]
    Damaged {
        /// What was unpacked: `file`, `RPM payload` and the like.
        section: &'static str,
        /// How it is compressed; [`Format::Other`] if it is not.
        format: Format,
        /// What the decoder says, escaped.
        why: String,
    },
    /// More came out than [`Limits`](crate::Limits) allow.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// It is compressed more often than anybody compresses.
    #[error("compressed more than {0} times, one stream inside the other")]
    TooManyLayers(usize),
    /// A folder has nothing that a module store has.
    #[error("`{}` is not a module store\nhelp: a store is a folder like /var/lib/selinux/targeted, with active/modules in it", .0.display().to_string().escape_debug())]
    NotAStore(PathBuf),
    /// The system could not read it.
    #[error("cannot read `{}`", path.display().to_string().escape_debug())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is in a store but no plain file or folder, and so is not opened.
    #[error("`{}` is {what}, which is not followed inside of a store", path.display().to_string().escape_debug())]
    NotPlain {
        /// Where it is.
        path: PathBuf,
        /// `a link`, `a FIFO` and the like.
        what: &'static str,
    },
}

impl Error {
    /// What a reader of an unpacked stream has said: the limit that it ran into, or else that the stream is damaged.
    pub(crate) fn of_stream(section: &'static str, format: Format, error: &io::Error) -> Self {
        match Exceeded::inside(error) {
            Some(exceeded) => exceeded.into(),
            None => Self::Damaged { section, format, why: escaped(&error.to_string()) },
        }
    }

    /// A part that is not as its format has it.
    pub(crate) fn malformed(
        section: &'static str,
        offset: u64,
        expected: &'static str,
        found: impl ToString,
    ) -> Self {
        Self::Malformed { section, offset, expected, found: escaped(&found.to_string()) }
    }
}

/// Text out of the input, so that it drives no terminal and stays short.
fn escaped(text: &str) -> String {
    text.chars().take(200).flat_map(char::escape_debug).collect()
}
