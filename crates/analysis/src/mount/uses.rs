//! What can be done with the files, directories and sockets of a tree, and what each use asks of a policy.
//!
//! A use is granted if all that it asks is. What the policy does not define is decided by its `handle_unknown`.
//! Whoever connects to a socket is also asked for `connectto` by the domain that listens, which no label of a file
//! says: it is not part of these.

use avstore::Store;
use policydb::{ClassId, HandleUnknown};

use crate::context::PartialContext;
use crate::decide::{Access, Decider};

/// A use.
#[derive(Debug)]
pub struct Use {
    /// Of what.
    pub object: Object,
    /// Which.
    pub kind: UseKind,
    /// Classes, and the permissions that are needed of each.
    pub asks: &'static [(&'static str, &'static [&'static str])],
}

/// What is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// Regular files.
    Files,
    /// Directories.
    Directories,
    /// Sockets in the file system.
    Sockets,
}

/// How it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// To read; of directories, to list.
    Read,
    /// To write; of directories, to add and remove entries; of sockets, to reach who listens.
    Write,
    /// To make new ones.
    Create,
    /// To run a program.
    Execute,
}

impl Object {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Object::Files => "files",
            Object::Directories => "directories",
            Object::Sockets => "sockets",
        }
    }
}

impl UseKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            UseKind::Read => "read",
            UseKind::Write => "write",
            UseKind::Create => "create",
            UseKind::Execute => "execute",
        }
    }
}

const SEARCH: (&str, &[&str]) = ("dir", &["search"]);
const ADD: (&str, &[&str]) = ("dir", &["search", "write", "add_name"]);

const USES: &[Use] = &[
    Use {
        object: Object::Files,
        kind: UseKind::Read,
        asks: &[SEARCH, ("file", &["getattr", "open", "read"])],
    },
    Use {
        object: Object::Files,
        kind: UseKind::Write,
        asks: &[SEARCH, ("file", &["getattr", "open", "write"])],
    },
    Use {
        object: Object::Files,
        kind: UseKind::Create,
        asks: &[ADD, ("file", &["create", "open", "write"])],
    },
    Use {
        object: Object::Files,
        kind: UseKind::Execute,
        asks: &[SEARCH, ("file", &["getattr", "open", "read", "execute", "execute_no_trans"])],
    },
    Use {
        object: Object::Directories,
        kind: UseKind::Read,
        asks: &[("dir", &["getattr", "open", "read", "search"])],
    },
    Use {
        object: Object::Directories,
        kind: UseKind::Write,
        asks: &[("dir", &["search", "write", "add_name", "remove_name"])],
    },
    Use {
        object: Object::Directories,
        kind: UseKind::Create,
        asks: &[("dir", &["search", "write", "add_name", "create"])],
    },
    Use { object: Object::Sockets, kind: UseKind::Write, asks: &[SEARCH, ("sock_file", &["write"])] },
    Use { object: Object::Sockets, kind: UseKind::Create, asks: &[ADD, ("sock_file", &["create"])] },
];
/// What a layer above a tree reads of it.
const BENEATH: &[(&str, &[&str])] =
    &[("dir", &["getattr", "open", "read", "search"]), ("file", &["getattr", "open", "read"])];

/// All uses, in the order of verdicts.
pub fn uses() -> &'static [Use] {
    USES
}

/// Whether a use is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Granted,
    /// SELinux would grant it, and the mount cannot be written.
    ReadOnlyMount,
    /// It is not, for want of these.
    Denied(Vec<Lacking>),
}

/// Permissions that are not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Of which class.
    pub class: &'static str,
    /// Which.
    pub permissions: Vec<&'static str>,
    /// What refuses them.
    pub layer: Layer,
    /// Whether it is the tree beneath an overlay that cannot be read.
    pub beneath: bool,
}

/// What refuses a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// No rule in force grants it.
    Rules,
    /// Rules do, and a constraint refuses: of categories, levels, users or roles.
    Constraints,
    /// A bounding type may not do it.
    Bounds,
    /// The policy does not define it, and what it does not define is denied.
    Undefined,
}

impl Layer {
    /// A stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Layer::Rules => "no_rule",
            Layer::Constraints => "constraint",
            Layer::Bounds => "bounds",
            Layer::Undefined => "undefined",
        }
    }
}

/// The classes that uses ask about, as far as the policy has them.
pub(super) fn classes(store: &Store<'_>) -> Vec<ClassId> {
    ["file", "dir", "sock_file"]
        .iter()
        .filter_map(|name| store.policy().class_named(name.as_bytes()))
        .collect()
}

/// Whether denials do not stop a process.
pub(super) fn is_permissive(
    decider: &Decider<'_, '_>,
    source: &PartialContext,
    target: &PartialContext,
) -> bool {
    let classes = classes(decider.store());
    classes.first().is_some_and(|&class| decider.decide(&Access { source, target, class }).permissive)
}

/// What a process can do with what has a label, in the order of [`uses`]; `beneath` is the label of what is under it.
pub(super) fn verdicts(
    decider: &Decider<'_, '_>,
    process: &PartialContext,
    label: &PartialContext,
    beneath: Option<&PartialContext>,
    read_only: bool,
) -> Vec<Verdict> {
    let under = beneath.map(|beneath| lacking(decider, process, beneath, BENEATH)).unwrap_or_default();
    let verdict = |wanted: &Use| {
        let mut missing = lacking(decider, process, label, wanted.asks);
        missing.extend(under.iter().cloned().map(|lacking| Lacking { beneath: true, ..lacking }));
        let writes = matches!(wanted.kind, UseKind::Write | UseKind::Create)
            && wanted.object != Object::Sockets
            || wanted.kind == UseKind::Create;
        match missing.is_empty() {
            true if read_only && writes => Verdict::ReadOnlyMount,
            true => Verdict::Granted,
            false => Verdict::Denied(missing),
        }
    };
    USES.iter().map(verdict).collect()
}

/// What of a list is not granted.
fn lacking(
    decider: &Decider<'_, '_>,
    source: &PartialContext,
    target: &PartialContext,
    asks: &[(&'static str, &'static [&'static str])],
) -> Vec<Lacking> {
    let store = decider.store();
    let unknown_is_granted = store.policy().header().handle_unknown == HandleUnknown::Allow;
    let mut missing: Vec<Lacking> = Vec::new();
    let mut add = |class, name, layer| match missing
        .iter_mut()
        .find(|lacking| lacking.class == class && lacking.layer == layer)
    {
        Some(lacking) => lacking.permissions.push(name),
        None => missing.push(Lacking { class, permissions: vec![name], layer, beneath: false }),
    };
    for &(class, names) in asks {
        let id = store.policy().class_named(class.as_bytes());
        let decision = id.map(|class| decider.decide(&Access { source, target, class }));
        for &name in names {
            let permission = id.and_then(|id| store.permission_named(id, name.as_bytes()));
            let Some((permission, decision)) = permission.zip(decision) else {
                if !unknown_is_granted {
                    add(class, name, Layer::Undefined);
                }
                continue;
            };
            let has = |mask: u32| mask >> permission.bit & 1 == 1;
            match () {
                () if has(decision.possible) => {}
                () if !has(decision.by_rules) => add(class, name, Layer::Rules),
                () if has(decision.after_roles) => add(class, name, Layer::Bounds),
                () => add(class, name, Layer::Constraints),
            }
        }
    }
    missing
}
