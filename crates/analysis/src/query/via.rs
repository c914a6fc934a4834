//! Through what a rule's side matched: the attribute, and the types asked for that have it.

use avstore::{Store, TypeSet};
use policydb::TypeId;

use super::Pattern;
use crate::LookupError;

/// How one side of a rule matched a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SideMatch {
    /// The rule names the type (or, for a pattern as written, the symbol) itself.
    Direct,
    /// The rule names an attribute that these types, of those asked for, have.
    Through {
        /// The attribute that the rule names.
        attribute: TypeId,
        /// Those types asked for that have it, in the order of their ids.
        types: Vec<TypeId>,
    },
}

/// Tells how rules matched one pattern.
#[derive(Debug)]
pub struct SideMatcher {
    /// The types asked for; none for a pattern as written.
    asked: TypeSet,
}

impl SideMatcher {
    /// A matcher for `pattern`. O(types).
    ///
    /// # Errors
    /// A name that the policy does not have.
    pub fn new(store: &Store<'_>, pattern: &Pattern) -> Result<Self, LookupError> {
        let asked = match pattern {
            Pattern::Written(_) => store.empty_set(),
            Pattern::Regex(_) => pattern.named(store)?,
            Pattern::Name(_) => pattern.types(store)?,
        };
        Ok(SideMatcher { asked })
    }

    /// How the side `symbol` of a found rule matched. O(types asked for).
    pub fn side(&self, store: &Store<'_>, symbol: TypeId) -> SideMatch {
        if !store.is_attribute(symbol) {
            return SideMatch::Direct;
        }
        let has_it = |&id: &TypeId| id != symbol && store.applies(symbol, id);
        let types: Vec<TypeId> = self.asked.iter().filter(has_it).collect();
        if types.is_empty() { SideMatch::Direct } else { SideMatch::Through { attribute: symbol, types } }
    }
}
