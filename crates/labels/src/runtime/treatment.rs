//! What an engine does to the label of a tree that is mounted.

use super::{
    Engine, Level, Mount, MountSource, Processes, Relabel, RuleId, Separation, Unseparated, is_refused,
    keeps_labels,
};

/// What is known of where a tree stands.
#[derive(Clone, Debug, Default)]
pub struct TreePlace {
    /// The file system, if known, by the name of `/proc/filesystems`.
    pub file_system: Option<String>,
    /// Whether the label itself says that it is of a file system without labels.
    pub is_without_labels: bool,
    /// Home directories of whoever would relabel.
    pub homes: Vec<String>,
    /// Whether the volume is one that the runtime makes for a pod, where the engine is Kubernetes.
    pub is_of_pod: bool,
}

impl TreePlace {
    /// Whether labels can be kept there, as far as known.
    pub fn keeps_labels(&self) -> bool {
        !self.is_without_labels && self.file_system.as_deref().is_none_or(keeps_labels)
    }
}

/// What becomes of the label of a tree, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Treatment {
    /// What becomes of it.
    pub effect: Effect,
    /// The rule that says so.
    pub rule: RuleId,
}

/// What becomes of the label of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It stays.
    Stays,
    /// It becomes the containers' file type at level s0.
    Shared,
    /// It becomes the containers' file type at the level of the container's files.
    Private,
    /// It stays, and the container sees the containers' file type at the level of its files.
    SeenAsPrivate,
    /// The engine refuses to start the container.
    Refused,
}

/// What an engine does to the tree of a mount. O(refused paths).
pub fn treatment(engine: Engine, mount: &Mount, separation: &Separation, place: &TreePlace) -> Treatment {
    let by = |effect, rule| Treatment { effect, rule };
    if separation.processes == Processes::Unlabelled(Unseparated::Daemon) {
        return by(Effect::Stays, RuleId::DaemonOff);
    }
    if engine == Engine::Kubernetes {
        return match place.is_of_pod {
            true => by(Effect::Private, RuleId::PodVolume),
            false => by(Effect::Stays, RuleId::HostPath),
        };
    }
    let path = match &mount.source {
        MountSource::Path(path) => path,
        // A volume is a directory of the engine, which it mounts and relabels like any other.
        MountSource::Volume(_) if mount.overlay => return by(Effect::SeenAsPrivate, RuleId::Overlay),
        MountSource::Volume(_) if mount.relabel == Some(Relabel::Private) => {
            return by(Effect::Private, RuleId::Private);
        }
        MountSource::Volume(_) => return by(Effect::Shared, RuleId::NamedVolume),
        MountSource::Memory => return by(Effect::SeenAsPrivate, RuleId::Memory),
        MountSource::Image(_) => return by(Effect::SeenAsPrivate, RuleId::Image),
    };
    if mount.overlay && engine == Engine::Podman {
        return by(Effect::SeenAsPrivate, RuleId::Overlay);
    }
    if mount.long_form && engine == Engine::Docker {
        return by(Effect::Stays, RuleId::DockerMount);
    }
    let Some(relabel) = mount.relabel else {
        let rule = match (mount.read_only, mount.chown) {
            (true, _) => RuleId::ReadOnly,
            (false, true) => RuleId::Chown,
            (false, false) => RuleId::NotAsked,
        };
        return by(Effect::Stays, rule);
    };
    // go-selinux looks at the path before it writes any label.
    if is_refused(path, &place.homes) {
        return by(Effect::Refused, RuleId::RefusedPath);
    }
    if !place.keeps_labels() {
        return by(Effect::Stays, RuleId::NoLabels);
    }
    match (relabel, mount.long_form) {
        (Relabel::Shared, false) => by(Effect::Shared, RuleId::Shared),
        (Relabel::Private, false) => by(Effect::Private, RuleId::Private),
        (Relabel::Shared, true) => by(Effect::Shared, RuleId::RelabelOption),
        (Relabel::Private, true) => by(Effect::Private, RuleId::RelabelOption),
    }
}

