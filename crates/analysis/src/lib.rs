//! The questions that sepolq answers, one module each: pure functions from a store and a request to an
//! answer. No printing, no input or output.
//!
//! * [`query`]: which rules does the policy state?
//! * [`explain`]: why was this denied, and what is the smallest right fix?
//! * [`decide`]: is this access granted, and by what or why not?
//! * [`reach`]: what can a domain reach, by which path, and who reaches whom?
//! * [`diff`]: what changed between two policies?
//! * [`breakout`]: which known ways out of a container does the policy leave open?
//! * [`component`]: what does the policy declare?
//! * [`mount`]: what will a container be able to do with a tree that is mounted into it?
//! * [`modules`]: what do the modules of a store need of each other?
//! * [`containers`]: what does the policy call containers?
//! * [`context`]: security contexts, read, checked and compared.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

pub mod breakout;
pub mod component;
pub mod containers;
pub mod context;
pub mod decide;
pub mod diff;
pub mod explain;
mod lookup;
pub mod modules;
pub mod mount;
mod names;
pub mod query;
pub mod reach;

pub use lookup::{LookupError, nearest};
