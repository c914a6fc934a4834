//! Contexts and changes of context that the kernel refused (SELINUX_ERR records): no access was denied, no rule is missing.
//!
//! Source: `compute_sid_handle_invalid_context`, `security_bounded_transition` and `security_validtrans_handle_fail` in
//! the kernel's `ss/services.c`; `check_nnp_nosuid` in `hooks.c`.

use avstore::Store;
use policydb::{RoleId, TypeId, UserId};

use super::cause::ConstraintCause;
use super::denied::{as_far_as_known, context_faults};
use super::{Cause, Evidence, Explainer};
use crate::context::{Invalidity, MlsLevel, MlsRange, PartialContext};
use crate::decide::{Access, Contexts};
use crate::names::class_named;

/// What was refused, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A new process or object was to get a context that is not valid, or a program asked for such a label.
    InvalidContext(String),
    /// A process with no_new_privs, or a program on a nosuid mount, was to change to a context that its own does not bound.
    BoundedTransition {
        /// The process's context.
        old: String,
        /// The one it was to get.
        new: String,
    },
    /// A change of label that validatetrans statements forbid.
    ValidateTransition {
        /// The object's context.
        old: String,
        /// The one it was to get.
        new: String,
        /// The context of who changes it.
        process: String,
        /// The object's class.
        tclass: String,
    },
    /// Rules grant permissions that the bounding type lacks: the kernel takes them away and says so.
    Bounds(Evidence),
}

