//! Constraints, decoded: what they compare. Source: the numbers of `ss/constraint.h` in the kernel.

mod text;

use policydb::{Constraint, Names as ConstraintNames, Operands, Term};

pub use text::{constraint_text, field_name, leaf_text};

const CEXPR_USER: u32 = 1;
const CEXPR_ROLE: u32 = 2;
const CEXPR_TYPE: u32 = 4;
const CEXPR_TARGET: u32 = 8;
const CEXPR_XTARGET: u32 = 16;
const CEXPR_L1L2: u32 = 32;
const CEXPR_L1H2: u32 = 64;
const CEXPR_H1L2: u32 = 128;
const CEXPR_H1H2: u32 = 256;
const CEXPR_L1H1: u32 = 512;
const CEXPR_L2H2: u32 = 1024;

const CEXPR_EQ: u32 = 1;
const CEXPR_NEQ: u32 = 2;
const CEXPR_DOM: u32 = 3;
const CEXPR_DOMBY: u32 = 4;
const CEXPR_INCOMP: u32 = 5;

/// Whose part of a context a leaf looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The source, `1` in policy language.
    Source,
    /// The target, `2`.
    Target,
    /// The process that changes a label, `3`; in `validatetrans` only.
    Process,
}

/// A part of a context that is compared with a set of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `u1`, `u2`, `u3`
    User,
    /// `r1`, …
    Role,
    /// `t1`, …
    Type,
}

/// A level that is compared: `l1`, `h1`, `l2` or `h2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelOf {
    /// Of the target; else of the source.
    pub target: bool,
    /// The high level; else the low one.
    pub high: bool,
}

/// How two things are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `dom`
    Dominates,
    /// `domby`
    DominatedBy,
    /// `incomp`
    Incomparable,
}

/// A comparison in a constraint.
#[derive(Clone, Copy, Debug)]
pub enum Leaf<'p> {
    /// The source's user, role or type with the target's.
    Fields(Field, Comparison),
    /// Two levels.
    Levels(LevelOf, LevelOf, Comparison),
    /// One side's user, role or type with a set of names.
    Names(Whose, Field, Comparison, ConstraintNames<'p>),
    /// What no kernel could evaluate; false.
    Unreadable,
}

/// A step of an expression in reverse Polish.
#[derive(Clone, Copy, Debug)]
pub enum Step<'p> {
    /// `not`
    Not,
    /// `and`
    And,
    /// `or`
    Or,
    /// A comparison.
    Leaf(Leaf<'p>),
}

/// The expression of a constraint, decoded. O(terms).
pub fn constraint_steps<'p>(constraint: &Constraint<'p>) -> Vec<Step<'p>> {
    constraint.terms.iter().map(step).collect()
}

/// Whether an expression compares levels: then policy language calls it `mlsconstrain` or `mlsvalidatetrans`.
pub fn compares_levels(steps: &[Step<'_>]) -> bool {
    steps.iter().any(|step| matches!(step, Step::Leaf(Leaf::Levels(..))))
}

/// The positions of the operands of each step, left and right; `not` has a left one only.
pub fn step_operands(steps: &[Step<'_>]) -> Vec<[Option<usize>; 2]> {
    let mut pending = Vec::new();
    let mut operands = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        operands.push(match step {
            Step::Leaf(_) => [None, None],
            Step::Not => [pending.pop(), None],
            Step::And | Step::Or => {
                let right = pending.pop();
                [pending.pop(), right]
            }
        });
        pending.push(index);
    }
    operands
}

fn step<'p>(term: Term<'p>) -> Step<'p> {
    match term {
        Term::Not(_) => Step::Not,
        Term::And(_) => Step::And,
        Term::Or(_) => Step::Or,
        Term::Attribute(operands) => Step::Leaf(attribute_leaf(operands)),
        Term::Names(operands, names) => Step::Leaf(names_leaf(operands, names)),
    }
}

fn attribute_leaf<'p>(operands: Operands) -> Leaf<'p> {
    let Some(comparison) = comparison(operands.operator) else { return Leaf::Unreadable };
    let level = |target, high| LevelOf { target, high };
    let (low1, high1) = (level(false, false), level(false, true));
    let (low2, high2) = (level(true, false), level(true, true));
    match operands.attribute {
        CEXPR_USER => Leaf::Fields(Field::User, comparison),
        CEXPR_ROLE => Leaf::Fields(Field::Role, comparison),
        CEXPR_TYPE => Leaf::Fields(Field::Type, comparison),
        CEXPR_L1L2 => Leaf::Levels(low1, low2, comparison),
        CEXPR_L1H2 => Leaf::Levels(low1, high2, comparison),
        CEXPR_H1L2 => Leaf::Levels(high1, low2, comparison),
        CEXPR_H1H2 => Leaf::Levels(high1, high2, comparison),
        CEXPR_L1H1 => Leaf::Levels(low1, high1, comparison),
        CEXPR_L2H2 => Leaf::Levels(low2, high2, comparison),
        _ => Leaf::Unreadable,
    }
}

fn names_leaf(operands: Operands, names: ConstraintNames<'_>) -> Leaf<'_> {
    let Some(comparison) = comparison(operands.operator) else { return Leaf::Unreadable };
    let has = |flag| operands.attribute & flag != 0;
    let whose = if has(CEXPR_TARGET) {
        Whose::Target
    } else if has(CEXPR_XTARGET) {
        Whose::Process
    } else {
        Whose::Source
    };
    let field = if has(CEXPR_USER) {
        Field::User
    } else if has(CEXPR_ROLE) {
        Field::Role
    } else if has(CEXPR_TYPE) {
        Field::Type
    } else {
        return Leaf::Unreadable;
    };
    Leaf::Names(whose, field, comparison, names)
}

fn comparison(operator: u32) -> Option<Comparison> {
    Some(match operator {
        CEXPR_EQ => Comparison::Equal,
        CEXPR_NEQ => Comparison::Unequal,
        CEXPR_DOM => Comparison::Dominates,
        CEXPR_DOMBY => Comparison::DominatedBy,
        CEXPR_INCOMP => Comparison::Incomparable,
        _ => return None,
    })
}
