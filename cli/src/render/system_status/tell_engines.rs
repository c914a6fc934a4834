//! The lines about container engines, one for each, and about the containers that run: whether they are kept apart, and whether the
//! engines themselves are labelled.
//!
//! An engine that does not run is no worry, whatever its configuration says; nor is containerd under Docker, which labels itself what
//! it has containerd start.

use host::{Engine, EngineKind, Off, Separation, Unread, type_of};

use super::tell::{counted, line, shown};
use super::{Concern, EngineState, EnginesState, Seen, StatusLine, SystemStatus};
use crate::render::shell::quoted;

/// Domains in which no engine should run: what the system starts a program in whose file has not the label of an engine.
const NO_DOMAINS: [&str; 6] =
    ["unlabeled_t", "kernel_t", "init_t", "initrc_t", "unconfined_service_t", "unconfined_t"];
/// Where k3s and rke2 keep what they write for containerd, and who they are.
const DISTRIBUTIONS: [(&str, &str); 2] = [("/var/lib/rancher/k3s", "k3s"), ("/var/lib/rancher/rke2", "rke2")];

/// The lines; none on a system without containers.
pub(super) fn engines(status: &SystemStatus) -> Vec<StatusLine> {
    let state = match &status.engines {
        Seen::Yes(state) => state,
        Seen::No(why) => {
            return vec![line("engines", Concern::Unseen, shown(why)).asked_as_root(status).next("ps -eZ")];
        }
    };
    let mut lines: Vec<StatusLine> = state.engines.iter().map(engine).collect();
    lines.extend(containers(state));
    if let Some((n, why)) = &state.unread {
        let what = counted(*n as u64, "engine or container", "engines and containers");
        let text = format!("the labels of {what} cannot be read: {}", shown(why));
        lines.push(line("engines", Concern::Unseen, text).asked_as_root(status).next("ps -eZ"));
    }
    lines
}

/// What is to be said of the containers that run.
fn containers(state: &EnginesState) -> Option<StatusLine> {
    let unconfined = match state.unconfined {
        0 => None,
        n => Some(format!(
            "{n} of {} unconfined (spc_t and the like: --privileged or label=…)",
            state.containers
        )),
    };
    if state.without_label > 0 {
        let are = if state.without_label == 1 { "is" } else { "are" };
        let more = unconfined.map(|text| format!("; {text}")).unwrap_or_default();
        let text = format!(
            "{} of {} running containers {are} in the domain of their engine: nothing keeps them apart{more}",
            state.without_label, state.containers,
        );
        let next = "ps -eo label,pid,args | grep -A1 -e conmon -e containerd-shim";
        return Some(line("engines", Concern::LookAt, text).next(next));
    }
    if state.containers == 0 {
        return None;
    }
    let run = counted(state.containers as u64, "container runs", "containers run");
    let text = match &unconfined {
        Some(unconfined) => format!("{run}, {unconfined}"),
        None => format!("{run}, labelled apart from their engine"),
    };
    let line = line("engines", Concern::Fine, text);
    Some(StatusLine { remark: unconfined.map(|text| format!("containers: {text}")), ..line })
}

/// What is said of an engine, as far as it has come.
struct Told {
    concern: Concern,
    text: String,
    next: Vec<String>,
}

impl Told {
    /// Something is the matter: why, and what mends it.
    fn matters(&mut self, text: &str, next: String) {
        self.concern = Concern::LookAt;
        self.text.push_str(text);
        self.next.push(next);
    }

    /// A file does not tell what it should.
    fn unread(&mut self, Unread { file, why, is_wrong }: &Unread) {
        if self.concern == Concern::Fine {
            self.concern = Concern::Unseen;
        }
        let file = file.display().to_string();
        let cannot = if *is_wrong { "" } else { " cannot be read:" };
        self.text.push_str(&format!("; {}{cannot} {}", shown(&file), shown(why)));
        let look = match (is_wrong, file.starts_with("/etc/")) {
            (false, _) => "sudo ls -lZ",
            (true, true) => "sudoedit",
            // In a folder that others may write to sudoedit does not edit.
            (true, false) => "sudo vi",
        };
        self.next.push(format!("{look} {}", quoted(&file)));
    }

