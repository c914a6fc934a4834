//! Constraints of classes: expressions in reverse Polish over users, roles, types and levels.
//! Source: `read_cons_helper`; operators and attributes are those of `ss/constraint.h`. The kernel reads any, and
//! stops where it meets an unknown one in a decision; libsepol's `validate_constraint_nodes` refuses those, as here.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::Result;
use crate::format::Feature;
use crate::records::{Record, Records, Shape};
use crate::references::Needs;

const CEXPR_MAXDEPTH: usize = 5;
const CEXPR_NOT: u32 = 1;
const CEXPR_AND: u32 = 2;
const CEXPR_OR: u32 = 3;
const CEXPR_ATTR: u32 = 4;
const CEXPR_NAMES: u32 = 5;

const CEXPR_USER: u32 = 1;
const CEXPR_ROLE: u32 = 2;
const CEXPR_TYPE: u32 = 4;
const CEXPR_TARGET: u32 = 8;
const CEXPR_XTARGET: u32 = 16;
/// The first of six comparisons of levels, each a bit.
const CEXPR_L1L2: u32 = 32;
const CEXPR_L2H2: u32 = 1024;

const CEXPR_EQ: u32 = 1;
const CEXPR_NEQ: u32 = 2;
const CEXPR_DOM: u32 = 3;
const CEXPR_INCOMP: u32 = 5;

/// A constraint: where the expression is false, the permissions are not granted. For `validatetrans` the
/// permissions are 0.
#[derive(Clone, Debug)]
pub struct Constraint<'a> {
    /// The permissions that are constrained, as bits.
    pub permissions: u32,
    /// The expression in reverse Polish; it leaves one value.
    pub terms: Records<'a, Term<'a>>,
    /// What its sets speak of.
    pub(crate) needs: Needs,
    /// Whether the expression speaks of the third context, the process that changes a label. Only
    /// `validatetrans` may.
    pub(crate) has_third_context: bool,
}

/// A step of a constraint's expression. The two numbers are those of the file; `analysis` reads them.
#[derive(Clone, Copy, Debug)]
pub enum Term<'a> {
    /// Negates the value before.
    Not(Operands),
    /// Both of the two values before.
    And(Operands),
    /// One of the two values before.
    Or(Operands),
    /// Compares two attributes of the contexts.
    Attribute(Operands),
    /// Compares an attribute with a set.
    Names(Operands, Names<'a>),
}

/// What a term compares, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operands {
    /// CEXPR_USER, CEXPR_ROLE, … and whose.
    pub attribute: u32,
    /// CEXPR_EQ, CEXPR_NEQ, CEXPR_DOM, ….
    pub operator: u32,
}

/// The set that an attribute is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Ids of users, roles or types, attributes expanded.
    pub ids: Ebitmap<'a>,
    /// As the source has it, since version 29: ids, ids taken out, and flags (1 `*`, 2 `~`).
    pub written: Option<(Ebitmap<'a>, Ebitmap<'a>, u32)>,
}

impl Names<'_> {
    /// The flag of `*`, every type. Source: `TYPE_STAR` in libsepol's `policydb.h`.
    pub const STAR: u32 = 1;
    /// The flag of `~`, every type but these. Source: `TYPE_COMP`.
    pub const COMPLEMENT: u32 = 2;
}

impl Operands {
    /// Whether users are compared.
    pub(crate) fn is_about_users(self) -> bool {
        self.attribute & CEXPR_USER != 0
    }

    /// Whether roles are compared.
    pub(crate) fn is_about_roles(self) -> bool {
        self.attribute & CEXPR_ROLE != 0
    }

