//! The words of what would let a container do what is needed.

use analysis::mount::{Way, WayKind};
use labels::runtime::Engine;

use super::tell::Words;
use super::told::WayTold;
use crate::commands::tree::Tree;
use crate::render::shell::quoted;

impl Words<'_, '_> {
    pub(super) fn way(&self, way: &Way) -> WayTold {
        let (title, commands, cost) = self.way_words(&way.kind);
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
            WayKind::Copy => (
                "mount a copy: so many of the host's own domains use this that it must keep its label".to_owned(),
                match in_pod {
                    true => vec![format!("cp -a {path} DIR")],
                    false => vec![format!("cp -a {path} DIR"), self.volume_of("DIR", "Z")],
                },
                String::new(),
            ),
            WayKind::CustomType => (
                "a type of its own, which may connect to the daemon's domain".to_owned(),
                vec![
                    "podman inspect CONTAINER | udica --stream-connect DOMAIN NAME".to_owned(),
                    option("type", "NAME.process"),
                ],
                "who may talk to a container engine has root's power; relabelling the socket's file does not help"
                    .to_owned(),
            ),
            WayKind::SubDirectory if self.mounted.tree.as_ref().is_some_and(Tree::is_one_file) => (
                "mount a copy of the file".to_owned(),
                vec![format!("cp -a {path} DIR/"), self.volume_of("DIR", "Z")],
                "engines refuse to relabel this path itself".to_owned(),
            ),
            WayKind::SubDirectory => (
                "mount a directory below it, or a copy".to_owned(),
                vec![self.volume_of(&format!("{}/DIR", self.path().trim_end_matches('/')), "Z")],
                "engines refuse to relabel this path itself".to_owned(),
            ),
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
}
