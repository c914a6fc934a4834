//! The contexts of a container: of its processes and of its files, and those of a second container beside it.
//!
//! Types come from the engine's configuration ([`EngineTypes`]), the rest from what the container asks for. A level that the
//! engine picks at random cannot be known: two categories stand for it that the tree does not have, so that an answer
//! holds for any container but the one that made the tree. A process without a label gets the one that the policy gives to
//! a program of an image which a container engine starts: `type_transition`, else `spc_t`.

use avstore::Store;
use labels::runtime::{Domain, Level, Processes};
use policydb::Policy;

use super::Mounting;
use crate::containers::Containers;
use crate::context::{CategorySet, ContextError, MlsLevel, MlsRange, PartialContext, type_named};
use crate::decide::{Decider, Labelling};

/// The value of the lowest sensitivity, `s0`.
const LOWEST: u32 = 1;
/// Values of categories that are looked at: engines pick among c0 to c1023.
const CATEGORIES: u32 = 1024;
/// Names of the categories of the reserved level.
const RESERVED: [&[u8]; 2] = [b"c1022", b"c1023"];

/// The types that an engine gives, by name: those of its `contexts` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineTypes {
    /// Of processes.
    pub process: String,
    /// Of processes of an init system.
    pub init: Option<String>,
    /// Of processes in a virtual machine.
    pub machine: Option<String>,
    /// Of files.
    pub file: String,
}

impl Default for EngineTypes {
    /// Those of container-selinux.
    fn default() -> Self {
        EngineTypes {
            process: "container_t".to_owned(),
            init: Some("container_init_t".to_owned()),
            machine: Some("container_kvm_t".to_owned()),
            file: "container_file_t".to_owned(),
        }
    }
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The context of its processes.
    pub processes: PartialContext,
    /// The context of its files: what `:Z` gives.
    pub files: PartialContext,
    /// Whether the level is one that the engine picks, and categories stand for it here.
    pub level_is_assumed: bool,
}

impl Container {
    /// What `:z` gives: the same type at the lowest level.
    pub(super) fn shared_files(&self, store: &Store<'_>) -> PartialContext {
        let policy = store.policy();
        PartialContext { range: lowest(policy), ..self.files.clone() }
    }
}

