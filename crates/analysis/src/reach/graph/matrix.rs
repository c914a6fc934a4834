//! All pairs: from each type, how many steps to each other; and which types reach each other.
//!
//! First the neighbours of every type as a row of bits. Rules that constraints do not touch are united by symbol, so that a type's
//! row is the union of those of its attributes. Then a breadth-first search from each type by whole rows, in parallel: O(types² ×
//! types / 64) at worst. Memory is two matrices of bits, 7 MB for 5,200 types, and two bytes for each pair that is kept.

use avstore::TypeSet;
use policydb::TypeId;
use rayon::prelude::*;

use super::edge::Anchor;
use super::kind::{Kind, Party, What};
use super::{Graph, Stance, Switches};

/// Steps that are told apart; what takes more is said to take so many.
const FARTHEST: usize = u16::MAX as usize;

/// All stance is left open.
const OPEN: Stance = 0;

/// Who reaches whom.
#[derive(Debug)]
pub struct Matrix {
    /// All types, in the order of their ids.
    pub types: Vec<TypeId>,
    /// For each of them the types to which a single step leads.
    pub neighbours: Vec<TypeSet>,
    /// For each of them the types that it reaches, itself not among them.
    pub reached: Vec<TypeSet>,
    /// Pairs by how many steps it takes, from 1 on.
    pub by_steps: Vec<usize>,
    /// Types that all reach each other, the largest group first, and then in the order of ids; only groups of two or more.
    pub groups: Vec<Vec<TypeId>>,
    /// For each of the chosen types, in their order, the steps to each of them; 0 to itself, `None` if it does not reach it.
    pub chosen: Vec<Vec<Option<u16>>>,
}

/// Searches from every type, of at most `max_hops` steps. What is left open (levels, roles, users) stays open.
pub fn matrix(graph: &Graph<'_, '_, '_>, switches: &Switches, chosen: &[TypeId], max_hops: usize) -> Matrix {
    let store = graph.store();
    let types: Vec<TypeId> = store.type_ids().filter(|id| !store.is_attribute(*id)).collect();
    let rows = neighbours(graph, switches);
    let from: Vec<FromOne> = types
        .par_iter()
        .map(|id| {
            let wanted = chosen.contains(id).then_some(chosen);
            search(graph, &rows, *id, max_hops, wanted)
        })
        .collect();
    let mut by_steps: Vec<usize> = Vec::new();
    let mut reached = Vec::with_capacity(types.len());
    let mut steps_of: Vec<(TypeId, Vec<Option<u16>>)> = Vec::new();
    for (id, from) in types.iter().zip(from) {
        by_steps.resize(by_steps.len().max(from.by_steps.len()), 0);
        by_steps.iter_mut().zip(from.by_steps).for_each(|(all, count)| *all = all.saturating_add(count));
        reached.push(from.reached);
        steps_of.extend(from.steps.map(|steps| (*id, steps)));
    }
    let of_chosen = |id: &TypeId| {
        let found = steps_of.iter().find(|(other, _)| other == id);
        found.map(|(_, steps)| steps.clone()).unwrap_or_default()
    };
    let groups = groups(graph, &types, &reached);
    let chosen = chosen.iter().map(of_chosen).collect();
    let neighbours = types.iter().filter_map(|id| rows.get(id.index()).cloned()).collect();
    Matrix { types, neighbours, reached, by_steps, groups, chosen }
}

/// What one type reaches.
struct FromOne {
    /// The types.
    reached: TypeSet,
    /// How many in how many steps, from 1 on.
    by_steps: Vec<usize>,
    /// The steps to those that are wanted.
    steps: Option<Vec<Option<u16>>>,
}

/// What a type reaches.
fn search(
    graph: &Graph<'_, '_, '_>,
    rows: &[TypeSet],
    from: TypeId,
    max_hops: usize,
    wanted: Option<&[TypeId]>,
) -> FromOne {
    let mut seen = graph.only(from);
    let mut last = seen.clone();
    let mut by_steps = Vec::new();
    let mut steps: Option<Vec<Option<u16>>> =
        wanted.map(|wanted| wanted.iter().map(|id| (*id == from).then_some(0)).collect());
    while by_steps.len() < max_hops {
        let mut next = graph.empty();
        last.iter().filter_map(|id| rows.get(id.index())).for_each(|row| next.unite(row));
        next.subtract(&seen);
        if next.is_empty() {
            break;
        }
        seen.unite(&next);
        by_steps.push(next.len());
        let so_many = u16::try_from(by_steps.len().min(FARTHEST)).unwrap_or(u16::MAX);
        if let (Some(steps), Some(wanted)) = (&mut steps, wanted) {
            let new = steps.iter_mut().zip(wanted).filter(|(_, id)| next.contains(**id));
            new.for_each(|(step, _)| *step = Some(so_many));
        }
        last = next;
    }
    seen.remove(from);
    FromOne { reached: seen, by_steps, steps }
}

