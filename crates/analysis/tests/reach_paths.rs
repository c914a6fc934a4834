//! Paths against the definition: every edge by decisions about every pair and every third type, and petgraph on these edges. On
//! generated policies with constraints, levels, conditions; on a real policy the edges of information flow.

use std::collections::{BTreeMap, BTreeSet};

use analysis::context::{MlsRange, PartialContext};
use analysis::decide::{Access, Circumstances, Decider};
use analysis::reach::{
    Graph, GraphRequest, KINDS, Kind, NotFound, PathQuestion, PermissionMap, SORTS, Sort, SortAnswer,
    Stances, Switches, WayAccess, matrix, paths,
};
use avstore::{Booleans, Store};
use petgraph::graph::{DiGraph, NodeIndex};
use policydb::{BoolId, Policy, RuleKind, TypeId, UserId};
use spec::Subject;
use testkit::generated;
use testkit::policies;
use testkit::random::Random;

const POLICIES: u64 = 60;

/// A context of the definition's graph: a type, and what else of it is given, by position.
type Node = (TypeId, usize);

/// The definition of edges: nothing is shared with the engine but decisions.
struct Definition<'a, 's, 'p> {
    decider: &'a Decider<'s, 'p>,
    map: &'a PermissionMap,
    min_weight: u8,
    types: Vec<TypeId>,
    stances: &'a [PartialContext],
}

