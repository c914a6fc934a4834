//! One graph of all that a policy lets types do to each other: nodes are types, edges are of the kinds of `kind.rs`.
//!
//! | file | what it decides |
//! |---|---|
//! | `kind.rs` | the kinds of edges, and what each takes: a table |
//! | `facts.rs` | the rules that edges need |
//! | `switches.rs` | which conditional rules count |
//! | `step.rs` | where a set of types leads in one step, and all steps of all types |
//! | `edge.rs` | whether there is an edge between two contexts, and all ways of taking it |
//! | `stances.rs` | users, roles and levels of the contexts of a path |
//! | `search.rs` | the shortest path |
//! | `any_boolean.rs` | a path under some setting of the booleans |
//! | `matrix.rs` | all pairs: how far each type is from each, and which reach each other |
//!
//! The graph is never built: Debian's rules would give more than a million edges. A step of a set of types is one scan of the
//! rules, and the edges of a type are worked out when a path comes to it. What constraints, roles and bounds refuse for certain is
//! no edge; what depends on something that was left open is one, and says so.

mod any_boolean;
mod edge;
mod facts;
mod kind;
mod matrix;
mod search;
mod stances;
mod step;
mod switches;

use avstore::{Store, TypeSet};
use policydb::TypeId;

use super::flow::Weights;
use super::{MemberRows, PermissionMap};
use crate::context::PartialContext;
use crate::decide::{Decider, Possible};
use facts::Facts;
use kind::SET_EXEC;

pub use any_boolean::{AnyBoolean, AnyBooleanRequest, MOST_SEARCHES, MOST_SETTINGS, setting_for_path};
pub use edge::{Hop, Way, WayAccess};
pub use kind::{KINDS, Kind, SORTS, Sort};
pub use matrix::{Matrix, matrix};
pub use search::{NotFound, Path, PathRequest, Paths, shortest_paths};
pub use stances::Stances;
pub(super) use step::Contexts;
pub use switches::Switches;

/// What edges are looked for.
#[derive(Clone, Debug)]
pub struct GraphRequest<'m> {
    /// Their kinds.
    pub kinds: Vec<&'static Kind>,
    /// Which permissions move information.
    pub map: &'m PermissionMap,
    /// Flows of less weight than this are no edges.
    pub min_weight: u8,
    /// Types that are no part of any edge.
    pub avoid: Vec<TypeId>,
}

/// The graph of a policy.
#[derive(Debug)]
pub struct Graph<'a, 's, 'p> {
    decider: &'a Decider<'s, 'p>,
    /// The kinds whose rules were gathered, and those of them that are followed.
    gathered: Vec<&'static Kind>,
    kinds: Vec<&'static Kind>,
    facts: Facts<'p>,
    weights: Weights,
    members: MemberRows,
    /// Types that may be part of an edge.
    usable: TypeSet,
    /// What may stand beside the type in a context of the graph: users, roles and levels. Their types do not matter.
    stances: Vec<PartialContext>,
    /// Whether what bounding types are granted is asked; else it is taken to be everything, because booleans may change it.
    bounds_are_asked: bool,
    /// By the stances of source and target, what constraints leave possible.
    possible: Vec<Possible<'a, 's, 'p>>,
}

/// The position of a stance.
type Stance = usize;

impl<'a, 's, 'p> Graph<'a, 's, 'p> {
    /// Gathers the rules that the edges need. Without `stances`, all but types is left open. O(rules + bits of the map from types
    /// to attributes + stances²).
    pub fn of(
        decider: &'a Decider<'s, 'p>,
        request: &GraphRequest<'_>,
        stances: Vec<PartialContext>,
    ) -> Self {
        let store = decider.store();
        let mut usable = store.empty_set();
        store.type_ids().filter(|id| !store.is_attribute(*id)).for_each(|id| usable.insert(id));
        request.avoid.iter().for_each(|id| usable.remove(*id));
        let stances =
            if stances.is_empty() { vec![PartialContext::of_type(TypeId::from_index(0))] } else { stances };
        let pairs =
            stances.iter().flat_map(|one| stances.iter().map(move |other| (one.clone(), other.clone())));
        Graph {
            decider,
            facts: Facts::of(store, &request.kinds, &[SET_EXEC], request.map, request.min_weight),
            weights: Weights::of(store, request.map),
            gathered: request.kinds.clone(),
            kinds: request.kinds.clone(),
            members: MemberRows::of(store),
            usable,
            possible: pairs.map(|sides| Possible::of(decider, sides)).collect(),
            bounds_are_asked: true,
            stances,
        }
    }

    /// The same where bounding types lack nothing: more edges than there are under any setting of the booleans, for policies that
    /// have bounded types.
    #[must_use]
    pub fn with_open_bounds(mut self) -> Self {
        self.bounds_are_asked = false;
        self.possible.iter_mut().for_each(Possible::open_bounds);
        self
    }

    /// Of the kinds that were asked for, follows those of one sort from here on.
    pub fn select(&mut self, sort: Sort) {
        self.kinds = self.gathered.iter().copied().filter(|kind| kind.is_of(sort)).collect();
    }

    /// What decides about the edges.
    pub fn decider(&self) -> &'a Decider<'s, 'p> {
        self.decider
    }

    fn store(&self) -> &'s Store<'p> {
        self.decider.store()
    }

    fn empty(&self) -> TypeSet {
        self.store().empty_set()
    }

    fn only(&self, id: TypeId) -> TypeSet {
        TypeSet::of(self.store().policy().n_types(), id)
    }

    /// A context of the graph.
    fn context(&self, id: TypeId, stance: Stance) -> PartialContext {
        let stance = self.stances.get(stance).cloned();
        stance.map_or_else(|| PartialContext::of_type(id), |stance| PartialContext { r#type: id, ..stance })
    }

    fn possible(&self, source: Stance, target: Stance) -> Option<&Possible<'a, 's, 'p>> {
        self.possible.get(source.saturating_mul(self.stances.len()).saturating_add(target))
    }
}
