//! Extended permissions: which ioctl commands and netlink messages `allowxperm`, `auditallowxperm` and `dontauditxperm` name for
//! two types, with attributes expanded and the rules for several drivers put together. Source: SETools' `terules.py`.

use policydb::{RuleKind, XpermKind, Xperms};

use super::Comparison;
use super::access::RareRule;
use super::cells::{Cell, Slot, Value, differing};
use super::classes::SharedClass;
use super::conditions::SharedBranch;
use super::limit::TooMuch;
use super::row::SharedType;
use super::side::{Changes, Side};

/// Commands or messages: ranges, ascending, both ends included, none next to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    ranges: Vec<(u16, u16)>,
}

/// The commands that rules name for a source and a target in a class, on either side. [`Comparison`] has the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XpermChange {
    /// `allowxperm`, `auditallowxperm` or `dontauditxperm`.
    pub kind: RuleKind,
    /// The source, a type.
    pub source: SharedType,
    /// The target, a type.
    pub target: SharedType,
    /// The class.
    pub class: SharedClass,
    /// Whether the commands are netlink messages, and not those of `ioctl`.
    pub is_nlmsg: bool,
    /// The condition that the rules stand under.
    pub branch: SharedBranch,
    /// The commands, old and new.
    pub commands: [Commands; 2],
}

impl Commands {
    fn of(xperms: Xperms<'_>) -> Self {
        Commands { ranges: xperms.ranges() }
    }

    /// Those of a list of ranges, which may overlap.
    fn joined(mut all: Vec<(u16, u16)>) -> Self {
        all.sort_unstable();
        let mut ranges: Vec<(u16, u16)> = Vec::with_capacity(all.len());
        for (low, high) in all {
            match ranges.last_mut() {
                Some(last) if u32::from(low) <= u32::from(last.1) + 1 => last.1 = last.1.max(high),
                _ => ranges.push((low, high)),
            }
        }
        Commands { ranges }
    }

    /// The ranges, ascending, both ends included.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.ranges
    }

    /// Those of this set that are in another (`true`), or are not.
    #[must_use]
    pub fn split(&self, other: &Commands, inside: bool) -> Commands {
        let mut kept = Vec::new();
        for &(low, high) in &self.ranges {
            let mut next = u32::from(low);
            for &(other_low, other_high) in &other.ranges {
                let (start, end) = (low.max(other_low), high.min(other_high));
                if start > end {
                    continue;
                }
                if inside {
                    kept.push((start, end));
                } else if next < u32::from(start) {
                    kept.extend(u16::try_from(next).ok().zip(start.checked_sub(1)));
                }
                next = u32::from(end) + 1;
            }
            if !inside && next <= u32::from(high) {
                kept.extend(u16::try_from(next).ok().map(|next| (next, high)));
            }
        }
        Commands::joined(kept)
    }
}

impl Value for Commands {
    const CONDITIONS_ADD: bool = false;

    fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    fn unite(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else if self != other {
            *self = Commands::joined([self.ranges.as_slice(), &other.ranges].concat());
        }
    }

    fn take(&mut self, other: &Self) {
        *self = self.split(other, false);
    }

    fn weight(&self) -> u64 {
        u64::try_from(self.ranges.len()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Rules on extended permissions of a kind.
    ///
    /// # Errors
    /// More differences than honest policies of that size have.
    pub fn xperms(&self, kind: RuleKind) -> Result<Changes<XpermChange, XpermChange>, TooMuch> {
        let state = |visit: &mut dyn FnMut(Cell<Commands>)| {
            for side in Side::BOTH {
                let policy = self.policy(side);
                for &RareRule { position, rule, branch } in self.rare_rules(side) {
                    let table = if branch.is_some() { policy.conditional_rules() } else { policy.rules() };
                    if rule.kind() != kind {
                        continue;
                    }
                    let Some((_, Some(xperms))) = table.get(position as usize) else { continue };
                    let class = self.classes.place(side, rule.class());
                    let is_nlmsg = xperms.kind == XpermKind::Nlmsg;
                    let slot = Slot {
                        group: class.0.saturating_mul(2).saturating_add(u32::from(is_nlmsg)),
                        branch: self.conditions.by_text(side, branch),
                    };
                    let mut values = <[Commands; 2]>::default();
                    let [left, right] = &mut values;
                    *side.of([left, right]) = Commands::of(xperms);
                    let (source, target) = (rule.source(), rule.target());
                    let [source, target] = [source, target].map(|id| self.types.place(side, id));
                    visit(Cell { source, target, slot, values });
                }
            }
        };
        let mut changes = Changes::default();
        let n_groups = self.classes.len().saturating_mul(2);
        differing(
            &self.types,
            state,
            n_groups,
            &mut self.limit(),
            |Cell { source, target, slot, values }| {
                let [left, right] = &values;
                let (old, new) = (!left.is_empty(), !right.is_empty());
                let change = XpermChange {
                    kind,
                    source,
                    target,
                    class: SharedClass(slot.group >> 1),
                    is_nlmsg: slot.group & 1 == 1,
                    branch: slot.branch,
                    commands: values,
                };
                match (old, new) {
                    (false, _) => changes.added.push(change),
                    (_, false) => changes.removed.push(change),
                    _ => changes.modified.push(change),
                }
            },
        )?;
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(ranges: &[(u16, u16)]) -> Commands {
        Commands::joined(ranges.to_vec())
    }

    #[test]
    fn ranges_are_joined_and_split() {
        let a = commands(&[(5, 9), (0, 2), (3, 4), (0x8900, 0xffff)]);
        assert_eq!(a.ranges(), [(0, 9), (0x8900, 0xffff)]);
        let b = commands(&[(2, 3), (8, 0x8900)]);
        assert_eq!(a.split(&b, true).ranges(), [(2, 3), (8, 9), (0x8900, 0x8900)]);
        assert_eq!(a.split(&b, false).ranges(), [(0, 1), (4, 7), (0x8901, 0xffff)]);
        let mut c = a.clone();
        c.unite(&b);
        assert_eq!(c.ranges(), [(0, 0xffff)]);
        c.take(&commands(&[(0, 0xffff)]));
        assert!(c.is_empty());
    }
}
