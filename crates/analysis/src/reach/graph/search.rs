//! The shortest path between two contexts, or all of them.
//!
//! A breadth-first search over sets: each layer is the contexts that are reached in so many steps, as a row of types for each
//! stance (user, role and levels) and for each type that the path has yet to pass. Paths are then followed back through the
//! layers. O(layers × stances² × rules).

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use avstore::TypeSet;
use policydb::TypeId;

use super::edge::{Anchor, Hop};
use super::step::Contexts;
use super::{Graph, Stance, Switches};

/// A path that is looked for.
#[derive(Clone, Debug)]
pub struct PathRequest {
    /// Where it begins.
    pub from: TypeId,
    /// The stance there, as a position among those of the graph.
    pub from_stance: usize,
    /// Where it ends.
    pub to: TypeId,
    /// Stances there, any of which will do.
    pub to_stances: Vec<usize>,
    /// Stances that contexts between may have.
    pub stances: Vec<usize>,
    /// Types that it passes, in this order.
    pub via: Vec<TypeId>,
    /// Of how many steps it may be.
    pub max_hops: usize,
    /// How many paths are wanted at most, all of the same, least length.
    pub most: usize,
    /// Ways that are listed of a step.
    pub most_ways: usize,
}

/// A path: a step or several, each beginning where the last one ended.
#[derive(Clone, Debug)]
pub struct Path<'p> {
    /// The steps.
    pub hops: Vec<Hop<'p>>,
}

/// Paths of the same, least length.
#[derive(Clone, Debug)]
pub struct Paths<'p> {
    /// The paths, in the order of the ids of their types.
    pub paths: Vec<Path<'p>>,
    /// Whether there are more of them than were wanted.
    pub more: bool,
}

/// Why there is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotFound {
    /// However long.
    None,
    /// None of so many steps or less.
    WithinHops(usize),
}

/// A context of a layer: how many types of `via` are behind, the stance, the type.
type State = (usize, Stance, TypeId);

/// The contexts of a layer, by [`State`]'s first two.
type Layer = Vec<Vec<TypeSet>>;

/// The shortest paths.
///
/// # Errors
/// Why there is none.
pub fn shortest_paths<'p>(
    graph: &Graph<'_, '_, 'p>,
    request: &PathRequest,
    switches: &Switches,
) -> Result<Paths<'p>, NotFound> {
    let search = Search { graph, request, switches, anchors: RefCell::default() };
    let layers = search.layers()?;
    let (chains, more) = search.chains(&layers);
    let path = |chain: &Vec<State>| {
        let context = |state: &State| graph.context(state.2, state.1);
        let pairs = chain.iter().zip(chain.iter().skip(1));
        let hop = |(from, to)| graph.hop(&context(from), &context(to), switches, request.most_ways);
        Path { hops: pairs.map(hop).collect() }
    };
    Ok(Paths { paths: chains.iter().map(path).collect(), more })
}

struct Search<'q, 'a, 's, 'p> {
    graph: &'q Graph<'a, 's, 'p>,
    request: &'q PathRequest,
    switches: &'q Switches,
    anchors: RefCell<HashMap<TypeId, Rc<Anchor>>>,
}

impl Search<'_, '_, '_, '_> {
    fn empty_layer(&self) -> Layer {
        let stances = vec![self.graph.empty(); self.graph.stances.len()];
        vec![stances; self.request.via.len().saturating_add(1)]
    }

    /// The layers, up to the one that has the end.
    fn layers(&self) -> Result<Vec<Layer>, NotFound> {
        let request = self.request;
        let mut layer = self.empty_layer();
        let phase = self.phase_after(0, request.from);
        insert(&mut layer, (phase, request.from_stance, request.from));
        let mut seen = layer.clone();
        let mut layers = vec![layer];
        while layers.len() <= request.max_hops {
            let Some(last) = layers.last() else { break };
            let next = self.next(last, &mut seen);
            if next.iter().flatten().all(TypeSet::is_empty) {
                return Err(NotFound::None);
            }
            let done = self.ends().any(|end| contains(&next, end));
            layers.push(next);
            if done {
                return Ok(layers);
            }
        }
        Err(NotFound::WithinHops(request.max_hops))
    }

