//! Types that the constraints of a class cannot tell apart, so that one decision stands for many pairs of types.
//!
//! Two types are alike for a class if every set of types, and every set of roles, that its constraints name has both or neither,
//! whatever else was left open. A bounded type is like no other: rules about its bound decide too. O(types × constraints of
//! the class) once a class; a decision for each pair of kinds that is asked about.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use avstore::{AccessVector, Field, Leaf, Step, TypeSet};
use policydb::{ClassId, TypeId};

use super::constraint_value::of_all_roles;
use super::{Access, Decider};
use crate::context::PartialContext;

/// What constraints leave possible between types, all else being as two contexts have it: the same users, roles and levels for all.
#[derive(Debug)]
pub(crate) struct Possible<'a, 's, 'p> {
    decider: &'a Decider<'s, 'p>,
    /// The contexts, whose types do not matter.
    sides: (PartialContext, PartialContext),
    bounded: TypeSet,
    /// By class index.
    classes: Vec<OnceLock<ClassKinds>>,
}

/// The types of a class's constraints by kind.
#[derive(Debug)]
struct ClassKinds {
    /// By type index.
    kind_of: Vec<u32>,
    /// The types of each kind.
    rows: Vec<TypeSet>,
    /// Permissions that are possible between two kinds, where somebody asked.
    possible: Mutex<HashMap<(u32, u32), u32>>,
    /// Permissions that no pair of types is refused for certain; `None` where there are too many kinds to say.
    free: Option<u32>,
}

impl ClassKinds {
    fn known(&self, key: (u32, u32)) -> Option<u32> {
        self.possible.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    fn remember(&self, key: (u32, u32), possible: u32) {
        self.possible.lock().unwrap_or_else(PoisonError::into_inner).insert(key, possible);
    }
}

/// From how many kinds on not every pair of them is decided in advance.
const MANY: usize = 24;

impl<'a, 's, 'p> Possible<'a, 's, 'p> {
    /// Nothing is computed yet but which types are bounded. O(types).
    pub(crate) fn of(decider: &'a Decider<'s, 'p>, sides: (PartialContext, PartialContext)) -> Self {
        let store = decider.store();
        let mut bounded = store.empty_set();
        store.type_ids().filter(|id| decider.bounds((*id, *id)).is_some()).for_each(|id| bounded.insert(id));
        let n_classes = store.policy().n_classes();
        Possible { decider, sides, bounded, classes: (0..n_classes).map(|_| OnceLock::new()).collect() }
    }

    /// Permissions of a class that constraints, and bounds, do not refuse for certain to a type on another.
    pub(crate) fn permissions(&self, class: ClassId, source: TypeId, target: TypeId) -> u32 {
        if self.is_bounded(source) {
            return self.decided(class, source, target);
        }
        let Some(kinds) = self.kinds(class) else { return u32::MAX };
        let kind = |id: TypeId| kinds.kind_of.get(id.index()).copied().unwrap_or_default();
        let key = (kind(source), kind(target));
        if key.0 == key.1 && source == target {
            return self.decided(class, source, target);
        }
        if let Some(known) = kinds.known(key) {
            return known;
        }
        let possible = self.decided(class, source, target);
        kinds.remember(key, possible);
        possible
    }

    /// Whether constraints and bounds leave some permission of a mask possible to every pair of types, so that nobody need ask.
    pub(crate) fn is_free(&self, class: ClassId, permissions: u32) -> bool {
        self.kinds(class).is_none_or(|kinds| kinds.free.is_some_and(|free| free & permissions != 0))
    }

    /// Whether a bounding type decides too.
    pub(crate) fn is_bounded(&self, id: TypeId) -> bool {
        self.bounded.contains(id)
    }

