//! Names of what rules speak of.

use policydb::{ClassId, Platform, Policy, TypeId};

/// The name of a type or attribute; before version 24 attributes have none.
pub(crate) fn type_name(policy: &Policy<'_>, id: TypeId) -> String {
    policy.type_symbol(id).map_or_else(|| format!("<unnamed-{}>", id.value()), |(name, _)| name.to_string())
}

pub(crate) fn class_name(policy: &Policy<'_>, id: ClassId) -> String {
    policy.class_name(id).expect("rules name classes").to_string()
}

/// Whether a class is among those asked for; none asks for nothing in particular.
pub(crate) fn class_matches(policy: &Policy<'_>, asked: &[String], class: ClassId) -> bool {
    asked.is_empty() || asked.contains(&class_name(policy, class))
}

/// The class of a rule about roles or ranges, which old policies do not name: they mean processes, the domains of
/// Xen.
pub(crate) fn class_or_process(policy: &Policy<'_>, class: Option<ClassId>) -> String {
    let process = if policy.format().platform == Platform::Xen { "domain" } else { "process" };
    class.map_or_else(|| process.to_owned(), |class| class_name(policy, class))
}
