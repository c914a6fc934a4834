//! The archive in an RPM: cpio's form "newc", and rpm's own form for large files, whose members are numbers of the header's list.
//!
//! A member of "newc" is `070701` (or `070702`, with a checksum), 13 numbers of 8 hexadecimal digits each, the name with a zero
//! byte, filled up to a multiple of 4; then the bytes, filled up likewise. `TRAILER!!!` is the last. A member of rpm's form is
//! `07070X`, the number of the file, and the bytes; name and size stand in the header. Of files that are hard links to each
//! other only the last has bytes.
//!
//! Source: `cpio(5)`, and rpm's `lib/cpio.c` and `lib/rpmfi.c`.

use std::collections::HashMap;
use std::io::{self, Read};

use crate::collector::{Collector, Kind};
use crate::member::{LONGEST, MemberName, Refusal};
use crate::rpm::{FileTable, Listed};
use crate::{Error, Format};

const SECTION: &str = "cpio archive";
const TRAILER: &[u8] = b"TRAILER!!!";

/// The bits of a mode that say what it is, and what they say (`inode(7)`).
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// Names of files whose bytes come with a later member, by device and inode.
type Waiting = HashMap<(u64, u64), Vec<MemberName>>;

/// Walks an archive that `format` compressed; what it has goes to the collector.
pub(crate) fn read(
    input: impl Read,
    format: Format,
    files: &FileTable<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), Error> {
    let mut archive = Archive { input, format, offset: 0 };
    let mut waiting = Waiting::new();
    while let Some(member) = archive.next(files)? {
        let kind = match member.mode & KIND {
            FILE => Kind::File,
            FOLDER => Kind::Folder,
            LINK => Kind::Refused(Refusal::Link),
            _ => Kind::Refused(Refusal::Special),
        };
        let name = collector.offer(&member.name, kind, member.stored)?;
        if kind == Kind::File && member.linked {
            archive.linked(&member, name, &mut waiting, collector)?;
        } else if let Some(name) = name {
            archive.keep(name, member.stored, collector)?;
        } else {
            archive.skip(member.stored)?;
        }
        archive.align()?;
    }
    // What is cut off behind the last member is seen, too.
    io::copy(&mut archive.input, &mut io::sink()).map_err(|error| archive.failed(&error))?;
    // Links whose last member never came have no bytes.
    let mut rest: Vec<MemberName> = waiting.into_values().flatten().collect();
    rest.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    for name in rest {
        collector.keep_bytes(name, Vec::new()).map_err(|error| archive.failed(&error))?;
    }
    Ok(())
}

/// Whether a mode is a plain file's.
pub(crate) fn is_file(mode: u32) -> bool {
    mode & KIND == FILE
}

/// Whether a mode is a symbolic link's.
pub(crate) fn is_link(mode: u32) -> bool {
    mode & KIND == LINK
}

struct Archive<R> {
    input: R,
    format: Format,
    offset: u64,
}

impl<R: Read> Archive<R> {
    /// The next member, up to its bytes; none after the last.
    fn next(&mut self, files: &FileTable<'_>) -> Result<Option<Listed>, Error> {
        let at = self.offset;
        let malformed =
            |expected, found: &[u8]| Error::malformed(SECTION, at, expected, String::from_utf8_lossy(found));
        let magic: [u8; 6] = self.array()?;
        match &magic {
            b"07070X" => {
                let digits: [u8; 8] = self.array()?;
                let number = hexadecimal(&digits).ok_or_else(|| malformed("hexadecimal digits", &digits))?;
                self.align()?;
                let file = usize::try_from(number).ok().and_then(|number| files.file(number));
                Ok(Some(file.ok_or_else(|| malformed("the number of a file in the header", &digits))?))
            }
            b"070701" | b"070702" => {
                let digits: [u8; 104] = self.array()?;
                let mut fields = [0; 13];
                for (field, digits) in fields.iter_mut().zip(digits.chunks_exact(8)) {
                    *field = hexadecimal(digits).ok_or_else(|| malformed("hexadecimal digits", digits))?;
                }
                let [inode, mode, _, _, links, _, size, major, minor, _, _, name_size, _] = fields;
                let longest = LONGEST.saturating_add(1);
                let name_size = usize::try_from(name_size).unwrap_or(usize::MAX);
                if name_size == 0 || name_size > longest {
                    return Err(malformed("a name of at most 4096 bytes", name_size.to_string().as_bytes()));
                }
                let mut name = vec![0; name_size];
                self.fill(&mut name)?;
                self.align()?;
                if name.pop() != Some(0) {
                    return Err(malformed("a name that ends with a zero byte", &name));
                }
                if name == TRAILER {
                    return Ok(None);
                }
                let device = u64::from(major) << 32 | u64::from(minor);
                let linked = links > 1;
                let (stored, inode) = (u64::from(size), (device, u64::from(inode)));
                Ok(Some(Listed { name, mode, stored, inode, linked }))
            }
            _ => Err(malformed("a member of cpio's form newc", &magic)),
        }
    }

    /// A file that has hard links: those without bytes wait for the one that has them.
    fn linked(
        &mut self,
        member: &Listed,
        name: Option<MemberName>,
        waiting: &mut Waiting,
        collector: &mut Collector<'_>,
    ) -> Result<(), Error> {
        if member.stored == 0 {
            waiting.entry(member.inode).or_default().extend(name);
            return Ok(());
        }
        let others = waiting.remove(&member.inode).unwrap_or_default();
        let Some(first) = name.clone().or_else(|| others.first().cloned()) else {
            return self.skip(member.stored);
        };
        if let Err(refusal) = collector.fits(member.stored) {
            for name in others {
                collector.refuse(name.into_string(), refusal)?;
            }
            return self.skip(member.stored);
        }
        self.keep(first.clone(), member.stored, collector)?;
        for other in others.into_iter().filter(|other| *other != first) {
            collector.keep_again(other).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    fn keep(&mut self, name: MemberName, size: u64, collector: &mut Collector<'_>) -> Result<(), Error> {
        collector.keep(name, &mut self.input, size).map_err(|error| self.failed(&error))?;
        self.offset = self.offset.saturating_add(size);
        Ok(())
    }

    fn skip(&mut self, size: u64) -> Result<(), Error> {
        let skipped = io::copy(&mut self.input.by_ref().take(size), &mut io::sink());
        let skipped = skipped.map_err(|error| self.failed(&error))?;
        self.offset = self.offset.saturating_add(skipped);
        match skipped == size {
            true => Ok(()),
            false => Err(self.failed(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Steps over what fills up to a multiple of 4.
    fn align(&mut self) -> Result<(), Error> {
        let padding = self.offset.wrapping_neg() & 3;
        let skipped = io::copy(&mut self.input.by_ref().take(padding), &mut io::sink());
        skipped.map_err(|error| self.failed(&error))?;
        self.offset = self.offset.saturating_add(padding);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.input.read_exact(bytes).map_err(|error| self.failed(&error))?;
        self.offset = self.offset.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::of_stream("RPM payload", self.format, error)
    }
}

/// The number that eight digits mean; nothing else is a digit here, no sign and no blank.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | digit)
    })
}
