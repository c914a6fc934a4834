//! What can be wrong with the bytes of a policy, and where.
//!
//! Every error names the section of the format, the byte offset in the file, what was expected there
//! and what was found.

use std::borrow::Cow;
use std::fmt;

/// A part of the policy format, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Magic number, platform, version, configuration, table sizes.
    Header,
    /// Bitmap of policy capabilities.
    Capabilities,
    /// Bitmap of permissive types.
    PermissiveTypes,
    /// Bitmap of types whose denials are never audited.
    NeverAuditTypes,
    /// Permission sets that classes inherit.
    Commons,
    /// Object classes, their permissions, constraints and defaults.
    Classes,
    /// Roles.
    Roles,
    /// Types, attributes and aliases.
    Types,
    /// SELinux users.
    Users,
    /// Booleans.
    Booleans,
    /// Sensitivities.
    Sensitivities,
    /// Categories.
    Categories,
    /// The access-vector table: allow, audit, extended and type rules.
    AccessVectors,
    /// Conditional rules.
    Conditionals,
    /// `role_transition` rules.
    RoleTransitions,
    /// Role `allow` rules.
    RoleAllows,
    /// `type_transition` rules with a file name.
    FilenameTransitions,
    /// Initial SIDs, ports, nodes, interfaces and other labelled objects.
    ObjectContexts,
    /// `genfscon` statements.
    Genfs,
    /// `range_transition` rules.
    RangeTransitions,
    /// For each type, the attributes it has.
    TypeAttributes,
    /// Of a policy package: its header.
    Package,
    /// Of a module: blocks of rules, optional ones among them.
    Blocks,
    /// Of a module: which symbols are declared and which required.
    Scopes,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Section::Header => "header",
            Section::Capabilities => "policy capabilities",
            Section::PermissiveTypes => "permissive types",
            Section::NeverAuditTypes => "neveraudit types",
            Section::Commons => "commons",
            Section::Classes => "classes",
            Section::Roles => "roles",
            Section::Types => "types",
            Section::Users => "users",
            Section::Booleans => "booleans",
            Section::Sensitivities => "sensitivities",
            Section::Categories => "categories",
            Section::AccessVectors => "access-vector table",
            Section::Conditionals => "conditional rules",
            Section::RoleTransitions => "role transitions",
            Section::RoleAllows => "role allows",
            Section::FilenameTransitions => "file name transitions",
            Section::ObjectContexts => "object contexts",
            Section::Genfs => "genfs contexts",
            Section::RangeTransitions => "range transitions",
            Section::TypeAttributes => "type-attribute map",
            Section::Package => "package",
            Section::Blocks => "blocks",
            Section::Scopes => "scopes",
        })
    }
}

/// The bytes are not a policy that can be answered from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{section}, byte {offset}: expected {expected}, found {found}{}", .help.map(|h| format!("\nhelp: {h}")).unwrap_or_default())]
pub struct LoadError {
    /// The section that was being read.
    pub section: Section,
    /// Byte offset in the file of the value that is wrong.
    pub offset: usize,
    /// What the format asks for there.
    pub expected: Cow<'static, str>,
    /// What stands there.
    pub found: String,
    /// What the user can do about it, where that is known.
    pub help: Option<&'static str>,
}

/// Shorthand for the parsers of this crate.
pub(crate) type Result<T> = std::result::Result<T, LoadError>;
