//! Ids of two policies joined by name: classes, booleans, roles and users. Types have more to them (`join_types.rs`).

use avstore::Store;
use policydb::{BoolId, ClassId, RoleId, UserId};

use super::both::{Both, Which};

/// Something of which two policies have ids of their own.
#[derive(Debug)]
pub(super) struct Joined<Id> {
    /// By the index of the policy's id.
    of: Both<Vec<Option<u32>>>,
    pairs: Vec<Both<Option<Id>>>,
}

impl<Id: Copy> Joined<Id> {
    pub(super) fn new(n_old: usize, n_new: usize) -> Self {
        Joined { of: Both { old: vec![None; n_old], new: vec![None; n_new] }, pairs: Vec::new() }
    }

    pub(super) fn push(&mut self, old: Option<(usize, Id)>, new: Option<(usize, Id)>) {
        let common = u32::try_from(self.pairs.len()).unwrap_or(u32::MAX);
        self.pairs.push(Both { old: old.map(|(_, id)| id), new: new.map(|(_, id)| id) });
        for (which, side) in [(Which::Old, old), (Which::New, new)] {
            if let Some(slot) = side.and_then(|(index, _)| self.of.get_mut(which).get_mut(index)) {
                *slot = Some(common);
            }
        }
    }

    /// Joins what has the same name. Ids of the older policy come first.
    fn by_name<'n>(
        old: impl Iterator<Item = (usize, Id, &'n [u8])>,
        new: impl Fn(&[u8]) -> Option<(usize, Id)>,
        all_new: impl Iterator<Item = (usize, Id)>,
        (n_old, n_new): (usize, usize),
    ) -> Self {
        let mut joined = Joined::new(n_old, n_new);
        for (index, id, name) in old {
            joined.push(Some((index, id)), new(name));
        }
        for (index, id) in all_new {
            if joined.common(Which::New, index).is_none() {
                joined.push(None, Some((index, id)));
            }
        }
        joined
    }

    /// The common number of a policy's id.
    pub(super) fn common(&self, which: Which, index: usize) -> Option<u32> {
        self.of.get(which).get(index).copied().flatten()
    }

    /// What a common number stands for.
    pub(super) fn pair(&self, common: u32) -> Both<Option<Id>> {
        self.pairs.get(common as usize).copied().unwrap_or(Both { old: None, new: None })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// All of them.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, Both<Option<Id>>)> + '_ {
        (0u32..).zip(self.pairs.iter().copied())
    }
}

pub(super) fn join_classes(stores: Both<&Store<'_>>) -> Joined<ClassId> {
    let ids = |which: Which| {
        let policy = stores.get(which).policy();
        let ids = (0..u32::try_from(policy.n_classes()).unwrap_or(u32::MAX)).map(ClassId::from_index);
        ids.filter_map(move |id| Some((id.index(), id, policy.class_name(id)?.as_bytes())))
    };
    let new = stores.new.policy();
    let n = (stores.old.policy().n_classes(), new.n_classes());
    let find = |name: &[u8]| new.class_named(name).map(|id| (id.index(), id));
    Joined::by_name(ids(Which::Old), find, ids(Which::New).map(|(index, id, _)| (index, id)), n)
}

pub(super) fn join_booleans(stores: Both<&Store<'_>>) -> Joined<BoolId> {
    let ids = |which: Which| {
        let policy = stores.get(which).policy();
        let ids = (0..u32::try_from(policy.n_booleans()).unwrap_or(u32::MAX)).map(BoolId::from_index);
        ids.filter_map(move |id| Some((id.index(), id, policy.boolean(id)?.0.as_bytes())))
    };
    let new = stores.new.policy();
    let n = (stores.old.policy().n_booleans(), new.n_booleans());
    let find = |name: &[u8]| new.boolean_named(name).map(|id| (id.index(), id));
    Joined::by_name(ids(Which::Old), find, ids(Which::New).map(|(index, id, _)| (index, id)), n)
}

pub(super) fn join_roles(stores: Both<&Store<'_>>) -> Joined<RoleId> {
    let ids = |which: Which| {
        let policy = stores.get(which).policy();
        let ids = (0..u32::try_from(policy.n_roles()).unwrap_or(u32::MAX)).map(RoleId::from_index);
        ids.filter_map(move |id| Some((id.index(), id, policy.role_name(id)?.as_bytes())))
    };
    let new = stores.new.policy();
    let n = (stores.old.policy().n_roles(), new.n_roles());
    let find = |name: &[u8]| new.role_named(name).map(|id| (id.index(), id));
    Joined::by_name(ids(Which::Old), find, ids(Which::New).map(|(index, id, _)| (index, id)), n)
}

pub(super) fn join_users(stores: Both<&Store<'_>>) -> Joined<UserId> {
    let ids = |which: Which| {
        let policy = stores.get(which).policy();
        let ids = (0..u32::try_from(policy.n_users()).unwrap_or(u32::MAX)).map(UserId::from_index);
        ids.filter_map(move |id| Some((id.index(), id, policy.user_name(id)?.as_bytes())))
    };
    let new = stores.new.policy();
    let n = (stores.old.policy().n_users(), new.n_users());
    let find = |name: &[u8]| new.user_named(name).map(|id| (id.index(), id));
    Joined::by_name(ids(Which::Old), find, ids(Which::New).map(|(index, id, _)| (index, id)), n)
}