impl Definition<'_, '_, '_> {
    fn context(&self, node: Node) -> PartialContext {
        PartialContext { r#type: node.0, ..self.stances[node.1].clone() }
    }

    /// Whether one of some permissions may be granted.
    fn any(&self, source: Node, target: Node, class: &str, permissions: &[&str]) -> bool {
        let store = self.decider.store();
        let Some(class) = store.policy().class_named(class.as_bytes()) else { return false };
        let (source, target) = (self.context(source), self.context(target));
        let possible = self.decider.decide(&Access { source: &source, target: &target, class }).possible;
        let bit =
            |name: &&str| store.permission_named(class, name.as_bytes()).map_or(0, |found| 1 << found.bit);
        permissions.iter().map(bit).any(|bit: u32| possible & bit != 0)
    }

    /// Whether some permission moves information, by which the source reads or writes.
    fn moves(&self, source: Node, target: Node, reads: bool) -> bool {
        let store = self.decider.store();
        store.class_ids().any(|class| {
            let name = store.class_name(class).to_string();
            let moving = |permission: &str| {
                let mapping = self.map.weight(&name, permission);
                let weight = if reads { mapping.read() } else { mapping.write() };
                weight > 0 && weight >= self.min_weight
            };
            let names: Vec<String> = store.permissions(class).iter().map(|p| p.name.to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| moving(name)).collect();
            self.any(source, target, &name, &names)
        })
    }

    /// Whether for some type and stance something holds.
    fn some(&self, holds: impl Fn(Node) -> bool) -> bool {
        self.types.iter().any(|id| (0..self.stances.len()).any(|stance| holds((*id, stance))))
    }

    fn enters(&self, from: Node, program: Node, to: Node) -> bool {
        let store = self.decider.store();
        let policy = store.policy();
        let process = policy.class_named(b"process").expect("processes");
        let is_it = |rule: &policydb::AvRule| {
            rule.kind() == RuleKind::TypeTransition
                && (rule.source(), rule.target(), rule.class()) == (from.0, program.0, process)
                && rule.default_type() == Some(to.0)
        };
        let always = policy.rules().rules(0..policy.rules().len()).any(|(_, rule)| is_it(&rule));
        always || self.any(from, from, "process", &["setexec"])
    }

    fn is_edge(&self, kind: &Kind, from: Node, to: Node) -> bool {
        match kind.id {
            "write" => self.moves(from, to, false),
            "read" => self.moves(to, from, true),
            "transition" => {
                self.any(from, to, "process", &["transition"])
                    && self.some(|program| {
                        self.any(from, program, "file", &["execute"])
                            && self.any(to, program, "file", &["entrypoint"])
                            && self.enters(from, program, to)
                    })
            }
            "dyntransition" => {
                self.any(from, to, "process", &["dyntransition"])
                    && self.any(from, from, "process", &["setcurrent"])
            }
            "ptrace" => self.any(from, to, "process", &["ptrace"]),
            "program" => self.some(|program| {
                self.any(from, program, "file", &["write", "append"])
                    && self.any(to, program, "file", &["execute"])
            }),
            "relabel" => {
                self.some(|program| {
                    self.any(from, program, "file", &["relabelto"])
                        && self.any(to, program, "file", &["execute"])
                }) && self.some(|other| {
                    self.any(from, other, "file", &["relabelfrom"])
                        && self.any(from, other, "file", &["write", "append"])
                })
            }
            "connect" => {
                self.any(from, to, "unix_stream_socket", &["connectto"])
                    || self.any(from, to, "unix_dgram_socket", &["sendto"])
            }
            "signal" => self.any(from, to, "process", &["sigkill", "sigstop", "signal"]),
            other => panic!("the definition lacks {other}"),
        }
    }

    /// The graph, and its nodes.
    fn graph(
        &self,
        kinds: &[&'static Kind],
        avoid: &[TypeId],
    ) -> (DiGraph<Node, ()>, BTreeMap<Node, NodeIndex>) {
        let mut graph = DiGraph::new();
        let mut nodes = BTreeMap::new();
        for &id in &self.types {
            for stance in 0..self.stances.len() {
                nodes.insert((id, stance), graph.add_node((id, stance)));
            }
        }
        for (&from, &start) in &nodes {
            for (&to, &end) in &nodes {
                let usable = !avoid.contains(&from.0) && !avoid.contains(&to.0);
                if from != to && usable && kinds.iter().any(|kind| self.is_edge(kind, from, to)) {
                    graph.add_edge(start, end, ());
                }
            }
        }
        (graph, nodes)
    }
}

/// Steps from a node to each, by a breadth-first search.
fn distances(graph: &DiGraph<Node, ()>, from: NodeIndex) -> BTreeMap<NodeIndex, usize> {
    let mut found = BTreeMap::from([(from, 0)]);
    let mut search = petgraph::visit::Bfs::new(graph, from);
    while let Some(node) = search.next(graph) {
        let parents = graph.neighbors_directed(node, petgraph::Direction::Incoming);
        let steps = parents.filter_map(|parent| found.get(&parent)).min().map(|steps| steps + 1);
        if let Some(steps) = steps.filter(|_| node != from) {
            found.insert(node, steps);
        }
    }
    found
}

/// How many paths of the least length there are.
fn n_shortest(graph: &DiGraph<Node, ()>, steps: &BTreeMap<NodeIndex, usize>, node: NodeIndex) -> usize {
    match steps.get(&node) {
        None => 0,
        Some(0) => 1,
        Some(&so_many) => {
            let parents: BTreeSet<NodeIndex> =
                graph.neighbors_directed(node, petgraph::Direction::Incoming).collect();
            let before = parents.iter().filter(|parent| steps.get(parent) == Some(&(so_many - 1)));
            before.map(|parent| n_shortest(graph, steps, *parent)).sum()
        }
    }
}

fn types(store: &Store<'_>) -> Vec<TypeId> {
    store.type_ids().filter(|id| !store.is_attribute(*id)).collect()
}

fn for_generated(first_seed: u64, mut check: impl FnMut(u64, &Store<'_>, &mut Random)) {
    if generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    for seed in first_seed..first_seed + POLICIES {
        let mut random = Random::new(seed);
        let text = generated::constrained_reach_text(&mut random);
        let bytes = generated::compile(&text, directory.path())
            .unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        let bytes = if random.chance(30) { generated::with_bounds(&bytes, &mut random) } else { bytes };
        let policy = Policy::parse(&bytes).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        check(seed, &Store::new(&policy), &mut random);
    }
}

fn question<'m>(
    map: &'m PermissionMap,
    from: PartialContext,
    to: PartialContext,
    sort: Sort,
) -> PathQuestion<'m> {
    PathQuestion {
        from,
        to,
        sorts: vec![sort],
        kinds: KINDS.iter().filter(|kind| kind.is_of(sort)).collect(),
        map,
        min_weight: 1,
        via: Vec::new(),
        avoid: Vec::new(),
        max_hops: usize::MAX,
        most: 1,
        any_booleans: false,
        kept_booleans: Vec::new(),
    }
}

