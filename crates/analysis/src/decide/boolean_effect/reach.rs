//! The rules that decide about one type and all others, those that the boolean switches apart from the rest.
//!
//! A decision about a domain and another type reads the rules about those two, and, where the source is bounded, the
//! rules about what bounds them, and so on upwards (`decision.rs`). The domain's side of all these comparisons is the
//! domain or a type that bounds it: the chain. One scan keeps the rules about the chain, of the classes that the
//! boolean switches rules of; then the rules about another type are the sum over its symbols. O(rules), then O(attributes)
//! for a type and class.

use avstore::{AccessVector, Branch, TypeSet};
use policydb::{AvRule, ClassId, RuleKind, TypeId};

use super::super::Decider;
use super::super::decision::DEEPEST_BOUNDS;
use super::switch::{Switch, When, branches};
use crate::query::ClassSet;

/// Which side of the access the domain is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Source,
    Target,
}

/// What rules say: always, with the boolean off only, with it on only.
pub(super) type Vectors = [AccessVector; 3];

/// A rule about the chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) class: ClassId,
    /// Position in the chain.
    pub(super) link: usize,
    /// The rule's other side.
    pub(super) symbol: TypeId,
    pub(super) when: When,
    pub(super) kind: RuleKind,
    permissions: u32,
}

/// The rules about the domain on one side.
pub(super) struct Reach<'d, 's, 'p> {
    decider: &'d Decider<'s, 'p>,
    pub(super) given: Given,
    chain: Vec<TypeId>,
    symbols: Vec<TypeSet>,
    /// The classes of rules about the chain that the boolean switches.
    classes: ClassSet,
    /// By class.
    entries: Vec<Entry>,
}

/// The domain and the types that bound it.
pub(super) fn chain_of(decider: &Decider<'_, '_>, domain: TypeId) -> Vec<TypeId> {
    let mut chain = vec![domain];
    while let Some(bound) = chain.last().and_then(|last| decider.bounds((*last, *last))) {
        if chain.len() > DEEPEST_BOUNDS || chain.contains(&bound.source) {
            break;
        }
        chain.push(bound.source);
    }
    chain
}

impl<'d, 's, 'p> Reach<'d, 's, 'p> {
    /// The domain on one side, without rules yet.
    pub(super) fn new(decider: &'d Decider<'s, 'p>, switch: &Switch, given: Given, domain: TypeId) -> Self {
        let n_classes = decider.store.policy().n_classes();
        let chain = chain_of(decider, domain);
        let symbols = chain.iter().map(|id| decider.overlay.symbols_of(decider.store, *id)).collect();
        let classes = ClassSet::of(n_classes, []);
        let mut reach = Reach { decider, given, chain, symbols, classes, entries: Vec::new() };
        let about = switched(decider, switch).filter(|(_, rule, ..)| reach.is_about_chain(*rule));
        let classes: Vec<ClassId> = about.map(|(_, rule, ..)| rule.class()).collect();
        reach.classes = ClassSet::of(n_classes, classes);
        reach
    }

    pub(super) fn domain(&self) -> Option<TypeId> {
        self.chain.first().copied()
    }

    /// The sides of a rule: the domain's, and the other.
    fn sides(&self, rule: AvRule) -> (TypeId, TypeId) {
        match self.given {
            Given::Source => (rule.source(), rule.target()),
            Given::Target => (rule.target(), rule.source()),
        }
    }

    /// Whether a rule is about the domain itself.
    pub(super) fn is_about_domain(&self, rule: AvRule) -> bool {
        self.symbols.first().is_some_and(|symbols| symbols.contains(self.sides(rule).0))
    }

    /// Whether a rule is about the domain or a type that bounds it.
    pub(super) fn is_about_chain(&self, rule: AvRule) -> bool {
        let (own, _) = self.sides(rule);
        self.symbols.iter().any(|symbols| symbols.contains(own))
    }

    /// Adds a rule, for each link of the chain that it is about.
    fn add(&mut self, rule: AvRule, when: When) {
        if !self.classes.contains(rule.class()) {
            return;
        }
        let (own, symbol) = self.sides(rule);
        for (link, symbols) in self.symbols.iter().enumerate() {
            if symbols.contains(own) {
                let (class, kind, permissions) = (rule.class(), rule.kind(), rule.permissions());
                self.entries.push(Entry { class, link, symbol, when, kind, permissions });
            }
        }
    }

    /// The rules with permissions about the chain, class by class.
    pub(super) fn by_class(&self) -> impl Iterator<Item = (ClassId, &[Entry])> {
        self.entries
            .chunk_by(|a, b| a.class == b.class)
            .filter_map(|chunk| chunk.first().map(|first| (first.class, chunk)))
    }

    /// The types of source and target of an access between the domain and another type.
    pub(super) fn types(&self, other: TypeId) -> (TypeId, TypeId) {
        match (self.given, self.chain.first().copied().unwrap_or(other)) {
            (Given::Source, domain) => (domain, other),
            (Given::Target, domain) => (other, domain),
        }
    }

