//! Extended permissions: which ioctl commands or netlink messages a rule is about.
//! Source: `struct avtab_extended_perms` in the kernel's `ss/avtab.h`.

/// What the 256 bits of an extended permission stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum XpermKind {
    /// ioctl commands: the driver byte and one function each.
    IoctlFunction,
    /// ioctl commands: all functions of one driver each.
    IoctlDriver,
    /// Netlink message types: the driver byte is the upper half.
    Nlmsg,
}

impl XpermKind {
    /// The kind that a byte of the file names.
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(XpermKind::IoctlFunction),
            2 => Some(XpermKind::IoctlDriver),
            3 => Some(XpermKind::Nlmsg),
            _ => None,
        }
    }
}

/// The extended permissions of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xperms<'a> {
    /// What the bits stand for.
    pub kind: XpermKind,
    /// The upper byte of the commands, unless the bits are drivers themselves.
    pub driver: u8,
    pub(crate) bits: &'a [u8; 32],
}

impl<'a> Xperms<'a> {
    /// The 256 bits as they stand in the file: eight little-endian words.
    pub fn bits(self) -> &'a [u8; 32] {
        self.bits
    }

    /// The operation that the rule speaks of, as policy language writes it.
    pub fn operation(self) -> &'static str {
        match self.kind {
            XpermKind::IoctlFunction | XpermKind::IoctlDriver => "ioctl",
            XpermKind::Nlmsg => "nlmsg",
        }
    }

    /// Maximal runs of commands, ascending, both ends included.
    pub fn ranges(self) -> Vec<(u16, u16)> {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for bit in 0..=255u8 {
            let byte = self.bits.get(usize::from(bit >> 3)).copied().unwrap_or(0);
            if byte >> (bit & 7) & 1 == 0 {
                continue;
            }
            let (low, high) = match self.kind {
                XpermKind::IoctlDriver => (u16::from_be_bytes([bit, 0]), u16::from_be_bytes([bit, 255])),
                _ => (u16::from_be_bytes([self.driver, bit]), u16::from_be_bytes([self.driver, bit])),
            };
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(low) => last.1 = high,
                _ => ranges.push((low, high)),
            }
        }
        ranges
    }
}
