//! An RPM: lead, signature, header, payload.
//!
//! The lead (96 bytes) says nothing that the header does not say. Signature and header have the same form: 16 bytes of preamble, an
//! index of 16 bytes an entry (tag, type, offset, count), and a store of values that the offsets point into; all numbers big-endian.
//! The signature is filled up to a multiple of 8 bytes, the header is not. The rest of the file is the payload.
//! Signatures and digests are not checked: that is the package manager's job, and says nothing about what a policy grants.
//!
//! Source: rpm's `docs/manual/format_*.md`, and its `lib/header.c`, `lib/rpmfi.c` and `include/rpm/rpmtag.h`.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use crate::collector::Collector;
use crate::compression::{decoder, lzma_decoder};
use crate::limits::{Bound, Bounded};
use crate::member::LONGEST;
use crate::{Error, Format, Limits, Package, cpio, format};

const LEAD: usize = 96;
const PREAMBLE: usize = 16;
const ENTRY: usize = 16;
const HEADER_MAGIC: &[u8] = b"\x8e\xad\xe8\x01";

/// The types of values that are read here (`rpmTagType`).
const INT16: u32 = 3;
const INT32: u32 = 4;
const INT64: u32 = 5;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

/// The tags that are read here (`rpmTag`).
mod tag {
    pub(super) const NAME: u32 = 1000;
    pub(super) const VERSION: u32 = 1001;
    pub(super) const RELEASE: u32 = 1002;
    pub(super) const EPOCH: u32 = 1003;
    pub(super) const ARCH: u32 = 1022;
    pub(super) const FILESIZES: u32 = 1028;
    pub(super) const FILEMODES: u32 = 1030;
    pub(super) const FILEFLAGS: u32 = 1037;
    pub(super) const FILEDEVICES: u32 = 1095;
    pub(super) const FILEINODES: u32 = 1096;
    pub(super) const DIRINDEXES: u32 = 1116;
    pub(super) const BASENAMES: u32 = 1117;
    pub(super) const DIRNAMES: u32 = 1118;
    pub(super) const PAYLOADFORMAT: u32 = 1124;
    pub(super) const PAYLOADCOMPRESSOR: u32 = 1125;
    pub(super) const LONGFILESIZES: u32 = 5008;
}

/// The flag of a file that the package owns and does not bring (`RPMFILE_GHOST`).
const GHOST: u32 = 1 << 6;

/// Reads an RPM; its files go to the collector.
pub(crate) fn read(bytes: &[u8], limits: &Limits, collector: &mut Collector<'_>) -> Result<Package, Error> {
    let too_short =
        |section| Error::malformed(section, bytes.len() as u64, "more bytes", "the end of the file");
    let rest = bytes.get(LEAD..).ok_or_else(|| too_short("RPM lead"))?;
    let (signature, rest) = Header::split("RPM signature", rest)?;
    let rest = rest.get(signature.padding()..).ok_or_else(|| too_short("RPM signature"))?;
    let (header, payload) = Header::split("RPM header", rest)?;

    let package = Package {
        format: Format::Rpm,
        name: header.required_text(tag::NAME, "a name")?,
        epoch: header.numbers(tag::EPOCH).next().map(|epoch| epoch.to_string()),
        version: header.required_text(tag::VERSION, "a version")?,
        release: header.text(tag::RELEASE),
        arch: header.text(tag::ARCH).unwrap_or_default(),
    };
    if let Some(other) = header.text(tag::PAYLOADFORMAT).filter(|format| format != "cpio") {
        return Err(Error::malformed("RPM header", 0, "a payload in the format cpio", other));
    }
    let files = FileTable::new(&header, limits.files);
    let of_stream = |format| move |error| Error::of_stream("RPM payload", format, &error);
    let payload_format = format(payload);
    let stream: Box<dyn Read> = match decoder(payload_format, payload) {
        Some(stream) => stream,
        None if header.text(tag::PAYLOADCOMPRESSOR).is_some_and(|name| name == "lzma") => {
            lzma_decoder(payload).map_err(of_stream(Format::Other))?
        }
        None => Box::new(payload),
    };
    let stream = Bounded::new(stream, limits.of_stream(payload.len(), Bound::Total));
    cpio::read(BufReader::new(stream), payload_format, &files, collector)?;
    Ok(package)
}

/// A header, or the signature, which has the same form.
struct Header<'a> {
    section: &'static str,
    index: &'a [u8],
    store: &'a [u8],
}

impl<'a> Header<'a> {
    /// Splits a header off; the rest comes after it.
    fn split(section: &'static str, bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Error> {
        if !bytes.starts_with(HEADER_MAGIC) {
            let found = bytes.get(..4).map_or("the end of the file".into(), |found| format!("{found:02x?}"));
            return Err(Error::malformed(section, 0, "8e ad e8 01", found));
        }
        let count = |at: usize| u32_at(bytes, at).and_then(|count| usize::try_from(count).ok());
        let end = || Error::malformed(section, 0, "as many bytes as it says", "the end of the file");
        let (entries, stored) = count(8).zip(count(12)).ok_or_else(end)?;
        let index =
            entries.checked_mul(ENTRY).and_then(|index| index.checked_add(PREAMBLE)).ok_or_else(end)?;
        let store = index.checked_add(stored).ok_or_else(end)?;
        let header = Self {
            section,
            index: bytes.get(PREAMBLE..index).ok_or_else(end)?,
            store: bytes.get(index..store).ok_or_else(end)?,
        };
        Ok((header, bytes.get(store..).ok_or_else(end)?))
    }

