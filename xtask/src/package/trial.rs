//! Packages as their users get them: each is installed below a private folder, tried there, and removed.

use super::install::{self, Dpkg, Manager, Rpm};
use super::tree::{DROP_INS, files};
use super::{LINKS, Release, clear, read};
use crate::packages::{self, LeftOut};
use crate::process::{capture, is_installed, system};
use crate::{Outcome, paths};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first question, and its answer.
const QUESTION: [&str; 8] = ["--demo", "allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file"];
const ANSWER: &str = "allow httpd_t httpd_sys_content_t:file { getattr ioctl lock map open read };\n";

/// Unpacks and tries what was made. Returns what this machine cannot try.
pub(super) fn all(release: &Release, made: &[PathBuf]) -> Result<Vec<LeftOut>, String> {
    let mut left_out = Vec::new();
    let of = |ending: &str| -> Vec<&PathBuf> {
        made.iter().filter(|file| file.to_string_lossy().ends_with(ending)).collect()
    };
    let roots = release.folder.join("trial");
    clear(&roots)?;
    for (ending, manager) in [(".deb", &Dpkg as &dyn Manager), (".rpm", &Rpm)] {
        let packages = of(ending);
        if packages.is_empty() {
            continue;
        }
        if ending == ".deb" {
            packages.iter().try_for_each(|package| debian_control(package))?;
        }
        if let Some(why) = manager.missing() {
            left_out.push(LeftOut { what: format!("installing the {ending} packages"), why });
            continue;
        }
        let root = roots.join(&ending[1..]);
        manager.prepare(&root)?;
        manager.install(&root, &packages)?;
        tried(&root, "usr")?;
        links(&root)?;
        asks_libselinux(&root)?;
        manager.remove(&root)?;
        install::nothing_left(&root)?;
        println!("installed, tried and removed: {ending}");
    }
    for archive in of(".tar.gz") {
        let root = roots.join("static");
        clear(&root)?;
        capture(
            system("tar")
                .args(["--extract", "--strip-components=1", "--file"])
                .arg(archive)
                .arg("--directory")
                .arg(&root),
        )?;
        tried(&root, "")?;
        let program = read(&root.join("bin/sepolq"))?;
        if asks_for_a_loader(&program).unwrap_or(true) {
            return Err("the static program asks for a loader of shared libraries".into());
        }
        println!("tried: {} (no loader, no library)", archive.display());
    }
    Ok(left_out)
}

