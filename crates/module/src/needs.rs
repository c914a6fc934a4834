//! Which symbols a module declares, and which it needs others to declare before it can be linked.

use std::collections::HashMap;

use crate::module::Module;
use crate::names::Names;
use crate::scope::Scope;
use crate::statement::ids;
use crate::symbols::TypeFlavor;

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

/// A symbol, and what its author would call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name space.
    pub kind: SymbolKind,
    /// What it is in its name space: `type`, `attribute`, `alias`, `boolean`, `tunable`, …
    pub word: &'static str,
    /// Its name.
    pub name: String,
}

impl Symbol {
    /// What makes two symbols one.
    pub fn key(&self) -> (SymbolKind, &str) {
        (self.kind, &self.name)
    }
}

/// What the symbols of a module are, by name space and name.
struct Words<'a>(HashMap<(SymbolKind, &'a [u8]), &'static str>);

impl<'a> Words<'a> {
    fn of(module: &Module<'a>) -> Self {
        let symbols = &module.symbols;
        let types = symbols.types.symbols.iter().map(|one| {
            let word = match one.flavor {
                TypeFlavor::Type => "type",
                TypeFlavor::Attribute => "attribute",
                TypeFlavor::Alias => "alias",
            };
            ((SymbolKind::Type, one.name.as_bytes()), word)
        });
        let is_attribute = |flavor: Option<u32>| flavor == Some(1);
        let roles = symbols.roles.symbols.iter().map(|one| {
            let flavor = one.attribute.map(|(flavor, _)| flavor);
            (
                (SymbolKind::Role, one.name.as_bytes()),
                if is_attribute(flavor) { "attribute_role" } else { "role" },
            )
        });
        let booleans = symbols.booleans.symbols.iter().map(|one| {
            (
                (SymbolKind::Boolean, one.name.as_bytes()),
                if one.flags == Some(1) { "tunable" } else { "boolean" },
            )
        });
        Words(types.chain(roles).chain(booleans).collect())
    }

    fn word(&self, kind: SymbolKind, name: &[u8]) -> &'static str {
        self.0.get(&(kind, name)).copied().unwrap_or(kind.word())
    }
}

/// The symbols that a module declares, in optional blocks too; by kind, in the order of the file.
pub fn declared(module: &Module<'_>) -> Vec<Symbol> {
    let words = Words::of(module);
    let mut found = Vec::new();
    for (kind, scopes) in SymbolKind::ALL.into_iter().zip(&module.scopes) {
        let declared = scopes.iter().filter(|scope| scope.scope == Scope::DECLARED);
        found.extend(declared.map(|scope| Symbol {
            kind,
            word: words.word(kind, scope.name.as_bytes()),
            name: scope.name.to_string(),
        }));
    }
    found
}

/// The symbols that a module needs as a whole: those required outside of optional blocks. What an optional block requires only
/// decides whether the block counts.
pub fn required(module: &Module<'_>) -> Vec<Symbol> {
    let Some(outside) = module.blocks.first().and_then(|block| block.branches.first()) else {
        return Vec::new();
    };
    let (words, names) = (Words::of(module), Names::of(module));
    let mut found = Vec::new();
    for (at, (kind, bitmap)) in SymbolKind::ALL.into_iter().zip(&outside.required.symbols).enumerate() {
        // Each symbol has bytes of its own in the file: no honest bitmap has more bits than symbols.
        found.extend(ids(*bitmap).take(module.n_bytes).map(|id| {
            let name = names.of_kind(at, id);
            Symbol { kind, word: words.word(kind, name.as_bytes()), name }
        }));
    }
    found
}