impl Separation {
    /// The rules that say which labels the container gets, the one about its domain first.
    pub fn rules(&self) -> Vec<RuleId> {
        use super::Domain;
        let mut rules = Vec::new();
        match &self.processes {
            Processes::Labelled { domain, level, user, role } => {
                rules.push(match domain {
                    Domain::Ordinary => RuleId::Ordinary,
                    Domain::Init => RuleId::Init,
                    Domain::Machine => RuleId::Machine,
                    Domain::Named(_) => RuleId::TypeOption,
                });
                if matches!(level, Level::Given(_)) {
                    rules.push(RuleId::LevelOption);
                }
                if user.is_some() || role.is_some() {
                    rules.push(RuleId::UserOption);
                }
            }
            Processes::Unlabelled(why) => rules.push(match why {
                Unseparated::Disabled => RuleId::Disable,
                Unseparated::Privileged => RuleId::Privileged,
                Unseparated::HostNamespace => RuleId::HostNamespace,
                Unseparated::Daemon => RuleId::DaemonOff,
            }),
            Processes::LikeContainer(_) => rules.push(RuleId::JoinedNamespace),
        }
        if self.file_type.is_some() {
            rules.push(RuleId::FileTypeOption);
        }
        if self.nested {
            rules.push(RuleId::Nested);
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(engine: Engine, mount: &str, place: &TreePlace) -> (Effect, RuleId) {
        let mount = Mount::of_volume_option(mount).unwrap();
        let treatment = treatment(engine, &mount, &Separation::default(), place);
        (treatment.effect, treatment.rule)
    }

    #[test]
    fn what_is_asked_decides_unless_the_path_or_the_file_system_does() {
        let nowhere = TreePlace::default();
        let nfs = TreePlace { file_system: Some("nfs4".into()), ..TreePlace::default() };
        let home = TreePlace { homes: vec!["/home/ada".into()], ..TreePlace::default() };
        for (mount, place, expected) in [
            ("/a:/b", &nowhere, (Effect::Stays, RuleId::NotAsked)),
            ("/a:/b:ro", &nowhere, (Effect::Stays, RuleId::ReadOnly)),
            ("/a:/b:U", &nowhere, (Effect::Stays, RuleId::Chown)),
            ("/a:/b:z", &nowhere, (Effect::Shared, RuleId::Shared)),
            ("/a:/b:Z,ro", &nowhere, (Effect::Private, RuleId::Private)),
            ("/a:/b:O", &nowhere, (Effect::SeenAsPrivate, RuleId::Overlay)),
            ("/usr:/b:z", &nowhere, (Effect::Refused, RuleId::RefusedPath)),
            ("/usr:/b", &nowhere, (Effect::Stays, RuleId::NotAsked)),
            ("/home/ada/:/b:Z", &home, (Effect::Refused, RuleId::RefusedPath)),
            ("/a:/b:Z", &nfs, (Effect::Stays, RuleId::NoLabels)),
            ("v:/b", &nowhere, (Effect::Shared, RuleId::NamedVolume)),
            ("v:/b:Z", &nowhere, (Effect::Private, RuleId::Private)),
            ("v:/b:O", &nowhere, (Effect::SeenAsPrivate, RuleId::Overlay)),
        ] {
            assert_eq!(rule(Engine::Podman, mount, place), expected, "{mount}");
        }
    }

    #[test]
    fn engines_differ() {
        let place = TreePlace::default();
        let long = Mount::of_mount_option("type=bind,src=/a,dst=/b,relabel=shared").unwrap();
        let separation = Separation::default();
        let of = |engine| treatment(engine, &long, &separation, &place).rule;
        assert_eq!(of(Engine::Podman), RuleId::RelabelOption);
        assert_eq!(of(Engine::Docker), RuleId::DockerMount);
        assert_eq!(of(Engine::Kubernetes), RuleId::HostPath);
        let off = Separation::without(Unseparated::Daemon);
        let mount = Mount::of_volume_option("/a:/b:Z").unwrap();
        assert_eq!(treatment(Engine::Docker, &mount, &off, &place).rule, RuleId::DaemonOff);
    }
}
