//! The complete comparison of two policies: every statement that one has and the other has not, or has otherwise.
//!
//! A [`Comparison`] holds what the two sides share, by name: the numbers of one policy mean nothing to the other. It is asked
//! kind by kind, so that who wants one kind pays for no other. Rules are compared with their attributes expanded, so
//! that what is found is what changed for pairs of types; `cells` says how that is done without expanding everything.
//!
//! Source of what is compared with what: SETools' package `setools.diff`. [`Reading`] says where the native comparison sees
//! more.

mod access;
mod cells;
mod classes;
mod conditions;
mod limit;
mod reading;
mod row;
mod side;
mod types;

use avstore::Store;
use policydb::Policy;

pub use access::AccessChange;
pub use classes::SharedClass;
pub use conditions::{Condition, SharedBranch};
pub use limit::TooMuch;
pub use reading::Reading;
pub use row::SharedType;
pub use side::{Bytes, Changes, NamedChange, SetChange, Side};

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
        }
    }

    /// The store of a side.
    pub fn store(&self, side: Side) -> &'s Store<'p> {
        side.of(self.stores)
    }

    fn policy(&self, side: Side) -> &'p Policy<'p> {
        self.store(side).policy()
    }

    fn limit(&self) -> Limit {
        let n_bytes = |side| self.policy(side).n_bytes();
        Limit::of(n_bytes(Side::Left).saturating_add(n_bytes(Side::Right)))
    }
}
