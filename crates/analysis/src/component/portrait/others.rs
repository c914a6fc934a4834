//! Roles, users, classes, commons, permissions, booleans, levels, capabilities and initial SIDs.

use avstore::{
    Booleans, Branch, Component, ComponentKind, Conditions, boolean_ids, capability_name, condition_text,
    shown_name,
};
use policydb::{BoolId, Class, ClassId, Name, Role, User};

use super::super::fields::shown;
use super::super::{Describer, Fields, Value};
use super::symbol::is_dull;
use super::{Portrait, Subject};
use crate::decide::{RuleCount, boolean_domains};

const CONSTRAINTS: [ComponentKind; 4] = [
    ComponentKind::Constrain,
    ComponentKind::MlsConstrain,
    ComponentKind::ValidateTrans,
    ComponentKind::MlsValidateTrans,
];

impl<'p> Subject<'_, 'p> {
    /// The portrait of a component that has a name.
    pub(super) fn portrait(&self, kind: ComponentKind, component: &Component<'p>) -> Option<Portrait> {
        let mut all = match component {
            Component::Type(id) => return Some(self.of_type(*id)),
            Component::Attribute(id) => return Some(self.of_attribute(*id)),
            Component::Boolean(id) => self.boolean_fields(*id),
            component => Describer::new(self.writer).fields(component),
        };
        match component {
            Component::Role(role) => all.extend(self.about_role(role)),
            Component::User(user) => all.extend(self.about_user(user)),
            Component::Class(class) => all.extend(self.about_class(class)),
            Component::Permission(name) => all.extend(self.about_permission(*name)),
            Component::Boolean(id) => all.extend(self.about_boolean(*id)),
            Component::Capability(_) => all.push(("state", "on".into())),
            _ => {}
        }
        let name = match all.first() {
            Some((_, Value::Text(name))) => name.clone(),
            _ => return None,
        };
        all.retain(|(name, value)| !is_dull(name, value));
        Some(Portrait { kind, name, fields: all })
    }

    /// A capability that the kernel knows and this policy does not turn on.
    pub(super) fn absent_capability(&self, name: &str) -> Option<Portrait> {
        let known = (0..u32::from(u8::MAX)).find(|number| capability_name(*number) == name)?;
        let fields = vec![("name", name.into()), ("number", known.into()), ("state", "off".into())];
        Some(Portrait { kind: ComponentKind::Capability, name: name.to_owned(), fields })
    }

    /// All constraints, of all kinds.
    pub(super) fn constraints(&self) -> impl Iterator<Item = Component<'p>> + '_ {
        CONSTRAINTS.into_iter().flat_map(|kind| avstore::components(self.store, kind))
    }

    fn about_role(&self, role: &Role<'_>) -> Fields {
        let policy = self.store.policy();
        let Some(id) = policy.role_named(role.name.as_bytes()) else { return Vec::new() };
        let users = policy.users().1.iter().filter(|user| user.roles.contains(id.index()));
        let named = |role| policy.role_name(role).map(shown);
        let may_become = policy.role_allows().iter().filter(|rule| rule.source == id);
        let comes_from = policy.role_allows().iter().filter(|rule| rule.target == id);
        let transitions = policy.role_transitions().iter().filter(|rule| rule.role == id);
        let children = policy.roles().1.iter().filter(|role| role.bounds == Some(id));
        vec![
            ("users", sorted(users.map(|user| shown(user.name))).into()),
            ("may_change_to", sorted(may_become.filter_map(|rule| named(rule.target))).into()),
            ("may_come_from", sorted(comes_from.filter_map(|rule| named(rule.source))).into()),
            ("role_transitions", transitions.count().into()),
            ("bounds", sorted(children.map(|role| shown(role.name))).into()),
        ]
    }

    fn about_user(&self, user: &User<'_>) -> Fields {
        let policy = self.store.policy();
        let id = policy.user_named(user.name.as_bytes());
        let children = policy.users().1.iter().filter(|other| id.is_some() && other.bounds == id);
        let object_r = policy.role_named(b"object_r");
        let mut types = self.store.empty_set();
        let roles = policy.roles().1.iter().filter(|role| {
            let own = policy.role_named(role.name.as_bytes());
            own != object_r && own.is_some_and(|own| user.roles.contains(own.index()))
        });
        roles.for_each(|role| types.insert_all(role.types));
        vec![
            ("types_in_roles", types.iter().count().into()),
            ("bounds", sorted(children.map(|user| shown(user.name))).into()),
        ]
    }

    fn about_class(&self, class: &Class<'p>) -> Fields {
        let policy = self.store.policy();
        let Some(id) = ClassId::from_value(class.value) else { return Vec::new() };
        let is_it =
            |component: &Component<'_>| matches!(component, Component::Constraint(of) if of.class == id);
        let constraints = self.constraints().filter(is_it).map(|component| self.statement(&component));
        let defaults = avstore::components(self.store, ComponentKind::Default);
        let defaults = defaults.filter(
            |component| matches!(component, Component::Default(default) if default.class == class.name),
        );
        let n_rules = [policy.rules(), policy.conditional_rules()]
            .map(|table| table.rules(0..table.len()).filter(|(_, rule)| rule.class() == id).count());
        vec![
            ("defaults", defaults.map(|component| self.statement(&component)).collect::<Vec<_>>().into()),
            ("constraints", constraints.collect::<Vec<_>>().into()),
            ("rules", n_rules.into_iter().sum::<usize>().into()),
        ]
    }

    fn about_permission(&self, name: Name<'_>) -> Fields {
        let is_on_it = |component: &Component<'_>| match component {
            Component::Constraint(of) => self
                .store
                .permission_named(of.class, name.as_bytes())
                .is_some_and(|permission| of.constraint.permissions >> permission.bit & 1 == 1),
            _ => false,
        };
        let constraints = self.constraints().filter(is_on_it).map(|component| self.statement(&component));
        vec![("constraints", constraints.collect::<Vec<_>>().into())]
    }

    /// A boolean's name, and its state under the booleans of the question and in the policy.
    fn boolean_fields(&self, id: BoolId) -> Fields {
        let Some((name, boolean)) = self.store.policy().boolean(id) else { return Vec::new() };
        let word = |state| if state { "on" } else { "off" };
        vec![
            ("name", shown(name).into()),
            ("state", word(self.booleans.get(id)).into()),
            ("in_policy", word(boolean.state).into()),
        ]
    }

    fn about_boolean(&self, id: BoolId) -> Fields {
        let policy = self.store.policy();
        let conditions = Conditions::under(policy, self.booleans);
        let toggled = |state| Conditions::under(policy, &self.with(id, state));
        let (off, on) = (toggled(false), toggled(true));
        let mut switched = Vec::new();
        for (position, conditional) in (0u32..).zip(policy.conditionals()) {
            if !boolean_ids(conditional).any(|named| named == id) {
                continue;
            }
            let branch = |when| Branch { conditional: position, when };
            let turns = match (off.in_force(branch(true)), on.in_force(branch(true))) {
                (false, true) => "true when it is on",
                (true, false) => "true when it is off",
                (true, true) => "true either way, by other booleans",
                (false, false) => "false either way, by other booleans",
            };
            switched.push(vec![
                ("condition", condition_text(policy, conditional).into()),
                ("holds", conditions.in_force(branch(true)).into()),
                ("turns", turns.into()),
                ("rules_if_true", conditional.true_rules.len().into()),
                ("rules_if_false", conditional.false_rules.len().into()),
            ]);
        }
        let domains = boolean_domains(self.store, id).into_iter().map(|domain| {
            let sum = |rules: fn(&RuleCount) -> usize| domain.counts.iter().map(rules).sum::<usize>();
            vec![
                ("source", shown_name(&self.store.type_name(domain.source).bytes()).into()),
                ("rules_if_true", sum(|count| count.when_true).into()),
                ("rules_if_false", sum(|count| count.when_false).into()),
            ]
        });
        vec![("switches", Value::Records(switched)), ("for", Value::Records(domains.collect()))]
    }

    fn with(&self, id: BoolId, state: bool) -> Booleans {
        self.booleans.clone().with(id, state)
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}
