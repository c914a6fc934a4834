//! Rules of a module, as they were written: sets of types on both sides. Source: `avrule_read`, `cond_read_node`,
//! `role_trans_rule_read`, `role_allow_rule_read`, `filename_trans_rule_read`, `range_trans_rule_read`.

use policydb::{Cursor, Ebitmap, LoadError, Name, Section};

use crate::sets::{RoleSet, SemanticRange, TypeSet};
use crate::version::{Feature, Shape};

/// An access-vector rule or a type rule.
#[derive(Clone, Debug)]
pub struct AvRule<'a> {
    /// Its kind, by libsepol's numbers; one of [`AvRule::ALLOW`] and the others.
    pub specified: u32,
    /// [`AvRule::SELF`], [`AvRule::NOT_SELF`].
    pub flags: u32,
    /// Its sources.
    pub sources: TypeSet<'a>,
    /// Its targets.
    pub targets: TypeSet<'a>,
    /// Its classes, each with permissions, or the type of a type rule.
    pub classes: Vec<ClassData>,
    /// Extended permissions.
    pub xperms: Option<Xperms>,
}

/// A class of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassData {
    /// The class's id.
    pub class: u32,
    /// Permissions as bits, or the id of the default type.
    pub data: u32,
}

/// Extended permissions of one driver, or drivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xperms {
    /// What `permissions` are: functions of a driver (1), drivers (2), netlink messages (3).
    pub specified: u8,
    /// The driver.
    pub driver: u8,
    /// 256 bits.
    pub permissions: [u32; 8],
}

impl<'a> AvRule<'a> {
    /// `allow`.
    pub const ALLOW: u32 = 0x1;
    /// `auditallow`.
    pub const AUDITALLOW: u32 = 0x2;
    /// Denials that are audited; not written by anybody.
    pub const AUDITDENY: u32 = 0x4;
    /// `dontaudit`.
    pub const DONTAUDIT: u32 = 0x8;
    /// `neverallow`.
    pub const NEVERALLOW: u32 = 0x80;
    /// `type_transition`.
    pub const TYPE_TRANSITION: u32 = 0x10;
    /// `type_member`.
    pub const TYPE_MEMBER: u32 = 0x20;
    /// `type_change`.
    pub const TYPE_CHANGE: u32 = 0x40;
    /// Rules with a default type.
    pub const TYPE_RULES: u32 = Self::TYPE_TRANSITION | Self::TYPE_MEMBER | Self::TYPE_CHANGE;
    /// `allowxperm`.
    pub const ALLOWXPERM: u32 = 0x100;
    /// `auditallowxperm`.
    pub const AUDITALLOWXPERM: u32 = 0x200;
    /// `dontauditxperm`.
    pub const DONTAUDITXPERM: u32 = 0x400;
    /// `neverallowxperm`.
    pub const NEVERALLOWXPERM: u32 = 0x800;
    /// Rules with extended permissions.
    pub const XPERM_RULES: u32 =
        Self::ALLOWXPERM | Self::AUDITALLOWXPERM | Self::DONTAUDITXPERM | Self::NEVERALLOWXPERM;
    /// Among the targets is each source itself.
    pub const SELF: u32 = 1;
    /// Among the targets is no source itself.
    pub const NOT_SELF: u32 = 2;

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self, LoadError> {
        let offset = cursor.position();
        let [specified, flags] = cursor.u32s()?;
        let sources = TypeSet::read(cursor)?;
        let targets = TypeSet::read(cursor)?;
        let n_classes = cursor.count(8, "classes of a rule")?;
        let mut classes = Vec::with_capacity(n_classes);
        for _ in 0..n_classes {
            let [class, data] = cursor.u32s()?;
            classes.push(ClassData { class, data });
        }
        let mut xperms = None;
        if specified & Self::XPERM_RULES != 0 {
            if !shape.has(Feature::Xperms) {
                let found = format!("one in a module of version {}", shape.version);
                return Err(cursor.error_at(
                    offset,
                    "no rule with extended permissions before version 18",
                    found,
                ));
            }
            let [specified, driver] = *cursor.array()?;
            xperms = Some(Xperms { specified, driver, permissions: cursor.u32s()? });
        }
        Ok(AvRule { specified, flags, sources, targets, classes, xperms })
    }
}

/// Bytes of the smallest rule.
const AV_RULE: usize = 68;

pub(crate) fn read_av_rules<'a>(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Vec<AvRule<'a>>, LoadError> {
    list(cursor, AV_RULE, "rules", |cursor| AvRule::read(cursor, shape))
}

/// A condition, and the rules of its branches.
#[derive(Clone, Debug)]
pub struct Conditional<'a> {
    /// The value when the file was written.
    pub state: u32,
    /// The expression in reverse Polish: libsepol's number of an operator, and the boolean's id for number 1.
    pub expression: Vec<(u32, u32)>,
    /// Rules in force when it is true.
    pub true_rules: Vec<AvRule<'a>>,
    /// Rules in force when it is false.
    pub false_rules: Vec<AvRule<'a>>,
    /// 1 for a condition on tunables.
    pub flags: Option<u32>,
}

