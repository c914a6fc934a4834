//! Types that the constraints of a class cannot tell apart, so that one decision stands for many pairs of types.
//!
//! Two types are alike for a class if every set of types, and every set of roles, that its constraints name has both or neither,
//! whatever else was left open. A bounded type is like no other: rules about its bound decide too. O(types × constraints of
//! the class) once a class; a decision for each pair of kinds that is asked about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use avstore::{AccessVector, Field, Leaf, Step, TypeSet};
use policydb::{ClassId, Ebitmap, TypeId};

use super::constraint_value::of_all_roles;
use super::{Access, Decider};
use crate::context::PartialContext;

/// What constraints leave possible between types, all else being as two contexts have it: the same users, roles and levels for all.
#[derive(Debug)]
pub(crate) struct Possible<'a, 's, 'p> {
    decider: &'a Decider<'s, 'p>,
    /// The contexts, whose types do not matter.
    sides: (PartialContext, PartialContext),
    types: TypeSet,
    /// Types that are bounded, if what bounds them is asked.
    bounded: TypeSet,
    /// By sets of roles: the types of which all roles, and those of which none, are in it.
    by_roles: Mutex<HashMap<Vec<u32>, Arc<[TypeSet; 2]>>>,
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
        let (mut types, mut bounded) = (store.empty_set(), store.empty_set());
        for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
            types.insert(id);
            if decider.bounds((id, id)).is_some() {
                bounded.insert(id);
            }
        }
        let classes = (0..store.policy().n_classes()).map(|_| OnceLock::new()).collect();
        Possible { decider, sides, types, bounded, by_roles: Mutex::default(), classes }
    }

    /// From here on what bounds types is not asked.
    pub(crate) fn open_bounds(&mut self) {
        self.bounded = self.decider.store().empty_set();
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

    /// Types that stand for all of a set in questions about a class: two of each kind, because a type may be special to itself.
    pub(crate) fn representatives(&self, class: ClassId, types: &TypeSet) -> Vec<TypeId> {
        match self.kinds(class) {
            None => types.iter().take(2).collect(),
            Some(kinds) => {
                let of_kind = |row: &TypeSet| {
                    let mut row = row.clone();
                    row.intersect(types);
                    row.iter().take(2).collect::<Vec<TypeId>>()
                };
                kinds.rows.iter().flat_map(of_kind).collect()
            }
        }
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
            false if self.bounded.is_empty() => AccessVector { allowed: u32::MAX, ..AccessVector::default() },
            false => self.decider.vector(types.0, types.1, class),
        });
        decision.possible
    }

    /// The kinds of types of a class; `None` if nothing constrains it, and nothing bounds any type.
    fn kinds(&self, class: ClassId) -> Option<&ClassKinds> {
        let slot = self.classes.get(class.index())?;
        let is_constrained = !self.decider.constraints(class).is_empty()
            || self.decider.role_checked_permissions(class) != 0
            || !self.bounded.is_empty();
        is_constrained.then(|| {
            slot.get_or_init(|| {
                let mut kinds = self.tell_apart(class);
                kinds.free = self.free(class, &kinds);
                kinds
            })
        })
    }

    /// Parts the types by each set that the constraints name, one after the other.
    fn tell_apart(&self, class: ClassId) -> ClassKinds {
        let store = self.decider.store();
        let mut rows = vec![self.types.clone()];
        for constraint in self.decider.constraints(class) {
            for (at, step) in constraint.steps.iter().enumerate() {
                match step {
                    Step::Leaf(Leaf::Names(_, Field::Type, _, names)) => {
                        match constraint.rows.get(at).and_then(Option::as_ref) {
                            Some(row) => part(&mut rows, row),
                            None => {
                                let mut row = store.empty_set();
                                row.insert_all(names.ids);
                                part(&mut rows, &row);
                            }
                        }
                    }
                    Step::Leaf(Leaf::Names(_, Field::Role, _, names)) => {
                        for row in self.by_roles(names.ids).iter() {
                            part(&mut rows, row);
                        }
                    }
                    _ => {}
                }
            }
        }
        for id in self.bounded.iter() {
            let mut row = store.empty_set();
            row.insert(id);
            part(&mut rows, &row);
        }
        let mut kind_of = vec![0; store.policy().n_types()];
        for (kind, row) in (0u32..).zip(&rows) {
            for id in row.iter() {
                if let Some(slot) = kind_of.get_mut(id.index()) {
                    *slot = kind;
                }
            }
        }
        ClassKinds { kind_of, rows, possible: Mutex::default(), free: None }
    }

    /// The types of which all roles, and those of which none, are in a set.
    fn by_roles(&self, roles: Ebitmap<'_>) -> Arc<[TypeSet; 2]> {
        let key: Vec<u32> = roles.bits().collect();
        let mut known = self.by_roles.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = known.entry(key).or_insert_with(|| {
            let store = self.decider.store();
            let mut rows = [store.empty_set(), store.empty_set()];
            for id in self.types.iter() {
                let holds = |role: policydb::RoleId| roles.contains(role.index());
                let [all, none] = &mut rows;
                match of_all_roles(self.decider.context_rules(), id, holds) {
                    Some(true) => all.insert(id),
                    Some(false) => none.insert(id),
                    None => {}
                }
            }
            Arc::new(rows)
        });
        Arc::clone(rows)
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

/// Parts each of some sets of types into those that are in another and those that are not.
fn part(rows: &mut Vec<TypeSet>, by: &TypeSet) {
    for at in 0..rows.len() {
        let Some(row) = rows.get_mut(at) else { return };
        let mut inside = row.clone();
        inside.intersect(by);
        if inside.is_empty() {
            continue;
        }
        let mut outside = row.clone();
        outside.subtract(by);
        if !outside.is_empty() {
            *row = inside;
            rows.push(outside);
        }
    }
}