    /// What is configured for all.
    fn separation(&mut self, state: &EngineState, is_misplaced: bool) {
        match &state.engine.separation {
            Separation::Off(off) if state.is_asked => {
                let stops = match state.engine.kind {
                    EngineKind::Docker => " (a restart stops them, unless live-restore is on)",
                    _ => "",
                };
                let text = format!(", with SELinux off for its containers: {}{stops}", why_off(off));
                self.matters(&text, to_switch_on(&state.engine, off));
            }
            Separation::Unknown(unread) => self.unread(unread),
            // What is the matter with it stands first.
            _ if is_misplaced => {}
            Separation::On => self.text.push_str(", and keeps its containers apart"),
            Separation::Off(_) if state.engine.daemon.is_some() => {
                self.text.push_str(" for docker, which decides about labels");
            }
            Separation::NotSaid if state.engine.kind == EngineKind::Containerd => {
                self.text.push_str("; its plugin for Kubernetes is off, who asks it labels");
            }
            Separation::Off(_) | Separation::NotSaid => {}
        }
    }

    /// What people have configured for themselves.
    fn people(&mut self, engine: &Engine) {
        let off: Vec<&Off> = engine.of_people.iter().filter_map(as_off).collect();
        if let Some(first) = off.first() {
            let more = match off.len() {
                1 => String::new(),
                n => format!(" and {} more", n.saturating_sub(1)),
            };
            let text = format!("; off for the containers of people: {}{more}", why_off(first));
            let file = quoted(&first.file.display().to_string());
            // In a folder that others may write to sudoedit does not edit.
            let owner = first.owner.as_deref().map(quoted).unwrap_or_default();
            self.matters(&text, format!("sudo -u {owner} vi {file}"));
        }
        let unread = engine.of_people.iter().find_map(|said| match said {
            Separation::Unknown(unread) => Some(unread),
            _ => None,
        });
        if let Some(unread) = unread {
            self.unread(unread);
        }
    }
}

fn engine(state: &EngineState) -> StatusLine {
    let engine = &state.engine;
    let label = engine.daemon.as_ref().and_then(|(_, label)| label.as_deref());
    let domain = label.and_then(type_of);
    let runs = match (&engine.daemon, domain) {
        (Some(_), Some(domain)) => format!("runs as {}", shown(domain)),
        (Some((pid, _)), None) => format!("runs (process {pid})"),
        (None, _) if engine.kind == EngineKind::Podman => "is installed".to_owned(),
        (None, _) => "is installed and does not run".to_owned(),
    };
    let text = format!("{} {runs}", engine.kind.name());
    let mut told = Told { concern: Concern::Fine, text, next: Vec::new() };
    let is_misplaced = domain.is_some_and(|domain| NO_DOMAINS.contains(&domain));
    told.separation(state, is_misplaced);
    told.people(engine);
    if is_misplaced {
        let program = engine.program.as_ref().map(|program| program.display().to_string());
        let program = program.unwrap_or_else(|| format!("\"$(command -v {})\"", engine.kind.program()));
        let next = format!("sudo restorecon -v {program}{}", and_restart(engine, None));
        told.matters("; that is no engine's domain: its program has another label", next);
    }
    let line = told.next.into_iter().fold(line("engines", told.concern, told.text), StatusLine::next);
    // What is not used harms nobody, whatever it is told.
    StatusLine { is_minor: !state.is_asked && line.concern == Concern::Unseen, ..line }
}

fn as_off(said: &Separation) -> Option<&Off> {
    match said {
        Separation::Off(off) => Some(off),
        _ => None,
    }
}

fn why_off(off: &Off) -> String {
    let file = shown(&off.file.display().to_string());
    match (off.argument, off.says) {
        (Some(argument), _) => format!("it is started with `{argument}`"),
        (None, Some(says)) => format!("{file} says `{says}`"),
        (None, None) => format!("{file} does not say `{}`", off.needs),
    }
}

/// What lets an engine keep containers apart: a file to change, and what then starts it anew.
fn to_switch_on(engine: &Engine, off: &Off) -> String {
    let by = DISTRIBUTIONS.iter().find(|(folder, _)| off.file.starts_with(folder));
    if let Some((_, name)) = by {
        // What containerd reads there is written anew at every start.
        return format!(
            "echo 'selinux: true' | sudo tee -a /etc/rancher/{name}/config.yaml{}",
            and_restart(engine, Some(name))
        );
    }
    match off.argument {
        Some(_) => {
            format!("sudo systemctl edit --full {}{}", engine.kind.name(), and_restart(engine, None))
        }
        None => {
            format!("sudoedit {}{}", quoted(&off.file.display().to_string()), and_restart(engine, None))
        }
    }
}

fn and_restart(engine: &Engine, service: Option<&str>) -> String {
    let service = service.unwrap_or(engine.kind.name());
    match engine.kind {
        EngineKind::Podman => String::new(),
        _ => format!(" && sudo systemctl restart {service}"),
    }
}