    /// Whether an access with this type is compared with that of bounding types.
    pub(super) fn is_bounded(&self, other: TypeId) -> bool {
        self.decider.bounds(self.types(other)).is_some()
    }
}

/// Reads the rules of switched classes about the domain on both sides. What it gives are the extended rules with the
/// domain as the source, their positions and branches.
pub(super) fn scan(reaches: &mut [Reach<'_, '_, '_>], switch: &Switch) -> Vec<(usize, Option<Branch>, When)> {
    let mut extended = Vec::new();
    let Some(decider) = reaches.first().map(|reach| reach.decider) else { return extended };
    let policy = decider.store.policy();
    let mut visit = |at, rule: AvRule, branch, when| {
        if rule.kind().has_permissions() {
            reaches.iter_mut().for_each(|reach| reach.add(rule, when));
        } else if rule.kind().has_xperms()
            && reaches.iter().any(|reach| {
                reach.given == Given::Source
                    && reach.classes.contains(rule.class())
                    && reach.is_about_domain(rule)
            })
        {
            extended.push((at, branch, when));
        }
    };
    let table = policy.rules();
    table.rules(0..table.len()).for_each(|(at, rule)| visit(at, rule, None, When::Always));
    for (conditional, _) in (0u32..).zip(policy.conditionals()) {
        for (branch, range) in branches(policy, conditional) {
            if let Some(when) = switch.when(branch) {
                let rules = policy.conditional_rules().rules(range);
                rules.for_each(|(at, rule)| visit(at, rule, Some(branch), when));
            }
        }
    }
    // Stable: within a class the order stays that of the policy.
    reaches.iter_mut().for_each(|reach| reach.entries.sort_by_key(|entry| entry.class));
    extended
}

/// The rules that the boolean switches, with their branches, in the order of the policy.
pub(super) fn switched<'a>(
    decider: &'a Decider<'_, '_>,
    switch: &'a Switch,
) -> impl Iterator<Item = (usize, AvRule, Branch, When)> + 'a {
    let policy = decider.store.policy();
    switch.changing().flat_map(move |conditional| branches(policy, conditional)).flat_map(
        move |(branch, range)| {
            let when = switch.when(branch);
            let rules = policy.conditional_rules().rules(range);
            rules.filter_map(move |(at, rule)| when.map(|when| (at, rule, branch, when)))
        },
    )
}

/// What the rules about the chain say about one class, by link and symbol.
pub(super) struct Tables {
    links: Vec<Vec<Vectors>>,
}

impl Tables {
    pub(super) fn new(reach: &Reach<'_, '_, '_>) -> Self {
        let n_types = reach.decider.store.policy().n_types();
        Tables { links: reach.chain.iter().map(|_| vec![Vectors::default(); n_types]).collect() }
    }

    fn slot(&mut self, entry: &Entry) -> Option<&mut Vectors> {
        self.links.get_mut(entry.link)?.get_mut(entry.symbol.index())
    }

    /// Takes in the rules of a class.
    pub(super) fn load(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Some([always, off, on]) = self.slot(entry) {
                let vector = match entry.when {
                    When::Always => always,
                    When::Off => off,
                    When::On => on,
                };
                vector.add(entry.kind, entry.permissions);
            }
        }
    }

    /// Forgets them.
    pub(super) fn unload(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Some(slot) = self.slot(entry) {
                *slot = Vectors::default();
            }
        }
    }

    /// What the rules say about two types, one of which is of the chain.
    pub(super) fn vectors(
        &self,
        reach: &Reach<'_, '_, '_>,
        class: ClassId,
        (source, target): (TypeId, TypeId),
    ) -> Vectors {
        let (own, other) = match reach.given {
            Given::Source => (source, target),
            Given::Target => (target, source),
        };
        let mut sum = Vectors::default();
        let link = reach.chain.iter().position(|id| *id == own);
        let Some(table) = link.and_then(|link| self.links.get(link)) else { return sum };
        let mut add = |symbol: usize| {
            for (sum, vector) in sum.iter_mut().zip(table.get(symbol).into_iter().flatten()) {
                sum.allowed |= vector.allowed;
                sum.auditallow |= vector.auditallow;
                sum.dontaudit |= vector.dontaudit;
            }
        };
        add(other.index());
        let Decider { store, overlay, .. } = reach.decider;
        store.policy().attributes_of(other).bits().for_each(|bit| add(bit as usize));
        overlay.attributes_added(other).for_each(|attribute| add(attribute.index()));
        if overlay.allows.iter().any(|rule| rule.class == class) {
            let symbols = |id| overlay.symbols_of(store, id);
            let (source_symbols, target_symbols) = (symbols(source), symbols(target));
            for rule in overlay.allows.iter().filter(|rule| rule.class == class) {
                if rule.applies(&source_symbols, &target_symbols, source == target) {
                    let [always, ..] = &mut sum;
                    always.allowed |= rule.permissions;
                }
            }
        }
        sum
    }
}
