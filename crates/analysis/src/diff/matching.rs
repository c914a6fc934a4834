//! What in two policies is the same: one space of ids for the types, attributes, classes, permissions, booleans, roles and
//! users of both, so that all the rest of a comparison works on numbers.
//!
//! Things are the same if they have the same name. A type that lost its name to an alias is the same, if the alias points
//! to a type that the older policy does not have: that is a rename. Attributes whose name the compiler made up
//! (`base_typeattr_12` of CIL, whose number changes with each build) and those without a name (before version 24) are the
//! same if they have the same members. O(names + bits of the map from types to attributes).

use std::collections::HashMap;

use avstore::{Store, TypeSet, shown_name};
use policydb::{BoolId, ClassId, Conditional, RoleId, TypeId, UserId};

/// One of the two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// The one compared with.
    Old,
    /// The one that replaces it.
    New,
}

impl Which {
    /// Both, the older first.
    pub const BOTH: [Which; 2] = [Which::Old, Which::New];

    /// The other one.
    pub const fn other(self) -> Which {
        match self {
            Which::Old => Which::New,
            Which::New => Which::Old,
        }
    }
}

/// A value for each of the two policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Both<T> {
    /// Of the older one.
    pub old: T,
    /// Of the newer one.
    pub new: T,
}

impl<T> Both<T> {
    /// The value for each.
    pub fn of(mut make: impl FnMut(Which) -> T) -> Self {
        Both { old: make(Which::Old), new: make(Which::New) }
    }

    /// The value of one.
    pub const fn get(&self, which: Which) -> &T {
        match which {
            Which::Old => &self.old,
            Which::New => &self.new,
        }
    }

    /// The value of one, to be changed.
    pub fn get_mut(&mut self, which: Which) -> &mut T {
        match which {
            Which::Old => &mut self.old,
            Which::New => &mut self.new,
        }
    }
}

/// A type or attribute of either policy, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub(super) u32);

impl Symbol {
    /// The position in tables over all symbols.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something of which two policies have ids of their own.
#[derive(Debug)]
pub(super) struct Joined<Id> {
    /// By the index of the policy's id.
    of: Both<Vec<Option<u32>>>,
    pairs: Vec<Both<Option<Id>>>,
}

impl<Id: Copy> Joined<Id> {
    fn new(n_old: usize, n_new: usize) -> Self {
        Joined { of: Both { old: vec![None; n_old], new: vec![None; n_new] }, pairs: Vec::new() }
    }

    fn push(&mut self, old: Option<(usize, Id)>, new: Option<(usize, Id)>) {
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

    /// All of them.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, Both<Option<Id>>)> + '_ {
        (0u32..).zip(self.pairs.iter().copied())
    }
}

/// The permissions of a class in both policies.
#[derive(Debug)]
struct Permissions {
    /// By bit of the common mask.
    names: Vec<String>,
    /// For each policy: the common bit of each of its bits; `None` if all are equal.
    translation: Both<Option<[u64; 32]>>,
    /// The bits that each defines, in its own numbering.
    defined: Both<u32>,
    /// The same in the common numbering.
    has: Both<u64>,
}

/// Two policies in one space of ids.
#[derive(Debug)]
pub struct Matching<'s, 'p> {
    stores: Both<&'s Store<'p>>,
    symbols: Joined<TypeId>,
    is_attribute: Vec<bool>,
    pub(super) classes: Joined<ClassId>,
    permissions: Vec<Permissions>,
    pub(super) booleans: Joined<BoolId>,
    pub(super) roles: Joined<RoleId>,
    pub(super) users: Joined<UserId>,
    /// For each policy and type, its symbols: itself and its attributes, ascending.
    symbols_of: Both<Vec<Vec<Symbol>>>,
    /// For each policy and attribute, its members.
    members: Both<Vec<Option<SymbolSet>>>,
}

/// A set of symbols, as a row of bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolSet(TypeSet);

impl SymbolSet {
    pub(super) fn new(n_symbols: usize) -> Self {
        SymbolSet(TypeSet::new(n_symbols))
    }

    pub(super) fn insert(&mut self, symbol: Symbol) {
        self.0.insert(TypeId::from_index(symbol.0));
    }

    /// Whether the set has a symbol.
    #[inline]
    pub fn contains(&self, symbol: Symbol) -> bool {
        self.0.contains_index(symbol.index())
    }