    /// The bytes that fill the header up to a multiple of 8; the index always ends at one.
    fn padding(&self) -> usize {
        self.store.len().wrapping_neg() & 7
    }

    /// Type, count, and the store from its value on, of the first entry with that tag.
    fn entry(&self, tag: u32) -> Option<(u32, usize, &'a [u8])> {
        let entry = self.index.chunks_exact(ENTRY).find(|entry| u32_at(entry, 0) == Some(tag))?;
        let number = |at| u32_at(entry, at).and_then(|number| usize::try_from(number).ok());
        Some((u32_at(entry, 4)?, number(12)?, self.store.get(number(8)?..)?))
    }

    /// The texts of a tag; none if it is missing or of another type. No more than its store has.
    fn texts(&self, tag: u32) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (n, store) = match self.entry(tag) {
            Some((STRING, _, store)) => (1, store),
            Some((STRING_ARRAY | I18N_STRING, n, store)) => (n, store),
            _ => (0, &[][..]),
        };
        let mut rest = store;
        std::iter::from_fn(move || {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let text = rest.get(..end)?;
            rest = rest.get(end.saturating_add(1)..)?;
            Some(text)
        })
        .take(n)
    }

    fn text(&self, tag: u32) -> Option<String> {
        self.texts(tag).next().map(|text| String::from_utf8_lossy(text).into_owned())
    }

    fn required_text(&self, tag: u32, what: &'static str) -> Result<String, Error> {
        self.text(tag).ok_or_else(|| Error::malformed(self.section, 0, what, "none"))
    }

    /// The numbers of a tag, whatever their width; none if it is missing or of another type.
    fn numbers(&self, tag: u32) -> impl Iterator<Item = u64> + use<'a> {
        let (width, n, store) = match self.entry(tag) {
            Some((INT16, n, store)) => (2, n, store),
            Some((INT32, n, store)) => (4, n, store),
            Some((INT64, n, store)) => (8, n, store),
            _ => (1, 0, &[][..]),
        };
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        store.chunks_exact(width).take(n).map(number)
    }
}

/// The package's files as the header lists them, for archives whose members are only numbers.
pub(crate) struct FileTable<'a> {
    base_names: Vec<&'a [u8]>,
    folders: Vec<&'a [u8]>,
    folder_of: Vec<u64>,
    sizes: Vec<u64>,
    modes: Vec<u64>,
    /// What tells hard links: device and inode.
    inodes: Vec<(u64, u64)>,
    /// For each device and inode the last file that has it, which is the one that brings the bytes, and how many have it.
    last: HashMap<(u64, u64), (usize, usize)>,
}

/// One file of the table.
pub(crate) struct Listed {
    pub(crate) name: Vec<u8>,
    pub(crate) mode: u32,
    /// Bytes of it in the archive.
    pub(crate) stored: u64,
    pub(crate) inode: (u64, u64),
    /// Whether other files are the same one.
    pub(crate) linked: bool,
}

impl<'a> FileTable<'a> {
    /// The first files of the list, as many as a package may have: forged lists can share their bytes.
    fn new(header: &Header<'a>, most: usize) -> Self {
        let mut sizes: Vec<u64> = header.numbers(tag::LONGFILESIZES).take(most).collect();
        if sizes.is_empty() {
            sizes = header.numbers(tag::FILESIZES).take(most).collect();
        }
        let modes: Vec<u64> = header.numbers(tag::FILEMODES).take(most).collect();
        let devices = header.numbers(tag::FILEDEVICES);
        let inodes: Vec<(u64, u64)> = devices.zip(header.numbers(tag::FILEINODES)).take(most).collect();
        let flags: Vec<u64> = header.numbers(tag::FILEFLAGS).take(most).collect();
        let mut last = HashMap::new();
        for (index, inode) in inodes.iter().enumerate() {
            let is_file = modes.get(index).is_some_and(|mode| u32::try_from(*mode).is_ok_and(cpio::is_file));
            if !is_file || flags.get(index).is_some_and(|flags| flags & u64::from(GHOST) != 0) {
                continue;
            }
            let (last, n) = last.entry(*inode).or_insert((index, 0_usize));
            *last = index;
            *n = n.saturating_add(1);
        }
        Self {
            base_names: header.texts(tag::BASENAMES).take(most).collect(),
            folders: header.texts(tag::DIRNAMES).take(most).collect(),
            folder_of: header.numbers(tag::DIRINDEXES).take(most).collect(),
            sizes,
            modes,
            inodes,
            last,
        }
    }

    /// The file with that number. Its name is put together only now: many names can share a long folder.
    pub(crate) fn file(&self, index: usize) -> Option<Listed> {
        let folder = usize::try_from(*self.folder_of.get(index)?).ok()?;
        let (folder, base) = (*self.folders.get(folder)?, *self.base_names.get(index)?);
        if folder.len().checked_add(base.len())? > LONGEST {
            return None;
        }
        let mode = u32::try_from(*self.modes.get(index)?).ok()?;
        let inode = self.inodes.get(index).copied().unwrap_or_default();
        let (last, n) = self.last.get(&inode).copied().unwrap_or((index, 1));
        let linked = cpio::is_file(mode) && n > 1;
        // A symbolic link's bytes are where it leads.
        let has_bytes = cpio::is_link(mode) || cpio::is_file(mode) && (!linked || last == index);
        let stored = if has_bytes { *self.sizes.get(index)? } else { 0 };
        Some(Listed { name: [folder, base].concat(), mode, stored, inode, linked })
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*four))
}
