//! Expressions of file_contexts, which are PCRE, for engines that do not explode.
//!
//! libselinux compiles `^REGEX$` with PCRE2, without UTF, with a dot that matches line feeds (`regex.c`,
//! `regex_prepare_data`). [`translate`] checks an expression and writes it for the linear `regex` crate, over bytes; what
//! needs to look around, back or to commit (`(?=`, `\1`, `(?>`, `a++`, a `$` in the middle) goes to `fancy-regex`, over
//! the bytes as Latin-1, with a limit on its steps. All that is asked is whether a path matches, so captures and
//! laziness are dropped.
//!
//! Not translated, and so a problem of the line: recursion, conditions, callouts, verbs as `(*SKIP)`, branch resets,
//! the options `m`, `x` and `n`, Unicode properties, named references, quantifiers behind what only looks around. Checking is linear in the expression.

mod backslash;
mod byte_set;
mod class;
mod escape;
mod group;
mod program;
mod quantifier;
mod source;
mod translate;

pub(super) use program::Program;
pub(super) use translate::check;

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    /// PCRE refuses it, too.
    #[error("{0}")]
    Syntax(&'static str),
    /// PCRE takes it.
    #[error("{0} are not understood here")]
    Untranslated(&'static str),
}
