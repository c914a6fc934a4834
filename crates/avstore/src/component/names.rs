//! Names that the file has only as numbers: initial SIDs, policy capabilities, protocols.

use std::borrow::Cow;

use policydb::Platform;

/// Source: `initial_sid_to_string.h` of kernels up to 5.6, the last that used them all.
const SELINUX_SIDS: [&str; 28] = [
    "undefined",
    "kernel",
    "security",
    "unlabeled",
    "fs",
    "file",
    "file_labels",
    "init",
    "any_socket",
    "port",
    "netif",
    "netmsg",
    "node",
    "igmp_packet",
    "icmp_socket",
    "tcp_socket",
    "sysctl_modprobe",
    "sysctl",
    "sysctl_fs",
    "sysctl_kernel",
    "sysctl_net",
    "sysctl_net_unix",
    "sysctl_vm",
    "sysctl_dev",
    "kmod",
    "policy",
    "scmp_packet",
    "devnull",
];

/// As SETools has them, whose numbers differ from Xen's own `initial_sids`.
const XEN_SIDS: [&str; 12] = [
    "xen",
    "dom0",
    "domxen",
    "domio",
    "unlabeled",
    "security",
    "irq",
    "iomem",
    "ioport",
    "device",
    "domU",
    "domDM",
];

/// Source: `polcap_names` in libsepol's `polcaps.c`.
const CAPABILITIES: [&str; 15] = [
    "network_peer_controls",
    "open_perms",
    "extended_socket_class",
    "always_check_network",
    "cgroup_seclabel",
    "nnp_nosuid_transition",
    "genfs_seclabel_symlinks",
    "ioctl_skip_cloexec",
    "userspace_initial_context",
    "netlink_xperm",
    "netif_wildcard",
    "genfs_seclabel_wildcard",
    "functionfs_seclabel",
    "memfd_class",
    "bpf_token_perms",
];

/// The name of an initial SID, by its number in the file.
pub fn initial_sid_name(platform: Platform, number: u32) -> Cow<'static, str> {
    let names: &[&str] = match platform {
        Platform::Selinux => &SELINUX_SIDS,
        Platform::Xen => &XEN_SIDS,
    };
    named(names, number, "sid")
}

/// The name of a policy capability, by its number.
pub fn capability_name(number: u32) -> Cow<'static, str> {
    named(&CAPABILITIES, number, "capability")
}

/// The name of an IP protocol that ports are of. Source: `IPPROTO_*`.
pub fn protocol_name(number: u32) -> Cow<'static, str> {
    match number {
        6 => "tcp".into(),
        17 => "udp".into(),
        33 => "dccp".into(),
        132 => "sctp".into(),
        number => format!("<protocol-{number}>").into(),
    }
}

fn named(names: &[&'static str], number: u32, what: &str) -> Cow<'static, str> {
    match names.get(number as usize) {
        Some(name) => (*name).into(),
        None => format!("<{what}-{number}>").into(),
    }
}
