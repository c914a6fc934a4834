//! `type_transition` rules with a file name. Source: `filename_trans_read` in `ss/policydb.c`.
//!
//! There can be hundreds of thousands; the section is checked while loading, and decoded only by
//! questions that ask for it. Before version 33 each entry is one rule; since then an entry is a target,
//! a class and a name, with, for each default type, the set of sources.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::ids::{ClassId, TypeId};
use crate::name::Name;
use crate::records::Shape;

/// One rule: what `source` creates under `target` with this name gets the type `default`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilenameTransition<'a> {
    /// The creating type; never an attribute, the compiler expanded those.
    pub source: TypeId,
    /// The type of the parent directory.
    pub target: TypeId,
    /// The class of the new object.
    pub class: ClassId,
    /// The last component of the path, matched exactly.
    pub name: Name<'a>,
    /// The type of the new object.
    pub default: TypeId,
}

/// The validated section.
#[derive(Clone, Debug)]
pub struct FilenameTransitions<'a> {
    section: Cursor<'a>,
    n_entries: usize,
    compressed: bool,
}

impl<'a> FilenameTransitions<'a> {
    /// A policy without the section.
    pub(crate) fn none() -> Self {
        FilenameTransitions {
            section: Cursor::new(&[], Section::FilenameTransitions),
            n_entries: 0,
            compressed: true,
        }
    }

    /// Checks the section. Never panics.
    pub(crate) fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let Shape { format, bounds, .. } = shape;
        cursor.enter(Section::FilenameTransitions);
        let compressed = format.has(Feature::CompressedFilenameTransitions);
        let n_entries = cursor.count(21, "file name transitions")?;
        let section = cursor.clone();
        for _ in 0..n_entries {
            read_entry(cursor, compressed, |cursor, group| {
                let offset = cursor.position();
                bounds.check_type(cursor, offset, group.target)?;
                bounds.check_class(cursor, offset, group.class)?;
                bounds.check_type(cursor, offset, group.default)?;
                if let Sources::One(source) = group.sources {
                    bounds.check_type(cursor, offset, source)?;
                } else if let Sources::Set(sources) = group.sources
                    && let Some(last) = sources.last()
                {
                    bounds.check_type(cursor, offset, last.saturating_add(1))?;
                }
                Ok(())
            })?;
        }
        Ok(FilenameTransitions { section, n_entries, compressed })
    }

    /// Calls `visit` for each rule, in the order of the file. O(rules).
    pub fn for_each(&self, mut visit: impl FnMut(FilenameTransition<'a>)) {
        let mut cursor = self.section.clone();
        for _ in 0..self.n_entries {
            // INVARIANT: `read` walked these bytes in the same way, so this does not fail.
            let walked = read_entry(&mut cursor, self.compressed, |_, group| {
                let (target, class, default) = (group.target, group.class, group.default);
                if let (Some(target), Some(class), Some(default)) =
                    (TypeId::from_value(target), ClassId::from_value(class), TypeId::from_value(default))
                {
                    group.sources.for_each(|source| {
                        visit(FilenameTransition { source, target, class, name: group.name, default });
                    });
                }
                Ok(())
            });
            debug_assert!(walked.is_ok(), "the section was validated");
        }
    }
}

enum Sources<'a> {
    One(u32),
    Set(Ebitmap<'a>),
}

impl Sources<'_> {
    fn for_each(&self, mut visit: impl FnMut(TypeId)) {
        match self {
            Sources::One(value) => TypeId::from_value(*value).into_iter().for_each(visit),
            Sources::Set(set) => set.bits().for_each(|bit| visit(TypeId::from_index(bit))),
        }
    }
}

/// Rules that share everything but the source.
struct Group<'a> {
    sources: Sources<'a>,
    target: u32,
    class: u32,
    name: Name<'a>,
    default: u32,
}

fn read_entry<'a>(
    cursor: &mut Cursor<'a>,
    compressed: bool,
    mut visit: impl FnMut(&Cursor<'a>, Group<'a>) -> Result<()>,
) -> Result<()> {
    let length = cursor.u32()?;
    let name = cursor.name(length)?;
    if !compressed {
        let [source, target, class, default] = cursor.u32s()?;
        return visit(cursor, Group { sources: Sources::One(source), target, class, name, default });
    }
    let [target, class] = cursor.u32s()?;
    let n_groups = cursor.count(16, "default types")?;
    if n_groups == 0 {
        return Err(cursor.error_back(4, "at least one default type", "none"));
    }
    for _ in 0..n_groups {
        let sources = Sources::Set(Ebitmap::read(cursor)?);
        let default = cursor.u32()?;
        visit(cursor, Group { sources, target, class, name, default })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::header::Platform;
    use crate::policy::Bounds;

    const BOUNDS: Bounds = Bounds { n_types: 5, n_classes: 2, n_roles: 1, n_users: 1, is_xen: false };

    fn read(version: u32, words: &[u32]) -> Result<Vec<[u32; 4]>> {
        let mut bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        // One entry; its name is one byte.
        bytes.splice(8..8, *b"n");
        let format = Format { platform: Platform::Selinux, version };
        let section = FilenameTransitions::read(
            &mut Cursor::new(&bytes, Section::FilenameTransitions),
            Shape { format, bounds: BOUNDS, list: 0 },
        )?;
        let mut rules = Vec::new();
        section.for_each(|r| {
            rules.push([r.source.value(), r.target.value(), r.class.value(), r.default.value()])
        });
        Ok(rules)
    }

    #[test]
    fn both_encodings_give_the_same_rules() {
        assert_eq!(read(32, &[1, 1, 3, 4, 2, 5]).unwrap(), [[3, 4, 2, 5]]);
        let compressed = read(33, &[1, 1, 4, 2, 1, 64, 64, 1, 0, 0b101, 0, 5]).unwrap();
        assert_eq!(compressed, [[1, 4, 2, 5], [3, 4, 2, 5]]);
    }

    #[test]
    fn ids_and_counts_are_checked() {
        for bad in [[0, 4, 2, 5], [6, 4, 2, 5], [3, 0, 2, 5], [3, 4, 3, 5], [3, 4, 2, 6]] {
            let [s, t, c, d] = bad;
            assert!(read(32, &[1, 1, s, t, c, d]).is_err(), "{bad:?}");
        }
        assert!(read(33, &[1, 1, 4, 2, 0, 0, 0, 0]).is_err(), "no default type");
        assert!(read(33, &[1, 1, 4, 2, 1, 64, 64, 1, 0, 1 << 5, 0, 5]).is_err(), "source beyond the table");
        assert!(read(33, &[1, 1, 4, 2, 9, 64, 64, 1, 0, 1, 0, 5]).is_err(), "more groups than bytes");
    }
}
