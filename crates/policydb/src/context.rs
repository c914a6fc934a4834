//! Security contexts in labelling statements. Source: `context_read_and_validate`.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::format::Feature;
use crate::ids::{RoleId, TypeId, UserId};
use crate::mls::{self, Range};
use crate::records::Shape;

/// A security context.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The user.
    pub user: UserId,
    /// The role.
    pub role: RoleId,
    /// The type.
    pub r#type: TypeId,
    /// The range; since version 19, and without meaning in policies without levels.
    pub range: Option<Range<'a>>,
}

pub(crate) fn read_context<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Context<'a>> {
    let user = shape.bounds.user_id(cursor)?;
    let role = shape.bounds.role_id(cursor)?;
    let r#type = shape.bounds.type_id(cursor)?;
    let range = if shape.format.has(Feature::Mls) { Some(mls::read_range(cursor, shape)?) } else { None };
    Ok(Context { user, role, r#type, range })
}