fn answer_of<'p>(answers: Vec<SortAnswer<'p>>, sort: Sort) -> SortAnswer<'p> {
    answers.into_iter().find(|answer| answer.sort == sort).expect("an answer for each sort")
}

/// Steps of the answer; `None` if there is no path.
fn steps(answer: &SortAnswer<'_>) -> Option<usize> {
    answer.paths.as_ref().ok().map(|paths| paths.paths[0].hops.len())
}

/// Every access of every step is decided again; each path goes from end to end without a gap.
fn check_hops(store: &Store<'_>, question: &PathQuestion<'_>, answer: &SortAnswer<'_>) -> usize {
    let decider = Decider::new(store, answer.circumstances.clone());
    let mut n_checked = 0;
    for path in answer.paths.iter().flat_map(|paths| &paths.paths) {
        let (first, last) = (path.hops.first().expect("a step"), path.hops.last().expect("a step"));
        assert_eq!(first.from.r#type, question.from.r#type);
        assert_eq!(last.to.r#type, question.to.r#type);
        for (hop, next) in path.hops.iter().zip(path.hops.iter().skip(1)) {
            assert_eq!(hop.to, next.from, "a gap");
        }
        for hop in &path.hops {
            assert!(!hop.ways.is_empty() && hop.ways.len() <= hop.n_ways);
            for access in hop.ways.iter().flat_map(|way| &way.accesses) {
                let (source, target) = (&access.source, &access.target);
                let decision = decider.decide(&Access { source, target, class: access.class });
                let has = if access.certain { decision.allowed } else { decision.possible };
                assert_eq!(has & access.permissions, access.permissions);
                assert!(
                    access.permissions != 0 && (access.certain || decision.allowed & access.permissions == 0)
                );
                if answer.changes.is_empty() {
                    check_by_specification(store, access);
                }
                n_checked += 1;
            }
        }
    }
    n_checked
}

/// What is certain the specification grants too, whatever is filled in where something was left open. The booleans must be those of
/// the policy.
fn check_by_specification(store: &Store<'_>, access: &WayAccess) {
    let policy = store.policy();
    let whole = |context: &PartialContext, level: &str| {
        let level_of = |level: &analysis::context::MlsLevel| {
            (level.sensitivity, level.categories.values().collect::<BTreeSet<u32>>())
        };
        let range = policy.header().mls.then(|| {
            let open = || MlsRange::parse(policy, level).expect("a range");
            let range = context.range.clone().unwrap_or_else(open);
            (level_of(&range.low), level_of(&range.high))
        });
        let user = UserId::from_index(0);
        let role = policy.role_named(b"system_r").expect("a role");
        Subject {
            user: context.user.unwrap_or(user),
            role: context.role.unwrap_or(role),
            r#type: context.r#type,
            range,
        }
    };
    let class = store.class_name(access.class).to_string();
    for (source, target) in [("s0", "s0:c0.c3"), ("s0:c0.c3", "s0"), ("s0:c1", "s0:c2")] {
        let (source, target) = (whole(&access.source, source), whole(&access.target, target));
        let granted = spec::decide(policy, &source, &target, &class, &[]).allowed;
        let has = |bit: u8, name: &str| access.permissions >> bit & 1 == 0 || granted.contains(name);
        let all = store.permissions(access.class).iter().all(|one| has(one.bit, &one.name.to_string()));
        assert!(all || !access.certain, "{class}: certain, and not granted to {source:?} on {target:?}");
    }
}

#[test]
fn paths_are_those_of_the_definition() {
    let map = PermissionMap::own();
    let (mut found, mut none, mut n_checked, mut with_levels) = (0, 0, 0, 0);
    for_generated(7_000, |seed, store, random| {
        let circumstances = Circumstances::of(store);
        let decider = Decider::new(store, circumstances.clone());
        decider.prepare();
        let types = types(store);
        let range = |random: &mut Random| {
            let text = random.word(&["s0", "s0:c1", "s0:c2,c3", "s0-s0:c0.c3", "s0:c1-s0:c1,c2"]);
            store.policy().header().mls.then(|| MlsRange::parse(store.policy(), text).expect("a range"))
        };
        for sort in SORTS {
            let mut ask = |random: &mut Random, levels: bool| {
                let end = |random: &mut Random, given: bool| {
                    let id = *random.pick(&types).expect("a type");
                    let range = if given { range(random) } else { None };
                    PartialContext { range, ..PartialContext::of_type(id) }
                };
                let both = levels && random.chance(70);
                let (from, to) = (end(random, levels), end(random, both));
                if from.r#type == to.r#type {
                    return;
                }
                let avoid: Vec<TypeId> = if random.chance(30) {
                    random
                        .some(&types, 2)
                        .into_iter()
                        .filter(|id| *id != from.r#type && *id != to.r#type)
                        .collect()
                } else {
                    Vec::new()
                };
                let stances = Stances::of(&decider, &from, &to);
                let question = PathQuestion {
                    avoid: avoid.clone(),
                    min_weight: if random.chance(70) {
                        1
                    } else {
                        1 + u8::try_from(random.below(10)).expect("ten")
                    },
                    most: 1_000,
                    ..question(&map, from, to, sort)
                };
                let usable: Vec<TypeId> = types.iter().copied().filter(|id| !avoid.contains(id)).collect();
                let definition = Definition {
                    decider: &decider,
                    map: &map,
                    min_weight: question.min_weight,
                    types: usable,
                    stances: &stances.all,
                };
                let (graph, nodes) = definition.graph(&question.kinds, &avoid);
                let start = nodes[&(question.from.r#type, stances.from)];
                // Stances of the ends are for the ends alone.
                let mut pruned = graph.clone();
                pruned.retain_nodes(|graph, node| {
                    let (id, stance) = graph[node];
                    stances.between.contains(&stance)
                        || (id, stance) == (question.from.r#type, stances.from)
                        || (id == question.to.r#type && stances.to.contains(&stance))
                });
                let by_node: BTreeMap<Node, NodeIndex> =
                    pruned.node_indices().map(|index| (pruned[index], index)).collect();
                assert_eq!(graph[start], (question.from.r#type, stances.from));
                let steps_to = distances(&pruned, by_node[&(question.from.r#type, stances.from)]);
                let ends: Vec<NodeIndex> = stances
                    .to
                    .iter()
                    .filter_map(|stance| by_node.get(&(question.to.r#type, *stance)))
                    .copied()
                    .collect();
                let least = ends.iter().filter_map(|end| steps_to.get(end)).min().copied();
                let answer = answer_of(paths(store, &question, &circumstances), sort);
                let names = format!(
                    "seed {seed}, {sort:?}: {} to {} but {avoid:?}, weight {}",
                    question.from.text(store.policy()),
                    question.to.text(store.policy()),
                    question.min_weight
                );
                assert_eq!(steps(&answer), least, "{names}");
                if let Some(least) = least {
                    let nearest = ends.iter().filter(|end| steps_to.get(end) == Some(&least));
                    let count: usize = nearest.map(|end| n_shortest(&pruned, &steps_to, *end)).sum();
                    assert_eq!(answer.paths.as_ref().expect("a path").paths.len(), count, "{names}");
                    if least > 1 {
                        let shorter = PathQuestion { max_hops: least - 1, ..question.clone() };
                        let answer = answer_of(paths(store, &shorter, &circumstances), sort);
                        assert_eq!(answer.paths.err(), Some(NotFound::WithinHops(least - 1)), "{names}");
                    }
                    found += 1;
                    with_levels += usize::from(levels);
                } else {
                    none += 1;
                }
                n_checked += check_hops(store, &question, &answer);
            };
            for _ in 0..4 {
                ask(random, false);
            }
            if store.policy().header().mls {
                ask(random, true);
            }
        }
    });
    assert!(
        found > 150 && none > 100 && with_levels > 10 && n_checked > 500,
        "{found} {none} {with_levels} {n_checked}"
    );
}

#[test]
fn a_path_passes_what_it_is_told_to_pass() {
    let map = PermissionMap::own();
    let mut found = 0;
    for_generated(7_200, |seed, store, random| {
        let circumstances = Circumstances::of(store);
        let types = types(store);
        let ends: Vec<TypeId> = random.some(&types, 4);
        let [from, to, via @ ..] = ends.as_slice() else { return };
        let open = PartialContext::of_type;
        for sort in SORTS {
            let question = PathQuestion { via: via.to_vec(), ..question(&map, open(*from), open(*to), sort) };
            let answer = answer_of(paths(store, &question, &circumstances), sort);
            let legs: Vec<TypeId> = std::iter::once(*from).chain(via.iter().copied()).chain([*to]).collect();
            let of_leg = |ends: &[TypeId]| {
                let question = PathQuestion {
                    from: open(ends[0]),
                    to: open(ends[1]),
                    via: Vec::new(),
                    ..question.clone()
                };
                steps(&answer_of(paths(store, &question, &circumstances), sort))
            };
            let sum: Option<usize> = legs.windows(2).map(of_leg).sum();
            assert_eq!(steps(&answer), sum, "seed {seed}, {sort:?}: {legs:?}");
            check_hops(store, &question, &answer);
            found += usize::from(sum.is_some());
        }
    });
    assert!(found > 20, "{found}");
}

#[test]
fn any_setting_of_the_booleans_is_the_best_of_all_settings() {
    let map = PermissionMap::own();
    let (mut opened, mut several, mut none) = (0, 0, 0);
    for_generated(7_400, |seed, store, random| {
        let policy = store.policy();
        let circumstances = Circumstances::of(store);
        let booleans: Vec<BoolId> =
            (0..u32::try_from(policy.n_booleans()).expect("few")).map(BoolId::from_index).collect();
        let types = types(store);
        for sort in SORTS {
            for _ in 0..9 {
                let ends: Vec<TypeId> = random.some(&types, 2);
                let [from, to] = ends.as_slice() else { continue };
                let (from, to) = (PartialContext::of_type(*from), PartialContext::of_type(*to));
                let question = question(&map, from, to, sort);
                let under = |setting: u32| {
                    let states = booleans.iter().enumerate().map(|(bit, id)| (*id, setting >> bit & 1 == 1));
                    let set = |booleans: Booleans, (id, state)| booleans.with(id, state);
                    let booleans = states.fold(circumstances.booleans.clone(), set);
                    let circumstances = Circumstances { booleans, ..circumstances.clone() };
                    steps(&answer_of(paths(store, &question, &circumstances), sort))
                };
                let best = (0..1u32 << booleans.len()).filter_map(under).min();
                let any = PathQuestion { any_booleans: true, ..question.clone() };
                let answer = answer_of(paths(store, &any, &circumstances), sort);
                assert!(!answer.bounded, "seed {seed}");
                assert_eq!(steps(&answer), best, "seed {seed}, {sort:?}: {ends:?}");
                check_hops(store, &question, &answer);
                let now = steps(&answer_of(paths(store, &question, &circumstances), sort));
                assert_eq!(answer.changes.is_empty(), best == now, "seed {seed}: what is needed is changed");
                opened += usize::from(best != now);
                none += usize::from(best.is_none());
                several += usize::from(answer.changes.len() > 1);
            }
        }
    });
    assert!(opened > 30 && none > 30 && several > 0, "{opened} {none} {several}");
}

#[test]
fn all_pairs_are_those_of_the_definition() {
    let map = PermissionMap::own();
    let mut n_groups = 0;
    for_generated(7_600, |seed, store, random| {
        let decider = Decider::new(store, Circumstances::of(store));
        decider.prepare();
        let types = types(store);
        let stances = [PartialContext::of_type(types[0])];
        let definition = Definition {
            decider: &decider,
            map: &map,
            min_weight: 1,
            types: types.clone(),
            stances: &stances,
        };
        let sort = SORTS[random.below(SORTS.len())];
        let kinds: Vec<&'static Kind> = KINDS.iter().filter(|kind| kind.is_of(sort)).collect();
        let request = GraphRequest { kinds: kinds.clone(), map: &map, min_weight: 1, avoid: Vec::new() };
        let graph = Graph::of(&decider, &request, Vec::new());
        let switches = Switches::in_force(store.policy(), decider.conditions());
        let found = matrix(&graph, &switches, &types, usize::MAX);
        let (by_definition, nodes) = definition.graph(&kinds, &[]);
        for (from, row) in types.iter().zip(&found.chosen) {
            let steps = distances(&by_definition, nodes[&(*from, 0)]);
            for (to, cell) in types.iter().zip(row) {
                let expected = steps.get(&nodes[&(*to, 0)]).map(|steps| u16::try_from(*steps).expect("few"));
                assert_eq!(*cell, expected, "seed {seed}, {sort:?}: {from:?} to {to:?}");
            }
        }
        let mut groups: Vec<BTreeSet<TypeId>> = petgraph::algo::tarjan_scc(&by_definition)
            .into_iter()
            .filter(|group| group.len() > 1)
            .map(|group| group.into_iter().map(|node| by_definition[node].0).collect())
            .collect();
        groups.sort();
        let mut ours: Vec<BTreeSet<TypeId>> =
            found.groups.iter().map(|group| group.iter().copied().collect()).collect();
        ours.sort();
        assert_eq!(ours, groups, "seed {seed}, {sort:?}");
        n_groups += groups.len();
    });
    assert!(n_groups > 20, "{n_groups}");
}

/// The edges of a real policy: each rule expanded, and each pair decided.
#[test]
fn flows_of_real_policies_by_petgraph() {
    let mut random = Random::new(78);
    for policy in policies::ALL {
        let path = policy.path();
        let Ok(bytes) = std::fs::read(&path) else {
            testkit::leave_out(&testkit::Error::NoPolicy { path });
            continue;
        };
        let parsed = Policy::parse(&bytes).expect("a policy");
        let store = Store::new(&parsed);
        let decider = Decider::new(&store, Circumstances::of(&store));
        decider.prepare();
        // Only what moves much, so that the edges can be counted one by one.
        let (map, min_weight) = (PermissionMap::own(), 10);
        let types = types(&store);
        let chosen: Vec<TypeId> = random.some(&types, 12);
        let stances = [PartialContext::of_type(types[0])];
        let kinds: Vec<&'static Kind> = KINDS.iter().filter(|kind| kind.is_of(Sort::Flow)).collect();
        let definition =
            Definition { decider: &decider, map: &map, min_weight, types: types.clone(), stances: &stances };
        let request = GraphRequest { kinds: kinds.clone(), map: &map, min_weight, avoid: Vec::new() };
        let graph = Graph::of(&decider, &request, Vec::new());
        let switches = Switches::in_force(store.policy(), decider.conditions());
        let found = matrix(&graph, &switches, &types, usize::MAX);
        let place: BTreeMap<TypeId, usize> = types.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        for &from in &chosen {
            for to in random.some(&types, 40) {
                let is_edge = kinds.iter().any(|kind| definition.is_edge(kind, (from, 0), (to, 0)));
                assert_eq!(
                    found.neighbours[place[&from]].contains(to),
                    is_edge && from != to,
                    "{from:?} {to:?}"
                );
            }
        }
        // Distances on these edges.
        let mut by_petgraph = DiGraph::new();
        let nodes: Vec<NodeIndex> = types.iter().map(|id| by_petgraph.add_node((*id, 0))).collect();
        for (row, start) in found.neighbours.iter().zip(&nodes) {
            for to in row.iter() {
                by_petgraph.add_edge(*start, nodes[place[&to]], ());
            }
        }
        for from in random.some(&chosen, 2) {
            let steps = petgraph::algo::dijkstra(&by_petgraph, nodes[place[&from]], None, |_| 1u16);
            for (to, node) in types.iter().zip(&nodes) {
                assert_eq!(found.chosen[place[&from]][place[to]], steps.get(node).copied());
            }
        }
    }
}

/// Conditions along the shortest path of all rules contradict each other: a longer one is found, with what has to be set for it.
#[test]
fn conditions_of_a_path_go_together() {
    if generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let names = ["start_t", "near_t", "far_t", "end_t"];
    let types: String = names.map(|name| format!("type {name};\nrole system_r types {name};\n")).concat();
    let text = format!(
        "class process\nclass file\nsid kernel\nclass process {{ ptrace }}\nclass file {{ read }}\nrole system_r;\n{types}allow end_t end_t:file read;\
         bool a false;\nbool b false;\n\
         if (a) {{ allow start_t near_t:process ptrace; }} else {{ allow near_t end_t:process ptrace; }}\n\
         if (a && b) {{ allow near_t far_t:process ptrace; }}\n\
         if (b) {{ allow far_t end_t:process ptrace; }}\n\
         user system_u roles system_r;\nsid kernel system_u:system_r:start_t\n"
    );
    let directory = tempfile::tempdir().expect("a temporary directory");
    let bytes = generated::compile(&text, directory.path()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let of = |name: &str| PartialContext::parse(&store, name).expect("a type");
    let map = PermissionMap::own();
    let question = question(&map, of("start_t"), of("end_t"), Sort::Control);
    let circumstances = Circumstances::of(&store);
    let now = answer_of(paths(&store, &question, &circumstances), Sort::Control);
    assert_eq!(now.paths.as_ref().err(), Some(&NotFound::None));
    let any = PathQuestion { any_booleans: true, ..question.clone() };
    let answer = answer_of(paths(&store, &any, &circumstances), Sort::Control);
    let changes: Vec<(String, bool)> = answer
        .changes
        .iter()
        .map(|(id, state)| (policy.boolean(*id).expect("a boolean").0.to_string(), *state))
        .collect();
    assert_eq!((steps(&answer), answer.bounded), (Some(3), false));
    assert_eq!(changes, [("a".to_owned(), true), ("b".to_owned(), true)]);
    assert_eq!(check_hops(&store, &question, &answer), 3);
}

/// What bounds a type may hang on a boolean too.
#[test]
fn bounds_hang_on_booleans_too() {
    if generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let types: String = ["parent_t", "child_t", "object_t"]
        .map(|name| format!("type {name};\nrole system_r types {name};\n"))
        .concat();
    let text = format!(
        "class process\nclass file\nsid kernel\nclass process {{ ptrace }}\nclass file {{ write }}\nrole system_r;\n{types}\
         typebounds parent_t child_t;\nallow object_t object_t:file write;\nbool both false;\n\
         if (both) {{ allow child_t object_t:file write; allow parent_t object_t:file write; }}\n\
         user system_u roles system_r;\nsid kernel system_u:system_r:parent_t\n"
    );
    let directory = tempfile::tempdir().expect("a temporary directory");
    let bytes = generated::compile(&text, directory.path()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let of = |name: &str| PartialContext::parse(&store, name).expect("a type");
    let map = PermissionMap::own();
    let circumstances = Circumstances::of(&store);
    let question = question(&map, of("child_t"), of("object_t"), Sort::Flow);
    let any = PathQuestion { any_booleans: true, ..question.clone() };
    let answer = answer_of(paths(&store, &any, &circumstances), Sort::Flow);
    assert_eq!((steps(&answer), answer.changes.len(), answer.bounded), (Some(1), 1, false));
    check_hops(&store, &question, &answer);
    let kept = PathQuestion { kept_booleans: vec![answer.changes[0].0], ..any };
    let answer = answer_of(paths(&store, &kept, &circumstances), Sort::Flow);
    assert_eq!(answer.paths.err(), Some(NotFound::None));
}
