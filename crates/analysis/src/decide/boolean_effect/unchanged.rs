//! Why a rule of the boolean changes nothing: for one permission that it is about, the decision without it.

use avstore::{Branch, Rule};
use policydb::{AvRule, ClassId, RuleKind, TypeId};

use super::super::{Access, Applied, Circumstances, Decider, Proof};
use super::reach::{Reach, switched};
use super::switch::{Switch, When};
use crate::context::PartialContext;

/// A rule of the boolean that changes nothing, and the decision in the state in which it is not in force.
#[derive(Clone, Debug)]
pub struct Unchanged<'p> {
    /// The rule.
    pub rule: Applied<'p>,
    /// A type that its target stands for.
    pub target: TypeId,
    /// The class.
    pub class: ClassId,
    /// Why its permissions are granted without it, or are denied even so.
    pub proof: Proof<'p>,
}

impl Unchanged<'_> {
    /// Whether all its permissions are granted without it, to some at least; else something refuses them in both states.
    pub fn is_granted(&self) -> bool {
        self.proof.denied() == 0
    }
}

/// The first `allow` rule about the domain that the boolean switches, where all of them change nothing.
pub(super) fn unchanged<'p>(
    decider: &Decider<'_, 'p>,
    circumstances: &Circumstances,
    switch: &Switch,
    domain: &PartialContext,
    reach: &Reach<'_, '_, 'p>,
) -> Option<Unchanged<'p>> {
    let store = decider.store();
    let about = |(_, rule, ..): &(usize, AvRule, Branch, When)| {
        rule.kind() == RuleKind::Allow && reach.is_about_domain(*rule)
    };
    // A rule whose target has no types tells nothing.
    let (at, rule, branch, when, target) =
        switched(decider, switch).filter(about).take(64).find_map(|(at, rule, branch, when)| {
            let members = decider.overlay.members(store, rule.target());
            members.iter().next().map(|target| (at, rule, branch, when, target))
        })?;
    let booleans = if when == When::On { switch.off.clone() } else { switch.on.clone() };
    let without = Decider::new(store, Circumstances { booleans, overlay: circumstances.overlay.clone() });
    let other = PartialContext::of_type(target);
    let access = Access { source: domain, target: &other, class: rule.class() };
    let proof = without.prove(&access, rule.permissions());
    Some(Unchanged {
        rule: without.applied(Rule::conditional(store, at, branch)?, domain.r#type, target),
        target,
        class: rule.class(),
        proof,
    })
}
