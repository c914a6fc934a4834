//! Which rules are about a type or attribute, counted in one scan: as source and as target, by name and through
//! attributes; and what the scan shows on the way of entry points and transitions. O(rules).

use std::collections::HashMap;

use avstore::{Store, TypeSet, boolean_ids};
use policydb::{AvRule, BoolId, ClassId, RuleKind, TypeId};

use super::super::Fields;

/// Rules of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    source: usize,
    source_through: usize,
    target: usize,
    target_through: usize,
}

/// Rules of a conditional about a symbol, by boolean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Switched {
    pub(super) source: usize,
    pub(super) target: usize,
}

/// What rules say of a symbol.
pub(super) struct Tally {
    counts: Vec<(&'static str, Counts)>,
    /// By boolean, in the order of their ids.
    pub(super) booleans: Vec<(BoolId, Switched)>,
    /// Symbols of files that may be entry points of it.
    pub(super) entry_points: TypeSet,
    /// Symbols of domains that may be entered through it.
    pub(super) entry_point_of: TypeSet,
    /// Symbols of domains that may change to it.
    pub(super) entered_from: TypeSet,
}

/// A permission that the scan looks for.
#[derive(Clone, Copy)]
struct Mark {
    class: Option<ClassId>,
    bits: u32,
}

impl Mark {
    fn new(store: &Store<'_>, class: Option<ClassId>, names: &[&[u8]]) -> Self {
        let bits = class.map_or(0, |class| {
            let bit = |name: &&[u8]| store.permission_named(class, name).map_or(0, |found| 1u32 << found.bit);
            names.iter().map(bit).fold(0, |all, bit| all | bit)
        });
        Mark { class, bits }
    }

    fn is_in(self, rule: AvRule) -> bool {
        rule.kind() == RuleKind::Allow
            && Some(rule.class()) == self.class
            && rule.permissions() & self.bits != 0
    }
}

impl Tally {
    /// Counts the rules about `id`, where `symbols` stand for it.
    pub(super) fn new(store: &Store<'_>, id: TypeId, symbols: &TypeSet) -> Self {
        let policy = store.policy();
        let entry = Mark::new(store, policy.class_named(b"file"), &[b"entrypoint"]);
        let change = Mark::new(store, store.process_class(), &[b"transition", b"dyntransition"]);
        let mut by_kind = [Counts::default(); 16];
        let mut tally = Tally {
            counts: Vec::new(),
            booleans: Vec::new(),
            entry_points: store.empty_set(),
            entry_point_of: store.empty_set(),
            entered_from: store.empty_set(),
        };
        let mut see = |rule: AvRule, tally: &mut Tally| -> Option<(bool, bool)> {
            let (is_source, is_target) = (symbols.contains(rule.source()), symbols.contains(rule.target()));
            if !is_source && !is_target {
                return None;
            }
            if let Some(counts) = by_kind.get_mut(rule.kind_bits().trailing_zeros() as usize) {
                count(counts, is_source.then(|| rule.source()), is_target.then(|| rule.target()), id);
            }
            if entry.is_in(rule) {
                if is_source {
                    tally.entry_points.insert(rule.target());
                }
                if is_target {
                    tally.entry_point_of.insert(rule.source());
                }
            }
            if is_target && change.is_in(rule) {
                tally.entered_from.insert(rule.source());
            }
            Some((is_source, is_target))
        };
        for (_, rule) in policy.rules().rules(0..policy.rules().len()) {
            see(rule, &mut tally);
        }
        // Keyed by ids, which are small numbers of the policy's tables; the standard hasher is collision-safe.
        let mut booleans: HashMap<BoolId, Switched> = HashMap::new();
        for conditional in policy.conditionals() {
            let mut here = Switched::default();
            for range in [&conditional.true_rules, &conditional.false_rules] {
                for (_, rule) in policy.conditional_rules().rules(range.clone()) {
                    if let Some((is_source, is_target)) = see(rule, &mut tally) {
                        here.source += usize::from(is_source);
                        here.target += usize::from(is_target);
                    }
                }
            }
            if here != Switched::default() {
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
        tally.booleans = booleans.into_iter().collect();
        tally.booleans.sort_unstable_by_key(|(id, _)| *id);

        let mut of_kind = |kind: RuleKind| {
            by_kind.get_mut(kind.bits().trailing_zeros() as usize).map(std::mem::take).unwrap_or_default()
        };
        tally.counts = RuleKind::ALL.into_iter().map(|kind| (kind.keyword(), of_kind(kind))).collect();
        let mut by_name = Counts::default();
        policy.filename_transitions().for_each(|rule| {
            let is_in = |symbol| symbols.contains(symbol).then_some(symbol);
            count(&mut by_name, is_in(rule.source), is_in(rule.target), id);
        });
        tally.counts.push(("type_transition by file name", by_name));
        let mut ranges = Counts::default();
        for rule in policy.range_transitions().iter() {
            let is_in = |symbol| symbols.contains(symbol).then_some(symbol);
            count(&mut ranges, is_in(rule.source), is_in(rule.target), id);
        }
        tally.counts.push(("range_transition", ranges));
        let mut roles = Counts::default();
        for rule in policy.role_transitions().iter() {
            count(&mut roles, None, symbols.contains(rule.r#type).then_some(rule.r#type), id);
        }
        tally.counts.push(("role_transition", roles));
        tally
    }

    /// The counts of those kinds of which there are rules.
    pub(super) fn records(&self) -> Vec<Fields> {
        let some = self.counts.iter().filter(|(_, counts)| *counts != Counts::default());
        some.map(|(kind, counts)| {
            vec![
                ("kind", (*kind).into()),
                ("source", counts.source.into()),
                ("source_through_attributes", counts.source_through.into()),
                ("target", counts.target.into()),
                ("target_through_attributes", counts.target_through.into()),
            ]
        })
        .collect()
    }
}

/// Counts a rule whose sides stand for `id`.
fn count(counts: &mut Counts, source: Option<TypeId>, target: Option<TypeId>, id: TypeId) {
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
