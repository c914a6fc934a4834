//! The symbols of a module, or of one branch of a block. Source: `common_read`, `class_read`, `role_read`, `type_read`,
//! `user_read`, `cond_read_bool`, `sens_read`, `cat_read`.

use policydb::{Cursor, Ebitmap, LoadError, Name, Section};

use crate::constraint::{Constraint, read_constraints};
use crate::sets::{RoleSet, SemanticLevel, SemanticRange, TypeSet};
use crate::version::{Feature, Shape};

/// Symbols of one kind, in the order of the file.
#[derive(Clone, Debug)]
pub struct SymbolTable<T> {
    /// How many ids there are.
    pub n_ids: u32,
    /// The symbols.
    pub symbols: Vec<T>,
}

/// All symbols, by kind.
#[derive(Clone, Debug)]
pub struct Symbols<'a> {
    /// Permissions that classes inherit.
    pub commons: SymbolTable<Common<'a>>,
    /// Object classes.
    pub classes: SymbolTable<Class<'a>>,
    /// Roles and attributes of roles.
    pub roles: SymbolTable<Role<'a>>,
    /// Types, attributes and aliases.
    pub types: SymbolTable<Type<'a>>,
    /// SELinux users.
    pub users: SymbolTable<User<'a>>,
    /// Booleans and tunables.
    pub booleans: SymbolTable<Boolean<'a>>,
    /// Sensitivities.
    pub sensitivities: SymbolTable<Sensitivity<'a>>,
    /// Categories.
    pub categories: SymbolTable<Category<'a>>,
}

/// A permission.
#[derive(Clone, Copy, Debug)]
pub struct Permission<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id, 1 to 32: its bit plus one.
    pub id: u32,
}

/// A common.
#[derive(Clone, Debug)]
pub struct Common<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id, from 1, as of all symbols.
    pub id: u32,
    /// How many ids of permissions there are.
    pub n_permissions: u32,
    /// Its permissions.
    pub permissions: Vec<Permission<'a>>,
}

/// An object class.
#[derive(Clone, Debug)]
pub struct Class<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id.
    pub id: u32,
    /// The common that it inherits.
    pub common: Option<Name<'a>>,
    /// How many ids of permissions there are, those of the common among them.
    pub n_permissions: u32,
    /// Its own permissions, or those that a module requires.
    pub permissions: Vec<Permission<'a>>,
    /// Constraints on its permissions.
    pub constraints: Vec<Constraint<'a>>,
    /// Constraints on changes of label; of base modules.
    pub validatetrans: Option<Vec<Constraint<'a>>>,
    /// `default_user`, `default_role`, `default_range`; of base modules, libsepol's numbers.
    pub defaults: Option<[u32; 3]>,
    /// `default_type`, likewise.
    pub default_type: Option<u32>,
}

/// A role, or an attribute of roles.
#[derive(Clone, Debug)]
pub struct Role<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id.
    pub id: u32,
    /// The role that bounds it, 0 for none.
    pub bounds: Option<u32>,
    /// Roles that it dominates, as ids less one.
    pub dominates: Ebitmap<'a>,
    /// The types that it may have.
    pub types: TypeSet<'a>,
    /// Whether it is an attribute (1) or a role (0), and the roles that have the attribute.
    pub attribute: Option<(u32, Ebitmap<'a>)>,
}

/// What a symbol of the table of types is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeFlavor {
    /// A type.
    Type,
    /// An attribute.
    Attribute,
    /// Another name of a type.
    Alias,
}

/// A type, an attribute or an alias.
#[derive(Clone, Debug)]
pub struct Type<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id; of an alias in old versions that of its type.
    pub id: u32,
    /// The words that stand before the bitmap, from the second on, as they are in the file.
    pub(crate) words: Vec<u32>,
    /// What it is.
    pub flavor: TypeFlavor,
    /// Of an alias the type that it is for; else 1.
    pub primary: u32,
    /// The type that bounds it, 0 for none.
    pub bounds: u32,
    /// Whether the domain is permissive.
    pub permissive: bool,
    /// Of an attribute, the types that have it; as ids less one.
    pub types: Ebitmap<'a>,
}

