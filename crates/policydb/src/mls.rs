//! Levels and ranges, sensitivities and categories. Source: `mls_read_level`, `mls_read_range_helper`,
//! `sens_read`, `cat_read` and `range_read`; for what is a range, `mls_range_isvalid`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::ids::{ClassId, TypeId};
use crate::name::Name;
use crate::records::{Record, Records, Shape};
use crate::references::{Bounds, check_bits, check_value};
use crate::symtab::SymbolTable;

/// A sensitivity and categories.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// Value of the sensitivity, from 1; 0 in policies without levels.
    pub sensitivity: u32,
    /// The categories: bit 0 is the one of value 1.
    pub categories: Ebitmap<'a>,
}

/// A low and a high level.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// The low level.
    pub low: Level<'a>,
    /// The high level, unless the file gives one level for both.
    pub high: Option<Level<'a>>,
}

/// A sensitivity or an alias of one, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct Sensitivity<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Whether this is another name for the sensitivity of its level.
    pub is_alias: bool,
    /// The sensitivity itself and the categories that it may have.
    pub level: Level<'a>,
}

/// A category or an alias of one, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct Category<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1.
    pub value: u32,
    /// Whether this is another name for the category of this value.
    pub is_alias: bool,
}

/// A `range_transition` rule.
#[derive(Clone, Copy, Debug)]
pub struct RangeTransition<'a> {
    /// The type of the process.
    pub source: TypeId,
    /// The type of the program, or of the object that the new one is related to.
    pub target: TypeId,
    /// The class of the new object; `None` before version 21, where it is `process`.
    pub class: Option<ClassId>,
    /// The range of the new object.
    pub range: Range<'a>,
}

impl Level<'_> {
    /// Whether this level has at least the sensitivity and all categories of another. Source: `mls_level_dom`.
    pub fn dominates(self, other: Level<'_>) -> bool {
        self.sensitivity >= other.sensitivity && self.categories.contains_all(other.categories)
    }
}

pub(crate) fn read_level<'a>(cursor: &mut Cursor<'a>) -> Result<Level<'a>> {
    Ok(Level { sensitivity: cursor.u32()?, categories: Ebitmap::read(cursor)? })
}

pub(crate) fn read_range<'a>(cursor: &mut Cursor<'a>) -> Result<Range<'a>> {
    let n_levels = cursor.u32()?;
    match n_levels {
        1 => Ok(Range { low: read_level(cursor)?, high: None }),
        2 => {
            // Both sensitivities stand before both sets of categories.
            let [low, high] = cursor.u32s()?;
            let low = Level { sensitivity: low, categories: Ebitmap::read(cursor)? };
            let high = Level { sensitivity: high, categories: Ebitmap::read(cursor)? };
            Ok(Range { low, high: Some(high) })
        }
        _ => Err(cursor.error_back(4, "a range of 1 or 2 levels", n_levels.to_string())),
    }
}

/// Reads a range behind the tables of sensitivities and categories, and checks it against those. In policies
/// without levels the numbers have no meaning.
pub(crate) fn read_valid_range<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Range<'a>> {
    let offset = cursor.position();
    let range = read_range(cursor)?;
    if shape.bounds.has_levels {
        check_levels(cursor, offset, range, shape.bounds)?;
        if range.high.is_some_and(|high| !high.dominates(range.low)) {
            let found = "one that does not";
            return Err(cursor.error_at(offset, "a range whose high level dominates the low one", found));
        }
    }
    Ok(range)
}

/// Checks the levels of the range that begins at `offset`.
pub(crate) fn check_levels(
    cursor: &Cursor<'_>,
    offset: usize,
    range: Range<'_>,
    bounds: Bounds,
) -> Result<()> {
    check_level(cursor, offset, range.low, bounds)?;
    range.high.map_or(Ok(()), |high| check_level(cursor, offset, high, bounds))
}

/// Checks that the policy has the sensitivity and the categories of a level; `offset` is where it, or what it is
/// part of, begins.
pub(crate) fn check_level(
    cursor: &Cursor<'_>,
    offset: usize,
    level: Level<'_>,
    bounds: Bounds,
) -> Result<()> {
    check_value(cursor, offset, "sensitivity", level.sensitivity, bounds.n_sensitivities)?;
    check_bits(cursor, offset, "categories", level.categories, bounds.n_categories)
}

/// The word before `cursor`, which says whether a symbol is an alias.
fn read_is_alias(cursor: &Cursor<'_>, word: u32) -> Result<bool> {
    match word {
        0 | 1 => Ok(word == 1),
        _ => Err(cursor.error_back(4, "0, or 1 for an alias", word.to_string())),
    }
}

