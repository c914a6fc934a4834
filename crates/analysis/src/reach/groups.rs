//! What a domain reaches, grouped as people think of it: a table of groups, each with the access that makes a type part of it.
//!
//! A type is in a group if one of the group's lists of permissions is granted as a whole, of one of its classes. Permissions and
//! classes that a policy does not have make no type part of anything.

use avstore::Store;
use policydb::ClassId;

/// A group.
#[derive(Debug)]
pub struct Group {
    /// A stable name.
    pub id: &'static str,
    /// What it stands under.
    pub heading: Heading,
    /// In words, as what may be done: `read files`.
    pub title: &'static str,
    /// Classes, and lists of permissions of which one is enough.
    pub access: &'static [(&'static [&'static str], &'static [&'static [&'static str]])],
    /// Whether it is types that are counted; else permissions.
    pub counts: Counts,
}

/// What a group counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Types other than the domain itself.
    Types,
    /// Permissions, on whatever type.
    Permissions,
}

/// What groups stand under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// Files, directories, sockets in the file system.
    Files,
    /// Other domains.
    Domains,
    /// Capabilities.
    Capabilities,
    /// The network.
    Network,
    /// Devices.
    Devices,
    /// What the kernel offers beside files.
    Kernel,
}

impl Heading {
    /// A stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Heading::Files => "files",
            Heading::Domains => "domains",
            Heading::Capabilities => "capabilities",
            Heading::Network => "network",
            Heading::Devices => "devices",
            Heading::Kernel => "kernel",
        }
    }
}

const CAPABILITIES: &[&str] = &["capability", "capability2"];
const USER_NAMESPACE: &[&str] = &["cap_userns", "cap2_userns"];
const ALL_FILES: &[&str] = &["file", "dir", "lnk_file", "sock_file", "fifo_file", "chr_file", "blk_file"];

/// All groups, in the order in which they are shown.
pub const GROUPS: &[Group] = &[
    group("read", Heading::Files, "read files", &[(&["file"], &[&["open", "read"]])]),
    group("write", Heading::Files, "write files", &[(&["file"], &[&["open", "write"], &["open", "append"]])]),
    group("create", Heading::Files, "create files", &[(&["file", "dir"], &[&["create"]])]),
    group("execute", Heading::Files, "execute files", &[(&["file"], &[&["execute"]])]),
    group("relabel", Heading::Files, "relabel files", &[(ALL_FILES, &[&["relabelto"], &["relabelfrom"]])]),
    group("mount_on", Heading::Files, "mount on", &[(&["dir", "file"], &[&["mounton"]])]),
    group("enter", Heading::Domains, "enter", &[(&["process"], &[&["transition"], &["dyntransition"]])]),
    group(
        "signal",
        Heading::Domains,
        "signal or kill",
        &[(&["process"], &[&["signal"], &["sigkill"], &["sigstop"]])],
    ),
    group("trace", Heading::Domains, "trace", &[(&["process"], &[&["ptrace"]])]),
    group(
        "connect",
        Heading::Domains,
        "connect to sockets of",
        &[(&["unix_stream_socket"], &[&["connectto"]]), (&["unix_dgram_socket"], &[&["sendto"]])],
    ),
    group("message", Heading::Domains, "send D-Bus messages to", &[(&["dbus"], &[&["send_msg"]])]),
    Group {
        id: "capabilities",
        heading: Heading::Capabilities,
        title: "capabilities",
        access: &[(CAPABILITIES, &[])],
        counts: Counts::Permissions,
    },
    Group {
        id: "namespace_capabilities",
        heading: Heading::Capabilities,
        title: "in user namespaces",
        access: &[(USER_NAMESPACE, &[])],
        counts: Counts::Permissions,
    },
    group(
        "connect_port",
        Heading::Network,
        "connect to ports",
        &[(&["tcp_socket", "udp_socket", "sctp_socket", "dccp_socket"], &[&["name_connect"]])],
    ),
    group(
        "bind_port",
        Heading::Network,
        "bind to ports",
        &[(&["tcp_socket", "udp_socket", "sctp_socket", "dccp_socket"], &[&["name_bind"]])],
    ),
    Group {
        id: "raw_network",
        heading: Heading::Network,
        title: "raw packets",
        access: &[(&["rawip_socket", "packet_socket"], &[&["create"], &["write"], &["read"]])],
        counts: Counts::Permissions,
    },
    group(
        "read_device",
        Heading::Devices,
        "read devices",
        &[(&["chr_file", "blk_file"], &[&["open", "read"]])],
    ),
    group(
        "write_device",
        Heading::Devices,
        "write devices",
        &[(&["chr_file", "blk_file"], &[&["open", "write"], &["open", "append"]])],
    ),
    Group {
        id: "kernel",
        heading: Heading::Kernel,
        title: "kernel interfaces",
        access: &[(
            &[
                "system",
                "security",
                "kernel_service",
                "bpf",
                "perf_event",
                "io_uring",
                "user_namespace",
                "key",
                "binder",
            ],
            &[],
        )],
        counts: Counts::Permissions,
    },
    group(
        "mount",
        Heading::Kernel,
        "mount file systems",
        &[(&["filesystem"], &[&["mount"], &["remount"], &["unmount"]])],
    ),
];

const fn group(
    id: &'static str,
    heading: Heading,
    title: &'static str,
    access: &'static [(&'static [&'static str], &'static [&'static [&'static str]])],
) -> Group {
    Group { id, heading, title, access, counts: Counts::Types }
}

/// A group's access in the terms of a policy.
#[derive(Debug)]
pub(super) struct Access {
    /// The class.
    pub(super) class: ClassId,
    /// Masks of which one is enough as a whole; without any, each permission counts for itself.
    pub(super) masks: Vec<u32>,
}

impl Group {
    /// What the group asks of a policy.
    pub(super) fn resolve(&self, store: &Store<'_>) -> Vec<Access> {
        let mut accesses = Vec::new();
        for (classes, lists) in self.access {
            for class in classes.iter().filter_map(|name| store.policy().class_named(name.as_bytes())) {
                let bit = |name: &&str| Some(1u32 << store.permission_named(class, name.as_bytes())?.bit);
                let mask = |list: &&[&str]| list.iter().map(bit).sum::<Option<u32>>();
                let masks: Vec<u32> = lists.iter().filter_map(mask).collect();
                if !masks.is_empty() || lists.is_empty() {
                    accesses.push(Access { class, masks });
                }
            }
        }
        accesses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut ids: Vec<&str> = GROUPS.iter().map(|group| group.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), GROUPS.len());
    }
}
