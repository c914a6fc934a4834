//! Which symbols are declared and which are required: of a branch of a block as bitmaps, of the whole module by name.
//! Source: `scope_index_read`, `scope_read`.

use policydb::{Cursor, Ebitmap, LoadError, Name, Section};

use crate::rules::list;

/// How many kinds of symbols there are.
pub(crate) const N_KINDS: usize = 8;

/// Symbols that a branch of a block declares, or requires.
#[derive(Clone, Debug)]
pub struct ScopeIndex<'a> {
    /// By kind, in the order of [`crate::Symbols`]: ids less one.
    pub symbols: [Ebitmap<'a>; N_KINDS],
    /// By class id less one: permissions, as bits.
    pub permissions: Vec<Ebitmap<'a>>,
}

impl<'a> ScopeIndex<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, LoadError> {
        cursor.enter(Section::Scopes);
        let mut symbols = [Ebitmap::default(); N_KINDS];
        for slot in &mut symbols {
            *slot = Ebitmap::read(cursor)?;
        }
        Ok(ScopeIndex { symbols, permissions: list(cursor, 12, "classes", Ebitmap::read)? })
    }
}

/// Where a symbol is declared or required.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The symbol.
    pub name: Name<'a>,
    /// Whether it is declared (2) or only required (1).
    pub scope: u32,
    /// The branches of blocks, by their ids.
    pub branches: Vec<u32>,
}

impl<'a> Scope<'a> {
    /// Required, and declared elsewhere.
    pub const REQUIRED: u32 = 1;
    /// Declared.
    pub const DECLARED: u32 = 2;

    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, LoadError> {
        let length = cursor.u32()?;
        let name = cursor.name(length)?;
        let scope = cursor.u32()?;
        if ![Self::REQUIRED, Self::DECLARED].contains(&scope) {
            return Err(cursor.error_back(4, "required (1) or declared (2)", scope.to_string()));
        }
        let branches = list(cursor, 4, "blocks of a scope", Cursor::u32)?;
        if branches.is_empty() {
            return Err(cursor.error_back(4, "at least one block of a scope", "none"));
        }
        Ok(Scope { name, scope, branches })
    }
}
