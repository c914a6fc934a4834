//! Commons, object classes and their permissions. Source: `common_read` and `class_read`.
//!
//! A class has its own permissions and those of its common; together they number the bits of an access
//! vector from 0, at most 32.

use crate::constraint;
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::format::{Feature, Format};
use crate::name::Name;
use crate::symtab::SymbolTable;

/// A permission and its bit in access vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its bit, 0 to 31.
    pub bit: u8,
}

/// The permissions that classes inherit by naming a common.
#[derive(Debug)]
pub(crate) struct Common<'a> {
    permissions: Vec<Permission<'a>>,
}

/// An object class.
#[derive(Debug)]
pub struct Class<'a> {
    /// The name of the common it inherits.
    pub common: Option<Name<'a>>,
    /// The class's own permissions, in the order of the file.
    pub(crate) own: Vec<Permission<'a>>,
    /// Value of the common, for look-up.
    pub(crate) common_value: Option<u32>,
}

/// Reads the permissions that belong to `owner`.
fn read_permissions<'a>(
    cursor: &mut Cursor<'a>,
    offset: usize,
    n_values: u32,
    n_permissions: u32,
    owner: Name<'a>,
) -> Result<Vec<Permission<'a>>> {
    if n_values > 32 || n_permissions > 32 {
        let found = format!("{} for `{owner}`", n_values.max(n_permissions));
        return Err(cursor.error_at(offset, "at most 32 permissions", found));
    }
    let mut permissions: Vec<Permission<'a>> = Vec::with_capacity(n_permissions as usize);
    for _ in 0..n_permissions {
        let offset = cursor.position();
        let [length, value] = cursor.u32s()?;
        let name = cursor.name(length)?;
        let bit =
            u8::try_from(value).ok().filter(|_| value <= n_values).and_then(|value| value.checked_sub(1));
        let Some(bit) = bit else {
            let expected = format!("a value from 1 to {n_values} for permission `{name}`");
            return Err(cursor.error_at(offset, expected, value.to_string()));
        };
        if permissions.iter().any(|p| p.name == name || p.bit == bit) {
            let expected = format!("permissions of `{owner}` with names and values of their own");
            return Err(cursor.error_at(offset, expected, format!("`{name}`, value {value}, again")));
        }
        permissions.push(Permission { name, bit });
    }
    Ok(permissions)
}

pub(crate) fn read_commons<'a>(cursor: &mut Cursor<'a>) -> Result<SymbolTable<'a, Common<'a>>> {
    cursor.enter(Section::Commons);
    SymbolTable::read(cursor, "commons", 17, |cursor, table| {
        let offset = cursor.position();
        let [length, value, n_values, n_permissions] = cursor.u32s()?;
        let name = cursor.name(length)?;
        let permissions = read_permissions(cursor, offset, n_values, n_permissions, name)?;
        table.insert(cursor, offset, name, value, Common { permissions })
    })
}

pub(crate) fn read_classes<'a>(
    cursor: &mut Cursor<'a>,
    format: Format,
    commons: &SymbolTable<'a, Common<'a>>,
) -> Result<SymbolTable<'a, Class<'a>>> {
    cursor.enter(Section::Classes);
    SymbolTable::read(cursor, "classes", 25, |cursor, table| {
        let offset = cursor.position();
        let [length, common_length, value, n_values, n_permissions, n_constraints] = cursor.u32s()?;
        let name = cursor.name(length)?;
        let common = if common_length == 0 { None } else { Some(cursor.name(common_length)?) };
        let common_value = match common {
            None => None,
            Some(common) => match commons.value_of(common.as_bytes()) {
                Some(value) => Some(value),
                None => {
                    let found = format!("`{common}`, which is none");
                    return Err(cursor.error_at(offset, format!("a common for class `{name}`"), found));
                }
            },
        };
        let own = read_permissions(cursor, offset, n_values, n_permissions, name)?;
        constraint::read_all(cursor, format, n_constraints, constraint::Kind::Constrain)?;
        if format.has(Feature::Mls) {
            let n_validatetrans = cursor.u32()?;
            constraint::read_all(cursor, format, n_validatetrans, constraint::Kind::Validatetrans)?;
        }
        if format.has(Feature::ObjectDefaults) {
            read_default(cursor, "default_user", 2)?;
            read_default(cursor, "default_role", 2)?;
            // Source and target by low, high or both; 7 is `glblub`.
            read_default(cursor, "default_range", 7)?;
        }
        if format.has(Feature::DefaultType) {
            read_default(cursor, "default_type", 2)?;
        }
        table.insert(cursor, offset, name, value, Class { common, own, common_value })
    })
}

fn read_default(cursor: &mut Cursor<'_>, what: &'static str, most: u32) -> Result<()> {
    let value = cursor.u32()?;
    if value <= most {
        Ok(())
    } else {
        Err(cursor.error_back(4, format!("a {what} from 0 to {most}"), value.to_string()))
    }
}

impl<'a> Common<'a> {
    pub(crate) fn permissions(&self) -> &[Permission<'a>] {
        &self.permissions
    }
}
