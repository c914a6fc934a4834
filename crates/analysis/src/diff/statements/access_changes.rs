//! The access that changed. It can be a million pairs of types, but what changed between them is mostly the same: that is kept apart
//! from the pairs, and a pair takes 8 bytes.

use std::ops::Range;

use policydb::RuleKind;

use super::classes::SharedClass;
use super::conditions::SharedBranch;
use super::row::SharedType;
use super::side::Side;

/// What is said of a source and a target in a class, on either side. [`super::Comparison`] has the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// `allow`, `auditallow` or `dontaudit`.
    pub kind: RuleKind,
    /// The class.
    pub class: SharedClass,
    /// The condition that the rules stand under.
    pub branch: SharedBranch,
    /// The permissions, old and new, in the numbering that the sides share. They differ; no permissions are no rule.
    pub permissions: [u64; 2],
}

impl AccessChange {
    /// The side that alone has the rule; nothing if both have one, with other permissions.
    pub const fn only_on(&self) -> Option<Side> {
        match self.permissions {
            [0, _] => Some(Side::Right),
            [_, 0] => Some(Side::Left),
            _ => None,
        }
    }
}

/// A target, and what changed of it for a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedTarget(u64);

impl ChangedTarget {
    /// The target, a type.
    pub const fn target(self) -> SharedType {
        SharedType((self.0 >> 32) as u32)
    }

    /// The place of what changed among [`AccessChanges::said`].
    pub const fn said(self) -> u32 {
        self.0 as u32
    }
}

/// What changed, for whom and on what.
#[derive(Clone, Debug, Default)]
pub struct AccessChanges {
    /// What changed between some source and target; the same can stand here more than once.
    pub said: Vec<AccessChange>,
    /// The targets of all sources, those of a source together.
    pub targets: Vec<ChangedTarget>,
    /// The sources, ascending, with the places of their targets.
    pub sources: Vec<(SharedType, Range<usize>)>,
}

impl AccessChanges {
    /// The number of changes: of one source, one target, one kind of rule, one class, one condition each.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Source, target, and what changed between them.
    pub fn iter(&self) -> impl Iterator<Item = (SharedType, SharedType, &AccessChange)> {
        self.sources.iter().flat_map(|(source, places)| {
            let targets = self.targets.get(places.clone()).unwrap_or_default().iter();
            targets.filter_map(|of| Some((*source, of.target(), self.said.get(of.said() as usize)?)))
        })
    }
}

/// Collects changes, source by source.
#[derive(Debug)]
pub(super) struct Collected {
    changes: AccessChanges,
    /// Where among what is said something stands that was said lately, by [`recent_slot`].
    recent: Vec<u32>,
}

impl Default for Collected {
    fn default() -> Self {
        Collected { changes: AccessChanges::default(), recent: vec![u32::MAX; 1 << SLOT_BITS] }
    }
}

impl Collected {
    /// Adds a change. Those of a source come one after another.
    pub(super) fn add(&mut self, source: SharedType, target: SharedType, change: AccessChange) {
        let Collected { changes, recent } = self;
        let Some(recent) = recent.get_mut(recent_slot(&change)) else { return };
        if changes.said.get(*recent as usize) != Some(&change) {
            // Fewer than 2³²: each is one of the changes that the limit of a comparison allows for.
            *recent = u32::try_from(changes.said.len()).unwrap_or(u32::MAX);
            changes.said.push(change);
        }
        changes.targets.push(ChangedTarget(u64::from(target.0) << 32 | u64::from(*recent)));
        let end = changes.targets.len();
        match changes.sources.last_mut() {
            Some((last, places)) if *last == source => places.end = end,
            _ => changes.sources.push((source, end.saturating_sub(1)..end)),
        }
    }

    /// What was collected.
    pub(super) fn changes(self) -> AccessChanges {
        self.changes
    }
}

/// The bits of the number of changes that are remembered.
const SLOT_BITS: u32 = 12;

/// Where a change is remembered; those that share a slot are said again.
fn recent_slot(change: &AccessChange) -> usize {
    let AccessChange { kind, class, branch, permissions: [old, new] } = *change;
    let place = u64::from(class.0) << 40 ^ u64::from(branch.0) << 8 ^ u64::from(kind.bits());
    let mixed = (place ^ old ^ new.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - SLOT_BITS)) as usize
}
