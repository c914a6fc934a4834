//! What container engines do to labels: those that a container's processes and files get, and what becomes of the label
//! of a directory that is mounted into it.
//!
//! | file | what it decides |
//! |---|---|
//! | `command_line.rs` | a docker or podman command line, as far as labels go |
//! | `words.rs` | its words: options, their values, and where the image stands |
//! | `mount.rs` | `-v`, `--mount`, `--tmpfs` and their options |
//! | `separation.rs` | the labels that a container asks for: `--security-opt label=…`, `--privileged`, … |
//! | `treatment.rs` | what the engine does to the tree of a mount |
//! | `refused_paths.rs` | paths that are never relabelled |
//! | `host_tree.rs` | whose a path of the host is, and should keep its label |
//! | `file_systems.rs` | file systems that keep no labels |
//! | `rules.rs` | each of these rules as a row: for which engine, since when, by whose word |
//!
//! Labels are text here; no policy is asked. Sources: go-selinux's `label` package, podman's `pkg/specgen` and
//! `libpod`, moby's `volume/mounts` and `daemon`, the API documentation of Kubernetes.

mod command_line;
mod file_systems;
mod host_tree;
mod mount;
mod refused_paths;
mod rules;
mod separation;
mod treatment;
mod words;

pub use command_line::{CommandError, ContainerCommand};
pub use file_systems::keeps_labels;
pub use host_tree::HostTree;
pub use mount::{Mount, MountError, MountSource, Relabel};
pub use refused_paths::{REFUSED, is_refused};
pub use rules::{RULES, RuleId, RuntimeRule};
pub use separation::{Domain, Level, Processes, SecurityOptionError, Separation, Unseparated};
pub use treatment::{Effect, Treatment, TreePlace, treatment};

/// A text as messages show it: what would move a terminal's cursor is escaped.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}

/// What runs a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// podman.
    Podman,
    /// docker: its daemon does the work.
    Docker,
    /// Kubernetes, whose runtimes (cri-o, containerd) get their labels from the pod.
    Kubernetes,
}

impl Engine {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Engine::Podman => "podman",
            Engine::Docker => "docker",
            Engine::Kubernetes => "kubernetes",
        }
    }
}
