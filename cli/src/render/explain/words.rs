//! Causes, fixes and advice in plain words, and the commands that carry a fix out.
//!
//! What a record does not say stands as a placeholder in capitals: HOSTDIR, CONTAINERDIR, PORT.

use analysis::explain::{Advice, Cause, Denied, Fix, FixKind, Lasting, permission_names};
use avstore::Store;
use policydb::{RoleId, TypeId};

use super::Facts;

/// A cause: a heading of a few words, and lines that say more.
pub(super) struct CauseWords {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) permissions: Vec<String>,
    pub(super) lines: Vec<String>,
}

/// A fix: what it is, the command, what it costs.
pub(super) struct FixWords {
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) commands: Vec<String>,
    pub(super) remark: String,
    pub(super) lasts: &'static str,
}

/// Puts a story's causes, fixes and advice into words.
pub(super) struct Words<'a, 'p> {
    pub(super) store: &'a Store<'p>,
    pub(super) denied: &'a Denied,
    pub(super) facts: &'a Facts,
}

impl Words<'_, '_> {
    fn type_name(&self, id: TypeId) -> String {
        avstore::shown_name(&self.store.type_name(id).bytes())
    }

    fn role_name(&self, id: Option<RoleId>) -> String {
        let name = id.and_then(|id| self.store.policy().role_name(id));
        name.map_or_else(|| "an open role".to_owned(), |name| name.to_string())
    }

    fn settings(&self, settings: &[(policydb::BoolId, bool)], separator: &str) -> String {
        let one = |&(id, state): &(policydb::BoolId, bool)| {
            let name = self.store.policy().boolean(id).map_or_else(String::new, |(name, _)| name.to_string());
            format!("{name}={}", if state { "on" } else { "off" })
        };
        settings.iter().map(one).collect::<Vec<_>>().join(separator)
    }

    fn permissions(&self, permissions: u32) -> Vec<String> {
        permission_names(self.store, self.denied.class, permissions)
    }

