//! Commons, object classes and their permissions. Source: `common_read` and `class_read`.
//!
//! A class has its own permissions and those of its common; together they number the bits of an access
//! vector from 0, at most 32.

use crate::constraint::Constraint;
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::format::Feature;
use crate::ids::ClassId;
use crate::name::Name;
use crate::records::{Record, Records, Shape};
use crate::references::Needs;
use crate::symtab::SymbolTable;

/// A permission and its bit in access vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its bit, 0 to 31.
    pub bit: u8,
}

/// A common, as it stands in the file: permissions that classes inherit by naming it.
#[derive(Clone, Debug)]
pub struct Common<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1.
    pub value: u32,
    /// The number of permission values.
    pub n_values: u32,
    /// Its permissions.
    pub permissions: Records<'a, Permission<'a>>,
}

/// An object class, as it stands in the file.
#[derive(Clone, Debug)]
pub struct Class<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1.
    pub value: u32,
    /// The name of the common that it inherits.
    pub common: Option<Name<'a>>,
    /// The number of permission values, those of the common included.
    pub n_values: u32,
    /// The class's own permissions.
    pub permissions: Records<'a, Permission<'a>>,
    /// Constraints on its permissions.
    pub constraints: Records<'a, Constraint<'a>>,
    /// Constraints on changes of label; since version 19.
    pub validatetrans: Option<Records<'a, Constraint<'a>>>,
    /// `default_user`, `default_role`, `default_range`, as numbers of the file, 0 for none; since 27.
    pub defaults: Option<[u32; 3]>,
    /// `default_type`, likewise; since 28.
    pub default_type: Option<u32>,
    /// What its constraints speak of.
    pub(crate) needs: Needs,
}

/// What look-up needs of a common or a class. Small, because a forged file can hold one in 17 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PermissionSet<'a> {
    /// The file from its first permission on.
    bytes: &'a [u8],
    n_own: u8,
    /// For classes, the common; commons have ids of their own, like those of classes.
    pub(crate) common: Option<ClassId>,
}

impl<'a> PermissionSet<'a> {
    fn new(own: &Records<'a, Permission<'a>>, common: Option<ClassId>) -> Self {
        PermissionSet { bytes: own.bytes(), n_own: u8::try_from(own.len()).unwrap_or(0), common }
    }

    /// Its own permissions, which were read in the same way before.
    pub(crate) fn own(self) -> impl Iterator<Item = Permission<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.bytes, Section::Classes);
        (0..self.n_own).map_while(move |_| Permission::read_next(&mut cursor).ok())
    }
}

impl<'a> Permission<'a> {
    fn read_next(cursor: &mut Cursor<'a>) -> Result<Self> {
        let [length, value] = cursor.u32s()?;
        let name = cursor.name(length)?;
        match u8::try_from(value).ok().and_then(|value| value.checked_sub(1)).filter(|bit| *bit < 32) {
            Some(bit) => Ok(Permission { name, bit }),
            None => {
                let expected = format!("a value from 1 to 32 for permission `{name}`");
                Err(cursor.error_back(name.as_bytes().len().saturating_add(4), expected, value.to_string()))
            }
        }
    }
}

impl<'a> Record<'a> for Permission<'a> {
    const MIN_SIZE: usize = 9;
    const WHAT: &'static str = "permissions";

    fn read(cursor: &mut Cursor<'a>, _: Shape) -> Result<Self> {
        Permission::read_next(cursor)
    }
}

/// Reads the permissions that belong to `owner`; `offset` is where it begins.
fn read_permissions<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
    offset: usize,
    [n_values, n_permissions]: [u32; 2],
    owner: Name<'a>,
) -> Result<Records<'a, Permission<'a>>> {
    if n_values > 32 || n_permissions > 32 {
        let found = format!("{} for `{owner}`", n_values.max(n_permissions));
        return Err(cursor.error_at(offset, "at most 32 permissions", found));
    }
    let (mut names, mut bits) = ([None; 32], 0u32);
    Records::walk(cursor, shape, n_permissions as usize, |cursor, offset, permission| {
        let Permission { name, bit } = permission;
        if u32::from(bit) >= n_values {
            let expected = format!("a value from 1 to {n_values} for permission `{name}`");
            return Err(cursor.error_at(offset, expected, bit.saturating_add(1).to_string()));
        }
        let mask = 1u32.unbounded_shl(u32::from(bit));
        if bits & mask != 0 || names.contains(&Some(name)) {
            let expected = format!("permissions of `{owner}` with names and values of their own");
            return Err(cursor.error_at(
                offset,
                expected,
                format!("`{name}`, value {}, again", bit.saturating_add(1)),
            ));
        }
        bits |= mask;
        if let Some(slot) = names.get_mut(usize::from(bit)) {
            *slot = Some(name);
        }
        Ok(())
    })
}

