//! Why a decision is what it is: every rule that grants, and everything that refuses, found together.
//!
//! The decision itself stops asking once a permission is gone. A proof asks everything of every permission that
//! was requested: who repairs one cause should not meet the next one afterwards.

use avstore::{ExtraAllow, Rule, TypeSet};
use policydb::{ClassId, RoleId, RuleKind, TypeId};

use super::constraint_value::Contexts;
use super::{Access, Decider, Decision, Side, rules};

/// A decision and the reasons for it.
#[derive(Clone, Debug)]
pub struct Proof<'p> {
    /// The decision.
    pub decision: Decision,
    /// The permissions that were asked about.
    pub requested: u32,
    /// Rules that grant one of them, in force or not.
    pub grants: Vec<Applied<'p>>,
    /// Rules about the auditing of one of them that are in force.
    pub audits: Vec<Applied<'p>>,
    /// Constraints that refuse one of them, or may do so.
    pub constraints: Vec<Refusal>,
    /// The change of role that has to be allowed.
    pub role: Option<RoleChange>,
    /// The bounding type, if it lacks one of them.
    pub bound: Option<Box<Bound<'p>>>,
}

/// A rule that applies, and through which attributes.
#[derive(Clone, Debug)]
pub struct Applied<'p> {
    /// The rule.
    pub rule: AppliedRule<'p>,
    /// The attribute through which the source matches; `None` if the rule names the type.
    pub source_through: Option<TypeId>,
    /// The attribute through which the target matches.
    pub target_through: Option<TypeId>,
    /// Whether it is in force under the booleans of the question.
    pub in_force: bool,
}

/// Where a rule stands.
#[derive(Clone, Debug)]
pub enum AppliedRule<'p> {
    /// In the policy.
    Stated(Rule<'p>),
    /// In the question.
    Extra(ExtraAllow),
}

impl AppliedRule<'_> {
    /// The permissions that it is about.
    pub fn permissions(&self) -> u32 {
        match self {
            AppliedRule::Stated(Rule::Av { rule, .. }) if rule.kind().has_permissions() => rule.permissions(),
            AppliedRule::Stated(_) => 0,
            AppliedRule::Extra(rule) => rule.permissions,
        }
    }
}

/// A constraint that refuses permissions.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Position among the class's constraints.
    pub index: usize,
    /// The permissions of those requested that it takes away.
    pub permissions: u32,
    /// Whether it refuses whatever was left open; else it depends.
    pub certain: bool,
    /// The value of each step of its expression; `None` where it depends on what was left open.
    pub values: Vec<Option<bool>>,
}

/// A transition of a process from one role to another.
#[derive(Clone, Copy, Debug)]
pub struct RoleChange {
    /// The role of the source, unless it was left open.
    pub from: Option<RoleId>,
    /// The role of the target.
    pub to: Option<RoleId>,
    /// The permissions of those requested that need it.
    pub permissions: u32,
    /// Whether it is certain that no role `allow` permits it; else it depends.
    pub certain: bool,
}

/// A bounding type that lacks permissions.
#[derive(Clone, Debug)]
pub struct Bound<'p> {
    /// The bounding type of the source.
    pub source: TypeId,
    /// The type of the target in the comparison: its bounding type, if it has one.
    pub target: TypeId,
    /// Whether that is the target's bounding type.
    pub target_is_bound: bool,
    /// The permissions that it lacks, of those requested.
    pub permissions: u32,
    /// Why it lacks them.
    pub proof: Proof<'p>,
}

impl Proof<'_> {
    /// Permissions of those requested that are granted whatever was left open.
    pub fn granted(&self) -> u32 {
        self.requested & self.decision.allowed
    }

    /// Permissions that are denied whatever was left open.
    pub fn denied(&self) -> u32 {
        self.requested & !self.decision.possible
    }

    /// Permissions that depend on what was left open.
    pub fn open(&self) -> u32 {
        self.requested & self.decision.possible & !self.decision.allowed
    }

    /// Permissions for which no rule is in force.
    pub fn without_rule(&self) -> u32 {
        self.requested & !self.decision.by_rules
    }
}

