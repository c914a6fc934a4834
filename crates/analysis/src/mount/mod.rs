//! What will a container be able to do with a tree of files that is mounted into it, before it runs?
//!
//! | file | what it decides |
//! |---|---|
//! | `container.rs` | the contexts of a container, of a second one, and of their files |
//! | `uses.rs` | what can be done with files, directories and sockets, and what that asks of a policy |
//! | `services.rs` | which domains of the host lose access when the tree is relabelled |
//! | `owner.rs` | whose the tree is, so that it should not be relabelled |
//! | `ways.rs` | what would do what is needed, what opens up least first |
//! | `order.rs` | which of that comes first, and what is left out, where the tree is somebody's |
//!
//! What the engine does to the label is said by [`labels::runtime`]; whether that grants anything is decided here. Levels
//! that an engine picks at random are stood for by categories that the tree does not have: [`Container`] says so.

mod container;
mod order;
mod owner;
pub(crate) mod services;
mod uses;
mod ways;

pub use container::{Container, EngineTypes};
pub use owner::{Asked as OwnerAsked, Owner, is_general, is_unlabelled};
pub use services::{Losing, Service, owns};
pub use uses::{Ask, Lacking, Layer, Object, Use, UseKind, Verdict, uses};
pub use ways::{Need, Way, WayKind};

use labels::runtime::{Effect, Engine, Mount, MountSource, RuleId, Separation, TreePlace, treatment};
use policydb::TypeId;

use crate::containers::Containers;
use crate::context::{ContextError, PartialContext};
use crate::decide::{Circumstances, Decider};

/// A mount, and what is known of it.
#[derive(Clone, Debug)]
pub struct Mounting<'a> {
    /// What runs the container.
    pub engine: Engine,
    /// The mount.
    pub mount: &'a Mount,
    /// The labels that the container asks for.
    pub separation: &'a Separation,
    /// What is known of where the tree stands.
    pub place: &'a TreePlace,
    /// Home directories that are known, of whomever.
    pub homes: &'a [String],
    /// The types that the engine gives.
    pub types: &'a EngineTypes,
    /// The label that the tree has; nothing is assumed where parts of it are open.
    pub tree: PartialContext,
    /// The type that file contexts give the tree.
    pub expected: Option<TypeId>,
    /// The labels that file contexts give to what is below it, where they are others.
    pub below: &'a [PartialContext],
    /// What the container must be able to do.
    pub need: Need,
    /// Whether it is a socket that is mounted: then it is reached, not read.
    pub is_socket: bool,
    /// Whether ways are wanted, where it does not suffice or takes the tree from somebody.
    pub wants_ways: bool,
}

/// Names of sockets of container engines.
const ENGINE_SOCKETS: [&str; 5] =
    ["docker.sock", "podman.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock"];

impl Mounting<'_> {
    /// Whether it is the socket of a container engine, by its name.
    pub fn is_engines(&self) -> bool {
        let path = self.path().unwrap_or_default();
        self.is_socket && ENGINE_SOCKETS.iter().any(|name| path.ends_with(name))
    }

    /// The path on the host; nothing of what the engine makes itself.
    fn path(&self) -> Option<&str> {
        match &self.mount.source {
            MountSource::Path(path) => Some(path),
            MountSource::Volume(_) | MountSource::Memory | MountSource::Image(_) => None,
        }
    }

    /// The labels that the tree has and what is below it.
    fn labels(&self) -> Vec<&PartialContext> {
        std::iter::once(&self.tree).chain(self.below).collect()
    }
}

/// What a container will be able to do with a mount.
#[derive(Clone, Debug)]
pub struct MountAnswer {
    /// The container.
    pub container: Container,
    /// Another container with the same options, made after it.
    pub second: Container,
    /// What becomes of the tree's label.
    pub effect: Effect,
    /// The rule that says so.
    pub rule: RuleId,
    /// The label of the tree afterwards; nothing if the engine refuses.
    pub after: Option<PartialContext>,
    /// The label that the container sees; other than `after` under an overlay.
    pub seen: Option<PartialContext>,
    /// What the container can do, in the order of [`uses`]; empty if the engine refuses.
    pub can: Vec<Verdict>,
    /// What the second container can do.
    pub second_can: Vec<Verdict>,
    /// Whether the container's domain is permissive, so that nothing stops it.
    pub permissive: bool,
    /// Domains of the host that lose access.
    pub losing: Losing,
    /// Whether the container can do what is needed.
    pub suffices: bool,
    /// Whose the tree is, and who would lose it, if it is relabelled or would have to be; nothing if it is nobody's.
    pub owned: Option<Owned>,
    /// Whether what is asked takes the tree from whom it belongs to.
    pub takes: bool,
    /// What would do what is needed, what opens up least first; empty if it can be done and takes the tree from nobody.
    pub ways: Vec<Way>,
}

