//! The container engines of the system, and the containers that run.

use std::path::Path;

use host::{ContainerProcess, EngineKind};

use crate::render::{EngineState, EnginesState, Seen};

/// Looks at the processes and configurations of the system below `root`.
pub(super) fn look(root: &Path) -> Seen<EnginesState> {
    let processes = match host::processes(root) {
        Ok(processes) => processes,
        Err(error) => return Seen::No(format!("processes cannot be seen: {error}")),
    };
    let serves_kubernetes = processes.iter().any(|process| process.name == "kubelet");
    let engines = host::engines(root, &processes).into_iter().map(|engine| EngineState {
        // containerd under Docker starts what Docker labels.
        is_asked: match engine.kind {
            EngineKind::Podman => true,
            EngineKind::Docker | EngineKind::Crio => engine.daemon.is_some(),
            EngineKind::Containerd => engine.daemon.is_some() && serves_kubernetes,
        },
        engine,
    });
    let containers = host::containers(&processes);
    let count = |keep: &dyn Fn(&&ContainerProcess) -> bool| containers.iter().filter(keep).count();
    Seen::Yes(EnginesState {
        engines: engines.collect(),
        containers: containers.len(),
        without_label: count(&|container| container.is_monitors),
        unconfined: count(&|container| host::type_of(&container.label) == Some("spc_t")),
    })
}
