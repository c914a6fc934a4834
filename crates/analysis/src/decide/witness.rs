//! Contexts that show that an open answer is open: one for which the access is granted, one for which it is denied.
//!
//! What was left open is filled in with roles, users and ranges that the policy has; only valid contexts count. The
//! ranges tried are the users' own ends, the other side's levels, and categories that the other side lacks. A
//! witness that is found proves that the answer is possible; none found proves nothing.

use policydb::{ClassId, RoleId, UserId};

use super::{Access, Decider};
use crate::context::{CategorySet, MlsLevel, MlsRange, PartialContext, SecurityContext, is_object_r};

/// At most so many contexts are tried a side.
const MOST: usize = 48;

/// Two pairs of contexts.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    /// Source and target for which it is granted.
    pub granted: Option<(SecurityContext, SecurityContext)>,
    /// Source and target for which it is denied.
    pub denied: Option<(SecurityContext, SecurityContext)>,
}

impl Decider<'_, '_> {
    /// Witnesses that all of `permissions` are granted to some, and not all of them to others.
    pub fn witnesses(
        &self,
        source: &PartialContext,
        target: &PartialContext,
        class: ClassId,
        permissions: u32,
    ) -> Witnesses {
        let mut found = Witnesses::default();
        let targets = self.completions(target, source, class);
        let sources = self.completions(source, target, class);
        for source in &sources {
            for target in &targets {
                let allowed =
                    self.decide(&Access { source, target, class }).allowed & permissions == permissions;
                let slot = if allowed { &mut found.granted } else { &mut found.denied };
                if slot.is_none() {
                    *slot = Some((source.clone(), target.clone()));
                }
                if found.granted.is_some() && found.denied.is_some() {
                    return found;
                }
            }
        }
        found
    }

    /// Valid contexts that fill in what `side` leaves open; those like the `other` side come first.
    fn completions(
        &self,
        side: &PartialContext,
        other: &PartialContext,
        class: ClassId,
    ) -> Vec<SecurityContext> {
        let mut completions = Vec::new();
        for role in self.roles_to_try(side, other, class) {
            for user in self.users_to_try(side, other, role) {
                for range in self.ranges_to_try(side, other, user) {
                    let context = SecurityContext { user, role, r#type: side.r#type, range };
                    if self.rules.is_valid(&context) && !completions.contains(&context) {
                        completions.push(context);
                    }
                    if completions.len() >= MOST {
                        return completions;
                    }
                }
            }
        }
        completions
    }

    fn roles_to_try(&self, side: &PartialContext, other: &PartialContext, class: ClassId) -> Vec<RoleId> {
        if let Some(role) = side.role {
            return vec![role];
        }
        let mut roles: Vec<RoleId> = self.rules.roles_with(side.r#type).collect();
        // What the other side has, else what daemons and containers have.
        roles.sort_by_key(|role| (Some(*role) != other.role, self.role_name(*role) != b"system_r"));
        roles.truncate(4);
        // Processes do not have the role of objects, unless their type goes with no other.
        if roles.is_empty() || Some(class) != self.store.process_class() {
            roles.push(RoleId::from_index(0));
        }
        roles
    }

    fn users_to_try(&self, side: &PartialContext, other: &PartialContext, role: RoleId) -> Vec<UserId> {
        if let Some(user) = side.user {
            return vec![user];
        }
        let mut users: Vec<UserId> = self.rules.users_with(role).collect();
        users.sort_by_key(|user| (Some(*user) != other.user, self.user_name(*user) != b"system_u"));
        users.truncate(if is_object_r(role) { 2 } else { 3 });
        users
    }

    fn role_name(&self, id: RoleId) -> &[u8] {
        self.store.policy().role_name(id).map_or(b"", |name| name.as_bytes())
    }

    fn user_name(&self, id: UserId) -> &[u8] {
        self.store.policy().user_name(id).map_or(b"", |name| name.as_bytes())
    }

    fn ranges_to_try(
        &self,
        side: &PartialContext,
        other: &PartialContext,
        user: UserId,
    ) -> Vec<Option<MlsRange>> {
        if !self.rules.has_levels() {
            return vec![None];
        }
        if let Some(range) = &side.range {
            return vec![Some(range.clone())];
        }
        let mut levels: Vec<MlsLevel> = Vec::new();
        let mut ranges = Vec::new();
        if let Some(range) = &other.range {
            ranges.push(range.clone());
            levels.extend([range.low.clone(), range.high.clone()]);
        }
        if let Some(own) = self.rules.range_of(user) {
            let taken = other.range.as_ref().map(|range| &range.high.categories);
            levels.push(own.low.clone());
            // Another container's level: a category that the other side lacks.
            let free =
                own.high.categories.values().find(|value| !taken.is_some_and(|taken| taken.contains(*value)));
            if let Some(free) = free {
                let mut categories = CategorySet::default();
                categories.insert_run(free, free);
                levels.push(MlsLevel { sensitivity: own.low.sensitivity, categories });
            }
            levels.push(own.high.clone());
            ranges.push(own.clone());
        }
        // Single levels first: they are read more easily.
        let ranges = levels.into_iter().map(MlsRange::single).chain(ranges);
        ranges.map(Some).collect()
    }
}
