//! The sides of a rule: which types a symbol stands for, and which symbols answer a question about a side.

use std::collections::BTreeSet;

use policydb::{Policy, TypeId};
use regex::Regex;

/// One side of a rule, as it is asked for.
#[derive(Clone, Debug)]
pub enum Side {
    /// A type, an alias or an attribute: any symbol that stands for one of the types that this stands for.
    Named(String),
    /// The symbol as written in the rule, not the types that it stands for.
    Written(String),
    /// A regular expression, found anywhere in a name: the symbols with such a name, and the attributes of types
    /// with such a name.
    Matching(Regex),
}

impl Side {
    /// Whether a name is the one asked for, or one of those.
    pub(crate) fn is_name(&self, name: &str) -> bool {
        match self {
            Side::Named(asked) | Side::Written(asked) => asked == name,
            Side::Matching(expression) => expression.is_match(name),
        }
    }
}

/// For each id, the types that it stands for in rules.
pub(crate) struct Types<'q, 'p> {
    policy: &'q Policy<'p>,
    stands_for: Vec<BTreeSet<TypeId>>,
}

impl<'q, 'p> Types<'q, 'p> {
    /// A type stands for itself. An attribute stands for the types that have it; so does an id without a
    /// symbol, for before version 24 attributes have none.
    pub(crate) fn of(policy: &'q Policy<'p>) -> Self {
        let mut types = Types { policy, stands_for: vec![BTreeSet::new(); policy.n_types()] };
        for id in ids(policy).filter(|&id| is_type(policy, id)) {
            types.stands_for[id.index()].insert(id);
            for bit in policy.attributes_of(id).bits() {
                if !is_type(policy, TypeId::from_index(bit)) {
                    types.stands_for[bit as usize].insert(id);
                }
            }
        }
        types
    }

    /// The symbols that answer a question about a side.
    pub(crate) fn answering(&self, side: &Side) -> BTreeSet<TypeId> {
        if let Side::Written(_) = side {
            return self.named(side);
        }
        let (named, mut meant) = (self.named(side), self.meant(side));
        if let Side::Matching(_) = side {
            // A matching attribute is itself an answer, and not all that shares a type with it.
            meant.retain(|id| named.contains(id));
        }
        let stand_for_one = |id: &TypeId| !self.stands_for[id.index()].is_disjoint(&meant);
        let mut answering: BTreeSet<TypeId> = ids(self.policy).filter(stand_for_one).collect();
        if let Side::Matching(_) = side {
            answering.extend(named);
        }
        answering
    }

    /// The types that are meant: attributes replaced by their members.
    pub(crate) fn meant(&self, side: &Side) -> BTreeSet<TypeId> {
        self.named(side).into_iter().flat_map(|id| self.stands_for[id.index()].clone()).collect()
    }

    /// The symbols of the name, or of the names, that are asked for.
    fn named(&self, side: &Side) -> BTreeSet<TypeId> {
        let policy = self.policy;
        let symbols = ids(policy).filter_map(|id| Some((policy.type_symbol(id)?.0, id)));
        let named = symbols.chain(policy.type_aliases()).filter(|(name, _)| side.is_name(&name.to_string()));
        named.map(|(_, id)| id).collect()
    }
}

/// Every id of a type or attribute.
fn ids(policy: &Policy<'_>) -> impl Iterator<Item = TypeId> {
    (0..policy.n_types()).map(|index| TypeId::from_index(u32::try_from(index).expect("32 bits")))
}

fn is_type(policy: &Policy<'_>, id: TypeId) -> bool {
    policy.type_symbol(id).is_some_and(|(_, symbol)| !symbol.is_attribute)
}
