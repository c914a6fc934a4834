//! The people and groups of a system, by its own files: those of a directory service are not known.
//!
//! Source: passwd(5), group(5).

use std::io;
use std::path::{Path, PathBuf};

use crate::regular;

/// Accounts and groups that are looked at.
const MOST: usize = 10_000;

/// Somebody who can log in.
pub(crate) struct Account {
    pub(crate) name: String,
    group: String,
    pub(crate) home: PathBuf,
}

/// A group of accounts.
pub(crate) struct Group {
    pub(crate) name: String,
    number: String,
    members: Vec<String>,
}

/// The accounts of the system below `root`, in the order of its file.
///
/// # Errors
/// There is no such file, or it cannot be read.
pub(crate) fn accounts(root: &Path) -> io::Result<Vec<Account>> {
    let text = regular::text(&root.join("etc/passwd"))?;
    let account = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let (name, group, home) = (fields.first()?, fields.get(3)?, fields.get(5)?);
        Some(Account { name: (*name).to_owned(), group: (*group).to_owned(), home: PathBuf::from(home) })
    };
    Ok(text.lines().filter_map(account).take(MOST).collect())
}

/// The groups of the system below `root`; nothing if they cannot be read.
pub(crate) fn groups(root: &Path) -> Option<Vec<Group>> {
    let text = regular::text(&root.join("etc/group")).ok()?;
    let group = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let members = fields.get(3)?.split(',').map(str::trim).filter(|name| !name.is_empty());
        Some(Group {
            name: (*fields.first()?).to_owned(),
            number: (*fields.get(2)?).to_owned(),
            members: members.map(str::to_owned).collect(),
        })
    };
    Some(text.lines().filter_map(group).take(MOST).collect())
}

impl Group {
    /// Who is in it: those that it names, and those whose first group it is.
    pub(crate) fn names(&self, accounts: &[Account]) -> Vec<String> {
        let first = accounts.iter().filter(|one| one.group == self.number).map(|one| one.name.clone());
        let mut names: Vec<String> = self.members.iter().cloned().chain(first).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
