//! Which rules are about a type or attribute, counted in one scan: as source and as target, by name and through which
//! attributes; and what the scan shows on the way of entry points and transitions. O(rules).

use std::collections::HashMap;

use avstore::{Branch, Conditions, Store, TypeSet, boolean_ids};
use policydb::{AvRule, BoolId, ClassId, RuleKind, TypeId};

use super::super::Fields;

/// Rules of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    source: usize,
    source_through: usize,
    target: usize,
    target_through: usize,
}

/// Rules that name a symbol, or that a boolean switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) source: usize,
    pub(super) target: usize,
}

/// Symbols that rules connect with the type.
pub(super) struct Entries {
    /// Files that may be entry points of it.
    pub(super) entry_points: TypeSet,
    /// Domains that may be entered through it.
    pub(super) entry_point_of: TypeSet,
    /// Domains that may start programs in it.
    pub(super) entered_from: TypeSet,
    /// Domains that may change to it without starting a program.
    pub(super) entered_dynamically: TypeSet,
}

/// What rules say of a symbol.
pub(super) struct Tally {
    counts: Vec<(&'static str, Counts)>,
    /// By the symbol that rules name in the type's place; those with most rules first.
    pub(super) through: Vec<(TypeId, Sides)>,
    /// By boolean; those with most rules first.
    pub(super) booleans: Vec<(BoolId, Sides)>,
    /// By rules in force.
    pub(super) entries: Entries,
    /// By rules that are not in force.
    pub(super) switched_off: Entries,
}

impl Entries {
    fn none(store: &Store<'_>) -> Self {
        let [entry_points, entry_point_of, entered_from, entered_dynamically] =
            std::array::from_fn(|_| store.empty_set());
        Entries { entry_points, entry_point_of, entered_from, entered_dynamically }
    }
}

/// A permission that the scan looks for.
#[derive(Clone, Copy)]
struct Mark {
    class: Option<ClassId>,
    bit: u32,
}

impl Mark {
    fn new(store: &Store<'_>, class: Option<ClassId>, name: &[u8]) -> Self {
        let permission = class.and_then(|class| store.permission_named(class, name));
        Mark { class, bit: permission.map_or(0, |found| 1u32 << found.bit) }
    }

    fn is_in(self, rule: AvRule) -> bool {
        rule.kind() == RuleKind::Allow
            && Some(rule.class()) == self.class
            && rule.permissions() & self.bit != 0
    }
}

/// The scan, and what it looks for.
struct Scan<'a> {
    id: TypeId,
    symbols: &'a TypeSet,
    entrypoint: Mark,
    transition: Mark,
    dyntransition: Mark,
    /// Kinds are single bits of 16.
    by_kind: [Counts; 16],
    /// By index of the symbol.
    by_symbol: HashMap<TypeId, Sides>,
}

impl Scan<'_> {
    /// Counts a rule if it is about the symbol; returns as which sides.
    fn see(&mut self, rule: AvRule, entries: &mut Entries) -> Option<(bool, bool)> {
        let (is_source, is_target) =
            (self.symbols.contains(rule.source()), self.symbols.contains(rule.target()));
        if !is_source && !is_target {
            return None;
        }
        let sides = (is_source.then(|| rule.source()), is_target.then(|| rule.target()));
        if let Some(counts) = self.by_kind.get_mut(rule.kind_bits().trailing_zeros() as usize) {
            count(counts, sides, self.id);
        }
        if let Some(symbol) = sides.0 {
            self.by_symbol.entry(symbol).or_default().source += 1;
        }
        if let Some(symbol) = sides.1 {
            self.by_symbol.entry(symbol).or_default().target += 1;
        }
        if self.entrypoint.is_in(rule) {
            if is_source {
                entries.entry_points.insert(rule.target());
            }
            if is_target {
                entries.entry_point_of.insert(rule.source());
            }
        }
        if is_target && self.transition.is_in(rule) {
            entries.entered_from.insert(rule.source());
        }
        if is_target && self.dyntransition.is_in(rule) {
            entries.entered_dynamically.insert(rule.source());
        }
        Some((is_source, is_target))
    }
}

