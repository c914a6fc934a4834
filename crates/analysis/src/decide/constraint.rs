//! Constraints, decoded: what they compare. Source: the numbers of `ss/constraint.h` in the kernel.

use avstore::{Overlay, Store, TypeSet};
use policydb::{Constraint, Ebitmap, Names as ConstraintNames, Operands, Term, TypeId};

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

/// A constraint, its leaves decoded.
#[derive(Clone, Debug)]
pub struct DecodedConstraint<'p> {
    /// The permissions that are not granted where the expression is false.
    pub permissions: u32,
    /// The expression; it leaves one value.
    pub steps: Vec<Step<'p>>,
    /// For each step that compares types with names, those types as a row, where the set is not small.
    pub(super) rows: Vec<Option<TypeSet>>,
}

/// Where a row of bits costs no more than sixteen times the bitmap in the file, it is made.
const ROW_FACTOR: usize = 16;

impl<'p> DecodedConstraint<'p> {
    /// Decodes a constraint, under an overlay that may give attributes to types.
    pub fn new(store: &Store<'p>, overlay: &Overlay, constraint: &Constraint<'p>) -> Self {
        let steps: Vec<Step<'p>> = constraint.terms.iter().map(step).collect();
        let row = |step: &Step<'p>| match step {
            Step::Leaf(Leaf::Names(_, Field::Type, _, names)) => type_row(store, overlay, *names),
            _ => None,
        };
        let rows = steps.iter().map(row).collect();
        DecodedConstraint { permissions: constraint.permissions, steps, rows }
    }

    /// Whether the expression compares levels: then policy language calls it `mlsconstrain`.
    pub fn has_levels(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Leaf(Leaf::Levels(..))))
    }
}

/// The types of a set of names as a row; `None` where the bitmap in the file serves.
fn type_row(store: &Store<'_>, overlay: &Overlay, names: ConstraintNames<'_>) -> Option<TypeSet> {
    let n_types = store.policy().n_types();
    let mut row = TypeSet::new(n_types);
    row.insert_all(names.ids);
    if let Some((written, excluded, flags)) = names.written
        && overlay
            .attributes
            .iter()
            .any(|(_, attribute)| written.contains(attribute.index()) || excluded.contains(attribute.index()))
    {
        return Some(expand(store, overlay, written, excluded, flags));
    }
    let row_bytes = n_types / 8;
    (row_bytes <= ROW_FACTOR.saturating_mul(names.ids.n_bytes())).then_some(row)
}

/// What a set of types means, as the compiler would expand it under an overlay.
fn expand(
    store: &Store<'_>,
    overlay: &Overlay,
    written: Ebitmap<'_>,
    excluded: Ebitmap<'_>,
    flags: u32,
) -> TypeSet {
    /// `*`: every type. Source: `TYPE_STAR` and `TYPE_COMP` in libsepol's `policydb.h`.
    const STAR: u32 = 1;
    /// `~`: every type but these.
    const COMPLEMENT: u32 = 2;
    let mut included = store.empty_set();
    let mut taken_out = store.empty_set();
    for (bits, set) in [(written, &mut included), (excluded, &mut taken_out)] {
        for id in bits.bits().map(TypeId::from_index) {
            overlay.members(store, id).iter().for_each(|member| set.insert(member));
        }
    }
    let mut row = store.empty_set();
    for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
        let star = flags & STAR != 0;
        let is_in = (star || included.contains(id)) && !taken_out.contains(id);
        if is_in != (!star && flags & COMPLEMENT != 0) {
            row.insert(id);
        }
    }
    row
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
