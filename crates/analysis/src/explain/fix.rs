//! What to do about a denial, in order of what it opens up: a mount option, a level, a label, a domain, a boolean, and
//! last a rule. What is offered was decided again, as it would be.

use avstore::{Store, TypeSet};
use policydb::{ClassId, RuleKind, TypeId};

use super::labels::{CouldBe, could_be};
use super::{BooleanSet, Cause, Containers, Denied};
use crate::context::PartialContext;
use crate::decide::{Access, Circumstances, Decider, Proof};

/// Something to do.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What.
    pub kind: FixKind,
    /// How long it lasts.
    pub lasting: Lasting,
    /// Whether it grants all that was denied; else other causes remain.
    pub complete: bool,
}

/// What can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// Mount the directory with `:z`: the containers' label without categories.
    MountShared,
    /// Mount it with `:Z`: the containers' label with this container's categories.
    MountPrivate,
    /// Run the container at the level of the files.
    RunAtLevel(String),
    /// Put the labels of the container storage back.
    RestoreStorage,
    /// Mount the file system, which keeps no labels, with `context=`.
    MountContext(TypeId),
    /// Give the file another type, for good.
    Label(CouldBe),
    /// Give the port a type that the source may use.
    PortLabel(CouldBe),
    /// Run the container in another domain; how many more rules that has.
    Domain {
        /// The domain.
        id: TypeId,
        /// Rules about it that are none about the present one.
        more_rules: usize,
    },
    /// Change booleans.
    Booleans(BooleanSet),
    /// A type of its own for this container, made by udica.
    CustomType,
    /// A local rule.
    LocalRule,
}

impl FixKind {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            FixKind::MountShared => "mount_shared",
            FixKind::MountPrivate => "mount_private",
            FixKind::RunAtLevel(_) => "run_at_level",
            FixKind::RestoreStorage => "restore_storage",
            FixKind::MountContext(_) => "mount_context",
            FixKind::Label(_) => "label",
            FixKind::PortLabel(_) => "port_label",
            FixKind::Domain { .. } => "domain",
            FixKind::Booleans(_) => "booleans",
            FixKind::CustomType => "custom_type",
            FixKind::LocalRule => "local_rule",
        }
    }
}

/// How long a fix lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// As long as the container.
    Container,
    /// Until the file system is relabelled by other rules.
    UntilRelabelled,
    /// Until the file system is mounted again without the option.
    Mount,
    /// For good.
    Permanent,
}

/// Classes of files, which have labels of their own.
const FILES: [&[u8]; 7] =
    [b"file", b"dir", b"lnk_file", b"sock_file", b"fifo_file", b"chr_file", b"blk_file"];
/// Domains that are offered.
const MOST_DOMAINS: usize = 3;