    fn ends(&self) -> impl Iterator<Item = State> + '_ {
        let request = self.request;
        request.to_stances.iter().map(|stance| (request.via.len(), *stance, request.to))
    }

    /// How many types of `via` are behind, where a path that has `phase` of them behind comes to a type.
    fn phase_after(&self, phase: usize, id: TypeId) -> usize {
        let passed = self.request.via.iter().skip(phase).take_while(|via| **via == id).count();
        phase.saturating_add(passed)
    }

    /// Stances that a context of the next layer may have: those between, and those of the end.
    fn stances(&self) -> Vec<Stance> {
        let mut stances = self.request.stances.clone();
        stances.extend(&self.request.to_stances);
        stances.sort_unstable();
        stances.dedup();
        stances
    }

    fn next(&self, last: &Layer, seen: &mut Layer) -> Layer {
        let mut next = self.empty_layer();
        for (phase, stances) in last.iter().enumerate() {
            for (stance, types) in stances.iter().enumerate().filter(|(_, types)| !types.is_empty()) {
                for to in self.stances() {
                    let wanted = self.wanted(seen, phase, to);
                    let from = Contexts { types, stance };
                    let reached = self.graph.successors(from, to, &wanted, self.switches);
                    for id in reached.iter() {
                        let state = (self.phase_after(phase, id), to, id);
                        if !contains(seen, state) {
                            insert(seen, state);
                            insert(&mut next, state);
                        }
                    }
                }
            }
        }
        next
    }

    /// Types that, with a stance, would be new.
    fn wanted(&self, seen: &Layer, phase: usize, stance: Stance) -> TypeSet {
        let mut wanted = if self.request.stances.contains(&stance) {
            self.graph.usable.clone()
        } else {
            self.graph.only(self.request.to)
        };
        if let Some(types) = seen.get(phase).and_then(|stances| stances.get(stance)) {
            wanted.subtract(types);
        }
        wanted
    }

    /// Paths through the layers, from the beginning to the end, and whether there are more.
    fn chains(&self, layers: &[Layer]) -> (Vec<Vec<State>>, bool) {
        let Some((last, before)) = layers.split_last() else { return (Vec::new(), false) };
        let mut chains = Vec::new();
        let mut open: Vec<Vec<State>> =
            self.ends().filter(|end| contains(last, *end)).map(|end| vec![end]).collect();
        open.reverse();
        while let Some(chain) = open.pop() {
            let steps = chain.len().saturating_sub(1);
            if steps == before.len() {
                if chains.len() == self.request.most {
                    return (chains, true);
                }
                chains.push(chain.into_iter().rev().collect());
                continue;
            }
            let Some((layer, end)) = before
                .len()
                .checked_sub(steps.saturating_add(1))
                .and_then(|at| before.get(at))
                .zip(chain.last().copied())
            else {
                continue;
            };
            let mut longer: Vec<Vec<State>> = self
                .parents(layer, end)
                .map(|parent| chain.iter().copied().chain([parent]).collect())
                .collect();
            longer.reverse();
            open.append(&mut longer);
        }
        (chains, false)
    }

    /// The contexts of a layer from which a step leads to a context.
    fn parents<'l>(&'l self, layer: &'l Layer, end: State) -> impl Iterator<Item = State> + 'l {
        let (phase, stance, id) = end;
        let target = self.graph.context(id, stance);
        let far = self.anchor(id);
        let states = layer.iter().enumerate().flat_map(move |(before, stances)| {
            let leads = self.phase_after(before, id) == phase;
            stances.iter().enumerate().filter(move |_| leads).flat_map(move |(from, types)| {
                let mut types = types.clone();
                if !types.is_empty() {
                    types.intersect(&self.graph.predecessors((id, stance), from, self.switches));
                }
                let found: Vec<State> = types.iter().map(|parent| (before, from, parent)).collect();
                found
            })
        });
        states.filter(move |&(_, from, parent)| {
            let source = self.graph.context(parent, from);
            let near = self.anchor(parent);
            self.graph.has_edge((&near, &source), (&far, &target), self.switches)
        })
    }

    fn anchor(&self, id: TypeId) -> Rc<Anchor> {
        Rc::clone(self.anchors.borrow_mut().entry(id).or_insert_with(|| Rc::new(self.graph.anchor(id))))
    }
}

fn contains(layer: &Layer, (phase, stance, id): State) -> bool {
    layer.get(phase).and_then(|stances| stances.get(stance)).is_some_and(|types| types.contains(id))
}

fn insert(layer: &mut Layer, (phase, stance, id): State) {
    if let Some(types) = layer.get_mut(phase).and_then(|stances| stances.get_mut(stance)) {
        types.insert(id);
    }
}
