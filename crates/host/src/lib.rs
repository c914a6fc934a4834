//! The system that sepolq runs on: what its kernel says of SELinux, where it keeps its policy and what belongs to it, the labels of
//! paths and processes, its container engines.
//!
//! Plain files; what only libselinux knows is asked through it, if the feature `libselinux` is on. Everything takes the root of a system, so that a mounted disk can be asked, and a false one in tests. A system
//! without SELinux has none of it, and that is an answer, not an error.
//!
//! | file | what it decides |
//! |---|---|
//! | `selinuxfs.rs` | what the kernel says: mode, versions, booleans |
//! | `running_policy.rs` | which policy the system has |
//! | `configuration.rs` | what is configured for the next boot |
//! | `selinux_files.rs` | where a system keeps what belongs to its policy |
//! | `local_booleans.rs` | booleans that were set for good |
//! | `logins.rs` | which SELinux user a login becomes |
//! | `audit_daemon.rs` | where auditd keeps its log |
//! | `process.rs` | processes and their labels |
//! | `accounts.rs` | the people and groups of a system |
//! | `engines/` | container engines, whether they keep containers apart, and the containers that run |
//! | `regular.rs` | how files are opened: never one that could keep us waiting |
//! | `level_names.rs` | the names that a system gives its levels |
//! | `libselinux.rs` | libselinux, where the feature of that name is on; the only `unsafe` here |
//! | `kernel_log.rs` | the kernel's own log |
//! | `label.rs`, `file_system.rs` | label and file system of a path |

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod accounts;
mod audit_daemon;
mod configuration;
mod engines;
mod file_system;
mod kernel_log;
mod label;
mod level_names;
#[cfg(feature = "libselinux")]
mod libselinux;
mod local_booleans;
mod logins;
mod process;
mod regular;
mod running_policy;
mod selinux_files;
mod selinuxfs;
#[cfg(test)]
mod test_system;

pub use audit_daemon::{AuditDaemon, audit_daemon};
pub use configuration::{
    Configuration, ConfiguredMode, boot_parameters, boot_time, configuration, host_name,
};
pub use engines::{Containers, Engine, EngineKind, Off, Separation, Unread, containers, engines, type_of};
pub use file_system::file_system_of;
pub use kernel_log::{KernelLog, kernel_log};
pub use label::label_of;
pub use level_names::{has_level_names, has_libselinux, translated};
pub use local_booleans::local_booleans;
pub use logins::{GroupLogin, Login, Logins, logins};
pub use process::{Process, is_root, is_running, label_of_process, own_label, processes};
pub use regular::{open_kept, open_regular};
pub use running_policy::{SystemPolicy, open_policy, running_policy};
pub use selinux_files::{SelinuxFiles, newest_policy, only_installed_type, selinux_type};
pub use selinuxfs::{KernelBoolean, KernelBooleans, Mode, Selinuxfs, UnknownPermissions};