/// The fixes of a denial, those that open up least first. O(rules × candidates), of which there are few.
pub fn fixes(
    decider: &Decider<'_, '_>,
    circumstances: &Circumstances,
    containers: &Containers,
    denied: &Denied,
    causes: &[Cause<'_>],
    proof: &Proof<'_>,
) -> Vec<Fix> {
    if causes.iter().all(|cause| matches!(cause, Cause::Allowed { .. })) {
        return Vec::new();
    }
    let asked = Asked { decider, containers, denied, store: decider.store() };
    let mut fixes = Vec::new();
    let is_container = containers.is_confined(denied.source.r#type);
    // A file system without labels, and logs, stay what they are: a domain or a boolean is made for each.
    let stays = ["noxattrfs", "logfile"];
    let stays = stays.iter().any(|attribute| asked.has_attribute(denied.target.r#type, attribute.as_bytes()));
    if is_container && asked.is_file() && !stays {
        asked.mounts(&mut fixes);
    }
    if !is_container && asked.is_file() && asked.has_attribute(denied.target.r#type, b"file_type") {
        let labels = could_be(decider, denied, b"file_type").into_iter();
        fixes.extend(labels.map(|label| Fix {
            kind: FixKind::Label(label),
            lasting: Lasting::Permanent,
            complete: true,
        }));
    }
    let has_booleans = causes.iter().any(|cause| matches!(cause, Cause::Booleans { .. }));
    if asked.has_attribute(denied.target.r#type, b"port_type") && asked.is_port_label(has_booleans) {
        let labels = could_be(decider, denied, b"port_type").into_iter();
        fixes.extend(labels.map(|label| Fix {
            kind: FixKind::PortLabel(label),
            lasting: Lasting::Permanent,
            complete: true,
        }));
    }
    if is_container {
        asked.domains(&mut fixes);
    }
    for cause in causes {
        if let Cause::Booleans { sets, .. } = cause {
            fixes.extend(sets.iter().map(|set| Fix {
                complete: asked.granted_with(circumstances, set),
                kind: FixKind::Booleans(set.clone()),
                lasting: Lasting::Permanent,
            }));
        }
    }
    if is_container && asked.is_file() && stays {
        asked.mount_context(&mut fixes);
    }
    let refused_whatever_rules = refused_whatever_rules(causes);
    if is_container && refused_whatever_rules == 0 {
        fixes.push(Fix { kind: FixKind::CustomType, lasting: Lasting::Container, complete: true });
    }
    let by_rule = proof.without_rule() & !refused_whatever_rules;
    if by_rule != 0 || causes.iter().any(|cause| matches!(cause, Cause::Command { .. })) {
        let complete = refused_whatever_rules == 0;
        fixes.push(Fix { kind: FixKind::LocalRule, lasting: Lasting::Permanent, complete });
    }
    fixes
}

/// The permissions that constraints, roles or bounds refuse, whatever rules there are.
pub(super) fn refused_whatever_rules(causes: &[Cause<'_>]) -> u32 {
    causes.iter().fold(0, |all, cause| match cause {
        Cause::Constraint(constraint) if constraint.certain => all | constraint.permissions,
        Cause::Role { permissions, .. } | Cause::Bounds { permissions, .. } => all | permissions,
        _ => all,
    })
}

struct Asked<'a, 's, 'p> {
    decider: &'a Decider<'s, 'p>,
    containers: &'a Containers,
    denied: &'a Denied,
    store: &'s Store<'p>,
}

impl Asked<'_, '_, '_> {
    fn is_class(&self, names: &[&[u8]]) -> bool {
        names.contains(&self.store.class_name(self.denied.class).as_bytes())
    }

    fn is_file(&self) -> bool {
        self.is_class(&FILES)
    }

    /// Whether it is the label of a port that should change: of one to bind to, and of one to connect to where no boolean
    /// is there for it: that port is another service's.
    fn is_port_label(&self, has_booleans: bool) -> bool {
        let has = |name: &[u8]| {
            let permission = self.store.permission_named(self.denied.class, name);
            permission.is_some_and(|permission| self.denied.permissions >> permission.bit & 1 == 1)
        };
        has(b"name_bind") || (has(b"name_connect") && !has_booleans)
    }

    fn has_attribute(&self, id: TypeId, attribute: &[u8]) -> bool {
        let attribute = self.store.policy().type_named(attribute);
        attribute
            .is_some_and(|attribute| self.store.is_attribute(attribute) && self.store.applies(attribute, id))
    }

    /// Whether the denied access would be granted.
    fn granted(&self, source: &PartialContext, target: &PartialContext) -> bool {
        let access = Access { source, target, class: self.denied.class };
        self.decider.decide(&access).possible & self.denied.permissions == self.denied.permissions
    }

    fn granted_with(&self, circumstances: &Circumstances, set: &BooleanSet) -> bool {
        let mut changed = circumstances.clone();
        for &(id, state) in &set.settings {
            changed.booleans = changed.booleans.with(id, state);
        }
        let decider = Decider::new(self.store, changed);
        let access =
            Access { source: &self.denied.source, target: &self.denied.target, class: self.denied.class };
        decider.decide(&access).possible & self.denied.permissions == self.denied.permissions
    }

    /// What a container's mount can be given.
    fn mounts(&self, fixes: &mut Vec<Fix>) {
        let (policy, denied) = (self.store.policy(), self.denied);
        let target = denied.target.r#type;
        let fix = |kind, lasting| Fix { kind, lasting, complete: true };
        let shared = self.containers.shared_label(policy, &denied.target);
        let private = self.containers.private_label(policy, &denied.source, &denied.target);
        let would_do = |label: &Option<PartialContext>| {
            label.as_ref().is_some_and(|label| self.granted(&denied.source, label))
        };
        // What the kernel shows has no labels to give, and devices are not for containers to own.
        if !self.has_attribute(target, b"file_type") || self.has_attribute(target, b"device_node") {
            return;
        }
        let is_storage = |name: &[u8]| policy.type_named(name) == Some(target);
        if is_storage(b"container_var_lib_t") || is_storage(b"container_ro_file_t") {
            fixes.push(fix(FixKind::RestoreStorage, Lasting::Permanent));
            return;
        }
        let is_theirs = self.containers.file == Some(target);
        let mut mounts = Vec::new();
        if would_do(&shared) {
            mounts.push(fix(FixKind::MountShared, Lasting::UntilRelabelled));
        }
        if would_do(&private) {
            mounts.push(fix(FixKind::MountPrivate, Lasting::UntilRelabelled));
        }
        // Files that already are a container's: sharing takes them from nobody.
        if !is_theirs {
            mounts.reverse();
        }
        fixes.extend(mounts);
        if is_theirs
            && let Some(range) = &denied.target.range
            && self.granted(
                &PartialContext { range: Some(range.clone()), ..denied.source.clone() },
                &denied.target,
            )
        {
            fixes.push(fix(FixKind::RunAtLevel(range.text(policy)), Lasting::Container));
        }
    }

    /// A label for a whole file system that keeps none, which is given when it is mounted: it ignores `:z`.
    fn mount_context(&self, fixes: &mut Vec<Fix>) {
        let shared = self.containers.shared_label(self.store.policy(), &self.denied.target);
        if let Some((file, label)) = self.containers.file.zip(shared)
            && self.has_attribute(self.denied.target.r#type, b"noxattrfs")
            && self.granted(&self.denied.source, &label)
        {
            let kind = FixKind::MountContext(file);
            fixes.push(Fix { kind, lasting: Lasting::Mount, complete: true });
        }
    }

    /// Other confined domains that are granted it, and that a runtime may enter; those with the fewest rules more first.
    fn domains(&self, fixes: &mut Vec<Fix>) {
        let denied = self.denied;
        let present = denied.source.r#type;
        let mut found: Vec<(usize, TypeId)> = self
            .containers
            .domains()
            .filter(|id| *id != present && self.may_be_entered(*id) && self.is_kept_apart(*id))
            .filter(|id| {
                self.granted(&PartialContext { r#type: *id, ..denied.source.clone() }, &denied.target)
            })
            .map(|id| (self.more_rules(id), id))
            .collect();
        found.sort_unstable();
        fixes.extend(found.into_iter().take(MOST_DOMAINS).map(|(more_rules, id)| Fix {
            kind: FixKind::Domain { id, more_rules },
            lasting: Lasting::Container,
            complete: true,
        }));
    }

    /// Whether rules let the runtime start processes in a domain.
    fn may_be_entered(&self, id: TypeId) -> bool {
        let Some((runtime, class)) = self.containers.runtime.zip(self.store.process_class()) else {
            return false;
        };
        let transition =
            self.store.permission_named(class, b"transition").map_or(0, |found| 1u32 << found.bit);
        let access =
            Access { source: &PartialContext::of_type(runtime), target: &PartialContext::of_type(id), class };
        transition != 0 && self.decider.decide(&access).possible & transition != 0
    }

    /// Whether a domain is bound by categories where the present one is.
    fn is_kept_apart(&self, id: TypeId) -> bool {
        let constrained = |id| self.has_attribute(id, b"mcs_constrained_type");
        constrained(id) || !constrained(self.denied.source.r#type)
    }

    /// How many allow rules are about a domain and not about the present one.
    fn more_rules(&self, id: TypeId) -> usize {
        let policy = self.store.policy();
        let symbols = |id: TypeId| -> TypeSet {
            let mut symbols = self.store.empty_set();
            symbols.insert(id);
            symbols.insert_all(policy.attributes_of(id));
            symbols
        };
        let (theirs, ours) = (symbols(id), symbols(self.denied.source.r#type));
        let rules = policy.rules().rules(0..policy.rules().len());
        let is_more = |rule: &policydb::AvRule| {
            rule.kind() == RuleKind::Allow && theirs.contains(rule.source()) && !ours.contains(rule.source())
        };
        rules.filter(|(_, rule)| is_more(rule)).count()
    }
}

/// The permissions of a class as policy language lists them.
pub fn permission_names(store: &Store<'_>, class: ClassId, permissions: u32) -> Vec<String> {
    let all = store.permissions(class).iter();
    let some = all.filter(|permission| permissions >> permission.bit & 1 == 1);
    some.map(|permission| permission.name.to_string()).collect()
}
