//! Rules about roles and ranges: role `allow`, `role_transition` and `range_transition`. Transitions are known by everything but
//! what they give. Source: SETools' `rbacrules.py` and `mlsrules.py`.

use avstore::range_bytes;
use policydb::{Name, Range, RoleId};

use super::Comparison;
use super::classes::SharedClass;
use super::levels::SameLevels;
use super::limit::TooMuch;
use super::row::SharedType;
use super::side::{Bytes, Changes, Side};
use super::symbols::by_name;
use super::type_rules::merge;

/// A role `allow`, by the names of its roles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleAllowStatement<'p> {
    /// The role that may change.
    pub source: Name<'p>,
    /// What it may change to.
    pub target: Name<'p>,
}

/// A `role_transition` and the roles that it gives, old and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleTransitionChange<'p> {
    /// The role.
    pub role: Name<'p>,
    /// The type.
    pub target: SharedType,
    /// The class.
    pub class: SharedClass,
    /// The new role, old and new.
    pub defaults: [Option<Name<'p>>; 2],
}

/// A `range_transition` and the ranges that it gives, old and new, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeTransitionChange {
    /// The source, a type.
    pub source: SharedType,
    /// The target, a type.
    pub target: SharedType,
    /// The class.
    pub class: SharedClass,
    /// The range, old and new.
    pub defaults: [Option<Vec<u8>>; 2],
}

const UNNAMED: Name<'static> = Name::new(b"<unnamed>");

impl<'s, 'p> Comparison<'s, 'p> {
    fn role(&self, side: Side, id: RoleId) -> Name<'p> {
        self.policy(side).role_name(id).unwrap_or(UNNAMED)
    }

    /// Role `allow` rules.
    pub fn role_allows(&self) -> Changes<RoleAllowStatement<'p>, ()> {
        let of = |side: Side| {
            self.policy(side).role_allows().iter().map(move |rule| {
                let (source, target) = (self.role(side, rule.source), self.role(side, rule.target));
                let key = [source.as_bytes(), b"\0", target.as_bytes()].concat();
                (Bytes::Owned(key), RoleAllowStatement { source, target })
            })
        };
        let changes = by_name(of(Side::Left), of(Side::Right), |_, _, _| None::<()>);
        let rules = |named: Vec<(Bytes<'p>, _)>| named.into_iter().map(|(_, rule)| rule).collect();
        Changes { added: rules(changes.added), removed: rules(changes.removed), modified: Vec::new() }
    }

    /// `role_transition` rules.
    ///
    /// # Errors
    /// More rules than honest policies of that size have.
    pub fn role_transitions(
        &self,
    ) -> Result<Changes<RoleTransitionChange<'p>, RoleTransitionChange<'p>>, TooMuch> {
        let mut limit = self.limit();
        let mut stated = Vec::new();
        for side in Side::BOTH {
            let store = self.store(side);
            let mut rules = Vec::new();
            for rule in store.policy().role_transitions().iter() {
                // Before version 26 the class goes without saying.
                let Some(class) = rule.class.or_else(|| store.process_class()) else { continue };
                let (role, default) = (self.role(side, rule.role), self.role(side, rule.new_role));
                let class = self.classes.place(side, class);
                let target = self.types.place(side, rule.r#type);
                limit.cells(u64::try_from(self.types.n_members(side, target)).unwrap_or(u64::MAX))?;
                self.types.for_each_member(side, target, |target| {
                    rules.push(((role, target, class), default));
                });
            }
            rules.sort_by_key(|(key, _)| *key);
            rules.dedup_by_key(|(key, _)| *key);
            stated.push(rules);
        }
        let mut changes = Changes::default();
        if let [old, new] = stated.as_slice() {
            merge(old, new, |(role, target, class), defaults| {
                let change = RoleTransitionChange { role, target, class, defaults };
                match defaults {
                    [None, _] => changes.added.push(change),
                    [_, None] => changes.removed.push(change),
                    _ => changes.modified.push(change),
                }
            });
        }
        Ok(changes)
    }

    /// `range_transition` rules.
    ///
    /// # Errors
    /// More rules than honest policies of that size have.
    pub fn range_transitions(
        &self,
    ) -> Result<Changes<RangeTransitionChange, RangeTransitionChange>, TooMuch> {
        let old = self.stated_range_transitions(Side::Left)?;
        let new = self.stated_range_transitions(Side::Right)?;
        let levels = SameLevels::new(self);
        let mut changes = Changes::default();
        // Ranges are compared below: the positions say no more than which rule it is.
        let positions = |rules: &[(Key, Range<'p>)]| -> Vec<(Key, Position)> {
            (0usize..).zip(rules).map(|(position, (key, _))| (*key, Position(position))).collect()
        };
        merge(&positions(&old), &positions(&new), |(source, target, class), places| {
            let [left, right] = places;
            let left = left.and_then(|Position(place)| old.get(place)).map(|(_, range)| *range);
            let right = right.and_then(|Position(place)| new.get(place)).map(|(_, range)| *range);
            if left.zip(right).is_some_and(|(old, new)| levels.range(self, old, new)) {
                return;
            }
            let text = |side: Side, range| range_bytes(self.policy(side), range, self.reading.names);
            let defaults =
                [left.map(|range| text(Side::Left, range)), right.map(|range| text(Side::Right, range))];
            let change = RangeTransitionChange { source, target, class, defaults };
            match (left, right) {
                (None, _) => changes.added.push(change),
                (_, None) => changes.removed.push(change),
                _ => changes.modified.push(change),
            }
        });
        Ok(changes)
    }

    fn stated_range_transitions(&self, side: Side) -> Result<Vec<(Key, Range<'p>)>, TooMuch> {
        let (mut rules, mut limit, store) = (Vec::new(), self.limit(), self.store(side));
        if !store.policy().header().mls {
            return Ok(rules);
        }
        for rule in store.policy().range_transitions().iter() {
            let Some(class) = rule.class.or_else(|| store.process_class()) else { continue };
            let class = self.classes.place(side, class);
            self.for_each_pair(side, rule.source, rule.target, &mut limit, |source, target| {
                rules.push(((source, target, class), rule.range));
            })?;
        }
        rules.sort_by_key(|(key, _)| *key);
        rules.dedup_by_key(|(key, _)| *key);
        Ok(rules)
    }
}

type Key = (SharedType, SharedType, SharedClass);

/// Where a rule is; no two are taken for equal.
#[derive(Clone, Copy)]
struct Position(usize);

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}
