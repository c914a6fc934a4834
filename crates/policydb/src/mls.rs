//! Levels and ranges, sensitivities and categories. Source: `mls_read_level`, `mls_read_range_helper`,
//! `sens_read`, `cat_read` and `range_read`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::ids::{ClassId, TypeId};
use crate::name::Name;
use crate::records::{Record, Records, Shape};
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

pub(crate) fn read_level<'a>(cursor: &mut Cursor<'a>) -> Result<Level<'a>> {
    Ok(Level { sensitivity: cursor.u32()?, categories: Ebitmap::read(cursor)? })
}

pub(crate) fn read_range<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Range<'a>> {
    let offset = cursor.position();
    let range = read_unchecked_range(cursor)?;
    for level in std::iter::once(range.low).chain(range.high) {
        shape.bounds.check_level(cursor, offset, level)?;
    }
    Ok(range)
}

fn read_unchecked_range<'a>(cursor: &mut Cursor<'a>) -> Result<Range<'a>> {
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
        Ok(RangeTransition { source, target, class, range: read_range(cursor, shape)? })
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
