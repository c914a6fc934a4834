//! The types and attributes of two policies in one list: what has the same name and is the same sort of thing on both
//! sides has one place in it. The numbers that the policies themselves give say nothing about each other.
//!
//! Built in O(types + bits of the type–attribute maps), 8 bytes for each of those bits.

use policydb::TypeId;

use super::row::{Row, SharedType};
use super::side::{Bytes, Side};
use avstore::Store;

/// The list.
#[derive(Debug)]
pub(super) struct SharedTypes<'s, 'p> {
    stores: [&'s Store<'p>; 2],
    /// The id on each side.
    ids: Vec<[Option<TypeId>; 2]>,
    /// The place of each id, by its index; ids without a symbol that nobody uses have a place, too.
    places: [Vec<SharedType>; 2],
    members: [Vec<Members>; 2],
    /// The symbols that stand for a type, itself among them, ascending; by place.
    symbols: [Vec<Vec<SharedType>>; 2],
}

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Members {
    /// Nothing: the policy does not have it.
    None,
    /// The type itself.
    Itself,
    /// The types of an attribute that has few, ascending.
    Few(Vec<SharedType>),
    /// The types of an attribute that has so many that a row is smaller.
    Row(Row),
}

impl<'s, 'p> SharedTypes<'s, 'p> {
    pub(super) fn new(stores: [&'s Store<'p>; 2]) -> Self {
        let [left, right] = stores;
        let n_left = count(left.policy().n_types());
        let mut ids: Vec<[Option<TypeId>; 2]> =
            (0..n_left).map(|index| [Some(TypeId::from_index(index)), None]).collect();
        let left_places = (0..n_left).map(SharedType).collect();
        let mut right_places = Vec::with_capacity(right.policy().n_types());
        for id in (0..count(right.policy().n_types())).map(TypeId::from_index) {
            let same = same_symbol(right, id, left).map(|on_left| SharedType(count(on_left.index())));
            // A number can be taken by one symbol only, whatever the names are.
            let free = same.filter(|place| ids.get(place.index()).is_some_and(|[_, right]| right.is_none()));
            let place = free.unwrap_or_else(|| {
                ids.push([None, None]);
                SharedType(count(ids.len().saturating_sub(1)))
            });
            if let Some([_, slot]) = ids.get_mut(place.index()) {
                *slot = Some(id);
            }
            right_places.push(place);
        }
        let mut types = SharedTypes {
            stores,
            members: [vec![Members::None; ids.len()], vec![Members::None; ids.len()]],
            symbols: [vec![Vec::new(); ids.len()], vec![Vec::new(); ids.len()]],
            ids,
            places: [left_places, right_places],
        };
        types.expand();
        types
    }

    /// Finds the members of all attributes and the attributes of all types.
    fn expand(&mut self) {
        let SharedTypes { stores, ids, places, members, symbols } = self;
        let sides = stores.iter().zip(places).zip(members.iter_mut().zip(symbols.iter_mut()));
        for ((store, places), (members, symbols)) in sides {
            for (index, place) in (0u32..).zip(places.iter()) {
                let id = TypeId::from_index(index);
                if store.policy().type_symbol(id).is_none() || store.is_attribute(id) {
                    continue;
                }
                if let Some(slot) = members.get_mut(place.index()) {
                    *slot = Members::Itself;
                }
                let attributes = store.policy().attributes_of(id).bits();
                let attributes = attributes.map(TypeId::from_index).filter(|&attribute| attribute != id);
                let attributes = attributes.filter_map(|attribute| places.get(attribute.index()).copied());
                let mut of_type: Vec<SharedType> = std::iter::once(*place).chain(attributes).collect();
                of_type.sort_unstable();
                for attribute in of_type.iter().filter(|symbol| *symbol != place) {
                    match members.get_mut(attribute.index()) {
                        Some(Members::Few(few)) => few.push(*place),
                        Some(slot @ Members::None) => *slot = Members::Few(vec![*place]),
                        _ => {}
                    }
                }
                if let Some(slot) = symbols.get_mut(place.index()) {
                    *slot = of_type;
                }
            }
            members.iter_mut().for_each(|members| members.settle(ids.len()));
        }
    }

    /// The store of a side.
    pub(super) fn store(&self, side: Side) -> &'s Store<'p> {
        side.of(self.stores)
    }

    /// The number of places.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Every place.
    pub(super) fn iter(&self) -> impl Iterator<Item = SharedType> + use<> {
        (0..count(self.ids.len())).map(SharedType)
    }

    /// An empty row over all places.
    pub(super) fn empty_row(&self) -> Row {
        Row::new(self.ids.len())
    }

    /// Whether a place is that of a type; else it is an attribute's, or nobody's.
    pub(super) fn is_type(&self, of: SharedType) -> bool {
        Side::BOTH.iter().any(|&side| *self.members(side, of) == Members::Itself)
    }

    /// Whether a side has this attribute: declares it, or, before attributes had names, uses it.
    pub(super) fn has_attribute(&self, side: Side, of: SharedType) -> bool {
        let Some(id) = self.id(side, of) else { return false };
        match self.store(side).policy().type_symbol(id) {
            Some((_, symbol)) => symbol.is_attribute,
            None => *self.members(side, of) != Members::None,
        }
    }

