//! Sets of types, of roles and of levels as they were written, before anything is expanded.
//! Source: `type_set_read`, `role_set_read`, `mls_read_semantic_range_helper`.

use policydb::{Cursor, Ebitmap, LoadError};

/// Types and attributes: those named, without those taken out; or all but these.
#[derive(Clone, Copy, Debug, Default)]
pub struct TypeSet<'a> {
    /// Those named, as ids less one.
    pub types: Ebitmap<'a>,
    /// Those taken out, likewise.
    pub excluded: Ebitmap<'a>,
    /// [`TypeSet::STAR`] and [`TypeSet::COMPLEMENT`].
    pub flags: u32,
}

impl<'a> TypeSet<'a> {
    /// All types.
    pub const STAR: u32 = 1;
    /// All but those named.
    pub const COMPLEMENT: u32 = 2;

    /// Bytes of the smallest one.
    pub(crate) const MIN_SIZE: usize = 28;

    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, LoadError> {
        Ok(TypeSet { types: Ebitmap::read(cursor)?, excluded: Ebitmap::read(cursor)?, flags: cursor.u32()? })
    }
}

/// Roles: those named, or all but these.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoleSet<'a> {
    /// Those named, as ids less one.
    pub roles: Ebitmap<'a>,
    /// As those of [`TypeSet`].
    pub flags: u32,
}

impl<'a> RoleSet<'a> {
    /// Bytes of the smallest one.
    pub(crate) const MIN_SIZE: usize = 16;

    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, LoadError> {
        Ok(RoleSet { roles: Ebitmap::read(cursor)?, flags: cursor.u32()? })
    }
}

/// A level as it was written: a sensitivity, and runs of categories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SemanticLevel {
    /// The sensitivity's id; 0 for none.
    pub sensitivity: u32,
    /// First and last category of each run.
    pub categories: Vec<(u32, u32)>,
}

impl SemanticLevel {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, LoadError> {
        let sensitivity = cursor.u32()?;
        let n_runs = cursor.count(8, "runs of categories")?;
        let mut categories = Vec::with_capacity(n_runs);
        for _ in 0..n_runs {
            let [first, last] = cursor.u32s()?;
            categories.push((first, last));
        }
        Ok(SemanticLevel { sensitivity, categories })
    }
}

/// Two levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SemanticRange {
    /// The low one.
    pub low: SemanticLevel,
    /// The high one.
    pub high: SemanticLevel,
}

impl SemanticRange {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, LoadError> {
        Ok(SemanticRange { low: SemanticLevel::read(cursor)?, high: SemanticLevel::read(cursor)? })
    }
}