    pub(super) fn cause(&self, cause: &Cause<'_>) -> CauseWords {
        let class = self.store.class_name(self.denied.class);
        let (source, target) =
            (self.type_name(self.denied.source.r#type), self.type_name(self.denied.target.r#type));
        match cause {
            Cause::Allowed { permissions } => CauseWords {
                id: "allowed",
                heading: "none",
                permissions: self.permissions(*permissions),
                lines: vec![
                    "this policy allows it: the policy, a boolean or the label changed since, or another policy is loaded"
                        .to_owned(),
                ],
            },
            Cause::NoRule { permissions } => CauseWords {
                id: "no_rule",
                heading: "type",
                permissions: self.permissions(*permissions),
                lines: vec![format!("no rule lets {source} do that to {target}:{class}, whatever booleans are set")],
            },
            Cause::Booleans { permissions, sets } => {
                let mut lines: Vec<String> = sets
                    .iter()
                    .map(|set| format!("rules for it are switched off: {}", self.settings(&set.settings, " and ")))
                    .collect();
                if lines.is_empty() {
                    lines.push("rules for it are switched off by a condition of many booleans".to_owned());
                }
                CauseWords { id: "booleans", heading: "boolean", permissions: self.permissions(*permissions), lines }
            }
            Cause::Constraint(constraint) => CauseWords {
                id: "constraint",
                heading: if constraint.compares_levels { "level" } else { "constraint" },
                permissions: self.permissions(constraint.permissions),
                lines: constraint
                    .leaves
                    .iter()
                    .map(|leaf| format!("{}: {}", leaf.comparison, leaf.why))
                    .chain((!constraint.certain).then(|| "it depends on what the record leaves open".to_owned()))
                    .collect(),
            },
            Cause::Role { permissions, from, to } => CauseWords {
                id: "role",
                heading: "role",
                permissions: self.permissions(*permissions),
                lines: vec![format!(
                    "no `allow {} {};`: the role may not change so",
                    self.role_name(*from),
                    self.role_name(*to)
                )],
            },
            Cause::Bounds { permissions, bounding, target } => CauseWords {
                id: "bounds",
                heading: "bounds",
                permissions: self.permissions(*permissions),
                lines: vec![format!(
                    "{source} has never more than {}, which may not do that to {}",
                    self.type_name(*bounding),
                    self.type_name(*target)
                )],
            },
            Cause::Command { verdict, .. } => CauseWords {
                id: "command",
                heading: "ioctl",
                permissions: Vec::new(),
                lines: vec![format!(
                    "commands are checked between the two, and no allowxperm rule lists {:#06x}",
                    verdict.command
                )],
            },
            Cause::Undefined { permissions } => CauseWords {
                id: "undefined",
                heading: "unknown",
                permissions: permissions.clone(),
                lines: vec!["this policy does not define the permission, and does not allow what it does not define".to_owned()],
            },
        }
    }

    pub(super) fn fix(&self, fix: &Fix) -> FixWords {
        let (store, policy) = (self.store, self.store.policy());
        let source = self.type_name(self.denied.source.r#type);
        let file = "container_file_t";
        let (title, commands, remark): (String, Vec<String>, String) = match &fix.kind {
            FixKind::MountShared => (
                "share it: mount with :z".to_owned(),
                vec![format!("-v {}:CONTAINERDIR:z", self.host_path())],
                format!("label {file} without categories: every container may use it"),
            ),
            FixKind::MountPrivate => (
                "own it: mount with :Z".to_owned(),
                vec![format!("-v {}:CONTAINERDIR:Z", self.host_path())],
                format!("label {file} with this container's categories: no other container may use it, and host services lose it"),
            ),
            FixKind::RunAtLevel(level) => (
                "give the containers one level".to_owned(),
                vec![format!("--security-opt label=level:{level}")],
                "for all containers that share the files".to_owned(),
            ),
            FixKind::RestoreStorage => (
                "put the labels of the container storage back".to_owned(),
                vec!["restorecon -RFv /var/lib/containers /var/lib/docker".to_owned()],
                "for storage on the host at its usual place; elsewhere `semanage fcontext -a -e /var/lib/containers HOSTDIR` first".to_owned(),
            ),
            FixKind::MountContext(id) => (
                "mount the file system with a label".to_owned(),
                vec![format!("mount -o context=system_u:object_r:{}:s0 …", self.type_name(*id))],
                "one label for the whole file system, for all containers".to_owned(),
            ),
            FixKind::Label(could) => {
                let name = self.type_name(could.id);
                (
                    format!("label it {name}"),
                    vec![
                        format!("semanage fcontext -a -t {name} '{}(/.*)?'", self.host_path()),
                        format!("restorecon -RF {}", self.host_path()),
                    ],
                    format!("{} may do the same to {name}", types(could.others)),
                )
            }
            FixKind::PortLabel(could) => {
                let name = self.type_name(could.id);
                let port = self.facts.port.map_or_else(|| "PORT".to_owned(), |port| port.to_string());
                let protocol = match store.class_name(self.denied.class).as_bytes() {
                    b"udp_socket" => "udp",
                    b"dccp_socket" => "dccp",
                    b"sctp_socket" => "sctp",
                    _ => "tcp",
                };
                (
                    format!("label the port {name}"),
                    vec![format!("semanage port -a -t {name} -p {protocol} {port}")],
                    format!("{} may do the same to {name}", types(could.others)),
                )
            }
            FixKind::Domain { id, more_rules } => (
                format!("run it as {}", self.type_name(*id)),
                vec![format!("--security-opt label=type:{}", self.type_name(*id))],
                format!("this container alone; {more_rules} rules more than {source}, still kept apart by categories"),
            ),
            FixKind::Booleans(set) => (
                format!("switch {}", self.settings(&set.settings, " and ")),
                vec![format!("setsebool -P {}", self.settings(&set.settings, " "))],
                format!("{} for {}; what that is: {}", rules(set.rules_on), types(set.domains), set.settings.first().map_or_else(String::new, |(id, _)| {
                    let name = policy.boolean(*id).map_or_else(String::new, |(name, _)| name.to_string());
                    format!("sepolq show {name} --for {source}")
                })),
            ),
            FixKind::CustomType => (
                "a type of its own for this container".to_owned(),
                vec!["podman inspect CONTAINER | udica NAME".to_owned(), "--security-opt label=type:NAME.process".to_owned()],
                "this container alone".to_owned(),
            ),
            FixKind::LocalRule => (
                format!("last: a rule, for everything that runs as {source}"),
                vec![self.local_rule()],
                "in a module of your own: `semodule -i`".to_owned(),
            ),
        };
        let lasts = match fix.lasting {
            Lasting::Container => "with the container",
            Lasting::UntilRelabelled => "until the files are relabelled",
            Lasting::Mount => "while it is mounted so",
            Lasting::Permanent => "for good",
        };
        let remark =
            if fix.complete { remark } else { format!("{remark}; not enough alone: see the other causes") };
        FixWords { id: fix.kind.id(), title, commands, remark, lasts }
    }

    fn host_path(&self) -> String {
        self.facts.host_path.clone().unwrap_or_else(|| "HOSTDIR".to_owned())
    }

    /// The rule in policy language.
    fn local_rule(&self) -> String {
        let names = self.permissions(self.denied.permissions);
        let permissions = match names.as_slice() {
            [one] => one.clone(),
            several => format!("{{ {} }}", several.join(" ")),
        };
        format!(
            "allow {} {}:{} {permissions};",
            self.type_name(self.denied.source.r#type),
            self.type_name(self.denied.target.r#type),
            self.store.class_name(self.denied.class)
        )
    }

    /// Advice: whether it is something not to do, and the words.
    pub(super) fn advice(&self, advice: &Advice) -> (bool, String) {
        match advice {
            Advice::NoRuleCanAllow => {
                (true, "audit2allow: a constraint, a role or a bound refuses this, no rule can allow it".to_owned())
            }
            Advice::RuleIsForAllContainers => (
                true,
                format!(
                    "audit2allow: a rule on {} would hold for all containers",
                    self.type_name(self.denied.source.r#type)
                ),
            ),
            Advice::PathIsInTheContainer => (
                true,
                "restorecon or chcon on the path of the record: it is a path inside the container".to_owned(),
            ),
            Advice::MadeWithoutSeparation => (
                false,
                "the label …:c1022,c1023 says: made by a container with label=disable or --privileged".to_owned(),
            ),
            Advice::DaemonSocket(id) => (
                false,
                format!(
                    "connectto asks for the domain of who listens ({}), not for the socket's file: relabelling the file does not help; who may talk to such a daemon has its power",
                    self.type_name(*id)
                ),
            ),
            Advice::Unlabelled => (
                false,
                "the file has no label that this policy knows: a module was removed or renamed, or it never got one".to_owned(),
            ),
            Advice::NoLabelsOnThisFileSystem => {
                (false, "this file system keeps no labels: :z and :Z silently change nothing".to_owned())
            }
            Advice::Hidden => (
                false,
                "a dontaudit rule of this policy hides such denials: `semodule -DB` shows them, `semodule -B` hides them again".to_owned(),
            ),
            Advice::Permissive => {
                (false, "the domain is permissive: it was logged, and done all the same".to_owned())
            }
        }
    }
}

fn rules(n: usize) -> String {
    if n == 1 { "1 rule".to_owned() } else { format!("{n} rules") }
}

fn types(n: usize) -> String {
    if n == 1 { "1 type".to_owned() } else { format!("{n} types") }
}
