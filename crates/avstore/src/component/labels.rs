//! Labelling statements: what is labelled, as policy language writes it, and the label.
//!
//! Numbers and blanks are those of policy language; with [`FileNames::Bare`] they are those of SETools 4.4.1.

use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use policydb::{Context, GenfsPath, Name, Object, Policy};

use super::Component;
use super::names::{initial_sid_name, protocol_name};
use crate::level::write_range;
use crate::statement::{UNNAMED, write_name, write_type};
use crate::{FileNames, Store};

/// Appends a context: `user:role:type`, with `:range` where the policy has levels.
pub(super) fn write_context(store: &Store<'_>, context: &Context<'_>, names: FileNames, out: &mut Vec<u8>) {
    let policy = store.policy();
    write_name(policy.user_name(context.user).unwrap_or(UNNAMED), names, out);
    out.push(b':');
    write_name(policy.role_name(context.role).unwrap_or(UNNAMED), names, out);
    out.push(b':');
    write_type(store.type_name(context.r#type), names, out);
    if let Some(range) = context.range.filter(|_| policy.header().mls) {
        out.push(b':');
        write_range(policy, range, names, out);
    }
}

/// A context as text.
pub fn context_text(store: &Store<'_>, context: &Context<'_>) -> String {
    let mut text = Vec::new();
    write_context(store, context, FileNames::Quoted, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// What a labelling statement is about, without keyword and label: `tcp 80`, `10.0.0.0 255.0.0.0`, `proc /`.
pub fn object_text(policy: &Policy<'_>, object: Object<'_>) -> String {
    let mut text = Vec::new();
    write_object(policy, object, FileNames::Quoted, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The keyword of a labelling statement.
pub(super) fn keyword(object: Object<'_>) -> &'static str {
    match object {
        Object::InitialSid(_) => "sid",
        Object::FileSystem(_) => "fscon",
        Object::Port { .. } => "portcon",
        Object::Interface(_) => "netifcon",
        Object::Node(..) | Object::Node6(..) => "nodecon",
        Object::FsUse(1, _) => "fs_use_xattr",
        Object::FsUse(2, _) => "fs_use_trans",
        Object::FsUse(3, _) => "fs_use_task",
        // The kernel keeps such a statement, and treats the file system as one without labels.
        Object::FsUse(..) => "fs_use_none",
        Object::IbPkey(..) => "ibpkeycon",
        Object::IbEndPort(..) => "ibendportcon",
        Object::Pirq(_) => "pirqcon",
        Object::IoPort(..) => "ioportcon",
        Object::IoMem(..) => "iomemcon",
        Object::PciDevice(_) => "pcidevicecon",
        Object::DeviceTree(_) => "devicetreecon",
    }
}

/// Appends what a labelling statement is about.
pub(super) fn write_object(policy: &Policy<'_>, object: Object<'_>, names: FileNames, out: &mut Vec<u8>) {
    // COMPAT(setools): Xen's numbers in decimal; policy language has them in hexadecimal.
    let is_decimal = names == FileNames::Bare;
    // Writing to a vector does not fail.
    let _ = match object {
        Object::InitialSid(number) => {
            write!(out, "{}", initial_sid_name(policy.format().platform, number))
        }
        Object::FileSystem(name) | Object::Interface(name) | Object::FsUse(_, name) => {
            write_name(name, names, out);
            Ok(())
        }
        Object::DeviceTree(path) => {
            write_path(path, names, out);
            Ok(())
        }
        Object::Port { protocol, low, high } => {
            let protocol = protocol_name(protocol);
            if low == high { write!(out, "{protocol} {low}") } else { write!(out, "{protocol} {low}-{high}") }
        }
        Object::Node(address, mask) => {
            let (address, mask) = (u32::from_be_bytes(address), u32::from_be_bytes(mask));
            // COMPAT(setools): the mask as a prefix of as many bits, the address without those behind it.
            let mask = match mask.count_ones() {
                0 => 0,
                _ if !is_decimal => mask,
                ones => u32::MAX.unbounded_shl(32u32.saturating_sub(ones)),
            };
            let address = if is_decimal { address & mask } else { address };
            write!(out, "{} {}", Ipv4Addr::from(address), Ipv4Addr::from(mask))
        }
        Object::Node6(address, mask) => {
            let (address, mask) = (u128::from_be_bytes(address), u128::from_be_bytes(mask));
            let mask = match mask.count_ones() {
                0 => 0,
                _ if !is_decimal => mask,
                ones => u128::MAX.unbounded_shl(128u32.saturating_sub(ones)),
            };
            let address = if is_decimal { address & mask } else { address };
            write!(out, "{} {}", ipv6(address, is_decimal), ipv6(mask, is_decimal))
        }
        Object::IbPkey(prefix, low, high) => {
            let prefix = ipv6(u128::from(u64::from_be_bytes(prefix)) << 64, is_decimal);
            if low == high {
                write!(out, "{prefix} {low:#x}")
            } else {
                write!(out, "{prefix} {low:#x}-{high:#x}")
            }
        }
        Object::IbEndPort(device, port) => {
            write_name(device, names, out);
            write!(out, " {port}")
        }
        Object::Pirq(irq) => write!(out, "{irq}"),
        Object::IoPort(low, high) => write_numbers(u64::from(low), u64::from(high), is_decimal, out),
        Object::IoMem(low, high) => write_numbers(low, high, is_decimal, out),
        Object::PciDevice(device) => write_numbers(u64::from(device), u64::from(device), is_decimal, out),
    };
}

fn write_numbers(low: u64, high: u64, is_decimal: bool, out: &mut Vec<u8>) -> std::io::Result<()> {
    match (low == high, is_decimal) {
        (true, true) => write!(out, "{low}"),
        (false, true) => write!(out, "{low}-{high}"),
        (true, false) => write!(out, "{low:#x}"),
        (false, false) => write!(out, "{low:#x}-{high:#x}"),
    }
}

/// An IPv6 address. Python, unlike Rust, writes those that carry an IPv4 address like all others.
fn ipv6(address: u128, as_python: bool) -> String {
    let address = Ipv6Addr::from(address);
    if as_python && address.to_ipv4_mapped().is_some() {
        let [.., high, low] = address.segments();
        return format!("::ffff:{high:x}:{low:x}");
    }
    address.to_string()
}

/// Appends what a `genfscon` is about: file system, path, and the letter of the class of file.
pub(super) fn write_genfs(
    store: &Store<'_>,
    fstype: Name<'_>,
    path: &GenfsPath<'_>,
    names: FileNames,
    out: &mut Vec<u8>,
) {
    write_name(fstype, names, out);
    out.push(b' ');
    write_path(path.path, names, out);
    let class = path.class.map(|class| store.class_name(class));
    let letter = match class.map(Name::as_bytes) {
        Some(b"blk_file") => "-b",
        Some(b"chr_file") => "-c",
        Some(b"dir") => "-d",
        Some(b"fifo_file") => "-p",
        Some(b"file") => "--",
        Some(b"lnk_file") => "-l",
        Some(b"sock_file") => "-s",
        _ => "",
    };
    // COMPAT(setools): without a class of file, a blank is left where its letter would stand.
    if names == FileNames::Bare || !letter.is_empty() {
        out.push(b' ');
        out.extend(letter.as_bytes());
    }
}

/// A path: policy language knows it by its slash, so colons may stand in it.
fn write_path(path: Name<'_>, names: FileNames, out: &mut Vec<u8>) {
    if path.as_bytes().iter().all(u8::is_ascii_graphic) {
        out.extend(path.as_bytes());
    } else {
        write_name(path, names, out);
    }
}

/// What a labelling statement is about, with its keyword and without its label: `portcon tcp 80`, `genfscon proc /`.
pub fn labelled_bytes(store: &Store<'_>, component: &Component<'_>, names: FileNames) -> Vec<u8> {
    let mut text = Vec::new();
    match component {
        Component::Label(label) => {
            text.extend(keyword(label.object).as_bytes());
            text.push(b' ');
            write_object(store.policy(), label.object, names, &mut text);
        }
        Component::Genfs(fstype, path) => {
            text.extend(b"genfscon ");
            write_genfs(store, *fstype, path, names, &mut text);
        }
        _ => {}
    }
    text
}

/// A context, with names as they are wanted.
pub fn context_bytes(store: &Store<'_>, context: &Context<'_>, names: FileNames) -> Vec<u8> {
    let mut text = Vec::new();
    write_context(store, context, names, &mut text);
    text
}
