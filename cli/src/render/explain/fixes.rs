//! The words of fixes: what to do, the exact command, what it opens up, how long it lasts.

use analysis::decide::Operation;
use analysis::explain::{Advice, Cause, CouldBe, Enough, Explanation, Fix, FixKind, Lasting};
use audit::{Field, Story};

use super::commands::{container_option, quoted, shell};
use super::tell::{Words, counted};
use super::told::{Command, FixTold};
use crate::render::mount::{ServiceTold, loses, short};

/// The type of the programs of container engines, in container-selinux.
const RUNTIME_PROGRAM: &str = "container_runtime_exec_t";
/// Domains that are named before the rest is counted.
const MOST_NAMES: usize = 3;

impl Words<'_, '_> {
    pub(super) fn fix(&self, fix: &Fix) -> FixTold {
        let (title, commands, cost) = self.kind(&fix.kind);
        let lasts = match fix.lasting {
            Lasting::Container => "as long as the container",
            Lasting::UntilRelabelled => "until the files are relabelled",
            Lasting::Mount => "while it is mounted so",
            Lasting::Permanent => "for good",
        };
        let (enough, cost) = match fix.enough {
            Enough::Yes => (Some(true), cost),
            Enough::No if cost.is_empty() => {
                (Some(false), "not enough alone: other causes remain".to_owned())
            }
            Enough::No => (Some(false), format!("{cost}; not enough alone: other causes remain")),
            Enough::CannotTell => (None, cost),
        };
        FixTold { id: fix.kind.id(), title, commands, cost, lasts, enough }
    }

