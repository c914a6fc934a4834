//! Which conditional rules are in force under given booleans.
//! Source: `cond_evaluate_expr` and `evaluate_cond_node` in the kernel's `ss/conditional.c`.

use policydb::{BoolId, CondOp, CondToken, Conditional, Policy};

use crate::Branch;

/// A state for every boolean of a policy.
#[derive(Clone, Debug)]
pub struct Booleans {
    states: Vec<bool>,
}

impl Booleans {
    /// The states that the policy file holds.
    pub fn of(policy: &Policy<'_>) -> Self {
        let n_booleans = u32::try_from(policy.n_booleans()).unwrap_or(u32::MAX);
        let state =
            |index| policy.boolean(BoolId::from_index(index)).is_some_and(|(_, boolean)| boolean.state);
        Booleans { states: (0..n_booleans).map(state).collect() }
    }

    /// The same with one boolean set.
    #[must_use]
    pub fn with(mut self, id: BoolId, state: bool) -> Self {
        if let Some(slot) = self.states.get_mut(id.index()) {
            *slot = state;
        }
        self
    }

    /// The state of a boolean.
    pub fn get(&self, id: BoolId) -> bool {
        self.states.get(id.index()).copied().unwrap_or(false)
    }
}

/// The value of every conditional under some booleans.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// `None` where the kernel cannot compute the condition; then neither branch is in force.
    values: Vec<Option<bool>>,
}

impl Conditions {
    /// Evaluates all conditionals. O(steps).
    pub fn under(policy: &Policy<'_>, booleans: &Booleans) -> Self {
        Conditions { values: policy.conditionals().iter().map(|c| condition_value(c, booleans)).collect() }
    }

    /// The value of a conditional, by its position; `None` where the kernel cannot compute it.
    pub fn value(&self, conditional: usize) -> Option<bool> {
        self.values.get(conditional).copied().flatten()
    }

    /// Whether the rules of a branch are in force.
    pub fn in_force(&self, branch: Branch) -> bool {
        self.value(branch.index()) == Some(branch.when)
    }
}

/// The value of one condition; `None` where the kernel cannot compute it. O(steps).
pub fn condition_value(conditional: &Conditional<'_>, booleans: &Booleans) -> Option<bool> {
    if conditional.is_computable { expression_value(conditional, booleans) } else { None }
}

/// The value of the expression of a condition, be it too deep for the kernel or not. O(steps).
pub fn expression_value(conditional: &Conditional<'_>, booleans: &Booleans) -> Option<bool> {
    let mut stack: Vec<bool> = Vec::with_capacity(4);
    for token in conditional.expression() {
        let value = match token {
            CondToken::Bool(id) => booleans.get(id),
            CondToken::Op(CondOp::Not) => !stack.pop()?,
            CondToken::Op(op) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                match op {
                    CondOp::Or => left || right,
                    CondOp::And => left && right,
                    CondOp::Xor | CondOp::Neq => left != right,
                    CondOp::Eq => left == right,
                    CondOp::Not => return None,
                }
            }
        };
        stack.push(value);
    }
    stack.pop()
}
