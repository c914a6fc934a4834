//! The policies that questions are about, and where they are.
//!
//! Three real ones, which `cargo xtask policies` builds below `target/policies` (or wherever the variable
//! `SEPOLQ_POLICIES_DIR` says), and `corners`, a small one in `testdata/records` that has what those lack:
//! extended permissions of every shape, odd file names, deep conditional expressions.
//!
//! One of the real ones, the container build, is there at each version from 20 to 33, and at 19 where somebody
//! asked for its 135 MB. SETools reads 24 and later; before that it crashes, and the specification judges.
//!
//! A question is asked in the policy's own folder with its bare file name, so that no answer depends on where
//! the repository is.

use crate::Error;
use crate::answer::sha256;
use crate::reference::Tool;
use std::path::{Path, PathBuf};

/// Where a policy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Built by `cargo xtask policies`.
    Built,
    /// Committed beside the records.
    Committed,
    /// One of the small policies of one idea each.
    Small,
    /// In some folder.
    In(&'static Path),
}

/// A policy that answers are recorded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name in file names and messages.
    pub name: &'static str,
    file: &'static str,
    origin: Origin,
}

/// The policies of version 33 that answers are recorded for.
pub const ALL: &[Policy] = &[
    built("default", "default.33"),
    built("mls", "mls.33"),
    built("container", "container.33"),
    Policy { name: "corners", file: "corners.33", origin: Origin::Committed },
];

/// The real ones of version 33.
pub const REAL: &[Policy] =
    &[built("default", "default.33"), built("mls", "mls.33"), built("container", "container.33")];

/// Small policies in which there are paths of every sort.
pub const FOR_PATHS: &[Policy] = &[small("reach", "reach.33"), small("reach-24", "reach.24")];

/// The container build at the older versions that SETools reads. Answers are recorded for them, too.
pub const OLDER: &[Policy] = &[
    built("container-24", "container.24"),
    built("container-25", "container.25"),
    built("container-26", "container.26"),
    built("container-27", "container.27"),
    built("container-28", "container.28"),
    built("container-29", "container.29"),
    built("container-30", "container.30"),
    built("container-31", "container.31"),
    built("container-32", "container.32"),
];

/// Small policies that declare what the real ones lack. Answers about their declarations are recorded.
pub const SMALL: &[Policy] = &[
    small("declarations-24", "declarations.24"),
    small("declarations-28", "declarations.28"),
    small("declarations", "declarations.33"),
    small("labels", "labels.33"),
    small("rich-mls-24", "rich-mls.24"),
    small("rich", "rich.33"),
];

/// The container build at the versions that have attributes and no names for them, which SETools does not read.
pub const NAMELESS: &[Policy] = &[
    built("container-20", "container.20"),
    built("container-21", "container.21"),
    built("container-22", "container.22"),
    built("container-23", "container.23"),
];

/// The container build without attributes: each rule written out for each pair of types. `cargo xtask policies
/// --full` builds it.
pub const EXPANDED: Policy = built("container-19", "container.19");

/// The container build without the modules of some container engines.
pub const LESS: Policy = built("container-less", "container-less.33");

const fn small(name: &'static str, file: &'static str) -> Policy {
    Policy { name, file, origin: Origin::Small }
}

const fn built(name: &'static str, file: &'static str) -> Policy {
    Policy { name, file, origin: Origin::Built }
}

impl Policy {
    /// The policy `generated.33` in a folder, which is remembered until the process ends.
    pub fn generated_in(folder: &Path) -> Self {
        let folder = Box::leak(folder.to_path_buf().into_boxed_path());
        Policy { name: "generated", file: "generated.33", origin: Origin::In(folder) }
    }

    /// The file name, which questions use.
    pub fn file_name(&self) -> String {
        self.file.to_owned()
    }

    /// The folder in which questions are asked.
    pub fn folder(&self) -> PathBuf {
        match self.origin {
            Origin::Built => built_folder(),
            Origin::Committed => records_folder(Tool::Sesearch),
            Origin::Small => testdata().join("policies"),
            Origin::In(folder) => folder.to_path_buf(),
        }
    }

    /// The whole path.
    pub fn path(&self) -> PathBuf {
        self.folder().join(self.file_name())
    }

    /// The folder of its file_contexts, file_contexts.subs_dist, customizable_types and lxc_contexts; only the real
    /// policies have one.
    pub fn contexts(&self) -> PathBuf {
        self.folder().join(format!("{}.contexts", self.name))
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

/// The folder of the modules that a real policy is linked from, uncompressed.
pub fn modules(name: &str) -> PathBuf {
    built_folder().join(format!("{name}.modules"))
}

/// The folder of the recorded answers of a tool.
pub fn records_folder(tool: Tool) -> PathBuf {
    testdata().join("records").join(tool.name())
}

/// The folder of everything that tests read and the repository keeps.
pub fn testdata() -> PathBuf {
    repository().join("testdata")
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
