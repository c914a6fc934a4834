//! The object classes and permissions that the kernel itself asks about.
//!
//! The policy decides what they may do; this table only tells a class that a policy leaves undefined from a name
//! that nobody knows, and which classes are sockets. Source: `secclass_map` in the kernel's
//! `security/selinux/include/classmap.h` (Linux 6.17), and names that earlier kernels asked about.

/// Permissions that classes share.
#[derive(Clone, Copy)]
enum Group {
    /// None.
    Own,
    /// Those of everything that is a file.
    File,
    /// Those of System V objects.
    Ipc,
    /// The first 32 capabilities.
    Capability,
    /// The others.
    Capability2,
}

const FILE_AND_SOCKET: &str = "append create getattr ioctl lock map read relabelfrom relabelto setattr write";
const FILE: &str = "audit_access execmod execute link mounton open quotaon rename swapon unlink watch \
                    watch_mount watch_mountns watch_reads watch_sb watch_with_perm";
const SOCKET: &str =
    "accept bind connect getopt listen name_bind recv_msg recvfrom send_msg sendto setopt shutdown";
const IPC: &str = "associate create destroy getattr read setattr unix_read unix_write write";
const CAPABILITY: &str = "audit_control audit_write chown dac_override dac_read_search fowner fsetid ipc_lock ipc_owner \
                          kill lease linux_immutable mknod net_admin net_bind_service net_broadcast net_raw setfcap \
                          setgid setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace \
                          sys_rawio sys_resource sys_time sys_tty_config";
const CAPABILITY2: &str =
    "audit_read block_suspend bpf checkpoint_restore mac_admin mac_override perfmon syslog wake_alarm";

/// Name, shared permissions, and further ones of each class that is no plain socket.
const CLASSES: &[(&str, Group, &str)] = &[
    ("anon_inode", Group::File, ""),
    ("association", Group::Own, "polmatch recvfrom sendto setcontext"),
    ("binder", Group::Own, "call impersonate set_context_mgr transfer"),
    ("blk_file", Group::File, ""),
    ("bpf", Group::Own, "map_create map_read map_write prog_load prog_run"),
    ("cap2_userns", Group::Capability2, ""),
    ("cap_userns", Group::Capability, ""),
    ("capability", Group::Capability, ""),
    ("capability2", Group::Capability2, ""),
    ("chr_file", Group::File, "entrypoint execute_no_trans"),
    ("dir", Group::File, "add_name remove_name reparent rmdir search"),
    ("fd", Group::Own, "use"),
    ("fifo_file", Group::File, ""),
    ("file", Group::File, "entrypoint execute_no_trans"),
    (
        "filesystem",
        Group::Own,
        "associate getattr mount quotaget quotamod relabelfrom relabelto remount transition unmount watch",
    ),
    ("infiniband_endport", Group::Own, "manage_subnet"),
    ("infiniband_pkey", Group::Own, "access"),
    ("io_uring", Group::Own, "allowed cmd override_creds sqpoll"),
    ("ipc", Group::Ipc, ""),
    ("kernel_service", Group::Own, "create_files_as use_as_override"),
    ("key", Group::Own, "create link read search setattr view write"),
    ("lnk_file", Group::File, ""),
    ("lockdown", Group::Own, "confidentiality integrity"),
    ("memfd_file", Group::File, "entrypoint execute_no_trans"),
    ("memprotect", Group::Own, "mmap_zero"),
    ("msg", Group::Own, "receive send"),
    ("msgq", Group::Ipc, "enqueue"),
    (
        "netif",
        Group::Own,
        "dccp_recv dccp_send egress ingress rawip_recv rawip_send tcp_recv tcp_send udp_recv udp_send",
    ),
    (
        "node",
        Group::Own,
        "dccp_recv dccp_send enforce_dest rawip_recv rawip_send recvfrom sendto tcp_recv tcp_send udp_recv udp_send",
    ),
    ("packet", Group::Own, "forward_in forward_out recv relabelto send"),
    ("peer", Group::Own, "recv"),
    ("perf_event", Group::Own, "cpu kernel open read tracepoint write"),
    (
        "process",
        Group::Own,
        "dyntransition execheap execmem execstack fork getattr getcap getpgid getrlimit getsched getsession noatsecure \
         ptrace rlimitinh setcap setcurrent setexec setfscreate setkeycreate setpgid setrlimit setsched setsockcreate \
         share sigchld siginh sigkill signal signull sigstop transition",
    ),
    ("process2", Group::Own, "nnp_transition nosuid_transition"),
    (
        "security",
        Group::Own,
        "check_context compute_av compute_create compute_member compute_relabel compute_user load_policy read_policy \
         setbool setcheckreqprot setenforce setsecparam validate_trans",
    ),
    ("sem", Group::Ipc, ""),
    ("shm", Group::Ipc, "lock"),
    ("sock_file", Group::File, ""),
    (
        "system",
        Group::Own,
        "firmware_load ipc_info kexec_image_load kexec_initramfs_load module_load module_request policy_load syslog_console \
         syslog_mod syslog_read x509_certificate_load",
    ),
    ("user_namespace", Group::Own, "create"),
];

