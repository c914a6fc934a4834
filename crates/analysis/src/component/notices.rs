//! What a reader of a policy should notice, and would not by looking at counts.

use avstore::{Store, shown_name};
use policydb::format::Feature;
use policydb::{HandleUnknown, TypeId};

/// Attributes of container domains, in policies that have such: Fedora's and the reference policy's.
const CONTAINER_DOMAINS: [&[u8]; 2] = [b"container_domain", b"svirt_sandbox_domain"];
/// The attribute by which MCS constraints bind a domain, likewise.
const MCS_CONSTRAINED: &[u8] = b"mcs_constrained_type";

/// Something that stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A stable name of it.
    pub id: &'static str,
    /// What it is.
    pub text: String,
    /// What it means, where that does not follow.
    pub meaning: &'static str,
    /// Whom it is about.
    pub names: Vec<String>,
}

/// The notices about a policy of which `n_bytes` were given. O(types × attributes).
pub fn notices(store: &Store<'_>, n_bytes: usize) -> Vec<Notice> {
    let policy = store.policy();
    let mut notices = Vec::new();
    let mut add = |id, names: Vec<String>, text: &str, meaning| {
        notices.push(Notice { id, text: text.to_owned(), meaning, names });
    };
    let names = |ids: &mut dyn Iterator<Item = TypeId>| -> Vec<String> {
        let mut names: Vec<String> = ids.map(|id| shown_name(&store.type_name(id).bytes())).collect();
        names.sort_unstable();
        names
    };
    let permissive = names(&mut policy.permissive_types().bits().filter_map(TypeId::from_value));
    if !permissive.is_empty() {
        add(
            "permissive",
            permissive,
            "permissive types",
            "what they are denied is logged, and done all the same",
        );
    }
    let neveraudit = names(&mut policy.neveraudit_types().bits().filter_map(TypeId::from_value));
    if !neveraudit.is_empty() {
        add(
            "neveraudit",
            neveraudit,
            "types that are never audited",
            "their denials leave no trace in the log",
        );
    }
    match policy.header().handle_unknown {
        HandleUnknown::Allow => add(
            "unknown_allowed",
            Vec::new(),
            "unknown classes and permissions are allowed",
            "handle_unknown: what the kernel has and this policy does not define",
        ),
        HandleUnknown::Reject => add(
            "unknown_rejected",
            Vec::new(),
            "unknown classes and permissions are rejected",
            "handle_unknown: a kernel that has some which this policy does not define refuses to load it",
        ),
        HandleUnknown::Deny => {}
    }
    let outside = containers_outside_mcs(store);
    if !outside.is_empty() {
        add(
            "containers_outside_mcs",
            names(&mut outside.into_iter()),
            "container domains outside MCS",
            "they lack mcs_constrained_type: categories do not keep them apart",
        );
    }
    if !policy.header().mls {
        add("no_levels", Vec::new(), "no levels", "neither MLS nor MCS keeps contexts of one type apart");
    }
    if policy.format().has(Feature::Bounds) {
        let empty = names(&mut empty_attributes(store));
        if !empty.is_empty() {
            add("empty_attributes", empty, "attributes without types", "rules on them grant nothing");
        }
    } else {
        add(
            "unnamed_attributes",
            Vec::new(),
            "attributes without names",
            "policies have them since version 24: here they are <unnamed-N>, and containers outside MCS are not looked for",
        );
    }
    let behind = n_bytes.saturating_sub(policy.n_bytes());
    if behind > 0 {
        add(
            "bytes_behind",
            Vec::new(),
            &format!("{behind} bytes behind the policy's end"),
            "nothing reads them",
        );
    }
    notices
}

fn containers_outside_mcs(store: &Store<'_>) -> Vec<TypeId> {
    let policy = store.policy();
    let Some(constrained) = policy.type_named(MCS_CONSTRAINED) else { return Vec::new() };
    let mut outside = store.empty_set();
    for attribute in CONTAINER_DOMAINS.iter().filter_map(|name| policy.type_named(name)) {
        if store.is_attribute(attribute) {
            let members = store.members(attribute);
            members
                .iter()
                .filter(|&member| !store.applies(constrained, member))
                .for_each(|member| outside.insert(member));
        }
    }
    outside.iter().collect()
}

fn empty_attributes<'s>(store: &'s Store<'_>) -> impl Iterator<Item = TypeId> + 's {
    let mut by_types = store.empty_set();
    for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
        by_types.insert_all(store.policy().attributes_of(id));
    }
    store.type_ids().filter(move |&id| store.is_attribute(id) && !by_types.contains(id))
}
