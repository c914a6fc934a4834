//! Which file systems keep a label for each file.
//!
//! Where one does not, `setxattr` answers ENOTSUP, and podman and docker pass over it in silence: `:z` seems to work and
//! changes nothing. Source: the error handling of `label.Relabel` in podman's `libpod` and moby's `volume/mounts`; which
//! file systems they are: the `genfscon` statements of the reference policy, and the kernel's documentation of each.

/// File systems that keep no labels, by the names of `/proc/filesystems`.
const WITHOUT: [&str; 24] = [
    "9p",
    "afs",
    "autofs",
    "ceph",
    "cgroup",
    "cgroup2",
    "cifs",
    "exfat",
    "fuse",
    "fuseblk",
    "glusterfs",
    "hfs",
    "hfsplus",
    "iso9660",
    "msdos",
    "nfs",
    "nfs4",
    "ntfs",
    "ntfs3",
    "proc",
    "smb3",
    "udf",
    "vboxsf",
    "vfat",
];

/// Whether a file system keeps a label for each file, so that it can be changed.
pub fn keeps_labels(file_system: &str) -> bool {
    let plain = file_system.to_ascii_lowercase();
    let kind = plain.split('.').next().unwrap_or_default();
    !WITHOUT.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_sub_type_are_known() {
        for name in ["nfs4", "NFS", "fuse.sshfs", "cifs", "vfat"] {
            assert!(!keeps_labels(name), "{name}");
        }
        for name in ["ext4", "xfs", "btrfs", "tmpfs", "overlay"] {
            assert!(keeps_labels(name), "{name}");
        }
    }
}
