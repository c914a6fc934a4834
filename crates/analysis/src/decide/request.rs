//! A question in the user's words: two contexts, a class, permissions.

use avstore::Store;
use policydb::{ClassId, HandleUnknown, Platform};

use super::kernel_classes::{is_kernel_class, is_kernel_permission};
use crate::LookupError;
use crate::context::{ContextError, ContextRules, PartialContext};
use crate::lookup::shown;
use crate::names::{class_named, unknown_permission};
use crate::query::ClassSet;

/// Who wants what of whom, resolved against a policy.
#[derive(Clone, Debug)]
pub struct Request {
    /// The source.
    pub source: PartialContext,
    /// The target.
    pub target: PartialContext,
    /// The class, and what is wanted of it.
    pub wanted: Wanted,
}

/// A class and permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The class; `None` if the kernel has it and the policy does not.
    pub class: Option<ClassId>,
    /// The name of the class.
    pub class_name: String,
    /// The permissions that the policy defines, as bits. All of the class, if none was named.
    pub permissions: u32,
    /// Permissions that the kernel has and the policy does not: the policy's `handle_unknown` decides them.
    pub undefined: Vec<String>,
    /// Whether no permission was named.
    pub all: bool,
}

/// A question that cannot be asked of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A context cannot be read.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// A name is not in the policy.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// A whole context whose parts do not go together.
    #[error(
        "`{context}` is not valid: {reasons}\nhelp: no process or object can have it; `sepolq context` tells more"
    )]
    Invalid {
        /// The context.
        context: String,
        /// Why.
        reasons: String,
    },
    /// Too few words, or too many.
    #[error("{0} is no request\nhelp: a request is SOURCE TARGET CLASS, and permissions separated by commas")]
    Shape(String),
}

impl Request {
    /// Resolves names. Permissions are separated by commas; none means all of the class.
    ///
    /// # Errors
    /// A name that neither the policy nor the kernel has; a context that no process or object can have.
    pub fn resolve(
        rules: &ContextRules<'_>,
        store: &Store<'_>,
        source: &str,
        target: &str,
        class: &str,
        permissions: &[String],
    ) -> Result<Self, RequestError> {
        let source = possible_context(rules, store, source)?;
        let target = if target == "self" { source.clone() } else { possible_context(rules, store, target)? };
        Ok(Request { source, target, wanted: Wanted::resolve(store, class, permissions)? })
    }

    /// Reads a line of a batch: source, target, class, and perhaps permissions, separated by blanks.
    ///
    /// # Errors
    /// Like [`Request::resolve`]; too few words or too many.
    pub fn of_line(rules: &ContextRules<'_>, store: &Store<'_>, line: &str) -> Result<Self, RequestError> {
        let mut words = line.split_ascii_whitespace();
        let (Some(source), Some(target), Some(class)) = (words.next(), words.next(), words.next()) else {
            return Err(RequestError::Shape(format!("`{}`", shown(line.trim()))));
        };
        // As audit records and policy language have them, too: `{ read open }`.
        let permissions: Vec<String> = words
            .flat_map(|list| list.split([',', '{', '}']))
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        Request::resolve(rules, store, source, target, class, &permissions)
    }
}

impl Wanted {
    /// Resolves a class and permissions.
    ///
    /// # Errors
    /// A name that neither the policy nor the kernel has.
    pub fn resolve(store: &Store<'_>, class: &str, permissions: &[String]) -> Result<Self, RequestError> {
        let on_linux = store.policy().format().platform == Platform::Selinux;
        let named = match class_named(store, class) {
            Ok(id) => Some(id),
            // Xen's hypervisor has classes of its own.
            Err(error) if !(on_linux && is_kernel_class(class.as_bytes())) => return Err(error.into()),
            Err(_) => None,
        };
        let mut wanted = Wanted {
            class: named,
            class_name: class.to_owned(),
            permissions: 0,
            undefined: Vec::new(),
            all: permissions.is_empty(),
        };
        if wanted.all {
            wanted.permissions = named.map_or(0, |id| defined(store, id));
        }
        for name in permissions {
            let known = named.and_then(|id| store.permission_named(id, name.as_bytes()));
            match known {
                Some(permission) => wanted.permissions |= 1 << permission.bit,
                None if on_linux && is_kernel_permission(class.as_bytes(), name.as_bytes()) => {
                    wanted.undefined.push(name.clone());
                }
                None => {
                    let n_classes = store.policy().n_classes();
                    let scope = named.map(|id| ClassSet::of(n_classes, [id]));
                    return Err(unknown_permission(store, name, scope.as_ref()).into());
                }
            }
        }
        Ok(wanted)
    }

    /// Whether what the policy does not define is granted.
    pub fn undefined_is_granted(&self, store: &Store<'_>) -> bool {
        store.policy().header().handle_unknown == HandleUnknown::Allow
    }

    /// Whether something is wanted that the policy does not define.
    pub fn has_undefined(&self) -> bool {
        self.class.is_none() || !self.undefined.is_empty()
    }
}

/// The permissions that a class defines, as bits.
pub fn defined(store: &Store<'_>, class: ClassId) -> u32 {
    store.permissions(class).iter().fold(0, |bits, permission| bits | 1 << permission.bit)
}

/// The context of a text, which some process or object can have.
///
/// # Errors
/// A name that the policy does not have; an attribute; parts that do not go together.
pub fn possible_context(
    rules: &ContextRules<'_>,
    store: &Store<'_>,
    text: &str,
) -> Result<PartialContext, RequestError> {
    let context = PartialContext::parse(store, text)?;
    check_validity(rules, &context)?;
    Ok(context)
}

fn check_validity(rules: &ContextRules<'_>, context: &PartialContext) -> Result<(), RequestError> {
    let policy = rules.policy();
    let reasons = rules.partial_invalidities(context);
    if reasons.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = reasons.iter().map(|reason| reason.text(rules, context)).collect();
    Err(RequestError::Invalid { context: context.text(policy), reasons: words.join("; ") })
}