impl Type<'_> {
    /// The words between the length of the name and the bitmap, as they stand in the file.
    pub fn words(&self) -> &[u32] {
        &self.words
    }
}

/// An SELinux user.
#[derive(Clone, Debug)]
pub struct User<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id.
    pub id: u32,
    /// The user that bounds it, 0 for none.
    pub bounds: Option<u32>,
    /// Its roles.
    pub roles: RoleSet<'a>,
    /// Its range and its default level as they were written.
    pub levels: Option<(SemanticRange, SemanticLevel)>,
    /// The same of version 5: a range and a level, expanded.
    pub expanded_levels: Option<(ExpandedRange<'a>, Level<'a>)>,
}

/// A range, expanded: as many levels as the file has, the high one left out where it equals the low one.
pub(crate) type ExpandedRange<'a> = Vec<Level<'a>>;

/// A level, expanded.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// The sensitivity's id.
    pub sensitivity: u32,
    /// Categories, as ids less one.
    pub categories: Ebitmap<'a>,
}

/// A boolean or a tunable.
#[derive(Clone, Copy, Debug)]
pub struct Boolean<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id.
    pub id: u32,
    /// Its default.
    pub state: bool,
    /// 1 for a tunable.
    pub flags: Option<u32>,
}

/// A sensitivity or another name of one.
#[derive(Clone, Copy, Debug)]
pub struct Sensitivity<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Whether it is another name.
    pub is_alias: bool,
    /// The sensitivity and the categories that go with it.
    pub level: Level<'a>,
}

/// A category or another name of one.
#[derive(Clone, Copy, Debug)]
pub struct Category<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its id.
    pub id: u32,
    /// Whether it is another name.
    pub is_alias: bool,
}

/// A name in a table of symbols: empty ones are refused, as libsepol does.
fn flag(cursor: &Cursor<'_>, word: u32, what: &'static str) -> Result<bool, LoadError> {
    match word {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(cursor.error_back(4, what, other.to_string())),
    }
}

impl<T> SymbolTable<T> {
    fn read<'a>(
        cursor: &mut Cursor<'a>,
        section: Section,
        min_size: usize,
        read: impl Fn(&mut Cursor<'a>) -> Result<T, LoadError>,
    ) -> Result<Self, LoadError> {
        cursor.enter(section);
        let n_ids = cursor.u32()?;
        let n_symbols = cursor.count(min_size, "symbols")?;
        let mut symbols = Vec::with_capacity(n_symbols);
        for _ in 0..n_symbols {
            symbols.push(read(cursor)?);
        }
        Ok(SymbolTable { n_ids, symbols })
    }
}

impl<'a> Symbols<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self, LoadError> {
        Ok(Symbols {
            commons: SymbolTable::read(cursor, Section::Commons, 17, read_common)?,
            classes: SymbolTable::read(cursor, Section::Classes, 25, |cursor| read_class(cursor, shape))?,
            roles: SymbolTable::read(cursor, Section::Roles, 49, |cursor| read_role(cursor, shape))?,
            types: SymbolTable::read(cursor, Section::Types, 29, |cursor| read_type(cursor, shape))?,
            users: SymbolTable::read(cursor, Section::Users, 25, |cursor| read_user(cursor, shape))?,
            booleans: SymbolTable::read(cursor, Section::Booleans, 13, |cursor| read_boolean(cursor, shape))?,
            sensitivities: SymbolTable::read(cursor, Section::Sensitivities, 25, read_sensitivity)?,
            categories: SymbolTable::read(cursor, Section::Categories, 13, read_category)?,
        })
    }
}

/// Permissions have a bit of a 32-bit mask.
const MOST_PERMISSIONS: u32 = 32;

fn read_permissions<'a>(
    cursor: &mut Cursor<'a>,
    (offset, n_permissions): (usize, u32),
    n_ids: u32,
) -> Result<Vec<Permission<'a>>, LoadError> {
    let n_permissions = cursor.check_count(offset, n_permissions, 9, "permissions")?;
    let mut permissions = Vec::with_capacity(n_permissions);
    for _ in 0..n_permissions {
        let [length, id] = cursor.u32s()?;
        if id == 0 || id > n_ids {
            return Err(cursor.error_back(4, format!("a permission from 1 to {n_ids}"), id.to_string()));
        }
        permissions.push(Permission { name: cursor.name(length)?, id });
    }
    Ok(permissions)
}

