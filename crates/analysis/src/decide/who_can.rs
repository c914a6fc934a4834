//! All types that are granted something: not those that a rule names, but those for which it is granted.
//!
//! One scan of the rules finds the types for which rules grant it; then each is decided. O(rules + candidates).

use avstore::{AccessVector, TypeSet};
use policydb::{ClassId, RuleKind, TypeId};

use super::{Access, Decider};
use crate::context::PartialContext;

/// Which side is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Who can do it to the given target?
    Sources,
    /// To what can the given source do it?
    Targets,
}

/// A type that is granted all that was asked for, or some of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The type.
    pub id: TypeId,
    /// The permissions that are granted whatever is left open.
    pub granted: u32,
    /// The permissions that some choice of what is left open grants.
    pub possible: u32,
    /// Whether denials do not stop it: the source is permissive.
    pub permissive: bool,
}

impl Decider<'_, '_> {
    /// The types that may have all of `permissions` on the side that is sought, the other side being `given`; in
    /// the order of their ids. With `any`, one of the permissions is enough.
    pub fn who_can(
        &self,
        sought: Sought,
        given: &PartialContext,
        class: ClassId,
        permissions: u32,
        any: bool,
    ) -> Vec<Grant> {
        let enough =
            |found: u32| if any { found & permissions != 0 } else { found & permissions == permissions };
        let candidates = self.candidates(sought, given.r#type, class, permissions, any);
        let found = candidates.iter().filter_map(|id| {
            let other = PartialContext::of_type(id);
            let access = match sought {
                Sought::Sources => Access { source: &other, target: given, class },
                Sought::Targets => Access { source: given, target: &other, class },
            };
            let decision = if any {
                self.decide(&access)
            } else {
                // Rules grant a candidate all of the permissions, and nothing else is asked.
                let types = (access.source.r#type, access.target.r#type);
                self.decide_from(&access, &|pair| match pair == types {
                    true => AccessVector { allowed: permissions, ..AccessVector::default() },
                    false => self.vector(pair.0, pair.1, class),
                })
            };
            enough(decision.possible).then_some(Grant {
                id,
                granted: decision.allowed & permissions,
                possible: decision.possible & permissions,
                permissive: decision.permissive,
            })
        });
        found.collect()
    }

    /// Types to which rules in force grant the permissions, or with `any` one of them.
    pub(crate) fn candidates(
        &self,
        sought: Sought,
        given: TypeId,
        class: ClassId,
        permissions: u32,
        any: bool,
    ) -> TypeSet {
        let given_symbols = self.overlay.symbols_of(self.store, given);
        // For each permission, the symbols on the sought side of rules that grant it.
        let mut symbols: Vec<TypeSet> = Vec::new();
        let mut bits: Vec<u32> = Vec::new();
        for bit in (0..32).filter(|bit| permissions >> bit & 1 == 1) {
            bits.push(1 << bit);
            symbols.push(self.store.empty_set());
        }
        let mut add = |symbol: TypeId, granted: u32| {
            for (bit, set) in bits.iter().zip(&mut symbols) {
                if granted & bit != 0 {
                    set.insert(symbol);
                }
            }
        };
        super::rules::for_each_in_force(self, class, |rule| {
            let (side, other) = match sought {
                Sought::Sources => (rule.source(), rule.target()),
                Sought::Targets => (rule.target(), rule.source()),
            };
            if rule.kind() == RuleKind::Allow && given_symbols.contains(other) {
                add(side, rule.permissions());
            }
        });
        for rule in self.overlay.allows.iter().filter(|rule| rule.class == class) {
            match (sought, rule.target) {
                (Sought::Sources, Some(target)) if given_symbols.contains(target) => {
                    add(rule.source, rule.permissions)
                }
                (Sought::Targets, Some(target)) if given_symbols.contains(rule.source) => {
                    add(target, rule.permissions)
                }
                // `self`: the type itself, if the rule is about it.
                (_, None) if given_symbols.contains(rule.source) => add(given, rule.permissions),
                _ => {}
            }
        }
        let members: Vec<TypeSet> = symbols.iter().map(|set| self.members_of_all(set)).collect();
        let mut candidates = self.store.empty_set();
        for id in self.store.type_ids().filter(|id| !self.store.is_attribute(*id)) {
            let mut has = members.iter().map(|set| set.contains(id));
            if if any { has.any(|has| has) } else { has.all(|has| has) } {
                candidates.insert(id);
            }
        }
        candidates
    }

    /// The types that symbols stand for. O(types).
    fn members_of_all(&self, symbols: &TypeSet) -> TypeSet {
        let mut members = self.store.empty_set();
        for id in self.store.type_ids() {
            let added = || self.overlay.attributes_added(id).any(|attribute| symbols.contains(attribute));
            if symbols.contains(id) || symbols.intersects(self.store.policy().attributes_of(id)) || added() {
                members.insert(id);
            }
        }
        members
    }
}
