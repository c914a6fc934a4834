//! The words of what would let a container do what is needed.

use analysis::mount::{Owner, Way, WayKind};
use labels::file_contexts::FileKind;
use labels::runtime::{Engine, HostTree};

use super::tell::Words;
use super::told::WayTold;
use crate::commands::tree::Tree;
use crate::render::shell::{escaped, quoted};

impl Words<'_, '_> {
    pub(super) fn way(&self, way: &Way) -> WayTold {
        let (mut title, commands, cost) = self.way_words(&way.kind);
        if let Some(owner @ Owner::Services(_)) = self.owner()
            && matches!(way.kind, WayKind::Private | WayKind::Shared | WayKind::Label(_))
        {
            title = format!("{title}, once {} no longer needs it", self.owners(owner));
        }
        let losing = way.losing.services.iter().map(|service| self.service(service)).collect();
        WayTold { id: way.kind.id(), title, commands, cost, second: way.second, losing }
    }

    fn way_words(&self, kind: &WayKind) -> (String, Vec<String>, String) {
        let path = quoted(&self.path());
        let tree = self.pattern();
        let in_pod = self.mounts.engine == Engine::Kubernetes;
        // Kubernetes has its own words for what a container asks for.
        let option = |name: &str, value: &str| match in_pod {
            true => format!("securityContext: {{ seLinuxOptions: {{ {name}: \"{value}\" }} }}"),
            false => format!("--security-opt label={name}:{}", quoted(value)),
        };
        match kind {
            WayKind::Private => (
                "own it: mount with :Z".to_owned(),
                vec![self.volume("Z")],
                "for this container alone".to_owned(),
            ),
            WayKind::Shared => (
                "share it: mount with :z".to_owned(),
                vec![self.volume("z")],
                "any container may use it".to_owned(),
            ),
            WayKind::Level(level) => (
                "give the container the level of the tree".to_owned(),
                vec![option("level", level)],
                "it may then use all that has this level".to_owned(),
            ),
            WayKind::Domain(id, added) => (
                format!("run it as {}", self.type_name(*id)),
                vec![option("type", &self.type_name(*id))],
                format!("adds {added} permissions over {}, for this container alone", self.domain()),
            ),
            WayKind::Booleans(set) => {
                let policy = self.mounts.store.policy();
                let settings: Vec<String> = set
                    .settings
                    .iter()
                    .filter_map(|(id, state)| {
                        let (name, _) = policy.boolean(*id)?;
                        Some(format!("{name}={}", if *state { "on" } else { "off" }))
                    })
                    .collect();
                (
                    format!("switch {}", settings.join(" and ")),
                    vec![format!("setsebool -P {}", settings.join(" "))],
                    format!("adds {} permissions to {}, for all containers", set.added, self.domain()),
                )
            }
            WayKind::Label(id) => (
                format!("label it {} for good", self.type_name(*id)),
                vec![
                    format!("semanage fcontext -a -t {} {tree}", self.type_name(*id)),
                    format!("restorecon -RF {path}"),
                ],
                "any container may use it, without z; it outlives a relabel".to_owned(),
            ),
            WayKind::MountContext(id) => (
                "mount the file system with a label".to_owned(),
                vec![format!("mount -o context=system_u:object_r:{}:s0 …", self.type_name(*id))],
                "one label for the whole file system, for all containers".to_owned(),
            ),
            WayKind::RestoreLabel => (
                "put its label back".to_owned(),
                vec![format!("restorecon -RFv {path}")],
                "the label that file contexts give it is one that the container may use".to_owned(),
            ),
            WayKind::WithoutRelabel { read_only } => {
                let (title, option) = match read_only {
                    true => ("mount it read-only, without z and Z: as it is, it can be read", true),
                    false => {
                        ("mount it without z and Z: it can be used as it is", self.mounted.mount.read_only)
                    }
                };
                let command = match in_pod {
                    true => "volumeMounts: [ { readOnly: true, … } ]".to_owned(),
                    false => self.volume_as_it_is(option),
                };
                (title.to_owned(), vec![command], String::new())
            }
            WayKind::Copy => self.copy(),
            WayKind::CustomType if !self.is_socket() => self.custom_type(option("type", "NAME.process")),
            WayKind::CustomType => (
                "a type of its own, which may connect to the daemon's domain".to_owned(),
                vec![
                    "podman inspect CONTAINER | udica --stream-connect DOMAIN NAME".to_owned(),
                    option("type", "NAME.process"),
                ],
                "who may talk to a container engine has root's power; relabelling the socket's file does not help"
                    .to_owned(),
            ),
            WayKind::SubDirectory => self.sub_directory(),
            WayKind::WithoutSeparation => (
                "last: without separation".to_owned(),
                vec![match in_pod {
                    true => "securityContext: { privileged: true }".to_owned(),
                    false => "--security-opt label=disable".to_owned(),
                }],
                "SELinux then no longer keeps the container from the host".to_owned(),
            ),
        }
    }
    fn owner(&self) -> Option<&Owner> {
        self.mounted.answer.owned.as_ref().map(|owned| &owned.owner)
    }

