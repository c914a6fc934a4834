//! The validated policy, and the order in which its sections stand in the file.
//! Source: `policydb_read` in the kernel's `ss/policydb.c`.

use crate::avtab::AvTable;
use crate::class::{self, Class, Common, Permission, PermissionSet};
use crate::conditional::{self, Boolean, BooleanRecord, Conditional};
use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::filename_trans::FilenameTransitions;
use crate::format::{Feature, Format};
use crate::genfs::{self, Genfs};
use crate::header::{Header, Platform};
use crate::ids::{BoolId, ClassId, RoleId, TypeId, UserId};
use crate::mls::{self, Category, RangeTransition, Sensitivity};
use crate::name::Name;
use crate::ocontext::{self, ObjectContext, ObjectContextLists};
use crate::records::{Records, Shape};
use crate::references::{self, Bounds, Needs};
use crate::role::{self, Role, RoleAllow, RoleTransition};
use crate::symtab::SymbolTable;
use crate::types::{self, TypeAttributes, TypeRecord, TypeSymbol};
use crate::user::{self, User};

/// A policy whose every byte was checked. It borrows names and bitmaps from those bytes.
///
/// Accessors that give [`Records`] show a section as it stands in the file, in its order.
#[derive(Debug)]
pub struct Policy<'a> {
    n_bytes: usize,
    header: Header,
    capabilities: Ebitmap<'a>,
    permissive_types: Ebitmap<'a>,
    neveraudit_types: Ebitmap<'a>,
    commons: Symbols<'a, PermissionSet<'a>, Common<'a>>,
    classes: Symbols<'a, PermissionSet<'a>, Class<'a>>,
    roles: Symbols<'a, Option<RoleId>, Role<'a>>,
    types: Symbols<'a, TypeSymbol, TypeRecord<'a>>,
    users: Symbols<'a, Option<UserId>, User<'a>>,
    booleans: Option<Symbols<'a, Boolean, BooleanRecord<'a>>>,
    sensitivities: Option<Symbols<'a, (), Sensitivity<'a>>>,
    categories: Option<Symbols<'a, (), Category<'a>>>,
    rules: AvTable<'a>,
    conditional_rules: AvTable<'a>,
    conditionals: Vec<Conditional<'a>>,
    role_transitions: Records<'a, RoleTransition>,
    role_allows: Records<'a, RoleAllow>,
    filename_transitions: FilenameTransitions<'a>,
    object_contexts: ObjectContextLists<'a>,
    genfs: Records<'a, Genfs<'a>>,
    range_transitions: Records<'a, RangeTransition<'a>>,
    type_attributes: TypeAttributes<'a>,
}

/// A table for look-up, and the records that it was made of.
type Symbols<'a, T, R> = (SymbolTable<'a, T>, Records<'a, R>);

impl<'a> Policy<'a> {
    /// Reads and checks a whole policy. Never panics; memory stays within eight times the bytes and 16 MiB.
    ///
    /// # Errors
    /// The first thing in the bytes that the format does not allow. Bytes after the last section are
    /// accepted, as the kernel accepts them.
    ///
    /// Cost: one pass, O(bytes).
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut cursor = Cursor::new(bytes, Section::Header);
        let cursor = &mut cursor;
        if u32::try_from(bytes.len()).is_err() {
            return Err(cursor.error_at(0, "a policy of less than 4 GiB", format!("{} bytes", bytes.len())));
        }
        let header = Header::read(cursor)?;
        let format = header.format;
        let capabilities = read_bitmap(cursor, format, Feature::Capabilities, Section::Capabilities)?;
        let permissive_types = read_bitmap(cursor, format, Feature::Permissive, Section::PermissiveTypes)?;
        let neveraudit_types = read_bitmap(cursor, format, Feature::NeverAudit, Section::NeverAuditTypes)?;

