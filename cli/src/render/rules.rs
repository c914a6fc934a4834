//! The answer to a search, as the renderers need it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

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

/// Tells through which attributes rules matched. Rules are many and attributes few: what was found for one is
/// remembered.
pub(crate) struct Via {
    source: Option<Side>,
    target: Option<Side>,
}

struct Side {
    matcher: SideMatcher,
    known: RefCell<HashMap<TypeId, Option<Rc<ViaSide>>>>,
}

/// One side of a rule that names an attribute: its name, and the names of the types asked for that have it.
pub(crate) struct ViaSide {
    pub(crate) attribute: String,
    pub(crate) types: Vec<String>,
}

impl Via {
    /// For the sides that were asked about.
    pub(crate) fn new(source: Option<SideMatcher>, target: Option<SideMatcher>) -> Self {
        let side = |matcher| Side { matcher, known: RefCell::default() };
        Via { source: source.map(side), target: target.map(side) }
    }

    /// How the source and the target of a rule matched; `None` for a side that matched directly or was
    /// not asked about.
    pub(crate) fn sides(&self, store: &Store<'_>, rule: &Rule<'_>) -> [Option<Rc<ViaSide>>; 2] {
        let side = |side: &Option<Side>, symbol: Option<TypeId>| side.as_ref()?.through(store, symbol?);
        [side(&self.source, rule.source_type()), side(&self.target, rule.target_type())]
    }
}

impl Side {
    fn through(&self, store: &Store<'_>, symbol: TypeId) -> Option<Rc<ViaSide>> {
        let find = || match self.matcher.side(store, symbol) {
            SideMatch::Direct => None,
            SideMatch::Through { attribute, types } => Some(Rc::new(ViaSide {
                attribute: store.type_name(attribute).to_string(),
                types: types.into_iter().map(|id| store.type_name(id).to_string()).collect(),
            })),
        };
        self.known.borrow_mut().entry(symbol).or_insert_with(find).clone()
    }
}
