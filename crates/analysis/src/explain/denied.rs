//! What a record says was denied, resolved against a policy.
//!
//! Records come from other machines and other versions of a policy. What decides is the type; a user, role or level that
//! this policy does not have is left open, and named.

use avstore::Store;
use policydb::ClassId;

use crate::context::{ContextError, ContextRules, MlsRange, PartialContext, type_named};
use crate::decide::{Operation, RequestError, Wanted};
use crate::lookup::LookupError;
use crate::names::{TYPE_OR_ATTRIBUTE, class_named};

/// What a record says, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The source's context.
    pub scontext: String,
    /// The target's context.
    pub tcontext: String,
    /// The class.
    pub tclass: String,
    /// The permissions.
    pub permissions: Vec<String>,
    /// The ioctl commands or netlink messages that were denied.
    pub commands: Vec<(Operation, u16)>,
    /// The object's path, as the process that was denied sees it.
    pub path: Option<Vec<u8>>,
    /// The path of the file, or of what is mounted, on the host, where that is known.
    pub host_path: Option<String>,
    /// The label that file contexts give that path, where that is known.
    pub expected: Option<String>,
    /// The last part of the object's path, where the record has no more of it.
    pub name: Option<Vec<u8>>,
    /// What the object is on, by the kernel's name of the device or file system.
    pub device: Option<String>,
    /// Whether the file was deleted.
    pub is_deleted: bool,
    /// Whether file contexts say of the path on the host that it keeps the label that it has (`<<none>>`).
    pub keeps_label: bool,
    /// Whether processes of several levels were denied it.
    pub several_sources: bool,
    /// The source's context as it was stored, where the loaded policy did not know it (`srawcon`).
    pub stored_source: Option<String>,
    /// The target's (`trawcon`).
    pub stored_target: Option<String>,
}

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
    /// Permissions that neither has: of another kernel, or misspelt.
    pub unknown: Vec<String>,
    /// The ioctl commands or netlink messages that were denied.
    pub commands: Vec<(Operation, u16)>,
    /// The object's path, as the process that was denied sees it.
    pub path: Option<Vec<u8>>,
    /// The path of the file, or of what is mounted, on the host, where that is known.
    pub host_path: Option<String>,
    /// The label that file contexts give that path, where that is known.
    pub expected: Option<PartialContext>,
    /// The last part of the object's path, where the record has no more of it.
    pub name: Option<Vec<u8>>,
    /// What the object is on, by the kernel's name of the device or file system.
    pub device: Option<String>,
    /// Whether the file was deleted.
    pub is_deleted: bool,
    /// Whether file contexts say of the path on the host that it keeps the label that it has (`<<none>>`).
    pub keeps_label: bool,
    /// Whether processes of several levels were denied it.
    pub several_sources: bool,
    /// Parts of the contexts that this policy does not have, and that were left open.
    pub left_open: Vec<LeftOpen>,
}

/// Part of a record's context that a policy does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOpen {
    /// Whose it is.
    pub side: ContextSide,
    /// What: `user`, `role` or `level`.
    pub part: &'static str,
    /// As written.
    pub text: String,
}

/// Whose context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextSide {
    /// The source's.
    Source,
    /// The target's.
    Target,
}

/// Why a record cannot be asked of this policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// The source's type is none of this policy's.
    Source(RequestError),
    /// The target's type is none of this policy's.
    Target(RequestError),
    /// The class is none of this policy's nor the kernel's, or none of the permissions is.
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
    /// A type or class that the policy does not have; no permission that it has.
    pub fn resolve(store: &Store<'_>, evidence: &Evidence) -> Result<Self, Unresolved> {
        let mut left_open = Vec::new();
        let mut context = |text: &str, side| {
            let mut note = |part, text: &str| {
                left_open.push(LeftOpen { side, part, text: text.to_owned() });
            };
            as_far_as_known(store, text, &mut note).map_err(RequestError::from)
        };
        let source = context(&evidence.scontext, ContextSide::Source).map_err(Unresolved::Source)?;
        let target = context(&evidence.tcontext, ContextSide::Target).map_err(Unresolved::Target)?;
        let class = &evidence.tclass;
        let (wanted, unknown) = wanted(store, class, &evidence.permissions)?;
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
            unknown,
            commands: evidence.commands.clone(),
            path: evidence.path.clone(),
            host_path: evidence.host_path.clone(),
            expected: evidence.expected.as_ref().and_then(|label| PartialContext::parse(store, label).ok()),
            name: evidence.name.clone(),
            device: evidence.device.clone(),
            is_deleted: evidence.is_deleted,
            keeps_label: evidence.keeps_label,
            several_sources: evidence.several_sources,
            left_open,
        })
    }
}