        let shape = Shape { format, bounds: Bounds::default(), list: 0 };
        let commons = class::read_commons(cursor, shape)?;
        let mut needs = Needs::default();
        let classes = class::read_classes(cursor, shape, &commons.0, &mut needs)?;
        let roles = role::read_roles(cursor, shape, &mut needs)?;
        let types = types::read_types(cursor, shape)?;
        let users = user::read_users(cursor, shape)?;
        let (mut booleans, mut sensitivities, mut categories) = (None, None, None);
        if format.has(Feature::Booleans) {
            booleans = Some(conditional::read_booleans(cursor, shape)?);
        }
        if format.has(Feature::Mls) {
            sensitivities = Some(mls::read_sensitivities(cursor, shape)?);
            categories = Some(mls::read_categories(cursor, shape)?);
        }

        let bounds = Bounds {
            n_types: types.0.n_values(),
            n_classes: classes.0.n_values(),
            n_roles: roles.0.n_values(),
            n_users: users.0.n_values(),
            n_sensitivities: sensitivities.as_ref().map_or(0, |(table, _)| table.n_values()),
            n_categories: categories.as_ref().map_or(0, |(table, _)| table.n_values()),
            has_levels: header.mls && format.has(Feature::Mls),
            is_xen: format.platform == Platform::Xen,
        };
        if !needs.are_met_by(bounds) {
            references::check_classes(&classes.1, bounds)?;
            references::check_roles(&roles.1, bounds)?;
        }
        references::check_users(&users.1, bounds)?;
        if let Some((_, sensitivities)) = &sensitivities {
            references::check_sensitivities(sensitivities, bounds)?;
        }
        for (section, types) in
            [(Section::PermissiveTypes, permissive_types), (Section::NeverAuditTypes, neveraudit_types)]
        {
            references::check_type_values(cursor, section, types, bounds)?;
        }
        let shape = Shape { format, bounds, list: 0 };
        cursor.enter(Section::AccessVectors);
        let mut rules = AvTable::default();
        rules.read(cursor, shape)?;
        if rules.is_empty() {
            return Err(cursor.error_back(4, "at least one rule", "none"));
        }
        let mut conditional_rules = AvTable::default();
        let conditionals = match &booleans {
            Some((booleans, _)) => {
                let n_booleans = booleans.n_values();
                conditional::read_conditionals(cursor, shape, n_booleans, &mut conditional_rules)?
            }
            None => Vec::new(),
        };
        let role_transitions = role::read_role_transitions(cursor, shape)?;
        let role_allows = role::read_role_allows(cursor, shape)?;
        let filename_transitions = FilenameTransitions::read(cursor, shape)?;
        let object_contexts = ocontext::read_all(cursor, shape)?;
        let genfs = genfs::read_all(cursor, shape)?;
        let range_transitions = mls::read_range_transitions(cursor, shape)?;
        let type_attributes = if format.has(Feature::CompactAvtab) {
            TypeAttributes::read(cursor, types.0.n_values())?
        } else {
            TypeAttributes::default()
        };