    fn is_socket(&self) -> bool {
        self.mounted.tree.as_ref().is_some_and(|tree| tree.kind == Some(FileKind::Socket))
    }

    /// How a directory other than the tree gets the containers' label: by the engine, or where none relabels by hand.
    fn labelled(&self, path: &str, is_file: bool) -> Vec<String> {
        if self.mounts.engine != Engine::Kubernetes {
            return vec![self.volume_of(path, "Z")];
        }
        let label = self.type_name(self.mounted.answer.container.files.r#type);
        let pattern = match is_file {
            true => escaped(path),
            false => format!("{}(/.*)?", escaped(path)),
        };
        vec![
            format!("semanage fcontext -a -t {label} {}", quoted(&pattern)),
            format!("restorecon -RF {}", quoted(path)),
        ]
    }

    fn sub_directory(&self) -> (String, Vec<String>, String) {
        let below = match self.owner() {
            Some(Owner::Part(HostTree::Homes)) => "NAME/PROJECT",
            Some(Owner::Part(HostTree::Home)) => "PROJECT",
            _ => "DIR",
        };
        let path = format!("{}/{below}", self.path().trim_end_matches('/'));
        (
            "mount only a directory below it that is made for this, or a copy".to_owned(),
            self.labelled(&path, false),
            "all else below it keeps its label".to_owned(),
        )
    }

    /// A copy: with `-a`, cp would give it the label that the container cannot use.
    fn copy(&self) -> (String, Vec<String>, String) {
        let source = self.path();
        let is_file = self.mounted.tree.as_ref().is_some_and(Tree::is_one_file);
        let (recursive, destination) = match (is_file, source.rsplit('/').next()) {
            (true, Some(name)) => ("", format!("DIR/{name}")),
            _ => ("-r ", "DIR".to_owned()),
        };
        let mut commands =
            vec![format!("cp {recursive}--no-preserve=context {} {}", quoted(&source), quoted(&destination))];
        commands.extend(self.labelled(&destination, is_file));
        let title = match self.owner() {
            Some(Owner::Part(HostTree::Keys)) if self.mounts.engine == Engine::Kubernetes => {
                "give it a copy of the keys that it needs, better in a Secret"
            }
            Some(Owner::Part(HostTree::Keys)) => "give it a copy of the keys that it needs, and no more",
            Some(owner @ Owner::Services(_)) => {
                &format!("mount a copy: this one stays {}'s", self.owners(owner))
            }
            _ => "mount a copy of what it needs: this one must keep its label",
        };
        (title.to_owned(), commands, String::new())
    }

    /// A type that may use the tree as it is.
    fn custom_type(&self, option: String) -> (String, Vec<String>, String) {
        let inspect = match self.mounts.engine {
            Engine::Podman => "podman inspect",
            Engine::Docker => "docker inspect",
            Engine::Kubernetes => "crictl inspect",
        };
        let label = self.mounted.tree.as_ref().and_then(|tree| tree.context.as_ref());
        let label = label.map(|label| self.type_name(label.r#type)).unwrap_or_default();
        (
            "a type of its own, which may use it as it is".to_owned(),
            vec![format!("{inspect} CONTAINER | udica NAME"), option],
            format!("made by udica from the container's mounts; it may then use all that is {label}"),
        )
    }
}
