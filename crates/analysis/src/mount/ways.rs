//! What would let a container do what is needed, what opens up least first.
//!
//! The ways are the fixes that [`crate::explain`] has for a denial of what is needed, as far as the engine can go them
//! with this tree: where it refuses to relabel or cannot, `:z` and `:Z` are none. Of what has no label `explain` knows none;
//! here it is told that it can be given one. `order.rs` says which of them are good where the tree is somebody's.

use labels::runtime::{Effect, Relabel, treatment};
use policydb::TypeId;

use super::owner::is_unlabelled;
use super::uses::{Object, UseKind, Verdict, uses, verdicts};
use super::{Container, Losing, Mounting, Owned, order, services};
use crate::containers::Containers;
use crate::context::PartialContext;
use crate::decide::{Access, Circumstances, Decider};
use crate::explain::{BooleanSet, Evidence, Explainer, FixKind};

/// What a container must be able to do with a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Read its files.
    Read,
    /// Read, write and make files.
    Write,
}

/// A way to what is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What to do.
    pub kind: WayKind,
    /// Domains of the host that lose access by it.
    pub losing: Losing,
    /// Whether a second container could do it, too.
    pub second: bool,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayKind {
    /// Mount it with `:Z`.
    Private,
    /// Mount it with `:z`.
    Shared,
    /// Give the container the level of the tree.
    Level(String),
    /// Run it in another domain, which may do so much more: permissions on types.
    Domain(TypeId, usize),
    /// Change booleans.
    Booleans(BooleanSet),
    /// Label the tree as the containers' files for good; engines need not relabel it.
    Label(TypeId),
    /// Mount the file system, which keeps no labels, with a label.
    MountContext(TypeId),
    /// Put the label back that file contexts give the tree: with that it can be used.
    RestoreLabel,
    /// Mount it without `z` and `Z`: as it is it can be used, or at least read.
    WithoutRelabel {
        /// Whether it can only be read.
        read_only: bool,
    },
    /// Mount a directory below the tree that is made for it: the tree itself is never relabelled.
    SubDirectory,
    /// Mount a copy: the host needs this tree as it is.
    Copy,
    /// A type of its own, made by udica, that may use this tree, or connect to the daemon behind the socket.
    CustomType,
    /// Run it without separation, which is never a small way.
    WithoutSeparation,
}

impl WayKind {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            WayKind::Private => "private",
            WayKind::Shared => "shared",
            WayKind::Level(_) => "level",
            WayKind::Domain(..) => "domain",
            WayKind::Booleans(_) => "booleans",
            WayKind::Label(_) => "label",
            WayKind::MountContext(_) => "mount_context",
            WayKind::RestoreLabel => "restore_label",
            WayKind::WithoutRelabel { .. } => "without_relabel",
            WayKind::SubDirectory => "sub_directory",
            WayKind::Copy => "copy",
            WayKind::CustomType => "custom_type",
            WayKind::WithoutSeparation => "without_separation",
        }
    }
}

impl Need {
    /// The uses that make it.
    fn is_part(self, object: Object, kind: UseKind) -> bool {
        let reads = matches!(object, Object::Files | Object::Directories) && kind == UseKind::Read;
        let writes = object == Object::Files && matches!(kind, UseKind::Write | UseKind::Create);
        reads || (self == Need::Write && writes)
    }

    /// Whether verdicts, in the order of [`uses`], grant it.
    pub(super) fn is_met(self, can: &[Verdict]) -> bool {
        can.len() == uses().len()
            && uses()
                .iter()
                .zip(can)
                .filter(|(wanted, _)| self.is_part(wanted.object, wanted.kind))
                .all(|(_, verdict)| *verdict == Verdict::Granted)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Need::Read => "read",
            Need::Write => "write",
        }
    }

    const fn permissions(self) -> &'static [&'static str] {
        match self {
            Need::Read => &["getattr", "open", "read"],
            Need::Write => &["getattr", "open", "read", "write", "create"],
        }
    }
}

/// Whether a container reaches the daemon behind a socket, as far as that can be told: it must be granted the socket's file,
/// and of an engine's socket also `connectto` of the domains that start containers.
pub(super) fn reaches_socket(
    decider: &Decider<'_, '_>,
    containers: &Containers,
    mounting: &Mounting<'_>,
    container: &Container,
    can: &[Verdict],
) -> bool {
    let writes = uses().iter().zip(can).any(|(wanted, verdict)| {
        (wanted.object, wanted.kind) == (Object::Sockets, UseKind::Write) && *verdict == Verdict::Granted
    });
    if !writes || !mounting.is_engines() {
        return writes;
    }
    let store = decider.store();
    let class = store.policy().class_named(b"unix_stream_socket");
    let connect = class.and_then(|class| Some((class, store.permission_named(class, b"connectto")?.bit)));
    connect.is_some_and(|(class, bit)| {
        containers.runtimes().any(|runtime| {
            let target = PartialContext::of_type(runtime);
            let access = Access { source: &container.processes, target: &target, class };
            decider.decide(&access).possible >> bit & 1 == 1
        })
    })
}

/// What is known when ways are looked for.
pub(super) struct Known<'a> {
    /// The container.
    pub(super) container: &'a Container,
    /// Whose the tree is.
    pub(super) owned: Option<&'a Owned>,
    /// Who loses access if the tree gets the containers' type.
    pub(super) lost: &'a Losing,
}

