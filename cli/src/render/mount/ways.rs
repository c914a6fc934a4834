//! The words of what would let a container do what is needed.

use analysis::mount::{Way, WayKind};

use super::tell::Words;
use super::told::WayTold;
use crate::render::shell::{escaped, quoted};

impl Words<'_, '_> {
    pub(super) fn way(&self, way: &Way) -> WayTold {
        let (title, commands, cost) = self.way_words(&way.kind);
        let losing = way.losing.services.iter().map(|service| self.service(service)).collect();
        WayTold { id: way.kind.id(), title, commands, cost, second: way.second, losing }
    }

    fn way_words(&self, kind: &WayKind) -> (String, Vec<String>, String) {
        let path = quoted(&self.path());
        let tree = quoted(&format!("{}(/.*)?", escaped(self.path().trim_end_matches('/'))));
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
                vec![format!("--security-opt label=level:{}", quoted(level))],
                "in Kubernetes seLinuxOptions.level of the pod; it may then use all that has this level"
                    .to_owned(),
            ),
            WayKind::Domain(id, added) => (
                format!("run it as {}", self.type_name(*id)),
                vec![format!("--security-opt label=type:{}", self.type_name(*id))],
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
                "any container may use it, without :z, in Kubernetes too; it outlives a relabel".to_owned(),
            ),
            WayKind::MountContext(id) => (
                "mount the file system with a label".to_owned(),
                vec![format!("mount -o context=system_u:object_r:{}:s0 …", self.type_name(*id))],
                "one label for the whole file system, for all containers".to_owned(),
            ),
            WayKind::SubDirectory => (
                "mount a directory below it, or a copy".to_owned(),
                vec![self.volume_of(&format!("{}/DIR", self.path().trim_end_matches('/')), "Z")],
                "engines refuse to relabel this path itself".to_owned(),
            ),
            WayKind::WithoutSeparation => (
                "last: without separation".to_owned(),
                vec!["--security-opt label=disable".to_owned()],
                "SELinux then no longer keeps the container from the host".to_owned(),
            ),
        }
    }
}
