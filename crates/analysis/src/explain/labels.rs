//! Types that the target could have so that the denied access is granted: the best first.
//!
//! Best is what is made for the source (their names begin alike), then what the fewest others may use in the same way.
//! One scan of the rules for the candidates, one for the others, and a decision for each of the first few.

use avstore::TypeSet;
use policydb::{RuleKind, TypeId};

use super::Denied;
use crate::context::PartialContext;
use crate::decide::{Access, Decider, Sought};

/// Candidates that are decided.
const DECIDED: usize = 12;
/// Types that are given.
const GIVEN: usize = 5;

/// A type that the target could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CouldBe {
    /// The type.
    pub id: TypeId,
    /// How many types of processes rules let do the same to it.
    pub others: usize,
}

impl CouldBe {
    /// A type, with those who may use it counted. O(rules).
    pub(super) fn of(decider: &Decider<'_, '_>, denied: &Denied, id: TypeId) -> Self {
        let others = others(decider, denied, &[id]).first().copied().unwrap_or_default();
        CouldBe { id, others }
    }
}

/// The types with an attribute that the target could have, the present one left out.
pub(super) fn could_be(decider: &Decider<'_, '_>, denied: &Denied, attribute: &[u8]) -> Vec<CouldBe> {
    let store = decider.store();
    let Some(attribute) = store.policy().type_named(attribute).filter(|id| store.is_attribute(*id)) else {
        return Vec::new();
    };
    let candidates =
        decider.candidates(Sought::Targets, denied.source.r#type, denied.class, denied.permissions, false);
    let stem = stem(&store.type_name(denied.source.r#type).to_string());
    let mut ranked: Vec<(bool, CouldBe)> = candidates
        .iter()
        .filter(|id| *id != denied.target.r#type && store.applies(attribute, *id))
        .map(|id| {
            let is_own = stem.as_ref().is_some_and(|stem| store.type_name(id).to_string().starts_with(stem));
            (is_own, CouldBe { id, others: 0 })
        })
        .collect();
    // What every domain may use in that way says nothing.
    ranked.sort_by_key(|(is_own, could)| (!is_own, could.id));
    ranked.truncate(DECIDED);
    let ids: Vec<TypeId> = ranked.iter().map(|(_, could)| could.id).collect();
    for ((_, could), others) in ranked.iter_mut().zip(others(decider, denied, &ids)) {
        could.others = others;
    }
    ranked.sort_by_key(|(is_own, could)| (!is_own, could.others, could.id));
    let is_granted = |could: &CouldBe| {
        let target = PartialContext { r#type: could.id, ..denied.target.clone() };
        let access = Access { source: &denied.source, target: &target, class: denied.class };
        decider.decide(&access).possible & denied.permissions == denied.permissions
    };
    ranked.into_iter().map(|(_, could)| could).filter(is_granted).take(GIVEN).collect()
}

/// What the names of a domain's own types begin with: `httpd` of `httpd_t`.
fn stem(name: &str) -> Option<String> {
    let stem = name.strip_suffix("_t")?;
    (!stem.is_empty()).then(|| format!("{stem}_"))
}

/// For each of a few types, how many types rules let do some of what was denied to it. One scan of the rules.
fn others(decider: &Decider<'_, '_>, denied: &Denied, targets: &[TypeId]) -> Vec<usize> {
    let store = decider.store();
    let symbols: Vec<TypeSet> = targets.iter().map(|id| super::cause::symbols_of(decider, *id)).collect();
    let mut sources: Vec<TypeSet> = targets.iter().map(|_| store.empty_set()).collect();
    crate::decide::for_each_in_force(decider, denied.class, |rule| {
        if rule.kind() == RuleKind::Allow && rule.permissions() & denied.permissions != 0 {
            let sides = symbols.iter().zip(&mut sources);
            for (_, sources) in sides.filter(|(symbols, _)| symbols.contains(rule.target())) {
                sources.insert(rule.source());
            }
        }
    });
    let count = |sources: &TypeSet| {
        let types = store.type_ids().filter(|id| !store.is_attribute(*id));
        let is_meant =
            |id: &TypeId| sources.contains(*id) || sources.intersects(store.policy().attributes_of(*id));
        types.filter(is_meant).count()
    };
    sources.iter().map(count).collect()
}
