//! What the system is configured to be: `/etc/selinux/config`, and what the kernel's command line says against it.
//!
//! Source: `selinux_getenforcemode` and `init_selinux_config` of libselinux; `selinux=` and `enforcing=` of the kernel's `security/selinux/hooks.c`.

use std::io;
use std::path::Path;

use crate::regular;

/// The configured state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfiguredMode {
    /// Enforcing after the next boot.
    Enforcing,
    /// Permissive after the next boot.
    Permissive,
    /// Off after the next boot, as far as the system can do that.
    Disabled,
}

impl ConfiguredMode {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            ConfiguredMode::Enforcing => "enforcing",
            ConfiguredMode::Permissive => "permissive",
            ConfiguredMode::Disabled => "disabled",
        }
    }
}

/// What `/etc/selinux/config` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// `SELINUX=`, at the beginning of a line; the first that says a known word counts. Nothing if none does.
    pub mode: Option<ConfiguredMode>,
    /// `SELINUXTYPE=`, in any case and behind blanks, too; the last counts.
    pub policy_type: Option<String>,
}

/// The configuration of the system below `root`; nothing if it has none, as Android has none.
///
/// # Errors
/// There is one, and it cannot be read.
pub fn configuration(root: &Path) -> io::Result<Option<Configuration>> {
    let Some(text) = regular::text_if_there(&root.join("etc/selinux/config"), regular::LARGEST)? else {
        return Ok(None);
    };
    let mode = text.lines().filter_map(|line| line.strip_prefix("SELINUX=")).find_map(|value| {
        let value = value.trim().to_ascii_lowercase();
        [ConfiguredMode::Enforcing, ConfiguredMode::Permissive, ConfiguredMode::Disabled]
            .into_iter()
            .find(|mode| value.starts_with(mode.word()))
    });
    const TYPE: &str = "SELINUXTYPE=";
    let mut types = text.lines().map(str::trim).filter_map(|line| {
        let (name, value) = line.split_at_checked(TYPE.len())?;
        name.eq_ignore_ascii_case(TYPE).then(|| value.trim())
    });
    let policy_type = types.next_back();
    let policy_type = policy_type.filter(|value| !value.is_empty() && !value.contains('/'));
    Ok(Some(Configuration { mode, policy_type: policy_type.map(str::to_owned) }))
}

/// The words of the kernel's command line that decide about SELinux: `selinux=0`, `enforcing=1`, `security=…`, `lsm=…`.
pub fn boot_parameters(root: &Path) -> Vec<String> {
    let line = regular::text(&root.join("proc/cmdline")).unwrap_or_default();
    let decides = |word: &&str| {
        ["selinux=", "enforcing=", "security=", "lsm="].iter().any(|start| word.starts_with(start))
    };
    line.split_ascii_whitespace().filter(decides).map(str::to_owned).collect()
}

/// What the system is called; nothing if it does not tell.
pub fn host_name(root: &Path) -> Option<String> {
    let files = ["proc/sys/kernel/hostname", "etc/hostname"];
    let name = files.iter().find_map(|file| regular::text(&root.join(file)).ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty() && name != "(none)")
}

/// Seconds since the epoch when the system was started; nothing if it does not tell.
pub fn boot_time(root: &Path) -> Option<i64> {
    let text = regular::text(&root.join("proc/stat")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::{fifo, system};

    #[test]
    fn the_configuration_says_what_comes_at_the_next_boot() {
        for (text, expected) in [
            (
                "# SELINUX=disabled\nSELINUX=enforcing\nSELINUXTYPE=targeted\n",
                Some(ConfiguredMode::Enforcing),
            ),
            ("SELINUX=Permissive \n", Some(ConfiguredMode::Permissive)),
            ("SELINUX=maybe\nSELINUX=enforcing\nSELINUX=disabled", Some(ConfiguredMode::Enforcing)),
            (" SELINUX=enforcing\nSELINUX= permissive", Some(ConfiguredMode::Permissive)),
            ("SELINUX=maybe", None),
            ("", None),
        ] {
            let root = system(&[("etc/selinux/config", text)]);
            assert_eq!(configuration(root.path()).unwrap().unwrap().mode, expected, "{text}");
        }
        let root = system(&[("etc/selinux/config", "SELINUXTYPE=mls\n selinuxtype=targeted \n")]);
        assert_eq!(configuration(root.path()).unwrap().unwrap().policy_type.as_deref(), Some("targeted"));
        assert_eq!(configuration(system(&[]).path()).unwrap(), None);
        let root = system(&[]);
        fifo(&root, "etc/selinux/config");
        assert!(configuration(root.path()).is_err());
    }

    #[test]
    fn the_command_line_and_the_time_of_the_boot() {
        let root = system(&[
            ("proc/cmdline", "quiet lsm=selinux enforcing=0\n"),
            ("proc/stat", "cpu 1 2\nbtime 1700000000\n"),
        ]);
        assert_eq!(boot_parameters(root.path()), ["lsm=selinux", "enforcing=0"]);
        assert_eq!(boot_time(root.path()), Some(1_700_000_000));
        assert_eq!(boot_time(system(&[("proc/stat", "btime x")]).path()), None);
    }
}
