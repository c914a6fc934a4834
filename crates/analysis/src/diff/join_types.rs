//! Types and attributes of two policies joined: by name, renames by alias, and attributes without a name of their own by their
//! members. O(names + bits of the map from types to attributes).

use std::collections::HashMap;

use avstore::Store;
use policydb::TypeId;

use super::both::{Both, Which};
use super::joined::Joined;

/// Whether the compiler made up the name of an attribute: there is none, or it ends in `_typeattr_NUMBER`.
pub(super) fn is_made_up(store: &Store<'_>, id: TypeId) -> bool {
    let Some((name, _)) = store.policy().type_symbol(id) else { return true };
    let name = name.as_bytes();
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = name.get(..name.len().saturating_sub(digits)).unwrap_or_default();
    digits > 0 && rest.ends_with(b"_typeattr_")
}

pub(super) fn join_symbols(stores: Both<&Store<'_>>) -> (Joined<TypeId>, Vec<bool>) {
    let all = |which: Which| {
        let n_types = u32::try_from(stores.get(which).policy().n_types()).unwrap_or(u32::MAX);
        (0..n_types).map(TypeId::from_index)
    };
    let n = Both::of(|which| stores.get(which).policy().n_types());
    let mut joined = Joined::new(n.old, n.new);
    let mut is_attribute = Vec::new();
    let new_policy = stores.new.policy();
    let old_policy = stores.old.policy();
    let mut aliases_of: HashMap<TypeId, Vec<&[u8]>> = HashMap::new();
    for (alias, id) in new_policy.type_aliases() {
        aliases_of.entry(id).or_default().push(alias.as_bytes());
    }
    // First what has the same name and is the same kind of thing, then renames.
    let mut pairs: Vec<(TypeId, TypeId)> = Vec::new();
    let mut is_paired = vec![false; n.old];
    let primary = |which: Which, name: &[u8]| {
        let store = stores.get(which);
        let id = store.policy().type_named(name)?;
        let (own, _) = store.policy().type_symbol(id)?;
        (own.as_bytes() == name).then_some(id)
    };
    let mut unmatched = Vec::new();
    for id in all(Which::New) {
        let Some((name, symbol)) = new_policy.type_symbol(id) else { continue };
        if symbol.is_attribute && is_made_up(stores.new, id) {
            continue;
        }
        let old = primary(Which::Old, name.as_bytes())
            .filter(|old| stores.old.is_attribute(*old) == symbol.is_attribute);
        match old {
            Some(old) => pairs.push((old, id)),
            None if !symbol.is_attribute => unmatched.push((id, name)),
            None => {}
        }
    }
    for (old, _) in &pairs {
        if let Some(slot) = is_paired.get_mut(old.index()) {
            *slot = true;
        }
    }
    for (id, name) in unmatched {
        // Its name is an alias in the older policy, or one of its aliases is a type there.
        let by_alias = old_policy.type_named(name.as_bytes());
        let aliases = aliases_of.get(&id).into_iter().flatten();
        let by_own = aliases.filter_map(|alias| primary(Which::Old, alias));
        let free = |old: &TypeId| {
            !stores.old.is_attribute(*old) && !is_paired.get(old.index()).copied().unwrap_or(true)
        };
        if let Some(old) = by_alias.into_iter().chain(by_own).find(free) {
            if let Some(slot) = is_paired.get_mut(old.index()) {
                *slot = true;
            }
            pairs.push((old, id));
        }
    }
    pairs.sort_unstable();
    for (old, new) in pairs {
        is_attribute.push(stores.old.is_attribute(old));
        joined.push(Some((old.index(), old)), Some((new.index(), new)));
    }
    for which in Which::BOTH {
        for id in all(which).filter(|id| !stores.get(which).is_attribute(*id)) {
            if joined.common(which, id.index()).is_none() {
                is_attribute.push(false);
                push_one(&mut joined, which, id);
            }
        }
    }
    // Attributes without a name of their own, by their members: exactly, then by those that both policies have.
    for only_common in [false, true] {
        for (old, new) in same_members(stores, &joined, only_common) {
            is_attribute.push(true);
            joined.push(Some((old.index(), old)), Some((new.index(), new)));
        }
    }
    for (old, new) in alike_members(stores, &joined) {
        is_attribute.push(true);
        joined.push(Some((old.index(), old)), Some((new.index(), new)));
    }
    let with_members = unjoined(stores, &joined, false);
    // What has no members on either side, by its name, or by its number if it has none.
    for old in
        all(Which::Old).filter(|id| joined.common(Which::Old, id.index()).is_none()).collect::<Vec<_>>()
    {
        let new = match old_policy.type_symbol(old) {
            Some((name, _)) => primary(Which::New, name.as_bytes()),
            None => Some(old).filter(|id| id.index() < n.new && new_policy.type_symbol(*id).is_none()),
        };
        let is_free =
            |new: &TypeId| stores.new.is_attribute(*new) && joined.common(Which::New, new.index()).is_none();
        let has_members = |which: Which, id: TypeId| {
            with_members.get(which).binary_search_by_key(&id, |(id, _)| *id).is_ok()
        };
        let fits = |new: &TypeId| !has_members(Which::Old, old) && !has_members(Which::New, *new);
        if let Some(new) = new.filter(is_free).filter(fits) {
            is_attribute.push(true);
            joined.push(Some((old.index(), old)), Some((new.index(), new)));
        }
    }
    for which in Which::BOTH {
        for id in all(which) {
            if joined.common(which, id.index()).is_none() {
                is_attribute.push(true);
                push_one(&mut joined, which, id);
            }
        }
    }
    (joined, is_attribute)
}

