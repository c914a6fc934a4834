//! A denial, and what is asked of it again and again while fixes are looked for.

use avstore::Store;
use labels::runtime::is_refused;
use policydb::TypeId;

use super::{Cause, Denied};
use crate::containers::Containers;
use crate::context::PartialContext;
use crate::decide::{Access, Circumstances, Decider, Proof};

/// Classes of files, which have labels of their own.
const FILES: [&[u8]; 7] =
    [b"file", b"dir", b"lnk_file", b"sock_file", b"fifo_file", b"chr_file", b"blk_file"];
/// Types of directories that engines refuse to relabel wherever they are: homes, and what homes are in.
const WHOLE_HOMES: [&[u8]; 2] = [b"user_home_dir_t", b"home_root_t"];
/// Types of files that hold a system's secrets, and its identity: their label is their protection.
const GUARDED: [&[u8]; 8] = [
    b"shadow_t",
    b"passwd_file_t",
    b"sshd_key_t",
    b"sssd_var_lib_t",
    b"krb5_keytab_t",
    b"selinux_config_t",
    b"policy_config_t",
    b"auditd_log_t",
];

/// A denial and what is known of it.
pub(super) struct Case<'a, 's, 'p> {
    pub(super) decider: &'a Decider<'s, 'p>,
    pub(super) circumstances: &'a Circumstances,
    pub(super) containers: &'a Containers,
    pub(super) denied: &'a Denied,
    pub(super) causes: &'a [Cause<'p>],
    pub(super) proof: &'a Proof<'p>,
    pub(super) store: &'s Store<'p>,
}

/// Types of what has no label: the kernel's initial one, and what it was called before.
pub(super) const UNLABELLED: [&[u8]; 3] = [b"unlabeled_t", b"unlabeled", b"file_t"];

impl Case<'_, '_, '_> {
    pub(super) fn is_container(&self) -> bool {
        self.containers.is_confined(self.denied.source.r#type)
    }

    /// Whether the target is one of these classes.
    pub(super) fn is_class(&self, names: &[&[u8]]) -> bool {
        names.contains(&self.store.class_name(self.denied.class).as_bytes())
    }

    pub(super) fn is_file(&self) -> bool {
        self.is_class(&FILES)
    }

    pub(super) fn is_named(&self, id: TypeId, names: &[&[u8]]) -> bool {
        names.iter().any(|name| self.store.policy().type_named(name) == Some(id))
    }

    /// Whether a permission is among the denied ones.
    pub(super) fn wants(&self, name: &[u8]) -> bool {
        let permission = self.store.permission_named(self.denied.class, name);
        permission.is_some_and(|permission| self.denied.permissions >> permission.bit & 1 == 1)
    }

    pub(super) fn has_attribute(&self, id: TypeId, attribute: &[u8]) -> bool {
        has_attribute(self.store, id, attribute)
    }

    /// Whether the target is a file without a label that the policy knows, which can be given one.
    pub(super) fn is_unlabelled(&self) -> bool {
        self.is_file() && self.is_named(self.denied.target.r#type, &UNLABELLED)
    }

    /// Whether the denied access would be granted.
    pub(super) fn granted(&self, source: &PartialContext, target: &PartialContext) -> bool {
        grants(self.decider, self.denied, source, target)
    }

    /// Whether some of what is denied would be granted.
    pub(super) fn helps(&self, source: &PartialContext, target: &PartialContext) -> bool {
        let access = Access { source, target, class: self.denied.class };
        let lacking = self.denied.permissions & !self.proof.granted();
        self.decider.decide(&access).possible & lacking != 0
    }

    /// Whether the target is one whose label must stay, for it protects the system.
    pub(super) fn is_guarded(&self) -> bool {
        let target = self.denied.target.r#type;
        self.is_named(target, &GUARDED) || self.has_attribute(target, b"security_file_type")
    }

    /// Whether the target is a whole home directory.
    pub(super) fn is_home(&self) -> bool {
        match &self.denied.host_path {
            Some(path) => is_home(path) || path == "/home",
            None => self.is_class(&[b"dir"]) && self.is_named(self.denied.target.r#type, &WHOLE_HOMES),
        }
    }

    /// Whether the target is a directory that no engine relabels, by its path on the host or by what has its type.
    pub(super) fn is_never_relabelled(&self) -> bool {
        match &self.denied.host_path {
            Some(path) => is_refused(path, &[]) || self.is_home(),
            None => self.is_home(),
        }
    }
}

/// Whether a path is a whole home directory: `/home/NAME`.
fn is_home(path: &str) -> bool {
    let name = path.strip_prefix("/home/").map(|name| name.trim_end_matches('/'));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// Whether a type has an attribute of this name.
pub(super) fn has_attribute(store: &Store<'_>, id: TypeId, attribute: &[u8]) -> bool {
    let attribute = store.policy().type_named(attribute);
    attribute.is_some_and(|attribute| store.is_attribute(attribute) && store.applies(attribute, id))
}

/// Whether all that was denied would be granted between two contexts, commands too.
pub(super) fn grants(
    decider: &Decider<'_, '_>,
    denied: &Denied,
    source: &PartialContext,
    target: &PartialContext,
) -> bool {
    let access = Access { source, target, class: denied.class };
    decider.decide(&access).possible & denied.permissions == denied.permissions
        && denied
            .commands
            .iter()
            .all(|(operation, command)| decider.command(&access, *operation, *command).allowed)
}

#[cfg(test)]
mod tests {
    use super::is_home;

    #[test]
    fn homes_are_told_by_their_paths() {
        assert!(is_home("/home/ada") && is_home("/home/ada/"));
        assert!(!is_home("/home/ada/www") && !is_home("/home/") && !is_home("/srv/home/ada"));
    }
}