fn check_permission_ids(cursor: &Cursor<'_>, offset: usize, n_ids: u32) -> Result<(), LoadError> {
    if n_ids > MOST_PERMISSIONS {
        return Err(cursor.error_at(
            offset,
            format!("at most {MOST_PERMISSIONS} permissions"),
            n_ids.to_string(),
        ));
    }
    Ok(())
}

fn read_common<'a>(cursor: &mut Cursor<'a>) -> Result<Common<'a>, LoadError> {
    let offset = cursor.position();
    let [length, id, n_ids, n_permissions] = cursor.u32s()?;
    check_permission_ids(cursor, offset.saturating_add(8), n_ids)?;
    let name = cursor.name(length)?;
    let permissions = read_permissions(cursor, (offset.saturating_add(12), n_permissions), n_ids)?;
    Ok(Common { name, id, n_permissions: n_ids, permissions })
}

fn read_class<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Class<'a>, LoadError> {
    let offset = cursor.position();
    let [length, common_length, id, n_ids, n_permissions, n_constraints] = cursor.u32s()?;
    check_permission_ids(cursor, offset.saturating_add(12), n_ids)?;
    let name = cursor.name(length)?;
    let common = if common_length > 0 { Some(cursor.name(common_length)?) } else { None };
    let permissions = read_permissions(cursor, (offset.saturating_add(16), n_permissions), n_ids)?;
    let constraints = read_constraints(cursor, n_constraints)?;
    let validatetrans = if shape.base_has(Feature::Levels) {
        let n_constraints = cursor.u32()?;
        Some(read_constraints(cursor, n_constraints)?)
    } else {
        None
    };
    let defaults = if shape.base_has(Feature::ObjectDefaults) { Some(cursor.u32s()?) } else { None };
    let default_type = if shape.base_has(Feature::DefaultType) { Some(cursor.u32()?) } else { None };
    Ok(Class {
        name,
        id,
        common,
        n_permissions: n_ids,
        permissions,
        constraints,
        validatetrans,
        defaults,
        default_type,
    })
}

fn read_role<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Role<'a>, LoadError> {
    let [length, id] = cursor.u32s()?;
    let bounds = if shape.has(Feature::Bounds) { Some(cursor.u32()?) } else { None };
    let name = cursor.name(length)?;
    let dominates = Ebitmap::read(cursor)?;
    let types = TypeSet::read(cursor)?;
    let attribute =
        if shape.has(Feature::RoleAttributes) { Some((cursor.u32()?, Ebitmap::read(cursor)?)) } else { None };
    Ok(Role { name, id, bounds, dominates, types, attribute })
}

const TYPEDATUM_PROPERTY_PRIMARY: u32 = 1;
const TYPEDATUM_PROPERTY_ATTRIBUTE: u32 = 2;
const TYPEDATUM_PROPERTY_ALIAS: u32 = 4;
const TYPEDATUM_PROPERTY_PERMISSIVE: u32 = 8;
const TYPE_FLAGS_PERMISSIVE: u32 = 1;

