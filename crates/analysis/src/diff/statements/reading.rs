//! What makes two statements the same: the native reading, or that of SETools, which does not see every difference.

use avstore::{FileNames, condition_text};
use policydb::{Conditional, Policy};

/// How statements are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The text by which conditions are told apart.
    pub condition_text: fn(&Policy<'_>, &Conditional<'_>) -> String,
    /// How what is labelled is written, by which labelling statements are told apart: SETools knows of a node's mask no more than the
    /// number of its bits.
    pub names: FileNames,
    /// Whether `*`, `~` and what is taken out of a set of types in a constraint make a difference. SETools does not see
    /// them.
    pub sees_signs: bool,
}

impl Reading {
    /// Everything that policy language can say makes a difference.
    pub const NATIVE: Reading = Reading { condition_text, names: FileNames::Quoted, sees_signs: true };
}
