//! Every reason for a denial, as the decision's proof has them, in the terms of the question.

use policydb::{BoolId, HandleUnknown, RoleId, RuleKind, TypeId};

use super::boolean_sets::{Asker, BooleanSets, boolean_sets, words};
use super::denied::{ContextSide, Denied, Evidence, context_faults};
use super::fixes::permission_names;
use crate::decide::Grants;
use crate::decide::{
    Access, Applied, AppliedRule, Circumstances, CommandVerdict, Contexts, Decider, LeafReason, Operation,
    Proof,
};

/// A reason for a denial, and the permissions that it refuses.
#[derive(Clone, Debug)]
pub enum Cause<'p> {
    /// The policy would allow it: it changed since, or a boolean or label did, or another policy is loaded.
    Allowed {
        /// The permissions that are granted.
        permissions: u32,
        /// Booleans of the conditions under which rules grant them.
        booleans: Vec<BoolId>,
    },
    /// The loaded policy did not know a context, and took it for that of unlabelled objects.
    StoredContext {
        /// Whose context.
        side: ContextSide,
        /// As it was stored.
        text: String,
        /// What keeps it from being valid in this policy; nothing if it is valid here.
        faults: Vec<String>,
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
        sets: BooleanSets,
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
    /// Extended rules do not list commands.
    Commands {
        /// What they are about.
        operation: Operation,
        /// What the rules say, one by one.
        verdicts: Vec<CommandVerdict<'p>>,
    },
    /// Rules keep such denials out of the log where this policy is loaded: harmless probes, as a rule.
    DontAudit {
        /// The permissions that are denied and not logged.
        permissions: u32,
    },
    /// Neither the policy nor the kernels known here have permissions: a newer kernel, or a misspelt word.
    Unknown {
        /// Their names.
        permissions: Vec<String>,
    },
    /// The policy does not define permissions; handle_unknown decides.
    Undefined {
        /// Their names.
        permissions: Vec<String>,
        /// Whether handle_unknown allows them.
        allowed: bool,
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

impl Cause<'_> {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            Cause::Allowed { .. } => "allowed",
            Cause::StoredContext { .. } => "stored_context",
            Cause::NoRule { .. } => "no_rule",
            Cause::Booleans { .. } => "booleans",
            Cause::Constraint(_) => "constraint",
            Cause::Role { .. } => "role",
            Cause::Bounds { .. } => "bounds",
            Cause::Commands { .. } => "commands",
            Cause::DontAudit { .. } => "dontaudit",
            Cause::Unknown { .. } => "unknown_permission",
            Cause::Undefined { .. } => "undefined",
        }
    }

    /// Whether it is a reason why something is denied, or may be.
    pub const fn refuses(&self) -> bool {
        !self.is_grant() && !matches!(self, Cause::DontAudit { .. })
    }

    /// Whether it says that something is granted by this policy.
    pub const fn is_grant(&self) -> bool {
        matches!(self, Cause::Allowed { .. } | Cause::Undefined { allowed: true, .. })
    }
}

