//! The container engines of the system, and the containers that run.

use std::path::Path;

use host::{EngineKind, Process};

use crate::render::{EngineState, EnginesState, Seen};

/// Processes that are Kubernetes on a node, or have it in them.
const KUBERNETES: [&str; 8] =
    ["kubelet", "kubelite", "k3s", "k3s-server", "k3s-agent", "k0s", "rke2", "rke2-server"];

/// Domains that keep a container from nothing, whatever the policy says of them: the one for privileged ones, and those of the
/// system that people give by `--security-opt label=type:…`.
const UNCONFINED: [&str; 6] =
    ["spc_t", "unconfined_t", "unconfined_service_t", "kernel_t", "init_t", "initrc_t"];

/// Looks at the processes and configurations of the system below `root`, in whose policy these domains are unconfined.
pub(super) fn look(root: &Path, processes: &Seen<Vec<Process>>, unconfined: &[String]) -> Seen<EnginesState> {
    let is_unconfined = |name: &str| UNCONFINED.contains(&name) || unconfined.iter().any(|one| one == name);
    let processes = match processes {
        Seen::Yes(processes) => processes,
        Seen::No(why) => return Seen::No(format!("processes cannot be seen: {why}")),
    };
    let serves_kubernetes = processes.iter().any(|process| KUBERNETES.contains(&process.name.as_str()));
    let found = host::engines(root, processes);
    let has_docker = found.iter().any(|one| one.kind == EngineKind::Docker && one.daemon.is_some());
    let daemons: Vec<u32> = found.iter().filter_map(|one| one.daemon.as_ref()).map(|(pid, _)| *pid).collect();
    let engines = found.into_iter().map(|engine| EngineState {
        // containerd under Docker starts what Docker labels.
        is_asked: match engine.kind {
            EngineKind::Podman => true,
            EngineKind::Docker | EngineKind::Crio => engine.daemon.is_some(),
            EngineKind::Containerd => engine.daemon.is_some() && (serves_kubernetes || !has_docker),
        },
        engine,
    });
    let containers = host::containers(processes);
    let of_daemons = processes.iter().filter(|process| daemons.contains(&process.pid));
    let mut unread = of_daemons.filter_map(|process| process.label_error.as_ref());
    let first = unread.next().or_else(|| containers.unread.first().map(|(_, why)| why)).cloned();
    let n = processes.iter().filter(|one| daemons.contains(&one.pid) && one.label_error.is_some()).count();
    Seen::Yes(EnginesState {
        engines: engines.collect(),
        containers: containers.labels.len().saturating_add(containers.unread.len()),
        without_label: containers.labels.iter().filter(|(.., is_monitors)| *is_monitors).count(),
        unconfined: containers
            .labels
            .iter()
            .filter(|(_, label, _)| host::type_of(label).is_some_and(is_unconfined))
            .count(),
        unread: first.map(|why| (n.saturating_add(containers.unread.len()), why)),
    })
}
