//! The members of attributes as rows of bits, for questions that expand the same attributes again and again.
//!
//! Built in one pass over the policy's map from types to attributes, a row of n types bits for each attribute.

use avstore::{Store, TypeSet};
use policydb::TypeId;

/// For each type or attribute, the types that it stands for.
#[derive(Debug)]
pub struct MemberRows {
    /// By index; `None` for a type that stands for itself alone.
    rows: Vec<Option<TypeSet>>,
    /// The attributes that have a member.
    attributes: Vec<TypeId>,
    n_types: usize,
}

impl MemberRows {
    /// The rows of a policy. O(bits of its map).
    pub fn of(store: &Store<'_>) -> Self {
        let policy = store.policy();
        let n_types = policy.n_types();
        let is_attribute = |id: TypeId| store.is_attribute(id);
        let ids = (0..u32::try_from(n_types).unwrap_or(u32::MAX)).map(TypeId::from_index);
        let mut rows: Vec<Option<TypeSet>> =
            ids.map(|id| is_attribute(id).then(|| TypeSet::new(n_types))).collect();
        for member in store.type_ids().filter(|&id| !is_attribute(id)) {
            for bit in policy.attributes_of(member).bits() {
                match rows.get_mut(bit as usize) {
                    Some(Some(row)) => row.insert(member),
                    // In a forged policy a type can be had as if it were an attribute, and the kernel follows that.
                    Some(row) if bit as usize != member.index() => {
                        let mut both = TypeSet::of(n_types, TypeId::from_index(bit));
                        both.insert(member);
                        *row = Some(both);
                    }
                    _ => {}
                }
            }
        }
        let indexed = (0u32..).zip(&rows);
        let some = indexed.filter(|(_, row)| row.as_ref().is_some_and(|row| !row.is_empty()));
        let attributes = some.map(|(index, _)| TypeId::from_index(index)).collect();
        MemberRows { rows, attributes, n_types }
    }

    /// The row of an attribute; `None` for a type.
    pub fn row(&self, symbol: TypeId) -> Option<&TypeSet> {
        self.rows.get(symbol.index())?.as_ref()
    }

    /// Whether a symbol stands for a type.
    pub fn stands_for(&self, symbol: TypeId, id: TypeId) -> bool {
        self.row(symbol).map_or(symbol == id, |row| row.contains(id))
    }

    /// Whether a symbol stands for a type of a set.
    pub fn meets(&self, symbol: TypeId, set: &TypeSet) -> bool {
        self.row(symbol).map_or_else(|| set.contains(symbol), |row| row.meets(set))
    }

    /// Adds what a symbol stands for to a set.
    pub fn add_to(&self, symbol: TypeId, set: &mut TypeSet) {
        match self.row(symbol) {
            Some(row) => set.unite(row),
            None => set.insert(symbol),
        }
    }

    /// The types that a symbol stands for, ascending.
    pub fn types(&self, symbol: TypeId) -> impl Iterator<Item = TypeId> + '_ {
        let row = self.row(symbol);
        row.is_none().then_some(symbol).into_iter().chain(row.into_iter().flat_map(TypeSet::iter))
    }

    /// The symbols that stand for a type of a set.
    pub fn symbols_for(&self, set: &TypeSet) -> TypeSet {
        let mut symbols = set.clone();
        let attributes = self.attributes.iter().filter(|id| self.row(**id).is_some_and(|row| row.meets(set)));
        attributes.for_each(|id| symbols.insert(*id));
        symbols
    }

    /// The types that some symbols stand for.
    pub fn expand(&self, symbols: &TypeSet) -> TypeSet {
        let mut types = TypeSet::new(self.n_types);
        symbols.iter().for_each(|symbol| self.add_to(symbol, &mut types));
        types
    }
}
