//! SELinux users. Source: `user_read`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::hierarchy::{Bounded, check_bounds};
use crate::ids::UserId;
use crate::mls::{self, Level, Range};
use crate::name::Name;
use crate::records::{Record, Records, Shape};
use crate::symtab::SymbolTable;

/// A user, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1.
    pub value: u32,
    /// The user that bounds it.
    pub bounds: Option<UserId>,
    /// The roles that it may have (bits).
    pub roles: Ebitmap<'a>,
    /// The range that its contexts must lie within, and its level at login; since version 19.
    pub levels: Option<(Range<'a>, Level<'a>)>,
}

impl<'a> Record<'a> for User<'a> {
    const MIN_SIZE: usize = 21;
    const WHAT: &'static str = "users";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let [length, value] = cursor.u32s()?;
        let bounds = if shape.format.has(Feature::Bounds) { UserId::from_value(cursor.u32()?) } else { None };
        let name = cursor.name(length)?;
        let roles = Ebitmap::read(cursor)?;
        let levels = if shape.format.has(Feature::Mls) {
            Some((mls::read_range(cursor)?, mls::read_level(cursor)?))
        } else {
            None
        };
        Ok(User { name, value, bounds, roles, levels })
    }
}

pub(crate) fn read_users<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<(SymbolTable<'a, Option<UserId>>, Records<'a, User<'a>>)> {
    cursor.enter(Section::Users);
    let users = SymbolTable::read(cursor, shape, |table, cursor, offset, user: User<'a>| {
        table.insert(cursor, offset, user.name, user.value, user.bounds)
    })?;
    check_bounds(cursor, &users.0)?;
    Ok(users)
}

impl Bounded for Option<UserId> {
    fn bounds(&self) -> Option<u32> {
        self.map(UserId::value)
    }
}
