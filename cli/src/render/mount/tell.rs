//! A mount in words.

use analysis::containers::Containers;
use analysis::context::PartialContext;
use analysis::mount::{Lacking, Service, Verdict, is_general, is_unlabelled, uses};
use avstore::Store;
use labels::file_contexts::FileKind;
use labels::runtime::{Effect, Engine, Level, MountSource, Processes, RuleId};

use super::told::{
    ContainerTold, ExpectedTold, LabelFound, LackingTold, MountTold, RuleTold, ServiceTold, UseTold,
};
use super::whose::whose;
use super::{Mounted, Mounts};
use crate::commands::tree::{Expected, LabelOrigin, Tree};
use crate::render::shell::{escaped, quoted};

/// Services that are named in a sentence.
const SERVICES_NAMED: usize = 4;

/// A mount, while it is put into words.
pub(super) struct Words<'a, 'p> {
    pub(super) mounts: &'a Mounts<'a, 'p>,
    pub(super) mounted: &'a Mounted,
}

/// A mount in words.
pub(super) fn told<'a>(mounts: &'a Mounts<'a, '_>, mounted: &'a Mounted) -> MountTold {
    let words = Words { mounts, mounted };
    let (answer, tree) = (&mounted.answer, mounted.tree.as_ref());
    let policy = mounts.store.policy();
    MountTold {
        path: tree.map(Tree::shown),
        volume: words.volume_name(),
        real_path: tree.and_then(|tree| Some(shown_path(tree.real.as_deref()?))),
        destination: (!mounted.mount.destination.is_empty())
            .then(|| policydb::Name::new(mounted.mount.destination.as_bytes()).to_string()),
        engine: mounts.engine.name(),
        read_only: mounted.mount.read_only,
        container: words.container(),
        before: tree.and_then(label_found),
        expected: tree.and_then(|tree| tree.expected.as_ref()).map(expected),
        file_system: tree.and_then(|tree| tree.file_system.clone()),
        effect: effect_id(answer.effect),
        rule: rule(answer.rule),
        after: words.label_after().map(|label| words.file_label(label)),
        can: uses_told(&answer.can),
        second_can: uses_told(&answer.second_can),
        losing: answer.losing.services.iter().map(|service| words.service(service)).collect(),
        general: words.general(),
        is_socket: tree.is_some_and(|tree| tree.kind == Some(FileKind::Socket)),
        breaks_the_host: answer.takes && answer.losing.is_of_system(),
        need: mounted.need.name(),
        suffices: answer.suffices,
        whose: whose(mounts.store, answer),
        takes_it_away: answer.takes,
        do_not: words.do_not(),
        ways: answer.ways.iter().map(|way| words.way(way)).collect(),
        lasts: if policy.header().mls || tree.is_some() { words.lasts() } else { Vec::new() },
        notes: words.notes(),
    }
}

impl Words<'_, '_> {
    pub(super) fn type_name(&self, id: policydb::TypeId) -> String {
        avstore::shown_name(&self.mounts.store.type_name(id).bytes())
    }

