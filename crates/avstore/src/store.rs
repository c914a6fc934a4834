//! The store over one policy: names, and attribute expansion both ways.
//!
//! The policy records for each type its attributes. The reverse, the members of attributes, is found by
//! scanning that map for the attribute that a question asks about, unless somebody who will ask many had it
//! prepared ([`Store::prepare`]).

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use policydb::{ClassId, Name, Permission, Platform, Policy, TypeId};

use crate::{Grouped, TypeSet};

/// A policy, ready for questions.
#[derive(Debug)]
pub struct Store<'p> {
    policy: &'p Policy<'p>,
    /// The permissions of each class sorted by name, as statements list them, once asked for; by class
    /// index.
    permissions: Vec<OnceLock<Vec<Permission<'p>>>>,
    /// What is looked up by those who ask many questions, once one of them wants it.
    prepared: OnceLock<Prepared<'p>>,
}

#[derive(Debug)]
struct Prepared<'p> {
    /// The members of each attribute, by its index.
    members: Grouped<TypeId>,
    /// All permissions of all classes, sorted by name, then by class.
    permissions: Vec<(Name<'p>, ClassId, u8)>,
}

impl<'p> Store<'p> {
    /// A store over `policy`. O(classes).
    pub fn new(policy: &'p Policy<'p>) -> Self {
        let permissions = class_ids(policy).map(|_| OnceLock::new()).collect();
        Store { policy, permissions, prepared: OnceLock::new() }
    }

    /// The policy itself.
    pub fn policy(&self) -> &'p Policy<'p> {
        self.policy
    }

    /// An empty set over the ids of this policy.
    pub fn empty_set(&self) -> TypeSet {
        TypeSet::new(self.policy.n_types())
    }