pub(crate) fn read_conditionals<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Vec<Conditional<'a>>, LoadError> {
    cursor.enter(Section::Conditionals);
    list(cursor, 16, "conditionals", |cursor| {
        let state = cursor.u32()?;
        let expression = list(cursor, 8, "terms of a condition", |cursor| {
            let [operator, boolean] = cursor.u32s()?;
            Ok((operator, boolean))
        })?;
        let true_rules = read_av_rules(cursor, shape)?;
        let false_rules = read_av_rules(cursor, shape)?;
        let flags = if shape.has(Feature::Tunables) { Some(cursor.u32()?) } else { None };
        Ok(Conditional { state, expression, true_rules, false_rules, flags })
    })
}

/// A `role_transition`.
#[derive(Clone, Copy, Debug)]
pub struct RoleTransition<'a> {
    /// Roles that execute.
    pub roles: RoleSet<'a>,
    /// Types that are executed.
    pub types: TypeSet<'a>,
    /// Classes, as ids less one; before version 12 that of processes is meant.
    pub classes: Option<Ebitmap<'a>>,
    /// The new role.
    pub new_role: u32,
}

pub(crate) fn read_role_transitions<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Vec<RoleTransition<'a>>, LoadError> {
    cursor.enter(Section::RoleTransitions);
    list(cursor, RoleSet::MIN_SIZE.saturating_add(TypeSet::MIN_SIZE), "role transitions", |cursor| {
        let roles = RoleSet::read(cursor)?;
        let types = TypeSet::read(cursor)?;
        let classes =
            if shape.has(Feature::RoleTransitionClasses) { Some(Ebitmap::read(cursor)?) } else { None };
        Ok(RoleTransition { roles, types, classes, new_role: cursor.u32()? })
    })
}

/// A role `allow`.
#[derive(Clone, Copy, Debug)]
pub struct RoleAllow<'a> {
    /// Roles that may change.
    pub roles: RoleSet<'a>,
    /// Roles that they may become.
    pub new_roles: RoleSet<'a>,
}

pub(crate) fn read_role_allows<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<RoleAllow<'a>>, LoadError> {
    cursor.enter(Section::RoleAllows);
    list(cursor, RoleSet::MIN_SIZE.saturating_mul(2), "role allows", |cursor| {
        Ok(RoleAllow { roles: RoleSet::read(cursor)?, new_roles: RoleSet::read(cursor)? })
    })
}

/// A `type_transition` with a file name.
#[derive(Clone, Copy, Debug)]
pub struct FilenameTransition<'a> {
    /// The last component of the path.
    pub name: Name<'a>,
    /// Its sources.
    pub sources: TypeSet<'a>,
    /// Its targets: directories.
    pub targets: TypeSet<'a>,
    /// The class's id.
    pub class: u32,
    /// The default type's id.
    pub default: u32,
    /// As those of [`AvRule`].
    pub flags: Option<u32>,
}

pub(crate) fn read_filename_transitions<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<Vec<FilenameTransition<'a>>, LoadError> {
    cursor.enter(Section::FilenameTransitions);
    list(cursor, 69, "file name transitions", |cursor| {
        let length = cursor.u32()?;
        let name = cursor.name(length)?;
        let sources = TypeSet::read(cursor)?;
        let targets = TypeSet::read(cursor)?;
        let [class, default] = cursor.u32s()?;
        let flags = if shape.has(Feature::SelfTransitions) { Some(cursor.u32()?) } else { None };
        Ok(FilenameTransition { name, sources, targets, class, default, flags })
    })
}

/// A `range_transition`.
#[derive(Clone, Debug)]
pub struct RangeTransition<'a> {
    /// Its sources.
    pub sources: TypeSet<'a>,
    /// Its targets.
    pub targets: TypeSet<'a>,
    /// Its classes, as ids less one.
    pub classes: Ebitmap<'a>,
    /// The new range.
    pub range: SemanticRange,
}

pub(crate) fn read_range_transitions<'a>(
    cursor: &mut Cursor<'a>,
) -> Result<Vec<RangeTransition<'a>>, LoadError> {
    cursor.enter(Section::RangeTransitions);
    list(cursor, 84, "range transitions", |cursor| {
        let sources = TypeSet::read(cursor)?;
        let targets = TypeSet::read(cursor)?;
        Ok(RangeTransition {
            sources,
            targets,
            classes: Ebitmap::read(cursor)?,
            range: SemanticRange::read(cursor)?,
        })
    })
}

/// A counted list.
pub(crate) fn list<'a, T>(
    cursor: &mut Cursor<'a>,
    min_size: usize,
    what: &'static str,
    read: impl Fn(&mut Cursor<'a>) -> Result<T, LoadError>,
) -> Result<Vec<T>, LoadError> {
    let count = cursor.count(min_size, what)?;
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(read(cursor)?);
    }
    Ok(all)
}
