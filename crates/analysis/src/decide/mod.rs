//! Is this access granted, and by what or why not? The decision that the kernel would take.
//!
//! | file | what it decides |
//! |---|---|
//! | `decision.rs` | which permissions one context has for another |
//! | `rules.rs` | the rules that speak of two types and a class |
//! | `constraint.rs` | whether constraints hold |
//! | `side.rs` | the two sides of a question, whole or with parts left open |

mod constraint;
mod decision;
mod rules;
mod side;

use policydb::ClassId;

pub use constraint::{Comparison, Contexts, DecodedConstraint, Field, Leaf, LevelOf, Step, Whose};
pub use decision::{Circumstances, Decider, Decision};
pub use side::Side;

/// Who wants access to what.
#[derive(Debug)]
pub struct Access<'a, S> {
    /// Who.
    pub source: &'a S,
    /// To what.
    pub target: &'a S,
    /// Of which class.
    pub class: ClassId,
}
