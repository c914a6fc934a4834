//! A package, as `.pp` files are: a module and texts that belong to it. Source: `sepol_module_package_read`.

use policydb::{Cursor, LoadError, Section as FileSection};

use crate::module::{MAGIC as MODULE_MAGIC, Module};

/// The number that a package begins with.
const MAGIC: u32 = 0xf97c_ff8f;
/// Sections that a package has at most.
const MOST_SECTIONS: usize = 100;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// The module.
    Module,
    /// Lines of file contexts.
    FileContexts,
    /// Which users of the system are which SELinux users.
    Seusers,
    /// Prefixes of users' home directories.
    UserExtra,
    /// Contexts of packets.
    NetfilterContexts,
    /// Something that nobody reads; with its number.
    Unknown(u32),
}

/// Each kind of section and the number that it begins with.
const KINDS: [(SectionKind, u32); 5] = [
    (SectionKind::Module, MODULE_MAGIC),
    (SectionKind::FileContexts, 0xf97c_ff90),
    (SectionKind::Seusers, 0x097c_ff91),
    (SectionKind::UserExtra, 0x097c_ff92),
    (SectionKind::NetfilterContexts, 0x097c_ff93),
];

/// A section.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// What it holds.
    pub kind: SectionKind,
    /// Its bytes; those of a text without the number before it.
    pub bytes: &'a [u8],
}

/// A package.
#[derive(Clone, Debug)]
pub struct Package<'a> {
    /// The version of the package's format.
    pub version: u32,
    /// Its sections, in the order of the file.
    pub sections: Vec<Section<'a>>,
    /// The module.
    pub module: Module<'a>,
}

impl<'a> Package<'a> {
    /// Whether bytes begin as a package does, or as a module without one.
    pub fn is_one(bytes: &[u8]) -> bool {
        let first = bytes.first_chunk::<4>().map(|word| u32::from_le_bytes(*word));
        first == Some(MAGIC) || first == Some(MODULE_MAGIC)
    }

    /// Reads and checks a package, or a module without one. Never panics; memory is at most a small multiple of the bytes.
    ///
    /// # Errors
    /// What is wrong, in which section, at which byte of the file.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LoadError> {
        let mut cursor = Cursor::new(bytes, FileSection::Package);
        let magic = cursor.u32()?;
        if magic == MODULE_MAGIC {
            let section = Section { kind: SectionKind::Module, bytes };
            return Ok(Package { version: 0, sections: vec![section], module: Module::parse(bytes)? });
        }
        if magic != MAGIC {
            let expected = format!("the magic number of a policy package, {MAGIC:#x}");
            return Err(cursor.error_at(0, expected, format!("{magic:#x}")));
        }
        let version = cursor.u32()?;
        let n_sections = cursor.count(4, "sections")?;
        if n_sections > MOST_SECTIONS {
            return Err(cursor.error_back(
                4,
                format!("at most {MOST_SECTIONS} sections"),
                n_sections.to_string(),
            ));
        }
        let mut offsets = Vec::with_capacity(n_sections);
        for _ in 0..n_sections {
            let offset = cursor.u32()? as usize;
            let least = offsets.last().copied().unwrap_or_default();
            if offset < least || offset > bytes.len() {
                let expected = format!("the offset of a section, {least} to {}", bytes.len());
                return Err(cursor.error_back(4, expected, offset.to_string()));
            }
            offsets.push(offset);
        }
        let mut sections: Vec<Section<'a>> = Vec::with_capacity(n_sections);
        let mut module = None;
        let ends = offsets.iter().copied().skip(1).chain([bytes.len()]);
        for (start, end) in offsets.iter().copied().zip(ends) {
            let whole = bytes.get(start..end).unwrap_or_default();
            let Some((number, text)) = whole.split_first_chunk::<4>() else {
                return Err(cursor.error_at(
                    start,
                    "a section of at least 4 bytes",
                    format!("{}", whole.len()),
                ));
            };
            let number = u32::from_le_bytes(*number);
            let known = KINDS.iter().find(|(_, other)| *other == number);
            let kind = known.map_or(SectionKind::Unknown(number), |(kind, _)| *kind);
            let is_second = sections.iter().any(|section| section.kind == kind);
            if is_second && !matches!(kind, SectionKind::Unknown(_)) {
                return Err(cursor.error_at(start, "one section of a kind", "a second one"));
            }
            if kind == SectionKind::Module {
                // Offsets of errors are those of the file.
                module = Some(Module::parse(whole).map_err(|mut error| {
                    error.offset = error.offset.saturating_add(start);
                    error
                })?);
                sections.push(Section { kind, bytes: whole });
            } else {
                sections.push(Section { kind, bytes: text });
            }
        }
        match module {
            Some(module) => Ok(Package { version, sections, module }),
            None => Err(cursor.error_at(0, "a package with a module", "none in it")),
        }
    }

    /// The bytes of a section.
    pub fn section(&self, kind: SectionKind) -> Option<&'a [u8]> {
        self.sections.iter().find(|section| section.kind == kind).map(|section| section.bytes)
    }
}

impl SectionKind {
    /// The number that such a section begins with.
    pub fn number(self) -> u32 {
        match self {
            SectionKind::Unknown(number) => number,
            kind => KINDS.iter().find(|(other, _)| *other == kind).map_or(0, |(_, number)| *number),
        }
    }
}
