//! The commands: each resolves its request, asks, renders, and says how it ended.

pub(crate) mod man;
pub(crate) mod search;
