//! The labels that files are meant to have, and what container runtimes do with labels.
//!
//! [`inspect`] reads what `podman inspect` and `docker inspect` say of a container: its labels, its mounts, and so where on
//! the host a path inside it lies.
//!
//! [`runtime`] knows what container engines do to labels.
//!
//! Nothing is known here of any policy: whether a label grants anything is asked elsewhere.

// Whatever the text is, the answer is a value or an error: nothing that can panic is allowed.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "tests compute with small numbers of their own"
    )
)]

pub mod inspect;
pub mod runtime;
