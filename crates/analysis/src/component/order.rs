//! The order in which components are listed: by name; ports, addresses and levels by number; other statements by
//! text.

use avstore::{Component, ComponentWriter};
use policydb::Object;

/// What components of a kind are sorted by: numbers, then text.
pub fn sort_key(writer: &ComponentWriter<'_, '_>, component: &Component<'_>) -> ([u128; 3], Vec<u8>) {
    let numbers = match component {
        Component::Sensitivity(value) | Component::Category(value) => [u128::from(*value), 0, 0],
        Component::Label(label) => match label.object {
            Object::Port { protocol, low, high } => [protocol, low, high].map(u128::from),
            Object::Node(address, mask) => {
                [4, u128::from(u32::from_be_bytes(address)), u128::from(u32::from_be_bytes(mask))]
            }
            Object::Node6(address, mask) => [6, u128::from_be_bytes(address), u128::from_be_bytes(mask)],
            Object::IbPkey(prefix, low, high) => {
                [u128::from(u64::from_be_bytes(prefix)), u128::from(low), u128::from(high)]
            }
            Object::Pirq(number) | Object::PciDevice(number) => [u128::from(number), 0, 0],
            Object::IoPort(low, high) => [u128::from(low), u128::from(high), 0],
            Object::IoMem(low, high) => [u128::from(low), u128::from(high), 0],
            Object::IbEndPort(_, port) => [0, 0, u128::from(port)],
            _ => [0; 3],
        },
        _ => [0; 3],
    };
    let mut text = Vec::new();
    match writer.name(component) {
        Some(name) => text = name,
        None => writer.write_statement(component, &mut text),
    }
    (numbers, text)
}
