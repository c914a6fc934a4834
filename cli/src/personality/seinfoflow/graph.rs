//! The graph in which seinfoflow searches: types, and an edge wherever information flows from one to another.
//! Source: `_build_graph` and `_build_subgraph` in SETools' `infoflow.py`.
//!
//! Not built, but asked of the rules: a node's edges are in the order in which SETools, going through rules and through pairs of
//! types in each, first comes to them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use analysis::reach::{Direction, FlowRule, Flows, Side};
use avstore::TypeSet;
use policydb::TypeId;

use crate::personality::avtab_order::TableOrder;
use crate::personality::paths::Graph;

/// Which edges count.
pub(super) struct Limits {
    /// Edges of at least this weight, which is that of the heaviest rule.
    pub(super) min_weight: u8,
    /// Types that are no nodes.
    pub(super) excluded: TypeSet,
    /// For each conditional its value; `None` for rules of both branches.
    pub(super) conditions: Option<Vec<bool>>,
}

pub(super) struct FlowGraph<'f, 's, 'p> {
    flows: &'f Flows<'s, 'p>,
    order: TableOrder,
    limits: Limits,
    /// Which way edges are followed.
    direction: Direction,
    /// The nodes in the order in which SETools comes to them, once asked for.
    node_order: RefCell<Option<Rc<[TypeId]>>>,
}

impl<'f, 's, 'p> FlowGraph<'f, 's, 'p> {
    pub(super) fn new(flows: &'f Flows<'s, 'p>, limits: Limits, direction: Direction) -> Self {
        let order = TableOrder::of(flows.store().policy());
        FlowGraph { flows, order, limits, direction, node_order: RefCell::new(None) }
    }

    /// The numbers of nodes and of edges, whatever the limits.
    pub(super) fn size(&self) -> (usize, usize) {
        let mut nodes = self.empty_set();
        let mut n_edges = 0;
        let store = self.flows.store();
        for id in store.type_ids().filter(|&id| !store.is_attribute(id)) {
            let after = self.all_beside(id, Direction::Forward);
            if !after.is_empty() {
                n_edges += after.len();
                nodes.insert(id);
                nodes.unite(&after);
            }
        }
        (nodes.len(), n_edges)
    }

    /// The rules behind an edge, with those that are twice there.
    pub(super) fn rules(&self, from: TypeId, to: TypeId) -> Vec<&'f FlowRule> {
        let mut rules: Vec<&FlowRule> = self.flows.between(from, to).collect();
        if self.limits.conditions.is_some() {
            // COMPAT(setools): a rule that is not in force is taken away once, even if it is there twice.
            let mut before = None;
            rules.retain(|&rule| {
                let place: *const FlowRule = rule;
                let is_first = before.replace(place) != Some(place);
                self.in_force(rule) || !is_first
            });
        }
        rules
    }

    /// All types that rules of any weight lead to.
    fn all_beside(&self, id: TypeId, direction: Direction) -> TypeSet {
        let mut symbols = self.empty_set();
        self.flows.concerning(id, |side, rule| {
            let (other, weight) = rule.other(side, direction);
            if weight > 0 {
                symbols.insert(other);
            }
        });
        let mut types = self.flows.members().expand(&symbols);
        types.remove(id);
        types
    }

    /// All types that edges lead to.
    fn beside(&self, id: TypeId, direction: Direction) -> TypeSet {
        if self.limits.excluded.contains(id) {
            return self.empty_set();
        }
        let members = self.flows.members();
        let (mut heavy, mut enabled) = (self.empty_set(), self.empty_set());
        let mut twice = self.empty_set();
        self.flows.concerning(id, |side, rule| {
            let (other, weight) = rule.other(side, direction);
            if weight >= self.limits.min_weight {
                heavy.insert(other);
            }
            if weight > 0 && self.in_force(rule) {
                enabled.insert(other);
            } else if weight > 0 {
                self.add_twice(id, rule, &mut twice);
            }
        });
        let mut types = members.expand(&heavy);
        if self.limits.conditions.is_some() {
            // COMPAT(setools): what is left of an edge without its rules that are not in force is not weighed anew.
            let mut left = members.expand(&enabled);
            left.unite(&twice);
            types.intersect(&left);
        }
        types.subtract(&self.limits.excluded);
        types.remove(id);
        types
    }

    /// Adds the types to which a rule is an edge from `id` twice, of which one stays though it is not in force.
    fn add_twice(&self, id: TypeId, rule: &FlowRule, twice: &mut TypeSet) {
        let members = self.flows.members();
        let both_sides = |id| members.stands_for(rule.source, id) && members.stands_for(rule.target, id);
        if rule.read > 0 && rule.write > 0 && both_sides(id) {
            members
                .types(rule.source)
                .filter(|&other| both_sides(other))
                .for_each(|other| twice.insert(other));
        }
    }

    fn in_force(&self, rule: &FlowRule) -> bool {
        match (&self.limits.conditions, rule.branch) {
            (Some(conditions), Some(branch)) => conditions.get(branch.index()) == Some(&branch.when),
            _ => true,
        }
    }

    /// Edges from a node along flows, of any weight, in order; those to `wanted`.
    fn forward(&self, id: TypeId, wanted: &TypeSet) -> Vec<TypeId> {
        let members = self.flows.members();
        // What the rule lets `id` write into, and what it lets read from `id`, with the types there.
        let mut rules: HashMap<*const FlowRule, (&FlowRule, bool, bool)> = HashMap::new();
        self.flows.concerning(id, |side, rule| {
            let (other, weight) = rule.other(side, Direction::Forward);
            if weight > 0 && members.meets(other, wanted) {
                let entry = rules.entry(rule).or_insert((rule, false, false));
                match side {
                    Side::Source => entry.1 = true,
                    Side::Target => entry.2 = true,
                }
            }
        });
        let mut rules: Vec<_> = rules.into_values().collect();
        rules.sort_by_cached_key(|(rule, ..)| {
            self.order.key(rule.source, rule.target, rule.class, rule.place())
        });
        let mut to_come = wanted.clone();
        to_come.remove(id);
        let mut found = Vec::new();
        let mut take = |other: TypeId| {
            if to_come.contains(other) {
                to_come.remove(other);
                found.push(other);
            }
        };
        for (rule, writes, is_read) in rules {
            // Pairs are looked at by source, then by target: the pair (`other`, `id`) before or after those of `id`.
            if is_read {
                members.types(rule.source).take_while(|&other| other < id).for_each(&mut take);
            }
            if writes {
                members.types(rule.target).for_each(&mut take);
            }
            if is_read {
                members.types(rule.source).skip_while(|&other| other < id).for_each(&mut take);
            }
        }
        found
    }

    /// The nodes in the order in which SETools comes to them.
    fn nodes(&self) -> Rc<[TypeId]> {
        let mut order = self.node_order.borrow_mut();
        order.get_or_insert_with(|| self.ordered_nodes().into()).clone()
    }

    fn ordered_nodes(&self) -> Vec<TypeId> {
        let members = self.flows.members();
        let mut rules: Vec<&FlowRule> = self.flows.rules().iter().collect();
        rules.sort_by_cached_key(|rule| self.order.key(rule.source, rule.target, rule.class, rule.place()));
        let mut to_come = self.empty_set();
        self.flows.store().type_ids().for_each(|id| to_come.insert(id));
        let mut found = Vec::new();
        for rule in rules {
            if !members.meets(rule.source, &to_come) && !members.meets(rule.target, &to_come) {
                continue;
            }
            for source in members.types(rule.source) {
                for target in members.types(rule.target).filter(|&target| target != source) {
                    let pair = if rule.write > 0 { [source, target] } else { [target, source] };
                    for id in pair {
                        if to_come.contains(id) {
                            to_come.remove(id);
                            found.push(id);
                        }
                    }
                    if !to_come.contains(source) && !members.meets(rule.target, &to_come) {
                        break;
                    }
                }
            }
        }
        found
    }
}

