//! The kernel's own word on SELinux: the files of selinuxfs, and where it is mounted.
//!
//! Source: `security/selinux/selinuxfs.c` of the kernel; `init.c` of libselinux for how it is found. Every file is read alone, so
//! that one that may not be read does not hide the others.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::file_system::mount_points;
use crate::regular;

/// Bytes that a file of selinuxfs has at most, but for the policy: a page.
const PAGE: usize = 4096;

/// Whether denials are enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What the policy does not grant is denied.
    Enforcing,
    /// It is logged and let through.
    Permissive,
}

impl Mode {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Mode::Enforcing => "enforcing",
            Mode::Permissive => "permissive",
        }
    }
}

/// What becomes of permissions that the kernel knows and the policy does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownPermissions {
    /// They are granted.
    Allowed,
    /// They are denied.
    Denied,
    /// A policy that lacks some is not loaded.
    Rejected,
}

impl UnknownPermissions {
    /// The word for it, as policy sources have it.
    pub const fn word(self) -> &'static str {
        match self {
            UnknownPermissions::Allowed => "allow",
            UnknownPermissions::Denied => "deny",
            UnknownPermissions::Rejected => "reject",
        }
    }
}

/// A boolean as the kernel has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelBoolean {
    /// Its name.
    pub name: String,
    /// Its state.
    pub current: bool,
    /// The state that it has once pending states are committed.
    pub pending: bool,
}

/// The booleans of a kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelBooleans {
    /// Those that were read, by name.
    pub booleans: Vec<KernelBoolean>,
    /// The names of those that cannot be read, and why.
    pub unread: Vec<(String, String)>,
}

/// selinuxfs where it is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selinuxfs {
    /// The mount point, as the system itself names it.
    mount_point: PathBuf,
    /// The mount point as a path of this process.
    path: PathBuf,
}

impl Selinuxfs {
    /// Finds it on the system below `root`; nothing if SELinux is off, or was never on. Where /proc is missing, its usual place
    /// is looked at.
    pub fn find(root: &Path) -> Option<Self> {
        let at = |mount_point: PathBuf| {
            let path = root.join(mount_point.strip_prefix("/").unwrap_or(&mount_point));
            Selinuxfs { mount_point, path }
        };
        match regular::bytes(&root.join("proc/self/mountinfo")) {
            Ok(mounts) => mount_points(&mounts, "selinuxfs").into_iter().next().map(at),
            Err(_) => {
                Some(at(PathBuf::from("/sys/fs/selinux"))).filter(|fs| fs.path.join("enforce").exists())
            }
        }
    }

    /// Where it is mounted, as the system itself names it.
    pub fn mount_point(&self) -> &Path {
        &self.mount_point
    }

    /// The policy that is loaded.
    pub fn policy(&self) -> PathBuf {
        self.path.join("policy")
    }

    /// Whether denials are enforced.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn mode(&self) -> io::Result<Mode> {
        Ok(if self.flag("enforce")? { Mode::Enforcing } else { Mode::Permissive })
    }

    /// The newest version of policies that this kernel reads.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn newest_version(&self) -> io::Result<u32> {
        self.text("policyvers")?.parse().map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Whether the loaded policy has levels.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn has_levels(&self) -> io::Result<bool> {
        self.flag("mls")
    }

    /// What becomes of permissions that the policy does not know.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn unknown_permissions(&self) -> io::Result<UnknownPermissions> {
        // A kernel that rejects says so in one file, and denies in the other.
        if self.flag("reject_unknown").unwrap_or(false) {
            return Ok(UnknownPermissions::Rejected);
        }
        Ok(match self.flag("deny_unknown")? {
            true => UnknownPermissions::Denied,
            false => UnknownPermissions::Allowed,
        })
    }

    /// The booleans, by name.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub fn booleans(&self) -> io::Result<KernelBooleans> {
        let mut found = KernelBooleans::default();
        for entry in fs::read_dir(self.path.join("booleans"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let text = self.text(&format!("booleans/{name}"));
            let states = text.map(|text| {
                let mut states = text.split_ascii_whitespace().map(|word| word != "0");
                states.next().map(|current| (current, states.next().unwrap_or(current)))
            });
            match states {
                Ok(Some((current, pending))) => found.booleans.push(KernelBoolean { name, current, pending }),
                Ok(None) => found.unread.push((name, "it is empty".to_owned())),
                // Another policy has just been loaded.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => found.unread.push((name, error.to_string())),
            }
        }
        found.booleans.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        found.unread.sort_unstable();
        Ok(found)
    }

    fn flag(&self, name: &str) -> io::Result<bool> {
        match self.text(name)?.as_str() {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// What a small file says.
    fn text(&self, name: &str) -> io::Result<String> {
        let bytes = regular::beginning(&self.path.join(name), PAGE)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_matches(|c: char| c == '\0' || c.is_ascii_whitespace()).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    const MOUNTED: (&str, &str) =
        ("proc/self/mountinfo", "21 1 0:5 / /sys/fs/selinux rw - selinuxfs selinuxfs rw\n");

    #[test]
    fn a_system_without_selinux_has_none() {
        let root = system(&[("proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n")]);
        assert_eq!(Selinuxfs::find(root.path()), None);
        assert_eq!(Selinuxfs::find(system(&[]).path()), None);
        // Without /proc its usual place is looked at.
        let root = system(&[("sys/fs/selinux/enforce", "1")]);
        assert!(Selinuxfs::find(root.path()).is_some());
    }

    #[test]
    fn the_files_are_read() {
        let root = system(&[
            MOUNTED,
            ("sys/fs/selinux/enforce", "0"),
            ("sys/fs/selinux/policyvers", "33"),
            ("sys/fs/selinux/mls", "1"),
            ("sys/fs/selinux/deny_unknown", "1"),
            ("sys/fs/selinux/reject_unknown", "0"),
            ("sys/fs/selinux/booleans/b_on", "1 1\0"),
            ("sys/fs/selinux/booleans/a_pending", "0 1"),
            ("sys/fs/selinux/booleans/broken", ""),
        ]);
        let selinux = Selinuxfs::find(root.path()).unwrap();
        assert_eq!(selinux.mount_point(), Path::new("/sys/fs/selinux"));
        assert_eq!(selinux.mode().unwrap(), Mode::Permissive);
        assert_eq!(selinux.newest_version().unwrap(), 33);
        assert!(selinux.has_levels().unwrap());
        assert_eq!(selinux.unknown_permissions().unwrap(), UnknownPermissions::Denied);
        let found = selinux.booleans().unwrap();
        assert_eq!(found.unread, [("broken".to_owned(), "it is empty".to_owned())]);
        let booleans = found.booleans;
        let expected = [("a_pending", false, true), ("b_on", true, true)];
        let found: Vec<_> =
            booleans.iter().map(|one| (one.name.as_str(), one.current, one.pending)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_missing_or_makes_no_sense_is_an_error() {
        let root = system(&[MOUNTED, ("sys/fs/selinux/enforce", "x"), ("sys/fs/selinux/policyvers", "new")]);
        let selinux = Selinuxfs::find(root.path()).unwrap();
        assert_eq!(selinux.mode().unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(selinux.newest_version().unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(selinux.has_levels().unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(selinux.unknown_permissions().is_err() && selinux.booleans().is_err());
    }
}