/// Types that reach each other.
fn groups(graph: &Graph<'_, '_, '_>, types: &[TypeId], reached: &[TypeSet]) -> Vec<Vec<TypeId>> {
    let mut placed = graph.empty();
    let mut row_of: Vec<Option<&TypeSet>> = vec![None; graph.store().policy().n_types()];
    for (id, row) in types.iter().zip(reached) {
        if let Some(slot) = row_of.get_mut(id.index()) {
            *slot = Some(row);
        }
    }
    let mut groups = Vec::new();
    for (id, row) in types.iter().zip(reached) {
        if placed.contains(*id) {
            continue;
        }
        let reaches_back = |other: &TypeId| {
            row_of.get(other.index()).is_some_and(|row| row.is_some_and(|row| row.contains(*id)))
        };
        let group: Vec<TypeId> = std::iter::once(*id).chain(row.iter().filter(reaches_back)).collect();
        group.iter().for_each(|id| placed.insert(*id));
        if group.len() > 1 {
            groups.push(group);
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

/// For each type, by index, the types to which a single step leads, itself not among them.
fn neighbours(graph: &Graph<'_, '_, '_>, switches: &Switches) -> Vec<TypeSet> {
    let mut all = vec![graph.empty(); graph.store().policy().n_types()];
    for kind in &graph.kinds {
        let rows = of_kind(graph, kind, switches);
        all.par_iter_mut().zip(rows).for_each(|(all, row)| all.unite(&row));
    }
    let usable = &graph.usable;
    all.par_iter_mut().enumerate().for_each(|(index, row)| {
        let id = u32::try_from(index).map(TypeId::from_index);
        match id {
            Ok(id) if usable.contains(id) => {
                row.intersect(usable);
                row.remove(id);
            }
            _ => *row = graph.empty(),
        }
    });
    all
}

fn of_kind(graph: &Graph<'_, '_, '_>, kind: &'static Kind, switches: &Switches) -> Vec<TypeSet> {
    let mut rows = match kind.need_about(Party::From, Party::To) {
        Some(need) => related(graph, need.what, need.source == Party::From, switches),
        None => {
            let (Some(first), Some(second)) =
                (kind.need_about(Party::From, Party::Between), kind.need_about(Party::To, Party::Between))
            else {
                return Vec::new();
            };
            let between = related(graph, first.what, true, switches);
            let far = related(graph, second.what, false, switches);
            let compose = |row: &TypeSet| {
                let mut row = row.clone();
                row.intersect(&graph.usable);
                let mut reached = graph.empty();
                row.iter().filter_map(|id| far.get(id.index())).for_each(|far| reached.unite(far));
                reached
            };
            between.par_iter().map(compose).collect()
        }
    };
    if kind.takes_more() {
        let n_types = rows.len();
        let anchors: Vec<Anchor> = (0..u32::try_from(n_types).unwrap_or(u32::MAX))
            .map(|index| graph.anchor(TypeId::from_index(index)))
            .collect();
        drop_incomplete(graph, kind, switches, &anchors, &mut rows);
    }
    rows
}

/// Takes out of rows the pairs that lack something that a kind of edge takes.
fn drop_incomplete(
    graph: &Graph<'_, '_, '_>,
    kind: &'static Kind,
    switches: &Switches,
    anchors: &[Anchor],
    rows: &mut [TypeSet],
) {
    let contexts: Vec<_> = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX))
        .map(|index| graph.context(TypeId::from_index(index), OPEN))
        .collect();
    for ((row, near), source) in rows.iter_mut().zip(anchors).zip(&contexts) {
        row.intersect(&graph.usable);
        let lacking = |to: &TypeId| {
            let (Some(far), Some(target)) = (anchors.get(to.index()), contexts.get(to.index())) else {
                return true;
            };
            !graph.has_edge_of(kind, (near, source), (far, target), switches)
        };
        let lacking: Vec<TypeId> = row.iter().filter(lacking).collect();
        lacking.into_iter().for_each(|id| row.remove(id));
    }
}

/// For each type, by index, all that stand on the other side of what is needed.
fn related(graph: &Graph<'_, '_, '_>, what: What, near_is_source: bool, switches: &Switches) -> Vec<TypeSet> {
    let n_types = graph.store().policy().n_types();
    let mut by_symbol: Vec<Option<TypeSet>> = vec![None; n_types];
    let mut others = Vec::new();
    let Some(possible) = graph.possible(OPEN, OPEN) else { return vec![graph.empty(); n_types] };
    for rule in graph.facts.rules(what).iter().filter(|rule| switches.counts(rule.branch)) {
        let (near, far) =
            if near_is_source { (rule.source, rule.target) } else { (rule.target, rule.source) };
        if possible.is_free(rule.class, rule.permissions) {
            if let Some(slot) = by_symbol.get_mut(near.index()) {
                graph.members.add_to(far, slot.get_or_insert_with(|| graph.empty()));
            }
        } else {
            others.push((rule, near, far));
        }
    }
    let ids: Vec<TypeId> = (0..u32::try_from(n_types).unwrap_or(u32::MAX)).map(TypeId::from_index).collect();
    let of_symbols = |id: &TypeId| {
        let mut row = graph.empty();
        if graph.usable.contains(*id) {
            let symbols = graph.decider.symbols_of(*id);
            let rows = symbols.iter().filter_map(|symbol| by_symbol.get(symbol.index())?.as_ref());
            rows.for_each(|far| row.unite(far));
        }
        row
    };
    let mut rows: Vec<TypeSet> = ids.par_iter().map(of_symbols).collect();
    for (rule, near, far) in others {
        for id in graph.members.types(near) {
            let Some(row) = rows.get_mut(id.index()) else { continue };
            let mut left = graph.empty();
            graph.members.add_to(far, &mut left);
            left.subtract(row);
            if !left.is_empty() {
                possible.retain(rule.class, rule.permissions, id, near_is_source, &mut left);
                row.unite(&left);
            }
        }
    }
    rows
}
