//! `type_transition` rules with a file name. Source: `filename_trans_read` in `ss/policydb.c`.
//!
//! There can be hundreds of thousands; the section is checked while loading, and decoded only by
//! questions that ask for it. Before version 33 each entry is one rule; since then an entry is a target,
//! a class and a name, with, for each default type, the set of sources.

use std::collections::HashSet;

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::ids::{ClassId, TypeId};
use crate::name::Name;
use crate::records::{Record, Records, Shape};

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

/// An entry as it stands in the file.
#[derive(Clone, Debug)]
pub enum FilenameEntry<'a> {
    /// One rule, before version 33.
    Rule(FilenameTransition<'a>),
    /// All rules for a target, a class and a name, since version 33.
    Grouped {
        /// The type of the parent directory.
        target: TypeId,
        /// The class of the new object.
        class: ClassId,
        /// The last component of the path.
        name: Name<'a>,
        /// The rules, by default type; at least one.
        groups: Records<'a, FilenameGroup<'a>>,
    },
}

/// The sources that share a default type.
#[derive(Clone, Copy, Debug)]
pub struct FilenameGroup<'a> {
    /// The creating types (bits).
    pub sources: Ebitmap<'a>,
    /// The type of the new object.
    pub default: TypeId,
}

impl<'a> Record<'a> for FilenameGroup<'a> {
    const MIN_SIZE: usize = 16;
    const WHAT: &'static str = "default types";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let offset = cursor.position();
        let sources = Ebitmap::read(cursor)?;
        if let Some(last) = sources.last() {
            shape.bounds.check_type(cursor, offset, last.saturating_add(1))?;
        }
        Ok(FilenameGroup { sources, default: shape.bounds.type_id(cursor)? })
    }
}

impl<'a> Record<'a> for FilenameEntry<'a> {
    const MIN_SIZE: usize = 21;
    const WHAT: &'static str = "file name transitions";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let bounds = shape.bounds;
        let length = cursor.u32()?;
        let name = cursor.name(length)?;
        if !shape.format.has(Feature::CompressedFilenameTransitions) {
            let source = bounds.type_id(cursor)?;
            let target = bounds.type_id(cursor)?;
            let class = bounds.class_id(cursor)?;
            let default = bounds.type_id(cursor)?;
            return Ok(FilenameEntry::Rule(FilenameTransition { source, target, class, name, default }));
        }
        let target = bounds.type_id(cursor)?;
        let class = bounds.class_id(cursor)?;
        let offset = cursor.position();
        let groups: Records<'a, FilenameGroup<'a>> = Records::read(cursor, shape)?;
        if groups.is_empty() {
            return Err(cursor.error_at(offset, "at least one default type", "none"));
        }
        Ok(FilenameEntry::Grouped { target, class, name, groups })
    }
}

/// The validated section.
#[derive(Clone, Debug)]
pub struct FilenameTransitions<'a> {
    entries: Records<'a, FilenameEntry<'a>>,
}

impl<'a> FilenameTransitions<'a> {
    /// Checks the section. Never panics.
    pub(crate) fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        cursor.enter(Section::FilenameTransitions);
        let known = shape.format.has(Feature::FilenameTransitions);
        let entries = if known { Records::read(cursor, shape)? } else { Records::none(cursor, shape) };
        Ok(FilenameTransitions { entries })
    }

    /// The entries as they stand in the file.
    pub fn entries(&self) -> &Records<'a, FilenameEntry<'a>> {
        &self.entries
    }

    /// Calls `visit` for each rule, in the order of the file. O(rules).
    ///
    /// Some old policies state a rule twice; as the kernel does, the first counts.
    pub fn for_each(&self, mut visit: impl FnMut(FilenameTransition<'a>)) {
        let mut seen = HashSet::new();
        for entry in self.entries.iter() {
            match entry {
                FilenameEntry::Rule(rule) => {
                    if seen.insert((rule.source, rule.target, rule.class, rule.name)) {
                        visit(rule);
                    }
                }
                FilenameEntry::Grouped { target, class, name, groups } => {
                    for group in groups.iter() {
                        for bit in group.sources.bits() {
                            let (source, default) = (TypeId::from_index(bit), group.default);
                            visit(FilenameTransition { source, target, class, name, default });
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::header::Platform;
    use crate::references::Bounds;

    const BOUNDS: Bounds = Bounds::SMALL;

    /// Reads entries whose names are all `n`; the words of a name's length are followed by it.
    fn read(version: u32, entries: &[&[u32]]) -> Result<Vec<[u32; 4]>> {
        let mut bytes = u32::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
        for entry in entries {
            bytes.extend(1u32.to_le_bytes());
            bytes.push(b'n');
            bytes.extend(entry.iter().flat_map(|w| w.to_le_bytes()));
        }
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
        assert_eq!(read(32, &[&[3, 4, 2, 5]]).unwrap(), [[3, 4, 2, 5]]);
        let compressed = read(33, &[&[4, 2, 1, 64, 64, 1, 0, 0b101, 0, 5]]).unwrap();
        assert_eq!(compressed, [[1, 4, 2, 5], [3, 4, 2, 5]]);
    }

    #[test]
    fn of_a_rule_stated_twice_the_first_counts() {
        assert_eq!(
            read(32, &[&[3, 4, 2, 5], &[3, 4, 2, 1], &[3, 4, 1, 1]]).unwrap(),
            [[3, 4, 2, 5], [3, 4, 1, 1]]
        );
    }

    #[test]
    fn ids_and_counts_are_checked() {
        for bad in [[0, 4, 2, 5], [6, 4, 2, 5], [3, 0, 2, 5], [3, 4, 3, 5], [3, 4, 2, 6]] {
            assert!(read(32, &[&bad]).is_err(), "{bad:?}");
        }
        assert!(read(33, &[&[4, 2, 0, 0, 0, 0]]).is_err(), "no default type");
        assert!(read(33, &[&[4, 2, 1, 64, 64, 1, 0, 1 << 5, 0, 5]]).is_err(), "source beyond the table");
        assert!(read(33, &[&[4, 2, 9, 64, 64, 1, 0, 1, 0, 5]]).is_err(), "more groups than bytes");
    }
}
