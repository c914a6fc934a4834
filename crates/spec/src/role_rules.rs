//! Which rules does the policy state about roles?

use std::collections::BTreeSet;

use policydb::{Policy, RoleId, RoleTransition};

use crate::names::{class_or_process, type_name};
use crate::sides::{Side, Types};

/// What is asked for. Empty lists and `None` ask for nothing in particular.
#[derive(Clone, Debug, Default)]
pub struct RoleQuery {
    /// Role `allow` rules.
    pub allows: bool,
    /// `role_transition` rules.
    pub transitions: bool,
    /// The current role.
    pub source: Option<Side>,
    /// The role that is allowed; of transitions the type.
    pub target: Option<Side>,
    /// Classes, which role `allow` rules have none of.
    pub classes: Vec<String>,
    /// The new role, which role `allow` rules have none of.
    pub default: Option<Side>,
}

/// The statements that answer a query. A name that is none of what a rule has there matches nothing.
pub fn search_role_rules(policy: &Policy<'_>, query: &RoleQuery) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rule in policy.role_allows().iter() {
        let matches = query.allows
            && role_matches(policy, &query.source, rule.source)
            && role_matches(policy, &query.target, rule.target)
            && query.classes.is_empty()
            && query.default.is_none();
        if matches {
            let (source, target) = (role_name(policy, rule.source), role_name(policy, rule.target));
            found.insert(format!("allow {source} {target};"));
        }
    }
    let targets = query.target.as_ref().map(|side| Types::of(policy).answering(side));
    for rule in policy.role_transitions().iter() {
        let class = class_or_process(policy, rule.class);
        let matches = query.transitions
            && role_matches(policy, &query.source, rule.role)
            && targets.as_ref().is_none_or(|targets| targets.contains(&rule.r#type))
            && (query.classes.is_empty() || query.classes.contains(&class))
            && role_matches(policy, &query.default, rule.new_role);
        if matches {
            found.insert(transition(policy, rule, &class));
        }
    }
    found
}

fn transition(policy: &Policy<'_>, rule: RoleTransition, class: &str) -> String {
    format!(
        "role_transition {} {}:{class} {};",
        role_name(policy, rule.role),
        type_name(policy, rule.r#type),
        role_name(policy, rule.new_role)
    )
}

fn role_matches(policy: &Policy<'_>, asked: &Option<Side>, role: RoleId) -> bool {
    asked.as_ref().is_none_or(|asked| asked.is_name(&role_name(policy, role)))
}

fn role_name(policy: &Policy<'_>, id: RoleId) -> String {
    policy.role_name(id).expect("rules name roles").to_string()
}
