//! The container engines of a system, and whether they keep containers apart by SELinux.
//!
//! Source: `dockerd(8)` and its `daemon.json`; `containers.conf(5)`; containerd's `config.toml` (the CRI plugin, under the names that it
//! has had in each version of the file); `crio.conf(5)`. Docker and containerd are off unless told otherwise, podman is on. CRI-O
//! decides by itself where nothing is said.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::process::Process;

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
    Off {
        /// The file that says so, or that would have to say otherwise.
        file: PathBuf,
        /// What it must say.
        needs: &'static str,
    },
    /// Nothing is said, and the engine decides.
    NotSaid,
    /// What is configured cannot be read.
    Unknown {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
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
}

/// A container that runs: the process that its monitor started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerProcess {
    /// Its number.
    pub pid: u32,
    /// Its label.
    pub label: String,
    /// Whether that is of the same type as its monitor's: then it has none of its own.
    pub is_monitors: bool,
}

/// The engines of the system below `root`.
pub fn engines(root: &Path, processes: &[Process]) -> Vec<Engine> {
    let engine = |kind: EngineKind| {
        let daemon = processes.iter().find(|one| kind != EngineKind::Podman && one.name == kind.program());
        let program =
            ["usr/bin", "usr/sbin", "usr/local/bin"].map(|folder| Path::new(folder).join(kind.program()));
        let program = program.into_iter().find(|path| root.join(path).exists());
        if daemon.is_none() && program.is_none() {
            return None;
        }
        let arguments = daemon.map_or(&[][..], |daemon| &daemon.arguments);
        Some(Engine {
            kind,
            daemon: daemon.map(|daemon| (daemon.pid, daemon.label.clone())),
            program: program.map(|path| Path::new("/").join(path)),
            separation: separation(root, kind, arguments),
        })
    };
    EngineKind::ALL.into_iter().filter_map(engine).collect()
}

/// The containers that run: what was started by the monitors of podman and CRI-O, and of containerd.
pub fn containers(processes: &[Process]) -> Vec<ContainerProcess> {
    let monitor = |pid: u32| {
        let at = processes.binary_search_by_key(&pid, |process| process.pid).ok()?;
        let parent = processes.get(at)?;
        (parent.name == "conmon" || parent.name.starts_with("containerd-shim")).then_some(parent)
    };
    let container = |process: &Process| {
        let monitor = monitor(process.parent)?;
        // The runtime itself, while it starts something.
        if ["runc", "crun", "youki", "conmon"].contains(&process.name.as_str()) {
            return None;
        }
        let label = process.label.clone()?;
        let is_monitors = type_of(&label) == monitor.label.as_deref().and_then(type_of);
        Some(ContainerProcess { pid: process.pid, label, is_monitors })
    };
    processes.iter().filter_map(container).collect()
}

/// The type of a label.
pub fn type_of(label: &str) -> Option<&str> {
    label.split(':').nth(2)
}

fn separation(root: &Path, kind: EngineKind, arguments: &[String]) -> Separation {
    let said = match kind {
        EngineKind::Docker => docker(root, arguments),
        EngineKind::Podman => podman(root),
        EngineKind::Containerd => containerd(root, arguments),
        EngineKind::Crio => crio(root, arguments),
    };
    said.unwrap_or_else(|(file, why)| Separation::Unknown { file, why })
}

/// What is said, or the file that cannot be read and why.
type Said = Result<Separation, (PathBuf, String)>;

fn docker(root: &Path, arguments: &[String]) -> Said {
    let needs = "\"selinux-enabled\": true";
    let file = PathBuf::from(option(arguments, &["--config-file"]).unwrap_or("/etc/docker/daemon.json"));
    if let Some(is_on) = flag(arguments, "--selinux-enabled") {
        return Ok(if is_on { Separation::On } else { Separation::Off { file, needs } });
    }
    let Some(text) = read(root, &file)? else { return Ok(Separation::Off { file, needs }) };
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| (file.clone(), "it is no JSON".to_owned()))?;
    Ok(match json.get("selinux-enabled").and_then(serde_json::Value::as_bool) {
        Some(true) => Separation::On,
        _ => Separation::Off { file, needs },
    })
}

