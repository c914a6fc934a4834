//! Security contexts: `user:role:type:range`, whole or with parts left open.
//!
//! | file | what it decides |
//! |---|---|
//! | `mls.rs` | levels and ranges: their text, and which dominates which |
//! | `validity.rs` | whether the parts of a context may go together |
//! | `parse.rs` | which text is which context, and what is wrong with one that is none |

mod mls;
mod parse;
mod validity;

use policydb::{Policy, RoleId, TypeId, UserId};

pub use mls::{CategorySet, MlsLevel, MlsRange, RangeError, categories_text};
pub(crate) use parse::type_named;
pub use parse::{ContextError, PartialContext};
pub use validity::{ContextRules, Invalidity, is_object_r};

/// The context of a process or object. Its parts are of the policy, but need not go together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecurityContext {
    /// The user.
    pub user: UserId,
    /// The role.
    pub role: RoleId,
    /// The type; never an attribute.
    pub r#type: TypeId,
    /// The range, in policies that have levels.
    pub range: Option<MlsRange>,
}

impl SecurityContext {
    /// The context as the kernel writes it, with the names of `policy`.
    pub fn text(&self, policy: &Policy<'_>) -> String {
        let (user, role) = (policy.user_name(self.user), policy.role_name(self.role));
        let r#type = policy.type_symbol(self.r#type).map(|(name, _)| name);
        let parts = [user, role, r#type].map(|name| name.map_or_else(String::new, |name| name.to_string()));
        let mut text = parts.join(":");
        if let Some(range) = &self.range {
            text.push(':');
            text.push_str(&range.text(policy));
        }
        text
    }
}
