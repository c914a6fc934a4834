//! The answer to a search, as the renderers need it.

use analysis::query::{SideMatch, SideMatcher};
use avstore::{Conditions, Rule, Store};
use policydb::TypeId;

use super::Lines;
use crate::policy_source::PolicySource;

/// What was found, and everything that a renderer says about it.
pub(crate) struct RuleAnswer<'a, 'p> {
    pub(crate) lines: Lines<'p>,
    pub(crate) store: &'a Store<'p>,
    pub(crate) source: &'a PolicySource,
    /// Booleans that the question set.
    pub(crate) settings: Vec<Setting<'a>>,
    pub(crate) conditions: Conditions,
    pub(crate) via: Option<Via>,
    /// At most this many rules are shown.
    pub(crate) limit: usize,
}

/// A boolean that the question set.
pub(crate) struct Setting<'a> {
    pub(crate) name: &'a str,
    pub(crate) state: bool,
}

/// Tells through which attributes rules matched.
pub(crate) struct Via {
    pub(crate) source: Option<SideMatcher>,
    pub(crate) target: Option<SideMatcher>,
}

/// One side of a rule that names an attribute: its name, and the names of the types asked for that have it.
pub(crate) struct ViaSide {
    pub(crate) attribute: String,
    pub(crate) types: Vec<String>,
}

impl Via {
    /// How the source and the target of a rule matched; `None` for a side that matched directly or was
    /// not asked about.
    pub(crate) fn sides(&self, store: &Store<'_>, rule: &Rule<'_>) -> [Option<ViaSide>; 2] {
        let side = |matcher: &Option<SideMatcher>, symbol: Option<TypeId>| match matcher
            .as_ref()?
            .side(store, symbol?)
        {
            SideMatch::Direct => None,
            SideMatch::Through { attribute, types } => Some(ViaSide {
                attribute: store.type_name(attribute).to_string(),
                types: types.into_iter().map(|id| store.type_name(id).to_string()).collect(),
            }),
        };
        [side(&self.source, rule.source_type()), side(&self.target, rule.target_type())]
    }
}