    /// The symbols, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.0.iter().map(|id| Symbol(u32::try_from(id.index()).unwrap_or(u32::MAX)))
    }

    /// The number of symbols.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'s, 'p> Matching<'s, 'p> {
    /// Matches two policies.
    pub fn new(old: &'s Store<'p>, new: &'s Store<'p>) -> Self {
        let stores = Both { old, new };
        let (symbols, is_attribute) = join_symbols(stores);
        let classes = join_classes(stores);
        let permissions = classes.pairs().map(|(_, pair)| Permissions::of(stores, pair)).collect();
        let mut matching = Matching {
            stores,
            symbols,
            is_attribute,
            classes,
            permissions,
            booleans: join_booleans(stores),
            roles: join_roles(stores),
            users: join_users(stores),
            symbols_of: Both::default(),
            members: Both::default(),
        };
        for which in Which::BOTH {
            let (symbols_of, members) = matching.attributes(which);
            *matching.symbols_of.get_mut(which) = symbols_of;
            *matching.members.get_mut(which) = members;
        }
        matching
    }

    fn attributes(&self, which: Which) -> (Vec<Vec<Symbol>>, Vec<Option<SymbolSet>>) {
        let n_symbols = self.n_symbols();
        let policy = self.store(which).policy();
        let mut symbols_of = vec![Vec::new(); n_symbols];
        let mut members: Vec<Option<SymbolSet>> = vec![None; n_symbols];
        for symbol in self.symbols() {
            let Some(id) = self.id(which, symbol) else { continue };
            if self.is_attribute(symbol) {
                if let Some(slot) = members.get_mut(symbol.index()) {
                    slot.get_or_insert_with(|| SymbolSet::new(n_symbols));
                }
                continue;
            }
            let attributes = policy.attributes_of(id).bits();
            let attributes = attributes.filter_map(|bit| self.symbol(which, TypeId::from_index(bit)));
            let mut all: Vec<Symbol> = attributes.filter(|attribute| self.is_attribute(*attribute)).collect();
            for attribute in &all {
                if let Some(slot) = members.get_mut(attribute.index()) {
                    slot.get_or_insert_with(|| SymbolSet::new(n_symbols)).insert(symbol);
                }
            }
            all.push(symbol);
            all.sort_unstable();
            if let Some(slot) = symbols_of.get_mut(symbol.index()) {
                *slot = all;
            }
        }
        (symbols_of, members)
    }

    /// The store of one policy.
    pub fn store(&self, which: Which) -> &'s Store<'p> {
        self.stores.get(which)
    }

