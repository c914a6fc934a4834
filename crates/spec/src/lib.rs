//! The definition of each question, slow and obvious: loops over rules and types, strings for names, no
//! sets of bits. Tests hold the engine against it.
//!
//! Where this and the engine differ, one of them is wrong, and this is the one that can be read.

mod condition;
mod search;

pub use condition::is_in_force;
pub use search::{Found, Match, Query, Side, search};
