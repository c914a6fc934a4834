//! Constraints ready to be evaluated: their expressions, and sets of types as rows of bits.

use avstore::{Field, Leaf, Overlay, Step, Store, TypeSet, constraint_steps};
use policydb::{Constraint, Ebitmap, Names as ConstraintNames, TypeId};

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
        let steps = constraint_steps(constraint);
        let row = |step: &Step<'p>| match step {
            Step::Leaf(Leaf::Names(_, Field::Type, _, names)) => type_row(store, overlay, *names),
            _ => None,
        };
        let rows = steps.iter().map(row).collect();
        DecodedConstraint { permissions: constraint.permissions, steps, rows }
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
    let mut included = store.empty_set();
    let mut taken_out = store.empty_set();
    for (bits, set) in [(written, &mut included), (excluded, &mut taken_out)] {
        for id in bits.bits().map(TypeId::from_index) {
            overlay.members(store, id).iter().for_each(|member| set.insert(member));
        }
    }
    let mut row = store.empty_set();
    for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
        let star = flags & ConstraintNames::STAR != 0;
        let is_in = (star || included.contains(id)) && !taken_out.contains(id);
        if is_in != (!star && flags & ConstraintNames::COMPLEMENT != 0) {
            row.insert(id);
        }
    }
    row
}
