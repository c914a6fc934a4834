//! Paths through a graph, in the order in which networkx 2.8 finds them.
//! Source: `predecessor`, `_build_paths_from_predecessors` and `_all_simple_paths_graph` of networkx 2.8.8.
//!
//! networkx walks the whole graph node by node. Here sets of nodes are walked first, which tells what stands on a path at all, and
//! only among that the order matters; the paths and their order are the same.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use analysis::reach::Direction;
use avstore::TypeSet;
use policydb::TypeId;

use super::setools::Failure;

/// A directed graph of types, whose edges from a node have an order.
pub(super) trait Graph {
    /// Whether a type is a node, with edges or without.
    fn contains(&self, id: TypeId) -> bool;

    /// The wanted types to which an edge leads from a node, in the order of these edges.
    fn successors(&self, id: TypeId, wanted: &TypeSet) -> Vec<TypeId>;

    /// All types to which an edge leads from a node.
    fn successor_set(&self, id: TypeId) -> TypeSet;

    /// All types to which an edge leads from some node of a set, or from which one leads there. Nodes of the set may be among
    /// them without an edge.
    fn step(&self, from: &TypeSet, direction: Direction) -> TypeSet;

    /// A set of no types.
    fn empty_set(&self) -> TypeSet;
}

/// Gets the nodes of a path, and says whether to go on.
pub(super) type Visit<'v> = dyn FnMut(&[TypeId]) -> Result<ControlFlow<()>, Failure> + 'v;

/// Visits all shortest paths between two types, in order.
///
/// # Errors
/// What `visit` fails with.
pub(super) fn all_shortest_paths(
    graph: &impl Graph,
    source: TypeId,
    target: TypeId,
    visit: &mut Visit<'_>,
) -> Result<(), Failure> {
    if !graph.contains(source) {
        return Ok(());
    }
    let Some(levels) = levels(graph, source, target) else { return Ok(()) };
    let predecessors = predecessors(graph, source, &levels);
    // From the target backwards, by the lists of predecessors.
    let mut stack: Vec<(TypeId, usize)> = vec![(target, 0)];
    while let Some((node, next)) = stack.last_mut() {
        let node = *node;
        if node == source {
            let path: Vec<TypeId> = stack.iter().rev().map(|(node, _)| *node).collect();
            if visit(&path)?.is_break() {
                return Ok(());
            }
            stack.pop();
            continue;
        }
        match predecessors.get(&node).and_then(|list| list.get(*next)) {
            Some(before) => {
                *next += 1;
                stack.push((*before, 0));
            }
            None => {
                stack.pop();
            }
        }
    }
    Ok(())
}

/// For each distance from the source, the nodes that stand on a shortest path; the last has the target only.
fn levels(graph: &impl Graph, source: TypeId, target: TypeId) -> Option<Vec<TypeSet>> {
    let single = |id| {
        let mut set = graph.empty_set();
        set.insert(id);
        set
    };
    let mut levels = vec![single(source)];
    let mut seen = single(source);
    while let Some(last) = levels.last().filter(|last| !last.contains(target)) {
        let mut next = graph.step(last, Direction::Forward);
        next.subtract(&seen);
        if next.is_empty() {
            return None;
        }
        seen.unite(&next);
        levels.push(next);
    }
    let mut after = single(target);
    for level in levels.iter_mut().rev() {
        level.intersect(&after);
        after = graph.step(level, Direction::Backward);
    }
    Some(levels)
}

/// For each node of the levels, the nodes before it in the order in which the search comes to them.
fn predecessors(graph: &impl Graph, source: TypeId, levels: &[TypeSet]) -> HashMap<TypeId, Vec<TypeId>> {
    let mut predecessors: HashMap<TypeId, Vec<TypeId>> = HashMap::new();
    let mut order = vec![source];
    for level in levels.iter().skip(1) {
        let mut to_come = level.clone();
        let mut next = Vec::new();
        for &node in &order {
            let mut reached = graph.successor_set(node);
            reached.intersect(level);
            for after in reached.iter() {
                predecessors.entry(after).or_default().push(node);
            }
            // Those that are first reached from here stand in the order of the edges.
            reached.intersect(&to_come);
            to_come.subtract(&reached);
            if reached.len() > 1 {
                next.extend(graph.successors(node, &reached));
            } else {
                next.extend(reached.iter());
            }
        }
        order = next;
    }
    predecessors
}

