//! A docker or podman command line, as far as labels go.
//!
//! Words in front of the program are passed over: `sudo` with its options, `NAME=VALUE`, `env`, `nohup`, `time`. The command
//! itself is `run` or `create`, in podman and docker also `container run`; what it starts is of interest only in that an
//! init system has a domain of its own. Nothing is run, and no file is looked at.

use super::separation::Asked;
use super::words::{global_options, run_options};
use super::{Engine, Mount, MountError, SecurityOptionError, Separation, shown};

/// What a command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerCommand {
    /// The program.
    pub engine: Engine,
    /// What is mounted, in the order of the command line.
    pub mounts: Vec<Mount>,
    /// The labels that the container asks for.
    pub separation: Separation,
    /// The image, if one is named.
    pub image: Option<String>,
    /// Whether `sudo` stands before it.
    pub by_sudo: bool,
    /// Containers whose mounts it takes over, which are not known here.
    pub volumes_from: Vec<String>,
}

/// A command line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Not docker or podman.
    #[error(
        "`{0}` is neither podman nor docker\nhelp: `sepolq mount -- podman run -v HOSTDIR:CONTAINERDIR IMAGE`"
    )]
    NotAnEngine(String),
    /// No words.
    #[error("the command line is empty\nhelp: `sepolq mount -- podman run -v HOSTDIR:CONTAINERDIR IMAGE`")]
    Empty,
    /// Neither `run` nor `create`.
    #[error(
        "`{0}` starts no container\nhelp: give a command line of `run` or `create`; for others, `--path` and `--option`"
    )]
    NotARun(String),
    /// A value is missing.
    #[error("the option `{0}` has no value")]
    NoValue(String),
    /// A mount.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// A label option.
    #[error(transparent)]
    SecurityOption(#[from] SecurityOptionError),
}

/// Programs that run another one.
const WRAPPERS: [&str; 8] = ["sudo", "doas", "env", "nohup", "time", "exec", "nice", "systemd-run"];
/// Options of those with a value.
const WRAPPER_VALUES: [&str; 16] = [
    "-u",
    "-g",
    "-C",
    "-D",
    "-h",
    "-p",
    "-R",
    "-T",
    "-n",
    "--user",
    "--group",
    "--chdir",
    "--host",
    "--prompt",
    "--unit",
    "--property",
];
/// Programs of init systems: podman gives such a container a domain of its own.
/// Source: `isSystemd` in podman's `libpod/container_internal`.
const INITS: [&str; 3] = ["/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init"];
/// Runtimes that start a virtual machine. Source: `runtime_supports_kvm` of containers.conf(5).
const MACHINES: [&str; 6] = ["crun-vm", "kata", "kata-runtime", "kata-qemu", "kata-fc", "krun"];

impl ContainerCommand {
    /// Reads the words of a command line. Never panics.
    ///
    /// # Errors
    /// Another program, another command, an option without its value, mounts and labels that engines refuse.
    pub fn parse(words: &[String]) -> Result<Self, CommandError> {
        let (by_sudo, words) = without_wrappers(words);
        let (program, rest) = words.split_first().ok_or(CommandError::Empty)?;
        let engine = match base_name(program) {
            "podman" | "podman-remote" => Engine::Podman,
            "docker" => Engine::Docker,
            _ => return Err(CommandError::NotAnEngine(shown(program))),
        };
        let mut runtime = None;
        let mut globals = global_options(rest);
        for (name, value) in &globals.options {
            if *name == "runtime" {
                runtime = *value;
            }
        }
        if globals.rest.first().is_some_and(|word| word == "container") {
            globals.rest = globals.rest.get(1..).unwrap_or_default();
        }
        let words = match globals.rest.split_first() {
            Some((command, rest)) if command == "run" || command == "create" => rest,
            Some((command, _)) => return Err(CommandError::NotARun(shown(command))),
            None => return Err(CommandError::NotARun(program.clone())),
        };
        let options = run_options(words);
        if let Some(name) = options.unfinished {
            let hyphens = if name.chars().count() == 1 { "-" } else { "--" };
            return Err(CommandError::NoValue(shown(&format!("{hyphens}{name}"))));
        }
        let mut asked = Asked::default();
        let (mut mounts, mut volumes_from) = (Vec::new(), Vec::new());
        let mut systemd = "true";
        for (name, value) in options.options {
            let text = value.unwrap_or_default();
            match name {
                "v" | "volume" => mounts.push(Mount::of_volume_option(text)?),
                "mount" => mounts.push(Mount::of_mount_option(text)?),
                "tmpfs" => mounts.push(Mount::of_tmpfs_option(text)),
                "volumes-from" => volumes_from.push(text.to_owned()),
                "security-opt" => asked.labels.extend(label_option(text).map(str::to_owned)),
                "privileged" => asked.privileged = !matches!(text, "false" | "0"),
                "pid" | "ipc" => asked.namespaces.push(text.to_owned()),
                "systemd" => systemd = text,
                "runtime" => runtime = value,
                _ => {}
            }
        }
        let (image, command) = match options.rest.split_first() {
            Some((image, command)) => (Some(image.clone()), command),
            None => (None, &[][..]),
        };
        let is_init = command
            .first()
            .is_some_and(|word| INITS.contains(&word.as_str()) || base_name(word) == "systemd");
        asked.init = engine == Engine::Podman && (systemd == "always" || (is_init && systemd != "false"));
        asked.machine = runtime.is_some_and(|runtime| MACHINES.contains(&base_name(runtime)));
        for mount in &mounts {
            mount.check(engine)?;
        }
        let separation = Separation::of(engine, &asked)?;
        Ok(ContainerCommand { engine, mounts, separation, image, by_sudo, volumes_from })
    }
}