/// Socket classes, `_socket` left out, with permissions that not all sockets have.
const SOCKETS: &[(&str, &str)] = &[
    ("alg", ""),
    ("appletalk", ""),
    ("atmpvc", ""),
    ("atmsvc", ""),
    ("ax25", ""),
    ("bluetooth", ""),
    ("caif", ""),
    ("can", ""),
    ("dccp", "name_connect node_bind"),
    ("decnet", ""),
    ("icmp", "node_bind"),
    ("ieee802154", ""),
    ("ipx", ""),
    ("irda", ""),
    ("isdn", ""),
    ("iucv", ""),
    ("kcm", ""),
    ("key", ""),
    ("llc", ""),
    ("mctp", ""),
    ("netlink", ""),
    ("netlink_audit", "nlmsg nlmsg_read nlmsg_readpriv nlmsg_relay nlmsg_tty_audit nlmsg_write"),
    ("netlink_connector", ""),
    ("netlink_crypto", ""),
    ("netlink_dnrt", ""),
    ("netlink_fib_lookup", ""),
    ("netlink_generic", ""),
    ("netlink_iscsi", ""),
    ("netlink_kobject_uevent", ""),
    ("netlink_netfilter", ""),
    ("netlink_nflog", ""),
    ("netlink_rdma", ""),
    ("netlink_route", "nlmsg nlmsg_read nlmsg_write"),
    ("netlink_scsitransport", ""),
    ("netlink_selinux", ""),
    ("netlink_tcpdiag", "nlmsg nlmsg_read nlmsg_write"),
    ("netlink_xfrm", "nlmsg nlmsg_read nlmsg_write"),
    ("netrom", ""),
    ("nfc", ""),
    ("packet", ""),
    ("phonet", ""),
    ("pppox", ""),
    ("qipcrtr", ""),
    ("rawip", "node_bind"),
    ("rds", ""),
    ("rose", ""),
    ("rxrpc", ""),
    ("sctp", "association name_connect node_bind"),
    ("smc", ""),
    ("tcp", "acceptfrom connectto name_connect newconn node_bind"),
    ("tipc", ""),
    ("tun", "attach_queue"),
    ("udp", "node_bind"),
    ("unix_dgram", ""),
    ("unix_stream", "acceptfrom connectto newconn"),
    ("vsock", ""),
    ("x25", ""),
    ("xdp", ""),
];

/// Whether the kernel knows a class of this name as a socket: then new ones take role, type and range of their creator.
pub(super) fn is_socket(class: &[u8]) -> bool {
    class == b"socket" || socket_permissions(class).is_some()
}

/// Whether the kernel asks about classes of this name.
pub fn is_kernel_class(class: &[u8]) -> bool {
    is_socket(class) || CLASSES.iter().any(|(name, ..)| name.as_bytes() == class)
}

/// Whether the kernel asks about a permission of a class of this name.
pub fn is_kernel_permission(class: &[u8], permission: &[u8]) -> bool {
    let in_list = |list: &str| list.split_ascii_whitespace().any(|name| name.as_bytes() == permission);
    if is_socket(class) {
        return in_list(FILE_AND_SOCKET) || in_list(SOCKET) || socket_permissions(class).is_some_and(in_list);
    }
    let Some((_, group, own)) = CLASSES.iter().find(|(name, ..)| name.as_bytes() == class) else {
        return false;
    };
    let shared = match group {
        Group::Own => "",
        Group::File => FILE,
        Group::Ipc => IPC,
        Group::Capability => CAPABILITY,
        Group::Capability2 => CAPABILITY2,
    };
    in_list(own) || in_list(shared) || (matches!(group, Group::File) && in_list(FILE_AND_SOCKET))
}

fn socket_permissions(class: &[u8]) -> Option<&'static str> {
    let family = class.strip_suffix(b"_socket")?;
    SOCKETS.iter().find(|(name, _)| name.as_bytes() == family).map(|(_, own)| *own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_permissions_are_known() {
        assert!(is_kernel_permission(b"dir", b"search") && is_kernel_permission(b"dir", b"watch_reads"));
        assert!(is_kernel_permission(b"netlink_route_socket", b"nlmsg") && is_socket(b"socket"));
        assert!(!is_kernel_permission(b"file", b"search") && !is_kernel_permission(b"dbus", b"send_msg"));
        assert!(is_kernel_class(b"io_uring") && !is_kernel_class(b"dbus") && !is_socket(b"my_socket"));
    }
}