impl<'a> Record<'a> for Sensitivity<'a> {
    const MIN_SIZE: usize = 25;
    const WHAT: &'static str = "sensitivities";

    fn read(cursor: &mut Cursor<'a>, _: Shape) -> Result<Self> {
        let [length, is_alias] = cursor.u32s()?;
        let is_alias = read_is_alias(cursor, is_alias)?;
        Ok(Sensitivity { name: cursor.name(length)?, is_alias, level: read_level(cursor)? })
    }
}

pub(crate) fn read_sensitivities<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<(SymbolTable<'a, ()>, Records<'a, Sensitivity<'a>>)> {
    cursor.enter(Section::Sensitivities);
    SymbolTable::read(cursor, shape, |table, cursor, offset, record: Sensitivity<'a>| {
        let value = record.level.sensitivity;
        if record.is_alias {
            table.insert_alias(cursor, offset, record.name, value)
        } else {
            table.insert(cursor, offset, record.name, value, ())
        }
    })
}

impl<'a> Record<'a> for Category<'a> {
    const MIN_SIZE: usize = 13;
    const WHAT: &'static str = "categories";

    fn read(cursor: &mut Cursor<'a>, _: Shape) -> Result<Self> {
        let [length, value, is_alias] = cursor.u32s()?;
        let is_alias = read_is_alias(cursor, is_alias)?;
        Ok(Category { name: cursor.name(length)?, value, is_alias })
    }
}

pub(crate) fn read_categories<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<(SymbolTable<'a, ()>, Records<'a, Category<'a>>)> {
    cursor.enter(Section::Categories);
    SymbolTable::read(cursor, shape, |table, cursor, offset, record: Category<'a>| {
        if record.is_alias {
            table.insert_alias(cursor, offset, record.name, record.value)
        } else {
            table.insert(cursor, offset, record.name, record.value, ())
        }
    })
}

impl<'a> Record<'a> for RangeTransition<'a> {
    const MIN_SIZE: usize = 24;
    const WHAT: &'static str = "range transitions";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let source = shape.bounds.type_id(cursor)?;
        let target = shape.bounds.type_id(cursor)?;
        let class = if shape.format.has(Feature::RangeTransitionClass) {
            Some(shape.bounds.class_id(cursor)?)
        } else {
            None
        };
        Ok(RangeTransition { source, target, class, range: read_valid_range(cursor, shape)? })
    }
}

pub(crate) fn read_range_transitions<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Records<'a, RangeTransition<'a>>> {
    cursor.enter(Section::RangeTransitions);
    if shape.format.has(Feature::Mls) {
        Records::read(cursor, shape)
    } else {
        Ok(Records::none(cursor, shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::header::Platform;

    /// Reads a range of two levels, each a sensitivity and the categories 1 to 64 as bits, in a policy with two
    /// sensitivities and eight categories.
    fn read(has_levels: bool, low: (u32, u32), high: (u32, u32)) -> Result<()> {
        let bounds = Bounds { n_sensitivities: 2, n_categories: 8, has_levels, ..Bounds::default() };
        let format = Format { platform: Platform::Selinux, version: 33 };
        let mut words = vec![2, low.0, high.0];
        for categories in [low.1, high.1] {
            match categories {
                0 => words.extend([64, 0, 0]),
                _ => words.extend([64, 64, 1, 0, categories, 0]),
            }
        }
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let cursor = &mut Cursor::new(&bytes, Section::RangeTransitions);
        read_valid_range(cursor, Shape { format, bounds, list: 0 }).map(drop)
    }

    #[test]
    fn levels_must_be_the_policy_s() {
        assert_eq!(read(true, (1, 0), (2, 0x80)), Ok(()));
        assert_eq!(read(true, (2, 3), (2, 3)), Ok(()));
        for (low, high, found) in [
            ((0, 0), (2, 0), "found 0"),
            ((1, 0), (3, 0), "found 3"),
            ((1, 0), (2, 0x100), "found number 9"),
            ((1, 0x100), (2, 0x100), "found number 9"),
            ((2, 0), (1, 0), "found one that does not"),
            ((1, 1), (2, 2), "found one that does not"),
        ] {
            let error = read(true, low, high).unwrap_err().to_string();
            assert!(error.contains(found), "{low:?} {high:?}: {error}");
            assert!(error.starts_with("range transitions, byte 0"), "{error}");
            // Without levels they mean nothing.
            assert_eq!(read(false, low, high), Ok(()));
        }
    }
}
