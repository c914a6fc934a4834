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

/// How the side `symbol` of a found rule matched `pattern`.
///
/// # Errors
/// A name that the policy does not have.
pub fn side_match(store: &Store<'_>, pattern: &Pattern, symbol: TypeId) -> Result<SideMatch, LookupError> {
    if matches!(pattern, Pattern::Written(_)) || !store.is_attribute(symbol) {
        return Ok(SideMatch::Direct);
    }
    let asked: TypeSet = match pattern {
        Pattern::Regex(_) => pattern.named(store)?,
        Pattern::Name(_) | Pattern::Written(_) => pattern.types(store)?,
    };
    let types: Vec<TypeId> = asked.iter().filter(|&id| id != symbol && store.applies(symbol, id)).collect();
    Ok(if types.is_empty() { SideMatch::Direct } else { SideMatch::Through { attribute: symbol, types } })
}
