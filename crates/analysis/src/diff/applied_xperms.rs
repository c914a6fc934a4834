//! Which extended permissions differ for a source and a target, whatever rules say so: attributes are expanded, and what
//! several rules list is put together. Source: `services_compute_xperms_decision` in the kernel's `ss/services.c` does so
//! for one pair.
//!
//! O(differing pairs × differing rules), besides the complete comparison of `statements/xperms.rs`.

use std::collections::BTreeMap;

use policydb::RuleKind;

use super::both::{Both, Which};
use super::condition::Condition;
use super::matching::{Matching, Symbol};
use super::statements::{Commands, Comparison, Reading, Side};
use super::xperms::{Through, XpermChange};

/// Kind, source, target, class, and whether it is about netlink messages.
type Pair = (u16, Symbol, Symbol, u32, bool);

/// Pairs for which commands differ, with those of each policy.
pub(super) struct Applied {
    /// Nothing if more differs than honest policies have.
    pairs: Option<BTreeMap<Pair, Both<Vec<Commands>>>>,
}

impl Applied {
    pub(super) fn of(matching: &Matching<'_, '_>) -> Self {
        let stores = Both::of(|which| matching.store(which));
        let statements = Comparison::new(stores.old, stores.new, Reading::NATIVE);
        let mut pairs: BTreeMap<Pair, Both<Vec<Commands>>> = BTreeMap::new();
        for kind in [RuleKind::AllowXperm, RuleKind::AuditAllowXperm, RuleKind::DontAuditXperm] {
            let Ok(changes) = statements.xperms(kind) else { return Applied { pairs: None } };
            for change in changes.added.into_iter().chain(changes.removed).chain(changes.modified) {
                let [old, new] = change.commands;
                for (which, side, commands) in [(Which::Old, Side::Left, old), (Which::New, Side::Right, new)]
                {
                    if commands.ranges().is_empty() {
                        continue;
                    }
                    let ids = statements.ids(side, change.source, change.target, change.class);
                    let Some((source, target, class)) = ids else { continue };
                    let symbols = (matching.symbol(which, source), matching.symbol(which, target));
                    let class = matching.classes.common(which, class.index());
                    if let ((Some(source), Some(target)), Some(class)) = (symbols, class) {
                        let pair = (kind.bits(), source, target, class, change.is_nlmsg);
                        pairs.entry(pair).or_default().get_mut(which).push(commands);
                    }
                }
            }
        }
        // A type that was renamed had its commands under its old name.
        pairs.retain(|_, commands| commands.old != commands.new);
        Applied { pairs: Some(pairs) }
    }

    /// Leaves out changes that make no difference, says of the others whether commands were and are checked, and adds what
    /// differs though no rule does.
    pub(super) fn settle(self, matching: &Matching<'_, '_>, changes: &mut Vec<XpermChange>) {
        let Some(mut pairs) = self.pairs else { return };
        let mut is_said: BTreeMap<Pair, bool> = pairs.keys().map(|pair| (*pair, false)).collect();
        changes.retain_mut(|change| {
            let covered = is_said.iter_mut().filter(|(pair, _)| is_about(matching, change, pair));
            let mut has_any = Both { old: false, new: true };
            let mut n_covered = 0usize;
            for (pair, said) in covered {
                *said = true;
                n_covered += 1;
                let commands = pairs.get(pair);
                has_any.old |= commands.is_some_and(|commands| !commands.old.is_empty());
                has_any.new &= commands.is_some_and(|commands| !commands.new.is_empty());
            }
            // What stands under a condition is compared as it is written.
            if n_covered > 0 && !change.condition.depends() {
                change.has_any = has_any;
            }
            n_covered > 0 || change.condition.depends()
        });
        let in_both = |pair: &Pair| matching.in_both(pair.1) && matching.in_both(pair.2);
        pairs.retain(|pair, _| in_both(pair) && is_said.get(pair) == Some(&false));
        changes.extend(by_membership(pairs));
    }
}

/// What differs of pairs, whatever is the same of how: the kind, the class, whether it is about netlink messages, commands of either
/// policy alone, and whether each has any.
type Difference = (u16, u32, bool, [Vec<(u16, u16)>; 2], [bool; 2]);

/// What differs though no rule does: sources that have the same on the same targets together.
fn by_membership(pairs: BTreeMap<Pair, Both<Vec<Commands>>>) -> Vec<XpermChange> {
    let mut targets: BTreeMap<(Difference, Symbol), Vec<Symbol>> = BTreeMap::new();
    for ((kind, source, target, class, is_nlmsg), commands) in pairs {
        let only = [beyond(&commands.old, &commands.new), beyond(&commands.new, &commands.old)];
        let has_any = [!commands.old.is_empty(), !commands.new.is_empty()];
        targets.entry(((kind, class, is_nlmsg, only, has_any), source)).or_default().push(target);
    }
    let mut sources: BTreeMap<(Difference, Vec<Symbol>), Vec<Symbol>> = BTreeMap::new();
    for ((difference, source), targets) in targets {
        sources.entry((difference, targets)).or_default().push(source);
    }
    let change = |((difference, targets), sources): ((Difference, Vec<Symbol>), Vec<Symbol>)| {
        let (kind, class, is_nlmsg, [old, new], [had_any, has_any]) = difference;
        let (Some(&source), Some(&target)) = (sources.first(), targets.first()) else { return None };
        Some(XpermChange {
            kind: kind_of(kind),
            operation: if is_nlmsg { "nlmsg" } else { "ioctl" },
            source,
            target,
            class,
            condition: Condition::ALWAYS,
            only: Both { old, new },
            has_any: Both { old: had_any, new: has_any },
            through: Some(Through { sources, targets }),
        })
    };
    sources.into_iter().filter_map(change).collect()
}

/// Whether a rule stands for a pair in either policy.
fn is_about(matching: &Matching<'_, '_>, change: &XpermChange, pair: &Pair) -> bool {
    let &(kind, source, target, class, is_nlmsg) = pair;
    let stands_for = |which: Which| {
        matching.stands_for(which, change.source, source) && matching.stands_for(which, change.target, target)
    };
    kind == change.kind.bits()
        && class == change.class
        && is_nlmsg == (change.operation == "nlmsg")
        && Which::BOTH.into_iter().any(stands_for)
}

/// The commands of some lists that none of the others have, as ranges.
fn beyond(some: &[Commands], others: &[Commands]) -> Vec<(u16, u16)> {
    let left = some.iter().map(|one| others.iter().fold(one.clone(), |left, other| left.split(other, false)));
    let mut ranges: Vec<(u16, u16)> = left.flat_map(|left| left.ranges().to_vec()).collect();
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

fn kind_of(bits: u16) -> RuleKind {
    [RuleKind::AuditAllowXperm, RuleKind::DontAuditXperm]
        .into_iter()
        .find(|kind| kind.bits() == bits)
        .unwrap_or(RuleKind::AllowXperm)
}
