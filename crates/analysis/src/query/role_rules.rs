//! Which rules does the policy state about roles? A scan of its two tables, which are short.

use avstore::{Rule, Store, TypeSet};
use policydb::RoleId;

use super::ClassSet;

/// A set of roles.
#[derive(Clone, Debug)]
pub struct RoleSet(Vec<bool>);

impl RoleSet {
    /// The set of these roles, of `n_roles` in the policy.
    pub fn of(n_roles: usize, ids: impl IntoIterator<Item = RoleId>) -> Self {
        let mut set = vec![false; n_roles];
        for id in ids {
            if let Some(slot) = set.get_mut(id.index()) {
                *slot = true;
            }
        }
        RoleSet(set)
    }

    /// Whether the set has a role.
    pub fn contains(&self, id: RoleId) -> bool {
        self.0.get(id.index()).copied().unwrap_or(false)
    }
}

/// What is searched for. `None` means that a criterion was not given.
#[derive(Clone, Debug, Default)]
pub struct RoleCriteria {
    /// Search role `allow` rules.
    pub allows: bool,
    /// Search `role_transition` rules.
    pub transitions: bool,
    /// The current role.
    pub source: Option<RoleSet>,
    /// The target: types for transitions, roles for `allow`. Of a target that is given, a side left out
    /// matches nothing.
    pub target: Option<RoleTarget>,
    /// Classes; excludes role `allow`.
    pub classes: Option<ClassSet>,
    /// The new role of a transition; excludes role `allow`.
    pub default: Option<RoleSet>,
}

/// The target of a rule about roles.
#[derive(Clone, Debug, Default)]
pub struct RoleTarget {
    /// Symbols that may stand as the target of a transition.
    pub types: Option<TypeSet>,
    /// Roles that a role `allow` may lead to.
    pub roles: Option<RoleSet>,
}

/// The rules that meet the criteria, in the order of the policy: role allows, then transitions.
pub fn find_role_rules<'p>(store: &Store<'p>, criteria: &RoleCriteria) -> Vec<Rule<'p>> {
    let mut found = Vec::new();
    let source_matches = |role| criteria.source.as_ref().is_none_or(|set| set.contains(role));
    if criteria.allows && criteria.classes.is_none() && criteria.default.is_none() {
        found.extend(store.policy().role_allows().iter().filter_map(|rule| {
            let target_matches = criteria
                .target
                .as_ref()
                .is_none_or(|target| target.roles.as_ref().is_some_and(|set| set.contains(rule.target)));
            (source_matches(rule.source) && target_matches).then_some(Rule::RoleAllow(rule))
        }));
    }
    if criteria.transitions {
        found.extend(store.policy().role_transitions().iter().filter_map(|transition| {
            let rule = Rule::RoleTransition(transition);
            let target_matches = criteria.target.as_ref().is_none_or(|target| {
                target.types.as_ref().is_some_and(|set| set.contains(transition.r#type))
            });
            let class_matches = criteria
                .classes
                .as_ref()
                .is_none_or(|set| rule.class(store).is_some_and(|class| set.contains(class)));
            let default_matches =
                criteria.default.as_ref().is_none_or(|set| set.contains(transition.new_role));
            let matches =
                source_matches(transition.role) && target_matches && class_matches && default_matches;
            matches.then_some(rule)
        }));
    }
    found
}
