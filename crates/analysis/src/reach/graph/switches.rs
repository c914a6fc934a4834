//! Which branches of conditions count: those in force, or those that some setting of the booleans puts in force.

use avstore::{Booleans, Branch, Conditions, condition_value};
use policydb::{BoolId, CondToken, Conditional, Policy};

/// Of how many open booleans a condition is tried under each setting; one with more is taken to be possible.
const TRIED: usize = 10;

/// For each conditional, whether its false and its true branch count.
#[derive(Clone, Debug)]
pub struct Switches(Vec<[bool; 2]>);

impl Switches {
    /// Branches in force.
    pub fn in_force(policy: &Policy<'_>, conditions: &Conditions) -> Self {
        let of = |at: usize| [conditions.value(at) == Some(false), conditions.value(at) == Some(true)];
        Switches((0..policy.conditionals().len()).map(of).collect())
    }

    /// Branches in force under some setting that has `fixed` booleans as they are. O(conditionals × 2 ^ booleans of each).
    pub fn possible(policy: &Policy<'_>, now: &Booleans, fixed: &[(BoolId, bool)]) -> Self {
        let base = fixed.iter().fold(now.clone(), |booleans, &(id, state)| booleans.with(id, state));
        Switches(policy.conditionals().iter().map(|condition| possible(condition, &base, fixed)).collect())
    }

    /// Whether rules of a branch count; those of none always do.
    pub fn counts(&self, branch: Option<Branch>) -> bool {
        branch.is_none_or(|branch| {
            self.0.get(branch.index()).and_then(|values| values.get(usize::from(branch.when))) == Some(&true)
        })
    }
}

/// The booleans of a condition, each once.
pub(super) fn booleans_of(condition: &Conditional<'_>) -> Vec<BoolId> {
    let mut ids: Vec<BoolId> = condition
        .expression()
        .filter_map(|token| match token {
            CondToken::Bool(id) => Some(id),
            CondToken::Op(_) => None,
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn possible(condition: &Conditional<'_>, base: &Booleans, fixed: &[(BoolId, bool)]) -> [bool; 2] {
    if !condition.is_computable {
        return [false; 2];
    }
    let is_open = |id: &BoolId| !fixed.iter().any(|(other, _)| other == id);
    let open: Vec<BoolId> = booleans_of(condition).into_iter().filter(is_open).collect();
    if open.len() > TRIED {
        return [true; 2];
    }
    let mut possible = [false; 2];
    for setting in 0..1u32 << open.len() {
        let states = open.iter().enumerate().map(|(bit, id)| (*id, setting >> bit & 1 == 1));
        let booleans = states.fold(base.clone(), |booleans, (id, state)| booleans.with(id, state));
        match condition_value(condition, &booleans) {
            Some(true) => possible[1] = true,
            Some(false) => possible[0] = true,
            None => {}
        }
        if possible == [true; 2] {
            break;
        }
    }
    possible
}
