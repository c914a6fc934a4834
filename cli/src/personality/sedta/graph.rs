//! The graph in which sedta searches: domains, and an edge wherever one can become another.
//! Source: `_build_graph`, `_build_subgraph` and `__remove_excluded_entrypoints` in SETools' `dta.py`.
//!
//! Edges are in the order in which SETools, going through rules and through pairs of types in each, first comes to them. Built
//! at once: Debian's policies have about 3,000 edges, of some 10,000 that rules on transitions alone would give.

use std::collections::HashMap;

use analysis::reach::{Direction, Fact, Stated, TransitionFacts, TypeTransition};
use avstore::TypeSet;
use policydb::TypeId;

use crate::personality::avtab_order::{Key, TableOrder};
use crate::personality::paths::Graph;

/// A way from one domain to another.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) source: TypeId,
    pub(super) target: TypeId,
    /// What is executed; `None` if executing something does not lead there.
    pub(super) entrypoints: Option<TypeSet>,
    /// Whether it goes without executing anything.
    pub(super) dynamic: bool,
}

/// What is behind an edge, in the order in which SETools has it.
pub(super) struct EdgeRules<'p> {
    pub(super) transition: Vec<Stated<'p>>,
    pub(super) setexec: Vec<Stated<'p>>,
    pub(super) entrypoints: Vec<EntrypointRules<'p>>,
    pub(super) dyntransition: Vec<Stated<'p>>,
    pub(super) setcurrent: Vec<Stated<'p>>,
}

/// What is behind an entry point.
pub(super) struct EntrypointRules<'p> {
    pub(super) file: TypeId,
    pub(super) entrypoint: Vec<Stated<'p>>,
    pub(super) execute: Vec<Stated<'p>>,
    pub(super) type_transition: Vec<Stated<'p>>,
}

pub(super) struct TransitionGraph<'f, 's, 'p> {
    facts: &'f TransitionFacts<'s, 'p>,
    order: TableOrder,
    n_nodes: usize,
    n_edges: usize,
    nodes: TypeSet,
    /// The edges that are left, by their source, in order.
    edges: Vec<Edge>,
    /// Positions in `edges` by where an edge is followed from, in order; by index.
    followed: Vec<Vec<usize>>,
    is_reversed: bool,
}

impl<'f, 's, 'p> TransitionGraph<'f, 's, 'p> {
    pub(super) fn new(facts: &'f TransitionFacts<'s, 'p>, excluded: &TypeSet, is_reversed: bool) -> Self {
        let order = TableOrder::of(facts.store().policy());
        let (node_order, adjacency) = candidates(facts, order);
        let mut edges = Vec::new();
        let mut enters: HashMap<TypeId, TypeSet> = HashMap::new();
        for &source in &node_order {
            let targets = adjacency.get(source.index()).map_or(&[][..], Vec::as_slice);
            if !targets.is_empty() {
                edges.extend(EdgesOf::new(facts, source).valid(targets, &mut enters));
            }
        }
        let (n_nodes, n_edges) = (node_order.len(), edges.len());
        let mut nodes = facts.store().empty_set();
        node_order.iter().for_each(|&id| nodes.insert(id));
        nodes.subtract(excluded);
        edges.retain_mut(|edge| is_left(edge, excluded));
        let mut followed = vec![Vec::new(); facts.store().policy().n_types()];
        for (position, edge) in edges.iter().enumerate() {
            // A graph that is turned round has its edges in the order of the nodes that they came from.
            let from = if is_reversed { edge.target } else { edge.source };
            followed[from.index()].push(position);
        }
        TransitionGraph { facts, order, n_nodes, n_edges, nodes, edges, followed, is_reversed }
    }