/// Why the kernel refused it.
#[derive(Clone, Debug)]
pub enum RefusalCause<'p> {
    /// The context is not valid in this policy: every fault, in words.
    Faults(Vec<String>),
    /// The context is valid in this policy: it is not the one that was loaded.
    ValidHere,
    /// The new type is not bounded by the old one.
    NotBounded {
        /// The process's type.
        from: TypeId,
        /// The one it was to get.
        to: TypeId,
    },
    /// Nor may the process keep its transitions by `process2`.
    NoTransition {
        /// The permissions that no rule grants.
        permissions: Vec<&'static str>,
        /// Whether the policy has the capability `nnp_nosuid_transition`, without which no rule helps.
        has_capability: bool,
    },
    /// This policy would let it pass.
    Allowed,
    /// A validatetrans statement that refuses.
    Constraint(ConstraintCause),
    /// A reason of those that denials have.
    Denial(Cause<'p>),
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalFix {
    /// Let the role have the type.
    TypeOfRole(RoleId, TypeId),
    /// Let the user have the role.
    RoleOfUser(UserId, RoleId),
    /// Run it as another user, whose range has the level.
    OtherUser(UserId),
    /// Widen the user's range to this one, which has all of the present one.
    RangeOfUser(UserId, String),
    /// Put the module back that has a part of the context, or give the object another label.
    Relabel,
    /// Let the process keep its transition in spite of no_new_privs or nosuid; or end those.
    Transition(TypeId, TypeId),
}

impl<'p> Explainer<'_, 'p> {
    /// Why something was refused, and what to do. O(rules).
    pub fn refusal(&self, refused: &Refused) -> (Vec<RefusalCause<'p>>, Vec<RefusalFix>) {
        match refused {
            Refused::InvalidContext(text) => self.invalid(text),
            Refused::BoundedTransition { old, new } => self.bounded(old, new),
            Refused::ValidateTransition { old, new, process, tclass } => {
                (self.validate([old, new, process], tclass), Vec::new())
            }
            Refused::Bounds(evidence) => match self.causes(evidence) {
                Ok(causes) => (causes.into_iter().map(RefusalCause::Denial).collect(), Vec::new()),
                Err(_) => (vec![self.unknown([&evidence.scontext, &evidence.tcontext])], Vec::new()),
            },
        }
    }

    fn invalid(&self, text: &str) -> (Vec<RefusalCause<'p>>, Vec<RefusalFix>) {
        let rules = self.decider.context_rules();
        let faults = context_faults(rules, self.store(), text);
        if faults.is_empty() {
            return (vec![RefusalCause::ValidHere], Vec::new());
        }
        let Ok(context) = PartialContext::parse(self.store(), text) else {
            return (vec![RefusalCause::Faults(faults)], vec![RefusalFix::Relabel]);
        };
        let mut fixes = Vec::new();
        for fault in rules.partial_invalidities(&context) {
            match (fault, context.user, context.role) {
                // A type of files is not what a role lacks.
                (Invalidity::TypeOfRole, _, Some(role)) if self.may_be_a_domain(context.r#type) => {
                    fixes.push(RefusalFix::TypeOfRole(role, context.r#type));
                }
                (Invalidity::RoleOfUser, Some(user), Some(role)) => {
                    fixes.push(RefusalFix::RoleOfUser(user, role));
                }
                (Invalidity::RangeOfUser, Some(user), _) => fixes.extend(self.range_of_user(user, &context)),
                _ => {}
            }
        }
        (vec![RefusalCause::Faults(faults)], fixes)
    }

    /// Whether processes can have a type, as far as the policy tells.
    fn may_be_a_domain(&self, id: TypeId) -> bool {
        let store = self.store();
        let domain = store.policy().type_named(b"domain").filter(|id| store.is_attribute(*id));
        domain.is_none_or(|domain| store.applies(domain, id))
    }

    /// What gives a user's process a level that the user may not have: a user who may, and who is there for containers; or a wider
    /// range. A container's categories are others the next time, so that one needs all of them.
    fn range_of_user(&self, user: UserId, context: &PartialContext) -> Vec<RefusalFix> {
        let rules = self.decider.context_rules();
        let (Some(range), Some(present)) = (&context.range, rules.range_of(user)) else { return Vec::new() };
        let policy = self.store().policy();
        let is_container = self.containers.is_container(context.r#type);
        let for_containers = policy.user_named(b"container_u").filter(|other| *other != user && is_container);
        let mut fixes: Vec<RefusalFix> = for_containers
            .filter(|other| {
                let other = PartialContext { user: Some(*other), ..context.clone() };
                !rules.partial_invalidities(&other).contains(&Invalidity::RangeOfUser)
            })
            .map(RefusalFix::OtherUser)
            .into_iter()
            .collect();
        let mut wider = wider(present, range);
        if is_container {
            let all = &rules.levels_of(None, None).high.categories;
            wider.high.categories = wider.high.categories.union(all);
        }
        fixes.push(RefusalFix::RangeOfUser(user, wider.text(policy)));
        fixes
    }

    fn bounded(&self, old: &str, new: &str) -> (Vec<RefusalCause<'p>>, Vec<RefusalFix>) {
        let (Some(from), Some(to)) = (self.context(old), self.context(new)) else {
            return (vec![self.unknown([old, new])], Vec::new());
        };
        let policy = self.store().policy();
        let mut bounding = Some(to.r#type);
        for _ in 0..policy.n_types() {
            if bounding == Some(from.r#type) {
                return (vec![RefusalCause::Allowed], Vec::new());
            }
            bounding = bounding.and_then(|id| policy.type_symbol(id)).and_then(|(_, symbol)| symbol.bounds);
        }
        let mut causes = vec![RefusalCause::NotBounded { from: from.r#type, to: to.r#type }];
        let missing = self.missing_process2(&from, &to);
        let has_capability = policy
            .capabilities()
            .bits()
            .any(|number| avstore::capability_name(number) == "nnp_nosuid_transition");
        if missing.is_empty() && has_capability {
            return (vec![RefusalCause::Allowed], Vec::new());
        }
        causes.push(RefusalCause::NoTransition { permissions: missing, has_capability });
        (causes, vec![RefusalFix::Transition(from.r#type, to.r#type)])
    }

    /// Which of the permissions that let transitions pass are not granted.
    fn missing_process2(&self, from: &PartialContext, to: &PartialContext) -> Vec<&'static str> {
        let store = self.store();
        let Ok(class) = class_named(store, "process2") else {
            return vec!["nnp_transition", "nosuid_transition"];
        };
        let granted = self.decider.decide(&Access { source: from, target: to, class }).possible;
        let is_missing = |name: &&str| {
            let permission = store.permission_named(class, name.as_bytes());
            permission.is_none_or(|permission| granted >> permission.bit & 1 == 0)
        };
        ["nnp_transition", "nosuid_transition"].into_iter().filter(is_missing).collect()
    }

    fn validate(&self, contexts: [&str; 3], tclass: &str) -> Vec<RefusalCause<'p>> {
        let [old, new, process] = contexts;
        let known = (self.context(old), self.context(new), self.context(process));
        let ((Some(old), Some(new), Some(process)), Ok(class)) = (known, class_named(self.store(), tclass))
        else {
            return vec![self.unknown(contexts)];
        };
        let constraints = self.decider.transition_constraints(class);
        let refusals = self.decider.validate_transition(&old, &new, &process, class);
        let cause = |refusal: crate::decide::Refusal| {
            let constraint = constraints.get(refusal.index)?;
            let sides = Contexts::new(&old, &new).with_process(&process);
            Some(RefusalCause::Constraint(ConstraintCause {
                permissions: 0,
                expression: self.decider.expression_text(constraint),
                compares_levels: avstore::compares_levels(&constraint.steps),
                certain: refusal.certain,
                leaves: self.decider.leaf_reasons(constraint, &refusal.values, sides),
            }))
        };
        let causes: Vec<RefusalCause<'p>> = refusals.into_iter().filter_map(cause).collect();
        if causes.is_empty() { vec![RefusalCause::Allowed] } else { causes }
    }

    /// What is wrong with contexts that this policy does not have.
    fn unknown<const N: usize>(&self, contexts: [&str; N]) -> RefusalCause<'p> {
        let rules = self.decider.context_rules();
        let faults = contexts.iter().flat_map(|text| context_faults(rules, self.store(), text));
        RefusalCause::Faults(faults.collect())
    }

    fn context(&self, text: &str) -> Option<PartialContext> {
        as_far_as_known(self.store(), text, &mut |_, _| {}).ok()
    }

    fn store(&self) -> &Store<'p> {
        self.decider.store()
    }
}

/// The smallest range that has all of two.
fn wider(one: &MlsRange, other: &MlsRange) -> MlsRange {
    MlsRange {
        low: MlsLevel {
            sensitivity: one.low.sensitivity.min(other.low.sensitivity),
            categories: one.low.categories.intersection(&other.low.categories),
        },
        high: MlsLevel {
            sensitivity: one.high.sensitivity.max(other.high.sensitivity),
            categories: one.high.categories.union(&other.high.categories),
        },
    }
}
