//! Decisions, new labels, contexts and commands against a real kernel's, which is right by definition.
//!
//! `cargo xtask kernel-oracle` gets the kernel and runs these tests; how it is asked is told in `testkit::kernel`.
//!
//! | file | what it holds against the kernel |
//! |---|---|
//! | `questions.rs` | random questions, our answers to them, and what of a kernel's answer is compared |
//! | `rounds.rs` | one policy under several states of its booleans |
//! | `real.rs` | the real policies |
//! | `committed.rs` | the small ones of `testdata/policies` |
//! | `labels.rs` | new labels where libsepol's are not the kernel's |
//! | `commands.rs` | every ioctl command, tried by a confined process |

mod commands;
mod committed;
mod labels;
mod questions;
mod real;
mod rounds;