/// Whether a 64-bit ELF program names a program that has to load its libraries (PT_INTERP of elf(5)); none if it is no such file.
fn asks_for_a_loader(program: &[u8]) -> Option<bool> {
    const PT_INTERP: u64 = 3;
    let number = |at: usize, bytes: usize| -> Option<u64> {
        let field = program.get(at..at.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for entry in 0..count {
        let at = table.checked_add(entry.checked_mul(size)?)?;
        if number(usize::try_from(at).ok()?, 4)? == PT_INTERP {
            return Some(true);
        }
    }
    Some(false)
}

/// Nothing of a Debian package runs when it is installed, and the links conflict with SETools.
fn debian_control(package: &Path) -> Outcome {
    let listed = capture(system("dpkg-deb").arg("--info").arg(package))?;
    for script in ["preinst", "postinst", "prerm", "postrm", "triggers"] {
        if listed.contains(script) {
            return Err(format!("{} has {script}", package.display()));
        }
    }
    let conflicts = capture(system("dpkg-deb").arg("--field").arg(package).arg("Conflicts"))?;
    let is_links = package.file_name().is_some_and(|name| name.to_string_lossy().starts_with(LINKS));
    if is_links == conflicts.trim().is_empty() {
        return Err(format!("{} conflicts with `{}`", package.display(), conflicts.trim()));
    }
    let owners = capture(system("dpkg-deb").arg("--contents").arg(package))?;
    let strange: Vec<&str> = owners.lines().filter(|line| !line.contains(" root/root ")).collect();
    empty(&strange.join("\n"), package, "files that are not root's")
}

pub(super) fn empty(found: &str, package: &Path, what: &str) -> Outcome {
    if found.trim().is_empty() { Ok(()) } else { Err(format!("{} has {what}:\n{found}", package.display())) }
}

/// Tries the program, its manual and its completions below a root.
fn tried(root: &Path, prefix: &str) -> Outcome {
    let place = root.join(prefix);
    let program = place.join("bin/sepolq");
    let alone = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).env_clear().env("LC_ALL", "C").current_dir("/");
        capture(&mut command)
    };
    let version = alone(&["--version"])?;
    if version != format!("sepolq {}\n", env!("CARGO_PKG_VERSION")) {
        return Err(format!("{} says it is {version}", program.display()));
    }
    let answer = alone(&QUESTION)?;
    if answer != ANSWER {
        return Err(format!("{} answers {answer}", program.display()));
    }
    let pages = place.join("share/man/man1");
    for page in files(&paths::repository().join("docs/man"))? {
        let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let packed = pages.join(format!("{name}.gz"));
        if capture(system("gzip").arg("-dc").arg(&packed))?.as_bytes() != read(&page)? {
            return Err(format!("{} is another page", packed.display()));
        }
    }
    let mut documents =
        vec!["README.md", "CHANGELOG.md", "docs/json.md", "docs/stability.md", "docs/tutorial.md"];
    documents.retain(|name| !place.join("share/doc/sepolq").join(name).is_file());
    empty(&documents.join(", "), root, "no")?;
    let zsh = ["site-functions", "vendor-completions"]
        .map(|name| place.join("share/zsh").join(name).join("_sepolq"));
    let zsh = zsh.into_iter().find(|file| file.is_file()).ok_or("there is no completion for zsh")?;
    for (shell, load, file) in [
        (
            "bash",
            "PATH=$2:$PATH; . \"$1\" && complete -p sepolq",
            place.join("share/bash-completion/completions/sepolq"),
        ),
        (
            "zsh",
            "PATH=$2:$PATH; autoload -Uz compinit && compinit -D -u && . \"$1\" && test -n \"$_comps[sepolq]\"",
            zsh,
        ),
        (
            "fish",
            "set -p PATH $argv[2]; source $argv[1]; complete -C 'sepolq type_' | string match -q 'type_transition*'",
            place.join("share/fish/vendor_completions.d/sepolq.fish"),
        ),
    ] {
        if !file.is_file() {
            return Err(format!("there is no {}", file.display()));
        }
        // Which shells are missing has been said.
        if !is_installed(shell) {
            continue;
        }
        let mut command = system(shell);
        command.args(["-c", load]);
        if shell != "fish" {
            command.arg(shell);
        }
        capture(command.arg(&file).arg(place.join("bin")).env("HOME", root))?;
    }
    println!("tried: what is below {}", place.display());
    Ok(())
}

/// The packages' program asks libselinux, which this machine has if it could build with it.
fn asks_libselinux(root: &Path) -> Outcome {
    let mut command = Command::new(root.join("usr/bin/sepolq"));
    // Status 1 says that there is something to look at, as on a machine without SELinux.
    let said =
        command.args(["status", "--json"]).output().map_err(|error| format!("cannot run status: {error}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    if packages::builds_with_libselinux() == said.contains("\"through_libselinux\":true") {
        return Ok(());
    }
    Err(format!("the packages were to be built with libselinux: {said}"))
}

/// Tries the drop-ins.
fn links(root: &Path) -> Outcome {
    for name in DROP_INS {
        let program = root.join("usr/bin").join(name);
        let mut command = Command::new(&program);
        let said = capture(command.arg("--version").env_clear().env("LC_ALL", "C"))?;
        if !said.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(format!("{} says {said}", program.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::asks_for_a_loader;

    #[test]
    fn a_program_with_libraries_asks_for_a_loader() {
        let tests = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(asks_for_a_loader(&tests), Some(true));
        assert_eq!(asks_for_a_loader(b"#!/bin/sh"), None);
        // One header of a program that is loaded, and none that names a loader.
        let mut alone = vec![0; 120];
        alone[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (alone[32], alone[54], alone[56], alone[64]) = (64, 56, 1, 1);
        assert_eq!(asks_for_a_loader(&alone), Some(false));
    }
}
