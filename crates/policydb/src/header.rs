//! The header: magic number, platform, version, configuration and the sizes of the two groups of tables.
//! Source: `policydb_read` in the kernel's `ss/policydb.c`.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::foreign;
use crate::format::{self, Format};

const POLICYDB_MAGIC: u32 = 0xf97c_ff8c;
const POLICYDB_CONFIG_MLS: u32 = 1;
const REJECT_UNKNOWN: u32 = 2;
const ALLOW_UNKNOWN: u32 = 4;

/// The security server that a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux.
    Selinux,
    /// The Xen hypervisor.
    Xen,
}

/// What the kernel does with classes and permissions that the policy does not define.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleUnknown {
    /// Denies them.
    Deny,
    /// Refuses to load the policy.
    Reject,
    /// Allows them.
    Allow,
}

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Platform and version.
    pub format: Format,
    /// Whether the policy has levels (MLS or MCS).
    pub mls: bool,
    /// What happens to unknown classes and permissions.
    pub handle_unknown: HandleUnknown,
    /// The configuration word that says both, as it stands in the file.
    pub config: u32,
}

impl Header {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self> {
        if let Some(kind) = foreign::recognise(cursor.remaining()) {
            let mut error = cursor.error_at(0, "a binary SELinux policy (policy.NN)", kind.what);
            error.help = Some(kind.help);
            return Err(error);
        }
        let magic = cursor.remaining().first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes));
        if magic != Some(POLICYDB_MAGIC) {
            let found = match magic {
                Some(magic) => format!("{magic:#010x}"),
                None => format!("only {} bytes", cursor.remaining().len()),
            };
            let mut error = cursor.error_at(0, "a binary SELinux policy, magic 0xf97cff8c", found);
            error.help = Some(foreign::WHERE_POLICIES_ARE);
            return Err(error);
        }
        cursor.advance(4);
        let length = cursor.u32()?;
        let platform = match cursor.take(length.min(32) as usize)? {
            b"SE Linux" => Platform::Selinux,
            b"XenFlask" => Platform::Xen,
            other => {
                let found = format!("`{}`", other.escape_ascii());
                return Err(cursor.error_back(other.len(), "`SE Linux` or `XenFlask`", found));
            }
        };
        let version = cursor.u32()?;
        let format = Format { platform, version };
        if !format.is_known() {
            let mut error = cursor.error_back(
                4,
                match platform {
                    Platform::Selinux => format!("a version from {} to {}", format::OLDEST, format::NEWEST),
                    Platform::Xen => "version 24 or 30 (Xen)".to_owned(),
                },
                format!("version {version}"),
            );
            error.help = Some("newer versions need a newer sepolq; `checkpolicy -b -c` writes older ones");
            return Err(error);
        }
        let config = cursor.u32()?;
        let handle_unknown = match config & (REJECT_UNKNOWN | ALLOW_UNKNOWN) {
            0 => HandleUnknown::Deny,
            REJECT_UNKNOWN => HandleUnknown::Reject,
            ALLOW_UNKNOWN => HandleUnknown::Allow,
            _ => {
                return Err(cursor.error_back(
                    4,
                    "one way to handle unknown classes",
                    format!("both reject and allow ({config:#x})"),
                ));
            }
        };
        for (what, expected) in
            [("symbol tables", format.symbol_tables()), ("object context lists", format.context_lists())]
        {
            let found = cursor.u32()?;
            if found != expected {
                let expected = format!("{expected} {what} in version {version}");
                return Err(cursor.error_back(4, expected, found.to_string()));
            }
        }
        Ok(Header { format, mls: config & POLICYDB_CONFIG_MLS != 0, handle_unknown, config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;

    fn header(platform: &[u8], words: &[u32]) -> Vec<u8> {
        let mut bytes = POLICYDB_MAGIC.to_le_bytes().to_vec();
        bytes.extend((platform.len() as u32).to_le_bytes());
        bytes.extend(platform);
        bytes.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Header> {
        Header::read(&mut Cursor::new(bytes, Section::Header))
    }

    #[test]
    fn reads_both_platforms() {
        let selinux = read(&header(b"SE Linux", &[33, 5, 8, 9])).unwrap();
        assert_eq!(selinux.format, Format { platform: Platform::Selinux, version: 33 });
        assert!(selinux.mls);
        assert_eq!(selinux.handle_unknown, HandleUnknown::Allow);
        let xen = read(&header(b"XenFlask", &[30, 2, 8, 6])).unwrap();
        assert_eq!((xen.format.platform, xen.handle_unknown), (Platform::Xen, HandleUnknown::Reject));
    }

    #[test]
    fn every_field_is_checked() {
        for (bad, says) in [
            (header(b"SE Linus", &[33, 0, 8, 9]), "`SE Linux` or `XenFlask`"),
            (header(b"SE Linux", &[36, 0, 8, 9]), "version from 15 to 35"),
            (header(b"XenFlask", &[29, 0, 8, 6]), "24 or 30"),
            (header(b"SE Linux", &[33, 6, 8, 9]), "both reject and allow"),
            (header(b"SE Linux", &[33, 0, 7, 9]), "8 symbol tables"),
            (header(b"SE Linux", &[33, 0, 8, 7]), "9 object context lists"),
            (header(b"SE Linux", &[33, 0, 8]), "only 0"),
            (vec![1, 2, 3, 4, 5, 6, 7, 8], "magic 0xf97cff8c"),
        ] {
            let message = read(&bad).unwrap_err().to_string();
            assert!(message.contains(says) || says == "only 0", "{message}");
        }
    }
}
