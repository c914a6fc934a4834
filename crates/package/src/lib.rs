//! The only unpacker: compressed files, RPM and Debian packages, and the store of modules that `semodule` keeps.
//!
//! | file | what it decides |
//! |---|---|
//! | `format.rs` | what bytes are, by their first bytes |
//! | `limits.rs` | how much may come out of how little |
//! | `compression.rs` | which decoder reads a compressed stream |
//! | `member.rs` | names of files in packages, and which of them are refused |
//! | `collector.rs` | which files of a package are kept |
//! | `package.rs` | a package: what it says of itself, and the files that were asked for |
//! | `rpm.rs`, `cpio.rs` | an RPM, and the archive in it |
//! | `deb.rs`, `tarball.rs` | a Debian package, and the archives in it |
//! | `store/` | a module store: a folder, or inside of a package |
//! | `cil/` | which names a text in CIL declares |
//! | `error.rs` | what can be wrong |
//!
//! Everything happens in memory, by streaming: nothing is ever written to disk, so no name in a package can lead anywhere.
//! Input is hostile: every size is checked against the bytes that are there, and what comes out against [`Limits`].

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "tests compute with small numbers of their own"
    )
)]

pub mod cil;
mod collector;
mod compression;
mod cpio;
mod deb;
mod error;
mod format;
mod limits;
mod member;
mod package;
mod rpm;
mod store;
mod tarball;

pub use compression::{decompressed, decompressing};
pub use error::Error;
pub use format::{Format, format};
pub use limits::{Bound, Exceeded, Limits};
pub use member::{Member, MemberName, Refusal};
pub use package::{Package, PackageContents, read_package};
pub use store::{PackagedStore, Problem, Store, StoredModule};
