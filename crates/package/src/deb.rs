//! A Debian package: an `ar` archive of `debian-binary`, `control.tar*` and `data.tar*`.
//!
//! A member of `ar` is a header of 60 bytes (name, times and owners, at byte 48 its size in decimal digits, and a mark at the end), and its
//! bytes, filled up to an even number. That is read here, on the spot: the members are slices of the file, where a library would
//! copy them. The archives in it are left to the crate `tar`.
//!
//! Source: `deb(5)`, `deb-control(5)`, `ar(5)`.

use std::io::Read;

use crate::collector::Collector;
use crate::compression::{decoder, lzma_decoder};
use crate::limits::{Bound, Bounded};
use crate::{Error, Format, Limits, MemberName, Package, format, tarball};

const SECTION: &str = "Debian package";
/// Bytes of the archive's mark, and of a member's header.
const MARK: usize = 8;
const HEADER: usize = 60;
/// The file `control` is text of a few lines.
const LONGEST_CONTROL: u64 = 1 << 20;

/// Reads a Debian package; its files go to the collector.
pub(crate) fn read(bytes: &[u8], limits: &Limits, collector: &mut Collector<'_>) -> Result<Package, Error> {
    let mut package = None;
    let mut offset = MARK;
    while let Some(member) = Part::at(bytes, offset)? {
        match (member.name.as_str(), &package) {
            ("debian-binary", _) if !member.bytes.starts_with(b"2.") => {
                let found = String::from_utf8_lossy(member.bytes);
                return Err(Error::malformed(SECTION, offset as u64, "version 2 of the format", found));
            }
            (name, None) if name.starts_with("control.tar") => package = Some(read_control(&member, limits)?),
            (name, Some(_)) if name.starts_with("data.tar") => {
                read_files(&member, limits, collector)?;
                return package.ok_or_else(|| missing(offset, "control.tar"));
            }
            _ => {}
        }
        offset = member.end;
    }
    Err(missing(offset, if package.is_some() { "data.tar" } else { "control.tar" }))
}

fn missing(offset: usize, expected: &'static str) -> Error {
    Error::malformed(SECTION, offset as u64, expected, "the end of the file")
}

/// A member of the `ar` archive.
struct Part<'a> {
    name: String,
    bytes: &'a [u8],
    /// Where the next member begins.
    end: usize,
}

impl<'a> Part<'a> {
    /// The member at an offset; none at the end of the file.
    fn at(bytes: &'a [u8], offset: usize) -> Result<Option<Self>, Error> {
        let rest = bytes.get(offset..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let malformed = |expected, found: &[u8]| {
            Error::malformed(SECTION, offset as u64, expected, String::from_utf8_lossy(found))
        };
        let header = rest.get(..HEADER).ok_or_else(|| malformed("a header of 60 bytes", rest))?;
        let field = |range: std::ops::Range<usize>| header.get(range).unwrap_or_default().trim_ascii_end();
        if !header.ends_with(b"`\n") {
            return Err(malformed("the end of a header", field(58..60)));
        }
        let digits = field(48..58);
        let size = (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
            .then(|| std::str::from_utf8(digits).ok()?.parse::<usize>().ok())
            .flatten()
            .ok_or_else(|| malformed("a size in decimal digits", digits))?;
        let end = HEADER.checked_add(size).ok_or_else(|| malformed("as many bytes as it says", digits))?;
        let bytes = rest.get(HEADER..end).ok_or_else(|| malformed("as many bytes as it says", digits))?;
        let end = offset.saturating_add(end).saturating_add(size & 1);
        let name = String::from_utf8_lossy(field(0..16)).trim_end_matches('/').to_owned();
        Ok(Some(Self { name, bytes, end }))
    }

    /// Its bytes as an archive, uncompressed, up to a limit.
    fn archive(&self, limits: &Limits) -> Result<(Format, impl Read + use<'a>), Error> {
        let format = format(self.bytes);
        let stream: Box<dyn Read + 'a> = match decoder(format, self.bytes) {
            Some(stream) => stream,
            None if self.name.ends_with(".lzma") => {
                lzma_decoder(self.bytes).map_err(|error| Error::of_stream(SECTION, format, &error))?
            }
            None => Box::new(self.bytes),
        };
        Ok((format, Bounded::new(stream, limits.of_stream(self.bytes.len(), Bound::Total))))
    }
}

/// Reads `control.tar`: the fields of the file `control`.
fn read_control(part: &Part<'_>, limits: &Limits) -> Result<Package, Error> {
    const SECTION: &str = "Debian package, control.tar";
    let (format, archive) = part.archive(limits)?;
    let mut control = None;
    tarball::walk(archive, SECTION, format, |member| {
        if control.is_none() && MemberName::new(&member.name).is_ok_and(|name| name.as_str() == "control") {
            let mut text = Vec::new();
            let read = member.bytes.take(LONGEST_CONTROL).read_to_end(&mut text);
            read.map_err(|error| Error::of_stream(SECTION, format, &error))?;
            control = Some(text);
        }
        Ok(())
    })?;
    match control {
        Some(text) => package_of(&String::from_utf8_lossy(&text)),
        None => Err(Error::malformed(SECTION, 0, "a file `control`", "none")),
    }
}

/// What the fields of a file `control` say.
fn package_of(control: &str) -> Result<Package, Error> {
    let field = |wanted: &str| {
        // A field's first line; the second paragraph, and lines that go on, are of no interest.
        let lines = control.lines().take_while(|line| !line.trim().is_empty());
        let mut fields = lines.filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let required =
        |name, expected| field(name).ok_or_else(|| Error::malformed("file `control`", 0, expected, "none"));
    let version = required("Version", "a field `Version`")?;
    let (epoch, version) = match version.split_once(':') {
        Some((epoch, version)) => (Some(epoch.to_owned()), version),
        None => (None, version),
    };
    let (version, release) = match version.rsplit_once('-') {
        Some((version, release)) => (version, Some(release.to_owned())),
        None => (version, None),
    };
    Ok(Package {
        format: Format::Deb,
        name: required("Package", "a field `Package`")?.to_owned(),
        epoch,
        version: version.to_owned(),
        release,
        arch: field("Architecture").unwrap_or_default().to_owned(),
    })
}

/// Walks `data.tar`.
fn read_files(part: &Part<'_>, limits: &Limits, collector: &mut Collector<'_>) -> Result<(), Error> {
    const SECTION: &str = "Debian package, data.tar";
    let (format, archive) = part.archive(limits)?;
    tarball::walk(archive, SECTION, format, |member| {
        match collector.offer(&member.name, member.kind, member.size)? {
            Some(name) => collector
                .keep(name, member.bytes, member.size)
                .map_err(|error| Error::of_stream(SECTION, format, &error)),
            None => Ok(()),
        }
    })
}
