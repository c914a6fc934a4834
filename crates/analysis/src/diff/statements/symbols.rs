//! What is declared by name: commons, classes, booleans, roles, types, attributes, users, capabilities, and properties of the
//! whole policy. Each is compared by what belongs to it, by name. Source: SETools' `commons.py`, `objclass.py`, `bool.py`,
//! `roles.py`, `types.py`, `typeattr.py`, `users.py`, `polcap.py` and `properties.py`.

use std::collections::{HashMap, HashSet};

use avstore::{capability_name, level_bytes, range_bytes};
use policydb::{ClassId, Ebitmap, Name, RoleId, TypeId, User};

use super::Comparison;
use super::levels::SameLevels;
use super::row::{Row, SharedType};
use super::side::{Bytes, Changes, NamedChange, SetChange, Side};

/// A property of a whole policy that is not the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyChange {
    /// What becomes of classes and permissions that the policy does not define.
    HandleUnknown([policydb::HandleUnknown; 2]),
    /// Whether there are levels.
    Mls([bool; 2]),
    /// The version of the format.
    Version([u32; 2]),
}

/// A boolean whose default is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BooleanChange<'p> {
    /// Its name.
    pub name: Bytes<'p>,
    /// Its state, old and new.
    pub states: [bool; 2],
}

/// A type that is declared otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeChange<'p> {
    /// Its name.
    pub name: Bytes<'p>,
    /// Its attributes.
    pub attributes: SetChange<'p>,
    /// Its other names.
    pub aliases: SetChange<'p>,
    /// Whether it is permissive, old and new.
    pub permissive: [bool; 2],
}

/// A user who is declared otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange<'p> {
    /// The name.
    pub name: Bytes<'p>,
    /// The roles, but for `object_r`.
    pub roles: SetChange<'p>,
    /// The default level, old and new, if that changed; `None` in a policy without levels.
    pub level: Option<[Option<Vec<u8>>; 2]>,
    /// The range, likewise.
    pub range: Option<[Option<Vec<u8>>; 2]>,
}

