//! Roles, role transitions and role allows. Source: `role_read`, `role_trans_read`, `role_allow_read`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::hierarchy::{Bounded, check_bounds};
use crate::ids::{ClassId, RoleId, TypeId};
use crate::name::Name;
use crate::records::{Record, Records, Shape};
use crate::references::Needs;
use crate::symtab::SymbolTable;

/// A role, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct Role<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1.
    pub value: u32,
    /// The role that bounds it.
    pub bounds: Option<RoleId>,
    /// The roles that it dominates (bits), itself included.
    pub dominates: Ebitmap<'a>,
    /// The types that it may have (bits).
    pub types: Ebitmap<'a>,
}

/// A `role_transition` rule.
#[derive(Clone, Copy, Debug)]
pub struct RoleTransition {
    /// The current role.
    pub role: RoleId,
    /// The type of the program, or of the object that the new one is related to.
    pub r#type: TypeId,
    /// The new role.
    pub new_role: RoleId,
    /// The class of the new object; `None` before version 26, where it is `process`.
    pub class: Option<ClassId>,
}

/// A role `allow` rule.
#[derive(Clone, Copy, Debug)]
pub struct RoleAllow {
    /// The current role.
    pub source: RoleId,
    /// The role that it may change to.
    pub target: RoleId,
}

impl<'a> Record<'a> for Role<'a> {
    const MIN_SIZE: usize = 33;
    const WHAT: &'static str = "roles";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let [length, value] = cursor.u32s()?;
        let bounds = if shape.format.has(Feature::Bounds) { RoleId::from_value(cursor.u32()?) } else { None };
        let name = cursor.name(length)?;
        Ok(Role { name, value, bounds, dominates: Ebitmap::read(cursor)?, types: Ebitmap::read(cursor)? })
    }
}

/// Reads the roles. What they speak of is added to `needs`.
pub(crate) fn read_roles<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
    needs: &mut Needs,
) -> Result<(SymbolTable<'a, Option<RoleId>>, Records<'a, Role<'a>>)> {
    cursor.enter(Section::Roles);
    let roles = SymbolTable::read(cursor, shape, |table, cursor, offset, role: Role<'a>| {
        *needs = needs.join(Needs::of_role(role));
        table.insert(cursor, offset, role.name, role.value, role.bounds)
    })?;
    check_bounds(cursor, &roles.0)?;
    Ok(roles)
}

impl Bounded for Option<RoleId> {
    fn bounds(&self) -> Option<u32> {
        self.map(RoleId::value)
    }
}

impl<'a> Record<'a> for RoleTransition {
    const MIN_SIZE: usize = 12;
    const WHAT: &'static str = "role transitions";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let role = shape.bounds.role_id(cursor)?;
        let r#type = shape.bounds.type_id(cursor)?;
        let new_role = shape.bounds.role_id(cursor)?;
        let class = if shape.format.has(Feature::RoleTransitionClass) {
            Some(shape.bounds.class_id(cursor)?)
        } else {
            None
        };
        Ok(RoleTransition { role, r#type, new_role, class })
    }
}

pub(crate) fn read_role_transitions<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Records<'a, RoleTransition>> {
    cursor.enter(Section::RoleTransitions);
    Records::read(cursor, shape)
}

impl<'a> Record<'a> for RoleAllow {
    const MIN_SIZE: usize = 8;
    const WHAT: &'static str = "role allows";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        Ok(RoleAllow { source: shape.bounds.role_id(cursor)?, target: shape.bounds.role_id(cursor)? })
    }
}

pub(crate) fn read_role_allows<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Records<'a, RoleAllow>> {
    cursor.enter(Section::RoleAllows);
    Records::read(cursor, shape)
}
