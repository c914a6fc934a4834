//! Fixes for what a container was denied: what its mounts can be given, its level, its domain, a boolean.

use policydb::TypeId;

use super::case::Case;
use super::cause::symbols_of;
use super::fix::{Enough, Fix, FixKind, Lasting};
use super::fixes::Found;
use super::labels::could_be;
use super::place::Place;
use super::{Cause, CouldBe};
use crate::context::PartialContext;
use crate::decide::Access;
use crate::decide::Grants;
use crate::mount::{Losing, Owner, OwnerAsked, services};

/// Domains that are offered.
const MOST_DOMAINS: usize = 3;
/// Where programs and libraries of an image stand: a container denied these has mislabelled storage.
const IMAGE_PATHS: [&[u8]; 8] =
    [b"/lib/", b"/lib64/", b"/usr/lib/", b"/usr/lib64/", b"/bin/", b"/usr/bin/", b"/sbin/", b"/usr/sbin/"];
/// Booleans that let containers use devices, the narrowest first.
const DEVICE_BOOLEANS: [&[u8]; 3] =
    [b"container_use_dri_devices", b"container_use_xserver_devices", b"container_use_devices"];
/// Domains of people's own services, and of services that have no domain.
const USER_SERVICES: [&[u8]; 4] = [b"unconfined_t", b"unconfined_service_t", b"user_t", b"staff_t"];

