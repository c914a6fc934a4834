//! What a domain reaches directly: for each group of [`GROUPS`] the types, or the permissions, that it is granted.

use policydb::TypeId;

use super::Granted;
use super::groups::{Counts, GROUPS, Group};
use crate::context::PartialContext;
use crate::decide::Decider;

/// What a domain reaches directly.
#[derive(Clone, Debug)]
pub struct DirectReach {
    /// The domain.
    pub source: PartialContext,
    /// One for each of [`GROUPS`], in their order.
    pub groups: Vec<GroupReach>,
}

/// What a domain reaches of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupReach {
    /// Types that it reaches whatever was left open, in the order of their ids.
    pub granted: Vec<TypeId>,
    /// Types that it reaches if what was left open, levels above all, allows it.
    pub depends: Vec<TypeId>,
    /// Of groups that count permissions, those as `CLASS:PERMISSION`, sorted; likewise.
    pub granted_permissions: Vec<String>,
    /// See `depends`.
    pub depends_permissions: Vec<String>,
}

impl GroupReach {
    /// How many there are, and how many of them depend on what was left open.
    pub fn count(&self) -> (usize, usize) {
        let depends = self.depends.len().saturating_add(self.depends_permissions.len());
        let granted = self.granted.len().saturating_add(self.granted_permissions.len());
        (granted.saturating_add(depends), depends)
    }
}

/// What a domain reaches directly. O(rules + types × classes).
pub fn direct(decider: &Decider<'_, '_>, source: &PartialContext) -> DirectReach {
    let granted = Granted::of(decider, source);
    let groups = GROUPS.iter().map(|group| of_group(decider, source, &granted, group)).collect();
    DirectReach { source: source.clone(), groups }
}

fn of_group(
    decider: &Decider<'_, '_>,
    source: &PartialContext,
    granted: &Granted,
    group: &Group,
) -> GroupReach {
    let store = decider.store();
    let mut reach = GroupReach::default();
    for access in group.resolve(store) {
        for grant in granted.of_class(access.class) {
            let has = |permissions: u32| access.masks.iter().any(|mask| permissions & mask == *mask);
            match group.counts {
                Counts::Types if grant.target == source.r#type => {}
                Counts::Types if has(grant.allowed) => reach.granted.push(grant.target),
                Counts::Types if has(grant.possible) => reach.depends.push(grant.target),
                Counts::Types => {}
                Counts::Permissions => {
                    let wanted = access.masks.iter().fold(0, |all, mask| all | mask);
                    let wanted = if access.masks.is_empty() { u32::MAX } else { wanted };
                    let class = store.class_name(access.class).to_string();
                    for permission in store.permissions(access.class) {
                        let bit = 1u32 << permission.bit & wanted;
                        let text = || format!("{class}:{}", permission.name);
                        if grant.allowed & bit != 0 {
                            reach.granted_permissions.push(text());
                        } else if grant.possible & bit != 0 {
                            reach.depends_permissions.push(text());
                        }
                    }
                }
            }
        }
    }
    let sorted = |ids: &mut Vec<TypeId>| {
        ids.sort_unstable();
        ids.dedup();
    };
    sorted(&mut reach.granted);
    sorted(&mut reach.depends);
    reach.depends.retain(|id| reach.granted.binary_search(id).is_err());
    reach.granted_permissions.sort_unstable();
    reach.granted_permissions.dedup();
    reach.depends_permissions.sort_unstable();
    reach.depends_permissions.dedup();
    reach.depends_permissions.retain(|name| reach.granted_permissions.binary_search(name).is_err());
    reach
}
