//! Which fixes a denial has, in order of what they open up: a mount option, a level, a label, a domain, a boolean, and
//! last a rule. What changes labels, levels, domains or booleans was decided again, as it would be.

use avstore::Store;
use policydb::{ClassId, TypeId};

use super::cause::{refused_whatever_rules, symbols_of};
use super::fix::{Enough, Fix, FixKind, Lasting};
use super::grants::Grants;
use super::labels::could_be;
use super::{BooleanSet, Cause, CouldBe, Denied};
use crate::containers::Containers;
use crate::context::PartialContext;
use crate::decide::{Access, Circumstances, Decider, Proof};

/// Classes of files, which have labels of their own.
const FILES: [&[u8]; 7] =
    [b"file", b"dir", b"lnk_file", b"sock_file", b"fifo_file", b"chr_file", b"blk_file"];
/// Domains that are offered.
const MOST_DOMAINS: usize = 3;
/// Labels that are offered as fixes; others are named.
const MOST_LABELS: usize = 2;
/// Types of places where files stand before they are moved to where they belong, or of which nobody said what they hold:
/// their label is wrong more often than a rule is missing.
const PLACES: [&[u8]; 14] = [
    b"unlabeled_t",
    b"file_t",
    b"default_t",
    b"root_t",
    b"mnt_t",
    b"usr_t",
    b"etc_t",
    b"var_t",
    b"var_lib_t",
    b"tmp_t",
    b"user_tmp_t",
    b"user_home_t",
    b"user_home_dir_t",
    b"admin_home_t",
];
/// Where programs and libraries of an image stand: a container denied these has mislabelled storage.
const IMAGE_PATHS: [&[u8]; 8] =
    [b"/lib/", b"/lib64/", b"/usr/lib/", b"/usr/lib64/", b"/bin/", b"/usr/bin/", b"/sbin/", b"/usr/sbin/"];
/// Domains of services whose program has no label of its own.
const SERVICES: [&[u8]; 2] = [b"unconfined_service_t", b"initrc_t"];

/// A denial and what is known of it.
pub(super) struct Case<'a, 's, 'p> {
    pub(super) decider: &'a Decider<'s, 'p>,
    pub(super) circumstances: &'a Circumstances,
    pub(super) containers: &'a Containers,
    pub(super) denied: &'a Denied,
    pub(super) causes: &'a [Cause<'p>],
    pub(super) proof: &'a Proof<'p>,
    pub(super) store: &'s Store<'p>,
}

/// Fixes, and what else the target could be.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) fixes: Vec<Fix>,
    /// Types that the target could have, best first.
    pub(super) could_be: Vec<CouldBe>,
}

