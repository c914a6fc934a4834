//! What if: rules, attributes and permissive domains that a policy does not have. A question carries them; the
//! store stays as it is, and nothing is installed.

use policydb::{ClassId, TypeId};

use crate::{Store, TypeSet};

/// Additions to a policy, for one question.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Rules that grant access.
    pub allows: Vec<ExtraAllow>,
    /// Types, each with an attribute that it gets.
    pub attributes: Vec<(TypeId, TypeId)>,
    /// Types that become permissive.
    pub permissive: Vec<TypeId>,
}

/// An `allow` rule that the policy does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtraAllow {
    /// A type or an attribute.
    pub source: TypeId,
    /// A type or an attribute; `None` for `self`, each type of the source towards itself.
    pub target: Option<TypeId>,
    /// The class.
    pub class: ClassId,
    /// The permissions, as bits of an access vector.
    pub permissions: u32,
}

impl Overlay {
    /// Whether nothing is added.
    pub fn is_empty(&self) -> bool {
        self.allows.is_empty() && self.attributes.is_empty() && self.permissive.is_empty()
    }

    /// The symbols that stand for a type in rules: itself, its attributes, and those that it gets. O(words).
    pub fn symbols_of(&self, store: &Store<'_>, id: TypeId) -> TypeSet {
        let mut symbols = TypeSet::of(store.policy().n_types(), id);
        symbols.insert_all(store.policy().attributes_of(id));
        self.attributes_added(id).for_each(|attribute| symbols.insert(attribute));
        symbols
    }

    /// The attributes that a type gets.
    pub fn attributes_added(&self, id: TypeId) -> impl Iterator<Item = TypeId> + '_ {
        self.attributes.iter().filter(move |(of, _)| *of == id).map(|(_, attribute)| *attribute)
    }

    /// The types that a type or attribute stands for, those that get it included.
    pub fn members(&self, store: &Store<'_>, id: TypeId) -> TypeSet {
        let mut members = store.members(id);
        self.attributes
            .iter()
            .filter(|(_, attribute)| *attribute == id)
            .for_each(|(of, _)| members.insert(*of));
        members
    }
}

impl ExtraAllow {
    /// Whether the rule is about these two types, whose symbols are given.
    pub fn applies(&self, source: &TypeSet, target: &TypeSet, same_type: bool) -> bool {
        let target_matches = match self.target {
            Some(symbol) => target.contains(symbol),
            None => same_type,
        };
        source.contains(self.source) && target_matches
    }
}
