//! The complete comparison of two policies: every statement that one has and the other has not, or has otherwise.
//!
//! A [`Comparison`] holds what the two sides share, by name: the numbers of one policy mean nothing to the other. It is asked
//! kind by kind, so that who wants one kind pays for no other. Rules are compared with their attributes expanded, so
//! that what is found is what changed for pairs of types; `cells` says how that is done without expanding everything.
//!
//! Source of what is compared with what: SETools' package `setools.diff`. [`Reading`] says where the native comparison sees
//! more.

mod access;
mod access_changes;
mod cells;
mod classes;
mod conditions;
mod constraints;
mod labels;
mod levels;
mod limit;
mod other_rules;
mod reading;
mod row;
mod side;
mod stated;
mod symbols;
mod type_rules;
mod types;
mod xperms;

use std::cell::OnceCell;

use avstore::Store;
use policydb::{ClassId, Policy, TypeId};

pub use access_changes::{AccessChange, AccessChanges, ChangedTarget};
pub use classes::SharedClass;
pub use conditions::{Condition, SharedBranch};
pub use labels::{BoundChange, DefaultStatement, LabelChange, LabelStatement};
pub use levels::{AliasChange, LevelChange, LevelDeclaration, Valued};
pub use limit::TooMuch;
pub use other_rules::{RangeTransitionChange, RoleAllowStatement, RoleTransitionChange};
pub use reading::Reading;
pub use row::SharedType;
pub use side::{Bytes, Changes, NamedChange, SetChange, Side};
pub use symbols::{BooleanChange, PropertyChange, TypeChange, UserChange};
pub use type_rules::TypeRuleChange;
pub use xperms::{Commands, XpermChange};

use access::{RareRule, rare_rules};
use classes::SharedClasses;
use conditions::SharedConditions;
use limit::Limit;
use types::SharedTypes;

/// Two policies, ready to be compared.
#[derive(Debug)]
pub struct Comparison<'s, 'p> {
    stores: [&'s Store<'p>; 2],
    reading: Reading,
    types: SharedTypes<'s, 'p>,
    classes: SharedClasses<'p>,
    conditions: SharedConditions,
    /// Rules that do not give access, once they are asked for.
    rare_rules: OnceCell<[Vec<RareRule>; 2]>,
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Compares an old policy with a new one. O(types + classes + conditions).
    pub fn new(old: &'s Store<'p>, new: &'s Store<'p>, reading: Reading) -> Self {
        let stores = [old, new];
        Comparison {
            stores,
            reading,
            types: SharedTypes::new(stores),
            classes: SharedClasses::new(stores),
            conditions: SharedConditions::new(stores, reading),
            rare_rules: OnceCell::new(),
        }
    }

    /// The store of a side.
    pub fn store(&self, side: Side) -> &'s Store<'p> {
        side.of(self.stores)
    }

    /// The ids that a side has for a source, a target and a class.
    pub fn ids(
        &self,
        side: Side,
        source: SharedType,
        target: SharedType,
        class: SharedClass,
    ) -> Option<(TypeId, TypeId, ClassId)> {
        let class = self.policy(side).class_named(self.classes.name(class).as_bytes())?;
        Some((self.types.id(side, source)?, self.types.id(side, target)?, class))
    }

    fn policy(&self, side: Side) -> &'p Policy<'p> {
        self.store(side).policy()
    }

    fn rare_rules(&self, side: Side) -> &[RareRule] {
        let rules = self.rare_rules.get_or_init(|| Side::BOTH.map(|side| rare_rules(self.policy(side))));
        let [left, right] = rules;
        side.of([left, right])
    }

    fn limit(&self) -> Limit {
        let n_bytes = |side| self.policy(side).n_bytes();
        Limit::of(n_bytes(Side::Left).saturating_add(n_bytes(Side::Right)))
    }
}
