//! Does everything exist that the policy refers to? The sizes of the tables, and the checks of what stands in the
//! file before the table that it points into: operands of constraints, types and roles of roles, roles and levels
//! of users, categories of sensitivities. What stands behind the tables is checked where it is read.
//!
//! Classes and roles are long, and so their highest ids are noted while they are read; only where one is too high
//! are they read again, for an error that says where.
//!
//! Refused are ids beyond a table, so that whoever follows one finds a place, be it a gap. Source: libsepol's
//! `policydb_validate.c`, which refuses more; the kernel leaves most of this to the moment of use.

use crate::class::Class;
use crate::constraint::{Constraint, Names, Operands, Term};
use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::{Result, Section};
use crate::ids::{ClassId, RoleId, TypeId, UserId};
use crate::mls::{Sensitivity, check_level, check_levels};
use crate::records::Records;
use crate::role::Role;
use crate::user::User;

/// The sizes of the tables, against which ids are checked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) n_types: usize,
    pub(crate) n_classes: usize,
    pub(crate) n_roles: usize,
    pub(crate) n_users: usize,
    pub(crate) n_sensitivities: usize,
    pub(crate) n_categories: usize,
    /// Whether the numbers of levels mean anything.
    pub(crate) has_levels: bool,
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
    /// Five types, two classes, one role and one user, for unit tests.
    #[cfg(test)]
    pub(crate) const SMALL: Bounds = Bounds {
        n_types: 5,
        n_classes: 2,
        n_roles: 1,
        n_users: 1,
        n_sensitivities: 0,
        n_categories: 0,
        has_levels: false,
        is_xen: false,
    };

    pub(crate) fn check_type(self, cursor: &Cursor<'_>, offset: usize, value: u32) -> Result<()> {
        check_value(cursor, offset, "type", value, self.n_types)
    }

    pub(crate) fn check_class(self, cursor: &Cursor<'_>, offset: usize, value: u32) -> Result<()> {
        check_value(cursor, offset, "class", value, self.n_classes)
    }

    /// Reads a 32-bit value and checks that it is one of `n`.
    fn read_value(cursor: &mut Cursor<'_>, what: &str, n: usize) -> Result<u32> {
        let offset = cursor.position();
        let value = cursor.u32()?;
        check_value(cursor, offset, what, value, n)?;
        Ok(value)
    }

    pub(crate) fn type_id(self, cursor: &mut Cursor<'_>) -> Result<TypeId> {
        let value = Self::read_value(cursor, "type", self.n_types)?;
        Ok(TypeId::from_index(value.saturating_sub(1)))
    }

    pub(crate) fn class_id(self, cursor: &mut Cursor<'_>) -> Result<ClassId> {
        let value = Self::read_value(cursor, "class", self.n_classes)?;
        Ok(ClassId::from_index(value.saturating_sub(1)))
    }

    pub(crate) fn role_id(self, cursor: &mut Cursor<'_>) -> Result<RoleId> {
        let value = Self::read_value(cursor, "role", self.n_roles)?;
        Ok(RoleId::from_index(value.saturating_sub(1)))
    }

    pub(crate) fn user_id(self, cursor: &mut Cursor<'_>) -> Result<UserId> {
        let value = Self::read_value(cursor, "user", self.n_users)?;
        Ok(UserId::from_index(value.saturating_sub(1)))
    }
}

/// Checks a map of types by value, which stands before their table.
pub(crate) fn check_type_values(
    cursor: &mut Cursor<'_>,
    section: Section,
    types: Ebitmap<'_>,
    bounds: Bounds,
) -> Result<()> {
    match types.last().filter(|last| *last as usize > bounds.n_types) {
        None => Ok(()),
        Some(last) => {
            cursor.enter(section);
            Err(cursor.error_back(0, format!("types up to {}", bounds.n_types), last.to_string()))
        }
    }
}

/// How long the tables must be that are not yet known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    n_types: usize,
    n_roles: usize,
    n_users: usize,
}