/// Whose a tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Whose.
    pub owner: Owner,
    /// Domains of the host that lose access if it is relabelled for containers.
    pub losing: Losing,
}

/// What a mount comes to. O(rules × uses).
///
/// # Errors
/// A type, user, role or level that is asked for and that the policy does not have; a policy that has no containers.
pub fn mount(
    decider: &Decider<'_, '_>,
    circumstances: &Circumstances,
    containers: &Containers,
    mounting: &Mounting<'_>,
) -> Result<MountAnswer, ContextError> {
    let Mounting { mount, separation, tree, .. } = mounting;
    let made = container::make(decider, containers, mounting)?;
    let (container, second) = made;
    let treatment = treatment(mounting.engine, mount, separation, mounting.place);
    let after = match treatment.effect {
        Effect::Refused => None,
        Effect::Stays | Effect::SeenAsPrivate => Some(tree.clone()),
        Effect::Shared => Some(container.shared_files(decider.store())),
        Effect::Private => Some(container.files.clone()),
    };
    let seen = match treatment.effect {
        Effect::SeenAsPrivate => Some(container.files.clone()),
        _ => after.clone(),
    };
    let beneath = (treatment.rule == RuleId::Overlay).then_some(tree);
    for class in uses::classes(decider.store()) {
        decider.gather(class);
    }
    let can = |of: &Container, seen: &Option<PartialContext>| match seen {
        Some(label) => uses::verdicts(decider, &of.processes, label, beneath, mount.read_only),
        None => Vec::new(),
    };
    let container_can = can(&container, &seen);
    // Under an overlay, in memory and in an image, the second container has a copy of its own.
    let second_seen = match treatment.effect {
        Effect::SeenAsPrivate => Some(second.files.clone()),
        _ => seen.clone(),
    };
    let second_can = can(&second, &second_seen);
    let suffices = match mounting.is_socket {
        true => ways::reaches_socket(decider, containers, mounting, &container, &container_can),
        false => mounting.need.is_met(&container_can),
    };
    let relabels = matches!(treatment.effect, Effect::Shared | Effect::Private);
    let is_other = after.as_ref().is_some_and(|after| after != tree);
    let would_be_asked = mounting.wants_ways && !suffices && !mounting.is_socket;
    // The levels of who may lose it are left open, so that all labels of containers' files come to the same.
    let lost = match &after {
        Some(after) if is_other => {
            services::losing(decider, containers, &mounting.labels(), mounting.expected, after)
        }
        _ if would_be_asked => {
            let shared = container.shared_files(decider.store());
            services::losing(decider, containers, &mounting.labels(), mounting.expected, &shared)
        }
        _ => Losing::default(),
    };
    let owned = if relabels || would_be_asked {
        owner(decider, containers, mounting, &lost).map(|owner| Owned { owner, losing: lost.clone() })
    } else {
        None
    };
    let takes = relabels && owned.is_some();
    let ways = if mounting.wants_ways && (takes || !suffices) {
        let known = ways::Known { container: &container, owned: owned.as_ref(), lost: &lost };
        ways::ways(decider, circumstances, containers, mounting, &known)
    } else {
        Vec::new()
    };
    let losing = if is_other { lost } else { Losing::default() };
    let permissive = uses::is_permissive(decider, &container.processes, tree);
    Ok(MountAnswer {
        permissive,
        container,
        second,
        effect: treatment.effect,
        rule: treatment.rule,
        after,
        seen,
        can: container_can,
        second_can,
        losing,
        suffices,
        owned,
        takes,
        ways,
    })
}

/// Whose the tree of a mount is, when these lose access by relabelling it.
fn owner(
    decider: &Decider<'_, '_>,
    containers: &Containers,
    mounting: &Mounting<'_>,
    losing: &Losing,
) -> Option<Owner> {
    // What the engine makes for a container is the container's, and what keeps no labels has none to lose.
    let may_be = !mounting.place.is_of_pod && mounting.place.keeps_labels();
    let path = mounting.path().filter(|_| may_be)?;
    let asked = OwnerAsked {
        path: Some(path),
        homes: mounting.homes,
        r#type: mounting.tree.r#type,
        expected: mounting.expected,
        losing,
    };
    Owner::of(decider.store(), containers, &asked)
}
