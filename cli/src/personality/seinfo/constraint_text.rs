//! Constraints as SETools 4.4.1 prints them: parentheses by the precedence of whatever operator was handled before,
//! of sets the names that the file has, and a blank too many here and there.
//! Source: `ConstraintExpression.infix` and `ConstraintExprNode` in `constraint.pxi`.
//!
//! Where SETools prints a set in random order, it is sorted.

use avstore::{ComponentKind, ConstraintOf, Field, Leaf, Step, Store, constraint_steps, step_operands};
use policydb::{Name, Names, RoleId, TypeId, UserId};

const NOT: u8 = 4;
const COMPARISON: u8 = 3;
const AND: u8 = 2;
const OR: u8 = 1;

/// Appends the statement of a constraint. It ends early behind `most` bytes, which no honest answer has.
pub(in crate::personality) fn write_constraint(
    store: &Store<'_>,
    of: &ConstraintOf<'_>,
    most: usize,
    out: &mut Vec<u8>,
) {
    let has_permissions = matches!(of.kind, ComponentKind::Constrain | ComponentKind::MlsConstrain);
    out.extend(of.kind.keyword().as_bytes());
    out.push(b' ');
    out.extend(store.class_name(of.class).as_bytes());
    out.push(b' ');
    if has_permissions {
        let all = store.permissions(of.class).iter();
        let constrained = all.filter(|permission| of.constraint.permissions >> permission.bit & 1 == 1);
        let mut names: Vec<&[u8]> = constrained.map(|permission| permission.name.as_bytes()).collect();
        names.sort_unstable();
        match names.as_slice() {
            [one] => out.extend(*one),
            several => {
                out.extend(b"{ ");
                out.extend(several.join(&b' '));
                out.extend(b" }");
            }
        }
        out.push(b' ');
    }
    out.push(b'(');
    write_expression(store, &constraint_steps(&of.constraint), most, out);
    // COMPAT(setools): a blank at the end.
    out.extend(if has_permissions { &b"); "[..] } else { b");" });
}

/// What an expression's text is made of, last piece first.
enum Piece {
    Step(usize),
    Text(&'static str),
}

fn write_expression(store: &Store<'_>, steps: &[Step<'_>], most: usize, out: &mut Vec<u8>) {
    let (operands, bracketed) = (step_operands(steps), bracketed(steps));
    let mut pending = vec![Piece::Step(steps.len().saturating_sub(1))];
    while let Some(piece) = pending.pop() {
        if out.len() > most {
            return;
        }
        let index = match piece {
            Piece::Text(text) => {
                out.extend(text.as_bytes());
                continue;
            }
            Piece::Step(index) => index,
        };
        let (Some(step), Some(&[left, right])) = (steps.get(index), operands.get(index)) else { continue };
        let in_brackets = bracketed.get(index).copied().unwrap_or(false);
        let binary = |operator, pending: &mut Vec<Piece>| {
            if in_brackets {
                pending.push(Piece::Text(" )"));
            }
            pending.extend(right.map(Piece::Step));
            pending.push(Piece::Text(operator));
            pending.extend(left.map(Piece::Step));
            if in_brackets {
                pending.push(Piece::Text("( "));
            }
        };
        match step {
            Step::And => binary(" and ", &mut pending),
            Step::Or => binary(" or ", &mut pending),
            Step::Not => {
                pending.push(Piece::Text(" )"));
                pending.extend(left.map(Piece::Step));
                pending.push(Piece::Text("not ( "));
            }
            Step::Leaf(leaf) => {
                out.extend(if in_brackets { &b"( "[..] } else { b"" });
                write_leaf(store, leaf, out);
                out.extend(if in_brackets { &b" )"[..] } else { b"" });
            }
        }
    }
}

/// Which steps have parentheses around them. COMPAT(setools): the operator handled before decides, wherever it
/// stands in the expression; comparisons are operators as well.
fn bracketed(steps: &[Step<'_>]) -> Vec<bool> {
    let mut previous = NOT;
    let precedence = |step: &Step<'_>| match step {
        Step::Not => NOT,
        Step::Leaf(_) => COMPARISON,
        Step::And => AND,
        Step::Or => OR,
    };
    let before = steps.iter().map(|step| (step, std::mem::replace(&mut previous, precedence(step))));
    before.map(|(step, before)| !matches!(step, Step::Not) && precedence(step) >= before).collect()
}

fn write_leaf(store: &Store<'_>, leaf: &Leaf<'_>, out: &mut Vec<u8>) {
    match *leaf {
        Leaf::Names(whose, field, comparison, names) => {
            let what = [field.letter(), whose.number(), " ", comparison.word(), " "];
            out.extend(what.concat().as_bytes());
            write_names(store, field, names, out);
        }
        Leaf::Fields(field, comparison) => {
            let letter = field.letter();
            out.extend([letter, "1 ", comparison.word(), " ", letter, "2"].concat().as_bytes());
        }
        Leaf::Levels(left, right, comparison) => {
            out.extend([left.word(), " ", comparison.word(), " ", right.word()].concat().as_bytes());
        }
        Leaf::Unreadable => out.extend(b"?"),
    }
}

fn write_names(store: &Store<'_>, field: Field, names: Names<'_>, out: &mut Vec<u8>) {
    let policy = store.policy();
    // COMPAT(setools): of types as they are written, neither `*` and `~` nor what is taken out.
    let written = names.written.filter(|_| field == Field::Type);
    let ids = written.map_or(names.ids, |(ids, ..)| ids);
    let own = |name: Option<Name<'_>>| name.map_or_else(Vec::new, |name| name.as_bytes().to_vec());
    let name_of = |bit| match field {
        Field::Type => store.type_name(TypeId::from_index(bit)).bytes().into_owned(),
        Field::Role => own(policy.role_name(RoleId::from_index(bit))),
        Field::User => own(policy.user_name(UserId::from_index(bit))),
    };
    let mut names: Vec<Vec<u8>> = ids.bits().map(name_of).collect();
    names.sort_unstable();
    match names.as_slice() {
        [] => {}
        [one] => out.extend(one),
        several => {
            out.extend(b"{ ");
            out.extend(several.join(&b' '));
            // COMPAT(setools): a blank behind the brace, and the one before what follows.
            out.extend(b" } ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avstore::{Comparison, LevelOf};

    const LEAF: Step<'static> = Step::Leaf(Leaf::Fields(Field::User, Comparison::Equal));

    #[test]
    fn parentheses_follow_the_operator_before() {
        // One comparison has none; a second one has, as the first had the same precedence.
        assert_eq!(bracketed(&[LEAF]), [false]);
        assert_eq!(bracketed(&[LEAF, LEAF, Step::Or]), [false, true, false]);
        // (a or b) and c loses those that matter.
        assert_eq!(bracketed(&[LEAF, LEAF, Step::Or, LEAF, Step::And]), [false, true, false, true, false]);
        assert_eq!(bracketed(&[LEAF, Step::Not, LEAF, Step::And]), [false, false, false, false]);
        assert_eq!(bracketed(&[LEAF, LEAF, LEAF, Step::And, Step::And]), [false, true, true, false, true]);
    }

    #[test]
    fn levels_are_compared_by_their_words() {
        let level = |target| LevelOf { target, high: true };
        assert_eq!((level(false).word(), level(true).word()), ("h1", "h2"));
    }
}