    /// The conditionals of a policy with their positions; none if the other one's format knows none.
    pub(super) fn conditionals(
        &self,
        which: Which,
    ) -> impl Iterator<Item = (usize, &'p Conditional<'p>)> + use<'p> {
        let known = Which::BOTH
            .into_iter()
            .all(|which| self.store(which).policy().format().has(policydb::format::Feature::Booleans));
        let conditionals = if known { self.store(which).policy().conditionals() } else { &[] };
        conditionals.iter().enumerate()
    }

    /// The number of types and attributes of both.
    pub fn n_symbols(&self) -> usize {
        self.symbols.pairs.len()
    }

    /// All types and attributes.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> + use<> {
        (0..u32::try_from(self.symbols.pairs.len()).unwrap_or(u32::MAX)).map(Symbol)
    }

    /// The types.
    pub fn types(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.symbols().filter(|symbol| !self.is_attribute(*symbol))
    }

    /// Whether a symbol is an attribute.
    pub fn is_attribute(&self, symbol: Symbol) -> bool {
        self.is_attribute.get(symbol.index()).copied().unwrap_or(true)
    }

    /// The symbol of a policy's id.
    #[inline]
    pub fn symbol(&self, which: Which, id: TypeId) -> Option<Symbol> {
        self.symbols.common(which, id.index()).map(Symbol)
    }

    /// A policy's id of a symbol; `None` if it does not have it.
    pub fn id(&self, which: Which, symbol: Symbol) -> Option<TypeId> {
        *self.symbols.pair(symbol.0).get(which)
    }

    /// Whether a policy has a symbol.
    pub fn has(&self, which: Which, symbol: Symbol) -> bool {
        self.id(which, symbol).is_some()
    }

    /// Whether both have it.
    pub fn in_both(&self, symbol: Symbol) -> bool {
        self.has(Which::Old, symbol) && self.has(Which::New, symbol)
    }

    /// The name of a symbol as it is shown, that of the newer policy if both have it.
    pub fn name(&self, symbol: Symbol) -> String {
        let name = |which| Some(shown_name(&self.store(which).type_name(self.id(which, symbol)?).bytes()));
        name(Which::New).or_else(|| name(Which::Old)).unwrap_or_default()
    }

    /// The name in one policy.
    pub fn name_in(&self, which: Which, symbol: Symbol) -> Option<String> {
        Some(shown_name(&self.store(which).type_name(self.id(which, symbol)?).bytes()))
    }

    /// The symbol that a word names, in either policy, aliases resolved; the newer one comes first.
    pub fn named(&self, name: &str) -> Option<Symbol> {
        [Which::New, Which::Old]
            .into_iter()
            .find_map(|which| self.symbol(which, self.store(which).policy().type_named(name.as_bytes())?))
    }

    /// The symbols that stand for a type in a policy's rules: itself and its attributes; none if it does not have it.
    pub fn symbols_of(&self, which: Which, symbol: Symbol) -> &[Symbol] {
        self.symbols_of.get(which).get(symbol.index()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The members of an attribute.
    pub fn members(&self, which: Which, symbol: Symbol) -> Option<&SymbolSet> {
        self.members.get(which).get(symbol.index())?.as_ref()
    }

    /// Whether a symbol is an attribute whose name the compiler made up, or that has none.
    pub fn is_made_up(&self, symbol: Symbol) -> bool {
        self.is_attribute(symbol)
            && Which::BOTH
                .into_iter()
                .any(|which| self.id(which, symbol).is_some_and(|id| is_made_up(self.store(which), id)))
    }

    /// The types for which a symbol stands in a policy.
    pub fn types_of(&self, which: Which, symbol: Symbol) -> impl Iterator<Item = Symbol> + '_ {
        let itself = (!self.is_attribute(symbol) && self.has(which, symbol)).then_some(symbol);
        let members = if self.is_attribute(symbol) { self.members(which, symbol) } else { None };
        itself.into_iter().chain(members.into_iter().flat_map(SymbolSet::iter))
    }

    /// Whether a symbol stands for a type in a policy.
    #[inline]
    pub fn stands_for(&self, which: Which, symbol: Symbol, of: Symbol) -> bool {
        match self.members(which, symbol) {
            Some(members) => members.contains(of),
            None => symbol == of && self.has(which, of),
        }
    }

    /// The name of a class, by its common number.
    pub fn class_name(&self, class: u32) -> String {
        let pair = self.classes.pair(class);
        let name = |which: Which| {
            let id = (*pair.get(which))?;
            Some(shown_name(self.store(which).class_name(id).as_bytes()))
        };
        name(Which::New).or_else(|| name(Which::Old)).unwrap_or_default()
    }

    /// The common number of the class of this name.
    pub fn class_named(&self, name: &str) -> Option<u32> {
        Which::BOTH.into_iter().find_map(|which| {
            self.classes.common(which, self.store(which).policy().class_named(name.as_bytes())?.index())
        })
    }

    /// The number of classes of both.
    pub fn n_classes(&self) -> u32 {
        u32::try_from(self.permissions.len()).unwrap_or(u32::MAX)
    }

    /// The names of the permissions in a common mask, sorted.
    pub fn permission_names(&self, class: u32, mask: u64) -> Vec<&str> {
        let Some(permissions) = self.permissions.get(class as usize) else { return Vec::new() };
        let names = permissions.names.iter().enumerate();
        let mut names: Vec<&str> =
            names.filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The common bit of a permission; 0 if the class has none of this name.
    pub fn permission(&self, class: u32, name: &str) -> u64 {
        let permissions = self.permissions.get(class as usize);
        let bit = permissions.and_then(|all| all.names.iter().position(|own| own == name));
        bit.map_or(0, |bit| 1 << bit)
    }

    /// The permissions that a policy's class has.
    pub fn permissions_in(&self, which: Which, class: u32) -> u64 {
        self.permissions.get(class as usize).map_or(0, |permissions| *permissions.has.get(which))
    }

    /// A policy's access vector in the common numbering; what the class does not define is left out.
    #[inline]
    pub fn mask(&self, which: Which, class: u32, mask: u32) -> u64 {
        let Some(permissions) = self.permissions.get(class as usize) else { return 0 };
        let mask = mask & permissions.defined.get(which);
        match permissions.translation.get(which) {
            None => u64::from(mask),
            Some(table) => {
                let bits = table.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
                bits.fold(0, |all, (_, common)| all | common)
            }
        }
    }

    /// The common mask in a policy's own numbering.
    pub fn own_mask(&self, which: Which, class: u32, mask: u64) -> u32 {
        (0..32).map(|bit| 1u32 << bit).filter(|bit| self.mask(which, class, *bit) & mask != 0).sum()
    }

    /// The name of a boolean, by its common number.
    pub fn boolean_name(&self, boolean: u32) -> String {
        let pair = self.booleans.pair(boolean);
        let name = |which: Which| {
            let (name, _) = self.store(which).policy().boolean((*pair.get(which))?)?;
            Some(shown_name(name.as_bytes()))
        };
        name(Which::New).or_else(|| name(Which::Old)).unwrap_or_default()
    }

    /// The state of a boolean in a policy; `None` if it does not have it.
    pub fn boolean_state(&self, which: Which, boolean: u32) -> Option<bool> {
        let id = (*self.booleans.pair(boolean).get(which))?;
        self.store(which).policy().boolean(id).map(|(_, boolean)| boolean.state)
    }

    /// The name of a role, by its common number.
    pub fn role_name(&self, role: u32) -> String {
        let pair = self.roles.pair(role);
        let name = |which: Which| {
            self.store(which).policy().role_name((*pair.get(which))?).map(|name| shown_name(name.as_bytes()))
        };
        name(Which::New).or_else(|| name(Which::Old)).unwrap_or_default()
    }

    /// Types that have another name in the newer policy, the old one being an alias: old name, new name.
    pub fn renamed(&self) -> Vec<(String, String)> {
        let mut renamed: Vec<_> = self
            .types()
            .filter_map(|symbol| Some((self.name_in(Which::Old, symbol)?, self.name_in(Which::New, symbol)?)))
            .filter(|(old, new)| old != new)
            .collect();
        renamed.sort_unstable();
        renamed
    }
}

/// Whether the compiler made up the name of an attribute: there is none, or it ends in `_typeattr_NUMBER`.
pub(super) fn is_made_up(store: &Store<'_>, id: TypeId) -> bool {
    let Some((name, _)) = store.policy().type_symbol(id) else { return true };
    let name = name.as_bytes();
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = name.get(..name.len().saturating_sub(digits)).unwrap_or_default();
    digits > 0 && rest.ends_with(b"_typeattr_")
}

fn join_symbols(stores: Both<&Store<'_>>) -> (Joined<TypeId>, Vec<bool>) {
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

fn join_classes(stores: Both<&Store<'_>>) -> Joined<ClassId> {
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

fn join_booleans(stores: Both<&Store<'_>>) -> Joined<BoolId> {
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

fn join_roles(stores: Both<&Store<'_>>) -> Joined<RoleId> {
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

fn join_users(stores: Both<&Store<'_>>) -> Joined<UserId> {
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

impl Permissions {
    fn of(stores: Both<&Store<'_>>, pair: Both<Option<ClassId>>) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut positions: HashMap<&[u8], usize> = HashMap::new();
        let (mut defined, mut has) = (Both { old: 0u32, new: 0u32 }, Both { old: 0u64, new: 0u64 });
        let mut translation = Both { old: None, new: None };
        for which in Which::BOTH {
            let Some(class) = *pair.get(which) else { continue };
            let mut table = [0u64; 32];
            let mut is_same = true;
            let mut permissions: Vec<_> = stores.get(which).policy().permissions(class).collect();
            permissions.sort_by_key(|permission| permission.bit);
            for permission in permissions {
                let name = permission.name.as_bytes();
                let at = *positions.entry(name).or_insert_with(|| {
                    names.push(shown_name(name));
                    names.len() - 1
                });
                let bit = u32::from(permission.bit);
                let common = 1u64.checked_shl(u32::try_from(at).unwrap_or(64)).unwrap_or(0);
                *defined.get_mut(which) |= 1u32 << bit;
                *has.get_mut(which) |= common;
                if let Some(slot) = table.get_mut(bit as usize) {
                    *slot |= common;
                }
                is_same &= at == bit as usize;
            }
            *translation.get_mut(which) = if is_same { None } else { Some(table) };
        }
        Permissions { names, translation, defined, has }
    }
}
