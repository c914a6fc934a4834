//! The system that sepolq runs on: where it keeps its policy and what belongs to it, the label of a path, its file system.
//!
//! Plain files only. A system without SELinux has none of it, and that is an answer, not an error.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod file_system;
mod label;
mod selinux_files;

pub use file_system::file_system_of;
pub use label::label_of;
pub use selinux_files::{SelinuxFiles, newest_policy, selinux_type};
