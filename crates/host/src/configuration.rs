//! What the system is configured to be: `/etc/selinux/config`, and what the kernel's command line says against it.
//!
//! Source: `selinux_getenforcemode` of libselinux; `selinux=` and `enforcing=` of the kernel's `security/selinux/hooks.c`.

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
    /// `SELINUX=`; nothing if it is not said, or a word that is none. The last line that says something counts.
    pub mode: Option<ConfiguredMode>,
    /// `SELINUXTYPE=`, likewise.
    pub policy_type: Option<String>,
}

/// The configuration of the system below `root`; nothing if it has none, as Android has none.
///
/// # Errors
/// There is one, and it cannot be read.
pub fn configuration(root: &Path) -> io::Result<Option<Configuration>> {
    let Some(text) = regular::text_if_there(&root.join("etc/selinux/config"))? else { return Ok(None) };
    let last = |name: &str| text.lines().filter_map(|line| line.trim().strip_prefix(name)).next_back();
    let mode = last("SELINUX=").and_then(|value| {
        let value = value.trim().to_ascii_lowercase();
        [ConfiguredMode::Enforcing, ConfiguredMode::Permissive, ConfiguredMode::Disabled]
            .into_iter()
            .find(|mode| value.starts_with(mode.word()))
    });
    let policy_type = last("SELINUXTYPE=").map(str::trim);
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
            ("SELINUX=enforcing\nSELINUX=disabled", Some(ConfiguredMode::Disabled)),
            ("SELINUX=maybe", None),
            ("", None),
        ] {
            let root = system(&[("etc/selinux/config", text)]);
            assert_eq!(configuration(root.path()).unwrap().unwrap().mode, expected, "{text}");
        }
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