impl Tally {
    /// Counts the rules about `id`, where `symbols` stand for it.
    pub(super) fn new(store: &Store<'_>, conditions: &Conditions, id: TypeId, symbols: &TypeSet) -> Self {
        let policy = store.policy();
        let mut scan = Scan {
            id,
            symbols,
            entrypoint: Mark::new(store, policy.class_named(b"file"), b"entrypoint"),
            transition: Mark::new(store, store.process_class(), b"transition"),
            dyntransition: Mark::new(store, store.process_class(), b"dyntransition"),
            by_kind: [Counts::default(); 16],
            by_symbol: HashMap::new(),
        };
        let (mut entries, mut switched_off) = (Entries::none(store), Entries::none(store));
        for (_, rule) in policy.rules().rules(0..policy.rules().len()) {
            scan.see(rule, &mut entries);
        }
        let mut booleans: HashMap<BoolId, Sides> = HashMap::new();
        for (position, conditional) in (0u32..).zip(policy.conditionals()) {
            let mut here = Sides::default();
            for (when, range) in [(true, &conditional.true_rules), (false, &conditional.false_rules)] {
                let in_force = conditions.in_force(Branch { conditional: position, when });
                let entries = if in_force { &mut entries } else { &mut switched_off };
                for (_, rule) in policy.conditional_rules().rules(range.clone()) {
                    if let Some((is_source, is_target)) = scan.see(rule, entries) {
                        here.source += usize::from(is_source);
                        here.target += usize::from(is_target);
                    }
                }
            }
            if here != Sides::default() {
                let mut named: Vec<BoolId> = boolean_ids(conditional).collect();
                named.sort_unstable();
                named.dedup();
                for boolean in named {
                    let all = booleans.entry(boolean).or_default();
                    all.source += here.source;
                    all.target += here.target;
                }
            }
        }
        scan.by_symbol.remove(&id);
        Tally {
            counts: scan.counts(store),
            through: most_first(scan.by_symbol),
            booleans: most_first(booleans),
            entries,
            switched_off,
        }
    }

    /// The counts of those kinds of which there are rules; with columns for attributes where those count.
    pub(super) fn records(&self) -> Vec<Fields> {
        let some = self.counts.iter().filter(|(_, counts)| *counts != Counts::default());
        let has_through = !self.through.is_empty();
        some.map(|(kind, counts)| {
            let mut record: Fields = vec![("kind", (*kind).into()), ("source", counts.source.into())];
            if has_through {
                record.push(("source_through_attributes", counts.source_through.into()));
            }
            record.push(("target", counts.target.into()));
            if has_through {
                record.push(("target_through_attributes", counts.target_through.into()));
            }
            record
        })
        .collect()
    }
}

impl Scan<'_> {
    /// The counts of all kinds, those that stand outside the access-vector table included.
    fn counts(&mut self, store: &Store<'_>) -> Vec<(&'static str, Counts)> {
        let policy = store.policy();
        let by_kind = &self.by_kind;
        let of_kind =
            |kind: RuleKind| by_kind.get(kind.bits().trailing_zeros() as usize).copied().unwrap_or_default();
        let mut counts: Vec<(&'static str, Counts)> =
            RuleKind::ALL.into_iter().map(|kind| (kind.keyword(), of_kind(kind))).collect();
        let is_in = |symbol: TypeId| self.symbols.contains(symbol).then_some(symbol);
        let [mut by_name, mut ranges, mut roles] = [Counts::default(); 3];
        policy.filename_transitions().for_each(|rule| {
            count(&mut by_name, (is_in(rule.source), is_in(rule.target)), self.id);
        });
        for rule in policy.range_transitions().iter() {
            count(&mut ranges, (is_in(rule.source), is_in(rule.target)), self.id);
        }
        for rule in policy.role_transitions().iter() {
            count(&mut roles, (None, is_in(rule.r#type)), self.id);
        }
        counts.push(("type_transition by file name", by_name));
        counts.push(("range_transition", ranges));
        counts.push(("role_transition", roles));
        counts
    }
}

/// Those with most rules first, then in the order of their ids.
fn most_first<Id: Copy + Ord>(counted: HashMap<Id, Sides>) -> Vec<(Id, Sides)> {
    let mut counted: Vec<(Id, Sides)> = counted.into_iter().collect();
    counted.sort_unstable_by_key(|(id, sides)| (std::cmp::Reverse(sides.source + sides.target), *id));
    counted
}

/// Counts a rule whose sides stand for `id`.
fn count(counts: &mut Counts, (source, target): (Option<TypeId>, Option<TypeId>), id: TypeId) {
    match source {
        Some(symbol) if symbol == id => counts.source += 1,
        Some(_) => counts.source_through += 1,
        None => {}
    }
    match target {
        Some(symbol) if symbol == id => counts.target += 1,
        Some(_) => counts.target_through += 1,
        None => {}
    }
}
