//! Text of audit records, in every shape in which people keep and paste them → denials.
//!
//! [`Reader`] takes lines and gives [`Item`]s: what was denied, and what looks like a denial and cannot be read. All else
//! is passed over and counted. [`Stories`] merges denials that are the same question. Memory grows with neither the
//! log nor its lines: everything that is kept has a bound.
//!
//! What a record looks like is decided in the kernel (`kernel/audit.c`, `security/selinux/avc.c`,
//! `security/lsm_audit.c`, `security/selinux/ss/services.c`), in libselinux' `avc.c` for object managers, and by what
//! shows it: auditd's `ausearch` and `aureport`, systemd's journal, dmesg, syslog, logcat.
//!
//! No files are opened here and nothing is known of any policy.

// Whatever the text is, the answer is an item or nothing: nothing that can panic is allowed.
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

mod aureport;
mod avc;
mod cleaned;
mod companions;
mod copies;
mod decode;
mod denial;
mod events;
mod field;
mod header;
mod joined;
mod journal;
mod levels;
mod reader;
mod reason;
mod selinux_err;
mod stamp;
mod story;
mod text;
mod tokens;
mod wrapped;

pub use companions::Companions;
pub use denial::{Denial, Item, Lines, Manager, ObjectPath, Origin, Refusal, RefusalKind};
pub use field::{Field, Fields};
pub use levels::{Comparison, LevelRelation};
pub use reader::{Counts, MAX_LINE, Reader};
pub use reason::{Reason, Unreadable};
pub use stamp::EventTime;
pub use story::{Example, PermissionCount, RefusalStory, Refusals, Stories, Story};
pub use text::Text;