/// A container with the options of a mounting, and a second one like it.
pub(super) fn make(
    decider: &Decider<'_, '_>,
    containers: &Containers,
    mounting: &Mounting<'_>,
) -> Result<(Container, Container), ContextError> {
    let store = decider.store();
    let policy = store.policy();
    let separation = mounting.separation;
    let file = separation.file_type.as_deref().unwrap_or(&mounting.types.file);
    let mut files = PartialContext {
        user: policy.user_named(b"system_u"),
        role: policy.role_named(b"object_r"),
        ..PartialContext::of_type(type_named(store, file)?)
    };
    let levels = Pairs::beside(policy, &mounting.tree);
    let range_of = |level: &Level, pair: &Option<MlsRange>| -> Result<Option<MlsRange>, ContextError> {
        match level {
            _ if !policy.header().mls => Ok(None),
            Level::Own => Ok(pair.clone()),
            Level::Given(text) => Ok(Some(MlsRange::parse(policy, text)?)),
            Level::Reserved => Ok(reserved(policy)),
        }
    };
    let mut processes = files.clone();
    processes.role = policy.role_named(b"system_r");
    let mut level_is_assumed = false;
    let mut second = None;
    match &separation.processes {
        Processes::Labelled { domain, level, user, role } => {
            let types = mounting.types;
            // As engines do, where the policy has no domain of its own for them.
            let or_ordinary = |name: &Option<String>| {
                let known = name.clone().filter(|name| store.policy().type_named(name.as_bytes()).is_some());
                known.unwrap_or_else(|| types.process.clone())
            };
            let name = &match domain {
                Domain::Ordinary => types.process.clone(),
                Domain::Init => or_ordinary(&types.init),
                Domain::Machine => or_ordinary(&types.machine),
                Domain::Named(name) => name.clone(),
            };
            processes.r#type = type_named(store, name)?;
            if let Some(user) = user {
                processes.user = Some(crate::names::user_named(policy, user)?);
                files.user = processes.user;
            }
            if let Some(role) = role {
                processes.role = Some(crate::names::role_named(policy, role)?);
            }
            level_is_assumed = *level == Level::Own && policy.header().mls;
            processes.range = range_of(level, &levels.first)?;
            files.range = range_of(&separation.file_level, &levels.first)?;
            second = Some(levels.second);
        }
        Processes::LikeContainer(_) => {
            processes.r#type = type_named(store, &mounting.types.process)?;
            level_is_assumed = policy.header().mls;
            processes.range.clone_from(&levels.first);
            files.range.clone_from(&levels.first);
            second = Some(levels.second);
        }
        Processes::Unlabelled(_) => {
            processes = unlabelled(decider, containers)?;
            files.range = range_of(&separation.file_level, &None)?;
        }
    }
    let first = Container { processes, files, level_is_assumed };
    let second = match second {
        // Beside one that is not kept apart, an ordinary one is of interest.
        None => {
            let r#type = type_named(store, &mounting.types.process).unwrap_or(first.processes.r#type);
            let range = levels.first;
            Container {
                processes: PartialContext { r#type, range: range.clone(), ..first.processes.clone() },
                files: PartialContext { range, ..first.files.clone() },
                level_is_assumed: policy.header().mls,
            }
        }
        Some(range) => Container {
            processes: PartialContext { range: range.clone(), ..first.processes.clone() },
            files: PartialContext { range, ..first.files.clone() },
            level_is_assumed: policy.header().mls,
        },
    };
    Ok((first, second))
}

/// The context of a process that an engine starts without a label.
fn unlabelled(decider: &Decider<'_, '_>, containers: &Containers) -> Result<PartialContext, ContextError> {
    let store = decider.store();
    let policy = store.policy();
    let low = lowest(policy);
    let of = |id| PartialContext {
        user: policy.user_named(b"system_u"),
        role: policy.role_named(b"system_r"),
        range: low.clone(),
        ..PartialContext::of_type(id)
    };
    let image = containers.read_only_file.or(containers.file);
    let class = store.process_class();
    for runtime in containers.runtimes() {
        let Some((image, class)) = image.zip(class) else { break };
        let new = decider.new_context(Labelling::Transition, &of(runtime), &of(image), class, None);
        if new.context.r#type != runtime {
            return Ok(PartialContext { range: low, ..new.context });
        }
    }
    Ok(of(type_named(store, "spc_t")?))
}

/// Two pairs of categories that a tree does not have, for levels that engines pick at random.
struct Pairs {
    first: Option<MlsRange>,
    second: Option<MlsRange>,
}

impl Pairs {
    fn beside(policy: &Policy<'_>, tree: &PartialContext) -> Self {
        let reserved = RESERVED.map(|name| policy.category_named(name));
        let is_free = |value: &u32| {
            policy.category_name(*value).is_some()
                && !reserved.contains(&Some(*value))
                && !tree.range.as_ref().is_some_and(|range| range.high.categories.contains(*value))
        };
        // The second and later ones, as far as there are any: category 0 has a meaning in some policies.

        let mut free = (2..=CATEGORIES).filter(is_free);
        let mut pair = || {
            let mut categories = CategorySet::default();
            for value in free.by_ref().take(2) {
                categories.insert_run(value, value);
            }
            policy.header().mls.then(|| MlsRange::single(MlsLevel { sensitivity: LOWEST, categories }))
        };
        let first = pair();
        Pairs { first, second: pair() }
    }
}

fn lowest(policy: &Policy<'_>) -> Option<MlsRange> {
    let level = MlsLevel { sensitivity: LOWEST, categories: CategorySet::default() };
    policy.header().mls.then(|| MlsRange::single(level))
}

/// The level of files of containers without separation. Source: `PrivContainerMountLabel` of go-selinux.
fn reserved(policy: &Policy<'_>) -> Option<MlsRange> {
    let mut categories = CategorySet::default();
    for value in RESERVED.iter().filter_map(|name| policy.category_named(name)) {
        categories.insert_run(value, value);
    }
    policy.header().mls.then(|| MlsRange::single(MlsLevel { sensitivity: LOWEST, categories }))
}
