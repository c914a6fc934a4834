//! By which path does one context reach another? The shortest of each sort, under the booleans of the question, or under any.

use avstore::{Booleans, Store};
use policydb::{BoolId, TypeId};

use super::PermissionMap;
use super::graph::{
    AnyBoolean, AnyBooleanRequest, Graph, GraphRequest, KINDS, Kind, NotFound, Path, PathRequest, Paths,
    SORTS, Sort, Stances, Switches, setting_for_path, shortest_paths,
};
use crate::context::PartialContext;
use crate::decide::{Circumstances, Decider};

/// What is asked.
#[derive(Clone, Debug)]
pub struct PathQuestion<'m> {
    /// Where paths begin.
    pub from: PartialContext,
    /// Where they end.
    pub to: PartialContext,
    /// The sorts that are asked about.
    pub sorts: Vec<Sort>,
    /// The kinds of edges that paths may have.
    pub kinds: Vec<&'static Kind>,
    /// Which permissions move information.
    pub map: &'m PermissionMap,
    /// Flows of less weight than this, 1 to 10, do not count.
    pub min_weight: u8,
    /// Types that a path passes, in this order.
    pub via: Vec<TypeId>,
    /// Types that are no part of it, not even as the program that is executed.
    pub avoid: Vec<TypeId>,
    /// Of how many steps it may be.
    pub max_hops: usize,
    /// How many paths of the same, least length are wanted.
    pub most: usize,
    /// Whether the booleans may be set as a path needs it.
    pub any_booleans: bool,
    /// Those that may not.
    pub kept_booleans: Vec<BoolId>,
}

/// Ways that are listed of a step; fewer of many paths.
const WAYS: usize = 16;
const FEW_WAYS: usize = 2;
/// From how many paths on they are many.
const MANY: usize = 200;

/// The answer for one sort of path.
#[derive(Clone, Debug)]
pub struct SortAnswer<'p> {
    /// The sort.
    pub sort: Sort,
    /// The paths, or why there are none.
    pub paths: Result<Paths<'p>, NotFound>,
    /// The booleans that have to be changed for it, and to what.
    pub changes: Vec<(BoolId, bool)>,
    /// Whether the search for a setting of the booleans hit its bound.
    pub bounded: bool,
    /// What the paths are found under, and are to be decided again under.
    pub circumstances: Circumstances,
}

/// The sorts and the kinds that words name; all of them without words. Paths of a named sort may have all its kinds.
///
/// # Errors
/// The word that names neither.
pub fn sorts_and_kinds(words: &[String]) -> Result<(Vec<Sort>, Vec<&'static Kind>), String> {
    for word in words {
        let is_known =
            SORTS.iter().any(|sort| sort.name() == word) || KINDS.iter().any(|kind| kind.id == word);
        if !is_known {
            return Err(word.clone());
        }
    }
    let names = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let kinds: Vec<&'static Kind> = KINDS
        .iter()
        .filter(|kind| names(kind.id) || SORTS.iter().any(|sort| names(sort.name()) && kind.is_of(*sort)))
        .collect();
    let is_asked =
        |sort: &Sort| names(sort.name()) || kinds.iter().any(|kind| kind.sort == *sort && names(kind.id));
    Ok((SORTS.into_iter().filter(is_asked).collect(), kinds))
}

/// The shortest paths of each sort.
pub fn paths<'p>(
    store: &Store<'p>,
    question: &PathQuestion<'_>,
    circumstances: &Circumstances,
) -> Vec<SortAnswer<'p>> {
    let decider = Decider::new(store, circumstances.clone());
    let (mut graph, request) = graph_of(&decider, question);
    let has_bounds = store.type_ids().any(|id| decider.bounding_types((id, id)).is_some());
    let mut of_sort = |sort| {
        graph.select(sort);
        let mut answer = SortAnswer {
            sort,
            paths: Err(NotFound::None),
            changes: Vec::new(),
            bounded: false,
            circumstances: circumstances.clone(),
        };
        if !question.any_booleans {
            answer.paths = under_its_booleans(&graph, &request);
            return answer;
        }
        let one = PathRequest { most: 1, most_ways: 1, ..request.clone() };
        let current = under_its_booleans(&graph, &one).ok();
        let current = current.and_then(|found| found.paths.first().map(|path| path.hops.len()));
        let found = match has_bounds {
            false => {
                let (path, now, kept) = (&request, &circumstances.booleans, &question.kept_booleans[..]);
                setting_for_path(&graph, &AnyBooleanRequest { path, now, current, kept, holds: None })
            }
            true => setting_with_bounds(store, question, circumstances, sort, current),
        };
        answer.bounded = found.bounded;
        match found.changes {
            Err(error) => answer.paths = Err(error),
            Ok(changes) => {
                let set = |booleans: Booleans, &(id, state): &(BoolId, bool)| booleans.with(id, state);
                answer.circumstances.booleans = changes.iter().fold(circumstances.booleans.clone(), set);
                answer.changes = changes;
                // What bounding types are granted depends on the setting too.
                let decider = Decider::new(store, answer.circumstances.clone());
                let (mut graph, request) = graph_of(&decider, question);
                graph.select(sort);
                answer.paths = under_its_booleans(&graph, &request);
            }
        }
        answer
    };
    question.sorts.iter().copied().map(&mut of_sort).collect()
}

/// A setting of the booleans where what bounds types depends on them too.
fn setting_with_bounds(
    store: &Store<'_>,
    question: &PathQuestion<'_>,
    circumstances: &Circumstances,
    sort: Sort,
    current: Option<usize>,
) -> AnyBoolean {
    let decider = Decider::new(store, circumstances.clone());
    let (graph, request) = graph_of(&decider, question);
    let mut graph = graph.with_open_bounds();
    graph.select(sort);
    let holds = |booleans: &Booleans, path: &Path<'_>| {
        let circumstances = Circumstances { booleans: booleans.clone(), ..circumstances.clone() };
        let decider = Decider::new(store, circumstances);
        let (mut graph, _) = graph_of(&decider, question);
        graph.select(sort);
        let switches = Switches::in_force(store.policy(), decider.conditions());
        path.hops.iter().all(|hop| graph.has_step(&hop.from, &hop.to, &switches))
    };
    let (now, kept) = (&circumstances.booleans, &question.kept_booleans[..]);
    setting_for_path(&graph, &AnyBooleanRequest { path: &request, now, current, kept, holds: Some(&holds) })
}

/// The paths under the booleans of the graph's decider.
fn under_its_booleans<'p>(graph: &Graph<'_, '_, 'p>, request: &PathRequest) -> Result<Paths<'p>, NotFound> {
    let decider = graph.decider();
    let switches = Switches::in_force(decider.store().policy(), decider.conditions());
    shortest_paths(graph, request, &switches)
}

fn graph_of<'a, 's, 'p>(
    decider: &'a Decider<'s, 'p>,
    question: &PathQuestion<'_>,
) -> (Graph<'a, 's, 'p>, PathRequest) {
    let Stances { all, from, to, between } = Stances::of(decider, &question.from, &question.to);
    let request = GraphRequest {
        kinds: question.kinds.clone(),
        map: question.map,
        min_weight: question.min_weight,
        avoid: question.avoid.clone(),
    };
    let path = PathRequest {
        from: question.from.r#type,
        from_stance: from,
        to: question.to.r#type,
        to_stances: to,
        stances: between,
        via: question.via.clone(),
        max_hops: question.max_hops,
        most: question.most,
        most_ways: if question.most > MANY { FEW_WAYS } else { WAYS },
    };
    (Graph::of(decider, &request, all), path)
}