    /// The ids of types and attributes that have a name.
    pub fn type_ids(&self) -> impl Iterator<Item = TypeId> + '_ {
        let n_types = u32::try_from(self.policy.n_types()).unwrap_or(u32::MAX);
        (0..n_types).map(TypeId::from_index).filter(|&id| self.policy.type_symbol(id).is_some())
    }

    /// Whether an id is an attribute: so is what has no symbol, as attributes have none before version 24.
    pub fn is_attribute(&self, id: TypeId) -> bool {
        self.policy.type_symbol(id).is_none_or(|(_, symbol)| symbol.is_attribute)
    }

    /// The name of a type or attribute.
    pub fn type_name(&self, id: TypeId) -> TypeName<'p> {
        TypeName { name: self.policy.type_symbol(id).map(|(name, _)| name), id }
    }

    /// The name of a class.
    pub fn class_name(&self, id: ClassId) -> Name<'p> {
        self.policy.class_name(id).unwrap_or(Name::new(b"<unnamed class>"))
    }

    /// The ids of the classes, in the order of their values.
    pub fn class_ids(&self) -> impl Iterator<Item = ClassId> + 'p {
        class_ids(self.policy)
    }

    /// The class of processes: what rules without a class are about. Xen calls it `domain`.
    pub fn process_class(&self) -> Option<ClassId> {
        let name: &[u8] = match self.policy.format().platform {
            Platform::Selinux => b"process",
            Platform::Xen => b"domain",
        };
        self.policy.class_named(name)
    }

    /// The permissions of a class, sorted by name.
    pub fn permissions(&self, id: ClassId) -> &[Permission<'p>] {
        let Some(slot) = self.permissions.get(id.index()) else { return &[] };
        slot.get_or_init(|| {
            let mut permissions: Vec<_> = self.policy.permissions(id).collect();
            permissions.sort_unstable_by_key(|permission| permission.name);
            permissions
        })
    }

    /// The permission of a class with this name. O(log permissions).
    pub fn permission_named(&self, class: ClassId, name: &[u8]) -> Option<&Permission<'p>> {
        let permissions = self.permissions(class);
        let at = permissions.binary_search_by(|permission| permission.name.as_bytes().cmp(name)).ok()?;
        permissions.get(at)
    }

    /// The classes that have a permission of this name, and its bit in each.
    pub fn classes_with(&self, name: &[u8]) -> Vec<(ClassId, u8)> {
        if let Some(Prepared { permissions, .. }) = self.prepared.get() {
            let from = permissions.partition_point(|(other, ..)| other.as_bytes() < name);
            let rest = permissions.get(from..).unwrap_or_default();
            let same = rest.iter().take_while(|(other, ..)| other.as_bytes() == name);
            return same.map(|&(_, class, bit)| (class, bit)).collect();
        }
        let bit_in = |class| Some((class, self.permission_named(class, name)?.bit));
        self.class_ids().filter_map(bit_in).collect()
    }

    /// Prepares for many questions: [`Store::members`] will no longer look at every type, nor
    /// [`Store::classes_with`] at every class. O(bits of the type–attribute map), 4 bytes each.
    pub fn prepare(&self) {
        self.prepared.get_or_init(|| {
            let attributes_of = |id| self.policy.attributes_of(id).bits().map(move |bit| (bit as usize, id));
            let pairs = self.type_ids().flat_map(attributes_of).filter(|&(bit, id)| bit != id.index());
            let of_class = |class| {
                self.permissions(class).iter().map(move |permission| (permission.name, class, permission.bit))
            };
            let mut permissions: Vec<_> = self.class_ids().flat_map(of_class).collect();
            permissions.sort_by_key(|&(name, ..)| name);
            Prepared { members: Grouped::new(self.policy.n_types(), pairs), permissions }
        });
    }

    /// The types that a type or attribute stands for: itself, or its members. O(types) for attributes.
    pub fn members(&self, id: TypeId) -> TypeSet {
        let mut members = self.empty_set();
        if let Some(prepared) = self.prepared.get().filter(|_| self.is_attribute(id)) {
            prepared.members.get(id.index()).iter().for_each(|&member| members.insert(member));
        } else if self.is_attribute(id) {
            let have_it =
                |&member: &TypeId| member != id && self.policy.attributes_of(member).contains(id.index());
            self.type_ids().filter(have_it).for_each(|member| members.insert(member));
        } else {
            members.insert(id);
        }
        members
    }

    /// The symbols that stand for any of `types` in a rule: the types themselves and all attributes that
    /// one of them has. A rule applies to some type of the set exactly if its side is among these.
    pub fn symbols_for(&self, types: &TypeSet) -> TypeSet {
        let mut symbols = types.clone();
        for id in types.iter() {
            symbols.insert_all(self.policy.attributes_of(id));
        }
        symbols
    }

    /// Whether the rule side `symbol` applies to the type `id`.
    pub fn applies(&self, symbol: TypeId, id: TypeId) -> bool {
        symbol == id || self.policy.attributes_of(id).contains(symbol.index())
    }
}

fn class_ids<'p>(policy: &'p Policy<'p>) -> impl Iterator<Item = ClassId> + 'p {
    (0..u32::try_from(policy.n_classes()).unwrap_or(u32::MAX)).map(ClassId::from_index)
}

/// The name of a type or attribute. Before version 24 attributes have none, and are shown by number.
#[derive(Clone, Copy, Debug)]
pub struct TypeName<'a> {
    name: Option<Name<'a>>,
    id: TypeId,
}

impl<'a> TypeName<'a> {
    /// The bytes that statements show.
    pub fn bytes(self) -> Cow<'a, [u8]> {
        match self.name {
            Some(name) => Cow::Borrowed(name.as_bytes()),
            None => Cow::Owned(self.to_string().into_bytes()),
        }
    }

    /// Whether the name can be compared and printed as a word.
    pub fn is_plain(self) -> bool {
        self.name.is_none_or(Name::is_plain)
    }
}

impl fmt::Display for TypeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => name.fmt(f),
            None => write!(f, "<unnamed-{}>", self.id.value()),
        }
    }
}
