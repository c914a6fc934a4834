//! What is new and needs a second look: domains that the older policy does not have and that existing ones may enter, and
//! container domains outside of what constraints keep the others within.
//!
//! A new domain matters as much as an old one as soon as a confined domain that was there before may become it. That is decided
//! (constraints, roles and bounds of the newer policy) where rules grant it; entering behind a boolean that is off, or by way of
//! another new domain, counts too. O(changes + candidates × rules).

use std::collections::BTreeMap;

use super::Comparison;
use super::both::{Both, Which};
use super::constraints::Naming;
use super::domains::Effect;
use super::matching::{Symbol, SymbolSet};
use crate::containers::Containers;
use crate::context::PartialContext;
use crate::decide::{Access, Circumstances, Decider};

/// Levels less for what a new domain is granted that no existing confined domain may enter.
pub(super) const UNENTERED: usize = 2;
/// Candidates beyond which an index of the rules pays.
const MANY: usize = 30;
/// Candidates that are decided; more are taken to be granted. No honest policies have so many.
const MOST: usize = 1 << 16;

/// New domains that a confined domain which was there before may enter, with how many levels less what they are granted is: none, or
/// one if it takes a boolean that is off.
pub(super) fn entered(comparison: &Comparison<'_, '_>) -> BTreeMap<Symbol, usize> {
    let matching = &comparison.matching;
    let mut entered = BTreeMap::new();
    let Some(class) = matching.class_named("process") else { return entered };
    let bits = matching.permission(class, "transition") | matching.permission(class, "dyntransition");
    let candidates: Vec<(Symbol, Symbol, usize)> = comparison
        .effective
        .changes
        .iter()
        .filter(|change| {
            change.class == class
                && change.permissions & bits != 0
                && change.source != change.target
                && matching.has(Which::New, change.source)
                && matching.has(Which::New, change.target)
                && !matching.has(Which::Old, change.target)
                && comparison.is_confined(change.source)
        })
        .filter_map(|change| match comparison.effect(change) {
            Effect::Gained => Some((change.source, change.target, 0)),
            Effect::MayGain => Some((change.source, change.target, 1)),
            _ => None,
        })
        .collect();
    if candidates.is_empty() {
        return entered;
    }
    let store = matching.store(Which::New);
    let decider = Decider::new(store, Circumstances::of(store));
    if candidates.len() > MANY {
        decider.prepare();
    }
    let wanted = matching.own_mask(Which::New, class, bits);
    let is_possible = |source: Symbol, target: Symbol| {
        let id = |symbol| matching.id(Which::New, symbol).map(PartialContext::of_type);
        let class = *matching.classes.pair(class).get(Which::New);
        let (Some(source), Some(target), Some(class)) = (id(source), id(target), class) else { return false };
        decider.decide(&Access { source: &source, target: &target, class }).possible & wanted != 0
    };
    let mut ways: Vec<(Symbol, Symbol, usize)> = candidates
        .into_iter()
        .enumerate()
        // What a boolean grants that is off is not granted by default: constraints are not asked then.
        .filter(|(at, (source, target, steps))| *steps > 0 || *at >= MOST || is_possible(*source, *target))
        .map(|(_, way)| way)
        .collect();
    ways.sort_unstable();
    // By way of other new ones: each pass goes one domain further.
    loop {
        let mut changed = false;
        for &(source, target, steps) in &ways {
            let before =
                if matching.has(Which::Old, source) { Some(0) } else { entered.get(&source).copied() };
            let Some(steps) = before.map(|before| steps.max(before)) else { continue };
            if entered.get(&target).is_none_or(|known| *known > steps) {
                entered.insert(target, steps);
                changed = true;
            }
        }
        if !changed {
            return entered;
        }
    }
}

/// A type that is new among the container domains, and something of constraints that tells it apart from the others.
pub(super) struct Newcomer {
    pub(super) domain: Symbol,
    pub(super) text: String,
}

/// Domains that are new among those of containers and that constraints do not bind as they bind the others. O(containers ×
/// attributes that constraints name).
pub(super) fn unbound(comparison: &Comparison<'_, '_>, naming: &BTreeMap<Symbol, Naming>) -> Vec<Newcomer> {
    let matching = &comparison.matching;
    let containers = Both::of(|which| {
        let mut set = SymbolSet::new(matching.n_symbols());
        let found = Containers::of(matching.store(which));
        found.domains().filter_map(|id| matching.symbol(which, id)).for_each(|symbol| set.insert(symbol));
        set
    });
    let (others, new): (Vec<Symbol>, Vec<Symbol>) =
        containers.new.iter().partition(|symbol| containers.old.contains(*symbol));
    let mut found = Vec::new();
    if others.is_empty() {
        return found;
    }
    for (&attribute, named) in naming {
        let has = |symbol: &Symbol| matching.stands_for(Which::New, attribute, *symbol);
        let n_have = others.iter().filter(|other| has(other)).count();
        let name = matching.name(attribute);
        for domain in new.iter() {
            let what = match (named.excepts(), has(domain)) {
                (false, false) if n_have * 2 > others.len() => {
                    format!(
                        "without {name}, which {n_have} of {} others have: {} constraints do not keep it apart",
                        others.len(),
                        named.n_constraints
                    )
                }
                (true, true) if n_have == 0 => {
                    format!(
                        "with {name}, which none of the others has: {} constraints except it",
                        named.n_constraints
                    )
                }
                _ => continue,
            };
            let text = format!("{} is a new container domain {what}", matching.name(*domain));
            found.push(Newcomer { domain: *domain, text });
        }
    }
    found
}
