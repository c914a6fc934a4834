//! The labels that a container asks for: of its processes, and of its files.
//!
//! Sources: `InitLabels` of go-selinux's `label_linux.go`, `setLabelOpts` of podman's `pkg/specgen/generate/security.go`,
//! `setHostConfigSelinux…` and `parseSecurityOpt` of moby's `daemon`. The order of options does not matter, the last of
//! a kind counts, and `disable` wins over all others.

use super::{Engine, shown};

/// The labels of a container, as far as they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Separation {
    /// Its processes.
    pub processes: Processes,
    /// `label=filetype:`, the type of its files.
    pub file_type: Option<String>,
    /// The level of its files.
    pub file_level: Level,
    /// `label=nested`: the container may use labels itself.
    pub nested: bool,
}

/// The label of a container's processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processes {
    /// The engine sets it.
    Labelled {
        /// The domain.
        domain: Domain,
        /// The level.
        level: Level,
        /// `label=user:`.
        user: Option<String>,
        /// `label=role:`.
        role: Option<String>,
    },
    /// The engine sets none: the policy says what becomes of a process that the engine starts.
    Unlabelled(Unseparated),
    /// It is that of another container, which is named.
    LikeContainer(String),
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// That of containers.
    Ordinary,
    /// That of containers which run an init system.
    Init,
    /// That of containers in a virtual machine.
    Machine,
    /// One that is named.
    Named(String),
}

/// A level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// A pair of categories that the engine picks when the container is made.
    Own,
    /// One that is given.
    Given(String),
    /// `c1022,c1023`, which no container has: files of containers without separation.
    Reserved,
}

/// Why a container is not kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseparated {
    /// `label=disable`.
    Disabled,
    /// `--privileged`.
    Privileged,
    /// `--pid=host` or `--ipc=host`.
    HostNamespace,
    /// The docker daemon does without SELinux.
    Daemon,
}

/// An option that engines refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`label={0}` is no label option\nhelp: disable, nested, or type:, level:, filetype:, user:, role: and a value"
)]
pub struct SecurityOptionError(String);

/// What a command line says about labels.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) labels: Vec<String>,
    pub(super) privileged: bool,
    /// `--pid` and `--ipc`.
    pub(super) namespaces: Vec<String>,
    pub(super) init: bool,
    pub(super) machine: bool,
}

impl Default for Separation {
    fn default() -> Self {
        Separation {
            processes: Processes::Labelled {
                domain: Domain::Ordinary,
                level: Level::Own,
                user: None,
                role: None,
            },
            file_type: None,
            file_level: Level::Own,
            nested: false,
        }
    }
}

impl Separation {
    /// No labels for processes, and the reserved level for files.
    pub fn without(why: Unseparated) -> Self {
        Separation {
            processes: Processes::Unlabelled(why),
            file_type: None,
            file_level: Level::Reserved,
            nested: false,
        }
    }

    /// What an engine makes of what is asked.
    pub(super) fn of(engine: Engine, asked: &Asked) -> Result<Self, SecurityOptionError> {
        let mut separation = Separation::default();
        let (mut domain, mut level, mut user, mut role) = (None, Level::Own, None, None);
        let mut disabled = false;
        for label in &asked.labels {
            let value = |value: &str| (!value.is_empty()).then(|| value.to_owned());
            match label.split_once(':') {
                None if label == "disable" => disabled = true,
                None if label == "nested" && engine != Engine::Docker => separation.nested = true,
                Some(("type", text)) if !text.is_empty() => domain = value(text),
                Some(("level", text)) if !text.is_empty() => level = Level::Given(text.to_owned()),
                Some(("filetype", text)) if !text.is_empty() => separation.file_type = value(text),
                Some(("user", text)) if !text.is_empty() => user = value(text),
                Some(("role", text)) if !text.is_empty() => role = value(text),
                _ => return Err(SecurityOptionError(shown(label))),
            }
        }
        if disabled {
            return Ok(Separation::without(Unseparated::Disabled));
        }
        // docker respects labels that are asked for by name; podman only without --privileged and host namespaces.
        let respected = engine == Engine::Docker && !asked.labels.is_empty();
        if asked.privileged && !respected {
            return Ok(Separation::without(Unseparated::Privileged));
        }
        if asked.namespaces.iter().any(|namespace| namespace == "host") && !respected {
            return Ok(Separation::without(Unseparated::HostNamespace));
        }
        separation.file_level = level.clone();
        let ordinary = match (asked.machine, asked.init) {
            (true, _) => Domain::Machine,
            (false, true) => Domain::Init,
            (false, false) => Domain::Ordinary,
        };
        let domain = domain.map_or(ordinary, Domain::Named);
        separation.processes = Processes::Labelled { domain, level, user, role };
        let joined = asked.namespaces.iter().find_map(|namespace| namespace.strip_prefix("container:"));
        if let Some(name) = joined {
            separation.processes = Processes::LikeContainer(name.to_owned());
        }
        Ok(separation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(labels: &[&str], privileged: bool, namespaces: &[&str]) -> Asked {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Asked { labels: words(labels), privileged, namespaces: words(namespaces), ..Asked::default() }
    }

    #[test]
    fn disable_wins() {
        let asked = asked(&["type:x_t", "disable", "level:s0:c1"], false, &[]);
        let separation = Separation::of(Engine::Podman, &asked).unwrap();
        assert_eq!(separation, Separation::without(Unseparated::Disabled));
    }

    #[test]
    fn engines_differ_about_privileged() {
        let asked = asked(&["type:x_t"], true, &["host"]);
        let podman = Separation::of(Engine::Podman, &asked).unwrap();
        assert_eq!(podman.processes, Processes::Unlabelled(Unseparated::Privileged));
        let docker = Separation::of(Engine::Docker, &asked).unwrap();
        assert!(matches!(docker.processes, Processes::Labelled { domain: Domain::Named(_), .. }));
        let host = self::asked(&[], false, &["host"]);
        let separation = Separation::of(Engine::Docker, &host).unwrap();
        assert_eq!(separation.processes, Processes::Unlabelled(Unseparated::HostNamespace));
    }

    #[test]
    fn a_level_is_for_files_too_and_a_type_is_not() {
        let asked =
            asked(&["type:x_t", "level:s0:c1", "user:u", "role:r", "filetype:f_t", "nested"], false, &[]);
        let separation = Separation::of(Engine::Podman, &asked).unwrap();
        assert_eq!(separation.file_level, Level::Given("s0:c1".into()));
        assert_eq!(separation.file_type.as_deref(), Some("f_t"));
        assert!(separation.nested);
    }

    #[test]
    fn another_container_and_bad_options() {
        let other = asked(&[], false, &["container:web"]);
        let separation = Separation::of(Engine::Podman, &other).unwrap();
        assert_eq!(separation.processes, Processes::LikeContainer("web".into()));
        for bad in ["type:", "type", "colour:red", ""] {
            assert!(Separation::of(Engine::Podman, &asked(&[bad], false, &[])).is_err(), "{bad}");
        }
    }
}
