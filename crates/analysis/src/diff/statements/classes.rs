//! The classes and permissions of two policies in one list, by name.
//!
//! Access vectors of both sides are translated into one numbering of a class's permissions, in which they can be compared:
//! 64 bits, as each side has at most 32.

use avstore::Store;
use policydb::{ClassId, Name};

use super::side::Side;

/// A class of either policy, by its place in the list that they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedClass(pub(super) u32);

impl SharedClass {
    /// Its place.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The list.
#[derive(Debug)]
pub(super) struct SharedClasses<'p> {
    classes: Vec<Class<'p>>,
    /// The place of each class, by its index.
    places: [Vec<SharedClass>; 2],
    /// Of each class, by its index: what its bits mean.
    bits: [Vec<Bits>; 2],
}

#[derive(Debug)]
struct Class<'p> {
    name: Name<'p>,
    /// The permissions of both sides, by shared bit.
    permissions: Vec<Name<'p>>,
}

/// What the bits of an access vector mean.
#[derive(Debug)]
enum Bits {
    /// The same on both sides, as far as the class defines them.
    Same(u32),
    /// For each bit the shared ones.
    Other(Box<[u64; 32]>),
}

impl<'p> SharedClasses<'p> {
    pub(super) fn new(stores: [&Store<'p>; 2]) -> Self {
        let mut shared =
            SharedClasses { classes: Vec::new(), places: Default::default(), bits: Default::default() };
        let [left, right] = stores;
        for id in left.class_ids() {
            let place = shared.add(left.class_name(id));
            shared.add_permissions(Side::Left, left, id, place);
        }
        let n_left = shared.classes.len();
        for id in right.class_ids() {
            let name = right.class_name(id);
            let same = left.policy().class_named(name.as_bytes()).map(ClassId::index).filter(|&i| i < n_left);
            // Numbers without a class, which only forged policies have in rules, are the same where they are the same.
            let is_gap = |store: &Store<'_>| store.policy().class_name(id).is_none();
            let same = match is_gap(right) {
                true => Some(id.index()).filter(|&index| index < n_left && is_gap(left)),
                false => same,
            };
            let place = match same.and_then(|index| u32::try_from(index).ok()) {
                Some(index) => SharedClass(index),
                None => shared.add(name),
            };
            shared.add_permissions(Side::Right, right, id, place);
        }
        shared
    }

    fn add(&mut self, name: Name<'p>) -> SharedClass {
        let place = SharedClass(u32::try_from(self.classes.len()).unwrap_or(u32::MAX));
        self.classes.push(Class { name, permissions: Vec::new() });
        place
    }

    fn add_permissions(&mut self, side: Side, store: &Store<'p>, id: ClassId, place: SharedClass) {
        let (mut bits, mut is_same, mut defined) = ([0u64; 32], true, 0u32);
        if let Some(class) = self.classes.get_mut(place.0 as usize) {
            let mut own: Vec<_> = store.policy().permissions(id).collect();
            own.sort_by_key(|permission| permission.bit);
            for permission in own {
                let known = class.permissions.iter().position(|name| *name == permission.name);
                let bit = known.unwrap_or_else(|| {
                    class.permissions.push(permission.name);
                    class.permissions.len().saturating_sub(1)
                });
                // Beyond 64 names only a file is that gives one bit several.
                let shared = u32::try_from(bit).ok().and_then(|bit| 1u64.checked_shl(bit)).unwrap_or(0);
                if let Some(slot) = bits.get_mut(usize::from(permission.bit)) {
                    *slot |= shared;
                }
                is_same &= shared == 1 << permission.bit;
                defined |= 1 << permission.bit;
            }
        }
        let bits = if is_same { Bits::Same(defined) } else { Bits::Other(Box::new(bits)) };
        let [left, right] = &mut self.places;
        side.of([left, right]).push(place);
        let [left, right] = &mut self.bits;
        side.of([left, right]).push(bits);
    }

    /// The number of places.
    pub(super) fn len(&self) -> usize {
        self.classes.len()
    }

    /// The place of a side's class.
    pub(super) fn place(&self, side: Side, id: ClassId) -> SharedClass {
        // INVARIANT: every id of a policy has a place.
        let places = side.of([&self.places[0], &self.places[1]]);
        places.get(id.index()).copied().unwrap_or(SharedClass(u32::MAX))
    }

    /// The name.
    pub(super) fn name(&self, of: SharedClass) -> Name<'p> {
        self.classes.get(of.0 as usize).map_or(Name::new(b"<unnamed class>"), |class| class.name)
    }

    /// An access vector of a side's class in the shared numbering, without bits that the class does not define.
    pub(super) fn vector(&self, side: Side, id: ClassId, vector: u32) -> u64 {
        match side.of([&self.bits[0], &self.bits[1]]).get(id.index()) {
            Some(Bits::Same(defined)) => u64::from(vector & defined),
            Some(Bits::Other(bits)) => {
                let set = (0u32..).zip(bits.iter()).filter(|(bit, _)| vector >> bit & 1 == 1);
                set.fold(0, |vector, (_, shared)| vector | shared)
            }
            None => 0,
        }
    }

    /// The names of the permissions in a shared vector, sorted.
    pub(super) fn permissions(&self, of: SharedClass, vector: u64) -> Vec<Name<'p>> {
        let class = self.classes.get(of.0 as usize);
        let all = class.map_or(&[][..], |class| &class.permissions);
        let set = (0u32..64).zip(all).filter(|(bit, _)| vector >> bit & 1 == 1);
        let mut names: Vec<_> = set.map(|(_, name)| *name).collect();
        names.sort_unstable();
        names
    }
}
