//! Networks as Python's `ipaddress.ip_network` reads and shows them.
//! Source: `ipaddress.py` of Python 3.11.

use super::python_int::repr;

/// A network: its address and how many bits of that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// Of IPv4.
    V4(u32, u32),
    /// Of IPv6.
    V6(u128, u32),
    /// Of IPv6, in one scope (`fe80::%eth0/64`): no policy has such.
    Scoped,
}

/// Reads `ADDRESS`, `ADDRESS/BITS` or, for IPv4, `ADDRESS/MASK`.
///
/// # Errors
/// Python's message.
pub(crate) fn ip_network(text: &str) -> Result<Network, String> {
    let unknown = || format!("{} does not appear to be an IPv4 or IPv6 network", repr(text));
    let mut parts = text.split('/');
    let (Some(address), mask, None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(unknown());
    };
    if let Some(bits) = address_v4(address)
        && let Some(prefix) = mask.map_or(Some(32), prefix_v4)
    {
        if bits & !mask_v4(prefix) != 0 {
            return Err(format!("{}/{prefix} has host bits set", std::net::Ipv4Addr::from(bits)));
        }
        return Ok(Network::V4(bits, prefix));
    }
    let (address, scope) = match address.split_once('%') {
        Some((_, scope)) if scope.is_empty() || scope.contains('%') => return Err(unknown()),
        Some((address, scope)) => (address, Some(scope)),
        None => (address, None),
    };
    let (Some(bits), Some(prefix)) =
        (address_v6(address), mask.map_or(Some(128), |mask| prefix_length(mask, 128)))
    else {
        return Err(unknown());
    };
    if bits & !mask_v6(prefix) != 0 {
        let scope = scope.map(|scope| format!("%{scope}")).unwrap_or_default();
        return Err(format!("{}{scope}/{prefix} has host bits set", shown_v6(bits)));
    }
    Ok(if scope.is_some() { Network::Scoped } else { Network::V6(bits, prefix) })
}

impl Network {
    /// The network of an IPv4 address and a mask, of whose bits only the number counts.
    pub(crate) fn of_v4(address: [u8; 4], mask: [u8; 4]) -> Self {
        let prefix = u32::from_be_bytes(mask).count_ones();
        Network::V4(u32::from_be_bytes(address) & mask_v4(prefix), prefix)
    }

    /// The network of an IPv6 address and a mask, likewise.
    pub(crate) fn of_v6(address: [u8; 16], mask: [u8; 16]) -> Self {
        let prefix = u128::from_be_bytes(mask).count_ones();
        Network::V6(u128::from_be_bytes(address) & mask_v6(prefix), prefix)
    }
}

fn mask_v4(prefix: u32) -> u32 {
    u32::MAX.unbounded_shl(32 - prefix)
}

fn mask_v6(prefix: u32) -> u128 {
    u128::MAX.unbounded_shl(128 - prefix)
}

/// The prefix of a mask: its length, the mask, or the mask's complement.
fn prefix_v4(text: &str) -> Option<u32> {
    if let Some(prefix) = prefix_length(text, 32) {
        return Some(prefix);
    }
    let mask = address_v4(text)?;
    let prefix_of = |mask: u32| (mask.leading_ones() == mask.count_ones()).then(|| mask.count_ones());
    prefix_of(mask).or_else(|| prefix_of(!mask))
}

fn prefix_length(text: &str, most: u32) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // What is too long for a number is too large for a prefix, but for leading zeros.
    let text = if digits { text.trim_start_matches('0') } else { return None };
    let length = if text.is_empty() { 0 } else { text.parse().ok()? };
    (length <= most).then_some(length)
}

/// Four decimal numbers without leading zeros.
fn address_v4(text: &str) -> Option<u32> {
    text.parse().ok().map(|address: std::net::Ipv4Addr| address.into())
}

/// Hexadecimal numbers and colons; the last two may be an IPv4 address.
fn address_v6(text: &str) -> Option<u128> {
    text.parse().ok().map(|address: std::net::Ipv6Addr| address.into())
}

/// As Python writes it: no address of IPv4 within.
fn shown_v6(bits: u128) -> String {
    let address = std::net::Ipv6Addr::from(bits);
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("::ffff:{high:x}:{low:x}"),
        (None, _) => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_python_reads_them() {
        for (text, network) in [
            ("10.0.0.0/8", Network::V4(0x0a00_0000, 8)),
            ("10.0.0.0/255.0.0.0", Network::V4(0x0a00_0000, 8)),
            ("10.0.0.0/0.255.255.255", Network::V4(0x0a00_0000, 8)),
            ("10.0.0.0/008", Network::V4(0x0a00_0000, 8)),
            ("127.0.0.1", Network::V4(0x7f00_0001, 32)),
            ("0.0.0.0/0", Network::V4(0, 0)),
            ("::1", Network::V6(1, 128)),
            ("ff00::/8", Network::V6(0xff << 120, 8)),
            ("::1.2.3.4", Network::V6(0x0102_0304, 128)),
            ("fe80::%eth0/64", Network::Scoped),
        ] {
            assert_eq!(ip_network(text).as_ref(), Ok(&network), "{text}");
        }
    }

    #[test]
    fn messages_are_pythons() {
        for (text, message) in [
            ("10.1.2.3/16", "10.1.2.3/16 has host bits set"),
            ("10.1.2.3/255.255.0.0", "10.1.2.3/16 has host bits set"),
            ("::ffff:1.2.3.4/96", "::ffff:102:304/96 has host bits set"),
            ("fe80::1%eth0/64", "fe80::1%eth0/64 has host bits set"),
            ("zz", "'zz' does not appear to be an IPv4 or IPv6 network"),
            ("10.0.0.0/33", "'10.0.0.0/33' does not appear to be an IPv4 or IPv6 network"),
            ("10.0.0.0/255.0.255.0", "'10.0.0.0/255.0.255.0' does not appear to be an IPv4 or IPv6 network"),
            ("10.0.0.0/8/8", "'10.0.0.0/8/8' does not appear to be an IPv4 or IPv6 network"),
            ("010.0.0.0", "'010.0.0.0' does not appear to be an IPv4 or IPv6 network"),
            ("::1%", "'::1%' does not appear to be an IPv4 or IPv6 network"),
            ("::1/ffff::", "'::1/ffff::' does not appear to be an IPv4 or IPv6 network"),
        ] {
            assert_eq!(ip_network(text), Err(message.to_owned()), "{text}");
        }
    }
}
