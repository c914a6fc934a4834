//! Types, attributes and aliases, and which type has which attributes.
//! Source: `type_read`, and the end of `policydb_read` for the type–attribute map.
//!
//! Types and attributes share one id space. Before version 24 attributes have an id but no symbol.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::{Feature, Format};
use crate::ids::TypeId;
use crate::symtab::SymbolTable;

const TYPEDATUM_PROPERTY_PRIMARY: u32 = 1;
const TYPEDATUM_PROPERTY_ATTRIBUTE: u32 = 2;

/// A type or an attribute.
#[derive(Clone, Copy, Debug)]
pub struct TypeSymbol {
    /// Whether this is an attribute.
    pub is_attribute: bool,
    /// The type that bounds this one.
    pub bounds: Option<TypeId>,
}

pub(crate) fn read_types<'a>(cursor: &mut Cursor<'a>, format: Format) -> Result<SymbolTable<'a, TypeSymbol>> {
    cursor.enter(Section::Types);
    let types = SymbolTable::read(cursor, "types", 13, |cursor, table| {
        let offset = cursor.position();
        let [length, value, properties] = cursor.u32s()?;
        let bounds = if format.has(Feature::Bounds) { TypeId::from_value(cursor.u32()?) } else { None };
        let name = cursor.name(length)?;
        let is_attribute = format.has(Feature::Bounds) && properties & TYPEDATUM_PROPERTY_ATTRIBUTE != 0;
        if is_attribute || properties & TYPEDATUM_PROPERTY_PRIMARY != 0 {
            table.insert(cursor, offset, name, value, TypeSymbol { is_attribute, bounds })
        } else {
            table.insert_alias(cursor, offset, name, value)
        }
    })?;
    Ok(types)
}

/// For each type, the bitmap of its attributes and of itself.
pub(crate) fn read_type_attributes<'a>(cursor: &mut Cursor<'a>, n_types: usize) -> Result<Vec<Ebitmap<'a>>> {
    cursor.enter(Section::TypeAttributes);
    let offset = cursor.position();
    let n_types = cursor.check_count(offset, u32::try_from(n_types).unwrap_or(u32::MAX), 12, "types")?;
    let mut map = Vec::with_capacity(n_types);
    for _ in 0..n_types {
        let offset = cursor.position();
        let attributes = Ebitmap::read(cursor)?;
        if let Some(last) = attributes.last().filter(|&last| last as usize >= n_types) {
            return Err(cursor.error_at(offset, format!("ids below {n_types}"), last.to_string()));
        }
        map.push(attributes);
    }
    Ok(map)
}