impl<'p> Decider<'_, 'p> {
    /// The decision about some permissions, with all reasons. O(rules).
    pub fn prove<S: Side>(&self, access: &Access<'_, S>, requested: u32) -> Proof<'p> {
        let decision = self.decide(access);
        let types = (access.source.type_id(), access.target.type_id());
        self.prove_types(access, requested, decision, types, 0)
    }

    /// The proof with `types` in the place of the types of source and target.
    fn prove_types<S: Side>(
        &self,
        access: &Access<'_, S>,
        requested: u32,
        decision: Decision,
        types: (TypeId, TypeId),
        depth: usize,
    ) -> Proof<'p> {
        let Access { source, target, class } = *access;
        let (source_id, target_id) = types;
        let source_symbols = self.overlay.symbols_of(self.store, source_id);
        let target_symbols = self.overlay.symbols_of(self.store, target_id);
        let about = |kinds: &[RuleKind]| {
            let found = rules::about(self, &source_symbols, &target_symbols, class, kinds);
            found.into_iter().map(|rule| self.applied(rule, source_id, target_id)).collect::<Vec<_>>()
        };
        let is_about = |applied: &Applied<'_>| applied.rule.permissions() & requested != 0;
        let mut grants = about(&[RuleKind::Allow]);
        grants.retain(is_about);
        grants.extend(
            self.extra_grants(&source_symbols, &target_symbols, source_id, target_id, class).filter(is_about),
        );
        let mut audits = about(&[RuleKind::AuditAllow, RuleKind::DontAudit]);
        audits.retain(|applied| applied.in_force && is_about(applied));

        let contexts = Contexts::new(source, target).with_types(types);
        let refusals = self.constraints(class).iter().enumerate().filter_map(|(index, constraint)| {
            let permissions = constraint.permissions & requested;
            if permissions == 0 {
                return None;
            }
            let values = constraint.values(&self.rules, contexts);
            match values.last().copied().flatten() {
                Some(true) => None,
                value => Some(Refusal { index, permissions, certain: value.is_some(), values }),
            }
        });
        let role_checked = self.role_checked_permissions(class) & requested;
        let role = match self.may_change_role(source, target) {
            _ if role_checked == 0 => None,
            Some(true) => None,
            value => Some(RoleChange {
                from: source.role(),
                to: target.role(),
                permissions: role_checked,
                certain: value.is_some(),
            }),
        };
        Proof {
            decision,
            requested,
            grants,
            audits,
            constraints: refusals.collect(),
            role,
            bound: self.bound(access, requested, types, depth),
        }
    }

    fn bound<S: Side>(
        &self,
        access: &Access<'_, S>,
        requested: u32,
        types: (TypeId, TypeId),
        depth: usize,
    ) -> Option<Box<Bound<'p>>> {
        let bounds = self.bounds(types).filter(|_| depth < super::decision::DEEPEST_BOUNDS)?;
        let types = bounds.types(types);
        let decision = self.compute(access, types, depth.saturating_add(1));
        let permissions = requested & !decision.allowed;
        if permissions == 0 {
            return None;
        }
        let proof = self.prove_types(access, requested, decision, types, depth.saturating_add(1));
        let target_is_bound = bounds.target.is_some();
        Some(Box::new(Bound { source: types.0, target: types.1, target_is_bound, permissions, proof }))
    }

    /// What must hold, of what was left open, for permissions that depend on it to be granted; in policy language.
    /// Empty where it is not constraints that they depend on.
    pub fn open_conditions(&self, proof: &Proof<'_>, class: ClassId, permissions: u32) -> Vec<String> {
        let refusals = proof.constraints.iter().filter(|refusal| refusal.permissions & permissions != 0);
        let mut conditions: Vec<String> = refusals
            .filter(|refusal| !refusal.certain)
            .filter_map(|refusal| {
                let constraint = self.constraints(class).get(refusal.index)?;
                Some(self.open_condition(constraint, &refusal.values))
            })
            .collect();
        if let Some(role) = proof.role.filter(|role| !role.certain && role.permissions & permissions != 0) {
            let name = |id: Option<RoleId>, open: &str| {
                let name = id.and_then(|id| self.store.policy().role_name(id));
                name.map_or_else(|| open.to_owned(), |name| name.to_string())
            };
            let (from, to) = (name(role.from, "r1"), name(role.to, "r2"));
            conditions.push(format!("r1 == r2 or `allow {from} {to};`"));
        }
        conditions.sort();
        conditions.dedup();
        conditions
    }

    /// A rule with how it applies to two types.
    pub(super) fn applied(&self, rule: Rule<'p>, source: TypeId, target: TypeId) -> Applied<'p> {
        let through = |symbol: Option<TypeId>, id| symbol.filter(|symbol| *symbol != id);
        Applied {
            source_through: through(rule.source_type(), source),
            target_through: through(rule.target_type(), target),
            in_force: rule.branch().is_none_or(|branch| self.conditions.in_force(branch)),
            rule: AppliedRule::Stated(rule),
        }
    }

    fn extra_grants(
        &self,
        source_symbols: &TypeSet,
        target_symbols: &TypeSet,
        source: TypeId,
        target: TypeId,
        class: ClassId,
    ) -> impl Iterator<Item = Applied<'p>> {
        let applies = move |rule: &&ExtraAllow| {
            rule.class == class && rule.applies(source_symbols, target_symbols, source == target)
        };
        self.overlay.allows.iter().filter(applies).map(move |rule| Applied {
            source_through: Some(rule.source).filter(|symbol| *symbol != source),
            target_through: rule.target.filter(|symbol| *symbol != target),
            in_force: true,
            rule: AppliedRule::Extra(*rule),
        })
    }
}
