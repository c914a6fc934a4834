//! How information flows by rules: each allow rule with the weight of what it lets its source read from and write into its target.
//!
//! Source of the semantics: `rule_weight` in SETools' `permmap.py`, `_build_graph` in its `infoflow.py`. A rule's weight in a
//! direction is that of its heaviest permission. Attributes are expanded when somebody asks, so a policy of 70,000 rules stays
//! that, where a graph of all pairs has a million edges; a step from a set of types to all that they flow into is one scan.

use std::cell::{Cell, OnceCell};

use avstore::{Branch, Grouped, Store, TypeSet};
use policydb::{AvRule, ClassId, RuleKind, TypeId};

use super::{MemberRows, PermissionMap, Place};

/// Which way a flow is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To where information goes.
    Forward,
    /// To where it comes from.
    Backward,
}

/// An allow rule by which information flows.
#[derive(Clone, Copy, Debug)]
pub struct FlowRule {
    /// Its source, a type or an attribute.
    pub source: TypeId,
    /// Its target, a type or an attribute.
    pub target: TypeId,
    /// Its class.
    pub class: ClassId,
    /// The weight of what the source reads from the target, 0 for nothing.
    pub read: u8,
    /// The weight of what the source writes into the target, 0 for nothing.
    pub write: u8,
    /// Its position in the table of unconditional or of conditional rules.
    position: u32,
    /// Its branch, if it is conditional.
    pub branch: Option<Branch>,
}

/// The flows of a policy by a permission map.
#[derive(Debug)]
pub struct Flows<'s, 'p> {
    store: &'s Store<'p>,
    rules: Vec<FlowRule>,
    members: MemberRows,
    /// Positions in `rules` by source and by target, once many types were asked about.
    index: OnceCell<[Grouped<u32>; 2]>,
    n_asked: Cell<usize>,
}

/// From how many types on an index of the rules is worth building.
const MANY: usize = 8;

/// For each class and bit, the weight of what is read and written.
#[derive(Debug)]
pub(super) struct Weights(Vec<[(u8, u8); 32]>);

impl Weights {
    pub(super) fn of(store: &Store<'_>, map: &PermissionMap) -> Self {
        let of_class = |class| {
            let mut weights = [(0, 0); 32];
            let class_name = String::from_utf8_lossy(store.class_name(class).as_bytes());
            for permission in store.policy().permissions(class) {
                let mapping = map.weight(&class_name, &String::from_utf8_lossy(permission.name.as_bytes()));
                if let Some(weight) = weights.get_mut(usize::from(permission.bit)) {
                    *weight = (mapping.read(), mapping.write());
                }
            }
            weights
        };
        Weights(store.class_ids().map(of_class).collect())
    }

    /// What a rule reads and writes.
    fn of_rule(&self, rule: AvRule) -> (u8, u8) {
        self.of_permissions(rule.class(), rule.permissions())
    }

    /// What some permissions read and write: what the heaviest of them does.
    pub(super) fn of_permissions(&self, class: ClassId, permissions: u32) -> (u8, u8) {
        let Some(weights) = self.0.get(class.index()) else { return (0, 0) };
        let (mut read, mut write, mut left) = (0, 0, permissions);
        while left != 0 {
            let (r, w) = weights.get(left.trailing_zeros() as usize).copied().unwrap_or_default();
            (read, write) = (read.max(r), write.max(w));
            left &= left.wrapping_sub(1);
        }
        (read, write)
    }
}