    /// Whether these can stand in a comparison of two contexts.
    fn compare_contexts(self) -> bool {
        let is_level =
            self.attribute.is_power_of_two() && (CEXPR_L1L2..=CEXPR_L2H2).contains(&self.attribute);
        let has_order = is_level || self.attribute == CEXPR_ROLE;
        match self.operator {
            CEXPR_EQ | CEXPR_NEQ => has_order || matches!(self.attribute, CEXPR_USER | CEXPR_TYPE),
            CEXPR_DOM..=CEXPR_INCOMP => has_order,
            _ => false,
        }
    }

    /// Whether these can stand in a comparison of a context with a set.
    fn compare_with_set(self) -> bool {
        let is_one = |bits: u32, none: bool| bits.is_power_of_two() || (none && bits == 0);
        let what = self.attribute & (CEXPR_USER | CEXPR_ROLE | CEXPR_TYPE);
        let whose = self.attribute & (CEXPR_TARGET | CEXPR_XTARGET);
        is_one(what, false)
            && is_one(whose, true)
            && self.attribute == what | whose
            && matches!(self.operator, CEXPR_EQ | CEXPR_NEQ)
    }
}

impl<'a> Record<'a> for Constraint<'a> {
    const MIN_SIZE: usize = 8;
    const WHAT: &'static str = "constraints";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let permissions = cursor.u32()?;
        let n_terms = cursor.count(Term::MIN_SIZE, Term::WHAT)?;
        let (mut depth, mut needs, mut has_third_context) = (0usize, Needs::default(), false);
        let terms = Records::walk(cursor, shape, n_terms, |cursor, offset, term| {
            let operands = match term {
                Term::Not(_) => 1,
                Term::And(_) | Term::Or(_) => 2,
                Term::Attribute(_) => 0,
                Term::Names(operands, names) => {
                    needs = needs.join(Needs::of_names(operands, names));
                    has_third_context |= operands.attribute & CEXPR_XTARGET != 0;
                    0
                }
            };
            depth = match depth.checked_sub(operands) {
                Some(left) if left < CEXPR_MAXDEPTH => left.saturating_add(1),
                Some(_) => return Err(cursor.error_at(offset, "at most 5 pending operands", "one more")),
                None => {
                    let found = format!("{depth} operands");
                    return Err(cursor.error_at(offset, "an operator with enough operands", found));
                }
            };
            Ok(())
        })?;
        if depth != 1 {
            let found = format!("{depth} operands left");
            return Err(cursor.error_back(0, "a constraint that leaves one value", found));
        }
        Ok(Constraint { permissions, terms, needs, has_third_context })
    }
}

