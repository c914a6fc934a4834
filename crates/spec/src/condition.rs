//! When are the rules of a conditional in force?

use policydb::{CondOp, CondToken, Policy};

/// Whether the rules of the branch `when` of a conditional are in force, with some booleans set over the
/// states in the policy. The value of the condition is worked out on a stack, as the kernel does.
pub fn is_in_force(policy: &Policy<'_>, conditional: usize, when: bool, settings: &[(String, bool)]) -> bool {
    let conditional = &policy.conditionals()[conditional];
    let mut stack = Vec::new();
    for token in conditional.expression() {
        let value = match token {
            CondToken::Bool(id) => {
                let (name, boolean) = policy.boolean(id).expect("conditions name booleans");
                let set = settings.iter().rev().find(|(set, _)| *set == name.to_string());
                set.map_or(boolean.state, |(_, state)| *state)
            }
            CondToken::Op(CondOp::Not) => {
                let operand: bool = stack.pop().expect("an operand");
                !operand
            }
            CondToken::Op(op) => {
                let right = stack.pop().expect("a right operand");
                let left = stack.pop().expect("a left operand");
                match op {
                    CondOp::Or => left || right,
                    CondOp::And => left && right,
                    CondOp::Xor | CondOp::Neq => left != right,
                    CondOp::Eq => left == right,
                    CondOp::Not => unreachable!("has one operand"),
                }
            }
        };
        stack.push(value);
        // The kernel's stack holds ten values; without a value of the condition neither branch counts.
        if stack.len() > 10 {
            return false;
        }
    }
    stack.pop() == Some(when)
}
