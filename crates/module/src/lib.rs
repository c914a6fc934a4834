//! Policy modules and base modules (`.pp`): what a module declares, requires and states, before it is linked.
//!
//! | file | what it decides |
//! |---|---|
//! | `package.rs` | a package: a module, and texts beside it, such as file contexts |
//! | `version.rs` | the differences between versions of the format, as a table |
//! | `module.rs` | a module: header, symbols, blocks, scopes, labelled objects |
//! | `symbols.rs` | commons, classes, roles, types, users, booleans, sensitivities, categories |
//! | `constraint.rs` | constraints of a base module |
//! | `sets.rs` | sets of types and roles as they were written |
//! | `rules.rs` | rules, attributes unexpanded |
//! | `block.rs` | blocks and their branches: what stands in `optional { } else { }` |
//! | `scope.rs` | which symbols are declared, and which are required |
//! | `objects.rs` | initial SIDs, ports, file systems of a base module |
//! | `names.rs` | names by ids |
//! | `needs.rs` | which symbols it declares, and which it needs |
//! | `statement.rs` | what it states, in policy language |
//!
//! Source: `policydb_read` and what it calls for `POLICY_BASE` and `POLICY_MOD` in libsepol's `policydb.c`, and
//! `sepol_module_package_read` in its `module.c`. Every byte is read and checked once; names and bitmaps are borrowed. Not
//! checked is what linking would find: whether ids of rules have a symbol. Whoever asks for the name of such an id gets none.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

mod block;
mod constraint;
mod module;
mod names;
mod needs;
mod objects;
mod package;
mod rules;
mod scope;
mod sets;
mod statement;
mod symbols;
mod version;

pub use block::{Block, Branch};
pub use constraint::{Constraint, Term};
pub use module::{Kind, Module};
pub use needs::{Symbol, SymbolKind, declared, required};
pub use objects::{Context, Genfs, GenfsPath, Object, ObjectContext};
pub use package::{Package, Section, SectionKind};
pub use rules::{
    AvRule, ClassData, Conditional, FilenameTransition, RangeTransition, RoleAllow, RoleTransition, Xperms,
};
pub use scope::{Scope, ScopeIndex};
pub use sets::{RoleSet, SemanticLevel, SemanticRange, TypeSet};
pub use statement::{Place, Statement, statements};
pub use symbols::{
    Boolean, Category, Class, Common, Level, Permission, Role, Sensitivity, SymbolTable, Symbols, Type,
    TypeFlavor, User,
};
pub use version::{NEWEST, OLDEST};
