//! The questions that sepolq answers, one module each: pure functions from a store and a request to an
//! answer. No printing, no input or output.
//!
//! * [`query`]: which rules does the policy state?

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod lookup;
pub mod query;

pub use lookup::{LookupError, nearest};
