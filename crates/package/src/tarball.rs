//! A tar archive, walked member by member, with the two ways in which a member before it gives a file a longer name.
//!
//! The crate `tar` reads the headers. It would also read such members, but as much of them as they say that there is; here a
//! name has an end.
//!
//! Source: `tar(5)`: members of types `L` and `K` (GNU), `x` and `g` (POSIX).

use std::io::{self, Read};

use tar::{Archive, Entry, EntryType, PaxExtensions};

use crate::collector::Kind;
use crate::member::LONGEST;
use crate::{Error, Format, Refusal};

/// Bytes that POSIX's records about a file may have.
const LONGEST_RECORDS: u64 = 64 << 10;

/// A member of the archive.
pub(crate) struct TarMember<'e, 'a, R: Read> {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    /// Its bytes, to read.
    pub(crate) bytes: &'e mut Entry<'a, R>,
}

/// Gives every member to `visit`, and reads to the end, so that what is cut off is seen.
pub(crate) fn walk<R: Read>(
    input: R,
    section: &'static str,
    format: Format,
    mut visit: impl FnMut(TarMember<'_, '_, R>) -> Result<(), Error>,
) -> Result<(), Error> {
    let damaged = |error| Error::of_stream(section, format, &error);
    let mut archive = Archive::new(input);
    let (mut long_name, mut records) = (None, Vec::new());
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        let kind = match entry.header().entry_type() {
            EntryType::GNULongName => {
                let mut name = read(&mut entry, LONGEST as u64).map_err(damaged)?;
                name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
                long_name = Some(name);
                continue;
            }
            EntryType::XHeader => {
                records = read(&mut entry, LONGEST_RECORDS).map_err(damaged)?;
                continue;
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => continue,
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory => Kind::Folder,
            EntryType::Link | EntryType::Symlink => Kind::Refused(Refusal::Link),
            EntryType::Char | EntryType::Block | EntryType::Fifo => Kind::Refused(Refusal::Special),
            // A file with holes has headers among its bytes.
            EntryType::GNUSparse => {
                return Err(Error::malformed(
                    section,
                    entry.raw_header_position(),
                    "a plain archive",
                    "holes",
                ));
            }
            _ => Kind::Refused(Refusal::Unsupported),
        };
        let (name, kind) = match named_by(&records)? {
            Records { plain: false, .. } => (None, Kind::Refused(Refusal::Unsupported)),
            Records { name, .. } => (name, kind),
        };
        let name = name.or(long_name.take()).unwrap_or_else(|| entry.path_bytes().into_owned());
        (long_name, records) = (None, Vec::new());
        let size = entry.size();
        visit(TarMember { name, kind, size, bytes: &mut entry })?;
    }
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(damaged)?;
    Ok(())
}

/// What POSIX's records say of the next file.
struct Records {
    name: Option<Vec<u8>>,
    /// Whether its header says the rest.
    plain: bool,
}

fn named_by(records: &[u8]) -> Result<Records, Error> {
    let mut said = Records { name: None, plain: true };
    for record in PaxExtensions::new(records) {
        let Ok(record) = record else {
            return Err(Error::malformed("tar archive", 0, "records of a file", "other bytes"));
        };
        match record.key_bytes() {
            b"path" => said.name = Some(record.value_bytes().to_vec()),
            // Files beyond 8 GiB, and files with holes.
            key if key == b"size" || key.starts_with(b"GNU.sparse") => said.plain = false,
            _ => {}
        }
    }
    Ok(said)
}

/// All bytes of a member that has few.
fn read(entry: &mut impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::other("a name that is too long")),
        false => Ok(bytes),
    }
}
