//! Which domains of the host lose access to a tree when it gets another label.
//!
//! A domain loses a use if it was granted it under a label that the tree or what is below it has, and is not under the new
//! one; its level is left open.
//! First come those to whom the tree belongs: whose name begins the name of the type that file contexts give it, as
//! `httpd_t` that of `httpd_sys_content_t`, and `sshd_t` that of `ssh_home_t`. O(rules + domains) for each use.

use policydb::TypeId;

use crate::containers::Containers;
use crate::context::PartialContext;
use crate::decide::{Decider, Sought};

/// A use that a service may lose: a name, a class, the permissions.
type Losable = (&'static str, &'static [u8], &'static [&'static [u8]]);

/// Uses that a service may lose.
const USES: [Losable; 5] = [
    ("read", b"file", &[b"open", b"read"]),
    ("write", b"file", &[b"open", b"write"]),
    ("append", b"file", &[b"open", b"append"]),
    ("create", b"dir", &[b"write", b"add_name"]),
    ("sockets", b"sock_file", &[b"write"]),
];
/// Domains beyond which what they use is the system's own.
const MANY: usize = 25;

/// Domains that lose access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losing {
    /// Those, the owners first, then by name.
    pub services: Vec<Service>,
}

impl Losing {
    /// Whether so many lose it that the tree is the system's own.
    pub fn is_of_system(&self) -> bool {
        self.services.len() > MANY
    }
}

/// A domain of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The domain.
    pub id: TypeId,
    /// What it loses: `read`, `write`, `append`, `create`, `sockets`.
    pub loses: Vec<&'static str>,
    /// Whether the tree is its own, by the name of the type that file contexts give it, else of the type that it has.
    pub owns: bool,
}

/// The domains that are granted something under the labels that a tree has, and not under `after`. `expected` is the type that
/// file contexts give the tree.
pub(crate) fn losing(
    decider: &Decider<'_, '_>,
    containers: &Containers,
    labels: &[&PartialContext],
    expected: Option<TypeId>,
    after: &PartialContext,
) -> Losing {
    let store = decider.store();
    let mut services: Vec<Service> = Vec::new();
    let first = labels.first().map(|label| expected.unwrap_or(label.r#type));
    let owned: Vec<String> = first
        .into_iter()
        .chain(labels.iter().skip(1).map(|label| label.r#type))
        .map(|id| store.type_name(id).to_string())
        .collect();
    for (name, class, permissions) in USES {
        let Some(class) = store.policy().class_named(class) else { continue };
        let known = permissions.iter().filter_map(|name| store.permission_named(class, name));
        let mask = known.fold(0u32, |mask, permission| mask | 1 << permission.bit);
        let granted = |label: &PartialContext| {
            let grants = decider.who_can(Sought::Sources, label, class, mask, false);
            grants.into_iter().map(|grant| grant.id).collect::<Vec<TypeId>>()
        };
        let kept = granted(after);
        let mut before: Vec<TypeId> = labels.iter().flat_map(|label| granted(label)).collect();
        before.sort_unstable();
        before.dedup();
        for id in before {
            if kept.binary_search(&id).is_ok() || containers.is_confined(id) {
                continue;
            }
            match services.iter_mut().find(|service| service.id == id) {
                // Who may write may append.
                Some(service) if name == "append" && service.loses.contains(&"write") => {}
                Some(service) => service.loses.push(name),
                None => {
                    let domain = store.type_name(id).to_string();
                    let owns = owned.iter().any(|owned| owns(&domain, owned));
                    services.push(Service { id, loses: vec![name], owns });
                }
            }
        }
    }
    services.sort_by_cached_key(|service| (!service.owns, store.type_name(service.id).to_string()));
    Losing { services }
}

/// Whether a domain's name says that a type is its own.
pub fn owns(domain: &str, r#type: &str) -> bool {
    let stem = domain.strip_suffix("_t").unwrap_or(domain);
    // `mysqld_t` owns `mysqld_db_t`, and `postgresql_t` `postgresql_db_t`; not `init_t` `initrc_state_t`.
    let begins = |stem: &str| r#type.strip_prefix(stem).is_some_and(|rest| rest.starts_with('_'));
    // A daemon's files are often named without its `d`.
    begins(stem) || stem.strip_suffix('d').is_some_and(|stem| stem.len() > 1 && begins(stem))
}

#[cfg(test)]
mod tests {
    use super::owns;

    #[test]
    fn names_tell_what_belongs_to_a_domain() {
        assert!(owns("httpd_t", "httpd_sys_content_t"));
        assert!(owns("mysqld_t", "mysqld_db_t"));
        assert!(owns("sshd_t", "ssh_home_t"));
        assert!(!owns("init_t", "initrc_state_t"));
        assert!(!owns("crond_t", "httpd_sys_content_t"));
    }
}
