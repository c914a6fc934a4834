//! The two sides of a question, whole or with parts left open.

use policydb::{RoleId, TypeId, UserId};

use crate::context::{MlsLevel, PartialContext, SecurityContext};

/// What a constraint asks of a context. `None` is what was left open; a policy without levels has equal ones.
pub trait Side {
    /// Its user.
    fn user(&self) -> Option<UserId>;
    /// Its role.
    fn role(&self) -> Option<RoleId>;
    /// Its type.
    fn type_id(&self) -> TypeId;
    /// Its low level.
    fn low(&self) -> Option<&MlsLevel>;
    /// Its high level.
    fn high(&self) -> Option<&MlsLevel>;
}

impl Side for SecurityContext {
    #[inline]
    fn user(&self) -> Option<UserId> {
        Some(self.user)
    }

    #[inline]
    fn role(&self) -> Option<RoleId> {
        Some(self.role)
    }

    #[inline]
    fn type_id(&self) -> TypeId {
        self.r#type
    }

    #[inline]
    fn low(&self) -> Option<&MlsLevel> {
        self.range.as_ref().map(|range| &range.low)
    }

    #[inline]
    fn high(&self) -> Option<&MlsLevel> {
        self.range.as_ref().map(|range| &range.high)
    }
}

impl Side for PartialContext {
    fn user(&self) -> Option<UserId> {
        self.user
    }

    fn role(&self) -> Option<RoleId> {
        self.role
    }

    fn type_id(&self) -> TypeId {
        self.r#type
    }

    fn low(&self) -> Option<&MlsLevel> {
        self.range.as_ref().map(|range| &range.low)
    }

    fn high(&self) -> Option<&MlsLevel> {
        self.range.as_ref().map(|range| &range.high)
    }
}