    /// The place of a side's type or attribute.
    pub(super) fn place(&self, side: Side, id: TypeId) -> SharedType {
        let places = side.of([&self.places[0], &self.places[1]]);
        // INVARIANT: every id of a policy has a place.
        places.get(id.index()).copied().unwrap_or(SharedType(u32::MAX))
    }

    /// The id on a side.
    pub(super) fn id(&self, side: Side, of: SharedType) -> Option<TypeId> {
        self.ids.get(of.index()).and_then(|ids| side.of(*ids))
    }

    /// The name; both sides have the same.
    pub(super) fn name(&self, of: SharedType) -> Bytes<'p> {
        let on = |side: Side| Some(self.store(side).type_name(self.id(side, of)?).bytes());
        on(Side::Left).or_else(|| on(Side::Right)).unwrap_or_default()
    }

    /// What a symbol stands for on a side.
    pub(super) fn members(&self, side: Side, of: SharedType) -> &Members {
        let members = side.of([&self.members[0], &self.members[1]]);
        members.get(of.index()).unwrap_or(&Members::None)
    }

    /// The symbols that stand for a type on a side: itself, and its attributes. Ascending.
    pub(super) fn symbols(&self, side: Side, of: SharedType) -> &[SharedType] {
        let symbols = side.of([&self.symbols[0], &self.symbols[1]]);
        symbols.get(of.index()).map_or(&[], Vec::as_slice)
    }

    /// Calls `visit` for each type that a symbol stands for on a side, ascending.
    pub(super) fn for_each_member(&self, side: Side, of: SharedType, mut visit: impl FnMut(SharedType)) {
        match self.members(side, of) {
            Members::None => {}
            Members::Itself => visit(of),
            Members::Few(few) => few.iter().copied().for_each(visit),
            Members::Row(row) => row.iter().for_each(visit),
        }
    }

    /// Calls `visit` for each of them that a row has, too.
    pub(super) fn for_each_member_in(
        &self,
        side: Side,
        of: SharedType,
        row: &Row,
        mut visit: impl FnMut(SharedType),
    ) {
        match self.members(side, of) {
            Members::Row(members) => members.for_each_common(row, visit),
            Members::Few(few) => few.iter().copied().filter(|of| row.contains(*of)).for_each(visit),
            Members::Itself if row.contains(of) => visit(of),
            Members::Itself | Members::None => {}
        }
    }

    /// Adds the types that a symbol stands for on a side to a row.
    pub(super) fn add_members(&self, side: Side, of: SharedType, row: &mut Row) {
        match self.members(side, of) {
            Members::Row(members) => row.unite(members),
            _ => self.for_each_member(side, of, |member| row.insert(member)),
        }
    }

    /// Adds the types that a symbol stands for on one side only.
    pub(super) fn add_changed_members(&self, of: SharedType, row: &mut Row) {
        match (self.members(Side::Left, of), self.members(Side::Right, of)) {
            (Members::Row(left), Members::Row(right)) => row.unite_difference(left, right),
            (left, right) => {
                let add = |side, other: &Members, row: &mut Row| {
                    self.for_each_member(side, of, |member| {
                        if !other.has(of, member) {
                            row.insert(member);
                        }
                    });
                };
                add(Side::Left, right, row);
                add(Side::Right, left, row);
            }
        }
    }

    /// How many types a symbol stands for on a side.
    pub(super) fn n_members(&self, side: Side, of: SharedType) -> usize {
        match self.members(side, of) {
            Members::None => 0,
            Members::Itself => 1,
            Members::Few(few) => few.len(),
            Members::Row(row) => row.len(),
        }
    }

    /// Whether a symbol stands for other types on one side than on the other.
    pub(super) fn differ(&self, of: SharedType) -> bool {
        self.members(Side::Left, of) != self.members(Side::Right, of)
    }
}

impl Members {
    /// Whether the symbol `of`, whose members these are, stands for a type. O(log members).
    fn has(&self, of: SharedType, member: SharedType) -> bool {
        match self {
            Members::None => false,
            Members::Itself => of == member,
            Members::Few(few) => few.binary_search(&member).is_ok(),
            Members::Row(row) => row.contains(member),
        }
    }

    /// Chooses how to keep what was collected; equal members are then kept alike.
    fn settle(&mut self, n_types: usize) {
        let Members::Few(few) = self else { return };
        few.sort_unstable();
        if few.len() > n_types.div_ceil(32) {
            let mut row = Row::new(n_types);
            few.iter().for_each(|&of| row.insert(of));
            *self = Members::Row(row);
        }
    }
}

/// What has the same name in another policy and is the same sort of thing: a type or an attribute. What has no name is
/// known by its number, which need not mean anything; comparisons that pair symbols allow for that.
fn same_symbol(store: &Store<'_>, id: TypeId, other: &Store<'_>) -> Option<TypeId> {
    let Some((name, symbol)) = store.policy().type_symbol(id) else {
        let has_place = id.index() < other.policy().n_types();
        return Some(id).filter(|_| has_place && other.policy().type_symbol(id).is_none());
    };
    let found = other.policy().type_named(name.as_bytes())?;
    let (primary, other_symbol) = other.policy().type_symbol(found)?;
    (primary == name && symbol.is_attribute == other_symbol.is_attribute).then_some(found)
}

/// A number of types, which are fewer than 2³¹ on both sides together: each takes bytes of a file below 4 GiB.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
