//! Booleans that would open what is blocked: one by itself, else two together.
//!
//! Only booleans of rules that are not in force matter, on objects where rules would suffice if all were. O(booleans² × needs).

use avstore::{Booleans, Conditions, boolean_ids};
use policydb::BoolId;

use super::catalogue::{Primitive, Way};
use super::cell::WayAnswer;
use super::need::{Asker, NeedVerdict};
use crate::context::PartialContext;
use crate::decide::AppliedRule;

/// Booleans that are tried.
const MOST: usize = 12;

/// A need as it is asked again.
struct Again<'c> {
    need: &'c super::catalogue::Need,
    sources: Vec<PartialContext>,
    /// Of a need that is denied now only those that booleans can change.
    objects: Vec<PartialContext>,
}

/// The booleans, and the states in which they open one of the ways: the shortest lists.
pub(super) fn openers(
    asker: &Asker<'_, '_, '_>,
    booleans: &Booleans,
    primitive: &Primitive,
    ways: &[WayAnswer<'_>],
    subject: &PartialContext,
) -> Vec<Vec<(BoolId, bool)>> {
    let mut named: Vec<BoolId> = Vec::new();
    let mut asked: Vec<Vec<Again<'_>>> = Vec::new();
    for (way, answer) in primitive.ways.iter().zip(ways) {
        if let Some(again) = again(asker, way, answer, subject, &mut named) {
            asked.push(again);
        }
    }
    named.truncate(MOST);
    let policy = asker.decider.store().policy();
    let opens = |settings: &[(BoolId, bool)]| {
        let changed = settings.iter().fold(booleans.clone(), |all, &(id, state)| all.with(id, state));
        let conditions = Conditions::under(policy, &changed);
        asked.iter().any(|way| {
            way.iter().all(|again| asker.is_granted(again.need, &again.sources, &again.objects, &conditions))
        })
    };
    let flipped = |id: &BoolId| (*id, !booleans.get(*id));
    let mut found: Vec<Vec<(BoolId, bool)>> =
        named.iter().map(|id| vec![flipped(id)]).filter(|settings| opens(settings)).collect();
    if found.is_empty() {
        for (at, first) in named.iter().enumerate() {
            let rest = named.iter().skip(at.saturating_add(1));
            found.extend(rest.map(|second| vec![flipped(first), flipped(second)]).filter(|pair| opens(pair)));
        }
    }
    found
}

/// What has to be asked again of a way, if booleans can open it; their names are added.
fn again<'c>(
    asker: &Asker<'_, '_, '_>,
    way: &'c Way,
    answer: &WayAnswer<'_>,
    subject: &PartialContext,
    named: &mut Vec<BoolId>,
) -> Option<Vec<Again<'c>>> {
    let policy = asker.decider.store().policy();
    let mut all = Vec::new();
    for (need, answer) in way.needs.iter().zip(&answer.needs) {
        let sources = asker.sources(need, subject);
        let mut objects = asker.objects.of_need(need, subject);
        match answer.verdict {
            NeedVerdict::Granted => {}
            NeedVerdict::Denied => {
                let resolved = asker.resolve(need);
                objects.retain(|object| {
                    sources.iter().any(|source| asker.could_be_switched_on(&resolved, source, object))
                });
                for (source, object) in
                    sources.iter().flat_map(|source| objects.iter().map(move |object| (source, object)))
                {
                    if named.len() >= MOST {
                        break;
                    }
                    for applied in asker.off_rules(&resolved, source, object) {
                        let AppliedRule::Stated(rule) = &applied.rule else { continue };
                        let conditional =
                            rule.branch().and_then(|branch| policy.conditionals().get(branch.index()));
                        let ids = conditional.into_iter().flat_map(boolean_ids);
                        ids.for_each(|id| {
                            if !named.contains(&id) {
                                named.push(id);
                            }
                        });
                    }
                }
                if objects.is_empty() {
                    return None;
                }
            }
            NeedVerdict::Depends | NeedVerdict::Missing(_) => return None,
        }
        all.push(Again { need, sources, objects });
    }
    Some(all)
}
