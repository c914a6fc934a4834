//! The container engines of a system, and whether they keep containers apart by SELinux.
//!
//! Docker and containerd are off unless told otherwise, podman is on. CRI-O decides by itself where nothing is said. Every path
//! that is given is one as the system itself names it.
//!
//! | file | what it decides |
//! |---|---|
//! | `settings.rs` | what docker, podman and CRI-O are told |
//! | `containerd.rs` | what containerd is told, by a file and those that it imports |
//! | `files.rs` | how configurations and command lines are read |
//! | `glob.rs` | patterns of file names |
//! | `running.rs` | the containers that run |

mod containerd;
mod files;
mod glob;
mod running;
mod settings;

use std::path::{Path, PathBuf};

use crate::process::Process;
pub use running::{Containers, containers, type_of};

/// A container engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// Docker: its daemon.
    Docker,
    /// Podman, which has no daemon.
    Podman,
    /// containerd, which serves Docker or Kubernetes.
    Containerd,
    /// CRI-O, which serves Kubernetes.
    Crio,
}

impl EngineKind {
    /// All of them.
    pub const ALL: [EngineKind; 4] =
        [EngineKind::Docker, EngineKind::Podman, EngineKind::Containerd, EngineKind::Crio];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            EngineKind::Docker => "docker",
            EngineKind::Podman => "podman",
            EngineKind::Containerd => "containerd",
            EngineKind::Crio => "crio",
        }
    }

    /// Its program: that of the daemon, where there is one.
    pub const fn program(self) -> &'static str {
        match self {
            EngineKind::Docker => "dockerd",
            other => other.name(),
        }
    }
}

/// Whether containers get labels of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Separation {
    /// They do.
    On,
    /// They do not.
    Off(Off),
    /// Nothing is said, and the engine, or who asks it, decides.
    NotSaid,
    /// What is configured cannot be read.
    Unknown(Unread),
}

/// A file that does not tell what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub file: PathBuf,
    /// Why it does not.
    pub why: String,
    /// Whether somebody has to change what it says: it can be read, and makes no sense.
    pub is_wrong: bool,
}

impl Unread {
    /// One that cannot be read.
    fn closed(file: &Path, why: impl ToString) -> Self {
        Unread { file: file.to_owned(), why: why.to_string(), is_wrong: false }
    }

    /// One that makes no sense.
    fn wrong(file: &Path, why: impl Into<String>) -> Self {
        Unread { file: file.to_owned(), why: why.into(), is_wrong: true }
    }
}

/// Why containers get no labels of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// The file that says so, or that would have to say otherwise.
    pub file: PathBuf,
    /// What it says; nothing if it is silent, and that means no.
    pub says: Option<&'static str>,
    /// What it must say.
    pub needs: &'static str,
    /// What the engine was started with that says so, whatever the file says.
    pub argument: Option<&'static str>,
    /// Whose file it is, if he configures his own containers.
    pub owner: Option<String>,
}

/// An engine that is installed or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Which.
    pub kind: EngineKind,
    /// Its daemon, if it runs: number and label.
    pub daemon: Option<(u32, Option<String>)>,
    /// Its program, as the system names it, if it is where packages put it.
    pub program: Option<PathBuf>,
    /// Whether containers get labels of their own.
    pub separation: Separation,
    /// What people have configured for their own containers who run them without root: off, or what cannot be read.
    pub of_people: Vec<Separation>,
}

/// The engines of the system below `root`.
pub fn engines(root: &Path, processes: &[Process]) -> Vec<Engine> {
    let engine = |kind: EngineKind| {
        let daemon = processes.iter().find(|one| is_daemon(kind, one));
        let program =
            ["usr/bin", "usr/sbin", "usr/local/bin"].map(|folder| Path::new(folder).join(kind.program()));
        let program = program.into_iter().find(|path| root.join(path).exists());
        let is_used = kind == EngineKind::Podman && running::has_podman(processes);
        if daemon.is_none() && program.is_none() && !is_used {
            return None;
        }
        let arguments = daemon.map_or(&[][..], |daemon| &daemon.arguments);
        Some(Engine {
            kind,
            daemon: daemon.map(|daemon| (daemon.pid, daemon.label.clone())),
            program: program.map(|path| Path::new("/").join(path)),
            separation: separation(root, kind, arguments),
            of_people: match kind {
                EngineKind::Podman => settings::podman_of_people(root),
                _ => Vec::new(),
            },
        })
    };
    EngineKind::ALL.into_iter().filter_map(engine).collect()
}

/// Whether a process is the daemon of an engine. Some distributions had `dockerd-current` and `docker-containerd-current`, of which
/// the kernel keeps fifteen bytes.
fn is_daemon(kind: EngineKind, process: &Process) -> bool {
    if !process.may_be_daemon {
        return false;
    }
    match kind {
        EngineKind::Podman => false,
        EngineKind::Docker => ["dockerd", "dockerd-current"].contains(&process.name.as_str()),
        EngineKind::Containerd | EngineKind::Crio => process.name == kind.program(),
    }
}

fn separation(root: &Path, kind: EngineKind, arguments: &[String]) -> Separation {
    let said = match kind {
        EngineKind::Docker => settings::docker(root, arguments),
        EngineKind::Podman => settings::podman(root),
        EngineKind::Containerd => containerd::containerd(root, arguments),
        EngineKind::Crio => settings::crio(root, arguments),
    };
    said.unwrap_or_else(Separation::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    /// What a system with these files says of an engine that was started like this.
    pub(super) fn said(kind: EngineKind, line: &str, files: &[(&str, &str)]) -> &'static str {
        said_at(system(files).path(), kind, line)
    }

    pub(super) fn said_at(root: &Path, kind: EngineKind, line: &str) -> &'static str {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match separation(root, kind, &words) {
            Separation::On => "on",
            Separation::Off { .. } => "off",
            Separation::NotSaid => "not said",
            Separation::Unknown { .. } => "unknown",
        }
    }

    #[test]
    fn what_is_installed_or_runs() {
        let process = |pid, name: &str, arguments: &[&str]| Process {
            pid,
            parent: 1,
            name: name.to_owned(),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            label: None,
            label_error: None,
            may_be_daemon: true,
        };
        let found = |root: &[(&str, &str)], processes: &[Process]| -> Vec<(&str, bool)> {
            let found = engines(system(root).path(), processes);
            found.iter().map(|one| (one.kind.name(), one.daemon.is_some())).collect()
        };
        let installed = [("usr/bin/podman", "")];
        assert_eq!(found(&installed, &[process(5, "dockerd", &[])]), [("docker", true), ("podman", false)]);
        assert_eq!(found(&[], &[process(5, "dockerd-current", &[])]), [("docker", true)]);
        // Containers that run without any daemon are podman's, wherever its program is.
        assert_eq!(found(&[], &[process(5, "conmon", &["conmon", "-c", "1"])]), [("podman", false)]);
        let crio = [process(4, "crio", &[]), process(5, "conmon", &["conmon", "-c", "1"])];
        assert_eq!(found(&[], &crio), [("crio", true)]);
    }
}