/// The ways for a container, which cannot do what is needed, or takes a tree from whom it belongs to.
pub(super) fn ways(
    decider: &Decider<'_, '_>,
    circumstances: &Circumstances,
    containers: &Containers,
    mounting: &Mounting<'_>,
    known: &Known<'_>,
) -> Vec<Way> {
    let (container, owner) = (known.container, known.owned.map(|owned| &owned.owner));
    let store = decider.store();
    let policy = store.policy();
    let tree = &mounting.tree;
    let plain = |kind| Way { kind, losing: Losing::default(), second: true };
    if mounting.is_socket {
        let confined = containers.is_confined(container.processes.r#type);
        let kinds = [WayKind::CustomType, WayKind::WithoutSeparation];
        return kinds.into_iter().filter(|_| confined).map(plain).collect();
    }
    let explainer = Explainer::new(store, circumstances.clone());
    let evidence = Evidence {
        scontext: container.processes.text(policy),
        tcontext: tree.text(policy),
        tclass: "file".to_owned(),
        permissions: mounting.need.permissions().iter().map(|&name| name.to_owned()).collect(),
        ..Evidence::default()
    };
    let fixes = explainer.explain(&evidence).map(|explanation| explanation.fixes).unwrap_or_default();
    let with = |relabel| {
        let mut mount = mounting.mount.clone();
        (mount.relabel, mount.read_only, mount.overlay) = (Some(relabel), false, false);
        // docker has words for it in `-v`, which says the same otherwise.
        mount.long_form = false;
        treatment(mounting.engine, &mount, mounting.separation, mounting.place).effect
    };
    let other = PartialContext { range: None, ..container.processes.clone() };
    let mut found = Vec::new();
    let mut add = |kind: WayKind, label: Option<&PartialContext>, second: bool| {
        let losing = match label {
            Some(label) if label.r#type == container.files.r#type => known.lost.clone(),
            Some(label) => {
                services::losing(decider, containers, &mounting.labels(), mounting.expected, label)
            }
            None => Losing::default(),
        };
        found.push(Way { kind, losing, second });
    };
    let can =
        |process: &PartialContext, label: &PartialContext| verdicts(decider, process, label, None, false);
    let is_met =
        |process: &PartialContext, label: &PartialContext| mounting.need.is_met(&can(process, label));
    let shared = container.shared_files(store);
    let keeps_labels = mounting.place.keeps_labels();
    let by_private =
        with(Relabel::Private) == Effect::Private && is_met(&container.processes, &container.files);
    let by_shared = with(Relabel::Shared) == Effect::Shared && is_met(&container.processes, &shared);
    let refused = with(Relabel::Shared) == Effect::Refused;
    let as_it_is = can(&container.processes, tree);
    match (mounting.need.is_met(&as_it_is), Need::Read.is_met(&as_it_is)) {
        (true, _) if mounting.mount.relabel.is_some() => {
            add(WayKind::WithoutRelabel { read_only: false }, None, true);
        }
        (false, true) if owner.is_some() => add(WayKind::WithoutRelabel { read_only: true }, None, true),
        _ => {}
    }
    if let Some(expected) = mounting.expected.filter(|id| keeps_labels && *id != tree.r#type) {
        let label = PartialContext { r#type: expected, ..shared.clone() };
        if is_met(&container.processes, &label) {
            add(WayKind::RestoreLabel, None, true);
        }
    }
    for fix in fixes {
        match fix.kind {
            FixKind::MountPrivate if by_private => add(WayKind::Private, Some(&container.files), false),
            FixKind::MountShared if by_shared => add(WayKind::Shared, Some(&shared), true),
            FixKind::Label(could) if !refused && keeps_labels => {
                let label = PartialContext { r#type: could.id, ..shared.clone() };
                if is_met(&container.processes, &label) {
                    add(WayKind::Label(could.id), Some(&label), true);
                }
            }
            // No container is given the level that no container has.
            FixKind::RunAtLevel(_) if containers.is_reserved(policy, tree) => {}
            FixKind::RunAtLevel(level) => add(WayKind::Level(level), None, false),
            FixKind::Domain { id, added } => {
                let process = PartialContext { r#type: id, ..container.processes.clone() };
                if is_met(&process, tree) {
                    add(
                        WayKind::Domain(id, added),
                        None,
                        is_met(&PartialContext { r#type: id, ..other.clone() }, tree),
                    );
                }
            }
            FixKind::Booleans(set) => add(WayKind::Booleans(set), None, true),
            FixKind::MountContext(id) => add(WayKind::MountContext(id), None, true),
            _ => {}
        }
    }
    // Who mounts what has no label may give it one then.
    if is_unlabelled(store, tree.r#type) && keeps_labels && !refused && is_met(&container.processes, &shared)
    {
        add(WayKind::MountContext(shared.r#type), None, true);
    }
    // The containers' own type at another level: what `:z` gives, where the engine does not give it.
    let is_theirs = tree.r#type == container.files.r#type && *tree != shared;
    if is_theirs && !refused && keeps_labels && is_met(&container.processes, &shared) {
        add(WayKind::Label(shared.r#type), Some(&shared), true);
    }
    let of_its_own = order::Else {
        labelled: is_met(&container.processes, &container.files),
        confined: containers.is_confined(container.processes.r#type),
        refused,
        path: mounting.path(),
    };
    order::ordered(found, owner, &of_its_own)
}