    /// Of some types, those for which one of `permissions` is possible from, or to, a type.
    pub(crate) fn retain(
        &self,
        class: ClassId,
        permissions: u32,
        near: TypeId,
        is_source: bool,
        far: &mut TypeSet,
    ) {
        let ask = |other: TypeId| {
            let (source, target) = if is_source { (near, other) } else { (other, near) };
            self.permissions(class, source, target) & permissions != 0
        };
        if is_source && self.is_bounded(near) {
            let asked: Vec<TypeId> = far.iter().collect();
            return asked.into_iter().filter(|other| !ask(*other)).for_each(|other| far.remove(other));
        }
        let Some(kinds) = self.kinds(class) else { return };
        // Whether the type is compared with itself is a question of its own.
        let itself = far.contains(near);
        far.remove(near);
        for row in &kinds.rows {
            let mut alike = row.clone();
            alike.intersect(far);
            if alike.iter().next().is_some_and(|other| !ask(other)) {
                far.subtract(&alike);
            }
        }
        if itself && ask(near) {
            far.insert(near);
        }
    }

    fn decided(&self, class: ClassId, source: TypeId, target: TypeId) -> u32 {
        let from = PartialContext { r#type: source, ..self.sides.0.clone() };
        let to = PartialContext { r#type: target, ..self.sides.1.clone() };
        let access = Access { source: &from, target: &to, class };
        let decision = self.decider.decide_from(&access, &|types| match types == (source, target) {
            true => AccessVector { allowed: u32::MAX, ..AccessVector::default() },
            false => self.decider.vector(types.0, types.1, class),
        });
        decision.possible
    }

    /// The kinds of types of a class; `None` if nothing constrains it.
    fn kinds(&self, class: ClassId) -> Option<&ClassKinds> {
        let slot = self.classes.get(class.index())?;
        let kinds = slot.get_or_init(|| {
            let mut kinds = self.tell_apart(class);
            kinds.free = self.free(class, &kinds);
            kinds
        });
        let unconstrained = self.decider.constraints(class).is_empty()
            && self.decider.role_checked_permissions(class) == 0
            && kinds.rows.len() <= 1;
        (!unconstrained).then_some(kinds)
    }

    fn tell_apart(&self, class: ClassId) -> ClassKinds {
        let store = self.decider.store();
        let rules = self.decider.context_rules();
        let mut kind_of = vec![0; store.policy().n_types()];
        let mut rows: Vec<TypeSet> = Vec::new();
        let mut known: HashMap<Vec<Option<bool>>, u32> = HashMap::new();
        for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
            let mut key = Vec::new();
            for constraint in self.decider.constraints(class) {
                for (at, step) in constraint.steps.iter().enumerate() {
                    match step {
                        Step::Leaf(Leaf::Names(_, Field::Type, _, names)) => {
                            let row = constraint.rows.get(at).and_then(Option::as_ref);
                            let is_in = row.map_or_else(|| names.ids.contains(id.index()), |row| row.contains(id));
                            key.push(Some(is_in));
                        }
                        Step::Leaf(Leaf::Names(_, Field::Role, _, names)) => {
                            key.push(of_all_roles(rules, id, |role| names.ids.contains(role.index())));
                        }
                        _ => {}
                    }
                }
            }
            if self.is_bounded(id) {
                key.extend((0..32).map(|bit| Some(id.value() >> bit & 1 == 1)));
            }
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            let kind = *known.entry(key).or_insert(next);
            if kind == next {
                rows.push(store.empty_set());
            }
            if let (Some(slot), Some(row)) = (kind_of.get_mut(id.index()), rows.get_mut(kind as usize)) {
                *slot = kind;
                row.insert(id);
            }
        }
        ClassKinds { kind_of, rows, possible: Mutex::default(), free: None }
    }

    /// What every pair of types may have, if there are few kinds of them.
    fn free(&self, class: ClassId, kinds: &ClassKinds) -> Option<u32> {
        if kinds.rows.len() > MANY {
            return None;
        }
        let mut free = u32::MAX;
        for source in &kinds.rows {
            for target in &kinds.rows {
                // Two that are not one and the same, where the kinds are.
                let source = source.iter().next()?;
                let other = target.iter().find(|id| *id != source).unwrap_or(source);
                if self.is_bounded(source) {
                    return Some(0);
                }
                let possible = self.decided(class, source, other);
                let key = |id: TypeId| kinds.kind_of.get(id.index()).copied().unwrap_or_default();
                if source != other {
                    kinds.remember((key(source), key(other)), possible);
                }
                free &= possible;
            }
        }
        Some(free)
    }
}
