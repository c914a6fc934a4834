//! By which path does one context reach another? The shortest of each sort, under the booleans of the question, or under any.

use avstore::{Booleans, Conditions, Store};
use policydb::{BoolId, TypeId};

use super::graph::{
    Graph, GraphRequest, KINDS, Kind, NotFound, PathRequest, Paths, SORTS, Sort, Stances, Switches, setting_for_path,
    shortest_paths,
};
use super::PermissionMap;
use crate::context::PartialContext;
use crate::decide::{Circumstances, Decider};

/// What is asked.
#[derive(Clone, Debug)]
pub struct PathQuestion<'m> {
    /// Where paths begin.
    pub from: PartialContext,
    /// Where they end.
    pub to: PartialContext,
    /// The kinds of edges they may have; a sort without any is not asked about.
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
}

/// Ways that are listed of a step.
const WAYS: usize = 16;

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

impl PathQuestion<'_> {
    /// The kinds that words name: sorts and kinds; all of them without words.
    ///
    /// # Errors
    /// The word that is neither.
    pub fn kinds_named(words: &[String]) -> Result<Vec<&'static Kind>, String> {
        for word in words {
            let is_known = SORTS.iter().any(|sort| sort.name() == word) || KINDS.iter().any(|kind| kind.id == word);
            if !is_known {
                return Err(word.clone());
            }
        }
        let named = |kind: &&Kind| words.iter().any(|word| *word == kind.id || *word == kind.sort.name());
        Ok(KINDS.iter().filter(|kind| words.is_empty() || named(kind)).collect())
    }

    /// The sorts that the question is about.
    pub fn sorts(&self) -> Vec<Sort> {
        let asked = |sort: &Sort| self.kinds.iter().any(|kind| kind.sort == *sort);
        SORTS.into_iter().filter(asked).collect()
    }
}

/// The shortest paths of each sort.
pub fn paths<'p>(store: &Store<'p>, question: &PathQuestion<'_>, circumstances: &Circumstances) -> Vec<SortAnswer<'p>> {
    question.sorts().into_iter().map(|sort| of_sort(store, question, circumstances, sort)).collect()
}

fn of_sort<'p>(
    store: &Store<'p>,
    question: &PathQuestion<'_>,
    circumstances: &Circumstances,
    sort: Sort,
) -> SortAnswer<'p> {
    let mut answer = SortAnswer {
        sort,
        paths: Err(NotFound::None),
        changes: Vec::new(),
        bounded: false,
        circumstances: circumstances.clone(),
    };
    if question.any_booleans {
        let decider = Decider::new(store, circumstances.clone());
        let (graph, request) = graph_of(&decider, question, sort);
        let found = setting_for_path(&graph, &request, &circumstances.booleans);
        answer.bounded = found.bounded;
        match found.changes {
            Err(error) => {
                answer.paths = Err(error);
                return answer;
            }
            Ok(changes) => {
                let set = |booleans: Booleans, &(id, state): &(BoolId, bool)| booleans.with(id, state);
                let booleans = changes.iter().fold(circumstances.booleans.clone(), set);
                answer.circumstances = Circumstances { booleans, ..circumstances.clone() };
                answer.changes = changes;
            }
        }
    }
    let decider = Decider::new(store, answer.circumstances.clone());
    let (graph, request) = graph_of(&decider, question, sort);
    let policy = store.policy();
    let conditions = Conditions::under(policy, &answer.circumstances.booleans);
    answer.paths = shortest_paths(&graph, &request, &Switches::in_force(policy, &conditions));
    answer
}

fn graph_of<'a, 's, 'p>(
    decider: &'a Decider<'s, 'p>,
    question: &PathQuestion<'_>,
    sort: Sort,
) -> (Graph<'a, 's, 'p>, PathRequest) {
    let Stances { all, from, to, between } = Stances::of(decider, &question.from, &question.to);
    let request = GraphRequest {
        kinds: question.kinds.iter().copied().filter(|kind| kind.is_of(sort)).collect(),
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
        most_ways: WAYS,
    };
    (Graph::of(decider, &request, all), path)
}