/// Visits all paths without a node twice, of at most so many steps, in order.
///
/// # Errors
/// What `visit` fails with.
pub(super) fn all_simple_paths(
    graph: &impl Graph,
    source: TypeId,
    target: TypeId,
    most_steps: usize,
    visit: &mut Visit<'_>,
) -> Result<(), Failure> {
    if source == target || !graph.contains(source) || !graph.contains(target) {
        return Ok(());
    }
    let distances = Distances::to(graph, target, most_steps);
    let mut edges: HashMap<TypeId, Rc<[TypeId]>> = HashMap::new();
    let mut edges_of =
        |id| edges.entry(id).or_insert_with(|| graph.successors(id, &distances.near).into()).clone();
    let mut path = vec![source];
    let mut stack = vec![(edges_of(source), 0)];
    while let Some((edges, next)) = stack.last_mut() {
        let Some(&node) = edges.get(*next) else {
            stack.pop();
            path.pop();
            continue;
        };
        *next += 1;
        // What is left when the step to the node is taken.
        let left = most_steps.saturating_sub(path.len());
        if node == target {
            path.push(target);
            let go_on = visit(&path)?;
            path.pop();
            if go_on.is_break() {
                return Ok(());
            }
        } else if distances.get(node) <= left && !path.contains(&node) {
            path.push(node);
            stack.push((edges_of(node), 0));
        }
    }
    Ok(())
}

/// How far nodes are from the target.
struct Distances {
    steps: HashMap<TypeId, usize>,
    /// Those that are near enough.
    near: TypeSet,
}

impl Distances {
    /// The nodes from which the target is less than `most_steps` away.
    fn to(graph: &impl Graph, target: TypeId, most_steps: usize) -> Self {
        let mut near = graph.empty_set();
        near.insert(target);
        let mut steps = HashMap::from([(target, 0)]);
        let mut last = near.clone();
        for distance in 1..most_steps {
            last = graph.step(&last, Direction::Backward);
            last.subtract(&near);
            if last.is_empty() {
                break;
            }
            near.unite(&last);
            steps.extend(last.iter().map(|id| (id, distance)));
        }
        Distances { steps, near }
    }

    fn get(&self, id: TypeId) -> usize {
        self.steps.get(&id).copied().unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges in order.
    struct Edges(&'static [(u32, u32)]);

    fn id(value: u32) -> TypeId {
        TypeId::from_value(value).unwrap()
    }

    impl Graph for Edges {
        fn contains(&self, id: TypeId) -> bool {
            self.0.iter().any(|edge| edge.0 == id.value() || edge.1 == id.value())
        }

        fn successors(&self, from: TypeId, wanted: &TypeSet) -> Vec<TypeId> {
            let leads = self.0.iter().filter(|edge| edge.0 == from.value()).map(|edge| id(edge.1));
            leads.filter(|to| wanted.contains(*to)).collect()
        }

        fn successor_set(&self, id: TypeId) -> TypeSet {
            self.step(&TypeSet::of(64, id), Direction::Forward)
        }

        fn step(&self, from: &TypeSet, direction: Direction) -> TypeSet {
            let mut reached = self.empty_set();
            for &(source, target) in self.0 {
                match direction {
                    Direction::Forward if from.contains(id(source)) => reached.insert(id(target)),
                    Direction::Backward if from.contains(id(target)) => reached.insert(id(source)),
                    _ => {}
                }
            }
            reached
        }

        fn empty_set(&self) -> TypeSet {
            TypeSet::new(64)
        }
    }

    fn paths(find: impl FnOnce(&mut Visit<'_>) -> Result<(), Failure>) -> Vec<Vec<u32>> {
        let mut found = Vec::new();
        find(&mut |path| {
            found.push(path.iter().map(|id| id.value()).collect());
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        found
    }

    /// What networkx 2.8.8 answers to the same edges.
    const GRAPH: Edges = Edges(&[
        (1, 3),
        (1, 2),
        (1, 9),
        (2, 5),
        (3, 5),
        (3, 4),
        (2, 4),
        (4, 6),
        (5, 6),
        (6, 1),
        (9, 9),
        (1, 6),
    ]);

    #[test]
    fn shortest_paths_come_in_networkx_s_order() {
        let shortest = |from, to| paths(|visit| all_shortest_paths(&GRAPH, id(from), id(to), visit));
        assert_eq!(shortest(1, 4), [[1, 3, 4], [1, 2, 4]]);
        assert_eq!(shortest(2, 1), [[2, 5, 6, 1], [2, 4, 6, 1]]);
        assert_eq!(shortest(6, 5), [[6, 1, 3, 5], [6, 1, 2, 5]]);
        assert_eq!(shortest(1, 1), [[1]]);
        assert_eq!(shortest(9, 1), [[0; 0]; 0]);
        assert_eq!(shortest(8, 8), [[0; 0]; 0], "8 is no node");
    }

    #[test]
    fn so_do_all_paths() {
        let all = |from, to, most| paths(|visit| all_simple_paths(&GRAPH, id(from), id(to), most, visit));
        assert_eq!(all(1, 6, 1), [[1, 6]]);
        assert_eq!(all(1, 6, 3), [&[1, 3, 5, 6][..], &[1, 3, 4, 6], &[1, 2, 5, 6], &[1, 2, 4, 6], &[1, 6]]);
        assert_eq!(all(2, 3, 4), [[2, 5, 6, 1, 3], [2, 4, 6, 1, 3]]);
        assert_eq!(all(1, 1, 4), [[0; 0]; 0]);
        assert_eq!(all(1, 8, 4), [[0; 0]; 0]);
    }
}