fn podman(root: &Path) -> Said {
    let mut said = Separation::On;
    let fixed =
        ["/usr/share/containers/containers.conf", "/etc/containers/containers.conf"].map(PathBuf::from);
    for file in fixed.into_iter().chain(drop_ins(root, "/etc/containers/containers.conf.d")) {
        match table(root, &file)?.as_ref().and_then(|table| boolean(table, &["containers", "label"])) {
            Some(false) => said = Separation::Off { file, needs: "label = true" },
            Some(true) => said = Separation::On,
            None => {}
        }
    }
    Ok(said)
}

fn containerd(root: &Path, arguments: &[String]) -> Said {
    /// The CRI plugin, in the three versions of the file.
    const PLUGINS: [&str; 3] = ["io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri", "cri"];
    let file = PathBuf::from(option(arguments, &["--config", "-c"]).unwrap_or("/etc/containerd/config.toml"));
    let table = table(root, &file)?;
    let is_on = table.is_some_and(|table| {
        PLUGINS.iter().any(|plugin| boolean(&table, &["plugins", plugin, "enable_selinux"]) == Some(true))
    });
    Ok(if is_on { Separation::On } else { Separation::Off { file, needs: "enable_selinux = true" } })
}

fn crio(root: &Path, arguments: &[String]) -> Said {
    let mut said = Separation::NotSaid;
    let main = PathBuf::from(option(arguments, &["--config", "-c"]).unwrap_or("/etc/crio/crio.conf"));
    let mut last = main.clone();
    for file in std::iter::once(main).chain(drop_ins(root, "/etc/crio/crio.conf.d")) {
        match table(root, &file)?.as_ref().and_then(|table| boolean(table, &["crio", "runtime", "selinux"])) {
            Some(false) => said = Separation::Off { file: file.clone(), needs: "selinux = true" },
            Some(true) => said = Separation::On,
            None => continue,
        }
        last = file;
    }
    Ok(match flag(arguments, "--selinux") {
        Some(true) => Separation::On,
        Some(false) => Separation::Off { file: last, needs: "selinux = true" },
        None => said,
    })
}

/// The text of a file; nothing if there is none.
fn read(root: &Path, file: &Path) -> Result<Option<String>, (PathBuf, String)> {
    match fs::read_to_string(root.join(file.strip_prefix("/").unwrap_or(file))) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err((file.to_owned(), error.to_string())),
    }
}

fn table(root: &Path, file: &Path) -> Result<Option<toml::Table>, (PathBuf, String)> {
    let Some(text) = read(root, file)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| (file.to_owned(), "it is no TOML".to_owned()))
}

/// The files that are put on top of a configuration, in their order, as the system names them.
fn drop_ins(root: &Path, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join(folder.trim_start_matches('/')));
    let names = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
    let mut files: Vec<PathBuf> = names.map(|name| Path::new(folder).join(name)).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "conf"));
    files.sort_unstable();
    files
}

fn boolean(table: &toml::Table, path: &[&str]) -> Option<bool> {
    let (last, folders) = path.split_last()?;
    let mut table = table;
    for folder in folders {
        table = table.get(*folder)?.as_table()?;
    }
    table.get(*last)?.as_bool()
}

/// What a switch of a command line says, the last time that it stands there.
fn flag(arguments: &[String], name: &str) -> Option<bool> {
    arguments.iter().rev().find_map(|argument| match argument.strip_prefix(name)? {
        "" => Some(true),
        value => {
            value.strip_prefix('=').map(|value| matches!(value, "true" | "1" | "t" | "T" | "TRUE" | "True"))
        }
    })
}

