//! Constraints of the classes of a base module. Source: `read_cons_helper`.

use policydb::{Cursor, Ebitmap, LoadError};

use crate::sets::TypeSet;

/// A constraint.
#[derive(Clone, Debug)]
pub struct Constraint<'a> {
    /// The permissions that it is about.
    pub permissions: u32,
    /// Its expression in reverse Polish.
    pub terms: Vec<Term<'a>>,
}

/// A term of an expression, with libsepol's numbers.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    /// What it is: an operator, a comparison of two fields, or of a field with names.
    pub expression: u32,
    /// The field, or fields.
    pub attribute: u32,
    /// The comparison.
    pub operator: u32,
    /// Names, and as types were written, for comparisons with names.
    pub names: Option<(Ebitmap<'a>, TypeSet<'a>)>,
}

const CEXPR_NOT: u32 = 1;
const CEXPR_AND: u32 = 2;
const CEXPR_OR: u32 = 3;
const CEXPR_ATTR: u32 = 4;
const CEXPR_NAMES: u32 = 5;
/// Values that libsepol's stack holds.
const CEXPR_MAXDEPTH: usize = 5;

pub(crate) fn read_constraints<'a>(
    cursor: &mut Cursor<'a>,
    n_constraints: u32,
) -> Result<Vec<Constraint<'a>>, LoadError> {
    let offset = cursor.position();
    let n_constraints = cursor.check_count(offset, n_constraints, 8, "constraints")?;
    let mut constraints = Vec::with_capacity(n_constraints);
    for _ in 0..n_constraints {
        let permissions = cursor.u32()?;
        let n_terms = cursor.count(12, "terms of a constraint")?;
        let first = cursor.position();
        let mut terms = Vec::with_capacity(n_terms);
        let mut depth = 0usize;
        for _ in 0..n_terms {
            let offset = cursor.position();
            let [expression, attribute, operator] = cursor.u32s()?;
            let (takes, leaves) = match expression {
                CEXPR_NOT => (1, 1),
                CEXPR_AND | CEXPR_OR => (2, 1),
                CEXPR_ATTR | CEXPR_NAMES => (0, 1),
                other => return Err(cursor.error_at(offset, "a term of a constraint", other.to_string())),
            };
            let Some(left) = depth.checked_sub(takes) else {
                return Err(cursor.error_at(offset, "an operator with its operands", "too few of them"));
            };
            depth = left.saturating_add(leaves);
            if depth > CEXPR_MAXDEPTH {
                return Err(cursor.error_at(
                    offset,
                    format!("at most {CEXPR_MAXDEPTH} open operands"),
                    "one more",
                ));
            }
            let names = if expression == CEXPR_NAMES {
                Some((Ebitmap::read(cursor)?, TypeSet::read(cursor)?))
            } else {
                None
            };
            terms.push(Term { expression, attribute, operator, names });
        }
        if depth != 1 {
            return Err(cursor.error_at(first, "an expression that leaves one value", format!("{depth}")));
        }
        constraints.push(Constraint { permissions, terms });
    }
    Ok(constraints)
}
