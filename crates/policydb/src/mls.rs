//! Levels and ranges, sensitivities and categories. Source: `mls_read_level`, `mls_read_range_helper`,
//! `sens_read`, `cat_read` and `range_read`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::{Feature, Format};
use crate::policy::Bounds;
use crate::symtab::SymbolTable;

/// A sensitivity and its categories.
pub(crate) fn read_level(cursor: &mut Cursor<'_>) -> Result<u32> {
    let sensitivity = cursor.u32()?;
    Ebitmap::read(cursor)?;
    Ok(sensitivity)
}

/// One level, or a low and a high one.
pub(crate) fn read_range(cursor: &mut Cursor<'_>) -> Result<()> {
    let n_levels = cursor.u32()?;
    match n_levels {
        1 => {
            cursor.u32()?;
            Ebitmap::read(cursor)?;
        }
        2 => {
            cursor.u32s::<2>()?;
            Ebitmap::read(cursor)?;
            Ebitmap::read(cursor)?;
        }
        _ => return Err(cursor.error_back(4, "a range of 1 or 2 levels", n_levels.to_string())),
    }
    Ok(())
}

pub(crate) fn read_sensitivities<'a>(cursor: &mut Cursor<'a>) -> Result<SymbolTable<'a, ()>> {
    cursor.enter(Section::Sensitivities);
    SymbolTable::read(cursor, "sensitivities", 25, |cursor, table| {
        let offset = cursor.position();
        let [length, is_alias] = cursor.u32s()?;
        let name = cursor.name(length)?;
        let value = read_level(cursor)?;
        if is_alias == 0 {
            table.insert(cursor, offset, name, value, ())
        } else {
            table.insert_alias(cursor, offset, name, value)
        }
    })
}

pub(crate) fn read_categories<'a>(cursor: &mut Cursor<'a>) -> Result<SymbolTable<'a, ()>> {
    cursor.enter(Section::Categories);
    SymbolTable::read(cursor, "categories", 13, |cursor, table| {
        let offset = cursor.position();
        let [length, value, is_alias] = cursor.u32s()?;
        let name = cursor.name(length)?;
        if is_alias == 0 {
            table.insert(cursor, offset, name, value, ())
        } else {
            table.insert_alias(cursor, offset, name, value)
        }
    })
}

pub(crate) fn read_range_transitions(cursor: &mut Cursor<'_>, format: Format, bounds: Bounds) -> Result<()> {
    cursor.enter(Section::RangeTransitions);
    for _ in 0..cursor.count(24, "range transitions")? {
        let offset = cursor.position();
        let [source, target] = cursor.u32s()?;
        bounds.check_type(cursor, offset, source)?;
        bounds.check_type(cursor, offset.saturating_add(4), target)?;
        if format.has(Feature::RangeTransitionClass) {
            let offset = cursor.position();
            let class = cursor.u32()?;
            bounds.check_class(cursor, offset, class)?;
        }
        read_range(cursor)?;
    }
    Ok(())
}
