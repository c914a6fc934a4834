//! Which symbols a module declares, and which it needs others to declare before it can be linked.

use policydb::Name;

use crate::module::Module;
use crate::names::Names;
use crate::scope::Scope;
use crate::statement::ids;

/// What a symbol is. Types, their attributes and their aliases share one name space; so do booleans and tunables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolKind {
    /// Permissions that classes inherit.
    Common,
    /// An object class.
    Class,
    /// A role or an attribute of roles.
    Role,
    /// A type, an attribute or an alias.
    Type,
    /// An SELinux user.
    User,
    /// A boolean or a tunable.
    Boolean,
    /// A sensitivity.
    Sensitivity,
    /// A category.
    Category,
}

impl SymbolKind {
    /// All, in the order of [`crate::Symbols`].
    pub const ALL: [SymbolKind; 8] = [
        SymbolKind::Common,
        SymbolKind::Class,
        SymbolKind::Role,
        SymbolKind::Type,
        SymbolKind::User,
        SymbolKind::Boolean,
        SymbolKind::Sensitivity,
        SymbolKind::Category,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            SymbolKind::Common => "common",
            SymbolKind::Class => "class",
            SymbolKind::Role => "role",
            SymbolKind::Type => "type",
            SymbolKind::User => "user",
            SymbolKind::Boolean => "boolean",
            SymbolKind::Sensitivity => "sensitivity",
            SymbolKind::Category => "category",
        }
    }
}

/// The symbols that a module declares, in optional blocks too; by kind, in the order of the file.
pub fn declared<'a>(module: &Module<'a>) -> Vec<(SymbolKind, Name<'a>)> {
    let mut found = Vec::new();
    for (kind, scopes) in SymbolKind::ALL.into_iter().zip(&module.scopes) {
        let declared = scopes.iter().filter(|scope| scope.scope == Scope::DECLARED);
        found.extend(declared.map(|scope| (kind, scope.name)));
    }
    found
}

/// The symbols that a module needs as a whole: those required outside of optional blocks. What an optional block requires only
/// decides whether the block counts.
pub fn required(module: &Module<'_>) -> Vec<(SymbolKind, String)> {
    let Some(outside) = module.blocks.first().and_then(|block| block.branches.first()) else {
        return Vec::new();
    };
    let names = Names::of(module);
    let mut found = Vec::new();
    for (at, (kind, bitmap)) in SymbolKind::ALL.into_iter().zip(&outside.required.symbols).enumerate() {
        // Each symbol has bytes of its own in the file: no honest bitmap has more bits than symbols.
        found.extend(ids(*bitmap).take(module.n_bytes).map(|id| (kind, names.of_kind(at, id))));
    }
    found
}