impl Needs {
    /// What the set of a constraint's term speaks of.
    #[inline]
    pub(crate) fn of_names(operands: Operands, names: Names<'_>) -> Self {
        let (mut needs, n) = (Needs::default(), length(names.ids));
        if operands.is_about_users() {
            needs.n_users = n;
        } else if operands.is_about_roles() {
            needs.n_roles = n;
        } else {
            needs.n_types = n;
        }
        if let Some((named, taken_out, _)) = names.written {
            needs.n_types = needs.n_types.max(length(named)).max(length(taken_out));
        }
        needs
    }

    /// What a role speaks of.
    pub(crate) fn of_role(role: Role<'_>) -> Self {
        Needs { n_types: length(role.types), n_roles: length(role.dominates), n_users: 0 }
    }

    /// What both speak of.
    #[inline]
    pub(crate) fn join(self, other: Self) -> Self {
        Needs {
            n_types: self.n_types.max(other.n_types),
            n_roles: self.n_roles.max(other.n_roles),
            n_users: self.n_users.max(other.n_users),
        }
    }

    /// Whether the tables are long enough.
    pub(crate) fn are_met_by(self, bounds: Bounds) -> bool {
        self.n_types <= bounds.n_types && self.n_roles <= bounds.n_roles && self.n_users <= bounds.n_users
    }
}

/// The length of the shortest table for all ids of a set.
fn length(bits: Ebitmap<'_>) -> usize {
    bits.last().map_or(0, |last| (last as usize).saturating_add(1))
}

/// Checks that a set at `offset`, or within what begins there, holds none beyond the `n` that there are.
pub(crate) fn check_bits(
    cursor: &Cursor<'_>,
    offset: usize,
    what: &'static str,
    bits: Ebitmap<'_>,
    n: usize,
) -> Result<()> {
    match bits.last().filter(|&last| last as usize >= n) {
        None => Ok(()),
        Some(last) => {
            let found = format!("number {}", last.saturating_add(1));
            Err(cursor.error_at(offset, format!("at most {n} {what}"), found))
        }
    }
}

pub(crate) fn check_classes<'a>(classes: &Records<'a, Class<'a>>, bounds: Bounds) -> Result<()> {
    classes.check(|_, _, class| {
        check_constraints(&class.constraints, bounds)?;
        class.validatetrans.map_or(Ok(()), |constraints| check_constraints(&constraints, bounds))
    })
}

fn check_constraints<'a>(constraints: &Records<'a, Constraint<'a>>, bounds: Bounds) -> Result<()> {
    constraints.check(|_, _, constraint| {
        constraint.terms.check(|cursor, offset, term| check_term(cursor, offset, term, bounds))
    })
}

fn check_term(cursor: &Cursor<'_>, offset: usize, term: Term<'_>, bounds: Bounds) -> Result<()> {
    let Term::Names(operands, names) = term else { return Ok(()) };
    let (what, n) = if operands.is_about_users() {
        ("users", bounds.n_users)
    } else if operands.is_about_roles() {
        ("roles", bounds.n_roles)
    } else {
        ("types", bounds.n_types)
    };
    check_bits(cursor, offset, what, names.ids, n)?;
    if let Some((named, taken_out, _)) = names.written {
        check_bits(cursor, offset, "types", named, bounds.n_types)?;
        check_bits(cursor, offset, "types", taken_out, bounds.n_types)?;
    }
    Ok(())
}

pub(crate) fn check_roles<'a>(roles: &Records<'a, Role<'a>>, bounds: Bounds) -> Result<()> {
    roles.check(|cursor, offset, role| check_role(cursor, offset, role, bounds))
}

fn check_role(cursor: &Cursor<'_>, offset: usize, role: Role<'_>, bounds: Bounds) -> Result<()> {
    check_bits(cursor, offset, "types", role.types, bounds.n_types)?;
    check_bits(cursor, offset, "roles", role.dominates, bounds.n_roles)
}

pub(crate) fn check_users<'a>(users: &Records<'a, User<'a>>, bounds: Bounds) -> Result<()> {
    users.check(|cursor, offset, user| check_user(cursor, offset, user, bounds))
}

/// The kernel and libsepol take a user's range whose high level does not dominate the low one: no context is valid
/// for that user then.
fn check_user(cursor: &Cursor<'_>, offset: usize, user: User<'_>, bounds: Bounds) -> Result<()> {
    check_bits(cursor, offset, "roles", user.roles, bounds.n_roles)?;
    match user.levels.filter(|_| bounds.has_levels) {
        None => Ok(()),
        Some((range, default)) => {
            check_levels(cursor, offset, range, bounds)?;
            check_level(cursor, offset, default, bounds)
        }
    }
}