impl Graph for FlowGraph<'_, '_, '_> {
    fn contains(&self, id: TypeId) -> bool {
        let has = |direction| !self.all_beside(id, direction).is_empty();
        !self.limits.excluded.contains(id) && (has(Direction::Forward) || has(Direction::Backward))
    }

    fn successors(&self, id: TypeId, wanted: &TypeSet) -> Vec<TypeId> {
        let mut reached = self.successor_set(id);
        reached.intersect(wanted);
        match self.direction {
            Direction::Forward => self.forward(id, &reached),
            // A graph that is turned round has its edges in the order of the nodes.
            Direction::Backward => {
                self.nodes().iter().copied().filter(|&node| reached.contains(node)).collect()
            }
        }
    }

    fn successor_set(&self, id: TypeId) -> TypeSet {
        self.beside(id, self.direction)
    }

    fn step(&self, from: &TypeSet, direction: Direction) -> TypeSet {
        let direction = if self.direction == Direction::Forward {
            direction
        } else {
            match direction {
                Direction::Forward => Direction::Backward,
                Direction::Backward => Direction::Forward,
            }
        };
        let mut from = from.clone();
        from.subtract(&self.limits.excluded);
        let heavy = |weight: u8| weight >= self.limits.min_weight;
        // What heavy rules in force lead to is certain.
        let mut reached =
            self.flows.step(&from, direction, |rule, weight| heavy(weight) && self.in_force(rule));
        if self.limits.conditions.is_some() {
            // Heavy rules that are not in force count if another rule keeps the edge.
            let symbols = self.flows.members().symbols_for(&from);
            let mut sides = self.empty_set();
            for rule in self.flows.rules().iter().filter(|rule| !self.in_force(rule)) {
                let (out, back) = rule.weights(direction);
                if heavy(out) && symbols.contains(rule.source) {
                    sides.insert(rule.source);
                }
                if heavy(back) && symbols.contains(rule.target) {
                    sides.insert(rule.target);
                }
            }
            let mut uncertain = self.flows.members().expand(&sides);
            uncertain.intersect(&from);
            uncertain.iter().for_each(|id| reached.unite(&self.beside(id, direction)));
        }
        reached.subtract(&self.limits.excluded);
        reached
    }

    fn empty_set(&self) -> TypeSet {
        self.flows.store().empty_set()
    }
}