/// Things of both sides, told apart by a name; `both` sees those that both sides have. Of several of one name on one side the
/// first counts, as in a set. O(n).
pub(super) fn by_name<'p, T, M>(
    left: impl Iterator<Item = (Bytes<'p>, T)>,
    right: impl Iterator<Item = (Bytes<'p>, T)>,
    mut both: impl FnMut(Bytes<'p>, T, T) -> Option<M>,
) -> Changes<(Bytes<'p>, T), M> {
    let mut places: HashMap<Bytes<'p>, usize> = HashMap::new();
    let mut old: Vec<Option<(Bytes<'p>, T)>> = Vec::new();
    for (name, of) in left {
        places.entry(name.clone()).or_insert_with(|| {
            old.push(Some((name, of)));
            old.len().saturating_sub(1)
        });
    }
    let (mut changes, mut seen) = (Changes::default(), HashSet::new());
    for (name, of) in right {
        if !seen.insert(name.clone()) {
            continue;
        }
        match places.get(&name).and_then(|&place| old.get_mut(place)?.take()) {
            Some((name, old)) => changes.modified.extend(both(name, old, of)),
            None => changes.added.push((name, of)),
        }
    }
    changes.removed = old.into_iter().flatten().collect();
    changes
}

/// The same, where of what only one side has no more than the name is of interest.
fn names_only<'p, T, M>(changes: Changes<(Bytes<'p>, T), M>) -> Changes<Bytes<'p>, M> {
    let names = |named: Vec<(Bytes<'p>, T)>| named.into_iter().map(|(name, _)| name).collect();
    Changes { added: names(changes.added), removed: names(changes.removed), modified: changes.modified }
}

fn named_change<'p>(name: Bytes<'p>, set: SetChange<'p>) -> Option<NamedChange<'p>> {
    (!set.is_empty()).then_some(NamedChange { name, set })
}

fn bytes(name: Name<'_>) -> Bytes<'_> {
    Bytes::Borrowed(name.as_bytes())
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Properties of the whole policy.
    pub fn properties(&self) -> Vec<PropertyChange> {
        let [old, new] = Side::BOTH.map(|side| self.policy(side).header());
        let mut changes = Vec::new();
        if old.mls != new.mls {
            changes.push(PropertyChange::Mls([old.mls, new.mls]));
        }
        if old.handle_unknown != new.handle_unknown {
            changes.push(PropertyChange::HandleUnknown([old.handle_unknown, new.handle_unknown]));
        }
        if old.format.version != new.format.version {
            changes.push(PropertyChange::Version([old.format.version, new.format.version]));
        }
        changes
    }

    /// Commons, by their permissions.
    pub fn commons(&self) -> Changes<Bytes<'p>, NamedChange<'p>> {
        let of = |side: Side| {
            self.policy(side).commons().1.iter().map(|common| {
                let names = common.permissions.iter().map(|permission| bytes(permission.name));
                (bytes(common.name), names.collect::<Vec<_>>())
            })
        };
        let changes = by_name(of(Side::Left), of(Side::Right), |name, left, right| {
            named_change(name, SetChange::between(left, right))
        });
        names_only(changes)
    }

    /// Classes, by their permissions, inherited ones included.
    pub fn classes(&self) -> Changes<Bytes<'p>, NamedChange<'p>> {
        let of = |side: Side| {
            let policy = self.policy(side);
            policy.classes().1.iter().map(move |class| {
                let permissions = ClassId::from_value(class.value).map(|id| policy.permissions(id));
                let names = permissions.into_iter().flatten().map(|permission| bytes(permission.name));
                (bytes(class.name), names.collect::<Vec<_>>())
            })
        };
        let changes = by_name(of(Side::Left), of(Side::Right), |name, left, right| {
            named_change(name, SetChange::between(left, right))
        });
        names_only(changes)
    }

    /// Booleans, by their defaults.
    pub fn booleans(&self) -> Changes<Bytes<'p>, BooleanChange<'p>> {
        let of = |side: Side| {
            let records = self.policy(side).booleans().into_iter().flat_map(|(_, records)| records.iter());
            records.map(|boolean| (bytes(boolean.name), boolean.state))
        };
        let changes = by_name(of(Side::Left), of(Side::Right), |name, left, right| {
            (left != right).then_some(BooleanChange { name, states: [left, right] })
        });
        names_only(changes)
    }

    /// Roles, by their types.
    pub fn roles(&self) -> Changes<Bytes<'p>, NamedChange<'p>> {
        let of = |side: Side| self.policy(side).roles().1.iter().map(|role| (bytes(role.name), role.types));
        let changes = by_name(of(Side::Left), of(Side::Right), |name, left, right| {
            named_change(name, self.changed_types(left, right))
        });
        names_only(changes)
    }

    /// What came into a set of types, and what went.
    fn changed_types(&self, left: Ebitmap<'_>, right: Ebitmap<'_>) -> SetChange<'p> {
        let mut rows = [(Side::Left, left), (Side::Right, right)].map(|(side, types)| {
            let mut row = self.types.empty_row();
            types.bits().for_each(|bit| row.insert(self.types.place(side, TypeId::from_index(bit))));
            row
        });
        let [left, right] = &mut rows;
        let names = |row: &Row, without: &Row| {
            let only = row.iter().filter(|of| !without.contains(*of));
            let mut names: Vec<Bytes<'p>> = only.map(|of| self.types.name(of)).collect();
            names.sort_unstable();
            names
        };
        SetChange { added: names(right, left), removed: names(left, right) }
    }

    /// Types, by their attributes, their aliases, and whether they are permissive.
    pub fn types(&self) -> Changes<Bytes<'p>, TypeChange<'p>> {
        let aliases = Side::BOTH.map(|side| {
            let policy = self.policy(side);
            let pairs = policy.type_aliases().map(|(alias, id)| (id.index(), alias));
            avstore::Grouped::new(policy.n_types(), pairs)
        });
        let mut changes = Changes::default();
        for of in self.types.iter().filter(|of| self.types.is_type(*of)) {
            let [left, right] = Side::BOTH.map(|side| self.types.id(side, of));
            let name = || self.types.name(of);
            let (old, new) = match (left, right) {
                (Some(old), Some(new)) => (old, new),
                (Some(_), None) => {
                    changes.removed.push(name());
                    continue;
                }
                (None, _) => {
                    changes.added.push(name());
                    continue;
                }
            };
            let [old_aliases, new_aliases] = &aliases;
            let names = |aliases: &[Name<'p>]| aliases.iter().map(|alias| bytes(*alias)).collect();
            let is_permissive =
                |side: Side, id: TypeId| self.policy(side).permissive_types().contains(id.value() as usize);
            let change = TypeChange {
                name: name(),
                attributes: self.changed_attributes(of),
                aliases: SetChange::between(
                    names(old_aliases.get(old.index())),
                    names(new_aliases.get(new.index())),
                ),
                permissive: [is_permissive(Side::Left, old), is_permissive(Side::Right, new)],
            };
            let [was, is] = change.permissive;
            if was != is || !change.attributes.is_empty() || !change.aliases.is_empty() {
                changes.modified.push(change);
            }
        }
        changes
    }

    fn changed_attributes(&self, of: SharedType) -> SetChange<'p> {
        let [left, right] = Side::BOTH.map(|side| self.types.symbols(side, of));
        if left == right {
            return SetChange::default();
        }
        let names = |symbols: &[SharedType]| {
            let attributes = symbols.iter().filter(|symbol| **symbol != of);
            attributes.map(|symbol| self.types.name(*symbol)).collect()
        };
        SetChange::between(names(left), names(right))
    }

    /// Attributes, by their types.
    pub fn attributes(&self) -> Changes<Bytes<'p>, NamedChange<'p>> {
        let mut changes = Changes::default();
        for of in self.types.iter().filter(|of| !self.types.is_type(*of)) {
            let [left, right] = Side::BOTH.map(|side| self.types.has_attribute(side, of));
            match (left, right) {
                (true, true) if self.types.differ(of) => {
                    let [left, right] = Side::BOTH.map(|side| {
                        let mut names = Vec::new();
                        self.types.for_each_member(side, of, |member| names.push(self.types.name(member)));
                        names
                    });
                    changes
                        .modified
                        .extend(named_change(self.types.name(of), SetChange::between(left, right)));
                }
                (true, false) => changes.removed.push(self.types.name(of)),
                (false, true) => changes.added.push(self.types.name(of)),
                _ => {}
            }
        }
        changes
    }

    /// Users, by their roles, their default level and their range.
    pub fn users(&self) -> Changes<Bytes<'p>, UserChange<'p>> {
        let of = |side: Side| self.policy(side).users().1.iter().map(|user| (bytes(user.name), user));
        let levels = SameLevels::new(self);
        let changes = by_name(of(Side::Left), of(Side::Right), |name, left, right| {
            let [old_roles, new_roles] =
                [(Side::Left, &left), (Side::Right, &right)].map(|(side, user)| self.roles_of(side, user));
            let levels_of =
                |side: Side, user: &User<'p>| user.levels.filter(|_| self.policy(side).header().mls);
            let (old, new) = (levels_of(Side::Left, &left), levels_of(Side::Right, &right));
            let same = |same: &dyn Fn() -> bool| match (&old, &new) {
                (Some(_), Some(_)) => same(),
                (None, None) => true,
                _ => false,
            };
            let same_level =
                same(&|| old.zip(new).is_some_and(|((_, old), (_, new))| levels.level(self, old, new)));
            let same_range =
                same(&|| old.zip(new).is_some_and(|((old, _), (new, _))| levels.range(self, old, new)));
            let names = self.reading.names;
            let level = (!same_level).then(|| {
                [
                    old.map(|(_, level)| level_bytes(self.policy(Side::Left), level, names)),
                    new.map(|(_, level)| level_bytes(self.policy(Side::Right), level, names)),
                ]
            });
            let range = (!same_range).then(|| {
                [
                    old.map(|(range, _)| range_bytes(self.policy(Side::Left), range, names)),
                    new.map(|(range, _)| range_bytes(self.policy(Side::Right), range, names)),
                ]
            });
            let roles = SetChange::between(old_roles, new_roles);
            let is_same = roles.is_empty() && level.is_none() && range.is_none();
            (!is_same).then_some(UserChange { name, roles, level, range })
        });
        names_only(changes)
    }

    /// The roles of a user; that of all objects goes without saying.
    fn roles_of(&self, side: Side, user: &User<'p>) -> Vec<Bytes<'p>> {
        let policy = self.policy(side);
        let names = user.roles.bits().filter_map(|bit| policy.role_name(RoleId::from_index(bit)));
        names.filter(|name| name.as_bytes() != b"object_r").map(bytes).collect()
    }

    /// Policy capabilities.
    pub fn capabilities(&self) -> Changes<Bytes<'p>, ()> {
        let of = |side: Side| {
            let numbers = self.policy(side).capabilities().bits();
            numbers.map(|number| (Bytes::Owned(capability_name(number).into_owned().into_bytes()), ()))
        };
        names_only(by_name(of(Side::Left), of(Side::Right), |_, (), ()| None))
    }
}