    /// The numbers of nodes and of edges, before types are excluded.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.n_nodes, self.n_edges)
    }

    /// The edges that lead on from a domain, in order.
    pub(super) fn edges_from(&self, id: TypeId) -> impl Iterator<Item = &Edge> {
        self.followed.get(id.index()).into_iter().flatten().map(|&position| &self.edges[position])
    }

    /// Where an edge leads.
    fn end(&self, edge: &Edge) -> TypeId {
        if self.is_reversed { edge.source } else { edge.target }
    }

    /// The edge that is followed from one domain to another.
    pub(super) fn edge(&self, from: TypeId, to: TypeId) -> Option<&Edge> {
        self.edges_from(from).find(|edge| self.end(edge) == to)
    }

    /// The rules behind an edge. Entry points are sorted by name: SETools has them in an order that changes from run to run.
    pub(super) fn rules(&self, edge: &Edge) -> EdgeRules<'p> {
        let (source, target) = (edge.source, edge.target);
        let files = edge.entrypoints.as_ref();
        let regular = |rules: Vec<Stated<'p>>| if files.is_some() { rules } else { Vec::new() };
        let dynamic = |rules: Vec<Stated<'p>>| if edge.dynamic { rules } else { Vec::new() };
        let store = self.facts.store();
        let mut files: Vec<TypeId> = files.iter().flat_map(|files| files.iter()).collect();
        files.sort_by_cached_key(|&file| store.type_name(file).bytes());
        EdgeRules {
            transition: regular(self.stated(Fact::Transition, source, Some(target))),
            setexec: regular(self.stated(Fact::SetExec, source, None)),
            entrypoints: files.into_iter().map(|file| self.entrypoint(source, target, file)).collect(),
            dyntransition: dynamic(self.stated(Fact::DynTransition, source, Some(target))),
            setcurrent: dynamic(self.stated(Fact::SetCurrent, source, None)),
        }
    }

    fn entrypoint(&self, source: TypeId, target: TypeId, file: TypeId) -> EntrypointRules<'p> {
        let members = self.facts.members();
        let leads_there = |transition: &&TypeTransition<'p>| {
            transition.default == target && members.stands_for(transition.rule.target, file)
        };
        let transitions = self.facts.transitions_of(source).filter(leads_there);
        EntrypointRules {
            file,
            entrypoint: self.stated(Fact::Entrypoint, target, Some(file)),
            execute: self.stated(Fact::Execute, source, Some(file)),
            type_transition: self
                .in_order(transitions.map(|transition| transition.rule).collect(), Fact::Transition),
        }
    }

    /// The rules that state a fact of two types, or of any target, in order.
    fn stated(&self, fact: Fact, source: TypeId, target: Option<TypeId>) -> Vec<Stated<'p>> {
        let members = self.facts.members();
        let matches =
            |rule: &&Stated<'p>| target.is_none_or(|target| members.stands_for(rule.target, target));
        self.in_order(self.facts.of_source(fact, source).filter(matches).copied().collect(), fact)
    }

    /// Rules about the class of a fact in order.
    fn in_order(&self, mut rules: Vec<Stated<'p>>, fact: Fact) -> Vec<Stated<'p>> {
        rules.sort_by_cached_key(|rule| key(self.facts, self.order, fact, rule));
        rules
    }
}

/// What rules about the class of a fact are sorted by.
fn key(facts: &TransitionFacts<'_, '_>, order: TableOrder, fact: Fact, rule: &Stated<'_>) -> Option<Key> {
    Some(order.key(rule.source, rule.target, facts.class_of(fact)?, rule.place))
}

/// The domains that rules on transitions name, in order, and for each those it may become, by index.
fn candidates(facts: &TransitionFacts<'_, '_>, order: TableOrder) -> (Vec<TypeId>, Vec<Vec<TypeId>>) {
    let store = facts.store();
    let mut rules: Vec<&Stated<'_>> = facts.rules(Fact::Transition).iter().collect();
    rules.extend(facts.rules(Fact::DynTransition));
    // A rule that states both comes twice; the second time it adds nothing.
    rules.sort_by_cached_key(|rule| key(facts, order, Fact::Transition, rule));
    let mut nodes = store.empty_set();
    let mut node_order = Vec::new();
    let mut adjacency: Vec<Vec<TypeId>> = vec![Vec::new(); store.policy().n_types()];
    let mut seen: Vec<Option<TypeSet>> = vec![None; store.policy().n_types()];
    for rule in rules {
        let targets = facts.members().expand(&TypeSet::of(store.policy().n_types(), rule.target));
        for source in facts.members().types(rule.source) {
            let seen =
                seen[source.index()].get_or_insert_with(|| TypeSet::of(store.policy().n_types(), source));
            let mut new = targets.clone();
            new.subtract(seen);
            seen.unite(&new);
            for target in new.iter() {
                for id in [source, target] {
                    if !nodes.contains(id) {
                        nodes.insert(id);
                        node_order.push(id);
                    }
                }
                adjacency[source.index()].push(target);
            }
        }
    }
    (node_order, adjacency)
}