impl<'a> Record<'a> for Common<'a> {
    const MIN_SIZE: usize = 17;
    const WHAT: &'static str = "commons";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let offset = cursor.position();
        let [length, value, n_values, n_permissions] = cursor.u32s()?;
        let name = cursor.name(length)?;
        let permissions = read_permissions(cursor, shape, offset, [n_values, n_permissions], name)?;
        Ok(Common { name, value, n_values, permissions })
    }
}

pub(crate) fn read_commons<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<(SymbolTable<'a, PermissionSet<'a>>, Records<'a, Common<'a>>)> {
    cursor.enter(Section::Commons);
    SymbolTable::read(cursor, shape, |table, cursor, offset, common: Common<'a>| {
        let permissions = PermissionSet::new(&common.permissions, None);
        table.insert(cursor, offset, common.name, common.value, permissions)
    })
}

impl<'a> Record<'a> for Class<'a> {
    const MIN_SIZE: usize = 25;
    const WHAT: &'static str = "classes";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let offset = cursor.position();
        let [length, common_length, value, n_values, n_permissions, n_constraints] = cursor.u32s()?;
        let name = cursor.name(length)?;
        let common = if common_length == 0 { None } else { Some(cursor.name(common_length)?) };
        let permissions = read_permissions(cursor, shape, offset, [n_values, n_permissions], name)?;
        let n_constraints = cursor.check_count(
            offset.saturating_add(20),
            n_constraints,
            Constraint::MIN_SIZE,
            Constraint::WHAT,
        )?;
        let mut needs = Needs::default();
        let constraints =
            Records::walk(cursor, shape, n_constraints, |cursor, offset, constraint: Constraint<'a>| {
                needs = needs.join(constraint.needs);
                if constraint.has_third_context {
                    let found = "the third context, which only validatetrans has";
                    return Err(cursor.error_at(offset, "source or target", found));
                }
                Ok(())
            })?;
        let validatetrans = if shape.format.has(Feature::Mls) {
            let len = cursor.count(Constraint::MIN_SIZE, Constraint::WHAT)?;
            let constraints = Records::walk(cursor, shape, len, |_, _, constraint: Constraint<'a>| {
                needs = needs.join(constraint.needs);
                Ok(())
            })?;
            Some(constraints)
        } else {
            None
        };
        let defaults = if shape.format.has(Feature::ObjectDefaults) {
            let user = read_default(cursor, "default_user", 2)?;
            let role = read_default(cursor, "default_role", 2)?;
            // Source and target by low, high or both; 7 is `glblub`.
            Some([user, role, read_default(cursor, "default_range", 7)?])
        } else {
            None
        };
        let default_type = if shape.format.has(Feature::DefaultType) {
            Some(read_default(cursor, "default_type", 2)?)
        } else {
            None
        };
        Ok(Class {
            name,
            value,
            common,
            n_values,
            permissions,
            constraints,
            validatetrans,
            defaults,
            default_type,
            needs,
        })
    }
}

/// Reads the classes. What their constraints speak of is added to `needs`.
pub(crate) fn read_classes<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
    commons: &SymbolTable<'a, PermissionSet<'a>>,
    needs: &mut Needs,
) -> Result<(SymbolTable<'a, PermissionSet<'a>>, Records<'a, Class<'a>>)> {
    cursor.enter(Section::Classes);
    SymbolTable::read(cursor, shape, |table, cursor, offset, class: Class<'a>| {
        *needs = needs.join(class.needs);
        let common = match class.common {
            None => None,
            Some(common) => match commons.value_of(common.as_bytes()) {
                Some(value) => ClassId::from_value(value),
                None => {
                    let expected = format!("a common for class `{}`", class.name);
                    return Err(cursor.error_at(offset, expected, format!("`{common}`, which is none")));
                }
            },
        };
        let permissions = PermissionSet::new(&class.permissions, common);
        table.insert(cursor, offset, class.name, class.value, permissions)
    })
}

fn read_default(cursor: &mut Cursor<'_>, what: &'static str, most: u32) -> Result<u32> {
    let value = cursor.u32()?;
    if value <= most {
        Ok(value)
    } else {
        Err(cursor.error_back(4, format!("a {what} from 0 to {most}"), value.to_string()))
    }
}
