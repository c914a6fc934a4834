//! Booleans that are not as the system will boot, and those whose new state waits to be committed.
//!
//! The installed policy has the states of the next boot: `semodule` writes what `setsebool -P` set into it, and keeps it in
//! `booleans.local` of the module store as well.

use std::path::Path;

use host::Selinuxfs;

use crate::render::{BooleanState, BooleanStates, Seen};

/// Looks at the booleans; none if SELinux is off.
pub(super) fn look(
    root: &Path,
    selinuxfs: Option<&Selinuxfs>,
    defaults: &Option<Vec<(String, bool)>>,
) -> Seen<BooleanStates> {
    let Some(selinuxfs) = selinuxfs else { return Seen::Yes(BooleanStates::default()) };
    let found = match selinuxfs.booleans() {
        Ok(found) => found,
        Err(error) => return Seen::No(format!("the kernel's booleans cannot be read: {error}")),
    };
    let local = host::local_booleans(root).unwrap_or_default();
    let all = found.booleans.into_iter().map(|boolean| BooleanState {
        default: defaults.as_ref().and_then(|defaults| {
            // Both are sorted by nothing in common; there are some hundreds.
            defaults.iter().find(|(name, _)| *name == boolean.name).map(|(_, state)| *state)
        }),
        // The last line about it counts.
        set_for_good: local.iter().rev().find(|(name, _)| *name == boolean.name).map(|(_, state)| *state),
        name: boolean.name,
        current: boolean.current,
        pending: boolean.pending,
    });
    Seen::Yes(BooleanStates { all: all.collect(), unread: found.unread })
}