fn read_type<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Type<'a>, LoadError> {
    let length = cursor.u32()?;
    let n_words = if shape.has(Feature::Bounds) && !shape.has(Feature::AliasBounds) {
        3
    } else if shape.has(Feature::Permissive) {
        4
    } else {
        3
    };
    let mut words = Vec::with_capacity(n_words);
    for _ in 0..n_words {
        words.push(cursor.u32()?);
    }
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let id = word(0);
    let by_properties = |properties: u32| {
        let flavor = if properties & TYPEDATUM_PROPERTY_ALIAS != 0 {
            TypeFlavor::Alias
        } else if properties & TYPEDATUM_PROPERTY_ATTRIBUTE != 0 {
            TypeFlavor::Attribute
        } else {
            TypeFlavor::Type
        };
        (flavor, properties & TYPEDATUM_PROPERTY_PERMISSIVE != 0)
    };
    let (primary, (flavor, permissive), bounds) = if shape.has(Feature::AliasBounds) {
        (word(1), by_properties(word(2)), word(3))
    } else if shape.has(Feature::Bounds) {
        (word(1) & TYPEDATUM_PROPERTY_PRIMARY, by_properties(word(1)), word(2))
    } else {
        let flavor = match word(2) {
            0 => TypeFlavor::Type,
            1 => TypeFlavor::Attribute,
            2 => TypeFlavor::Alias,
            other => {
                return Err(cursor.error_back(
                    4,
                    "a type (0), attribute (1) or alias (2)",
                    other.to_string(),
                ));
            }
        };
        (word(1), (flavor, word(3) & TYPE_FLAGS_PERMISSIVE != 0), 0)
    };
    // Another name of a type is one that is not its first, or an alias with an id of its own.
    let (flavor, primary) =
        if flavor == TypeFlavor::Type && primary == 0 { (TypeFlavor::Alias, id) } else { (flavor, primary) };
    let types = Ebitmap::read(cursor)?;
    let name = cursor.name(length)?;
    Ok(Type { name, id, words, flavor, primary, bounds, permissive, types })
}

fn read_user<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<User<'a>, LoadError> {
    let [length, id] = cursor.u32s()?;
    let bounds = if shape.has(Feature::Bounds) { Some(cursor.u32()?) } else { None };
    let name = cursor.name(length)?;
    let roles = RoleSet::read(cursor)?;
    let mut user = User { name, id, bounds, roles, levels: None, expanded_levels: None };
    if shape.has(Feature::RangeTransitions) {
        user.levels = Some((SemanticRange::read(cursor)?, SemanticLevel::read(cursor)?));
    } else if shape.has(Feature::Levels) {
        user.expanded_levels = Some((read_range(cursor)?, read_level(cursor)?));
    }
    Ok(user)
}

/// One level or two, expanded.
pub(crate) fn read_range<'a>(cursor: &mut Cursor<'a>) -> Result<ExpandedRange<'a>, LoadError> {
    let n_levels = cursor.u32()?;
    if !(1..=2).contains(&n_levels) {
        return Err(cursor.error_back(4, "one level or two", n_levels.to_string()));
    }
    let low = cursor.u32()?;
    let high = if n_levels == 2 { Some(cursor.u32()?) } else { None };
    let mut levels = vec![Level { sensitivity: low, categories: Ebitmap::read(cursor)? }];
    if let Some(sensitivity) = high {
        levels.push(Level { sensitivity, categories: Ebitmap::read(cursor)? });
    }
    Ok(levels)
}

fn read_level<'a>(cursor: &mut Cursor<'a>) -> Result<Level<'a>, LoadError> {
    Ok(Level { sensitivity: cursor.u32()?, categories: Ebitmap::read(cursor)? })
}

fn read_boolean<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Boolean<'a>, LoadError> {
    let [id, state] = cursor.u32s()?;
    let state = flag(cursor, state, "a state, 0 or 1")?;
    let length = cursor.u32()?;
    let name = cursor.name(length)?;
    let flags = if shape.has(Feature::Tunables) { Some(cursor.u32()?) } else { None };
    Ok(Boolean { name, id, state, flags })
}

fn read_sensitivity<'a>(cursor: &mut Cursor<'a>) -> Result<Sensitivity<'a>, LoadError> {
    let [length, is_alias] = cursor.u32s()?;
    let is_alias = flag(cursor, is_alias, "0, or 1 for an alias")?;
    let name = cursor.name(length)?;
    Ok(Sensitivity { name, is_alias, level: read_level(cursor)? })
}

fn read_category<'a>(cursor: &mut Cursor<'a>) -> Result<Category<'a>, LoadError> {
    let [length, id, is_alias] = cursor.u32s()?;
    let is_alias = flag(cursor, is_alias, "0, or 1 for an alias")?;
    Ok(Category { name: cursor.name(length)?, id, is_alias })
}
