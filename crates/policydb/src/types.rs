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
///
/// A bitmap is kept as where its nodes stand, half the size of a slice: there are thousands, and a cold
/// query looks at one or two.
#[derive(Debug, Default)]
pub(crate) struct TypeAttributes<'a> {
    bytes: &'a [u8],
    /// Offset of the nodes and their number, by type index.
    spans: Vec<(u32, u32)>,
}

impl<'a> TypeAttributes<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, n_types: usize) -> Result<Self> {
        cursor.enter(Section::TypeAttributes);
        let offset = cursor.position();
        let bytes = cursor.remaining();
        let n_types = cursor.check_count(offset, u32::try_from(n_types).unwrap_or(u32::MAX), 12, "types")?;
        let mut spans = Vec::with_capacity(n_types);
        for _ in 0..n_types {
            let start = cursor.position();
            let attributes = Ebitmap::read(cursor)?;
            if let Some(last) = attributes.last().filter(|&last| last as usize >= n_types) {
                return Err(cursor.error_at(start, format!("ids below {n_types}"), last.to_string()));
            }
            let end = cursor.position().saturating_sub(offset);
            // A policy has less than 4 GiB; see `open`.
            spans.push((
                u32::try_from(end).unwrap_or(u32::MAX),
                u32::try_from(attributes.n_nodes()).unwrap_or(0),
            ));
        }
        Ok(TypeAttributes { bytes, spans })
    }

    /// The attributes of a type and usually the type itself.
    pub(crate) fn get(&self, id: TypeId) -> Ebitmap<'a> {
        let Some(&(end, n_nodes)) = self.spans.get(id.index()) else { return Ebitmap::default() };
        self.bytes
            .get(..end as usize)
            .map(|bytes| Ebitmap::ending(bytes, n_nodes as usize))
            .unwrap_or_default()
    }
}
