//! The containers that run: what was started by the monitors of podman and CRI-O (conmon), and of containerd (its shims).
//!
//! Source: conmon(8); `containerd-shim`, which Docker once shipped as `docker-containerd-shim` and some distributions as
//! `docker-containerd-shim-current`. The kernel keeps fifteen bytes of a name, so arguments are looked at too.

use crate::process::Process;

/// Programs that a runtime is, while it starts something.
const RUNTIMES: [&str; 5] = ["runc", "crun", "youki", "conmon", "conmonrs"];

/// The containers of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Containers {
    /// The labels of those that run, by the number of their first process, and whether that is of the same type as their monitor's:
    /// then they have none of their own.
    pub labels: Vec<(u32, String, bool)>,
    /// Those whose label cannot be read, and why.
    pub unread: Vec<(u32, String)>,
}

/// The containers that run; `processes` stand by number. O(n log n).
pub fn containers(processes: &[Process]) -> Containers {
    let process = |pid: u32| {
        let at = processes.binary_search_by_key(&pid, |process| process.pid).ok()?;
        processes.get(at)
    };
    let mut found = Containers::default();
    for one in processes {
        let monitor = process(one.parent).filter(|parent| is_monitor(parent));
        let Some(monitor) = monitor.filter(|_| !is_monitor(one)) else { continue };
        if RUNTIMES.contains(&one.name.as_str()) {
            continue;
        }
        match (&one.label, &one.label_error) {
            (Some(label), _) => {
                let is_monitors = type_of(label) == monitor.label.as_deref().and_then(type_of);
                found.labels.push((one.pid, label.clone(), is_monitors));
            }
            (None, Some(why)) => found.unread.push((one.pid, why.clone())),
            (None, None) => {}
        }
    }
    found
}

/// The type of a label.
pub fn type_of(label: &str) -> Option<&str> {
    label.split(':').nth(2)
}

/// Whether podman's containers run, of which no daemon tells.
pub(super) fn has_podman(processes: &[Process]) -> bool {
    let has_crio = processes.iter().any(|process| process.name == "crio");
    let is_podmans = |process: &Process| {
        process.name == "conmon"
            && (!has_crio || process.arguments.iter().any(|word| word.contains("podman")))
    };
    processes.iter().any(|process| process.name == "podman" || is_podmans(process))
}

fn is_monitor(process: &Process) -> bool {
    /// How shims are called; the second is what is kept of the third.
    const SHIMS: [&str; 3] = ["containerd-shim", "docker-containe", "docker-containerd-shim"];
    if ["conmon", "conmonrs"].contains(&process.name.as_str()) {
        return true;
    }
    let program = process.arguments.first().and_then(|word| word.rsplit('/').next());
    match program.filter(|program| program.starts_with("docker-containe")) {
        // `docker-containerd-current` is a daemon, and is cut to the same.
        Some(program) => program.starts_with("docker-containerd-shim"),
        None => SHIMS.iter().any(|shim| process.name.starts_with(shim)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINE: &str = "system_u:system_r:container_runtime_t:s0";
    const CONTAINER: &str = "system_u:system_r:container_t:s0:c1,c2";

    fn process(pid: u32, parent: u32, line: &str, label: &str) -> Process {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let name = arguments[0].rsplit('/').next().unwrap().chars().take(15).collect();
        Process {
            pid,
            parent,
            name,
            arguments,
            label: Some(label.to_owned()),
            label_error: None,
            may_be_daemon: true,
        }
    }

    fn running(processes: &[Process]) -> Vec<(u32, bool)> {
        containers(processes).labels.iter().map(|(pid, _, is_monitors)| (*pid, *is_monitors)).collect()
    }

    #[test]
    fn a_container_is_what_a_monitor_started() {
        let mut processes = vec![
            process(5, 1, "dockerd", ENGINE),
            process(7, 1, "containerd-shim-runc-v2 -namespace moby", ENGINE),
            process(8, 7, "nginx", CONTAINER),
            process(9, 7, "sleep 1", ENGINE),
            process(10, 7, "runc", ENGINE),
            process(11, 8, "nginx", CONTAINER),
            process(12, 7, "secret", CONTAINER),
        ];
        processes[6].label = None;
        processes[6].label_error = Some("it is no regular file".to_owned());
        assert_eq!(running(&processes), [(8, false), (9, true)]);
        assert_eq!(containers(&processes).unread.len(), 1);
    }

    #[test]
    fn a_name_that_the_kernel_cut_is_a_shims_or_a_daemons() {
        let processes = [
            process(5, 1, "/usr/bin/docker-containerd-current -l unix:///x", ENGINE),
            process(6, 5, "/usr/bin/docker-containerd-shim-current 12ab", ENGINE),
            process(7, 6, "nginx", CONTAINER),
            process(8, 5, "nginx", CONTAINER),
        ];
        assert_eq!(running(&processes), [(7, false)]);
    }
}
