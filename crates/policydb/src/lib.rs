//! Reads a binary SELinux kernel policy: bytes → validated [`Policy`].
//!
//! The file is a stream of variable-length records without an offset table, so it is walked once,
//! from the first byte to the last, and everything in it is checked on the way. What queries need is
//! kept borrows from the bytes: names, bitmaps, rules where they stand. After [`Policy::parse`] no accessor can
//! fail, and every id points into its table (where there may be a gap).
//!
//! One source file per section of the format; the differences between versions of the format stand
//! in one table, [`format`]. The authority for every layout is the kernel's
//! `security/selinux/ss/policydb.c` and, where it is more lenient, libsepol's `policydb.c`.
//!
//! No indexes and no text output here: that is `avstore`.

// Whatever the bytes are, the answer is a policy or an error: nothing that can panic is allowed.
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

mod avtab;
mod class;
mod conditional;
mod constraint;
mod context;
mod cursor;
mod ebitmap;
mod error;
mod filename_trans;
mod foreign;
pub mod format;
mod genfs;
mod header;
mod hierarchy;
mod ids;
mod mls;
mod name;
mod ocontext;
mod open;
mod policy;
mod records;
mod references;
mod role;
mod rule_kind;
mod symtab;
mod types;
mod user;
mod xperms;

pub use avtab::{AvRule, AvTable};
pub use class::{Class, Common, Permission};
pub use conditional::{Boolean, BooleanRecord, CondOp, CondToken, Conditional};
pub use constraint::{Constraint, Names, Operands, Term};
pub use context::Context;
pub use cursor::Cursor;
pub use ebitmap::Ebitmap;
pub use error::{LoadError, Section};
pub use filename_trans::{FilenameEntry, FilenameGroup, FilenameTransition, FilenameTransitions};
pub use genfs::{Genfs, GenfsPath};
pub use header::{HandleUnknown, Header, Platform};
pub use ids::{BoolId, ClassId, RoleId, TypeId, UserId};
pub use mls::{Category, Level, Range, RangeTransition, Sensitivity};
pub use name::Name;
pub use ocontext::{Object, ObjectContext, ObjectContextLists};
pub use open::{OpenError, PolicyBytes, exit_on_sigbus};
pub use policy::Policy;
pub use records::Records;
pub use role::{Role, RoleAllow, RoleTransition};
pub use rule_kind::RuleKind;
pub use types::{TypeRecord, TypeSymbol};
pub use user::User;
pub use xperms::{XpermKind, Xperms};
