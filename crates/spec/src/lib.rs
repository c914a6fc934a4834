//! The definition of each question, slow and obvious: loops over rules and types, strings for names, no
//! sets of bits. Tests hold the engine against it.
//!
//! Where this and the engine differ, one of them is wrong, and this is the one that can be read.

mod condition;
mod decide;
mod names;
mod range_rules;
mod role_rules;
mod search;
mod sides;

pub use condition::is_in_force;
pub use decide::{Answer, Subject, SubjectLevel, allows_command, decide, is_valid};
pub use range_rules::{AskedLevel, RangeQuery, levels, search_range_rules};
pub use role_rules::{RoleQuery, search_role_rules};
pub use search::{Found, Match, Query, search};
pub use sides::Side;