        Ok(Policy {
            n_bytes: cursor.position(),
            header,
            capabilities,
            permissive_types,
            neveraudit_types,
            commons,
            classes,
            roles,
            types,
            users,
            booleans,
            sensitivities,
            categories,
            rules,
            conditional_rules,
            conditionals,
            role_transitions,
            role_allows,
            filename_transitions,
            object_contexts,
            genfs,
            range_transitions,
            type_attributes,
        })
    }

    /// How many of the bytes are the policy; those behind have no meaning.
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// Platform, version and configuration.
    pub fn header(&self) -> Header {
        self.header
    }

    /// Platform and version.
    pub fn format(&self) -> Format {
        self.header.format
    }

    /// The number of type ids: types, attributes and gaps.
    pub fn n_types(&self) -> usize {
        self.types.0.n_values()
    }

    /// The type or attribute with an id; `None` for a gap.
    pub fn type_symbol(&self, id: TypeId) -> Option<(Name<'a>, TypeSymbol)> {
        self.types.0.get(id.index()).map(|(name, symbol)| (name, *symbol))
    }

    /// The type, attribute or alias of this name. O(1).
    pub fn type_named(&self, name: &[u8]) -> Option<TypeId> {
        self.types.0.value_of(name).and_then(TypeId::from_value)
    }

    /// Aliases of types, with the type each stands for, in the order of the file.
    pub fn type_aliases(&self) -> impl Iterator<Item = (Name<'a>, TypeId)> + '_ {
        self.types.0.aliases().filter_map(|(name, value)| Some((name, TypeId::from_value(value)?)))
    }

    /// For a type: the ids (0-based bits) of its attributes and usually of itself; empty for attributes.
    pub fn attributes_of(&self, id: TypeId) -> Ebitmap<'a> {
        self.type_attributes.get(id)
    }

    /// The number of class ids, gaps included.
    pub fn n_classes(&self) -> usize {
        self.classes.0.n_values()
    }

    /// The name of the class with an id; `None` for a gap.
    pub fn class_name(&self, id: ClassId) -> Option<Name<'a>> {
        self.classes.0.get(id.index()).map(|(name, _)| name)
    }

    /// The class of this name. O(1).
    pub fn class_named(&self, name: &[u8]) -> Option<ClassId> {
        self.classes.0.value_of(name).and_then(ClassId::from_value)
    }

    /// A class's permissions: its common's, then its own. Bits are unique unless the file is odd.
    pub fn permissions(&self, id: ClassId) -> impl Iterator<Item = Permission<'a>> + use<'a> {
        let class = self.classes.0.get(id.index()).map(|(_, class)| class);
        let common = class.and_then(|class| class.common).and_then(|value| self.commons.0.get(value.index()));
        let inherited = common.map(|(_, common)| common.own());
        inherited.into_iter().flatten().chain(class.map(|class| class.own()).into_iter().flatten())
    }

    /// The number of boolean ids, gaps included.
    pub fn n_booleans(&self) -> usize {
        self.booleans.as_ref().map_or(0, |(booleans, _)| booleans.n_values())
    }

    /// The boolean with an id; `None` for a gap.
    pub fn boolean(&self, id: BoolId) -> Option<(Name<'a>, Boolean)> {
        self.booleans.as_ref()?.0.get(id.index()).map(|(name, boolean)| (name, *boolean))
    }

    /// The boolean of this name. O(1).
    pub fn boolean_named(&self, name: &[u8]) -> Option<BoolId> {
        self.booleans.as_ref()?.0.value_of(name).and_then(BoolId::from_value)
    }

    /// Rules that are always in force.
    pub fn rules(&self) -> &AvTable<'a> {
        &self.rules
    }

    /// Rules of all conditionals; [`Conditional::true_rules`] are positions in here.
    pub fn conditional_rules(&self) -> &AvTable<'a> {
        &self.conditional_rules
    }

    /// The conditionals, in the order of the file.
    pub fn conditionals(&self) -> &[Conditional<'a>] {
        &self.conditionals
    }

    /// `type_transition` rules with a file name.
    pub fn filename_transitions(&self) -> &FilenameTransitions<'a> {
        &self.filename_transitions
    }

    /// The role of this name. O(1).
    pub fn role_named(&self, name: &[u8]) -> Option<RoleId> {
        self.roles.0.value_of(name).and_then(RoleId::from_value)
    }

    /// The name of a role; `None` for a gap.
    pub fn role_name(&self, id: RoleId) -> Option<Name<'a>> {
        self.roles.0.get(id.index()).map(|(name, _)| name)
    }

    /// The number of role ids, gaps included.
    pub fn n_roles(&self) -> usize {
        self.roles.0.n_values()
    }

    /// The name of a user; `None` for a gap.
    pub fn user_name(&self, id: UserId) -> Option<Name<'a>> {
        self.users.0.get(id.index()).map(|(name, _)| name)
    }

    /// The user of this name. O(1).
    pub fn user_named(&self, name: &[u8]) -> Option<UserId> {
        self.users.0.value_of(name).and_then(UserId::from_value)
    }

    /// The number of user ids, gaps included.
    pub fn n_users(&self) -> usize {
        self.users.0.n_values()
    }

    /// The value of a sensitivity or of what its alias stands for. O(1).
    pub fn sensitivity_named(&self, name: &[u8]) -> Option<u32> {
        self.sensitivities.as_ref()?.0.value_of(name)
    }

    /// The name of the sensitivity with this value.
    pub fn sensitivity_name(&self, value: u32) -> Option<Name<'a>> {
        let index = (value as usize).checked_sub(1)?;
        self.sensitivities.as_ref()?.0.get(index).map(|(name, ())| name)
    }

    /// The value of a category or of what its alias stands for. O(1).
    pub fn category_named(&self, name: &[u8]) -> Option<u32> {
        self.categories.as_ref()?.0.value_of(name)
    }

    /// The name of the category with this value.
    pub fn category_name(&self, value: u32) -> Option<Name<'a>> {
        let index = (value as usize).checked_sub(1)?;
        self.categories.as_ref()?.0.get(index).map(|(name, ())| name)
    }

    /// Policy capabilities, by number (bit).
    pub fn capabilities(&self) -> Ebitmap<'a> {
        self.capabilities
    }

    /// Permissive types, by **value**: bit 0 stands for no type.
    pub fn permissive_types(&self) -> Ebitmap<'a> {
        self.permissive_types
    }

    /// Types whose denials are never audited, by **value**: bit 0 stands for no type.
    pub fn neveraudit_types(&self) -> Ebitmap<'a> {
        self.neveraudit_types
    }

    /// Commons. Like all that follow, with the number of values of the table where it is one.
    pub fn commons(&self) -> (usize, &Records<'a, Common<'a>>) {
        (self.commons.0.n_values(), &self.commons.1)
    }

    /// Object classes.
    pub fn classes(&self) -> (usize, &Records<'a, Class<'a>>) {
        (self.classes.0.n_values(), &self.classes.1)
    }

    /// Roles.
    pub fn roles(&self) -> (usize, &Records<'a, Role<'a>>) {
        (self.roles.0.n_values(), &self.roles.1)
    }

    /// Types, attributes and aliases.
    pub fn types(&self) -> (usize, &Records<'a, TypeRecord<'a>>) {
        (self.types.0.n_values(), &self.types.1)
    }

    /// SELinux users.
    pub fn users(&self) -> (usize, &Records<'a, User<'a>>) {
        (self.users.0.n_values(), &self.users.1)
    }

    /// Booleans; since version 16.
    pub fn booleans(&self) -> Option<(usize, &Records<'a, BooleanRecord<'a>>)> {
        self.booleans.as_ref().map(|(table, records)| (table.n_values(), records))
    }

    /// Sensitivities and their aliases; since version 19.
    pub fn sensitivities(&self) -> Option<(usize, &Records<'a, Sensitivity<'a>>)> {
        self.sensitivities.as_ref().map(|(table, records)| (table.n_values(), records))
    }

    /// Categories and their aliases; since version 19.
    pub fn categories(&self) -> Option<(usize, &Records<'a, Category<'a>>)> {
        self.categories.as_ref().map(|(table, records)| (table.n_values(), records))
    }

    /// `role_transition` rules.
    pub fn role_transitions(&self) -> &Records<'a, RoleTransition> {
        &self.role_transitions
    }

    /// Role `allow` rules.
    pub fn role_allows(&self) -> &Records<'a, RoleAllow> {
        &self.role_allows
    }

    /// Labels of objects that have no other, list by list.
    pub fn object_contexts(&self) -> &[Records<'a, ObjectContext<'a>>] {
        &self.object_contexts
    }

    /// `genfscon` statements.
    pub fn genfs(&self) -> &Records<'a, Genfs<'a>> {
        &self.genfs
    }

    /// `range_transition` rules.
    pub fn range_transitions(&self) -> &Records<'a, RangeTransition<'a>> {
        &self.range_transitions
    }
}

/// Reads a bitmap that policies have since `feature`.
fn read_bitmap<'a>(
    cursor: &mut Cursor<'a>,
    format: Format,
    feature: Feature,
    section: Section,
) -> Result<Ebitmap<'a>> {
    cursor.enter(section);
    if format.has(feature) { Ebitmap::read(cursor) } else { Ok(Ebitmap::default()) }
}
