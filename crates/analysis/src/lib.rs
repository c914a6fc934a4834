//! The questions that sepolq answers, one module each: pure functions from a store and a request to an
//! answer. No printing, no input or output.
//!
//! * [`query`]: which rules does the policy state?
//! * [`decide`]: is this access granted, and by what or why not?
//! * [`component`]: what does the policy declare?
//! * [`context`]: security contexts, read, checked and compared.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod component;
pub mod context;
pub mod decide;
mod lookup;
mod names;
pub mod query;

pub use lookup::{LookupError, nearest};
