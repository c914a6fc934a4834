//! Changes as people read them: all types with the same change in one line, by the attributes that rules name.
//!
//! O(changes × attributes of a type).

use std::collections::BTreeMap;

use avstore::{Grouped, Store};
use policydb::{ClassId, TypeId};

use super::{AccessChange, Switched};

/// Types, and the attributes that make them up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeGroup {
    /// All of them, ascending.
    pub types: Vec<TypeId>,
    /// Attributes that rules of the boolean name and that have all or most of their types here; whole ones first, and
    /// large ones.
    pub attributes: Vec<AttributePart>,
    /// The types that have none of these attributes.
    pub rest: Vec<TypeId>,
}

/// An attribute of which types are in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributePart {
    /// The attribute.
    pub attribute: TypeId,
    /// How many of its types are here.
    pub here: usize,
    /// How many it has.
    pub members: usize,
}

impl AttributePart {
    /// Whether all its types are here.
    pub fn is_whole(&self) -> bool {
        self.here == self.members
    }
}

/// What an attribute must save the reader to be named although it is not whole.
const WORTH_NAMING: usize = 8;

/// Types with the same change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessGroup {
    /// The other side.
    pub others: TypeGroup,
    /// The class.
    pub class: ClassId,
    /// The permissions.
    pub permissions: Switched,
}

/// Changes of one kind: each, and in groups.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// By class, then by type.
    pub each: Vec<AccessChange>,
    /// What there is only with the boolean on.
    pub adds: Vec<AccessGroup>,
    /// What there is only with it off.
    pub takes: Vec<AccessGroup>,
}

impl Changes {
    pub(super) fn of(store: &Store<'_>, members: &Grouped<TypeId>, each: Vec<AccessChange>) -> Self {
        let grouped = |part: fn(&AccessChange) -> Switched| {
            let mut groups: BTreeMap<(ClassId, u32, u32), Vec<TypeId>> = BTreeMap::new();
            for change in &each {
                let Switched { granted, depends } = part(change);
                if granted | depends != 0 {
                    groups.entry((change.class, granted, depends)).or_default().push(change.other);
                }
            }
            let group = |((class, granted, depends), types)| AccessGroup {
                others: TypeGroup::of(store, members, types),
                class,
                permissions: Switched { granted, depends },
            };
            groups.into_iter().map(group).collect()
        };
        Changes { adds: grouped(|change| change.adds), takes: grouped(|change| change.takes), each }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }
}

impl TypeGroup {
    /// Groups types, which ascend, by attributes of which `members` has the types.
    pub(super) fn of(store: &Store<'_>, members: &Grouped<TypeId>, types: Vec<TypeId>) -> Self {
        if types.len() < 2 {
            return TypeGroup { rest: types.clone(), attributes: Vec::new(), types };
        }
        let attributes_of = |id: TypeId| store.policy().attributes_of(id).bits().map(TypeId::from_index);
        let mut counts: BTreeMap<TypeId, usize> = BTreeMap::new();
        for attribute in types.iter().flat_map(|id| attributes_of(*id)) {
            if members.count(attribute.index()) > 1 && store.is_attribute(attribute) {
                *counts.entry(attribute).or_default() += 1;
            }
        }
        let part = |(attribute, here): (TypeId, usize)| {
            let members = members.count(attribute.index());
            // Most of a large one stands for itself, too: the others may have the access already.
            let counts = here == members || (here >= members / 4 * 3 && here > WORTH_NAMING);
            counts.then_some(AttributePart { attribute, here, members })
        };
        let mut parts: Vec<AttributePart> = counts.into_iter().filter_map(part).collect();
        parts.sort_by_key(|part| {
            (!part.is_whole(), std::cmp::Reverse(part.here), part.members, part.attribute)
        });
        let mut here = store.empty_set();
        types.iter().for_each(|id| here.insert(*id));
        let mut covered = store.empty_set();
        let mut attributes = Vec::new();
        for part in parts {
            let of_attribute = || members.get(part.attribute.index()).iter().filter(|id| here.contains(**id));
            // One that adds nothing to larger ones need not be named.
            let new = of_attribute().filter(|id| !covered.contains(**id)).count();
            if new > if part.is_whole() { 0 } else { WORTH_NAMING } {
                of_attribute().for_each(|id| covered.insert(*id));
                attributes.push(part);
            }
        }
        let rest = types.iter().copied().filter(|id| !covered.contains(*id)).collect();
        TypeGroup { types, attributes, rest }
    }
}
