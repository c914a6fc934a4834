//! Contexts from text, as people type them: whole, or a type alone, or a type and its range.
//!
//! Source: `string_to_context_struct` in the kernel's `ss/services.c`, which takes whole ones only.

use avstore::Store;
use policydb::{Policy, RoleId, TypeId, UserId};

use super::{MlsRange, RangeError, SecurityContext};
use crate::LookupError;
use crate::lookup::shown;
use crate::names::{self, role_named, user_named};

/// A context of which only the type is certain. What is `None` was left open, and nothing is assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialContext {
    /// The user.
    pub user: Option<UserId>,
    /// The role.
    pub role: Option<RoleId>,
    /// The type; never an attribute.
    pub r#type: TypeId,
    /// The range; in policies without levels there is nothing to leave open, and this is `None`.
    pub range: Option<MlsRange>,
}

/// A text that is no context of the policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// A part names nothing in the policy.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The range cannot be read.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// Where a type must stand, stands an attribute.
    #[error("`{name}` is an attribute, and a context has a type\nhelp: {help}")]
    Attribute {
        /// The attribute.
        name: String,
        /// Some of its types.
        help: String,
    },
    /// Too few parts, or nothing.
    #[error("`{0}` is no context\nhelp: give a type, type:range, or user:role:type:range")]
    Shape(String),
}

impl PartialContext {
    /// Reads `TYPE`, `TYPE:RANGE`, `USER:ROLE:TYPE` or `USER:ROLE:TYPE:RANGE`. Aliases are accepted.
    ///
    /// # Errors
    /// A part that the policy does not have; an attribute; a range in a policy without levels.
    pub fn parse(store: &Store<'_>, text: &str) -> Result<Self, ContextError> {
        let policy = store.policy();
        let fields: Vec<&str> = text.splitn(4, ':').collect();
        let is_type = |name: &str| policy.type_named(name.as_bytes()).is_some();
        let is_user = |name: &str| policy.user_named(name.as_bytes()).is_some();
        let is_level = |text: &&str| {
            let low = text.split('-').next().unwrap_or_default();
            policy.sensitivity_named(low.as_bytes()).is_some()
        };
        match fields.as_slice() {
            // A type that the policy does not have, and its range.
            [name, level, ..] if !is_type(name) && !is_user(name) && is_level(level) => {
                Err(type_named(store, name).err().unwrap_or_else(|| ContextError::Shape(shown(text))))
            }
            [name] if !name.is_empty() => Ok(Self::of_type(type_named(store, name)?)),
            // A user and a type can share a name; then the third field tells.
            [name, ..]
                if is_type(name) && !(fields.get(2).is_some_and(|third| is_type(third)) && is_user(name)) =>
            {
                let range = text.get(name.len().saturating_add(1)..).unwrap_or_default();
                Ok(PartialContext {
                    range: Some(MlsRange::parse(policy, range)?),
                    ..Self::of_type(type_named(store, name)?)
                })
            }
            [user, role, r#type, range @ ..] => {
                let user = user_named(policy, user)?;
                let role = role_named(policy, role)?;
                let r#type = type_named(store, r#type)?;
                let range = range.first().map(|range| MlsRange::parse(policy, range)).transpose()?;
                Ok(PartialContext { user: Some(user), role: Some(role), r#type, range })
            }
            // Of two fields the first should have been a type.
            [name, _] if !name.is_empty() && !is_user(name) => {
                Err(type_named(store, name).err().unwrap_or_else(|| ContextError::Shape(shown(text))))
            }
            _ => Err(ContextError::Shape(shown(text))),
        }
    }

    /// The context of which nothing but the type is known.
    pub fn of_type(id: TypeId) -> Self {
        PartialContext { user: None, role: None, r#type: id, range: None }
    }

    /// The whole context, if nothing was left open.
    pub fn complete(&self, policy: &Policy<'_>) -> Option<SecurityContext> {
        if self.range.is_none() && policy.header().mls {
            return None;
        }
        Some(SecurityContext {
            user: self.user?,
            role: self.role?,
            r#type: self.r#type,
            range: self.range.clone(),
        })
    }

    /// The context, with what was left open left out.
    pub fn text(&self, policy: &Policy<'_>) -> String {
        let r#type = policy.type_symbol(self.r#type).map_or_else(String::new, |(name, _)| name.to_string());
        let mut text = match (self.user, self.role) {
            (Some(user), Some(role)) => {
                let name =
                    |name: Option<policydb::Name<'_>>| name.map_or_else(String::new, |name| name.to_string());
                format!("{}:{}:{type}", name(policy.user_name(user)), name(policy.role_name(role)))
            }
            _ => r#type,
        };
        if let Some(range) = &self.range {
            text.push(':');
            text.push_str(&range.text(policy));
        }
        text
    }
}

impl From<SecurityContext> for PartialContext {
    fn from(context: SecurityContext) -> Self {
        let SecurityContext { user, role, r#type, range } = context;
        PartialContext { user: Some(user), role: Some(role), r#type, range }
    }
}

impl SecurityContext {
    /// Reads a whole context, `USER:ROLE:TYPE`, with `:RANGE` where the policy has levels.
    ///
    /// # Errors
    /// A part that the policy does not have or that is missing; an attribute.
    pub fn parse(store: &Store<'_>, text: &str) -> Result<Self, ContextError> {
        let partial = PartialContext::parse(store, text)?;
        partial.complete(store.policy()).ok_or_else(|| ContextError::Shape(shown(text)))
    }
}

/// The type of this name.
pub(crate) fn type_named(store: &Store<'_>, name: &str) -> Result<TypeId, ContextError> {
    let id = names::type_named(store, name)?;
    if !store.is_attribute(id) {
        return Ok(id);
    }
    let members = store.members(id);
    let some: Vec<String> = members.iter().take(3).map(|id| store.type_name(id).to_string()).collect();
    let help = match members.len().saturating_sub(some.len()) {
        0 if some.is_empty() => "no type has it".to_owned(),
        0 => format!("its types are {}", some.join(", ")),
        more => format!("its types are {} and {more} more", some.join(", ")),
    };
    Err(ContextError::Attribute { name: store.type_name(id).to_string(), help })
}
