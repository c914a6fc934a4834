//! Which types are domains, which of them are confined, and what became of their access as a whole.
//!
//! Read from the policy: domains have the attribute `domain`, else they are the sources of rules; unconfined are those with
//! one of [`UNCONFINED`], the attributes by which both Fedora's and the reference policy give everything of a kind away.

use std::collections::BTreeSet;

use super::Comparison;
use super::both::{Both, Which};
use super::condition::Condition;
use super::effective::AccessChange;
use super::matching::{Matching, Symbol};

/// Attributes of domains that may do everything of some kind.
const UNCONFINED: [&str; 4] =
    ["unconfined_domain_type", "files_unconfined_type", "kern_unconfined", "selinux_unconfined_type"];

/// What a change does to its source, under the defaults of each policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It was not granted, and is.
    Gained,
    /// It was granted, and is not.
    Lost,
    /// It is not granted, and a boolean can grant it, which none could before.
    MayGain,
    /// It was not granted, and no boolean can grant it any more.
    MayLose,
    /// It was and is granted, or neither, under other conditions.
    Conditions,
}

impl Effect {
    /// A stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Effect::Gained => "gained",
            Effect::Lost => "lost",
            Effect::MayGain => "may_gain",
            Effect::MayLose => "may_lose",
            Effect::Conditions => "conditions",
        }
    }
}

/// Which types are what.
#[derive(Debug)]
pub(super) struct Domains {
    is_domain: Both<Vec<bool>>,
    is_unconfined: Both<Vec<bool>>,
}

impl Domains {
    pub(super) fn of(matching: &Matching<'_, '_>, sources: impl Iterator<Item = Symbol>) -> Self {
        let of_attributes = |which: Which, names: &[&str]| {
            let mut is_one = vec![false; matching.n_symbols()];
            let mut any = false;
            for attribute in names.iter().filter_map(|name| matching.named(name)) {
                for member in matching.types_of(which, attribute) {
                    if let Some(slot) = is_one.get_mut(member.index()) {
                        *slot = true;
                        any = true;
                    }
                }
            }
            (is_one, any)
        };
        let mut is_source = vec![false; matching.n_symbols()];
        for symbol in sources {
            for which in Which::BOTH {
                for member in matching.types_of(which, symbol) {
                    if let Some(slot) = is_source.get_mut(member.index()) {
                        *slot = true;
                    }
                }
            }
        }
        let is_domain = Both::of(|which| match of_attributes(which, &["domain"]) {
            (is_one, true) => is_one,
            _ => is_source.clone(),
        });
        let is_unconfined = Both::of(|which| of_attributes(which, &UNCONFINED).0);
        Domains { is_domain, is_unconfined }
    }

    fn has(of: &[bool], symbol: Symbol) -> bool {
        of.get(symbol.index()).copied().unwrap_or(false)
    }

    /// Whether a type is a domain of a policy.
    pub(super) fn is_domain(&self, which: Which, symbol: Symbol) -> bool {
        Self::has(self.is_domain.get(which), symbol)
    }

    /// Whether it is one that is not confined.
    pub(super) fn is_unconfined(&self, which: Which, symbol: Symbol) -> bool {
        Self::has(self.is_unconfined.get(which), symbol)
    }
}

/// What changed for one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainChange {
    /// The domain.
    pub domain: Symbol,
    /// Which policies have it.
    pub has: Both<bool>,
    /// Whether it is confined in the newer policy; in the older one if that alone has it.
    pub is_confined: bool,
    /// Types and classes on which it gained permissions.
    pub gained: usize,
    /// Types and classes on which it lost some.
    pub lost: usize,
    /// Types and classes where only what a boolean could grant, or on what it depends, changed.
    pub conditions: usize,
}

impl Comparison<'_, '_> {
    /// What a change does under the defaults of each policy.
    pub fn effect(&self, change: &AccessChange) -> Effect {
        let before = self.conditions.now(change.before, Which::Old);
        let after = self.conditions.now(change.after, Which::New);
        match (before, after) {
            (false, true) => Effect::Gained,
            (true, false) => Effect::Lost,
            (false, false) if change.before == Condition::NEVER => Effect::MayGain,
            (false, false) if change.after == Condition::NEVER => Effect::MayLose,
            _ => Effect::Conditions,
        }
    }

    /// Whether a domain is confined in the newest policy that has it.
    pub fn is_confined(&self, symbol: Symbol) -> bool {
        let which = if self.matching.has(Which::New, symbol) { Which::New } else { Which::Old };
        !self.domains.is_unconfined(which, symbol)
    }

    /// Whether a type is a domain of either policy.
    pub fn is_domain(&self, symbol: Symbol) -> bool {
        Which::BOTH.into_iter().any(|which| self.domains.is_domain(which, symbol))
    }

    /// The changes of one source, in their order.
    pub fn changes_of(&self, source: Symbol) -> &[AccessChange] {
        let changes = &self.effective.changes;
        let start = changes.partition_point(|change| change.source < source);
        let rest = changes.get(start..).unwrap_or_default();
        let end = rest.partition_point(|change| change.source == source);
        rest.get(..end).unwrap_or_default()
    }

    /// What changed for each domain that anything changed for, in the order of symbols. O(changes).
    pub fn by_domain(&self) -> Vec<DomainChange> {
        let mut all = Vec::new();
        for run in self.effective.changes.chunk_by(|a, b| a.source == b.source) {
            let Some(first) = run.first() else { continue };
            let domain = first.source;
            let (mut gained, mut lost, mut conditions) = (0, 0, 0);
            for pair in run.chunk_by(|a, b| (a.target, a.class) == (b.target, b.class)) {
                let effects: BTreeSet<Effect> = pair.iter().map(|change| self.effect(change)).collect();
                gained += usize::from(effects.contains(&Effect::Gained));
                lost += usize::from(effects.contains(&Effect::Lost));
                let only_conditions = !effects.contains(&Effect::Gained) && !effects.contains(&Effect::Lost);
                conditions += usize::from(only_conditions);
            }
            let has = Both::of(|which| self.matching.has(which, domain));
            let is_confined = self.is_confined(domain);
            all.push(DomainChange { domain, has, is_confined, gained, lost, conditions });
        }
        all
    }
}
