//! The validated policy, and the order in which its sections stand in the file.
//! Source: `policydb_read` in the kernel's `ss/policydb.c`.

use crate::avtab::AvTable;
use crate::class::{self, Class, Common, Permission};
use crate::conditional::{self, Boolean, Conditional};
use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::filename_trans::FilenameTransitions;
use crate::format::{Feature, Format};
use crate::header::{Header, Platform};
use crate::ids::{BoolId, ClassId, TypeId};
use crate::name::Name;
use crate::symtab::SymbolTable;
use crate::types::{self, TypeAttributes, TypeSymbol};
use crate::{genfs, mls, ocontext, role, user};

/// A policy whose every byte was checked. It borrows names and bitmaps from those bytes.
#[derive(Debug)]
pub struct Policy<'a> {
    header: Header,
    commons: SymbolTable<'a, Common<'a>>,
    classes: SymbolTable<'a, Class<'a>>,
    types: SymbolTable<'a, TypeSymbol>,
    booleans: SymbolTable<'a, Boolean>,
    rules: AvTable<'a>,
    conditional_rules: AvTable<'a>,
    conditionals: Vec<Conditional<'a>>,
    filename_transitions: FilenameTransitions<'a>,
    /// Empty before version 20.
    type_attributes: TypeAttributes<'a>,
}

/// The sizes of the tables, against which ids are checked.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) n_types: usize,
    pub(crate) n_classes: usize,
    pub(crate) n_roles: usize,
    pub(crate) n_users: usize,
    pub(crate) is_xen: bool,
}

/// Checks that a value names one of `n` things.
#[inline]
pub(crate) fn check_value(
    cursor: &Cursor<'_>,
    offset: usize,
    what: &str,
    value: u32,
    n: usize,
) -> Result<()> {
    if value != 0 && value as usize <= n {
        Ok(())
    } else {
        Err(cursor.error_at(offset, format!("a {what} from 1 to {n}"), value.to_string()))
    }
}

impl Bounds {
    pub(crate) fn check_type(self, cursor: &Cursor<'_>, offset: usize, value: u32) -> Result<()> {
        check_value(cursor, offset, "type", value, self.n_types)
    }

    pub(crate) fn check_class(self, cursor: &Cursor<'_>, offset: usize, value: u32) -> Result<()> {
        check_value(cursor, offset, "class", value, self.n_classes)
    }
}

impl<'a> Policy<'a> {
    /// Reads and checks a whole policy. Never panics; memory stays within eight times the bytes.
    ///
    /// # Errors
    /// The first thing in the bytes that the format does not allow. Bytes after the last section are
    /// accepted, as the kernel accepts them.
    ///
    /// Cost: one pass, O(bytes).
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let mut cursor = Cursor::new(bytes, Section::Header);
        if u32::try_from(bytes.len()).is_err() {
            return Err(cursor.error_at(0, "a policy of less than 4 GiB", format!("{} bytes", bytes.len())));
        }
        let header = Header::read(&mut cursor)?;
        let format = header.format;
        for (feature, section) in [
            (Feature::Capabilities, Section::Capabilities),
            (Feature::Permissive, Section::PermissiveTypes),
            (Feature::NeverAudit, Section::NeverAuditTypes),
        ] {
            if format.has(feature) {
                cursor.enter(section);
                Ebitmap::read(&mut cursor)?;
            }
        }

        let commons = class::read_commons(&mut cursor)?;
        let classes = class::read_classes(&mut cursor, format, &commons)?;
        let roles = role::read_roles(&mut cursor, format)?;
        let types = types::read_types(&mut cursor, format)?;
        let users = user::read_users(&mut cursor, format)?;
        let booleans = if format.has(Feature::Booleans) {
            conditional::read_booleans(&mut cursor)?
        } else {
            SymbolTable::empty("booleans")
        };
        if format.has(Feature::Mls) {
            mls::read_sensitivities(&mut cursor)?;
            mls::read_categories(&mut cursor)?;
        }

