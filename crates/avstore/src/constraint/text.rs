//! Constraints in policy language, with the parentheses that keep the expression's shape.
//!
//! Work is O(steps + names shown), and the text is cut off where no honest expression reaches.

use policydb::{Ebitmap, Names as ConstraintNames, RoleId, TypeId, UserId};

use super::{Comparison, Field, Leaf, LevelOf, Step, Whose, step_operands};
use crate::Store;
use crate::statement::quoted_text;

/// Bytes behind which the text of an expression ends in `…`.
const LONGEST_TEXT: usize = 1 << 20;

/// What an expression's text is made of, last piece first.
enum Piece {
    Step(usize),
    Text(&'static str),
}

/// An expression in policy language, without the parentheses around it. Of a set of names at most `names_shown`
/// are written out.
pub fn constraint_text(store: &Store<'_>, steps: &[Step<'_>], names_shown: usize) -> String {
    let operands = step_operands(steps);
    let mut text = String::new();
    let mut pending = vec![Piece::Step(steps.len().saturating_sub(1))];
    while let Some(piece) = pending.pop() {
        if text.len() > LONGEST_TEXT {
            text.push_str(" …");
            break;
        }
        let index = match piece {
            Piece::Text(piece) => {
                text.push_str(piece);
                continue;
            }
            Piece::Step(index) => index,
        };
        let (Some(step), Some(&[left, right])) = (steps.get(index), operands.get(index)) else { continue };
        let operator = match step {
            Step::Leaf(leaf) => {
                text.push_str(&leaf_text(store, leaf, names_shown));
                continue;
            }
            Step::Not => "not ",
            Step::And => " and ",
            Step::Or => " or ",
        };
        // `not` has one operand, behind it.
        let (before, behind) = if matches!(step, Step::Not) { (None, left) } else { (left, right) };
        push_operand(&mut pending, steps, behind, step);
        pending.push(Piece::Text(operator));
        push_operand(&mut pending, steps, before, step);
    }
    text
}

/// Puts an operand on the stack of pieces: in parentheses, unless it is a comparison or has the same operator.
fn push_operand(pending: &mut Vec<Piece>, steps: &[Step<'_>], operand: Option<usize>, operator: &Step<'_>) {
    let Some(operand) = operand else { return };
    let same = matches!(
        (steps.get(operand), operator),
        (Some(Step::Leaf(_)), _) | (Some(Step::And), Step::And) | (Some(Step::Or), Step::Or)
    );
    if same {
        pending.push(Piece::Step(operand));
    } else {
        pending.extend([Piece::Text(")"), Piece::Step(operand), Piece::Text("(")]);
    }
}

/// A comparison in policy language. Of a set of names at most `names_shown` are written out.
pub fn leaf_text(store: &Store<'_>, leaf: &Leaf<'_>, names_shown: usize) -> String {
    match *leaf {
        Leaf::Levels(left, right, comparison) => {
            format!("{} {} {}", left.word(), comparison.word(), right.word())
        }
        Leaf::Fields(field, comparison) => {
            let word = field.letter();
            format!("{word}1 {} {word}2", comparison.word())
        }
        Leaf::Names(whose, field, comparison, names) => {
            let names = names_text(store, field, names, names_shown);
            format!("{}{} {} {names}", field.letter(), whose.number(), comparison.word())
        }
        Leaf::Unreadable => "(a comparison that no kernel can evaluate)".to_owned(),
    }
}

/// A set of names as the source of the policy has it, or, before version 29, as it was expanded.
fn names_text(store: &Store<'_>, field: Field, names: ConstraintNames<'_>, names_shown: usize) -> String {
    let list = |bits: Ebitmap<'_>, sign: &str| -> (usize, Vec<String>) {
        // Where names are long, fewer are shown: work stays within the text that is left.
        let mut room = LONGEST_TEXT;
        let shown = bits.bits().take(names_shown).map_while(|bit| {
            let name = format!("{sign}{}", field_name(store, field, bit));
            let fits = room > 0;
            room = room.saturating_sub(name.len());
            fits.then_some(name)
        });
        (bits.len(), shown.collect())
    };
    // For users and roles the file keeps no more than ids.
    let written = names.written.filter(|(ids, excluded, flags)| {
        field == Field::Type && (!ids.is_empty() || !excluded.is_empty() || *flags != 0)
    });
    let (ids, excluded, flags) = written.unwrap_or((names.ids, Ebitmap::default(), 0));
    let ((n_included, mut shown), (n_excluded, without)) = (list(ids, ""), list(excluded, "-"));
    let hidden =
        n_included.saturating_sub(shown.len()).saturating_add(n_excluded.saturating_sub(without.len()));
    if flags & ConstraintNames::STAR != 0 {
        shown.insert(0, "*".to_owned());
    }
    shown.extend(without);
    if hidden > 0 {
        shown.push(format!("… {hidden} more"));
    }
    let complement = if flags & ConstraintNames::COMPLEMENT != 0 { "~" } else { "" };
    match shown.as_slice() {
        [one] => format!("{complement}{one}"),
        several => format!("{complement}{{ {} }}", several.join(" ")),
    }
}

/// The name of the type, role or user at an index.
pub fn field_name(store: &Store<'_>, field: Field, index: u32) -> String {
    let policy = store.policy();
    let name = match field {
        Field::Type => policy.type_symbol(TypeId::from_index(index)).map(|(name, _)| name),
        Field::Role => policy.role_name(RoleId::from_index(index)),
        Field::User => policy.user_name(UserId::from_index(index)),
    };
    name.map_or_else(|| format!("<unnamed-{}>", index.saturating_add(1)), quoted_text)
}

impl LevelOf {
    /// `l1`, `h1`, `l2` or `h2`.
    pub const fn word(self) -> &'static str {
        match (self.high, self.target) {
            (false, false) => "l1",
            (false, true) => "l2",
            (true, false) => "h1",
            (true, true) => "h2",
        }
    }
}

impl Whose {
    /// `1`, `2` or `3`.
    pub const fn number(self) -> &'static str {
        match self {
            Whose::Source => "1",
            Whose::Target => "2",
            Whose::Process => "3",
        }
    }
}

impl Field {
    /// `u`, `r` or `t`.
    pub const fn letter(self) -> &'static str {
        match self {
            Field::User => "u",
            Field::Role => "r",
            Field::Type => "t",
        }
    }
}

impl Comparison {
    /// `==`, `!=`, `dom`, `domby` or `incomp`.
    pub const fn word(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::Unequal => "!=",
            Comparison::Dominates => "dom",
            Comparison::DominatedBy => "domby",
            Comparison::Incomparable => "incomp",
        }
    }
}
