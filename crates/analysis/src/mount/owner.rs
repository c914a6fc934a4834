//! Whose a tree is: what should not be relabelled for containers, and what belongs to nobody and may be.
//!
//! Asked in this order: file contexts that give it to containers; where it stands ([`HostTree`]); types of homes, keys and
//! logs; services by whose name its type is called; types outside of these tables that many of the host's domains use. A type
//! that is given in general ([`GENERAL`]: var_t, usr_t, default_t) says nothing, however many may use it: it is what files have
//! that nobody claimed. Names are those of the reference policy and Fedora's, which share them. O(domains that lose access).

use avstore::Store;
use labels::runtime::HostTree;
use policydb::{Object, TypeId};

use super::services::{Losing, owns};
use crate::containers::Containers;
use crate::names::has_attribute;

/// Whose a tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It is of this part of the host.
    Part(HostTree),
    /// Domains of the host, by the name of its type.
    Services(Vec<TypeId>),
}

/// What is known of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its path on the host, if known.
    pub path: Option<&'a str>,
    /// Home directories that are known.
    pub homes: &'a [String],
    /// The type that it has.
    pub r#type: TypeId,
    /// The type that file contexts give it.
    pub expected: Option<TypeId>,
    /// The domains that lose access if it is relabelled for containers.
    pub losing: &'a Losing,
}

/// Types that files have of which nobody said what they are.
const GENERAL: [&[u8]; 23] = [
    b"admin_home_t",
    b"bin_t",
    b"cache_home_t",
    b"config_home_t",
    b"data_home_t",
    b"default_t",
    b"etc_t",
    b"file_t",
    b"home_bin_t",
    b"lib_t",
    b"man_t",
    b"mnt_t",
    b"root_t",
    b"src_t",
    b"tmp_t",
    b"unlabeled_t",
    b"user_home_t",
    b"user_tmp_t",
    b"usr_t",
    b"var_lib_t",
    b"var_run_t",
    b"var_spool_t",
    b"var_t",
];
/// Types that tell a home directory, or where the homes stand.
const HOMES: [(&[u8], HostTree); 2] =
    [(b"user_home_dir_t", HostTree::Home), (b"home_root_t", HostTree::Homes)];
/// Types of keys.
const KEYS: [&[u8]; 6] =
    [b"ssh_home_t", b"shadow_t", b"home_cert_t", b"gpg_secret_t", b"sshd_key_t", b"krb5_keytab_t"];
/// Ends of names of such types.
const KEY_ENDINGS: [&str; 4] = ["_key_t", "_keytab_t", "_secret_t", "_ssh_home_t"];
/// The attribute of what guards the system, in the reference policy.
const GUARDED: &[u8] = b"security_file_type";
/// The attribute of logs.
const LOGS: &[u8] = b"logfile";
/// The number of the initial context of what has no label. Source: `SECINITSID_UNLABELED` of the kernel.
const UNLABELLED: u32 = 3;

impl Owner {
    /// Whose a tree is; nothing if it is nobody's, so that it may be relabelled.
    pub fn of(store: &Store<'_>, containers: &Containers, asked: &Asked<'_>) -> Option<Self> {
        let types = || [Some(asked.r#type), asked.expected].into_iter().flatten();
        if asked.expected.is_some() && asked.expected == containers.file {
            return None;
        }
        let part = asked.path.and_then(|path| HostTree::of(path, asked.homes));
        match part {
            // What a distribution keeps volumes in, among what engines have.
            Some(HostTree::Storage) if containers.file == Some(asked.r#type) => return None,
            Some(part) => return Some(Owner::Part(part)),
            None => {}
        }
        if let Some(part) = types().find_map(|id| part_by_type(store, id)) {
            return Some(Owner::Part(part));
        }
        let named = |id: TypeId| store.type_name(id).to_string();
        let claimed: Vec<TypeId> = types().filter(|id| !is_general(store, *id)).collect();
        let names: Vec<String> = claimed.iter().map(|id| named(*id)).collect();
        let is_owner = |id: &TypeId| names.iter().any(|name| owns(&named(*id), name));
        let owners: Vec<TypeId> =
            asked.losing.services.iter().map(|service| service.id).filter(is_owner).collect();
        if !owners.is_empty() {
            return Some(Owner::Services(owners));
        }
        let is_of_many = asked.losing.is_of_system() && claimed.contains(&asked.r#type);
        is_of_many.then_some(Owner::Part(HostTree::System))
    }

    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            Owner::Part(HostTree::Host) => "host",
            Owner::Part(HostTree::Top) => "top_directory",
            Owner::Part(HostTree::Homes) => "homes",
            Owner::Part(HostTree::Home) => "home",
            Owner::Part(HostTree::Keys) => "keys",
            Owner::Part(HostTree::Logs) => "logs",
            Owner::Part(HostTree::Storage) => "engine_storage",
            Owner::Part(HostTree::System) => "system",
            Owner::Services(_) => "services",
        }
    }
}

/// What a type tells by itself.
fn part_by_type(store: &Store<'_>, id: TypeId) -> Option<HostTree> {
    let name = store.type_name(id).to_string();
    if let Some((_, part)) = HOMES.iter().find(|(home, _)| *home == name.as_bytes()) {
        return Some(*part);
    }
    let is_key = KEYS.contains(&name.as_bytes()) || KEY_ENDINGS.iter().any(|ending| name.ends_with(ending));
    if is_key || has_attribute(store, id, GUARDED) {
        return Some(HostTree::Keys);
    }
    has_attribute(store, id, LOGS).then_some(HostTree::Logs)
}

/// Whether a type is one that files have of which nobody said what they are.
pub fn is_general(store: &Store<'_>, id: TypeId) -> bool {
    GENERAL.iter().any(|name| store.policy().type_named(name) == Some(id)) || is_unlabelled(store, id)
}

/// Whether a type is that of what has no label, or one that the policy does not know. O(initial contexts).
pub fn is_unlabelled(store: &Store<'_>, id: TypeId) -> bool {
    let initial = store.policy().object_contexts().first();
    let found = initial
        .and_then(|list| list.iter().find(|record| matches!(record.object, Object::InitialSid(UNLABELLED))));
    found.is_some_and(|record| record.context.r#type == id)
}
