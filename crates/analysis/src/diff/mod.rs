//! What changed between two policies.
//!
//! * [`statements`]: every statement that one policy has and the other has not, or has otherwise.

pub mod statements;
