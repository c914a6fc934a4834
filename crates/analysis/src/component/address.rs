//! Ports, addresses and other numbers by which labelling statements are asked for.

use std::net::{IpAddr, Ipv4Addr};

use policydb::Object;

/// Ports as a user gives them: `80`, `8000-8010`, with `tcp/` before them or `/tcp` behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    protocol: Option<u32>,
    low: u32,
    high: u32,
}

/// Hosts as a user gives them: an address, or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    address: IpAddr,
    prefix: u32,
}

/// Reads ports; `None` for what is no port, an error for what is an impossible one.
pub(super) fn parse_ports(text: &str) -> Option<Result<Ports, String>> {
    let protocol = |word: &str| match word.to_ascii_lowercase().as_str() {
        "tcp" => Some(6),
        "udp" => Some(17),
        "dccp" => Some(33),
        "sctp" => Some(132),
        _ => None,
    };
    if let Some(protocol) = protocol(text) {
        return Some(Ok(Ports { protocol: Some(protocol), low: 0, high: u32::MAX }));
    }
    let words = text.split_once(['/', ':', ' ']);
    let (protocol, numbers) = match words {
        None => (None, text),
        Some((first, rest)) => match (protocol(first), protocol(rest)) {
            (Some(known), _) => (Some(known), rest),
            (_, Some(known)) => (Some(known), first),
            _ => return None,
        },
    };
    let (low, high) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(low) || !is_number(high) {
        // What begins like a number is meant as one; addresses do, too.
        let is_meant = low.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<IpAddr>().is_err();
        let odd = || Err(format!("`{text}` is no port: give a number, or a range such as 8000-8010"));
        return (is_meant && !text.contains(['.', ':'])).then(odd);
    }
    let port = |word: &str| word.parse::<u32>().ok().filter(|port| *port <= 0xffff);
    Some(match (port(low), port(high)) {
        (Some(low), Some(high)) if low <= high => Ok(Ports { protocol, low, high }),
        (Some(_), Some(_)) => Err(format!("in `{numbers}` the first port is higher than the last")),
        _ => Err(format!("ports are numbers from 0 to 65535, and `{numbers}` holds a larger one")),
    })
}

impl Ports {
    /// Whether this is one port.
    pub(super) fn is_single(&self) -> bool {
        self.low == self.high
    }

    /// Whether a statement labels one of the ports.
    pub(super) fn meet(&self, object: Object<'_>) -> bool {
        let Object::Port { protocol, low, high } = object else { return false };
        self.protocol.is_none_or(|asked| asked == protocol) && self.low <= high && low <= self.high
    }
}

/// Reads an address or a network; `None` for what is neither, an error for an impossible prefix.
pub(super) fn parse_hosts(text: &str) -> Option<Result<Hosts, String>> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        // Made of what addresses are made of, and none.
        let is_meant = address.contains(['.', ':'])
            && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:[]%".contains(&byte));
        let odd = || Err(format!("`{text}` is no IPv4 or IPv6 address"));
        return is_meant.then(odd);
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    // A mask with dots, as statements have it, says the same.
    let read = |prefix: &str| match prefix.parse::<Ipv4Addr>() {
        Ok(mask) if address.is_ipv4() => {
            let bits = u32::from(mask);
            (bits.count_ones() == bits.leading_ones()).then(|| bits.leading_ones())
        }
        _ => prefix.parse::<u32>().ok().filter(|prefix| *prefix <= most),
    };
    Some(match prefix.map(read) {
        None => Ok(Hosts { address, prefix: most }),
        Some(Some(prefix)) => Ok(Hosts { address, prefix }),
        Some(None) => Err(format!("the prefix of `{text}` is no number from 0 to {most}")),
    })
}

