//! What only forged or damaged policies have, and the comparison by common names does not follow.

use avstore::Store;
use policydb::TypeId;

/// A type that has another plain type as if it were an attribute, and that one. The kernel follows such a bit: rules about the
/// second then hold for the first. No compiler writes it. O(bits of the map).
pub fn type_as_attribute(store: &Store<'_>) -> Option<(TypeId, TypeId)> {
    let policy = store.policy();
    let plain = |id: &TypeId| !store.is_attribute(*id);
    store.type_ids().filter(plain).find_map(|member| {
        let others = policy.attributes_of(member).bits().map(TypeId::from_index).filter(|id| *id != member);
        others.filter(plain).find(|id| policy.type_symbol(*id).is_some()).map(|of| (member, of))
    })
}