/// A class and the permissions of it that are known, and those that are not. One word that nobody knows does not keep the
/// others from being explained.
fn wanted(
    store: &Store<'_>,
    class: &str,
    permissions: &[String],
) -> Result<(Wanted, Vec<String>), Unresolved> {
    let error = match Wanted::resolve(store, class, permissions) {
        Ok(wanted) => return Ok((wanted, Vec::new())),
        Err(error) => error,
    };
    let is_known = |name: &&String| Wanted::resolve(store, class, std::slice::from_ref(*name)).is_ok();
    let (known, unknown): (Vec<&String>, Vec<&String>) = permissions.iter().partition(is_known);
    if known.is_empty() {
        return Err(Unresolved::Class(error));
    }
    let known: Vec<String> = known.into_iter().cloned().collect();
    let wanted = Wanted::resolve(store, class, &known).map_err(Unresolved::Class)?;
    Ok((wanted, unknown.into_iter().cloned().collect()))
}

/// The context of a text; a user, role or level that the policy does not have is left open and noted.
pub(super) fn as_far_as_known(
    store: &Store<'_>,
    text: &str,
    note: &mut dyn FnMut(&'static str, &str),
) -> Result<PartialContext, ContextError> {
    if let Some(name) = unknown_type(store, text) {
        return Err(LookupError::plain(TYPE_OR_ATTRIBUTE, name).into());
    }
    let whole = PartialContext::parse(store, text);
    let mut fields = text.splitn(4, ':');
    let (Err(error), Some(user), Some(role), Some(name)) =
        (whole.clone(), fields.next(), fields.next(), fields.next())
    else {
        return whole;
    };
    let Ok(id) = type_named(store, name) else { return Err(error) };
    let policy = store.policy();
    let mut context = PartialContext::of_type(id);
    context.user = policy.user_named(user.as_bytes());
    context.role = policy.role_named(role.as_bytes());
    for (part, text, is_known) in
        [("user", user, context.user.is_some()), ("role", role, context.role.is_some())]
    {
        if !is_known {
            note(part, text);
        }
    }
    if let Some(range) = fields.next() {
        context.range = MlsRange::parse(policy, range).ok();
        if context.range.is_none() && policy.header().mls {
            note("level", range);
        }
    }
    Ok(context)
}

/// The type of a context with user and role, if the policy does not have it. Logs of other machines hold thousands of them,
/// and to look for the nearest names of each takes longer than all the rest.
fn unknown_type<'t>(store: &Store<'_>, text: &'t str) -> Option<&'t str> {
    let mut fields = text.splitn(4, ':');
    let (first, second, name) = (fields.next()?, fields.next()?, fields.next()?);
    let policy = store.policy();
    let is_type = |name: &str| policy.type_named(name.as_bytes()).is_some();
    // `TYPE:RANGE`, as people shorten it, and what is shown for a type without a name.
    let is_short = is_type(first) || policy.sensitivity_named(second.as_bytes()).is_some();
    (!is_short && !is_type(name) && !name.starts_with('<')).then_some(name)
}

/// What keeps a stored context from being valid in this policy, in words; nothing if it is valid.
pub(super) fn context_faults(rules: &ContextRules<'_>, store: &Store<'_>, text: &str) -> Vec<String> {
    match PartialContext::parse(store, text) {
        // Some kernels cut it at a byte that is zero.
        Err(_) if text.matches(':').count() < 2 => {
            vec!["only the beginning of the context is known".to_owned()]
        }
        Err(error) => vec![first_line(&error.to_string())],
        Ok(context) => {
            rules.partial_invalidities(&context).iter().map(|fault| fault.text(rules, &context)).collect()
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
