//! What is granted in one state of the boolean and not in the other, between the domain and every other type.
//!
//! Only types that switched rules reach are looked at, and only permissions that those rules are about are decided:
//! for each permission the decision looks at nothing but rules about it and constraints on it. The decisions are
//! [`Decider`]'s own. O(types reached × (attributes + constraints)) a class.

use avstore::{AccessVector, Grouped, TypeSet};
use policydb::{ClassId, RuleKind, TypeId};

use super::super::{Access, Decider, Decision, defined};
use super::reach::{Given, Reach, Tables, Vectors};
use super::switch::When;
use super::{AccessChange, Switched};
use crate::context::PartialContext;

/// Types and classes that are looked at: some times what an honest policy can have.
const MOST_PAIRS: usize = 1 << 21;

/// The changes on one side of the domain.
#[derive(Default)]
pub(super) struct Found {
    pub(super) access: Vec<AccessChange>,
    pub(super) auditallow: Vec<AccessChange>,
    pub(super) dontaudit: Vec<AccessChange>,
    pub(super) truncated: bool,
}

/// A class, with what rules say about it and the domain.
pub(super) struct OfClass<'a, 'd, 's, 'p> {
    pub(super) decider: &'d Decider<'s, 'p>,
    pub(super) domain: &'a PartialContext,
    pub(super) reach: &'a Reach<'d, 's, 'p>,
    pub(super) class: ClassId,
    pub(super) tables: &'a Tables,
}

/// The changes on one side; `members` has the types of each symbol that switched rules name there. `visit` is called
/// with each class, and with its changes.
pub(super) fn find<'d, 's, 'p>(
    decider: &'d Decider<'s, 'p>,
    domain: &PartialContext,
    reach: &Reach<'d, 's, 'p>,
    members: &Grouped<TypeId>,
    mut visit: impl FnMut(&OfClass<'_, 'd, 's, 'p>, &[AccessChange]),
) -> Found {
    let store = decider.store();
    let mut found = Found::default();
    let mut tables = Tables::new(reach);
    let types = || store.type_ids().filter(|id| !store.is_attribute(*id));
    let bounded: Vec<TypeId> = types().filter(|id| reach.is_bounded(*id)).collect();
    let mut n_pairs = 0usize;
    for (class, entries) in reach.by_class() {
        tables.load(entries);
        let of_class = OfClass { decider, domain, reach, class, tables: &tables };
        let mut candidates = store.empty_set();
        let switched = || entries.iter().filter(|entry| entry.when != When::Always);
        for entry in switched().filter(|entry| entry.link == 0) {
            members.get(entry.symbol.index()).iter().for_each(|id| candidates.insert(*id));
        }
        if switched().next().is_some() {
            bounded.iter().for_each(|id| candidates.insert(*id));
        }
        let audits = reach.given == Given::Source
            && switched().any(|entry| entry.link == 0 && entry.kind != RuleKind::Allow);
        let first = found.access.len();
        of_class.compare(&candidates, audits, &mut n_pairs, &mut found);
        visit(&of_class, found.access.get(first..).unwrap_or_default());
        tables.unload(entries);
    }
    found
}

impl OfClass<'_, '_, '_, '_> {
    fn compare(&self, candidates: &TypeSet, audits: bool, n_pairs: &mut usize, found: &mut Found) {
        let names = defined(self.decider.store(), self.class);
        for other in candidates.iter() {
            // Access to itself is the domain's own.
            if self.reach.given == Given::Target && Some(other) == self.reach.domain() {
                continue;
            }
            *n_pairs += 1;
            if *n_pairs > MOST_PAIRS {
                found.truncated = true;
                return;
            }
            let own = self.vectors(self.reach.types(other));
            let changed = self.changed(other, own) & names;
            if changed != 0 {
                let [off, on] = self.decide_from(other, changed, own);
                let change = AccessChange {
                    other,
                    class: self.class,
                    adds: gained(&off, &on),
                    takes: gained(&on, &off),
                };
                found.access.extend(Some(change).filter(AccessChange::is_some));
            }
            if audits {
                let [off, on] = both(own);
                let change = |off: u32, on: u32| {
                    let bits = |bits: u32| Switched { granted: bits & names, depends: 0 };
                    let change = AccessChange {
                        other,
                        class: self.class,
                        adds: bits(on & !off),
                        takes: bits(off & !on),
                    };
                    Some(change).filter(AccessChange::is_some)
                };
                found.auditallow.extend(change(off.auditallow, on.auditallow));
                found.dontaudit.extend(change(off.dontaudit, on.dontaudit));
            }
        }
    }

    fn vectors(&self, types: (TypeId, TypeId)) -> Vectors {
        self.tables.vectors(self.reach, self.class, types)
    }

    /// Permissions that rules about the two types, or about types that bound them, grant in one state only.
    fn changed(&self, other: TypeId, own: Vectors) -> u32 {
        let differs = |vectors| {
            let [off, on] = both(vectors);
            off.allowed ^ on.allowed
        };
        let mut types = self.reach.types(other);
        let mut changed = differs(own);
        for _ in 0..super::super::decision::DEEPEST_BOUNDS {
            let Some(bounds) = self.decider.bounds(types) else { break };
            types = bounds.types(types);
            changed |= differs(self.vectors(types));
        }
        changed
    }

    /// The decisions about some permissions with the boolean off, and on.
    pub(super) fn decide(&self, other: TypeId, permissions: u32) -> [Decision; 2] {
        self.decide_from(other, permissions, self.vectors(self.reach.types(other)))
    }

    /// The same, where `own` is what rules say about the types themselves.
    fn decide_from(&self, other: TypeId, permissions: u32, own: Vectors) -> [Decision; 2] {
        let own_types = self.reach.types(other);
        let context = PartialContext::of_type(other);
        let (source, target) = match self.reach.given {
            Given::Source => (self.domain, &context),
            Given::Target => (&context, self.domain),
        };
        let access = Access { source, target, class: self.class };
        let under = |state: usize| {
            self.decider.compute_from(&access, own_types, 0, &|types| {
                let vectors = if types == own_types { own } else { self.vectors(types) };
                let vector = both(vectors).get(state).copied().unwrap_or_default();
                AccessVector { allowed: vector.allowed & permissions, ..vector }
            })
        };
        [under(0), under(1)]
    }
}

/// What rules say with the boolean off, and on.
fn both([always, off, on]: Vectors) -> [AccessVector; 2] {
    [off, on].map(|vector| AccessVector {
        allowed: always.allowed | vector.allowed,
        auditallow: always.auditallow | vector.auditallow,
        dontaudit: always.dontaudit | vector.dontaudit,
    })
}

/// What a decision grants that another one does not.
fn gained(before: &Decision, after: &Decision) -> Switched {
    let granted = after.allowed & !before.allowed;
    Switched { granted, depends: after.possible & !before.possible & !granted }
}