impl Hosts {
    /// Whether a statement labels one of the hosts.
    pub(super) fn meet(self, object: Object<'_>) -> bool {
        let (address, mask, asked, most) = match (object, self.address) {
            (Object::Node(address, mask), IpAddr::V4(asked)) => (
                u128::from(u32::from_be_bytes(address)),
                u128::from(u32::from_be_bytes(mask)),
                u128::from(u32::from(asked)),
                32,
            ),
            (Object::Node6(address, mask), IpAddr::V6(asked)) => {
                (u128::from_be_bytes(address), u128::from_be_bytes(mask), u128::from(asked), 128u32)
            }
            _ => return false,
        };
        let own_mask = u128::MAX.unbounded_shl(most.saturating_sub(self.prefix));
        (address ^ asked) & mask & own_mask == 0
    }
}

/// Whether a statement about numbered things labels one of `low` to `high`.
pub(super) fn holds_number(object: Object<'_>, low: u64, high: u64) -> bool {
    let (first, last) = match object {
        Object::Pirq(irq) => (u64::from(irq), u64::from(irq)),
        Object::IoPort(first, last) | Object::IbPkey(_, first, last) => (u64::from(first), u64::from(last)),
        Object::IoMem(first, last) => (first, last),
        Object::PciDevice(device) => (u64::from(device), u64::from(device)),
        Object::IbEndPort(_, port) => (u64::from(port), u64::from(port)),
        _ => return false,
    };
    low <= last && first <= high
}

/// Reads a number or a range of them, decimal or hexadecimal.
pub(super) fn parse_numbers(text: &str) -> Option<(u64, u64)> {
    let number = |word: &str| match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    };
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Some((number(low)?, number(high)?)).filter(|(low, high)| low <= high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(protocol: u32, low: u32, high: u32) -> Object<'static> {
        Object::Port { protocol, low, high }
    }

    #[test]
    fn ports_by_number_range_and_protocol() {
        let meet = |text: &str, object| parse_ports(text).unwrap().unwrap().meet(object);
        assert!(meet("80", port(6, 80, 80)) && meet("80", port(17, 1, 1023)));
        assert!(!meet("80", port(6, 81, 90)));
        assert!(meet("70-85", port(6, 80, 80)));
        assert!(meet("tcp/80", port(6, 80, 80)) && meet("80/tcp", port(6, 80, 80)));
        assert!(!meet("udp/80", port(6, 80, 80)));
        assert!(meet("udp", port(17, 5, 5)) && !meet("udp", port(6, 5, 5)));
        assert!(parse_ports("70000").unwrap().is_err());
        assert!(parse_ports("9-1").unwrap().is_err());
        assert!(parse_ports("80-").unwrap().is_err() && parse_ports("0x50").unwrap().is_err());
        assert!(meet("TCP/80", port(6, 80, 80)));
        assert_eq!(parse_ports("http_port_t"), None);
        assert_eq!(parse_ports("10.0.0.1"), None);
        assert_eq!(parse_ports("80/icmp"), None);
    }

    #[test]
    fn hosts_by_address_and_network() {
        let node = Object::Node([10, 0, 0, 0], [255, 0, 0, 0]);
        let meet = |text: &str, object| parse_hosts(text).unwrap().unwrap().meet(object);
        assert!(meet("10.1.2.3", node) && !meet("11.1.2.3", node));
        assert!(meet("10.1.0.0/16", node) && meet("0.0.0.0/0", node));
        assert!(!meet("::1", node));
        let node6 = Object::Node6([0; 16], [0xff; 16]);
        assert!(meet("::", node6) && !meet("::1", node6));
        assert!(parse_hosts("10.0.0.0/33").unwrap().is_err());
        assert!(meet("10.0.0.0/255.0.0.0", node));
        for odd in ["10.0.0", "256.1.1.1", "[::1]", "10.0.0.0/255.0.255.0"] {
            assert!(parse_hosts(odd).unwrap().is_err(), "{odd}");
        }
        assert_eq!(parse_hosts("node_t"), None);
    }

    #[test]
    fn numbers_are_decimal_or_hexadecimal() {
        assert_eq!(parse_numbers("0x10-0x1f"), Some((16, 31)));
        assert_eq!(parse_numbers("7"), Some((7, 7)));
        assert_eq!(parse_numbers("9-1"), None);
        assert!(holds_number(Object::IoPort(5, 9), 9, 12));
        assert!(!holds_number(Object::Pirq(5), 6, 12));
    }
}
