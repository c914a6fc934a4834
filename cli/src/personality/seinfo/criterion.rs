//! What a query's value asks for, and which components have it.
//! Source: `descriptors.py`, `mixins.py` and the setters of the queries in SETools 4.4.1.

use avstore::{Component, ComponentWriter, Store};
use policydb::{Name, Object, TypeId};

use super::options::{Asked, Id};
use crate::personality::python_int::{natural, repr};
use crate::personality::python_ip::{Network, ip_network};
use crate::personality::setools::Failure;

/// What a component must have to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Criterion {
    /// Nothing.
    Any,
    /// This name.
    Name(String),
    /// A type of this name among its own.
    HasType(TypeId),
    /// Exactly these numbers, or, of ports, these within its own.
    Numbers(u128, u128),
    /// This network.
    Network(Network),
    /// What nothing has.
    Nothing,
}

impl Criterion {
    /// Understands what is asked of a section.
    ///
    /// # Errors
    /// SETools' message.
    pub(super) fn resolve(
        id: Id,
        asked: Asked<'_>,
        store: &Store<'_>,
        present_name: &dyn Fn(&str) -> String,
    ) -> Result<Self, Failure> {
        let Asked::Value(value) = asked else { return Ok(Criterion::Any) };
        let usage = |message: &str| Failure::Usage(message.to_owned());
        Ok(match id {
            Id::Bool => Criterion::Name(present_name(value)),
            Id::Constrain | Id::Default | Id::Validatetrans => {
                if store.policy().class_named(value.as_bytes()).is_none() {
                    return Err(Failure::Message(format!("{value} is not a valid class")));
                }
                Criterion::Name(value.to_owned())
            }
            Id::Ibpkeycon => {
                let (low, high) = numbers(value, 16)
                    .ok_or_else(|| usage("Enter a pkey number or range, e.g. 0x22 or 0x6000-0x6020"))?;
                let wrong = |why: &str| Err(Failure::Message(format!("{why}: {low:#x}-{high:#x}")));
                if low < 1 || high < 1 {
                    return wrong("Pkeys must be positive");
                } else if low > 0xffff || high > 0xffff {
                    return wrong("Pkeys maximum is 0xffff");
                } else if low > high {
                    return wrong("The low pkey must be smaller than the high pkey");
                }
                Criterion::Numbers(low, high)
            }
            Id::Nodecon => Criterion::Network(ip_network(value)?),
            Id::Portcon => {
                let (low, high) = numbers(value, 10)
                    .ok_or_else(|| usage("Enter a port number or range, e.g. 22 or 6000-6020"))?;
                if low == 0 || high == 0 {
                    // COMPAT(setools): a port of 0 is no criterion at all.
                    return Ok(Criterion::Any);
                } else if low > high {
                    return Err(Failure::Message(format!(
                        "The low port must be smaller than the high port: {low}-{high}"
                    )));
                }
                Criterion::Numbers(low, high)
            }
            Id::RoleTypes => match store.policy().type_named(value.as_bytes()) {
                // Aliases do not count.
                Some(id) if *store.type_name(id).bytes() == *value.as_bytes() => Criterion::HasType(id),
                _ => Criterion::Nothing,
            },
            Id::Iomemcon => {
                let message = "Enter an IO memory address or range, e.g. 0x22 or 0x6000-0x6020";
                let (low, high) = numbers(value, 16).ok_or_else(|| usage(message))?;
                Criterion::Numbers(low, high)
            }
            Id::Ioportcon => {
                let message = "Enter an IO port number or range, e.g. 0x22 or 0x6000-0x6020";
                let (low, high) = numbers(value, 16).ok_or_else(|| usage(message))?;
                Criterion::Numbers(low, high)
            }
            Id::Pcidevicecon | Id::Pirqcon => {
                let radix = if id == Id::Pirqcon { 10 } else { 16 };
                let number = natural(value, radix)
                    .ok_or_else(|| format!("invalid literal for int() with base {radix}: {}", repr(value)))?;
                Criterion::Numbers(number, number)
            }
            _ => Criterion::Name(value.to_owned()),
        })
    }

    /// Whether a component has what is asked for.
    pub(super) fn is_met<'p>(&self, component: &Component<'p>, writer: &ComponentWriter<'_, 'p>) -> bool {
        match self {
            Criterion::Any => true,
            Criterion::Nothing => false,
            Criterion::Name(name) => has_name(component, name.as_bytes(), writer),
            Criterion::HasType(id) => {
                matches!(component, Component::Role(role) if role.types.contains(id.index()))
            }
            Criterion::Numbers(low, high) => has_numbers(component, *low, *high),
            Criterion::Network(network) => match object_of(component) {
                Some(Object::Node(address, mask)) => Network::of_v4(address, mask) == *network,
                Some(Object::Node6(address, mask)) => Network::of_v6(address, mask) == *network,
                _ => false,
            },
        }
    }
}

/// A number or a range.
fn numbers(text: &str, radix: u32) -> Option<(u128, u128)> {
    let mut ends = text.split('-').map(|end| natural(end, radix));
    match (ends.next()?, ends.next(), ends.next()) {
        (low, None, None) => Some((low?, low?)),
        (low, Some(high), None) => Some((low?, high?)),
        _ => None,
    }
}

fn object_of<'p>(component: &Component<'p>) -> Option<Object<'p>> {
    match component {
        Component::Label(label) => Some(label.object),
        _ => None,
    }
}

/// Whether a component goes by a name: its own, that of its alias, its class, file system or device.
fn has_name<'p>(component: &Component<'p>, name: &[u8], writer: &ComponentWriter<'_, 'p>) -> bool {
    let is = |other: Name<'_>| other.as_bytes() == name;
    let own = || writer.name(component).is_some_and(|own| own == name);
    match component {
        Component::Type(_) | Component::Category(_) | Component::Sensitivity(_) => {
            own() || writer.aliases(component).iter().any(|alias| is(*alias))
        }
        Component::Constraint(of) => is(writer.store().class_name(of.class)),
        Component::Default(default) => is(default.class),
        Component::TypeBounds(_, child) => *writer.store().type_name(*child).bytes() == *name,
        Component::Genfs(fstype, _) => is(*fstype),
        Component::Label(label) => match label.object {
            Object::FsUse(_, other)
            | Object::Interface(other)
            | Object::IbEndPort(other, _)
            | Object::DeviceTree(other) => is(other),
            _ => own(),
        },
        _ => own(),
    }
}

fn has_numbers(component: &Component<'_>, low: u128, high: u128) -> bool {
    let within = |first: u32, last: u32| u128::from(first) <= low && high <= u128::from(last);
    match object_of(component) {
        Some(Object::Port { low: first, high: last, .. } | Object::IoPort(first, last)) => {
            within(first, last)
        }
        Some(Object::IbPkey(_, first, last)) => (u128::from(first), u128::from(last)) == (low, high),
        Some(Object::IoMem(first, last)) => (u128::from(first), u128::from(last)) == (low, high),
        Some(Object::PciDevice(number) | Object::Pirq(number)) => u128::from(number) == low,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_and_ranges() {
        assert_eq!(numbers("22", 10), Some((22, 22)));
        assert_eq!(numbers("0x6000-6020", 16), Some((0x6000, 0x6020)));
        assert_eq!(numbers(" 1 - 5 ", 10), Some((1, 5)));
        for bad in ["", "-", "-5", "1-", "1-2-3", "x", "0x16"] {
            assert_eq!(numbers(bad, 10), None, "{bad}");
        }
    }
}