    fn kind(&self, kind: &FixKind) -> (String, Vec<Command>, String) {
        let facts = self.facts;
        let file = self.containers_file();
        match kind {
            FixKind::MountShared => (
                "share it: mount with :z".to_owned(),
                vec![facts.volume("z")],
                match self.answer.is_containers_file {
                    true => format!("labels the tree {file}:s0: any container may use it"),
                    false => format!("labels the tree {file}:s0: any container may use it, {}", self.losing()),
                },
            ),
            FixKind::MountPrivate => (
                "own it: mount with :Z".to_owned(),
                vec![facts.volume("Z")],
                match self.answer.is_containers_file {
                    true => {
                        "takes it away from the container whose categories it has, and from all others".to_owned()
                    }
                    false => format!(
                        "labels the tree {file} with this container's categories: no other container may use it, {}",
                        self.losing()
                    ),
                },
            ),
            FixKind::RunAtLevel(level) => (
                "or give both containers one level".to_owned(),
                vec![container_option(format!("--security-opt label=level:{level}"))],
                "for the containers that share the files; in Kubernetes seLinuxOptions.level of the pod".to_owned(),
            ),
            FixKind::FileLevel(level) => (
                format!("give it the level {level}"),
                vec![shell(format!("chcon -l {} {}", quoted(level), facts.host_path()))],
                "whoever has that level, and the type's rules, may use it".to_owned(),
            ),
            FixKind::RestoreStorage => (
                "put the labels of the container storage back".to_owned(),
                vec![
                    shell("restorecon -RFv /var/lib/containers /var/lib/docker ~/.local/share/containers".to_owned()),
                    shell("podman info --format '{{.Store.GraphRoot}}'".to_owned()),
                ],
                "where the storage stands elsewhere: `semanage fcontext -a -e /var/lib/containers GRAPHROOT` first"
                    .to_owned(),
            ),
            FixKind::RestoreLabel => {
                let path = facts.host_path();
                let (flags, why) = self.restoring();
                (
                    match &self.answer.denied.expected {
                        Some(label) => format!(
                            "put its label back: file contexts give it {}",
                            short(&label.text(self.store.policy()))
                        ),
                        None => "put its label back, if it should have another".to_owned(),
                    },
                    vec![
                        shell(format!("matchpathcon -V {path}")),
                        shell(format!("restorecon {flags} {path}")),
                    ],
                    why,
                )
            }
            FixKind::LabelRuntime { starters, program } => {
                let names: Vec<String> = starters.iter().map(|id| self.type_name(*id)).collect();
                let mut commands = vec![
                    shell("ls -Z \"$(command -v dockerd containerd podman crio k3s | head -n1)\"".to_owned()),
                    shell(format!("matchpathcon {}", facts.program())),
                ];
                if let Some(program) = program {
                    let label = self.type_name(*program);
                    commands.push(shell(format!("semanage fcontext -a -t {label} {}", facts.program())));
                }
                commands.push(shell(format!("restorecon -v {}", facts.program())));
                let who = match names.len() {
                    0 => format!("no engine of this policy may start {}", self.target()),
                    n if n > MOST_NAMES => format!(
                        "only {} and {} more may start {}",
                        names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", "),
                        n.saturating_sub(MOST_NAMES),
                        self.target()
                    ),
                    _ => format!("only {} may start {}", names.join(", "), self.target()),
                };
                (
                    "label the container engine, so that it may start containers".to_owned(),
                    commands,
                    format!("{who}; then restart the engine"),
                )
            }
            FixKind::LabelProgram => (
                "label the program of the service: it has no domain of its own".to_owned(),
                vec![
                    shell("systemctl show -p ExecStart UNIT".to_owned()),
                    shell(format!("matchpathcon {0} && ls -Z {0}", facts.program())),
                    shell(format!("restorecon -v {}", facts.program())),
                ],
                match self.has_type(RUNTIME_PROGRAM) {
                    true => format!("a container engine should be {RUNTIME_PROGRAM}; then restart the unit"),
                    false => "then restart the unit".to_owned(),
                },
            ),
            FixKind::MountContext(id) => (
                "mount the file system with a label".to_owned(),
                vec![shell(format!(
                    "mount -o context=system_u:object_r:{}:s0 …",
                    self.type_name(*id)
                ))],
                "one label for the whole file system, for all containers".to_owned(),
            ),
            FixKind::Label(could) => self.label(could),
            FixKind::LabelAndBoolean(could, set) => {
                let (label, mut commands, of_label) = self.label(could);
                let (boolean, more, of_boolean) = self.kind(&FixKind::Booleans(set.clone()));
                commands.extend(more);
                (format!("{label}, and {boolean}"), commands, format!("{of_label}; the boolean {of_boolean}"))
            }
            FixKind::PortLabel(could) => self.port_label(could),
            FixKind::OwnDirectory(could) => self.own_directory(could),
            FixKind::RestoreDevice { booleans } => self.restore_device(booleans),
            FixKind::OtherPort { holders, own } => self.other_port(holders, *own),
            FixKind::AllowNewPrivileges => (
                format!("let it change its domain: without no_new_privs, and from no nosuid mount, it would become {}", self.target()),
                vec![
                    shell("systemctl show -p NoNewPrivileges,SystemCallFilter,DynamicUser UNIT".to_owned()),
                    shell("findmnt -n -o TARGET,OPTIONS -T PROGRAM".to_owned()),
                ],
                format!("options of the unit that imply NoNewPrivileges= count, too; else it runs on as {}", self.source()),
            ),
            FixKind::Domain { id, added } => (
                format!("run it as {}", self.type_name(*id)),
                vec![container_option(format!("--security-opt label=type:{}", self.type_name(*id)))],
                format!(
                    "for this container alone; adds {} over {}, still kept apart by categories",
                    counted(*added as u64, "permission", "permissions"),
                    self.source()
                ),
            ),
            FixKind::MountSubDirectory => (
                "mount a directory below it, or a copy: this one must keep its label".to_owned(),
                vec![facts.sub_directory("Z")],
                match &self.answer.losing {
                    Some(losing) => {
                        let n = losing.services.len() as u64;
                        format!("{} of the host would lose it", counted(n, "domain", "domains"))
                    }
                    None => "engines refuse to relabel it; all of it needs a type of its own, or --security-opt label=disable, which ends the separation".to_owned(),
                },
            ),
            FixKind::RunServiceAsRuntime => (
                format!("run the service behind the socket as a container engine: it has no domain, and runs as {}", self.target()),
                vec![
                    shell("systemctl --user status podman.socket podman.service; ps -eZ | grep -E 'podman|docker'".to_owned()),
                    shell("ls -Z \"$(command -v podman)\"; matchpathcon \"$(command -v podman)\"".to_owned()),
                ],
                "then connectto asks for the engine's own domain, for which there are rules to be had; relabelling the socket does not help"
                    .to_owned(),
            ),
            FixKind::LeaveIt => (
                "nothing, if what it does works all the same".to_owned(),
                vec![shell("semodule -B  # where `semodule -DB` switched the rules off that hide it".to_owned())],
                "opens nothing".to_owned(),
            ),
            FixKind::FindWhatChanged { booleans } => {
                let names: Vec<String> = booleans.iter().map(|id| quoted(&self.boolean_name(*id))).collect();
                let mut commands = Vec::new();
                if !names.is_empty() {
                    commands.push(shell(format!("getsebool {}", names.join(" "))));
                }
                commands.push(shell("sepolq -P /sys/fs/selinux/policy explain LOG".to_owned()));
                commands.push(shell("ausearch -m MAC_POLICY_LOAD,MAC_CONFIG_CHANGE -ts recent".to_owned()));
                (
                    "find out what changed since: ask the loaded policy, and see when it was loaded".to_owned(),
                    commands,
                    "opens nothing".to_owned(),
                )
            }
            FixKind::Booleans(set) => {
                let all: Vec<_> = set.settings.iter().map(|setting| self.setting(setting)).collect();
                let text = |separator: &str| {
                    let one = |setting: &super::told::SettingTold| {
                        format!("{}={}", setting.name, if setting.state { "on" } else { "off" })
                    };
                    all.iter().map(one).collect::<Vec<_>>().join(separator)
                };
                let shown = all.first().map_or_else(String::new, |setting| {
                    format!("sepolq show {} --for {}", setting.name, self.source())
                });
                let when = if set.is_wide() { "only if the system is meant to be like that: " } else { "" };
                (
                    format!("{when}switch {}", text(" and ")),
                    vec![shell(format!("setsebool -P {}", text(" ")))],
                    format!(
                        "adds {} to {}, and rules for {} in all (`{shown}`)",
                        counted(set.added as u64, "permission", "permissions"),
                        self.source(),
                        counted(set.domains as u64, "type", "types"),
                    ),
                )
            }
            FixKind::Role { from, to } => (
                format!("start it from a role that may become {}", self.role_name(*to)),
                vec![
                    shell(format!("sepolq role_allow -t {}", self.role_name(*to))),
                    shell(format!("newrole -r {}", self.role_name(*to))),
                ],
                format!("{} may not change its role so; nothing else is opened", self.role_name(*from)),
            ),
            FixKind::Reinstall if !self.answer.is_container => (
                "put back the module that knows the label".to_owned(),
                vec![shell("semodule -l".to_owned())],
                "opens nothing: the package that has the module says what its rules are".to_owned(),
            ),
            FixKind::Reinstall => (
                "put back the policy that has these rules".to_owned(),
                vec![
                    shell("semodule -l | grep -i container".to_owned()),
                    shell("dnf upgrade container-selinux || apt-get install selinux-policy-default".to_owned()),
                    shell("dnf reinstall container-selinux || apt-get install --reinstall selinux-policy-default".to_owned()),
                    shell("sepolq -P /sys/fs/selinux/policy explain LOG".to_owned()),
                ],
                "opens nothing: the installed policy may be older, or a module of it have failed to load".to_owned(),
            ),
            FixKind::CustomType => {
                let connect = match self.class().as_str() {
                    "unix_stream_socket" => format!(" --stream-connect {}", self.target()),
                    _ => String::new(),
                };
                (
                    "a type of its own for this container alone".to_owned(),
                    vec![
                        shell(format!("podman inspect {} | udica{connect} NAME", facts.container())),
                        container_option("--security-opt label=type:NAME.process".to_owned()),
                    ],
                    String::new(),
                )
            }
            FixKind::LocalRule => {
                let name = format!("local_{}", self.source().replace(['.', '-'], "_"));
                let rules = self.local_rules().join(" ");
                (
                    format!("last: a rule, for every process of {}", self.source()),
                    vec![
                        shell(format!("echo {} > {}.cil", quoted(&rules), quoted(&name))),
                        shell(format!("semodule -i {}.cil", quoted(&name))),
                    ],
                    String::new(),
                )
            }
        }
    }

    /// Which services of the host lose access by it.
    fn losing(&self) -> String {
        let Some(losing) = &self.answer.losing else { return "host services may lose it".to_owned() };
        let services: Vec<ServiceTold> =
            losing.services.iter().map(|service| ServiceTold::of(self.store, service)).collect();
        loses(&services).unwrap_or_else(|| "nobody on the host loses it".to_owned())
    }

    fn label(&self, could: &CouldBe) -> (String, Vec<Command>, String) {
        let name = self.type_name(could.id);
        let remark = match self.answer.is_container {
            true => "; for Kubernetes hostPath, too, which is never relabelled",
            false => "",
        };
        if self.is_android() {
            let commands = vec![shell(format!("echo '{} u:object_r:{name}:s0' >> file_contexts", "PATH"))];
            return (format!("label it {name}"), commands, self.others(could));
        }
        (
            format!("label it {name}"),
            vec![
                shell(format!("semanage fcontext -a -t {name} {}", self.facts.tree())),
                shell(format!("restorecon {} {}", self.facts.force(), self.facts.host_path())),
            ],
            format!("{}{remark}", self.others(could)),
        )
    }

    pub(super) fn others(&self, could: &CouldBe) -> String {
        format!(
            "{} may do that to {}",
            counted(could.others as u64, "type", "types"),
            self.type_name(could.id)
        )
    }

    fn has_type(&self, name: &str) -> bool {
        self.store.policy().type_named(name.as_bytes()).is_some()
    }

    fn containers_file(&self) -> String {
        "container_file_t".to_owned()
    }

    /// Android's policies have one user and one role, and no tools to change them.
    fn is_android(&self) -> bool {
        let policy = self.store.policy();
        policy.user_named(b"u").is_some() && policy.role_named(b"r").is_some()
    }

    /// The rules in CIL, of this story and of those that go with it.
    fn local_rules(&self) -> Vec<String> {
        let mut rules = self.rules_of(self.answer);
        for (_, answer) in self.also {
            rules.extend(self.rules_of(answer));
        }
        rules
    }

    fn rules_of(&self, answer: &Explanation<'_>) -> Vec<String> {
        let denied = &answer.denied;
        let (source, target) = (self.type_name(denied.source.r#type), self.type_name(denied.target.r#type));
        let class = self.store.class_name(denied.class);
        // What rules grant already needs none.
        let lacking = answer.causes.iter().fold(0, |all, cause| match cause {
            Cause::NoRule { permissions } | Cause::Booleans { permissions, .. } => all | permissions,
            Cause::Commands { .. } => denied.permissions,
            _ => all,
        });
        let names = analysis::explain::permission_names(self.store, denied.class, lacking);
        let mut rules = Vec::new();
        if !names.is_empty() {
            rules.push(format!("(allow {source} {target} ({class} ({})))", names.join(" ")));
        }
        let refused = answer.causes.iter().any(|cause| cause.id() == "commands");
        for (operation, word) in [(Operation::Ioctl, "ioctl"), (Operation::Nlmsg, "nlmsg")] {
            let commands = denied.commands.iter().filter(|(of, _)| *of == operation);
            let commands: Vec<String> = commands.map(|(_, command)| format!("{command:#06x}")).collect();
            if refused && !commands.is_empty() {
                rules.push(format!("(allowx {source} {target} ({word} {class} ({})))", commands.join(" ")));
            }
        }
        rules
    }

    /// What finds out what the record does not say: which file, which mount.
    pub(super) fn find(&self, story: &Story) -> Vec<String> {
        if self.facts.in_image {
            return vec![
                "the path is in no mount of the container: it is of its image, in the engine's storage"
                    .to_owned(),
            ];
        }
        if self.answer.advice.contains(&Advice::PathIsARoot)
            && let Some(device) = story.first.fields.get(Field::Dev).and_then(audit::Text::as_str)
            && is_disk(device)
        {
            return vec![format!("findmnt -n -o TARGET,FSTYPE -S /dev/{device}")];
        }
        let is_mount =
            |fix: &Fix| matches!(fix.kind, FixKind::MountShared | FixKind::MountPrivate | FixKind::Label(_));
        if self.facts.host_path.is_some() || !self.answer.fixes.iter().any(is_mount) {
            return Vec::new();
        }
        let mut find = Vec::new();
        if !self.facts.mounts.is_empty() {
            let mounts = self
                .facts
                .mounts
                .iter()
                .map(|(host, inside)| format!("{} as {}", quoted(host), quoted(inside)));
            find.push(format!("one of the mounts {}", mounts.collect::<Vec<_>>().join(", ")));
        } else if self.answer.is_container {
            find.push(format!("podman inspect --format '{{{{.Mounts}}}}' {}", self.facts.container()));
        }
        let fields = &story.first.fields;
        if let (Some(device), Some(inode)) = (fields.get(Field::Dev), fields.number(Field::Ino))
            && let Some(device) = device.as_str().filter(|name| is_disk(name))
        {
            find.push(format!(
                "find \"$(findmnt -n -o TARGET -S /dev/{device} | head -n1)\" -xdev -inum {inode}"
            ));
        }
        find
    }
}

/// Whether a device of a record is a disk, by its name: then an inode's number finds the file from the host.
fn is_disk(name: &str) -> bool {
    let starts = ["sd", "vd", "xvd", "nvme", "mmcblk", "dm-", "md", "hd"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    starts.iter().any(|start| name.starts_with(start)) && name.chars().all(is_plain)
}
