//! Types, attributes and aliases, and which type has which attributes.
//! Source: `type_read`, and the end of `policydb_read` for the type–attribute map.
//!
//! Types and attributes share one id space. Before version 24 attributes have an id but no symbol.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::hierarchy::{Bounded, check_bounds};
use crate::ids::TypeId;
use crate::name::Name;
use crate::records::{Record, Records, Shape};
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

impl Bounded for TypeSymbol {
    fn bounds(&self) -> Option<u32> {
        self.bounds.map(TypeId::value)
    }

    fn may_bound(&self) -> bool {
        !self.is_attribute
    }
}

/// A type, attribute or alias, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct TypeRecord<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1; an alias has the value of its type.
    pub value: u32,
    /// Bits: 1 primary (no alias), 2 attribute; before version 24 only 0 or 1.
    pub properties: u32,
    /// Value of the type that bounds it, 0 for none; since version 24.
    pub bounds: Option<u32>,
}

impl TypeRecord<'_> {
    fn is_attribute(self) -> bool {
        self.bounds.is_some() && self.properties & TYPEDATUM_PROPERTY_ATTRIBUTE != 0
    }
}

impl<'a> Record<'a> for TypeRecord<'a> {
    const MIN_SIZE: usize = 13;
    const WHAT: &'static str = "types";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let [length, value, properties] = cursor.u32s()?;
        let bounds = if shape.format.has(Feature::Bounds) { Some(cursor.u32()?) } else { None };
        Ok(TypeRecord { name: cursor.name(length)?, value, properties, bounds })
    }
}

pub(crate) fn read_types<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<(SymbolTable<'a, TypeSymbol>, Records<'a, TypeRecord<'a>>)> {
    cursor.enter(Section::Types);
    let types = SymbolTable::read(cursor, shape, |table, cursor, offset, record: TypeRecord<'a>| {
        let (name, value, is_attribute) = (record.name, record.value, record.is_attribute());
        if is_attribute || record.properties & TYPEDATUM_PROPERTY_PRIMARY != 0 {
            let bounds = record.bounds.and_then(TypeId::from_value);
            table.insert(cursor, offset, name, value, TypeSymbol { is_attribute, bounds })
        } else {
            table.insert_alias(cursor, offset, name, value)
        }
    })?;
    check_bounds(cursor, &types.0)?;
    Ok(types)
}

/// For each type, the bitmap of its attributes and of itself.
///
/// A bitmap is kept as where its nodes stand, half the size of a slice: there are thousands, and a cold
/// query looks at one or two.
#[derive(Debug, Default)]
pub(crate) struct TypeAttributes<'a> {
    bytes: &'a [u8],
    /// Where the nodes end, and their number, by type index.
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
            // `Policy::parse` takes less than 4 GiB.
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
