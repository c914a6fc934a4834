//! What if: additions to the policy in the user's words, and booleans that the question sets.

use avstore::{Booleans, ExtraAllow, Overlay, Store};

use super::Circumstances;
use super::request::{RequestError, Wanted};
use crate::LookupError;
use crate::context::ContextError;
use crate::lookup::shown;
use crate::names::{boolean_named, type_named};

/// Additions in names.
#[derive(Clone, Debug, Default)]
pub struct WhatIf {
    /// Booleans and the states that the question sets.
    pub booleans: Vec<(String, bool)>,
    /// Rules, such as `container_t var_t:file { read open }`.
    pub allows: Vec<String>,
    /// Types and attributes that they get, such as `x_t domain`.
    pub attributes: Vec<String>,
    /// Types that become permissive.
    pub permissive: Vec<String>,
}

/// An addition that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// A name is not in the policy.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Where a type must stand, stands an attribute.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// A class or a permission.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A rule of another form.
    #[error("`{0}` is no rule\nhelp: write it like `container_t var_t:file {{ read open }}`")]
    Rule(String),
    /// Not a type and an attribute.
    #[error("`{0}` is no type with an attribute\nhelp: write it like `container_t domain`")]
    Attribute(String),
    /// A type where an attribute must stand.
    #[error("`{0}` is a type, and only attributes can be given to types")]
    NoAttribute(String),
}

impl WhatIf {
    /// Whether nothing is added or set.
    pub fn is_empty(&self) -> bool {
        self.booleans.is_empty()
            && self.allows.is_empty()
            && self.attributes.is_empty()
            && self.permissive.is_empty()
    }

    /// Resolves names against a policy.
    ///
    /// # Errors
    /// A name that the policy does not have; an addition that cannot be read.
    pub fn resolve(&self, store: &Store<'_>) -> Result<Circumstances, WhatIfError> {
        let mut booleans = Booleans::of(store.policy());
        for (name, state) in &self.booleans {
            booleans = booleans.with(boolean_named(store, name)?, *state);
        }
        let mut overlay = Overlay::default();
        for text in &self.allows {
            overlay.allows.push(parse_allow(store, text)?);
        }
        for text in &self.attributes {
            let mut words =
                text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
            let (Some(of), Some(attribute), None) = (words.next(), words.next(), words.next()) else {
                return Err(WhatIfError::Attribute(shown(text)));
            };
            let of = crate::context::type_named(store, of)?;
            let attribute_id = type_named(store, attribute)?;
            if !store.is_attribute(attribute_id) {
                return Err(WhatIfError::NoAttribute(shown(attribute)));
            }
            overlay.attributes.push((of, attribute_id));
        }
        for name in &self.permissive {
            overlay.permissive.push(crate::context::type_named(store, name)?);
        }
        Ok(Circumstances { booleans, overlay })
    }
}

/// Reads `[allow] SOURCE TARGET:CLASS PERMS[;]`, permissions with or without braces or commas.
fn parse_allow(store: &Store<'_>, text: &str) -> Result<ExtraAllow, WhatIfError> {
    let invalid = || WhatIfError::Rule(shown(text));
    let spaced = text.replace(['{', '}', ';', ','], " ").replace(':', " : ");
    let mut words = spaced.split_ascii_whitespace().peekable();
    words.next_if_eq(&"allow");
    let (Some(source), Some(target), Some(":"), Some(class)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid());
    };
    let permissions: Vec<String> = words.map(str::to_owned).collect();
    if permissions.is_empty() {
        return Err(invalid());
    }
    let all = permissions.iter().any(|name| name == "*");
    let wanted = Wanted::resolve(store, class, if all { &[] } else { &permissions })?;
    let Some(class) = wanted.class.filter(|_| wanted.undefined.is_empty()) else { return Err(invalid()) };
    Ok(ExtraAllow {
        source: type_named(store, source)?,
        target: if target == "self" { None } else { Some(type_named(store, target)?) },
        class,
        permissions: wanted.permissions,
    })
}