    pub(super) fn domain(&self) -> String {
        self.type_name(self.mounted.answer.container.processes.r#type)
    }

    /// The path on the host, as text; empty for what the engine makes itself.
    pub(super) fn path(&self) -> String {
        self.mounted.tree.as_ref().map(Tree::text).unwrap_or_default()
    }

    /// What is mounted, if it is no path of the host.
    fn volume_name(&self) -> Option<String> {
        let shown = |name: &str| policydb::Name::new(name.as_bytes()).to_string();
        match &self.mounted.mount.source {
            MountSource::Path(_) => None,
            MountSource::Volume(Some(name)) => Some(format!("volume {}", shown(name))),
            MountSource::Volume(None) => Some("a new volume".to_owned()),
            MountSource::Memory => Some("memory".to_owned()),
            MountSource::Image(name) => Some(format!("image {}", shown(name))),
        }
    }

    /// The option that mounts the tree with another option.
    pub(super) fn volume(&self, option: &str) -> String {
        self.volume_of(&self.path(), option)
    }

    pub(super) fn volume_of(&self, path: &str, option: &str) -> String {
        let inside = match self.mounted.mount.destination.as_str() {
            "" => "CONTAINERDIR",
            inside => inside,
        };
        let read_only = if self.mounted.mount.read_only { ",ro" } else { "" };
        format!("-v {}", quoted(&format!("{path}:{inside}:{option}{read_only}")))
    }

    /// The option that mounts the tree without relabelling it.
    pub(super) fn volume_as_it_is(&self, read_only: bool) -> String {
        let inside = match self.mounted.mount.destination.as_str() {
            "" => "CONTAINERDIR",
            inside => inside,
        };
        let read_only = if read_only { ":ro" } else { "" };
        format!("-v {}", quoted(&format!("{}:{inside}{read_only}", self.path())))
    }

    /// The tree as file contexts name it.
    pub(super) fn pattern(&self) -> String {
        let Some(tree) = &self.mounted.tree else { return String::new() };
        let path = tree.named();
        let path = escaped(path.trim_end_matches('/'));
        quoted(&if tree.is_one_file() { path } else { format!("{path}(/.*)?") })
    }

    fn container(&self) -> ContainerTold {
        let policy = self.mounts.store.policy();
        let answer = &self.mounted.answer;
        let level = match &self.mounts.separation.processes {
            Processes::Labelled { level: Level::Given(level), .. } => Some(level.clone()),
            Processes::Unlabelled(_) => {
                answer.container.processes.range.as_ref().map(|range| range.text(policy))
            }
            _ => None,
        };
        ContainerTold {
            domain: self.domain(),
            level,
            asked_as: answer.container.processes.text(policy),
            rules: self.mounts.separation.rules().into_iter().map(rule).collect(),
            permissive: answer.permissive,
        }
    }

    /// The label afterwards.
    fn label_after(&self) -> Option<&PartialContext> {
        self.mounted.answer.after.as_ref()
    }

    /// A label, with words in the place of categories that only stand for those that the engine picks.
    pub(super) fn file_label(&self, label: &PartialContext) -> String {
        let policy = self.mounts.store.policy();
        let container = &self.mounted.answer.container;
        let own = container.level_is_assumed && label.range == container.files.range && label.range.is_some();
        match own {
            true => {
                let bare = PartialContext { range: None, ..label.clone() };
                format!("{}:s0:THIS-CONTAINER'S-PAIR", short(&bare.text(policy)))
            }
            false => short(&label.text(policy)).to_owned(),
        }
    }

    pub(super) fn service(&self, service: &Service) -> ServiceTold {
        ServiceTold::of(self.mounts.store, service)
    }

    /// The type of a tree that is nobody's, where so many use it that their names say nothing.
    fn general(&self) -> Option<String> {
        let answer = &self.mounted.answer;
        let losing = answer.ways.iter().map(|way| &way.losing).chain([&answer.losing]);
        let are_many = losing.into_iter().any(|losing| losing.is_of_system());
        let context = self.mounted.tree.as_ref()?.context.as_ref()?;
        (answer.owned.is_none() && are_many).then(|| self.type_name(context.r#type))
    }

    /// How long the label lasts.
    fn lasts(&self) -> Vec<String> {
        let answer = &self.mounted.answer;
        let (Some(tree), Some(after)) = (&self.mounted.tree, &answer.after) else { return Vec::new() };
        if !self.mounted.place.keeps_labels() {
            return vec!["as long as the file system is mounted so: it keeps no labels of files".to_owned()];
        }
        let r#type = self.type_name(after.r#type);
        let mut lasts = Vec::new();
        let changes = answer.effect == Effect::Shared || answer.effect == Effect::Private;
        if answer.rule == RuleId::PodVolume {
            return vec!["as long as the pod: its volumes are made and labelled with it".to_owned()];
        }
        if changes {
            lasts.push(
                "the label is written to the files: it outlives the container and a restart".to_owned(),
            );
            if answer.effect == Effect::Private && answer.container.level_is_assumed {
                lasts.push(
                    "a container that is made anew gets another pair: with :Z it takes the tree over, without it loses access"
                        .to_owned(),
                );
            }
        }
        let agrees = tree.expected.as_ref().and_then(|expected| expected.context.as_ref());
        let agrees = agrees.is_some_and(|expected| expected.r#type == after.r#type);
        let customizable = self.mounts.surroundings.customizable.as_ref();
        let is_customizable = customizable.map(|types| types.is_customizable(&r#type));
        match (agrees, is_customizable) {
            (true, _) => lasts.push("file contexts give it the same type: a relabel keeps that".to_owned()),
            (false, Some(true)) => lasts.push(format!(
                "plain restorecon leaves {type} alone; restorecon -F and a full relabel put back what file contexts say"
            )),
            (false, _) if !changes && tree.expected.is_some() => {
                lasts.push("restorecon and a relabel give it what file contexts say".to_owned());
            }
            (false, _) if changes => {
                let unsure = if is_customizable.is_none() { ", unless it is a customizable type" } else { "" };
                // Nobody wants a label for good that is of no use, or that should not be given at all.
                let is_good = answer.suffices && !answer.takes;
                let for_good = match is_good {
                    true => format!("; for good: semanage fcontext -a -t {type} {}", self.pattern()),
                    false => String::new(),
                };
                lasts.push(format!("restorecon and a relabel undo it{unsure}{for_good}"));
            }
            _ => {}
        }
        lasts
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let answer = &self.mounted.answer;
        if answer.permissive {
            notes.push(format!(
                "{} is permissive: what is denied is logged and done all the same",
                self.domain()
            ));
        }
        if self.mounts.engine == Engine::Docker && answer.rule != RuleId::DaemonOff {
            notes.push(
                "if dockerd runs with --selinux-enabled; without it, which is the default, it labels nothing (`docker info -f '{{.SecurityOptions}}'`, here --no-daemon-labels)"
                    .to_owned(),
            );
        }
        notes.extend(self.other_containers());
        notes.extend(self.without_label());
        notes.extend(self.taken_before());
        if self
            .mounted
            .tree
            .as_ref()
            .and_then(|tree| tree.expected.as_ref())
            .is_some_and(|expected| expected.regex == "/.*")
        {
            notes.push("file contexts say nothing of this path but what they say of all; of home directories they do only where there is a file_contexts.homedirs".to_owned());
        }
        if let Processes::LikeContainer(name) = &self.mounts.separation.processes {
            let name = policydb::Name::new(name.as_bytes());
            notes.push(format!("its label is that of {name}, taken here for an ordinary container"));
        }
        if matches!(self.mounted.mount.source, MountSource::Path(_)) && self.mounted.mount.chown {
            notes.push(format!("U: {}", RuleId::Chown.rule().effect));
        }
        if self.mounted.tree.as_ref().is_some_and(|tree| tree.kind == Some(FileKind::Socket)) {
            notes.push(
                "behind a socket stands a daemon: connecting also asks for connectto of its domain, which no label of the file grants: `sepolq can CONTAINER DAEMON unix_stream_socket connectto`"
                    .to_owned(),
            );
        }
        if self.mounted.place.file_system.is_none()
            && self.mounted.tree.is_some()
            && self.mounted.mount.relabel.is_some()
        {
            notes.push("the file system is not known; NFS, CIFS and FAT keep no labels, and :z changes nothing there".to_owned());
        }
        notes
    }
}

impl Words<'_, '_> {
    /// That a tree of the host's was relabelled for containers before, and how it gets its label back.
    fn taken_before(&self) -> Option<String> {
        let tree = self.mounted.tree.as_ref()?;
        let (label, expected) = (tree.context.as_ref()?, tree.expected.as_ref()?);
        let file = self.mounted.answer.container.files.r#type;
        let is_claimed = |id| self.mounted.answer.owned.is_some() || !is_general(self.mounts.store, id);
        let is_taken = label.r#type == file
            && expected
                .context
                .as_ref()
                .is_some_and(|wanted| wanted.r#type != file && is_claimed(wanted.r#type));
        is_taken.then(|| {
            format!(
                "it was relabelled for containers before; who needs it on the host gets it back by restorecon -RFv {} ({})",
                quoted(&self.path()),
                short(expected.label.as_deref().unwrap_or_default())
            )
        })
    }

    /// What it means that a tree has no label.
    fn without_label(&self) -> Option<String> {
        let tree = self.mounted.tree.as_ref()?;
        let context = tree.context.as_ref().filter(|label| is_unlabelled(self.mounts.store, label.r#type))?;
        let wanted = tree.expected.as_ref().and_then(|expected| expected.label.as_deref());
        let restored =
            wanted.filter(|_| self.mounted.place.keeps_labels()).map_or_else(String::new, |label| {
                format!("; on the host restorecon -RFv {} gives them {}", quoted(&self.path()), short(label))
            });
        Some(format!(
            "{} is what files are shown with that have no label, or one that this policy does not know (a disk from elsewhere, a module that is gone): they need a label, and no rule{restored}",
            self.type_name(context.r#type)
        ))
    }
}

impl ServiceTold {
    pub(crate) fn of(store: &Store<'_>, service: &Service) -> Self {
        let domain = avstore::shown_name(&store.type_name(service.id).bytes());
        ServiceTold { domain, loses: service.loses.clone(), owns: service.owns }
    }
}

impl Words<'_, '_> {
    /// What the labels say of other containers.
    fn other_containers(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let answer = &self.mounted.answer;
        let policy = self.mounts.store.policy();
        let before = self.mounted.tree.as_ref().and_then(|tree| tree.context.as_ref());
        let containers = Containers::of(self.mounts.store);
        let relabels = matches!(answer.effect, Effect::Private | Effect::Shared);
        if before.is_some_and(|label| containers.is_reserved(policy, label)) {
            notes.push(
                "the categories c1022,c1023 say: made by a container with label=disable or --privileged"
                    .to_owned(),
            );
        } else if let Some(label) = before.filter(|label| relabels && answer.after.as_ref() != Some(label))
            && containers.file == Some(label.r#type)
            && label.range.as_ref().is_some_and(|range| !range.low.categories.is_empty())
        {
            let level = label.range.as_ref().map(|range| range.text(policy)).unwrap_or_default();
            notes.push(match answer.effect {
                Effect::Private => {
                    format!("the tree is that of a container with the level {level}, which loses it")
                }
                _ => format!(
                    "the tree is that of a container with the level {level}, which keeps it and shares it"
                ),
            });
        }
        let after = answer.after.as_ref().filter(|_| answer.effect == Effect::Private);
        if after.is_some_and(|label| containers.is_reserved(policy, label)) {
            notes.push(
                "c1022,c1023 is the level of containers without separation: no ordinary container may use the tree afterwards"
                    .to_owned(),
            );
        }
        notes
    }
}

/// A context without the user and role that all files have.
pub(crate) fn short(context: &str) -> &str {
    context.strip_prefix("system_u:object_r:").unwrap_or(context)
}

pub(super) fn rule(id: RuleId) -> RuleTold {
    RuleTold { id: id.name(), text: id.rule().effect, holds_for: id.rule().holds_for }
}

pub(super) fn label_found(tree: &Tree) -> Option<LabelFound> {
    let (label, origin) = tree.label.as_ref()?;
    let from = match origin {
        LabelOrigin::Given => "given",
        LabelOrigin::FileSystem => "file_system",
        LabelOrigin::FileContexts => "file_contexts",
        LabelOrigin::FileSystemKind => "file_system_kind",
    };
    Some(LabelFound { label: policydb::Name::new(label.as_bytes()).to_string(), from })
}

pub(super) fn expected(expected: &Expected) -> ExpectedTold {
    let shown = |text: &str| policydb::Name::new(text.as_bytes()).to_string();
    ExpectedTold {
        label: expected.label.as_deref().map(shown),
        expression: shown(&expected.regex),
        place: expected.place.clone(),
    }
}

pub(super) fn shown_path(path: &std::path::Path) -> String {
    policydb::Name::new(path.as_os_str().as_encoded_bytes()).to_string()
}

pub(super) fn uses_told(can: &[Verdict]) -> Vec<UseTold> {
    let told = |(wanted, verdict): (&analysis::mount::Use, &Verdict)| {
        let (name, lacking) = match verdict {
            Verdict::Granted => ("granted", Vec::new()),
            Verdict::ReadOnlyMount => ("read_only_mount", Vec::new()),
            Verdict::Denied(lacking) => ("denied", lacking.iter().map(lacking_told).collect()),
        };
        UseTold { object: wanted.object.name(), r#use: wanted.kind.name(), verdict: name, lacking }
    };
    uses().iter().zip(can).map(told).collect()
}

fn lacking_told(lacking: &Lacking) -> LackingTold {
    LackingTold {
        class: lacking.class,
        permissions: lacking.permissions.clone(),
        layer: lacking.layer.id(),
        beneath: lacking.beneath,
    }
}

/// Who loses what, in a sentence; nothing if nobody does.
pub(crate) fn loses(losing: &[ServiceTold]) -> Option<String> {
    let (owners, others): (Vec<_>, Vec<_>) = losing.iter().partition(|service| service.owns);
    let parts = [sentence(&owners, ", whose own it is by its name"), sentence(&others, "")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// `httpd_t (read) loses it`, with a remark; the first few are named.
fn sentence(services: &[&ServiceTold], remark: &str) -> Option<String> {
    let named = services.iter().take(SERVICES_NAMED);
    let named: Vec<String> =
        named.map(|service| format!("{} ({})", service.domain, service.loses.join(", "))).collect();
    let more = services.len().saturating_sub(named.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let verb = if services.len() == 1 { "loses it" } else { "lose it" };
    (!named.is_empty()).then(|| format!("{}{more} {verb}{remark}", named.join(", ")))
}

const fn effect_id(effect: Effect) -> &'static str {
    match effect {
        Effect::Stays => "stays",
        Effect::Shared => "shared",
        Effect::Private => "private",
        Effect::SeenAsPrivate => "seen_as_private",
        Effect::Refused => "refused",
    }
}
