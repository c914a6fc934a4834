//! Where a system keeps what belongs to its policy. Source: `selinux_config.c` and `file_path_suffixes.h` of libselinux.

use std::fs;
use std::path::{Path, PathBuf};

use crate::configuration::configuration;

/// Entries of `/etc/selinux` that are looked at: it has a handful.
const MOST_TYPES: usize = 1000;

/// The files of one type of policy (`targeted`, `default`, `mls`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelinuxFiles {
    /// `/etc/selinux/TYPE`.
    directory: PathBuf,
}

impl SelinuxFiles {
    /// Those of the system below `root`, for the type that its configuration names.
    pub fn of_system(root: &Path) -> Self {
        SelinuxFiles { directory: root.join("etc/selinux").join(selinux_type(root)) }
    }

    /// Those that a policy file belongs to, if it stands where an installed one does: `TYPE/policy/policy.N` beside
    /// `TYPE/contexts`.
    pub fn of_policy(policy: &Path) -> Option<Self> {
        let folder =
            policy.parent().filter(|folder| folder.file_name().is_some_and(|name| name == "policy"))?;
        let directory = folder.parent()?.to_path_buf();
        directory.join("contexts").is_dir().then_some(SelinuxFiles { directory })
    }

    /// Those that a file of contexts belongs to, if it stands where an installed one does: `TYPE/contexts/files/NAME`.
    pub fn of_file_contexts(file: &Path) -> Option<Self> {
        let contexts = file
            .parent()
            .filter(|folder| folder.file_name().is_some_and(|name| name == "files"))?
            .parent()?;
        let directory =
            contexts.parent().filter(|_| contexts.file_name().is_some_and(|name| name == "contexts"))?;
        Some(SelinuxFiles { directory: directory.to_path_buf() })
    }

    /// The folder of policies.
    pub fn policies(&self) -> PathBuf {
        self.directory.join("policy")
    }

    /// Which label belongs to which path.
    pub fn file_contexts(&self) -> PathBuf {
        self.directory.join("contexts/files/file_contexts")
    }

    /// Types that a person may have given on purpose.
    pub fn customizable_types(&self) -> PathBuf {
        self.directory.join("contexts/customizable_types")
    }

    /// The types that container engines give, where container-selinux has no file of its own.
    pub fn lxc_contexts(&self) -> PathBuf {
        self.directory.join("contexts/lxc_contexts")
    }

    /// Which SELinux user a login becomes.
    pub fn logins(&self) -> PathBuf {
        self.directory.join("seusers")
    }

    /// The names of levels.
    pub fn level_names(&self) -> PathBuf {
        self.directory.join("setrans.conf")
    }

    /// Old names of booleans.
    pub fn boolean_names(&self) -> PathBuf {
        self.directory.join("booleans.subs_dist")
    }
}

/// The type of a system's policy: `SELINUXTYPE` of its configuration, where there is one; else the only one that is installed; else
/// what libselinux assumes.
pub fn selinux_type(root: &Path) -> String {
    let named = match configuration(root) {
        Ok(Some(configuration)) => configuration.policy_type,
        Ok(None) | Err(_) => only_installed_type(root),
    };
    named.unwrap_or_else(|| "targeted".to_owned())
}

/// The type of the policy that the system below `root` has below `/etc/selinux`, if there is exactly one.
pub fn only_installed_type(root: &Path) -> Option<String> {
    let entries = fs::read_dir(root.join("etc/selinux")).ok()?.take(MOST_TYPES);
    let mut types = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        newest_policy(&entry.path().join("policy"))?;
        entry.file_name().into_string().ok()
    });
    types.next().filter(|_| types.next().is_none())
}

/// The `policy.N` with the highest N in a directory.
pub fn newest_policy(directory: &Path) -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.strip_prefix("policy.")?.parse::<u32>().ok();
    let paths = fs::read_dir(directory).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter_map(|path| Some((version(&path)?, path))).max().map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    #[test]
    fn the_configuration_names_the_type() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(selinux_type(root.path()), "targeted");
        fs::create_dir_all(root.path().join("etc/selinux")).unwrap();
        let config = root.path().join("etc/selinux/config");
        for (text, expected) in [
            ("# c\nSELINUXTYPE=mls \n", "mls"),
            ("SELINUXTYPE=a\nSELINUXTYPE=b", "b"),
            ("SELINUXTYPE=../x", "targeted"),
            ("SELINUXTYPE=", "targeted"),
        ] {
            fs::write(&config, text).unwrap();
            assert_eq!(selinux_type(root.path()), expected, "{text}");
        }
    }

    #[test]
    fn without_a_configuration_the_only_installed_type_counts() {
        let root = system(&[("etc/selinux/strict/policy/policy.33", ""), ("etc/selinux/empty/seusers", "")]);
        assert_eq!(only_installed_type(root.path()).as_deref(), Some("strict"));
        assert_eq!(selinux_type(root.path()), "strict");
        let two = [("etc/selinux/a/policy/policy.33", ""), ("etc/selinux/b/policy/policy.33", "")];
        assert_eq!(only_installed_type(system(&two).path()), None);
        assert_eq!(only_installed_type(system(&[]).path()), None);
    }

    #[test]
    fn a_policy_that_is_installed_has_files_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let policy = root.path().join("default/policy/policy.33");
        assert_eq!(SelinuxFiles::of_policy(&policy), None);
        fs::create_dir_all(root.path().join("default/contexts")).unwrap();
        let files = SelinuxFiles::of_policy(&policy).unwrap();
        assert_eq!(files.lxc_contexts(), root.path().join("default/contexts/lxc_contexts"));
        assert_eq!(SelinuxFiles::of_policy(Path::new("policy.33")), None);
        let contexts = root.path().join("default/contexts/files/file_contexts");
        assert_eq!(SelinuxFiles::of_file_contexts(&contexts), Some(files));
        assert_eq!(SelinuxFiles::of_file_contexts(Path::new("file_contexts")), None);
    }
}
