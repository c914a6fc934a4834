//! Constraints of classes: expressions in reverse Polish over users, roles, types and levels.
//! Source: `read_cons_helper`. They are checked here; the questions that need them come later.

use crate::cursor::Cursor;
use crate::ebitmap::Ebitmap;
use crate::error::Result;
use crate::format::{Feature, Format};

const CEXPR_MAXDEPTH: usize = 5;
const CEXPR_NOT: u32 = 1;
const CEXPR_AND: u32 = 2;
const CEXPR_OR: u32 = 3;
const CEXPR_ATTR: u32 = 4;
const CEXPR_NAMES: u32 = 5;
const CEXPR_XTARGET: u32 = 16;

/// The two lists of constraints that a class has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Constrain,
    Validatetrans,
}

pub(crate) fn read_all(
    cursor: &mut Cursor<'_>,
    format: Format,
    n_constraints: u32,
    kind: Kind,
) -> Result<()> {
    let offset = cursor.position();
    for _ in 0..cursor.check_count(offset, n_constraints, 8, "constraints")? {
        let [_permissions, n_terms] = cursor.u32s()?;
        let mut depth = 0usize;
        for _ in 0..n_terms {
            let offset = cursor.position();
            let [term, attribute, _operator] = cursor.u32s()?;
            let operands = match term {
                CEXPR_NOT => 1,
                CEXPR_AND | CEXPR_OR => 2,
                CEXPR_ATTR => 0,
                CEXPR_NAMES => {
                    if kind == Kind::Constrain && attribute & CEXPR_XTARGET != 0 {
                        return Err(cursor.error_at(
                            offset,
                            "source or target",
                            "the third context of validatetrans",
                        ));
                    }
                    Ebitmap::read(cursor)?;
                    if format.has(Feature::ConstraintNames) {
                        read_type_set(cursor)?;
                    }
                    0
                }
                _ => {
                    return Err(cursor.error_at(offset, "a term of a constraint (1 to 5)", term.to_string()));
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
        }
        if depth != 1 {
            let found = format!("{depth} operands left");
            return Err(cursor.error_back(0, "a constraint that leaves one value", found));
        }
    }
    Ok(())
}

/// The type names of the source text: types, types taken out, and flags (`*`, `~`).
fn read_type_set(cursor: &mut Cursor<'_>) -> Result<()> {
    Ebitmap::read(cursor)?;
    Ebitmap::read(cursor)?;
    cursor.u32()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;
    use crate::header::Platform;

    fn read(terms: &[[u32; 3]]) -> Result<()> {
        let mut words = vec![1, terms.len() as u32];
        words.extend(terms.iter().flatten());
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let format = Format { platform: Platform::Selinux, version: 33 };
        read_all(&mut Cursor::new(&bytes, Section::Classes), format, 1, Kind::Constrain)
    }

    const LEAF: [u32; 3] = [CEXPR_ATTR, 4, 1];

    #[test]
    fn expressions_must_balance() {
        assert!(read(&[LEAF]).is_ok());
        assert!(read(&[LEAF, LEAF, [CEXPR_AND, 0, 0], [CEXPR_NOT, 0, 0]]).is_ok());
        for bad in [
            &[][..],
            &[[CEXPR_NOT, 0, 0]],
            &[LEAF, [CEXPR_OR, 0, 0]],
            &[LEAF, LEAF],
            &[LEAF; 6],
            &[[9, 0, 0]],
            &[[CEXPR_NAMES, CEXPR_XTARGET, 1]],
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