impl<'s, 'p> Flows<'s, 'p> {
    /// The flows of a policy. O(rules + bits of the map from types to attributes).
    pub fn of(store: &'s Store<'p>, map: &PermissionMap) -> Self {
        let weights = Weights::of(store, map);
        let mut rules = Vec::new();
        let mut add = |position: usize, rule: AvRule, branch| {
            if rule.kind_bits() != RuleKind::Allow.bits() {
                return;
            }
            let (read, write) = weights.of_rule(rule);
            if read == 0 && write == 0 {
                return;
            }
            let (source, target, class) = (rule.source(), rule.target(), rule.class());
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            rules.push(FlowRule { source, target, class, read, write, position, branch });
        };
        let policy = store.policy();
        policy.rules().rules(0..policy.rules().len()).for_each(|(position, rule)| add(position, rule, None));
        for (conditional, node) in (0u32..).zip(policy.conditionals()) {
            for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
                for (position, rule) in policy.conditional_rules().rules(range.clone()) {
                    add(position, rule, Some(Branch { conditional, when }));
                }
            }
        }
        let members = MemberRows::of(store);
        Flows { store, rules, members, index: OnceCell::new(), n_asked: Cell::new(0) }
    }

    /// The store that the flows are of.
    pub fn store(&self) -> &'s Store<'p> {
        self.store
    }

    /// The members of attributes.
    pub fn members(&self) -> &MemberRows {
        &self.members
    }

    /// The rules, unconditional ones first, in the order of the policy.
    pub fn rules(&self) -> &[FlowRule] {
        &self.rules
    }

    /// The types into which information flows from some types by a rule that counts, or from which it comes: `counts`
    /// gets a rule, and the weight of what flows that way. A type that stands on both sides of one rule may be among them
    /// though nothing flows from itself into itself. O(rules).
    pub fn step(
        &self,
        from: &TypeSet,
        direction: Direction,
        counts: impl Fn(&FlowRule, u8) -> bool,
    ) -> TypeSet {
        let symbols = self.members.symbols_for(from);
        let mut reached = self.store.empty_set();
        for rule in &self.rules {
            let (out, back) = rule.weights(direction);
            if symbols.contains(rule.source) && out > 0 && counts(rule, out) {
                reached.insert(rule.target);
            }
            if symbols.contains(rule.target) && back > 0 && counts(rule, back) {
                reached.insert(rule.source);
            }
        }
        self.members.expand(&reached)
    }

    /// Calls `each` with the rules that have a type, or an attribute of it, on some side; once for each side. O(rules) for
    /// the first few types, then O(answer).
    pub fn concerning<'f>(&'f self, id: TypeId, mut each: impl FnMut(Side, &'f FlowRule)) {
        let n_types = self.store.policy().n_types();
        let symbols = self.store.symbols_for(&TypeSet::of(n_types, id));
        self.n_asked.set(self.n_asked.get().saturating_add(1));
        if self.n_asked.get() < MANY {
            for rule in &self.rules {
                if symbols.contains(rule.source) {
                    each(Side::Source, rule);
                }
                if symbols.contains(rule.target) {
                    each(Side::Target, rule);
                }
            }
            return;
        }
        let index = |side: fn(&FlowRule) -> TypeId| {
            Grouped::new(n_types, (0u32..).zip(&self.rules).map(|(at, rule)| (side(rule).index(), at)))
        };
        let index = self.index.get_or_init(|| [index(|rule| rule.source), index(|rule| rule.target)]);
        for symbol in symbols.iter() {
            for (side, by_side) in [Side::Source, Side::Target].into_iter().zip(index) {
                let rules = by_side.get(symbol.index()).iter();
                rules.filter_map(|&at| self.rules.get(at as usize)).for_each(|rule| each(side, rule));
            }
        }
    }

    /// The rules by which information flows from one type into another: those that let the first write and those that
    /// let the second read; a rule that does both, because both types stand on both sides, comes twice. O(rules).
    pub fn between(&self, from: TypeId, to: TypeId) -> impl Iterator<Item = &FlowRule> {
        let attributes = |id| self.store.symbols_for(&TypeSet::of(self.store.policy().n_types(), id));
        let (from, to) = (attributes(from), attributes(to));
        self.rules.iter().flat_map(move |rule| {
            let writes = rule.write > 0 && from.contains(rule.source) && to.contains(rule.target);
            let reads = rule.read > 0 && to.contains(rule.source) && from.contains(rule.target);
            std::iter::repeat_n(rule, usize::from(writes) + usize::from(reads))
        })
    }
}

/// A side of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The source.
    Source,
    /// The target.
    Target,
}

impl FlowRule {
    /// The weights of what flows from source to target and from target to source, seen in a direction.
    pub fn weights(&self, direction: Direction) -> (u8, u8) {
        match direction {
            Direction::Forward => (self.write, self.read),
            Direction::Backward => (self.read, self.write),
        }
    }

    /// Where it stands.
    pub fn place<'p>(&self) -> Place<'p> {
        match self.branch {
            Some(branch) => Place::Conditional(self.position, branch),
            None => Place::Unconditional(self.position),
        }
    }

    /// What stands on the other side than this one, and the weight of what flows there.
    pub fn other(&self, side: Side, direction: Direction) -> (TypeId, u8) {
        let (out, back) = self.weights(direction);
        match side {
            Side::Source => (self.target, out),
            Side::Target => (self.source, back),
        }
    }
}
