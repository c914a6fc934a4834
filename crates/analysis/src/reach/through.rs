//! What a domain reaches through others: whatever a chain of steps leads to, for each sort of step.
//!
//! Levels, users and roles of all but the domain stay open: what a chain finds is possible, and `path.rs` says what it depends on.

use avstore::TypeSet;

use super::PermissionMap;
use super::graph::{Contexts, Graph, GraphRequest, KINDS, SORTS, Sort, Switches};
use crate::context::PartialContext;
use crate::decide::Decider;

/// What chains of one sort of step lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The sort.
    pub sort: Sort,
    /// The types that a single step leads to, the domain itself not among them.
    pub at_once: TypeSet,
    /// Those that it takes more steps to reach.
    pub through_others: TypeSet,
    /// The most steps that it takes to reach one.
    pub farthest: usize,
}

/// What chains of each sort lead to. O(steps × rules) a sort.
pub fn through(decider: &Decider<'_, '_>, source: &PartialContext, map: &PermissionMap) -> Vec<Through> {
    let open = PartialContext { user: None, role: None, range: None, ..source.clone() };
    let stances = if *source == open { vec![open] } else { vec![open, source.clone()] };
    let first = stances.len().saturating_sub(1);
    let request = GraphRequest { kinds: KINDS.iter().collect(), map, min_weight: 1, avoid: Vec::new() };
    let mut graph = Graph::of(decider, &request, stances);
    let mut of_sort = |sort| {
        graph.select(sort);
        chains(&graph, decider, source, first, sort)
    };
    SORTS.into_iter().map(&mut of_sort).collect()
}

/// What chains of the steps of a graph lead to.
fn chains(
    graph: &Graph<'_, '_, '_>,
    decider: &Decider<'_, '_>,
    source: &PartialContext,
    first: usize,
    sort: Sort,
) -> Through {
    let policy = decider.store().policy();
    let switches = Switches::in_force(policy, decider.conditions());
    let only = |id| TypeSet::of(policy.n_types(), id);
    let mut unseen = decider.store().empty_set();
    decider.store().type_ids().for_each(|id| unseen.insert(id));
    unseen.remove(source.r#type);
    let start = only(source.r#type);
    let mut last = graph.successors(Contexts { types: &start, stance: first }, 0, &unseen, &switches);
    let at_once = last.clone();
    let mut through_others = decider.store().empty_set();
    let mut farthest = usize::from(!at_once.is_empty());
    loop {
        unseen.subtract(&last);
        last = graph.successors(Contexts { types: &last, stance: 0 }, 0, &unseen, &switches);
        if last.is_empty() {
            return Through { sort, at_once, through_others, farthest };
        }
        through_others.unite(&last);
        farthest = farthest.saturating_add(1);
    }
}