/// What of `--security-opt` is about labels: `label=…`, and the old form `label:…`.
fn label_option(text: &str) -> Option<&str> {
    text.strip_prefix("label=").or_else(|| text.strip_prefix("label:"))
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The command line from the engine's program on, and whether it is run by sudo.
fn without_wrappers(mut words: &[String]) -> (bool, &[String]) {
    let mut by_sudo = false;
    while let Some((word, rest)) = words.split_first() {
        let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        });
        let is_wrapper = WRAPPERS.contains(&base_name(word));
        if !is_assignment && !is_wrapper {
            break;
        }
        by_sudo |= matches!(base_name(word), "sudo" | "doas");
        words = rest;
        while is_wrapper && let Some((option, rest)) = words.split_first() {
            if !option.starts_with('-') {
                break;
            }
            let has_value = WRAPPER_VALUES.contains(&option.as_str());
            words = if has_value { rest.get(1..).unwrap_or_default() } else { rest };
        }
    }
    (by_sudo, words)
}

#[cfg(test)]
mod tests {
    use super::super::{Domain, Level, MountSource, Processes, Relabel, Unseparated};
    use super::*;

    fn parse(text: &str) -> Result<ContainerCommand, CommandError> {
        let words: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
        ContainerCommand::parse(&words)
    }

    #[test]
    fn the_usual_command_line() {
        let command = parse(
            "sudo -u ada X=1 /usr/bin/podman --log-level debug run -d --rm -v /srv/www:/html:ro,z nginx",
        )
        .unwrap();
        assert_eq!((command.engine, command.by_sudo), (Engine::Podman, true));
        let mount = &command.mounts[0];
        assert_eq!(mount.source, MountSource::Path("/srv/www".into()));
        assert_eq!((mount.relabel, mount.read_only), (Some(Relabel::Shared), true));
        assert_eq!(command.image.as_deref(), Some("nginx"));
    }

    #[test]
    fn domains_of_init_systems_and_machines() {
        let domain = |text| match parse(text).unwrap().separation.processes {
            Processes::Labelled { domain, .. } => domain,
            other => panic!("{other:?}"),
        };
        assert_eq!(domain("podman run fedora /sbin/init"), Domain::Init);
        assert_eq!(domain("podman run --systemd=always fedora"), Domain::Init);
        assert_eq!(domain("docker run fedora /sbin/init"), Domain::Ordinary);
        assert_eq!(domain("podman run --systemd=false fedora /sbin/init"), Domain::Ordinary);
        assert_eq!(domain("podman run fedora init"), Domain::Ordinary);
        assert_eq!(domain("podman run fedora /usr/lib/systemd/systemd"), Domain::Init);
        assert_eq!(domain("podman --runtime /usr/bin/krun run fedora"), Domain::Machine);
        assert_eq!(domain("podman run --runtime kata fedora"), Domain::Machine);
    }

    #[test]
    fn labels_that_are_asked_for() {
        let command = parse("docker container run --security-opt label:type:x_t --security-opt=label=level:s0:c1,c2 --security-opt seccomp=unconfined a").unwrap();
        let Processes::Labelled { domain, level, .. } = command.separation.processes else { panic!() };
        assert_eq!(domain, Domain::Named("x_t".into()));
        assert_eq!(level, Level::Given("s0:c1,c2".into()));
        let separation = |text| parse(text).unwrap().separation;
        assert_eq!(
            separation("podman run --privileged a").processes,
            Processes::Unlabelled(Unseparated::Privileged)
        );
        assert_eq!(separation("podman run --privileged=false a"), Separation::default());
        assert_eq!(
            separation("podman run --pid=host a").processes,
            Processes::Unlabelled(Unseparated::HostNamespace)
        );
        assert_eq!(parse("podman run --volumes-from web a").unwrap().volumes_from, ["web"]);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        for (text, part) in [
            ("", "empty"),
            ("sudo", "empty"),
            ("kubectl run x", "neither podman nor docker"),
            ("podman ps", "`ps` starts no container"),
            ("podman", "starts no container"),
            ("podman run --name", "`--name` has no value"),
            ("podman run -v", "`-v` has no value"),
            ("podman run -v /a:/b:z,Z c", "z and Z"),
            ("podman run --security-opt label=x c", "no label option"),
            ("docker run --security-opt label=nested c", "no label option"),
            ("docker run -v data/x:/x c", "neither a path nor the name"),
            ("podman run -v /a:/b:ZZ c", "no option of a mount"),
            ("sudo --user bob podman ps", "`ps` starts no container"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
