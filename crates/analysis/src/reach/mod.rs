//! What can a domain reach?
//!
//! | file | what it decides |
//! |---|---|
//! | `granted.rs` | all that a process is granted, after constraints |
//! | `groups.rs` | groups in which people think of access: files to read, domains to enter, … |
//! | `direct.rs` | what a domain reaches directly, by group |

mod direct;
mod granted;
mod groups;

pub use direct::{DirectReach, GroupReach, direct};
pub use granted::{Grant, Granted};
pub use groups::{Counts, GROUPS, Group, Heading};
