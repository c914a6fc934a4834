//! What the place of an object allows to advise about its label: not every object has a path at which a label can be put back,
//! and not every path is one that may be relabelled with all below it.
//!
//! Sources: `audit_log_d_path` and `d_path` of the kernel (` (deleted)`, paths from the root of the process or, of what is not
//! mounted where it sees it, of the file system); `memfd_create` and `hugetlb_file_setup` for what is made in memory;
//! `file_contexts(5)` for `<<none>>`. The list of engines' refused paths (`labels::runtime`) serves as that of the directories
//! that the whole system stands in.

use labels::runtime::is_refused;

use super::case::Case;

/// Where an object stands, as far as its label is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing speaks against giving it a label, or putting its own back.
    Anywhere,
    /// It has no path: it was deleted, or made in memory.
    Nowhere,
    /// It is of a file system whose files the kernel or the policy labels.
    KernelsOwn,
    /// File contexts say `<<none>>`: it keeps the label that it was made with.
    KeepsLabel,
    /// It does not exist yet: it was to be made.
    ToBeMade,
    /// `/`: of the process's root, or of a file system that it does not see mounted.
    Root,
    /// A directory that the whole system stands in, or a whole home.
    Top,
}

/// How paths of files that were made in memory begin.
const IN_MEMORY: [&[u8]; 5] = [b"/memfd:", b"/anon_hugepage", b"/SYSV", b"/[", b"/dev/zero"];
/// File systems of which nothing has a label to be put back, by what records call their device.
const KERNELS: [&str; 12] = [
    "devpts",
    "proc",
    "pipefs",
    "sockfs",
    "anon_inodefs",
    "nsfs",
    "mqueue",
    "selinuxfs",
    "securityfs",
    "debugfs",
    "tracefs",
    "bpf",
];

impl Place {
    /// Whether the label can be put back at the object's path.
    pub(super) const fn can_be_restored(self) -> bool {
        matches!(self, Place::Anywhere | Place::Root | Place::Top)
    }

    /// Whether another label may be given to it, and to all below.
    pub(super) const fn may_be_labelled(self) -> bool {
        matches!(self, Place::Anywhere | Place::KeepsLabel)
    }
}

impl Case<'_, '_, '_> {
    /// Where the target stands. The path is the process's own: of a container it says nothing about the host.
    pub(super) fn place(&self) -> Place {
        let denied = self.denied;
        let device = denied.device.as_deref().unwrap_or_default();
        if !self.is_file() {
            return Place::Anywhere;
        }
        if device == "hugetlbfs" || is_in_memory(denied.path.as_deref(), denied.is_deleted) {
            return Place::Nowhere;
        }
        let is_without_labels = self.has_attribute(denied.target.r#type, b"noxattrfs");
        if KERNELS.contains(&device) || (is_without_labels && !self.is_container()) {
            return Place::KernelsOwn;
        }
        if self.is_container() {
            return Place::Anywhere;
        }
        if self.wants(b"create") {
            return Place::ToBeMade;
        }
        match denied.host_path.as_deref() {
            _ if denied.is_deleted => Place::Nowhere,
            Some("/") => Place::Root,
            Some(path) if is_top(path) => Place::Top,
            _ if denied.keeps_label => Place::KeepsLabel,
            _ => Place::Anywhere,
        }
    }
}

/// Whether a file was made in memory. Paths that begin so and were not deleted may be any.
pub(super) fn is_in_memory(path: Option<&[u8]>, is_deleted: bool) -> bool {
    let path = path.unwrap_or_default();
    path.starts_with(b"/memfd:") || is_deleted && IN_MEMORY.iter().any(|start| path.starts_with(start))
}

/// Whether a path is one that the system stands in: relabelling all below it breaks the system.
pub fn is_top(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let below = path.strip_prefix('/').unwrap_or_default();
    below.is_empty() && !path.starts_with("//")
        || is_refused(path, &[])
        || super::case::is_home(path)
        || path == "/usr/bin"
        || path == "/usr/lib"
}

#[cfg(test)]
mod tests {
    use super::{is_in_memory, is_top};

    #[test]
    fn what_is_made_in_memory_has_no_path() {
        assert!(is_in_memory(Some(b"/memfd:kernel"), true) && is_in_memory(Some(b"/anon_hugepage"), true));
        assert!(!is_in_memory(Some(b"/[a]/x"), false) && !is_in_memory(Some(b"/srv/x"), true));
        assert!(!is_in_memory(None, true));
    }

    #[test]
    fn the_system_stands_in_few_directories() {
        for path in ["/", "/var", "/home/", "/var/lib", "/home/ada", "/usr/lib"] {
            assert!(is_top(path), "{path}");
        }
        for path in ["/data", "/srv/www", "/home/ada/www", "/var/www", "/var/lib/mysql"] {
            assert!(!is_top(path), "{path}");
        }
    }
}