impl<'a> Record<'a> for Term<'a> {
    const MIN_SIZE: usize = 12;
    const WHAT: &'static str = "terms of a constraint";

    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let [kind, attribute, operator] = cursor.u32s()?;
        let operands = Operands { attribute, operator };
        let is_known = match kind {
            CEXPR_ATTR => operands.compare_contexts(),
            CEXPR_NAMES => operands.compare_with_set(),
            _ => true,
        };
        if !is_known {
            let found = format!("attribute {attribute:#x} and operator {operator}");
            return Err(cursor.error_back(8, "a comparison that the format has", found));
        }
        Ok(match kind {
            CEXPR_NOT => Term::Not(operands),
            CEXPR_AND => Term::And(operands),
            CEXPR_OR => Term::Or(operands),
            CEXPR_ATTR => Term::Attribute(operands),
            CEXPR_NAMES => {
                let ids = Ebitmap::read(cursor)?;
                let written = if shape.format.has(Feature::ConstraintNames) {
                    Some((Ebitmap::read(cursor)?, Ebitmap::read(cursor)?, cursor.u32()?))
                } else {
                    None
                };
                Term::Names(operands, Names { ids, written })
            }
            _ => return Err(cursor.error_back(12, "a term of a constraint (1 to 5)", kind.to_string())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;
    use crate::format::Format;
    use crate::header::Platform;
    use crate::references::Bounds;

    // Before version 29, so that a set of names is one bitmap.
    const FORMAT: Format = Format { platform: Platform::Selinux, version: 28 };

    fn shape() -> Shape {
        Shape { format: FORMAT, bounds: Bounds::default(), list: 0 }
    }

    fn read(terms: &[[u32; 3]]) -> Result<usize> {
        let mut words = vec![1, terms.len() as u32];
        words.extend(terms.iter().flatten());
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        Constraint::read(&mut Cursor::new(&bytes, Section::Classes), shape())
            .map(|constraint| constraint.terms.iter().count())
    }

    const LEAF: [u32; 3] = [CEXPR_ATTR, 4, 1];
    const EMPTY_BITMAP: [u32; 3] = [64, 0, 0];

    #[test]
    fn expressions_must_balance() {
        assert_eq!(read(&[LEAF]), Ok(1));
        assert_eq!(read(&[LEAF, LEAF, [CEXPR_AND, 0, 0], [CEXPR_NOT, 0, 0]]), Ok(4));
        for bad in [
            &[][..],
            &[[CEXPR_NOT, 0, 0]],
            &[LEAF, [CEXPR_OR, 0, 0]],
            &[LEAF, LEAF],
            &[LEAF; 6],
            &[[9, 0, 0]],
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn comparisons_must_be_known() {
        let (eq, dom) = (CEXPR_EQ, CEXPR_DOM);
        for (kind, attribute, operator, known) in [
            (CEXPR_ATTR, CEXPR_USER, eq, true),
            (CEXPR_ATTR, CEXPR_USER, dom, false),
            (CEXPR_ATTR, CEXPR_ROLE, CEXPR_INCOMP, true),
            (CEXPR_ATTR, CEXPR_TYPE, dom, false),
            (CEXPR_ATTR, CEXPR_L1L2, dom, true),
            (CEXPR_ATTR, CEXPR_L2H2, eq, true),
            (CEXPR_ATTR, CEXPR_L2H2, 6, false),
            (CEXPR_ATTR, CEXPR_L2H2, 0, false),
            (CEXPR_ATTR, 3 * CEXPR_L1L2, eq, false),
            (CEXPR_ATTR, 2 * CEXPR_L2H2, eq, false),
            (CEXPR_ATTR, 0, eq, false),
            (CEXPR_NAMES, CEXPR_USER, eq, true),
            (CEXPR_NAMES, CEXPR_ROLE | CEXPR_TARGET, CEXPR_NEQ, true),
            (CEXPR_NAMES, CEXPR_TYPE | CEXPR_XTARGET, eq, true),
            (CEXPR_NAMES, CEXPR_TYPE | CEXPR_TARGET | CEXPR_XTARGET, eq, false),
            (CEXPR_NAMES, CEXPR_TYPE, dom, false),
            (CEXPR_NAMES, CEXPR_USER | CEXPR_ROLE, eq, false),
            (CEXPR_NAMES, CEXPR_TARGET, eq, false),
            (CEXPR_NAMES, CEXPR_L1L2, eq, false),
        ] {
            let term = [kind, attribute, operator];
            let terms = if kind == CEXPR_NAMES { vec![term, EMPTY_BITMAP] } else { vec![term] };
            let words = [vec![1, 1], terms.concat()].concat();
            let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
            let read = Constraint::read(&mut Cursor::new(&bytes, Section::Classes), shape());
            assert_eq!(read.is_ok(), known, "{term:?}");
            assert!(read.is_ok() || read.unwrap_err().found.starts_with("attribute"), "{term:?}");
        }
    }

    #[test]
    fn the_third_context_is_seen() {
        for (attribute, third) in [(4, false), (4 | CEXPR_XTARGET, true)] {
            let words = [vec![1, 1, CEXPR_NAMES, attribute, 1], EMPTY_BITMAP.to_vec()].concat();
            let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
            let constraint = Constraint::read(&mut Cursor::new(&bytes, Section::Classes), shape()).unwrap();
            assert_eq!(constraint.has_third_context, third);
        }
    }
}
