//! The labels that files are meant to have, and what container runtimes do with labels.
//!
//! [`inspect`] reads what `podman inspect` and `docker inspect` say of a container: its labels, its mounts, and so where on
//! the host a path inside it lies. [`file_contexts`] says what label a path is meant to have, as libselinux does,
//! [`customizable`] which labels `restorecon` leaves alone, [`container_contexts`] the labels that engines start from.
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

pub mod container_contexts;
pub mod customizable;
pub mod file_contexts;
pub mod inspect;
pub mod runtime;