/// Which of the edges from one domain are valid, one after another.
struct EdgesOf<'f, 's, 'p> {
    facts: &'f TransitionFacts<'s, 'p>,
    source: TypeId,
    becomes: TypeSet,
    becomes_at_will: TypeSet,
    executes: TypeSet,
    sets_exec: bool,
    sets_current: bool,
    /// What a `type_transition` names, and the default.
    transitions: Vec<(TypeSet, TypeId)>,
    /// Files that SETools takes to have a `type_transition`.
    named: TypeSet,
}

impl<'f, 's, 'p> EdgesOf<'f, 's, 'p> {
    fn new(facts: &'f TransitionFacts<'s, 'p>, source: TypeId) -> Self {
        let members = facts.members();
        let mut named = facts.store().empty_set();
        let mut transitions = Vec::new();
        for TypeTransition { rule, default } in facts.transitions_of(source) {
            let mut files = facts.store().empty_set();
            members.add_to(rule.target, &mut files);
            named.unite(&files);
            transitions.push((files, *default));
        }
        EdgesOf {
            facts,
            source,
            becomes: facts.targets(Fact::Transition, source),
            becomes_at_will: facts.targets(Fact::DynTransition, source),
            executes: facts.targets(Fact::Execute, source),
            sets_exec: facts.of_source(Fact::SetExec, source).next().is_some(),
            sets_current: facts.of_source(Fact::SetCurrent, source).next().is_some(),
            transitions,
            named,
        }
    }

    /// The valid edges among those to some domains. What domains are entered by is remembered.
    fn valid(mut self, targets: &[TypeId], enters: &mut HashMap<TypeId, TypeSet>) -> Vec<Edge> {
        let of_target = |&target: &TypeId| {
            let entered_by =
                enters.entry(target).or_insert_with(|| self.facts.targets(Fact::Entrypoint, target));
            let entrypoints = self.entrypoints(target, entered_by);
            let dynamic = self.sets_current && self.becomes_at_will.contains(target);
            let edge = Edge { source: self.source, target, entrypoints, dynamic };
            (edge.entrypoints.is_some() || dynamic).then_some(edge)
        };
        targets.iter().filter_map(of_target).collect()
    }

    /// What can be executed to become the target, which is entered by some files, if anything.
    fn entrypoints(&mut self, target: TypeId, entered_by: &TypeSet) -> Option<TypeSet> {
        if !self.becomes.contains(target) || !entered_by.meets(&self.executes) {
            return None;
        }
        let mut files = entered_by.clone();
        files.intersect(&self.executes);
        let matching = files.clone();
        let leads_there =
            self.transitions.iter().any(|(named, default)| *default == target && named.meets(&matching));
        if !self.sets_exec {
            files.intersect(&self.named);
        }
        // COMPAT(setools): asking whether there is a `type_transition` to this target makes it believe, from the next target
        // on, that there is one to some.
        self.named.unite(&matching);
        (self.sets_exec || leads_there).then_some(files)
    }
}

/// Whether an edge is left without some types.
fn is_left(edge: &mut Edge, excluded: &TypeSet) -> bool {
    if excluded.contains(edge.source) || excluded.contains(edge.target) {
        return false;
    }
    let Some(files) = edge.entrypoints.as_mut().filter(|files| files.meets(excluded)) else { return true };
    files.subtract(excluded);
    edge.dynamic || !files.is_empty()
}

impl Graph for TransitionGraph<'_, '_, '_> {
    fn contains(&self, id: TypeId) -> bool {
        self.nodes.contains(id)
    }

    fn successors(&self, id: TypeId, wanted: &TypeSet) -> Vec<TypeId> {
        self.edges_from(id).map(|edge| self.end(edge)).filter(|&id| wanted.contains(id)).collect()
    }

    fn successor_set(&self, id: TypeId) -> TypeSet {
        let mut reached = self.empty_set();
        self.edges_from(id).for_each(|edge| reached.insert(self.end(edge)));
        reached
    }

    fn step(&self, from: &TypeSet, direction: Direction) -> TypeSet {
        let mut reached = self.empty_set();
        for edge in &self.edges {
            let with_edge = (direction == Direction::Forward) != self.is_reversed;
            let (begin, end) =
                if with_edge { (edge.source, edge.target) } else { (edge.target, edge.source) };
            if from.contains(begin) {
                reached.insert(end);
            }
        }
        reached
    }

    fn empty_set(&self) -> TypeSet {
        self.facts.store().empty_set()
    }
}
