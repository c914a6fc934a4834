//! Names of files in packages, and which of them are refused.
//!
//! Archives write `./usr/x` (dpkg, rpm) or `/usr/x`; both are `usr/x`. Nothing is written to disk, so a name cannot lead
//! anywhere; but a name that tries is no name of an honest package.

use std::fmt;

/// The longest name that a system has (`PATH_MAX`).
pub(crate) const LONGEST: usize = 4096;

/// The name of a file in a package: relative, with `/`, without `.` and `..`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberName(String);

/// A file out of a package, as the archive has it: what is compressed in there still is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, as [`MemberName::as_str`].
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a member of a package is not among the files that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `..` in the name, or a byte that no name has.
    Name,
    /// A symbolic link, or in a Debian package a hard link.
    Link,
    /// A device, FIFO or socket.
    Special,
    /// There was a file of that name before, which is kept.
    Duplicate,
    /// More bytes than a file may have.
    TooLarge,
    /// Stored in a way that is not read, such as with holes.
    Unsupported,
}

impl MemberName {
    /// The name that an archive's bytes mean; an empty one for the root.
    pub(crate) fn new(raw: &[u8]) -> Result<Self, Refusal> {
        let raw = std::str::from_utf8(raw).map_err(|_| Refusal::Name)?;
        if raw.len() > LONGEST || raw.contains('\0') {
            return Err(Refusal::Name);
        }
        let mut name = String::with_capacity(raw.len());
        for part in raw.split('/') {
            match part {
                "" | "." => {}
                ".." => return Err(Refusal::Name),
                part => {
                    if !name.is_empty() {
                        name.push('/');
                    }
                    name.push_str(part);
                }
            }
        }
        Ok(Self(name))
    }

    /// The name, such as `usr/share/selinux/packages/container.pp.bz2`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part of the name.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether it is a file of a module store: what [`Store::in_package`](crate::Store::in_package) asks for.
    pub fn is_in_store(&self) -> bool {
        crate::store::place(&self.0).is_some()
    }

    /// Whether packages call modules so: `NAME.pp` or `NAME.cil`, as it is or compressed.
    pub fn is_module(&self) -> bool {
        let name = self.file_name();
        let name =
            [".bz2", ".gz", ".xz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        name.strip_suffix(".pp").or_else(|| name.strip_suffix(".cil")).is_some_and(|stem| !stem.is_empty())
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "its name has `..` or bytes that no name has",
            Self::Link => "it is a link",
            Self::Special => "it is a device, FIFO or socket",
            Self::Duplicate => "there is another file of that name before it",
            Self::TooLarge => "it is larger than a file may be",
            Self::Unsupported => "it is stored in a way that is not read here",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{MemberName, Refusal};

    #[test]
    fn names_are_made_relative() {
        for (raw, name) in [
            ("./usr/share/x", "usr/share/x"),
            ("/usr//share/./x", "usr/share/x"),
            ("usr/share/x/", "usr/share/x"),
            ("..x/y..", "..x/y.."),
            ("./", ""),
            ("/", ""),
        ] {
            assert_eq!(
                MemberName::new(raw.as_bytes()).map(MemberName::into_string),
                Ok(name.into()),
                "{raw}"
            );
        }
    }

    #[test]
    fn names_that_try_to_escape_are_refused() {
        let long = "x".repeat(5000);
        for raw in [&b"../etc/shadow"[..], b"usr/../../etc", b"/..", b"a\0b", b"\xff", long.as_bytes()] {
            assert_eq!(MemberName::new(raw), Err(Refusal::Name), "{raw:?}");
        }
    }

    #[test]
    fn modules_are_known_by_name() {
        let is_module = |name: &str| MemberName::new(name.as_bytes()).is_ok_and(|name| name.is_module());
        assert!(is_module("usr/share/selinux/packages/container.pp.bz2") && is_module("x/y.cil"));
        assert!(!is_module("usr/share/selinux/.pp") && !is_module("x.te") && !is_module("x.pp.if"));
    }
}
