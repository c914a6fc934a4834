//! A denial, and what is asked of it again and again while fixes are looked for.

use avstore::Store;
use labels::runtime::is_refused;
use policydb::TypeId;

use super::{Cause, Denied};
use crate::containers::Containers;
use crate::context::PartialContext;
use crate::decide::{Access, Circumstances, Decider, Proof};
use crate::mount::is_unlabelled;
use crate::names::has_attribute;

/// Classes of files, which have labels of their own.
const FILES: [&[u8]; 7] =
    [b"file", b"dir", b"lnk_file", b"sock_file", b"fifo_file", b"chr_file", b"blk_file"];
/// Types of the sockets of container engines, in container-selinux and in the reference policy.
const ENGINE_SOCKETS: [&[u8]; 3] = [b"container_var_run_t", b"container_runtime_t", b"docker_var_run_t"];
/// How the names of these sockets end.
const ENGINE_SOCKET_NAMES: [&[u8]; 5] =
    [b"docker.sock", b"podman.sock", b"containerd.sock", b"crio.sock", b"buildkitd.sock"];
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

    /// Whether the target is a device.
    pub(super) fn is_device(&self) -> bool {
        self.is_class(&[b"chr_file", b"blk_file"])
            || (self.is_file() && self.has_attribute(self.denied.target.r#type, b"device_node"))
    }

    /// Whether the target is, as far as the record tells, the container's own root, which an engine without root's power lays
    /// together with fuse-overlayfs: what is mounted into it has a path on the host.
    pub(super) fn is_engines_storage(&self) -> bool {
        self.is_container()
            && self.denied.host_path.is_none()
            && self.is_named(self.denied.target.r#type, &[b"fusefs_t"])
    }

    /// Whether the target is the socket of a container engine, by its type, its name or who listens.
    pub(super) fn is_engine_socket(&self) -> bool {
        let target = self.denied.target.r#type;
        let name = self.denied.path.as_deref().or(self.denied.name.as_deref()).unwrap_or_default();
        let of_engine = |end: &&[u8]| name.ends_with(end);
        self.containers.is_runtime(target)
            || self.is_named(target, &ENGINE_SOCKETS)
            || ENGINE_SOCKET_NAMES.iter().any(of_engine)
    }

    pub(super) fn is_named(&self, id: TypeId, names: &[&[u8]]) -> bool {
        names.iter().any(|name| self.store.policy().type_named(name) == Some(id))
    }

    /// Whether a permission is among the denied ones.
    pub(super) fn wants(&self, name: &[u8]) -> bool {
        let permission = self.store.permission_named(self.denied.class, name);
        permission.is_some_and(|permission| self.denied.permissions >> permission.bit & 1 == 1)
    }

    /// Whether one of some permissions is among the denied ones.
    pub(super) fn wants_any(&self, names: &[&[u8]]) -> bool {
        names.iter().any(|name| self.wants(name))
    }

    /// Whether something is to be made or taken away.
    pub(super) fn makes(&self) -> bool {
        self.wants_any(&[b"create", b"unlink", b"rename", b"link"])
    }

    /// Whether nothing is denied but that a program that is started keeps what its starter set: environment, limits, signals.
    pub(super) fn only_clears_environment(&self) -> bool {
        let names = super::permission_names(self.store, self.denied.class, self.denied.permissions);
        self.is_class(&[b"process"])
            && !names.is_empty()
            && names.iter().all(|name| ["noatsecure", "rlimitinh", "siginh"].contains(&name.as_str()))
    }

    /// Whether the target is a disk, or the memory, itself.
    pub(super) fn is_raw_disk(&self) -> bool {
        let target = self.denied.target.r#type;
        self.is_device()
            && self.wants_any(&[b"open", b"read", b"write", b"append", b"ioctl", b"map"])
            && self.is_named(target, &[b"fixed_disk_device_t", b"memory_device_t"])
    }

    pub(super) fn has_attribute(&self, id: TypeId, attribute: &[u8]) -> bool {
        has_attribute(self.store, id, attribute)
    }

    /// Whether the target has no label that the policy knows, or that of old policies for it.
    pub(super) fn is_unlabelled(&self) -> bool {
        let target = self.denied.target.r#type;
        is_unlabelled(self.store, target) || self.is_named(target, &[b"file_t"])
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
pub(super) fn is_home(path: &str) -> bool {
    let name = path.strip_prefix("/home/").map(|name| name.trim_end_matches('/'));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
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
