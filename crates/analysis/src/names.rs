//! Names to ids, with errors that offer the nearest names.

use avstore::Store;
use policydb::{BoolId, ClassId, Policy, RoleId, TypeId, UserId};

use crate::LookupError;
use crate::lookup::shown;
use crate::query::ClassSet;

/// The kind in look-up errors of types and attributes.
pub(crate) const TYPE_OR_ATTRIBUTE: &str = "type or attribute";
/// The kind in look-up errors of roles.
pub(crate) const ROLE: &str = "role";

/// Whether a type has the attribute of this name.
pub(crate) fn has_attribute(store: &Store<'_>, id: TypeId, attribute: &[u8]) -> bool {
    let attribute = store.policy().type_named(attribute);
    attribute.is_some_and(|attribute| store.is_attribute(attribute) && store.applies(attribute, id))
}

/// The type, attribute or alias of this name.
pub(crate) fn type_named(store: &Store<'_>, name: &str) -> Result<TypeId, LookupError> {
    store.policy().type_named(name.as_bytes()).or_else(|| unnamed(store, name)).ok_or_else(|| {
        let names = store.type_ids().map(|id| store.type_name(id).to_string());
        let aliases = store.policy().type_aliases().map(|(alias, _)| alias.to_string());
        let mut error = LookupError::new(TYPE_OR_ATTRIBUTE, name, names.chain(aliases));
        error.hint = if name == "*" {
            Some(
                "to ask who may, use `sepolq who-can`; as a target `*` stands for everything in `sepolq can`"
                    .to_owned(),
            )
        } else if let Some(named) = name.split(':').nth(2) {
            Some(format!("that is a context; ask for its type alone: `{}`", named.escape_debug()))
        } else if name.contains(',') {
            Some("one name at a time, or a regular expression: `/^(one|other)$/`".to_owned())
        } else {
            what_is(store, name)
        };
        error
    })
}

/// The attribute that has no name, by what is shown for it: `<unnamed-N>`.
fn unnamed(store: &Store<'_>, name: &str) -> Option<TypeId> {
    let value = name.strip_prefix("<unnamed-")?.strip_suffix('>')?.parse().ok()?;
    let id = TypeId::from_value(value).filter(|id| id.index() < store.policy().n_types())?;
    store.policy().type_symbol(id).is_none().then_some(id)
}

/// What else in the policy has this name, in words.
pub(crate) fn what_is(store: &Store<'_>, name: &str) -> Option<String> {
    let policy = store.policy();
    let bytes = name.as_bytes();
    let what = match policy.type_named(bytes) {
        Some(id) if store.is_attribute(id) => "an attribute",
        Some(id) if policy.type_symbol(id).is_some_and(|(own, _)| own.as_bytes() == bytes) => "a type",
        Some(_) => "an alias of a type",
        None if policy.role_named(bytes).is_some() => "a role",
        None if policy.user_named(bytes).is_some() => "a user",
        None if policy.class_named(bytes).is_some() => "a class",
        None if policy.boolean_named(bytes).is_some() => "a boolean",
        None if !store.classes_with(bytes).is_empty() => "a permission",
        None => return None,
    };
    let name = shown(name);
    Some(format!("`{name}` is {what} of this policy: `sepolq show {name}`"))
}

/// The class of this name.
pub(crate) fn class_named(store: &Store<'_>, name: &str) -> Result<ClassId, LookupError> {
    store.policy().class_named(name.as_bytes()).ok_or_else(|| {
        let names = store.class_ids().map(|id| store.class_name(id).to_string());
        LookupError::new("class", name, names)
    })
}

/// The boolean of this name.
pub(crate) fn boolean_named(store: &Store<'_>, name: &str) -> Result<BoolId, LookupError> {
    let policy = store.policy();
    policy.boolean_named(name.as_bytes()).ok_or_else(|| {
        let ids = (0..u32::try_from(policy.n_booleans()).unwrap_or(u32::MAX)).map(BoolId::from_index);
        let names = ids.filter_map(|id| policy.boolean(id)).map(|(name, _)| name.to_string());
        let mut error = LookupError::new("boolean", name, names);
        error.hint = what_is(store, name);
        error
    })
}

/// The error for a permission that no class in scope has: near names in scope, else who has it.
pub(crate) fn unknown_permission(store: &Store<'_>, name: &str, classes: Option<&ClassSet>) -> LookupError {
    let in_scope = |id: &ClassId| classes.is_none_or(|classes| classes.contains(*id));
    let names = store
        .class_ids()
        .filter(in_scope)
        .flat_map(|id| store.permissions(id).iter().map(|permission| permission.name.to_string()));
    let mut error = LookupError::new("permission", name, names);
    let elsewhere: Vec<String> = store
        .class_ids()
        .filter(|id| store.permission_named(*id, name.as_bytes()).is_some())
        .map(|id| store.class_name(id).to_string())
        .take(5)
        .collect();
    if classes.is_some() {
        error.kind = "such permission in the given classes:";
        if !elsewhere.is_empty() {
            error.hint = Some(format!("these classes have it: {}", elsewhere.join(", ")));
        }
    }
    error
}

/// The user of this name.
pub(crate) fn user_named(policy: &Policy<'_>, name: &str) -> Result<UserId, LookupError> {
    policy.user_named(name.as_bytes()).ok_or_else(|| {
        let ids = (0..u32::try_from(policy.n_users()).unwrap_or(u32::MAX)).map(UserId::from_index);
        let names = ids.filter_map(|id| policy.user_name(id)).map(|name| name.to_string());
        LookupError::new("user", name, names)
    })
}

/// The role of this name.
pub(crate) fn role_named(policy: &Policy<'_>, name: &str) -> Result<RoleId, LookupError> {
    policy.role_named(name.as_bytes()).ok_or_else(|| {
        let ids = (0..u32::try_from(policy.n_roles()).unwrap_or(u32::MAX)).map(RoleId::from_index);
        let names = ids.filter_map(|id| policy.role_name(id)).map(|name| name.to_string());
        LookupError::new(ROLE, name, names)
    })
}
