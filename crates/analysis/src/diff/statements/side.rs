//! The two sides of a comparison, and what a comparison finds.

use std::borrow::Cow;

/// One of two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The old one: what only it has was removed.
    Left,
    /// The new one: what only it has was added.
    Right,
}

impl Side {
    /// Both, the old one first.
    pub const BOTH: [Side; 2] = [Side::Left, Side::Right];

    /// Of two things, the one of this side.
    pub fn of<T>(self, pair: [T; 2]) -> T {
        let [left, right] = pair;
        match self {
            Side::Left => left,
            Side::Right => right,
        }
    }
}

/// What a comparison of one kind of statement found: `T` is a statement of one policy, `M` one that both have, and that
/// differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<T, M> {
    /// What only the new policy has.
    pub added: Vec<T>,
    /// What only the old policy has.
    pub removed: Vec<T>,
    /// What both have, and have otherwise.
    pub modified: Vec<M>,
}

impl<T, M> Default for Changes<T, M> {
    fn default() -> Self {
        Changes { added: Vec::new(), removed: Vec::new(), modified: Vec::new() }
    }
}

impl<T, M> Changes<T, M> {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.modified.is_empty()
    }

    /// The number of changes.
    pub fn len(&self) -> usize {
        self.added.len().saturating_add(self.removed.len()).saturating_add(self.modified.len())
    }

    /// The statements that only one side has.
    pub fn only_on(&mut self, side: Side) -> &mut Vec<T> {
        match side {
            Side::Left => &mut self.removed,
            Side::Right => &mut self.added,
        }
    }
}

/// A name that can be that of something without one, such as an attribute before version 24.
pub type Bytes<'p> = Cow<'p, [u8]>;

/// A set of names of which some came and some went. Sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetChange<'p> {
    /// The names that only the new policy has.
    pub added: Vec<Bytes<'p>>,
    /// The names that only the old policy has.
    pub removed: Vec<Bytes<'p>>,
}

impl<'p> SetChange<'p> {
    /// Compares two sets, which may come in any order and repeat names. O(n log n).
    pub(super) fn between(mut left: Vec<Bytes<'p>>, mut right: Vec<Bytes<'p>>) -> Self {
        for names in [&mut left, &mut right] {
            names.sort_unstable();
            names.dedup();
        }
        let without = |names: &[Bytes<'p>], other: &[Bytes<'p>]| {
            names.iter().filter(|name| other.binary_search(name).is_err()).cloned().collect()
        };
        SetChange { added: without(&right, &left), removed: without(&left, &right) }
    }

    /// Whether the sets are equal.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Something with a name, of which a set of other names differs: permissions of a class, types of a role, ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedChange<'p> {
    /// Its name.
    pub name: Bytes<'p>,
    /// What came into the set, and what went.
    pub set: SetChange<'p>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_compared_whatever_their_order() {
        let names = |text: &'static str| text.split(' ').map(|name| Cow::Borrowed(name.as_bytes())).collect();
        let change = SetChange::between(names("c a b a"), names("b d"));
        assert_eq!(change.removed, [&b"a"[..], b"c"]);
        assert_eq!(change.added, [&b"d"[..]]);
        assert!(SetChange::between(names("a b"), names("b a a")).is_empty());
    }
}