impl Case<'_, '_, '_> {
    pub(super) fn for_containers(&self, found: &mut Found) {
        let target = self.denied.target.r#type;
        // A file system without labels, and logs, stay what they are: a domain or a boolean is made for each.
        let stays = [&b"noxattrfs"[..], b"logfile"].iter().any(|name| self.has_attribute(target, name));
        if self.is_user_service() {
            let (kind, lasting) = (FixKind::RunServiceAsRuntime, Lasting::Permanent);
            found.fixes.push(Fix { kind, lasting, enough: Enough::CannotTell });
        }
        if self.is_file() && self.is_never_relabelled() {
            let (kind, lasting) = (FixKind::MountSubDirectory, Lasting::Container);
            found.fixes.push(Fix { kind, lasting, enough: Enough::CannotTell });
        } else if self.is_file() && !stays && !self.is_guarded() {
            self.mounts(found);
        }
        self.domains(found);
        self.booleans(found, |set| !set.is_wide());
        if self.is_file() && stays {
            self.mount_context(found);
        }
    }

    /// Which domains of the host lose access by the fixes that label a known path for containers.
    pub(super) fn losing(&self, found: &Found) -> Option<Losing> {
        let labels =
            |fix: &Fix| matches!(fix.kind, FixKind::MountShared | FixKind::MountPrivate | FixKind::Label(_));
        if !self.is_container() || self.denied.host_path.is_none() || !found.fixes.iter().any(labels) {
            return None;
        }
        let after = self.containers.shared_label(self.store.policy(), &self.denied.target)?;
        let expected = self.denied.expected.as_ref().map(|label| label.r#type);
        Some(services::losing(self.decider, self.containers, &[&self.denied.target], expected, &after))
    }

    /// Whether a fix would take a tree from the host or its people, by the rules of `mount`.
    pub(super) fn is_somebodys(&self, found: &Found, losing: Option<&Losing>) -> bool {
        let target = self.denied.target.r#type;
        let labels =
            |fix: &Fix| matches!(fix.kind, FixKind::MountShared | FixKind::MountPrivate | FixKind::Label(_));
        if !self.is_container()
            || self.containers.is_container_file(target)
            || !found.fixes.iter().any(labels)
        {
            return false;
        }
        let nobody = Losing { services: Vec::new() };
        let asked = OwnerAsked {
            path: self.denied.host_path.as_deref(),
            homes: &[],
            r#type: target,
            expected: self.denied.expected.as_ref().map(|label| label.r#type),
            losing: losing.unwrap_or(&nobody),
        };
        // Who of the services loses it is said with the fix; most of the time it is the one that has moved into the container.
        matches!(Owner::of(self.store, self.containers, &asked), Some(Owner::Part(_)))
    }

    /// Takes out what would relabel a tree that the host needs as it is.
    pub(super) fn keep_the_label(&self, found: &mut Found) {
        let relabels =
            |fix: &Fix| matches!(fix.kind, FixKind::MountShared | FixKind::MountPrivate | FixKind::Label(_));
        let first = found.fixes.iter().position(relabels);
        found.fixes.retain(|fix| !relabels(fix));
        let (kind, lasting) = (FixKind::MountSubDirectory, Lasting::Container);
        found.fixes.insert(
            first.unwrap_or_default().min(found.fixes.len()),
            Fix { kind, lasting, enough: Enough::CannotTell },
        );
    }

    /// Whether it is the socket of a service that somebody runs without a domain of its own: an engine of that person,
    /// most of the time.
    pub(super) fn is_user_service(&self) -> bool {
        self.is_container()
            && self.is_class(&[b"unix_stream_socket"])
            && self.is_named(self.denied.target.r#type, &USER_SERVICES)
    }

    /// What a container's mount can be given.
    fn mounts(&self, found: &mut Found) {
        let (policy, denied) = (self.store.policy(), self.denied);
        let target = denied.target.r#type;
        let fix = |kind, lasting| Fix { kind, lasting, enough: Enough::Yes };
        let is_theirs = self.containers.file == Some(target);
        // Behind a socket stands a daemon, which another label of its file does not reach.
        if self.is_class(&[b"sock_file"]) && !is_theirs {
            return;
        }
        // What the kernel shows has no labels to give, nor has what no mount has; and devices of the host are not for
        // containers to own.
        let is_device = self.is_device() && !is_theirs;
        let is_placed = !matches!(self.place(), Place::Nowhere | Place::KernelsOwn);
        if is_device && is_placed {
            self.device_node(found);
        }
        let has_label = self.has_attribute(target, b"file_type") || self.is_unlabelled();
        if !has_label || is_device || !is_placed {
            return;
        }
        let is_image = self.is_named(target, &[b"container_ro_file_t"]);
        let is_storage = self.is_named(target, &[b"container_var_lib_t"]) || (is_image && !self.writes());
        if is_storage || (!is_theirs && !is_image && self.is_of_an_image()) {
            let enough = Enough::CannotTell;
            found.fixes.push(Fix { enough, ..fix(FixKind::RestoreStorage, Lasting::Permanent) });
        }
        if is_storage {
            return;
        }
        let shared = self.containers.shared_label(policy, &denied.target);
        let private = self.containers.private_label(policy, &denied.source, &denied.target);
        let would_do = |label: &Option<PartialContext>| {
            let label = label.as_ref()?;
            if self.granted(&denied.source, label) {
                Some(Enough::Yes)
            } else {
                self.helps(&denied.source, label).then_some(Enough::No)
            }
        };
        let by_shared = would_do(&shared);
        let mut mounts = Vec::new();
        for (kind, enough) in [(FixKind::MountShared, by_shared), (FixKind::MountPrivate, would_do(&private))]
        {
            mounts.extend(enough.map(|enough| Fix { enough, ..fix(kind, Lasting::UntilRelabelled) }));
        }
        // Files that already are a container's: sharing takes them from nobody. Others a container gets for itself, unless
        // several were seen to want them.
        if !is_theirs && !self.denied.several_sources {
            mounts.reverse();
        }
        found.fixes.extend(mounts);
        if !is_theirs {
            found.could_be = could_be(self.decider, denied, b"file_type");
            if let Some((id, enough)) = self.containers.file.zip(by_shared) {
                let label = found.could_be.iter().find(|could| could.id == id).copied();
                let label = label.unwrap_or_else(|| CouldBe::of(self.decider, denied, id));
                found.fixes.push(Fix { enough, ..fix(FixKind::Label(label), Lasting::Permanent) });
            }
            return;
        }
        self.level_of_the_files(found);
        if self.causes.iter().any(|cause| matches!(cause, Cause::NoRule { .. })) {
            let enough = Enough::CannotTell;
            found.fixes.push(Fix { enough, ..fix(FixKind::Reinstall, Lasting::Permanent) });
        }
    }

    /// A device's node that udev did not label, or that was made before the policy knew it: then no boolean for devices
    /// reaches it.
    fn device_node(&self, found: &mut Found) {
        let target = self.denied.target.r#type;
        if self.has_attribute(target, b"device_node") && !self.is_named(target, &[b"device_t"]) {
            return;
        }
        let policy = self.store.policy();
        let booleans = DEVICE_BOOLEANS.iter().filter_map(|name| policy.boolean_named(name));
        let is_off = |id: &policydb::BoolId| !self.circumstances.booleans.get(*id);
        let kind = FixKind::RestoreDevice { booleans: booleans.filter(is_off).collect() };
        found.fixes.push(Fix { kind, lasting: Lasting::Permanent, enough: Enough::CannotTell });
    }

    /// The container at the level of the files.
    fn level_of_the_files(&self, found: &mut Found) {
        let denied = self.denied;
        let Some(range) =
            denied.target.range.as_ref().filter(|range| denied.source.range.as_ref() != Some(*range))
        else {
            return;
        };
        // All containers without separation have that one.
        if self.containers.is_reserved(self.store.policy(), &denied.target) {
            return;
        }
        let source = PartialContext { range: Some(range.clone()), ..denied.source.clone() };
        let enough = match self.granted(&source, &denied.target) {
            true => Enough::Yes,
            false if self.helps(&source, &denied.target) => Enough::No,
            false => return,
        };
        let kind = FixKind::RunAtLevel(range.text(self.store.policy()));
        found.fixes.push(Fix { kind, lasting: Lasting::Container, enough });
    }

    /// Whether something is to be changed.
    fn writes(&self) -> bool {
        [&b"write"[..], b"append", b"create", b"unlink", b"add_name", b"remove_name", b"setattr"]
            .iter()
            .any(|name| self.wants(name))
    }

    /// Whether the object is part of an image, by its path in the container: storage is mislabelled then. A directory of
    /// the host may be mounted there all the same.
    fn is_of_an_image(&self) -> bool {
        let path = self.denied.path.as_deref().unwrap_or_default();
        IMAGE_PATHS.iter().any(|start| path.starts_with(start)) || self.wants(b"entrypoint")
    }

    /// A label for a whole file system that keeps none, which is given when it is mounted: it ignores `:z`.
    fn mount_context(&self, found: &mut Found) {
        let shared = self.containers.shared_label(self.store.policy(), &self.denied.target);
        if let Some((file, label)) = self.containers.file.zip(shared)
            && self.has_attribute(self.denied.target.r#type, b"noxattrfs")
            && !self.is_engines_storage()
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

    /// Whether some runtime may start processes in a domain.
    fn may_be_entered(&self, id: TypeId) -> bool {
        self.containers.runtimes().any(|runtime| self.may_start(runtime, id))
    }

    /// Whether a domain may start processes in another one.
    pub(super) fn may_start(&self, domain: TypeId, id: TypeId) -> bool {
        let Some(class) = self.store.process_class() else { return false };
        let transition =
            self.store.permission_named(class, b"transition").map_or(0, |found| 1u32 << found.bit);
        let (source, target) = (PartialContext::of_type(domain), PartialContext::of_type(id));
        let access = Access { source: &source, target: &target, class };
        self.decider.decide(&access).possible & transition != 0
    }

    /// Whether a domain is bound by categories where the present one is.
    fn is_kept_apart(&self, id: TypeId) -> bool {
        let constrained = |id| self.has_attribute(id, b"mcs_constrained_type");
        constrained(id) || !constrained(self.denied.source.r#type)
    }
}
