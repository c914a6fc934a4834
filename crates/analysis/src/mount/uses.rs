//! What can be done with the files, directories and sockets of a tree, and what each use asks of a policy.
//!
//! A use is granted if all that it asks is. What the policy does not define is decided by its `handle_unknown`.
//! Whoever connects to a socket is also asked for `connectto` by the domain that listens, which no label of a file
//! says: it is not part of these.

use avstore::Store;
use policydb::{ClassId, HandleUnknown};

use crate::context::PartialContext;
use crate::decide::{Access, Decider, Labelling};

/// A use.
#[derive(Debug)]
pub struct Use {
    /// Of what.
    pub object: Object,
    /// Which.
    pub kind: UseKind,
    /// Classes, the permissions that are needed of each, and whether they are asked of what is new: that has the label which
    /// the policy gives to what the process makes in the tree.
    pub asks: &'static [Ask],
}

/// Permissions of a class, on the label of the tree or on that of something new in it.
#[derive(Debug)]
pub struct Ask {
    /// The class.
    pub class: &'static str,
    /// The permissions.
    pub permissions: &'static [&'static str],
    /// Whether it is asked of something new.
    pub of_new: bool,
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
    /// Device nodes.
    Devices,
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
            Object::Devices => "devices",
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

/// Of the tree.
const fn tree(class: &'static str, permissions: &'static [&'static str]) -> Ask {
    Ask { class, permissions, of_new: false }
}

/// Of what is made in it.
const fn new(class: &'static str, permissions: &'static [&'static str]) -> Ask {
    Ask { class, permissions, of_new: true }
}

const SEARCH: Ask = tree("dir", &["search"]);
const ADD: Ask = tree("dir", &["search", "write", "add_name"]);

const fn of(object: Object, kind: UseKind, asks: &'static [Ask]) -> Use {
    Use { object, kind, asks }
}

const USES: &[Use] = &[
    of(Object::Files, UseKind::Read, &[SEARCH, tree("file", &["getattr", "open", "read"])]),
    of(Object::Files, UseKind::Write, &[SEARCH, tree("file", &["getattr", "open", "write"])]),
    of(Object::Files, UseKind::Create, &[ADD, new("file", &["create", "open", "write"])]),
    of(
        Object::Files,
        UseKind::Execute,
        &[SEARCH, tree("file", &["getattr", "open", "read", "execute", "execute_no_trans"])],
    ),
    of(Object::Directories, UseKind::Read, &[tree("dir", &["getattr", "open", "read", "search"])]),
    of(Object::Directories, UseKind::Write, &[tree("dir", &["search", "write", "add_name", "remove_name"])]),
    of(Object::Directories, UseKind::Create, &[ADD, new("dir", &["create"])]),
    of(Object::Sockets, UseKind::Write, &[SEARCH, tree("sock_file", &["write"])]),
    of(Object::Sockets, UseKind::Create, &[ADD, new("sock_file", &["create"])]),
    of(Object::Devices, UseKind::Read, &[SEARCH, tree("chr_file", &["getattr", "open", "read"])]),
    of(Object::Devices, UseKind::Write, &[SEARCH, tree("chr_file", &["getattr", "open", "write"])]),
];
/// What a layer above a tree reads of it.
const BENEATH: &[Ask] =
    &[tree("dir", &["getattr", "open", "read", "search"]), tree("file", &["getattr", "open", "read"])];

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
    ["file", "dir", "sock_file", "chr_file"]
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
    asks: &[Ask],
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
    for &Ask { class, permissions, of_new } in asks {
        let id = store.policy().class_named(class.as_bytes());
        let decision = id.map(|class| match of_new {
            true => {
                let new = decider.new_context(Labelling::Transition, source, target, class, None).context;
                decider.decide(&Access { source, target: &new, class })
            }
            false => decider.decide(&Access { source, target, class }),
        });
        for &name in permissions {
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