        let bounds = Bounds {
            n_types: types.n_values(),
            n_classes: classes.n_values(),
            n_roles: roles.n_values(),
            n_users: users.n_values(),
            is_xen: format.platform == Platform::Xen,
        };
        cursor.enter(Section::AccessVectors);
        let mut rules = AvTable::default();
        rules.read(&mut cursor, format, bounds)?;
        if rules.is_empty() {
            return Err(cursor.error_back(4, "at least one rule", "none"));
        }
        let mut conditional_rules = AvTable::default();
        let conditionals = if format.has(Feature::Booleans) {
            let n_booleans = booleans.n_values();
            conditional::read_conditionals(&mut cursor, format, bounds, n_booleans, &mut conditional_rules)?
        } else {
            Vec::new()
        };
        role::read_role_transitions(&mut cursor, format, bounds)?;
        role::read_role_allows(&mut cursor, bounds)?;
        let filename_transitions = if format.has(Feature::FilenameTransitions) {
            FilenameTransitions::read(&mut cursor, format, bounds)?
        } else {
            FilenameTransitions::none()
        };
        ocontext::read_all(&mut cursor, format, bounds)?;
        genfs::read_all(&mut cursor, format, bounds)?;
        if format.has(Feature::Mls) {
            mls::read_range_transitions(&mut cursor, format, bounds)?;
        }
        let type_attributes = if format.has(Feature::CompactAvtab) {
            TypeAttributes::read(&mut cursor, types.n_values())?
        } else {
            TypeAttributes::default()
        };

        Ok(Policy {
            header,
            commons,
            classes,
            types,
            booleans,
            rules,
            conditional_rules,
            conditionals,
            filename_transitions,
            type_attributes,
        })
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
        self.types.n_values()
    }

    /// The type or attribute with an id; `None` for a gap.
    pub fn type_symbol(&self, id: TypeId) -> Option<(Name<'a>, TypeSymbol)> {
        self.types.get(id.index()).map(|(name, symbol)| (name, *symbol))
    }

    /// The type, attribute or alias of this name. O(1).
    pub fn type_named(&self, name: &[u8]) -> Option<TypeId> {
        self.types.value_of(name).and_then(TypeId::from_value)
    }

    /// Aliases of types, with the type each stands for, in the order of the file.
    pub fn type_aliases(&self) -> impl Iterator<Item = (Name<'a>, TypeId)> + '_ {
        self.types.aliases().iter().filter_map(|&(name, value)| Some((name, TypeId::from_value(value)?)))
    }

    /// For a type: the ids (0-based bits) of its attributes and usually of itself; empty for attributes.
    pub fn attributes_of(&self, id: TypeId) -> Ebitmap<'a> {
        self.type_attributes.get(id)
    }

    /// The number of class ids, gaps included.
    pub fn n_classes(&self) -> usize {
        self.classes.n_values()
    }

    /// The class with an id; `None` for a gap.
    pub fn class(&self, id: ClassId) -> Option<(Name<'a>, &Class<'a>)> {
        self.classes.get(id.index())
    }

    /// The class of this name. O(1).
    pub fn class_named(&self, name: &[u8]) -> Option<ClassId> {
        self.classes.value_of(name).and_then(ClassId::from_value)
    }

    /// A class's permissions: its common's, then its own. Bits are unique unless the file is odd.
    pub fn permissions(&self, id: ClassId) -> impl Iterator<Item = Permission<'a>> + '_ {
        let class = self.classes.get(id.index()).map(|(_, class)| class);
        let common = class
            .and_then(|class| class.common_value)
            .and_then(|value| self.commons.get(ClassId::from_value(value)?.index()));
        let inherited = common.map(|(_, common)| common.permissions()).unwrap_or_default();
        inherited.iter().chain(class.map(|class| class.own.as_slice()).unwrap_or_default()).copied()
    }

    /// The number of boolean ids, gaps included.
    pub fn n_booleans(&self) -> usize {
        self.booleans.n_values()
    }

    /// The boolean with an id; `None` for a gap.
    pub fn boolean(&self, id: BoolId) -> Option<(Name<'a>, Boolean)> {
        self.booleans.get(id.index()).map(|(name, boolean)| (name, *boolean))
    }

    /// The boolean of this name. O(1).
    pub fn boolean_named(&self, name: &[u8]) -> Option<BoolId> {
        self.booleans.value_of(name).and_then(BoolId::from_value)
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
}