pub(crate) fn check_sensitivities<'a>(
    sensitivities: &Records<'a, Sensitivity<'a>>,
    bounds: Bounds,
) -> Result<()> {
    sensitivities.check(|cursor, offset, sensitivity| {
        check_bits(cursor, offset, "categories", sensitivity.level.categories, bounds.n_categories)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::error::Section;
    use crate::mls::{Level, Range};
    use crate::name::Name;

    const BOUNDS: Bounds = Bounds {
        n_types: 4,
        n_classes: 1,
        n_roles: 3,
        n_users: 2,
        n_sensitivities: 2,
        n_categories: 5,
        has_levels: true,
        is_xen: false,
    };

    /// A check of a set. Its bytes live on, so that it may become a part of what is checked.
    trait Check: Fn(&Cursor<'static>, Ebitmap<'static>) -> Result<()> {}
    impl<F: Fn(&Cursor<'static>, Ebitmap<'static>) -> Result<()>> Check for F {}

    /// Calls `check` with a cursor and the set of the bit `bit`; returns what the error found.
    fn with_bit(bit: u32, check: impl Check) -> Option<String> {
        let bytes: Vec<u8> = [64, 64, 1, 0, 1 << bit, 0u32].iter().flat_map(|w| w.to_le_bytes()).collect();
        let mut cursor = Cursor::new(bytes.leak(), Section::Classes);
        let bits = Ebitmap::read(&mut cursor).unwrap();
        check(&cursor, bits).err().map(|error| error.found)
    }

    #[test]
    fn needs_say_which_checks_fail() {
        let empty = Ebitmap::default();
        for (attribute, n) in [(1, BOUNDS.n_users), (2 | 8, BOUNDS.n_roles), (4 | 16, BOUNDS.n_types)] {
            let operands = Operands { attribute, operator: 1 };
            for bit in 0..6 {
                let (met, met_as_written) = (Cell::new(false), Cell::new(false));
                with_bit(bit, |_, ids| {
                    met.set(Needs::of_names(operands, Names { ids, written: None }).are_met_by(BOUNDS));
                    let written = |written| Names { ids: empty, written: Some(written) };
                    let named = Needs::of_names(operands, written((ids, empty, 0)));
                    let taken_out = Needs::of_names(operands, written((empty, ids, 0)));
                    assert_eq!(named, taken_out);
                    met_as_written.set(named.join(Needs::default()).are_met_by(BOUNDS));
                    Ok(())
                });
                assert_eq!(
                    (met.get(), met_as_written.get()),
                    ((bit as usize) < n, bit < 4),
                    "{attribute} {bit}"
                );
            }
        }
    }

    /// Whether exactly those sets pass that hold none beyond `n`.
    fn allows(n: usize, check: impl Check) -> bool {
        let n = n as u32;
        with_bit(n - 1, &check).is_none() && with_bit(n, &check) == Some(format!("number {}", n + 1))
    }

    #[test]
    fn operands_of_constraints() {
        for (attribute, n) in [(1, BOUNDS.n_users), (2 | 8, BOUNDS.n_roles), (4 | 16, BOUNDS.n_types)] {
            let operands = Operands { attribute, operator: 1 };
            let names = |ids, written| Term::Names(operands, Names { ids, written });
            let empty = Ebitmap::default();
            assert!(allows(n, |cursor, ids| check_term(cursor, 0, names(ids, None), BOUNDS)), "{attribute}");
            // As the source has them, they are types.
            let n = BOUNDS.n_types;
            assert!(allows(n, |cursor, ids| {
                check_term(cursor, 0, names(empty, Some((ids, empty, 0))), BOUNDS)
            }));
            assert!(allows(n, |cursor, ids| {
                check_term(cursor, 0, names(empty, Some((empty, ids, 0))), BOUNDS)
            }));
        }
    }

    #[test]
    fn types_and_roles_of_roles() {
        let (name, empty) = (Name::new(b"r"), Ebitmap::default());
        let role = |dominates, types| Role { name, value: 1, bounds: None, dominates, types };
        assert!(allows(BOUNDS.n_types, |cursor, bits| check_role(cursor, 0, role(empty, bits), BOUNDS)));
        assert!(allows(BOUNDS.n_roles, |cursor, bits| check_role(cursor, 0, role(bits, empty), BOUNDS)));
    }

    #[test]
    fn roles_and_levels_of_users() {
        let empty = Ebitmap::default();
        let user = |roles, levels| User { name: Name::new(b"u"), value: 1, bounds: None, roles, levels };
        let level = |sensitivity, categories| Level { sensitivity, categories };
        let levels = |a, b, c| Some((Range { low: a, high: Some(b) }, c));
        let good = level(1, empty);
        assert!(allows(BOUNDS.n_roles, |cursor, bits| check_user(cursor, 0, user(bits, None), BOUNDS)));
        let n = BOUNDS.n_categories;
        for which in 0..3 {
            let with = |bad| {
                let of = |place| if place == which { bad } else { good };
                user(empty, levels(of(0), of(1), of(2)))
            };
            assert!(allows(n, |cursor, bits| check_user(cursor, 0, with(level(1, bits)), BOUNDS)), "{which}");
            for (sensitivity, refused) in [(0, true), (1, false), (2, false), (3, true)] {
                let user = with(level(sensitivity, empty));
                let found = with_bit(0, |cursor, _| check_user(cursor, 0, user, BOUNDS));
                assert_eq!(found, refused.then(|| sensitivity.to_string()), "{which}");
                let bounds = Bounds { has_levels: false, ..BOUNDS };
                assert_eq!(with_bit(0, |cursor, _| check_user(cursor, 0, user, bounds)), None);
            }
        }
    }

    #[test]
    fn errors_name_the_section_and_the_place_of_the_record() {
        // A count, and one role: length of its name, value, bounds, name, no roles, the fifth type.
        let words = [1, 1, 1, 1, 0];
        let mut bytes: Vec<u8> = words.iter().flat_map(|w: &u32| w.to_le_bytes()).collect();
        bytes.push(b'r');
        bytes.extend([64, 0, 0, 64, 64, 1, 0, 1 << 4, 0u32].iter().flat_map(|w| w.to_le_bytes()));
        let format = crate::format::Format { platform: crate::Platform::Selinux, version: 33 };
        let shape = crate::records::Shape { format, bounds: Bounds::default(), list: 0 };
        let (mut cursor, mut needs) = (Cursor::new(&bytes, Section::Roles), Needs::default());
        let (_, roles) = crate::role::read_roles(&mut cursor, shape, &mut needs).unwrap();
        cursor.enter(Section::Users);
        assert!(!needs.are_met_by(BOUNDS) && needs.are_met_by(Bounds { n_types: 5, ..BOUNDS }));
        let error = check_roles(&roles, BOUNDS).unwrap_err();
        assert_eq!((error.section, error.offset), (Section::Roles, 8), "{error}");
        assert_eq!(error.found, "number 5");
        assert_eq!(check_roles(&roles, Bounds { n_types: 5, ..BOUNDS }), Ok(()));
    }

    #[test]
    fn categories_of_sensitivities() {
        // A count of values, a count, and one sensitivity: its name, no alias, value 1, the sixth category.
        let mut bytes: Vec<u8> = [1, 1, 2, 0u32].iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.extend(b"s0");
        bytes.extend([1, 64, 64, 1, 0, 1 << 5, 0u32].iter().flat_map(|w| w.to_le_bytes()));
        let format = crate::format::Format { platform: crate::Platform::Selinux, version: 33 };
        let shape = crate::records::Shape { format, bounds: Bounds::default(), list: 0 };
        let mut cursor = Cursor::new(&bytes, Section::Sensitivities);
        let (_, sensitivities) = crate::mls::read_sensitivities(&mut cursor, shape).unwrap();
        assert_eq!(check_sensitivities(&sensitivities, BOUNDS).unwrap_err().found, "number 6");
        assert_eq!(check_sensitivities(&sensitivities, Bounds { n_categories: 6, ..BOUNDS }), Ok(()));
    }
}
