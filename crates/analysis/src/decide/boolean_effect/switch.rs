//! Which conditionals a boolean switches, and which of those that name it do not change as the others stand.
//!
//! The other booleans keep the states of the circumstances; a condition of several booleans may have one value
//! whichever way this one stands. Then the smallest sets of others are sought that would have to change, among the
//! first [`MOST_OTHERS`] of the condition: at most 2^[`MOST_OTHERS`] evaluations a conditional.

use std::ops::Range;

use avstore::{Booleans, Branch, Conditions, condition_value};
use policydb::{BoolId, Conditional, Policy};

/// Other booleans of one condition that are tried.
const MOST_OTHERS: usize = 8;

/// In which of the two states of the boolean a rule is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    Off,
    On,
}

/// The conditions with the boolean off and on.
pub(super) struct Switch {
    pub(super) off: Booleans,
    pub(super) on: Booleans,
    values_off: Conditions,
    values_on: Conditions,
    /// Conditionals that name the boolean, by position.
    naming: Vec<u32>,
}

impl Switch {
    pub(super) fn new(policy: &Policy<'_>, boolean: BoolId, booleans: &Booleans) -> Self {
        let [off, on] = [false, true].map(|state| booleans.clone().with(boolean, state));
        let (values_off, values_on) = (Conditions::under(policy, &off), Conditions::under(policy, &on));
        Switch { off, on, values_off, values_on, naming: naming(policy, boolean).collect() }
    }

    /// When the rules of a branch are in force; `None` for never.
    pub(super) fn when(&self, branch: Branch) -> Option<When> {
        match (self.values_off.in_force(branch), self.values_on.in_force(branch)) {
            (true, true) => Some(When::Always),
            (true, false) => Some(When::Off),
            (false, true) => Some(When::On),
            (false, false) => None,
        }
    }

    /// Whether the value of a conditional changes with the boolean.
    fn changes(&self, conditional: u32) -> bool {
        let at = conditional as usize;
        self.values_off.value(at) != self.values_on.value(at)
    }

    /// The conditionals that name the boolean and change with it.
    pub(super) fn changing(&self) -> impl Iterator<Item = u32> + '_ {
        self.naming.iter().copied().filter(|conditional| self.changes(*conditional))
    }

    /// Those that name it and do not change, with their value.
    pub(super) fn still(&self) -> impl Iterator<Item = (u32, Option<bool>)> + '_ {
        let still = self.naming.iter().copied().filter(|conditional| !self.changes(*conditional));
        still.map(|conditional| (conditional, self.values_off.value(conditional as usize)))
    }

    /// The smallest sets of other booleans that, changed to these states, let the boolean change a condition.
    pub(super) fn ways_to_free(
        &self,
        conditional: &Conditional<'_>,
        boolean: BoolId,
    ) -> Vec<Vec<(BoolId, bool)>> {
        let mut others: Vec<BoolId> = Vec::new();
        for id in avstore::boolean_ids(conditional) {
            if id != boolean && !others.contains(&id) && others.len() < MOST_OTHERS {
                others.push(id);
            }
        }
        let mut ways: Vec<Vec<(BoolId, bool)>> = Vec::new();
        let mut subsets: Vec<u32> = (1..1u32 << others.len()).collect();
        subsets.sort_by_key(|subset| (subset.count_ones(), *subset));
        for subset in subsets {
            if ways.first().is_some_and(|found| found.len() < subset.count_ones() as usize) {
                break;
            }
            let chosen = (0u32..).zip(&others).filter(|(bit, _)| subset >> bit & 1 == 1);
            let way: Vec<(BoolId, bool)> = chosen.map(|(_, id)| (*id, !self.off.get(*id))).collect();
            let value = |booleans: &Booleans| {
                let set = |booleans: Booleans, &(id, state): &(BoolId, bool)| booleans.with(id, state);
                condition_value(conditional, &way.iter().fold(booleans.clone(), set))
            };
            if value(&self.off) != value(&self.on) {
                ways.push(way);
            }
        }
        ways
    }
}

/// The conditionals that name a boolean.
pub(super) fn naming(policy: &Policy<'_>, boolean: BoolId) -> impl Iterator<Item = u32> {
    let names_it = move |node: &Conditional<'_>| avstore::boolean_ids(node).any(|id| id == boolean);
    (0u32..).zip(policy.conditionals()).filter(move |(_, node)| names_it(node)).map(|(at, _)| at)
}

/// The two branches of a conditional, and the positions of their rules.
pub(super) fn branches(policy: &Policy<'_>, conditional: u32) -> Vec<(Branch, Range<usize>)> {
    let node = policy.conditionals().get(conditional as usize);
    node.map_or_else(Vec::new, |node| {
        let of = |when, rules: &Range<usize>| (Branch { conditional, when }, rules.clone());
        vec![of(true, &node.true_rules), of(false, &node.false_rules)]
    })
}
