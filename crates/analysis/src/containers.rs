//! What a policy calls containers: domains, the labels of their files, and what a runtime gives them.
//!
//! Names are those of container-selinux and of the reference policy's container module; a policy without them has no
//! containers, and nothing is assumed. Source of the rules for labels: `domain.md`'s authorities, go-selinux's
//! `label` package and container-selinux's `container.te`.

use avstore::Store;
use policydb::{Policy, TypeId};

use crate::context::{CategorySet, MlsLevel, MlsRange, PartialContext};

/// Attributes of container domains.
const DOMAINS: [&[u8]; 2] = [b"container_domain", b"svirt_sandbox_domain"];
/// Attributes of domains that start containers: container-selinux's, and the reference policy's.
const RUNTIMES: [&[u8]; 2] = [b"container_runtime_domain", b"container_engine_domain"];
/// The attribute of domains of containers that are not kept apart, in the reference policy.
const PRIVILEGED: &[u8] = b"privileged_container_domain";
/// The attribute of types of containers' files, in container-selinux.
const FILES: &[u8] = b"container_file_type";
/// Categories of the label that a runtime gives to files of containers without separation: one below the last two.
/// Source: `reserveLabel(privContainerMountLabel)` of go-selinux.
const RESERVED: [u32; 2] = [1022, 1023];

/// The value of the lowest sensitivity, `s0`.
const LOWEST: u32 = 1;

/// The containers of a policy.
#[derive(Clone, Debug, Default)]
pub struct Containers {
    domains: Vec<TypeId>,
    /// Domains of containers that are not kept apart.
    privileged: Vec<TypeId>,
    /// Types of containers' files and of images.
    files: Vec<TypeId>,
    /// The type of files that containers may write.
    pub file: Option<TypeId>,
    /// The type of files that they may only read: images.
    pub read_only_file: Option<TypeId>,
    /// The domain without confinement.
    pub unconfined: Option<TypeId>,
    /// Domains that start containers, in the order of their ids.
    runtimes: Vec<TypeId>,
    /// Attributes of these.
    runtime_attributes: Vec<TypeId>,
}

impl Containers {
    /// Those of a policy. O(types).
    pub fn of(store: &Store<'_>) -> Self {
        let policy = store.policy();
        let members = |names: &[&[u8]]| {
            let attributes = names.iter().filter_map(|name| policy.type_named(name));
            let attributes = attributes.filter(|id| store.is_attribute(*id));
            attributes.flat_map(|id| store.members(id).iter().collect::<Vec<_>>()).collect::<Vec<TypeId>>()
        };
        let named = |name: &[u8]| policy.type_named(name).filter(|id| !store.is_attribute(*id));
        let sorted = |mut ids: Vec<TypeId>| {
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let mut domains = members(&DOMAINS);
        domains.extend(named(b"container_t"));
        let mut domains = sorted(domains);
        let unconfined = named(b"spc_t");
        let privileged = members(&[PRIVILEGED]);
        domains.retain(|id| Some(*id) != unconfined && !privileged.contains(id));
        let (file, read_only_file) = (named(b"container_file_t"), named(b"container_ro_file_t"));
        let files = members(&[FILES]).into_iter().chain(file).chain(read_only_file).collect();
        let mut runtimes = members(&RUNTIMES);
        // In the reference policy a type of this name is one of files.
        let domain = policy.type_named(b"domain").filter(|id| store.is_attribute(*id));
        let is_domain = |id: &TypeId| domain.is_some_and(|domain| store.applies(domain, *id));
        runtimes.extend(named(b"container_runtime_t").filter(is_domain));
        Containers {
            domains,
            privileged: sorted(privileged.into_iter().chain(unconfined).collect()),
            files: sorted(files),
            file,
            read_only_file,
            unconfined,
            runtimes: sorted(runtimes),
            runtime_attributes: RUNTIMES.iter().filter_map(|name| policy.type_named(name)).collect(),
        }
    }

    /// Whether a type is a domain in which containers are confined.
    pub fn is_confined(&self, id: TypeId) -> bool {
        self.domains.binary_search(&id).is_ok()
    }

    /// Whether a type is a domain of containers, kept apart or not.
    pub fn is_container(&self, id: TypeId) -> bool {
        self.is_confined(id) || self.privileged.binary_search(&id).is_ok()
    }

    /// Whether a type is one of containers' files or of images.
    pub fn is_container_file(&self, id: TypeId) -> bool {
        self.files.binary_search(&id).is_ok()
    }

    /// Whether a type is a domain that starts containers.
    pub fn is_runtime(&self, id: TypeId) -> bool {
        self.runtimes.binary_search(&id).is_ok()
    }

    /// Whether a rule's source means such domains, and no others: one of them, or their attribute.
    pub(crate) fn is_runtime_symbol(&self, id: TypeId) -> bool {
        self.is_runtime(id) || self.runtime_attributes.contains(&id)
    }

    /// The domains that start containers, in the order of their ids.
    pub fn runtimes(&self) -> impl Iterator<Item = TypeId> + '_ {
        self.runtimes.iter().copied()
    }

    /// The confined domains, in the order of their ids.
    pub fn domains(&self) -> impl Iterator<Item = TypeId> + '_ {
        self.domains.iter().copied()
    }

    /// The label that `:z` gives: the containers' type at the lowest level, without categories.
    pub fn shared_label(&self, policy: &Policy<'_>, like: &PartialContext) -> Option<PartialContext> {
        let level = MlsLevel { sensitivity: LOWEST, categories: CategorySet::default() };
        Some(PartialContext { range: levels(policy, level), ..self.label(like)? })
    }

    /// The label that `:Z` gives: the same type at the container's own level.
    pub fn private_label(
        &self,
        policy: &Policy<'_>,
        container: &PartialContext,
        like: &PartialContext,
    ) -> Option<PartialContext> {
        let level = container.range.as_ref()?.low.clone();
        Some(PartialContext { range: levels(policy, level), ..self.label(like)? })
    }

    fn label(&self, like: &PartialContext) -> Option<PartialContext> {
        Some(PartialContext { user: like.user, role: like.role, ..PartialContext::of_type(self.file?) })
    }

    /// Whether a label is the one that runtimes give to files of containers without separation.
    pub fn is_reserved(&self, policy: &Policy<'_>, label: &PartialContext) -> bool {
        let Some(range) = &label.range else { return false };
        // Category cN has the value N + 1 where names follow values, which they do for all compilers' c0.cN.
        let values: Vec<u32> = range.low.categories.values().collect();
        let names: Vec<Option<String>> =
            values.iter().map(|value| policy.category_name(*value).map(|name| name.to_string())).collect();
        names == RESERVED.map(|number| Some(format!("c{number}")))
    }
}

fn levels(policy: &Policy<'_>, level: MlsLevel) -> Option<MlsRange> {
    policy.header().mls.then(|| MlsRange::single(level))
}
