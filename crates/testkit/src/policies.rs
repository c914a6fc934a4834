//! The policies that questions are about, and where they are.
//!
//! Three real ones, which `cargo xtask policies` builds below `target/policies` (or wherever the variable
//! `SEPOLQ_POLICIES_DIR` says), and `corners`, a small one in `testdata/records` that has what those lack:
//! extended permissions of every shape, odd file names, deep conditional expressions.
//!
//! A question is asked in the policy's own folder with its bare file name, so that no answer depends on where
//! the repository is.

use crate::Error;
use crate::answer::sha256;
use std::path::{Path, PathBuf};

/// Where a policy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Built by `cargo xtask policies`.
    Built,
    /// Committed beside the records.
    Committed,
}

/// A policy that answers are recorded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name in file names and messages.
    pub name: &'static str,
    origin: Origin,
}

/// All policies that answers are recorded for.
pub const ALL: &[Policy] = &[
    Policy { name: "default", origin: Origin::Built },
    Policy { name: "mls", origin: Origin::Built },
    Policy { name: "container", origin: Origin::Built },
    Policy { name: "corners", origin: Origin::Committed },
];

impl Policy {
    /// The file name, which questions use.
    pub fn file_name(&self) -> String {
        format!("{}.33", self.name)
    }

    /// The folder in which questions are asked.
    pub fn folder(&self) -> PathBuf {
        match self.origin {
            Origin::Built => built_folder(),
            Origin::Committed => records_folder(),
        }
    }

    /// The whole path.
    pub fn path(&self) -> PathBuf {
        self.folder().join(self.file_name())
    }

    /// The digest of the policy's file.
    ///
    /// # Errors
    /// [`Error::NoPolicy`] when it has not been built.
    pub fn sha256(&self) -> Result<String, Error> {
        let path = self.path();
        match std::fs::read(&path) {
            Ok(bytes) => Ok(sha256(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NoPolicy { path }),
            Err(source) => Err(Error::File { path, source }),
        }
    }
}

/// The folder of the recorded answers of sesearch.
pub fn records_folder() -> PathBuf {
    repository().join("testdata/records/sesearch")
}

fn built_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("SEPOLQ_POLICIES_DIR") {
        return folder.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    repository().join(target).join("policies")
}

/// The repository's root folder.
pub(crate) fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