/// All causes of a denial. O(rules).
pub(super) fn causes<'p>(
    decider: &Decider<'_, 'p>,
    circumstances: &Circumstances,
    evidence: &Evidence,
    denied: &Denied,
) -> (Vec<Cause<'p>>, Proof<'p>) {
    let store = decider.store();
    let access = Access { source: &denied.source, target: &denied.target, class: denied.class };
    let proof = decider.prove(&access, denied.permissions);
    let mut causes = stored_contexts(decider, evidence);
    let without = proof.without_rule();
    if without != 0 {
        let in_no_force = proof.grants.iter().filter(|applied| !applied.in_force);
        let switched = in_no_force.fold(0, |all, applied| all | applied.rule.permissions());
        let (some, none) = (without & switched, without & !switched);
        if some != 0 {
            let symbols = symbols_of(decider, denied.source.r#type);
            store.prepare();
            let present = Grants::in_force(decider, &symbols);
            let booleans = &circumstances.booleans;
            let name = |id| store.type_name(id).to_string();
            let (source, target) = (name(denied.source.r#type), name(denied.target.r#type));
            let words = words(&source, &target, &permission_names(store, denied.class, some));
            let asker = Asker { store, booleans, symbols: &symbols, present: &present, words };
            causes.push(Cause::Booleans { permissions: some, sets: boolean_sets(&asker, &proof) });
        }
        if none != 0 {
            causes.push(Cause::NoRule { permissions: none });
        }
    }
    let contexts = Contexts::new(&denied.source, &denied.target);
    for refusal in &proof.constraints {
        let Some(constraint) = decider.constraints(denied.class).get(refusal.index) else { continue };
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
        let permissions = bound.permissions & !without;
        causes.push(Cause::Bounds { permissions, bounding: bound.source, target: bound.target });
    }
    for operation in [Operation::Ioctl, Operation::Nlmsg] {
        let asked = denied.commands.iter().filter(|(of, _)| *of == operation);
        let verdicts = asked.map(|(_, command)| decider.command(&access, operation, *command));
        let verdicts: Vec<CommandVerdict<'p>> = verdicts.filter(|verdict| !verdict.allowed).collect();
        if !verdicts.is_empty() {
            causes.push(Cause::Commands { operation, verdicts });
        }
    }
    if !denied.undefined.is_empty() {
        let allowed = store.policy().header().handle_unknown == HandleUnknown::Allow;
        causes.push(Cause::Undefined { permissions: denied.undefined.clone(), allowed });
    }
    if !denied.unknown.is_empty() {
        causes.push(Cause::Unknown { permissions: denied.unknown.clone() });
    }
    let hidden = hidden(&proof) & denied.permissions & !proof.granted();
    if hidden != 0 {
        causes.push(Cause::DontAudit { permissions: hidden });
    }
    // A granted `ioctl` says nothing where the command was what was denied.
    let of_commands = causes.iter().fold(0, |all, cause| all | command_permission(decider, denied, cause));
    let allowed = proof.granted() & !of_commands;
    if allowed != 0 {
        causes.push(Cause::Allowed { permissions: allowed, booleans: switches(decider, &proof, allowed) });
    }
    (causes, proof)
}

/// The booleans of conditions under which rules grant permissions, if no rule without a condition does.
fn switches(decider: &Decider<'_, '_>, proof: &Proof<'_>, permissions: u32) -> Vec<BoolId> {
    let policy = decider.store().policy();
    let mut unconditional = 0;
    let mut booleans = Vec::new();
    for applied in proof.grants.iter().filter(|applied| applied.in_force) {
        match &applied.rule {
            AppliedRule::Stated(rule) if rule.branch().is_some() => {
                let conditional = rule.branch().and_then(|branch| policy.conditionals().get(branch.index()));
                booleans.extend(conditional.into_iter().flat_map(avstore::boolean_ids));
            }
            rule => unconditional |= rule.permissions(),
        }
    }
    if permissions & !unconditional == 0 {
        booleans.clear();
    }
    booleans.sort_unstable();
    booleans.dedup();
    booleans
}

/// The permission under which refused commands are asked for.
fn command_permission(decider: &Decider<'_, '_>, denied: &Denied, cause: &Cause<'_>) -> u32 {
    let name: &[u8] = match cause {
        Cause::Commands { operation: Operation::Ioctl, .. } => b"ioctl",
        Cause::Commands { operation: Operation::Nlmsg, .. } => b"nlmsg",
        _ => return 0,
    };
    decider.store().permission_named(denied.class, name).map_or(0, |permission| 1 << permission.bit)
}

/// Contexts that the loaded policy did not know.
fn stored_contexts<'p>(decider: &Decider<'_, 'p>, evidence: &Evidence) -> Vec<Cause<'p>> {
    let sides =
        [(ContextSide::Source, &evidence.stored_source), (ContextSide::Target, &evidence.stored_target)];
    let stored = sides.into_iter().filter_map(|(side, text)| Some((side, text.as_ref()?)));
    let cause = |(side, text): (ContextSide, &String)| {
        let faults = context_faults(decider.context_rules(), decider.store(), text);
        Cause::StoredContext { side, text: text.clone(), faults }
    };
    stored.map(cause).collect()
}

/// A type and its attributes: the symbols by which rules mean it.
pub(super) fn symbols_of(decider: &Decider<'_, '_>, id: TypeId) -> avstore::TypeSet {
    let mut symbols = decider.store().empty_set();
    symbols.insert(id);
    symbols.insert_all(decider.store().policy().attributes_of(id));
    symbols
}

/// The permissions whose denials a rule in force keeps out of the log.
pub(super) fn hidden(proof: &Proof<'_>) -> u32 {
    let dontaudit = |applied: &&Applied<'_>| matches!(&applied.rule, AppliedRule::Stated(avstore::Rule::Av { rule, .. }) if rule.kind() == RuleKind::DontAudit);
    proof.audits.iter().filter(dontaudit).fold(0, |all, applied| all | applied.rule.permissions())
}

/// The permissions that constraints, roles or bounds refuse, whatever rules there are.
pub(super) fn refused_whatever_rules(causes: &[Cause<'_>]) -> u32 {
    causes.iter().fold(0, |all, cause| match cause {
        Cause::Constraint(constraint) if constraint.certain => all | constraint.permissions,
        Cause::Role { permissions, .. } | Cause::Bounds { permissions, .. } => all | permissions,
        _ => all,
    })
}
