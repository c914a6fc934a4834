//! What bytes are, by their first bytes, never by a name.
//!
//! Source: the magic numbers in `file`'s database and in the formats' own descriptions (RFC 1952, RFC 8878, `xz-file-format.txt`,
//! `deb(5)`, rpm's `docs/manual/format_lead.md`).

use std::fmt;

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An RPM package.
    Rpm,
    /// A Debian package.
    Deb,
    /// A stream that bzip2 compressed.
    Bzip2,
    /// A stream that gzip compressed.
    Gzip,
    /// A stream that xz compressed.
    Xz,
    /// A stream that zstd compressed.
    Zstd,
    /// Anything else: a policy, a module, text.
    Other,
}

/// The first bytes of each. An `ar` archive is a Debian package if its first member says so. gzip's third byte is the only
/// method there is, bzip2's fourth the size of its blocks, which [`format()`] looks at.
const MAGIC: &[(&[u8], Format)] = &[
    (b"\xed\xab\xee\xdb", Format::Rpm),
    (b"!<arch>\ndebian-binary", Format::Deb),
    (b"BZh", Format::Bzip2),
    (b"\x1f\x8b\x08", Format::Gzip),
    (b"\xfd7zXZ\x00", Format::Xz),
    (b"\x28\xb5\x2f\xfd", Format::Zstd),
];

/// What `bytes` are, by their first bytes.
pub fn format(bytes: &[u8]) -> Format {
    match MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, Format::Bzip2)) if !bytes.get(3).is_some_and(|size| (b'1'..=b'9').contains(size)) => {
            Format::Other
        }
        Some((_, format)) => *format,
        None => Format::Other,
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rpm => "RPM",
            Self::Deb => "deb",
            Self::Bzip2 => "bzip2",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Other => "uncompressed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, format};

    #[test]
    fn first_bytes_decide() {
        for (bytes, expected) in [
            (&b"\xed\xab\xee\xdb\x03"[..], Format::Rpm),
            (b"!<arch>\ndebian-binary   ", Format::Deb),
            (b"!<arch>\nother.o", Format::Other),
            (b"BZh91AY", Format::Bzip2),
            (b"BZhello", Format::Other),
            (b"BZh", Format::Other),
            (b"\x1f\x8b\x08", Format::Gzip),
            (b"\xfd7zXZ\0", Format::Xz),
            (b"\x28\xb5\x2f\xfd", Format::Zstd),
            (b"", Format::Other),
        ] {
            assert_eq!(format(bytes), expected, "{bytes:?}");
        }
    }
}
