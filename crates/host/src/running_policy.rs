//! Which policy the system has: the one that the kernel has loaded, else the newest installed one.
//!
//! Source: `selinux_mkload_policy` of libselinux for where policies are installed. The opener is the caller's, so that this decides
//! about any way of opening, and tests need no kernel.

use std::path::{Path, PathBuf};

use crate::selinux_files::{SelinuxFiles, newest_policy};
use crate::selinuxfs::Selinuxfs;

/// The policy of a system.
#[derive(Debug)]
pub enum SystemPolicy<T, E> {
    /// The one that the kernel has loaded: booleans in it have the states that they have now.
    Running(T),
    /// The installed one: booleans in it have their defaults.
    Installed {
        /// What was opened.
        opened: T,
        /// Where it stands.
        path: PathBuf,
        /// Why the one that is loaded could not be opened.
        refusal: E,
    },
    /// There is none, or it cannot be opened.
    Missing {
        /// What was looked for.
        looked_for: Vec<PathBuf>,
        /// Why the installed one, which is there, could not be opened.
        refusal: Option<E>,
    },
}

/// Where the policy is that the kernel has loaded, or would be.
pub fn running_policy(root: &Path) -> PathBuf {
    Selinuxfs::find(root).map_or_else(|| root.join("sys/fs/selinux/policy"), |found| found.policy())
}

/// Opens the policy of the system below `root`.
pub fn open_policy<T, E>(root: &Path, open: &mut dyn FnMut(&Path) -> Result<T, E>) -> SystemPolicy<T, E> {
    // The usual place first: a cold question should not have to read the table of mounts.
    let running = root.join("sys/fs/selinux/policy");
    let mut refusal = match open(&running) {
        Ok(opened) => return SystemPolicy::Running(opened),
        Err(refusal) => refusal,
    };
    let mut looked_for = vec![running];
    let mounted = running_policy(root);
    if !looked_for.contains(&mounted) {
        refusal = match open(&mounted) {
            Ok(opened) => return SystemPolicy::Running(opened),
            Err(refusal) => refusal,
        };
        looked_for.push(mounted);
    }
    let directory = SelinuxFiles::of_system(root).policies();
    let Some(path) = newest_policy(&directory) else {
        looked_for.push(directory.join("policy.*"));
        return SystemPolicy::Missing { looked_for, refusal: None };
    };
    match open(&path) {
        Ok(opened) => SystemPolicy::Installed { opened, path, refusal },
        Err(refusal) => {
            looked_for.push(path);
            SystemPolicy::Missing { looked_for, refusal: Some(refusal) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    /// Opens paths that end so, and refuses the others.
    fn opened(root: &Path, ends: &[&str]) -> SystemPolicy<String, String> {
        open_policy(root, &mut |path| {
            let text = path.strip_prefix(root).unwrap().display().to_string();
            if ends.iter().any(|end| text.ends_with(end)) { Ok(text) } else { Err(format!("no {text}")) }
        })
    }

    #[test]
    fn the_running_policy_then_the_newest_installed() {
        let root = system(&[
            ("etc/selinux/config", "SELINUXTYPE=mls"),
            ("etc/selinux/mls/policy/policy.9", ""),
            ("etc/selinux/mls/policy/policy.33", ""),
            ("etc/selinux/targeted/policy/policy.35", ""),
        ]);
        let running = opened(root.path(), &["selinux/policy", "policy.33"]);
        assert!(matches!(running, SystemPolicy::Running(path) if path == "sys/fs/selinux/policy"));
        let SystemPolicy::Installed { opened: path, refusal, .. } = opened(root.path(), &["policy.33"])
        else {
            panic!("not the installed one");
        };
        assert_eq!(
            (path.as_str(), refusal.as_str()),
            ("etc/selinux/mls/policy/policy.33", "no sys/fs/selinux/policy")
        );
        let refused = opened(root.path(), &[]);
        assert!(matches!(refused, SystemPolicy::Missing { refusal: Some(_), .. }), "{refused:?}");
    }

    #[test]
    fn a_system_without_any_says_where_it_was_looked_for() {
        let root = system(&[]);
        let SystemPolicy::Missing { looked_for, refusal: None } = opened(root.path(), &[]) else {
            panic!("there is one");
        };
        assert_eq!(looked_for.len(), 2);
    }

    #[test]
    fn where_selinuxfs_is_mounted_elsewhere_it_is_found() {
        let mounts = "21 1 0:5 / /selinux rw - selinuxfs none rw\n";
        let root = system(&[("proc/self/mountinfo", mounts), ("selinux/policy", "")]);
        let SystemPolicy::Running(path) =
            open_policy(root.path(), &mut |path| std::fs::read(path).map(|_| path.to_owned()))
        else {
            panic!("it is not found");
        };
        assert_eq!(path, root.path().join("selinux/policy"));
    }
}
