//! The lines about container engines: whether containers are kept apart, and whether the engines themselves are labelled.
//!
//! An engine that does not run is no worry, whatever its configuration says; nor is containerd where no Kubernetes asks it.

use host::{EngineKind, Separation, type_of};

use super::{Concern, EngineState, EnginesState, Seen, StatusLine};
use crate::render::shell::quoted;

/// Domains in which no engine should run: what the system starts a program in whose file has not the label of an engine.
const NO_DOMAINS: [&str; 5] = ["unlabeled_t", "kernel_t", "init_t", "initrc_t", "unconfined_service_t"];

/// The lines; none on a system without containers.
pub(super) fn engines(engines: &Seen<EnginesState>) -> Vec<StatusLine> {
    let state = match engines {
        Seen::Yes(state) => state,
        Seen::No(why) => {
            let text = policydb::Name::new(why.as_bytes()).to_string();
            return vec![StatusLine::new("engines", Concern::Unseen, text).next("sudo sepolq status")];
        }
    };
    let mut lines: Vec<StatusLine> = state.engines.iter().flat_map(engine).collect();
    if state.without_label > 0 {
        let text = format!(
            "{} of {} running containers {} in the domain of their engine: nothing keeps them apart",
            state.without_label,
            state.containers,
            if state.without_label == 1 { "is" } else { "are" }
        );
        let line = StatusLine::new("engines", Concern::LookAt, text);
        lines.push(line.next("ps -eo label,pid,args | grep -A1 -e conmon -e containerd-shim"));
    }
    if state.unconfined > 0 {
        let text = format!(
            "{} of {} running containers {} unconfined (spc_t): started with --privileged or label=disable",
            state.unconfined,
            state.containers,
            if state.unconfined == 1 { "is" } else { "are" }
        );
        lines.push(
            StatusLine::new("engines", Concern::Fine, text).next("sepolq reach container_t --vs spc_t"),
        );
    }
    lines
}

fn engine(state: &EngineState) -> Vec<StatusLine> {
    let engine = &state.engine;
    let name = engine.kind.name();
    let mut lines = Vec::new();
    let label = engine.daemon.as_ref().and_then(|(_, label)| label.as_deref());
    let domain = label.and_then(type_of);
    let shown = |text: &str| policydb::Name::new(text.as_bytes()).to_string();
    let path = |file: &std::path::Path| shown(&file.display().to_string());
    let runs = match (&engine.daemon, domain) {
        (Some(_), Some(domain)) => format!(" runs as {}", shown(domain)),
        (Some((pid, _)), None) => format!(" runs (process {pid})"),
        (None, _) if engine.kind == EngineKind::Podman => " is installed".to_owned(),
        (None, _) => " is installed and does not run".to_owned(),
    };
    let restart = match engine.kind {
        EngineKind::Podman => None,
        kind => Some(format!("sudo systemctl restart {}", kind.name())),
    };
    let line = match &engine.separation {
        Separation::Off { file, needs } if state.is_asked => {
            let text = format!(
                "{name}{runs}, with SELinux off for its containers: {} does not say `{needs}`",
                path(file)
            );
            let line = StatusLine::new("engines", Concern::LookAt, text);
            let line = line.next(format!("sudoedit {}", quoted(&file.display().to_string())));
            restart.clone().into_iter().fold(line, StatusLine::next)
        }
        Separation::Unknown { file, why } => {
            let text = format!("{name}{runs}; {} cannot be read: {}", path(file), shown(why));
            StatusLine::new("engines", Concern::Unseen, text)
                .next(format!("sudo cat {}", quoted(&file.display().to_string())))
        }
        separation => {
            let apart = match separation {
                Separation::On => ", and keeps its containers apart",
                _ => "",
            };
            StatusLine::new("engines", Concern::Fine, format!("{name}{runs}{apart}"))
                .next("sepolq mount -- podman run -v HOSTDIR:CONTAINERDIR IMAGE")
        }
    };
    lines.push(line);
    if let Some(domain) = domain.filter(|domain| NO_DOMAINS.contains(domain)) {
        let text =
            format!("{name} runs as {domain}, which is no engine's domain: its program has another label");
        let program = engine.program.as_ref().map(|program| program.display().to_string());
        let program = program.unwrap_or_else(|| format!("\"$(command -v {})\"", engine.kind.program()));
        let line =
            StatusLine::new("engines", Concern::LookAt, text).next(format!("sudo restorecon -v {program}"));
        lines.push(restart.into_iter().fold(line, StatusLine::next));
    }
    lines
}