impl Case<'_, '_, '_> {
    /// The fixes, those that open up least first. O(rules × candidates), of which there are few.
    pub(super) fn fixes(&self) -> Found {
        let mut found = Found::default();
        let lasting = |kind, lasting, enough| Fix { kind, lasting, enough };
        if self.is_start_of_container() {
            found.fixes.push(lasting(FixKind::LabelRuntime, Lasting::Permanent, Enough::CannotTell));
        }
        if self.causes.iter().all(Cause::is_grant) {
            if self.is_container() {
                found.fixes.push(lasting(FixKind::Reinstall, Lasting::Permanent, Enough::CannotTell));
            }
            return found;
        }
        if self.causes.iter().any(|cause| matches!(cause, Cause::StoredContext { .. })) {
            let kind = if self.is_file() { FixKind::RestoreLabel } else { FixKind::Reinstall };
            found.fixes.push(lasting(kind, Lasting::Permanent, Enough::CannotTell));
        }
        match self.is_container() {
            true => self.for_containers(&mut found),
            false => self.for_hosts(&mut found),
        }
        let refused = refused_whatever_rules(self.causes);
        if self.is_container() && refused == 0 {
            found.fixes.push(lasting(FixKind::CustomType, Lasting::Container, Enough::Yes));
        }
        let commands = self.causes.iter().any(|cause| matches!(cause, Cause::Commands { .. }));
        if self.proof.without_rule() & !refused != 0 || commands {
            let enough = if refused == 0 { Enough::Yes } else { Enough::No };
            found.fixes.push(lasting(FixKind::LocalRule, Lasting::Permanent, enough));
        }
        found
    }

    fn for_containers(&self, found: &mut Found) {
        let target = self.denied.target.r#type;
        // A file system without labels, and logs, stay what they are: a domain or a boolean is made for each.
        let stays = [&b"noxattrfs"[..], b"logfile"].iter().any(|name| self.has_attribute(target, name));
        if self.is_file() && !stays {
            self.mounts(found);
        }
        self.domains(found);
        self.booleans(found);
        if self.is_file() && stays {
            self.mount_context(found);
        }
    }

    fn for_hosts(&self, found: &mut Found) {
        let target = self.denied.target.r#type;
        let fix = |kind, enough| Fix { kind, lasting: Lasting::Permanent, enough };
        for cause in self.causes {
            if let Cause::Role { from, to, .. } = cause {
                found.fixes.push(fix(FixKind::Role { from: *from, to: *to }, Enough::CannotTell));
            }
        }
        let is_service = |id| self.is_named(id, &SERVICES);
        if is_service(self.denied.source.r#type) || (is_service(target) && !self.is_file()) {
            found.fixes.push(fix(FixKind::LabelProgram, Enough::CannotTell));
        }
        let has_booleans = self.causes.iter().any(|cause| matches!(cause, Cause::Booleans { .. }));
        let is_file = self.is_file() && self.has_attribute(target, b"file_type");
        let is_misplaced = self.is_named(target, &PLACES) || self.containers.file == Some(target);
        let mut labels = Vec::new();
        if is_file {
            let restored = found.fixes.iter().any(|fix| fix.kind == FixKind::RestoreLabel);
            if is_misplaced && !restored {
                found.fixes.push(fix(FixKind::RestoreLabel, Enough::CannotTell));
            }
            self.file_level(found);
            found.could_be = could_be(self.decider, self.denied, b"file_type");
            labels.extend(found.could_be.iter().take(MOST_LABELS).map(|label| FixKind::Label(*label)));
        }
        if self.has_attribute(target, b"port_type") && self.is_port_label(has_booleans) {
            found.could_be = could_be(self.decider, self.denied, b"port_type");
            labels.extend(found.could_be.iter().take(MOST_LABELS).map(|label| FixKind::PortLabel(*label)));
        }
        // What has the label that it should have is opened by what is made for it.
        if has_booleans && !is_misplaced {
            self.booleans(found);
            labels.clear();
        }
        found.fixes.extend(labels.into_iter().map(|kind| fix(kind, Enough::Yes)));
        if is_misplaced {
            self.booleans(found);
        }
    }

    pub(super) fn is_container(&self) -> bool {
        self.containers.is_confined(self.denied.source.r#type)
    }

    /// Whether something that is no container engine was to start a container.
    fn is_start_of_container(&self) -> bool {
        let source = self.denied.source.r#type;
        let is_change = self.wants(b"transition") || self.wants(b"dyntransition");
        let is_start = self.is_class(&[b"process"]) && is_change;
        is_start
            && self.containers.is_confined(self.denied.target.r#type)
            && !self.containers.is_confined(source)
            && !self.containers.is_runtime(source)
    }

    pub(super) fn is_class(&self, names: &[&[u8]]) -> bool {
        names.contains(&self.store.class_name(self.denied.class).as_bytes())
    }

    fn is_file(&self) -> bool {
        self.is_class(&FILES)
    }

    pub(super) fn is_named(&self, id: TypeId, names: &[&[u8]]) -> bool {
        names.iter().any(|name| self.store.policy().type_named(name) == Some(id))
    }

    /// Whether a permission is among the denied ones.
    pub(super) fn wants(&self, name: &[u8]) -> bool {
        let permission = self.store.permission_named(self.denied.class, name);
        permission.is_some_and(|permission| self.denied.permissions >> permission.bit & 1 == 1)
    }

    /// Whether it is the label of a port that should change: of one to bind to, and of one to connect to where no boolean
    /// is there for it: that port is another service's.
    fn is_port_label(&self, has_booleans: bool) -> bool {
        self.wants(b"name_bind") || (self.wants(b"name_connect") && !has_booleans)
    }

    fn has_attribute(&self, id: TypeId, attribute: &[u8]) -> bool {
        has_attribute(self.store, id, attribute)
    }

    /// Whether the denied access would be granted.
    fn granted(&self, source: &PartialContext, target: &PartialContext) -> bool {
        grants(self.decider, self.denied, source, target)
    }

    /// The fixes by booleans.
    fn booleans(&self, found: &mut Found) {
        for cause in self.causes {
            if let Cause::Booleans { sets, .. } = cause {
                found.fixes.extend(sets.sets.iter().map(|set| Fix {
                    enough: self.enough_with(set),
                    kind: FixKind::Booleans(set.clone()),
                    lasting: Lasting::Permanent,
                }));
            }
        }
    }

    fn enough_with(&self, set: &BooleanSet) -> Enough {
        let policy = self.store.policy();
        let only_booleans = |cause: &Cause<'_>| cause.is_grant() || matches!(cause, Cause::Booleans { .. });
        let source = policy.type_symbol(self.denied.source.r#type);
        // Rules grant all of it under these settings, and nothing else refuses: what a bounding type may do is all that
        // could.
        if self.causes.iter().all(only_booleans) && source.is_some_and(|(_, symbol)| symbol.bounds.is_none())
        {
            return Enough::Yes;
        }
        let mut changed = self.circumstances.clone();
        for &(id, state) in &set.settings {
            changed.booleans = changed.booleans.with(id, state);
        }
        let decider = Decider::new(self.store, changed);
        match grants(&decider, self.denied, &self.denied.source, &self.denied.target) {
            true => Enough::Yes,
            false => Enough::No,
        }
    }

    /// What a container's mount can be given.
    fn mounts(&self, found: &mut Found) {
        let (policy, denied) = (self.store.policy(), self.denied);
        let target = denied.target.r#type;
        let fix = |kind, lasting| Fix { kind, lasting, enough: Enough::Yes };
        let is_theirs = self.containers.file == Some(target);
        // What the kernel shows has no labels to give, and devices of the host are not for containers to own.
        let is_device = self.has_attribute(target, b"device_node") && !is_theirs;
        if !self.has_attribute(target, b"file_type") || is_device {
            return;
        }
        let is_storage = self.is_named(target, &[b"container_var_lib_t", b"container_ro_file_t"]);
        if is_storage || self.is_of_an_image() {
            let enough = Enough::CannotTell;
            found.fixes.push(Fix { enough, ..fix(FixKind::RestoreStorage, Lasting::Permanent) });
        }
        if is_storage {
            return;
        }
        let shared = self.containers.shared_label(policy, &denied.target);
        let private = self.containers.private_label(policy, &denied.source, &denied.target);
        let would_do = |label: &Option<PartialContext>| {
            label.as_ref().is_some_and(|label| self.granted(&denied.source, label))
        };
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
        let by_label = would_do(&shared).then_some(()).and(self.containers.file);
        found.fixes.extend(mounts);
        if !is_theirs {
            found.could_be = could_be(self.decider, denied, b"file_type");
            if let Some(id) = by_label {
                let label = found.could_be.iter().find(|could| could.id == id).copied();
                let label = label.unwrap_or_else(|| CouldBe::of(self.decider, denied, id));
                found.fixes.push(fix(FixKind::Label(label), Lasting::Permanent));
            }
            return;
        }
        if let Some(range) = &denied.target.range
            && Some(range) != denied.source.range.as_ref()
            && self.granted(
                &PartialContext { range: Some(range.clone()), ..denied.source.clone() },
                &denied.target,
            )
        {
            found.fixes.push(fix(FixKind::RunAtLevel(range.text(policy)), Lasting::Container));
        }
        if self.causes.iter().any(|cause| matches!(cause, Cause::NoRule { .. })) {
            let enough = Enough::CannotTell;
            found.fixes.push(Fix { enough, ..fix(FixKind::Reinstall, Lasting::Permanent) });
        }
    }

    /// Whether the object is part of an image, by its path in the container: storage is mislabelled then. A directory of
    /// the host may be mounted there all the same.
    fn is_of_an_image(&self) -> bool {
        let path = self.denied.path.as_deref().unwrap_or_default();
        IMAGE_PATHS.iter().any(|start| path.starts_with(start)) || self.wants(b"entrypoint")
    }

    /// Another level for a file that constraints on levels keep from its user.
    fn file_level(&self, found: &mut Found) {
        let denied = self.denied;
        let by_level = self
            .causes
            .iter()
            .any(|cause| matches!(cause, Cause::Constraint(constraint) if constraint.compares_levels));
        let Some(level) = denied.source.range.as_ref().map(|range| range.low.clone()).filter(|_| by_level)
        else {
            return;
        };
        let range = crate::context::MlsRange::single(level);
        let text = range.text(self.store.policy());
        let label = PartialContext { range: Some(range), ..denied.target.clone() };
        if self.granted(&denied.source, &label) {
            let (kind, lasting) = (FixKind::FileLevel(text), Lasting::UntilRelabelled);
            found.fixes.push(Fix { kind, lasting, enough: Enough::Yes });
        }
    }

    /// A label for a whole file system that keeps none, which is given when it is mounted: it ignores `:z`.
    fn mount_context(&self, found: &mut Found) {
        let shared = self.containers.shared_label(self.store.policy(), &self.denied.target);
        if let Some((file, label)) = self.containers.file.zip(shared)
            && self.has_attribute(self.denied.target.r#type, b"noxattrfs")
            && self.granted(&self.denied.source, &label)
        {
            let (kind, lasting) = (FixKind::MountContext(file), Lasting::Mount);
            found.fixes.push(Fix { kind, lasting, enough: Enough::Yes });
        }
    }

    /// Other confined domains that are granted it, and that a runtime may enter; those that may do least more first.
    fn domains(&self, found: &mut Found) {
        let denied = self.denied;
        let present = denied.source.r#type;
        let candidates: Vec<TypeId> = self
            .containers
            .domains()
            .filter(|id| *id != present && self.is_kept_apart(*id))
            .filter(|id| {
                self.granted(&PartialContext { r#type: *id, ..denied.source.clone() }, &denied.target)
            })
            .filter(|id| self.may_be_entered(*id))
            .collect();
        if candidates.is_empty() {
            return;
        }
        self.store.prepare();
        let may_do = |id| Grants::in_force(self.decider, &symbols_of(self.decider, id));
        let now = may_do(present);
        let added = candidates.into_iter().map(|id| (may_do(id).count_beyond(&now), id));
        let mut added: Vec<(usize, TypeId)> = added.collect();
        added.sort_unstable();
        found.fixes.extend(added.into_iter().take(MOST_DOMAINS).map(|(added, id)| Fix {
            kind: FixKind::Domain { id, added },
            lasting: Lasting::Container,
            enough: Enough::Yes,
        }));
    }

    /// Whether a runtime may start processes in a domain.
    fn may_be_entered(&self, id: TypeId) -> bool {
        let Some(class) = self.store.process_class() else { return false };
        let transition =
            self.store.permission_named(class, b"transition").map_or(0, |found| 1u32 << found.bit);
        self.containers.runtimes().any(|runtime| {
            let (source, target) = (PartialContext::of_type(runtime), PartialContext::of_type(id));
            let access = Access { source: &source, target: &target, class };
            self.decider.decide(&access).possible & transition != 0
        })
    }

    /// Whether a domain is bound by categories where the present one is.
    fn is_kept_apart(&self, id: TypeId) -> bool {
        let constrained = |id| self.has_attribute(id, b"mcs_constrained_type");
        constrained(id) || !constrained(self.denied.source.r#type)
    }
}

/// Whether a type has an attribute of this name.
pub(super) fn has_attribute(store: &Store<'_>, id: TypeId, attribute: &[u8]) -> bool {
    let attribute = store.policy().type_named(attribute);
    attribute.is_some_and(|attribute| store.is_attribute(attribute) && store.applies(attribute, id))
}

/// Whether all that was denied would be granted between two contexts, commands too.
fn grants(
    decider: &Decider<'_, '_>,
    denied: &Denied,
    source: &PartialContext,
    target: &PartialContext,
) -> bool {
    let access = Access { source, target, class: denied.class };
    decider.decide(&access).possible & denied.permissions == denied.permissions
        && denied
            .commands
            .iter()
            .all(|(operation, command)| decider.command(&access, *operation, *command).allowed)
}

/// The permissions of a class as policy language lists them.
pub fn permission_names(store: &Store<'_>, class: ClassId, permissions: u32) -> Vec<String> {
    let all = store.permissions(class).iter();
    let some = all.filter(|permission| permissions >> permission.bit & 1 == 1);
    some.map(|permission| permission.name.to_string()).collect()
}
