//! Installs packages by the tools of their distributions, below a folder that stands for `/`, with a database of its own; and
//! removes them again. Source: dpkg(1) `--root`, rpm(8) `--root`; both run nothing of the packages, which have no scripts.

use super::{LINKS, clear, write};
use crate::Outcome;
use crate::process::{capture, is_installed, system};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A way to install packages of one format.
pub(super) trait Manager {
    /// Why it cannot be used on this machine.
    fn missing(&self) -> Option<String>;
    /// Makes a root without any package of ours.
    fn prepare(&self, root: &Path) -> Outcome;
    /// Installs packages, all at once.
    fn install(&self, root: &Path, packages: &[&PathBuf]) -> Outcome;
    /// Removes what was installed.
    fn remove(&self, root: &Path) -> Outcome;
}

/// dpkg, which is told of the libraries that this machine has.
pub(super) struct Dpkg;

impl Dpkg {
    fn command(&self, root: &Path) -> Command {
        let mut command = system("dpkg");
        command.arg("--force-not-root").arg("--root").arg(root);
        command
    }

    fn database(&self, root: &Path) -> PathBuf {
        root.join("var/lib/dpkg")
    }

    /// Tells it of packages that are not there, by what stands of them in a database of packages.
    fn pretend(&self, root: &Path, stanzas: &str) -> Outcome {
        let database = self.database(root);
        for folder in ["info", "updates", "triggers"] {
            let folder = database.join(folder);
            fs::create_dir_all(&folder)
                .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        }
        write(&database.join("status"), stanzas)
    }
}

impl Manager for Dpkg {
    fn missing(&self) -> Option<String> {
        // Its database says which libraries are here; elsewhere than on Debian it knows of none.
        let knows_libraries =
            is_installed("dpkg-query") && capture(system("dpkg-query").args(["--status", "libc6"])).is_ok();
        (!knows_libraries).then(|| "dpkg does not manage the packages of this machine".to_owned())
    }

    fn prepare(&self, root: &Path) -> Outcome {
        let mut libraries = String::new();
        for library in ["libc6", "libgcc-s1", "libselinux1"] {
            libraries += &capture(system("dpkg-query").args(["--status", library]))?;
            libraries += "\n";
        }
        self.pretend(root, &libraries)
    }

    fn install(&self, root: &Path, packages: &[&PathBuf]) -> Outcome {
        capture(self.command(root).arg("--install").args(packages)).map(drop)?;
        // Beside SETools the links are refused.
        let beside = root.with_extension("beside-setools");
        clear(&beside)?;
        self.prepare(&beside)?;
        let known = fs::read_to_string(self.database(&beside).join("status")).unwrap_or_default();
        let setools = "Package: setools\nStatus: install ok installed\nVersion: 4.4.1-3\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: none\n";
        self.pretend(&beside, &format!("{known}{setools}\n"))?;
        match capture(self.command(&beside).arg("--install").args(packages)) {
            Err(why) if why.contains("conflicts with setools") => Ok(()),
            other => Err(format!("{LINKS} was not refused beside setools: {other:?}")),
        }
    }

    fn remove(&self, root: &Path) -> Outcome {
        capture(self.command(root).args(["--purge", LINKS, "sepolq"])).map(drop)
    }
}

/// rpm, which asks for no library: on a machine with another package manager its database knows none.
pub(super) struct Rpm;

impl Rpm {
    /// As root, or as what looks like root in a user namespace: rpm changes its root, and gives files their owner.
    fn command(&self, root: &Path) -> Command {
        let is_root = capture(system("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
        let mut command = if is_root { system("rpm") } else { system("unshare") };
        if !is_root {
            command.args(["--map-root-user", "rpm"]);
        }
        command.arg("--root").arg(root);
        command
    }
}

impl Manager for Rpm {
    fn missing(&self) -> Option<String> {
        (!is_installed("rpm")).then(|| "`rpm` is not installed".to_owned())
    }

    fn prepare(&self, root: &Path) -> Outcome {
        clear(root)
    }

    fn install(&self, root: &Path, packages: &[&PathBuf]) -> Outcome {
        for package in packages {
            let scripts = capture(system("rpm").args(["-qp", "--scripts"]).arg(package))?;
            super::trial::empty(&scripts, package, "scripts")?;
            let conflicts = capture(system("rpm").args(["-qp", "--conflicts"]).arg(package))?;
            let is_links = package.file_name().is_some_and(|name| name.to_string_lossy().starts_with(LINKS));
            if is_links != conflicts.contains("setools-console") {
                return Err(format!("{} conflicts with `{}`", package.display(), conflicts.trim()));
            }
        }
        capture(self.command(root).args(["--nodeps", "--install"]).args(packages)).map(drop)?;
        for name in ["sepolq", LINKS] {
            // Everything is there as the package has it.
            capture(self.command(root).args(["--nodeps", "--verify", name]))?;
        }
        Ok(())
    }

    fn remove(&self, root: &Path) -> Outcome {
        capture(self.command(root).args(["--nodeps", "--erase", LINKS, "sepolq"])).map(drop)
    }
}

/// Complains of files that a removed package left.
pub(super) fn nothing_left(root: &Path) -> Outcome {
    let folder = root.join("usr");
    if !folder.exists() {
        return Ok(());
    }
    let left = capture(system("find").arg(&folder).args(["!", "-type", "d"]))?;
    if left.trim().is_empty() { Ok(()) } else { Err(format!("removed packages left:\n{left}")) }
}
