//! Roles, role transitions and role allows. Source: `role_read`, `role_trans_read`, `role_allow_read`.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::format::{Feature, Format};
use crate::policy::{Bounds, check_value};
use crate::symtab::SymbolTable;

pub(crate) fn read_roles<'a>(cursor: &mut Cursor<'a>, format: Format) -> Result<SymbolTable<'a, ()>> {
    cursor.enter(Section::Roles);
    SymbolTable::read(cursor, "roles", 33, |cursor, table| {
        let offset = cursor.position();
        let [length, value] = cursor.u32s()?;
        if format.has(Feature::Bounds) {
            let _bounding_role = cursor.u32()?;
        }
        let name = cursor.name(length)?;
        let _dominated = Ebitmap::read(cursor)?;
        let _types = Ebitmap::read(cursor)?;
        table.insert(cursor, offset, name, value, ())
    })
}

pub(crate) fn read_role_transitions(cursor: &mut Cursor<'_>, format: Format, bounds: Bounds) -> Result<()> {
    cursor.enter(Section::RoleTransitions);
    for _ in 0..cursor.count(12, "role transitions")? {
        let offset = cursor.position();
        let [role, r#type, new_role] = cursor.u32s()?;
        check_value(cursor, offset, "role", role, bounds.n_roles)?;
        bounds.check_type(cursor, offset.saturating_add(4), r#type)?;
        check_value(cursor, offset.saturating_add(8), "role", new_role, bounds.n_roles)?;
        if format.has(Feature::RoleTransitionClass) {
            let offset = cursor.position();
            let class = cursor.u32()?;
            bounds.check_class(cursor, offset, class)?;
        }
    }
    Ok(())
}

pub(crate) fn read_role_allows(cursor: &mut Cursor<'_>, bounds: Bounds) -> Result<()> {
    cursor.enter(Section::RoleAllows);
    for _ in 0..cursor.count(8, "role allows")? {
        let offset = cursor.position();
        for role in cursor.u32s::<2>()? {
            check_value(cursor, offset, "role", role, bounds.n_roles)?;
        }
    }
    Ok(())
}