/// The value of an option of a command line.
fn option<'a>(arguments: &'a [String], names: &[&str]) -> Option<&'a str> {
    let after = arguments.iter().skip(1).map(Some).chain([None]);
    arguments.iter().zip(after).find_map(|(argument, next)| {
        names.iter().find_map(|name| match argument.strip_prefix(name)? {
            "" => next.map(String::as_str),
            rest => rest.strip_prefix('='),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::system;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    /// What a system with these files says of an engine that was started like this.
    fn said(kind: EngineKind, line: &str, files: &[(&str, &str)]) -> &'static str {
        match separation(system(files).path(), kind, &words(line)) {
            Separation::On => "on",
            Separation::Off { .. } => "off",
            Separation::NotSaid => "not said",
            Separation::Unknown { .. } => "unknown",
        }
    }

    #[test]
    fn docker_is_off_unless_it_is_told() {
        let of = |line, json| said(EngineKind::Docker, line, &[("etc/docker/daemon.json", json)]);
        assert_eq!(said(EngineKind::Docker, "dockerd", &[]), "off");
        assert_eq!(of("dockerd", "{\"selinux-enabled\": true}"), "on");
        assert_eq!(of("dockerd", "{\"selinux-enabled\": false}"), "off");
        assert_eq!(of("dockerd", "{"), "unknown");
        assert_eq!(of("dockerd --selinux-enabled", "{}"), "on");
        assert_eq!(of("dockerd --selinux-enabled=false", "{}"), "off");
        let other = [("srv/d.json", "{\"selinux-enabled\": true}")];
        assert_eq!(said(EngineKind::Docker, "dockerd --config-file /srv/d.json", &other), "on");
        assert_eq!(said(EngineKind::Docker, "dockerd --config-file=/srv/d.json", &other), "on");
    }

    #[test]
    fn podman_is_on_unless_it_is_told() {
        let off = ("usr/share/containers/containers.conf", "[containers]\nlabel = false\n");
        let on = ("etc/containers/containers.conf.d/10-on.conf", "[containers]\nlabel = true\n");
        assert_eq!(said(EngineKind::Podman, "", &[]), "on");
        assert_eq!(said(EngineKind::Podman, "", &[off]), "off");
        assert_eq!(said(EngineKind::Podman, "", &[off, on]), "on");
        assert_eq!(
            said(EngineKind::Podman, "", &[("etc/containers/containers.conf", "#label = false\n")]),
            "on"
        );
    }

    #[test]
    fn what_serves_kubernetes() {
        let config = |text| [("etc/containerd/config.toml", text)];
        let of = |text| said(EngineKind::Containerd, "containerd", &config(text));
        assert_eq!(said(EngineKind::Containerd, "containerd", &[]), "off");
        assert_eq!(of("[plugins.\"io.containerd.grpc.v1.cri\"]\nenable_selinux = true\n"), "on");
        assert_eq!(of("[plugins.\"io.containerd.cri.v1.runtime\"]\nenable_selinux = true\n"), "on");
        assert_eq!(of("[plugins.cri]\nenable_selinux = false\n"), "off");
        assert_eq!(of("= ="), "unknown");
        let crio = |line, text| said(EngineKind::Crio, line, &[("etc/crio/crio.conf", text)]);
        assert_eq!(crio("crio", ""), "not said");
        assert_eq!(crio("crio", "[crio.runtime]\nselinux = false\n"), "off");
        assert_eq!(crio("crio --selinux", "[crio.runtime]\nselinux = false\n"), "on");
    }

    #[test]
    fn what_is_installed_or_runs_and_its_containers() {
        let process = |pid, parent, name: &str, label: &str| Process {
            pid,
            parent,
            name: name.to_owned(),
            arguments: vec![name.to_owned()],
            label: Some(label.to_owned()),
        };
        let engine = "system_u:system_r:container_runtime_t:s0";
        let processes = [
            process(5, 1, "dockerd", engine),
            process(7, 1, "containerd-shim", engine),
            process(8, 7, "nginx", "system_u:system_r:container_t:s0:c1,c2"),
            process(9, 7, "sleep", engine),
            process(10, 7, "runc", engine),
            process(11, 8, "nginx", "system_u:system_r:container_t:s0:c1,c2"),
        ];
        let root = system(&[("usr/bin/podman", "")]);
        let found: Vec<_> = engines(root.path(), &processes)
            .iter()
            .map(|one| (one.kind.name(), one.daemon.is_some()))
            .collect();
        assert_eq!(found, [("docker", true), ("podman", false)]);
        let running: Vec<_> = containers(&processes).iter().map(|one| (one.pid, one.is_monitors)).collect();
        assert_eq!(running, [(8, false), (9, true)]);
    }
}
