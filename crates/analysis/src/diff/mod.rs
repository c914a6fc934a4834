//! What changed between two policies: for whom, how serious, and why.

mod condition;
mod effective;
mod matching;
mod rules;

use avstore::Store;

pub use condition::{Condition, ConditionTable};
pub use effective::{AccessChange, Cause, Effective};
pub use matching::{Both, Matching, Symbol, SymbolSet, Which};
pub use rules::JoinedRule;

/// Two policies compared.
#[derive(Debug)]
pub struct Comparison<'s, 'p> {
    /// What is the same in both.
    pub matching: Matching<'s, 'p>,
    /// Conditions of both.
    pub conditions: ConditionTable,
    /// The `allow` rules of both.
    allow: rules::RuleTable,
    /// What really changed.
    pub effective: Effective,
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Compares two policies.
    pub fn of(old: &'s Store<'p>, new: &'s Store<'p>) -> Self {
        let matching = Matching::new(old, new);
        let mut conditions = ConditionTable::of(&matching);
        let [allow, _, _] = rules::tables(&matching, &conditions);
        let effective = effective::effective(&matching, &mut conditions, &allow);
        Comparison { matching, conditions, allow, effective }
    }
}
