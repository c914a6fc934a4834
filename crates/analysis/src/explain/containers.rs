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
/// Categories of the label that a runtime gives to files of containers without separation: one below the last two.
/// Source: `reserveLabel(privContainerMountLabel)` of go-selinux.
const RESERVED: [u32; 2] = [1022, 1023];

/// The value of the lowest sensitivity, `s0`.
const LOWEST: u32 = 1;

/// The containers of a policy.
#[derive(Clone, Debug, Default)]
pub struct Containers {
    domains: Vec<TypeId>,
    /// The type of files that containers may write.
    pub file: Option<TypeId>,
    /// The type of files that they may only read: images.
    pub read_only_file: Option<TypeId>,
    /// The domain without confinement.
    pub unconfined: Option<TypeId>,
    /// Domains that start containers.
    pub runtime: Option<TypeId>,
}

impl Containers {
    /// Those of a policy. O(types).
    pub fn of(store: &Store<'_>) -> Self {
        let policy = store.policy();
        let mut domains = Vec::new();
        for attribute in DOMAINS.iter().filter_map(|name| policy.type_named(name)) {
            if store.is_attribute(attribute) {
                domains.extend(store.members(attribute).iter());
            }
        }
        let named = |name: &[u8]| policy.type_named(name).filter(|id| !store.is_attribute(*id));
        domains.extend(named(b"container_t"));
        domains.sort_unstable();
        domains.dedup();
        let unconfined = named(b"spc_t");
        domains.retain(|id| Some(*id) != unconfined);
        Containers {
            domains,
            file: named(b"container_file_t"),
            read_only_file: named(b"container_ro_file_t"),
            unconfined,
            runtime: named(b"container_runtime_t"),
        }
    }

    /// Whether a type is a domain in which containers are confined.
    pub fn is_confined(&self, id: TypeId) -> bool {
        self.domains.binary_search(&id).is_ok()
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
