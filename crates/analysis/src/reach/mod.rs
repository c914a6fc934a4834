//! What a domain reaches: how information flows by rules, and which domains follow on which.
//!
//! These are the facts, as rules state them and whatever the booleans are; in which order they are looked at, and what
//! a path is, is decided by whoever asks.

mod flow;
mod members;
mod own_permission_map;
mod permission_map;
mod transition;

pub use flow::{Direction, FlowRule, Flows, Side};
pub use members::MemberRows;
pub use permission_map::{Flow, MapProblem, Mapping, PermissionMap, Wrong};
pub use transition::{Fact, Place, Stated, TransitionFacts, TypeTransition};
