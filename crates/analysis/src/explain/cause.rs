//! Every reason for a denial, as the decision's proof has them, in the terms of the question.

use policydb::{RoleId, RuleKind, TypeId};

use super::Denied;
use super::boolean_sets::{BooleanSet, boolean_sets};
use crate::decide::{
    Access, Applied, AppliedRule, Circumstances, CommandVerdict, Decider, LeafReason, Operation, Proof,
};

/// A reason for a denial, and the permissions that it refuses.
#[derive(Clone, Debug)]
pub enum Cause<'p> {
    /// The policy would allow it: it changed since, or a boolean or label did, or another policy is loaded.
    Allowed {
        /// The permissions that are granted.
        permissions: u32,
    },
    /// No rule grants it, whatever booleans are set.
    NoRule {
        /// The permissions that lack one.
        permissions: u32,
    },
    /// Rules grant it under other booleans.
    Booleans {
        /// The permissions that lack a rule in force.
        permissions: u32,
        /// Sets of booleans that would do, the smallest first.
        sets: Vec<BooleanSet>,
    },
    /// A constraint refuses it.
    Constraint(ConstraintCause),
    /// No role `allow` permits the change of role.
    Role {
        /// The permissions of process transitions.
        permissions: u32,
        /// The role of the source.
        from: Option<RoleId>,
        /// The role of the target.
        to: Option<RoleId>,
    },
    /// The bounding type lacks it.
    Bounds {
        /// The permissions that it lacks.
        permissions: u32,
        /// The bounding type of the source.
        bounding: TypeId,
        /// What the target is in that comparison.
        target: TypeId,
    },
    /// Extended rules do not list the command.
    Command {
        /// What it is about.
        operation: Operation,
        /// What they say.
        verdict: CommandVerdict<'p>,
    },
    /// The policy does not define a permission, and handle_unknown does not allow it.
    Undefined {
        /// Its name.
        permissions: Vec<String>,
    },
}

/// A constraint that refuses.
#[derive(Clone, Debug)]
pub struct ConstraintCause {
    /// The permissions that it refuses.
    pub permissions: u32,
    /// The constraint in policy language.
    pub expression: String,
    /// Whether it compares levels.
    pub compares_levels: bool,
    /// Whether it refuses whatever was left open.
    pub certain: bool,
    /// The comparisons to which that is due.
    pub leaves: Vec<LeafReason>,
}

/// All causes of a denial. O(rules).
pub fn causes<'p>(
    decider: &Decider<'_, 'p>,
    circumstances: &Circumstances,
    denied: &Denied,
) -> (Vec<Cause<'p>>, Proof<'p>) {
    let store = decider.store();
    let access = Access { source: &denied.source, target: &denied.target, class: denied.class };
    let proof = decider.prove(&access, denied.permissions);
    let mut causes = Vec::new();
    let without = proof.without_rule();
    if without != 0 {
        let sets = boolean_sets(store.policy(), &proof, &circumstances.booleans);
        let switched = proof
            .grants
            .iter()
            .filter(|applied| !applied.in_force)
            .fold(0, |all, applied| all | applied.rule.permissions());
        let (some, none) = (without & switched, without & !switched);
        if some != 0 {
            causes.push(Cause::Booleans { permissions: some, sets });
        }
        if none != 0 {
            causes.push(Cause::NoRule { permissions: none });
        }
    }
    for refusal in &proof.constraints {
        let Some(constraint) = decider.constraints(denied.class).get(refusal.index) else { continue };
        let contexts = crate::decide::Contexts::new(&denied.source, &denied.target);
        causes.push(Cause::Constraint(ConstraintCause {
            permissions: refusal.permissions,
            expression: decider.expression_text(constraint),
            compares_levels: avstore::compares_levels(&constraint.steps),
            certain: refusal.certain,
            leaves: decider.leaf_reasons(constraint, &refusal.values, contexts),
        }));
    }
    if let Some(role) = &proof.role {
        causes.push(Cause::Role { permissions: role.permissions, from: role.from, to: role.to });
    }
    // What the type lacks itself, its bounding type need not be blamed for.
    if let Some(bound) = &proof.bound
        && bound.permissions & !without != 0
    {
        causes.push(Cause::Bounds {
            permissions: bound.permissions & !without,
            bounding: bound.source,
            target: bound.target,
        });
    }
    if let Some((operation, command)) = denied.command {
        let verdict = decider.command(&access, operation, command);
        if !verdict.allowed {
            causes.push(Cause::Command { operation, verdict });
        }
    }
    if !denied.undefined.is_empty() {
        causes.push(Cause::Undefined { permissions: denied.undefined.clone() });
    }
    if causes.is_empty() && proof.granted() != 0 {
        causes.push(Cause::Allowed { permissions: proof.granted() });
    }
    (causes, proof)
}

/// The permissions whose denials a rule in force keeps out of the log.
pub(super) fn hidden(proof: &Proof<'_>) -> u32 {
    let dontaudit = |applied: &&Applied<'_>| matches!(&applied.rule, AppliedRule::Stated(avstore::Rule::Av { rule, .. }) if rule.kind() == RuleKind::DontAudit);
    proof.audits.iter().filter(dontaudit).fold(0, |all, applied| all | applied.rule.permissions())
}