fn push_one(joined: &mut Joined<TypeId>, which: Which, id: TypeId) {
    let one = Some((id.index(), id));
    match which {
        Which::Old => joined.push(one, None),
        Which::New => joined.push(None, one),
    }
}

/// For each policy, the attributes that are not joined yet, with their members by common number, ascending.
fn unjoined(
    stores: Both<&Store<'_>>,
    joined: &Joined<TypeId>,
    only_common: bool,
) -> Both<Vec<(TypeId, Vec<u32>)>> {
    Both::of(|which| {
        let store = *stores.get(which);
        let mut members: HashMap<TypeId, Vec<u32>> = HashMap::new();
        for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
            let Some(common) = joined.common(which, id.index()) else { continue };
            let pair = joined.pair(common);
            if only_common && (pair.old.is_none() || pair.new.is_none()) {
                continue;
            }
            for bit in store.policy().attributes_of(id).bits() {
                let attribute = TypeId::from_index(bit);
                if store.is_attribute(attribute) && joined.common(which, attribute.index()).is_none() {
                    members.entry(attribute).or_default().push(common);
                }
            }
        }
        let mut members: Vec<(TypeId, Vec<u32>)> = members.into_iter().collect();
        members.sort_unstable_by_key(|(id, _)| *id);
        members.iter_mut().for_each(|(_, of)| of.sort_unstable());
        members
    })
}

/// Pairs of attributes that are not joined yet, of which one at least has a name that the compiler made up, and which
/// have the same members.
fn same_members(
    stores: Both<&Store<'_>>,
    joined: &Joined<TypeId>,
    only_common: bool,
) -> Vec<(TypeId, TypeId)> {
    let members = unjoined(stores, joined, only_common);
    let mut by_members: HashMap<&[u32], Vec<TypeId>> = HashMap::new();
    for (id, of) in members.new.iter().rev() {
        by_members.entry(of).or_default().push(*id);
    }
    let mut pairs = Vec::new();
    for (old, of) in &members.old {
        let Some(candidates) = by_members.get_mut(of.as_slice()) else { continue };
        let is_old_made_up = is_made_up(stores.old, *old);
        let fits = |new: &TypeId| is_old_made_up || is_made_up(stores.new, *new);
        if let Some(at) = candidates.iter().rposition(fits) {
            pairs.push((*old, candidates.remove(at)));
        }
    }
    pairs
}

/// How many pairs of attributes are compared, at most.
const MOST_PAIRS: usize = 20_000;

/// Pairs of attributes with names that the compiler made up and most members in common, the most alike first. Which are joined
/// makes no difference to what is found to have changed, only to what it is attributed to.
fn alike_members(stores: Both<&Store<'_>>, joined: &Joined<TypeId>) -> Vec<(TypeId, TypeId)> {
    let mut members = unjoined(stores, joined, true);
    members.old.retain(|(id, _)| is_made_up(stores.old, *id));
    members.new.retain(|(id, _)| is_made_up(stores.new, *id));
    if members.old.len().saturating_mul(members.new.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let mut alike: Vec<(u64, TypeId, TypeId)> = Vec::new();
    for (old, of_old) in &members.old {
        for (new, of_new) in &members.new {
            let n_shared = of_old.iter().filter(|member| of_new.binary_search(member).is_ok()).count();
            let n_all = of_old.len() + of_new.len() - n_shared;
            // More than half are shared.
            if n_shared * 2 > n_all {
                let likeness = (n_shared * 1_000_000).checked_div(n_all).unwrap_or(0);
                alike.push((u64::MAX - likeness as u64, *old, *new));
            }
        }
    }
    alike.sort_unstable();
    let (mut is_taken, mut pairs) = (Both { old: vec![], new: vec![] }, Vec::new());
    for (_, old, new) in alike {
        if !is_taken.old.contains(&old) && !is_taken.new.contains(&new) {
            is_taken.old.push(old);
            is_taken.new.push(new);
            pairs.push((old, new));
        }
    }
    pairs
}
