//! What a record says was denied, resolved against a policy.

use avstore::Store;
use policydb::ClassId;

use crate::context::PartialContext;
use crate::decide::{Operation, RequestError, Wanted};
use crate::names::class_named;

/// An access that was denied.
#[derive(Clone, Debug)]
pub struct Denied {
    /// Who wanted it.
    pub source: PartialContext,
    /// To what.
    pub target: PartialContext,
    /// The class.
    pub class: ClassId,
    /// The permissions that were denied, as bits.
    pub permissions: u32,
    /// Permissions that the kernel has and the policy does not define.
    pub undefined: Vec<String>,
    /// The ioctl command or netlink message that was denied.
    pub command: Option<(Operation, u16)>,
}

/// Why a record cannot be asked of this policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// The source's context is none of this policy's.
    Source(RequestError),
    /// The target's context is none of this policy's.
    Target(RequestError),
    /// The class or a permission is none of this policy's, or the policy leaves it to handle_unknown.
    Class(RequestError),
    /// The policy does not define the class; handle_unknown decides.
    UndefinedClass {
        /// Its name.
        class: String,
        /// Whether handle_unknown allows it.
        allowed: bool,
    },
}

impl Denied {
    /// Resolves contexts, class and permissions as a record has them.
    ///
    /// # Errors
    /// A part that the policy does not have.
    pub fn resolve(
        store: &Store<'_>,
        [source, target, class]: [&str; 3],
        permissions: &[String],
        command: Option<(Operation, u16)>,
    ) -> Result<Self, Unresolved> {
        let context = |text: &str| PartialContext::parse(store, text).map_err(RequestError::from);
        let source = context(source).map_err(Unresolved::Source)?;
        let target = context(target).map_err(Unresolved::Target)?;
        let wanted = Wanted::resolve(store, class, permissions).map_err(Unresolved::Class)?;
        let Ok(id) = class_named(store, class) else {
            let allowed = wanted.undefined_is_granted(store);
            return Err(Unresolved::UndefinedClass { class: class.to_owned(), allowed });
        };
        Ok(Denied {
            source,
            target,
            class: id,
            permissions: wanted.permissions,
            undefined: wanted.undefined,
            command,
        })
    }
}
