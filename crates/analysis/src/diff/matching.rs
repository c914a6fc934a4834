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

use super::both::{Both, Which};
use super::join_types::{is_made_up, join_symbols};
use super::joined::{Joined, join_booleans, join_classes, join_roles, join_users};

/// A type or attribute of either policy, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub(super) u32);

impl Symbol {
    /// The position in tables over all symbols.
    pub const fn index(self) -> usize {
        self.0 as usize
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
        self.symbols.len()
    }

    /// All types and attributes.
    pub fn symbols(&self) -> impl Iterator<Item = Symbol> + use<> {
        (0..u32::try_from(self.symbols.len()).unwrap_or(u32::MAX)).map(Symbol)
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
