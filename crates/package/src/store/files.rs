//! The files of a store, wherever it is: below a folder, or out of a package.

use std::collections::BTreeMap;

use super::folder::Folders;
use crate::{Error, Limits};

/// Where a store's files are.
#[derive(Debug)]
pub(super) enum Files {
    /// Below folders that are held open.
    Folders(Folders),
    /// Out of a package: what stands below `active`, by place.
    Packaged(BTreeMap<String, Vec<u8>>),
}

impl Files {
    /// The bytes of a file below `active`, as they are; none if there is no such file.
    pub(super) fn read(&self, place: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Folders(folders) => folders.read(place, limits),
            Self::Packaged(files) => Ok(files.get(place).cloned()),
        }
    }
}
