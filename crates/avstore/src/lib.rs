//! The access-vector store: what a validated policy means to questions about its rules.
//!
//! * [`TypeSet`]: sets of types as rows of bits;
//! * [`Store`]: names, and attribute expansion both ways, built when first asked for;
//! * [`Booleans`] and [`Conditions`]: which conditional rules are in force. Values that a question
//!   carries, never state of the store;
//! * [`Rule`]: one rule as the policy states it, and its text in policy language.
//!
//! No questions here (that is `analysis`) and no output.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]

mod access_index;
mod component;
mod conditions;
mod constraint;
mod expression;
mod grouped;
mod level;
mod overlay;
mod rule;
mod statement;
mod store;
mod type_set;

pub use access_index::{AccessIndex, AccessVector, BranchMasks};
pub use component::{
    Component, ComponentKind, ComponentWriter, ConstraintOf, Default, capability_name, components,
    context_bytes, context_text, initial_sid_name, labelled_bytes, object_text, protocol_name, shown_name,
};
pub use conditions::{Booleans, Conditions, condition_value, expression_value};
pub use constraint::{
    Comparison, Field, Leaf, LevelOf, Step, Whose, compares_levels, constraint_steps, constraint_text,
    field_name, leaf_text, step_operands,
};
pub use expression::{ExpressionTree, Node, Piece, boolean_ids, condition_text};
pub use grouped::Grouped;
pub use level::{level_bytes, range_bytes, range_text};
pub use overlay::{ExtraAllow, Overlay};
pub use rule::{Branch, Kind, Rule};
pub use statement::{FileNames, StatementWriter};
pub use store::{Store, TypeName};
pub use type_set::TypeSet;
