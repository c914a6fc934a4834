//! Fixes for what a process of the host was denied: the label of a file, a port or a program, a level, a boolean.

use super::case::Case;
use super::fix::{Enough, Fix, FixKind, Lasting};
use super::fixes::Found;
use super::labels::{could_be, is_own};
use super::purpose::Purpose;
use super::{Cause, CouldBe};
use crate::context::PartialContext;

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
/// Those of them whose files mostly belong to the system: their label may be wrong, and nobody is told to give them another.
const OF_THE_SYSTEM: [&[u8]; 3] = [b"root_t", b"usr_t", b"etc_t"];
/// Domains of services whose program has no label of its own.
const SERVICES: [&[u8]; 2] = [b"unconfined_service_t", b"initrc_t"];

impl Case<'_, '_, '_> {
    pub(super) fn for_hosts(&self, found: &mut Found) {
        let target = self.denied.target.r#type;
        let fix = |kind, enough| Fix { kind, lasting: Lasting::Permanent, enough };
        for cause in self.causes {
            if let Cause::Role { from, to, .. } = cause {
                found.fixes.push(fix(FixKind::Role { from: *from, to: *to }, Enough::CannotTell));
            }
        }
        let is_service = |id| self.is_named(id, &SERVICES);
        let is_engine = found.fixes.iter().any(|fix| matches!(fix.kind, FixKind::LabelRuntime { .. }));
        let is_known = is_service(self.denied.source.r#type) || (is_service(target) && !self.is_file());
        if is_known && !is_engine {
            found.fixes.push(fix(FixKind::LabelProgram, Enough::CannotTell));
        }
        let has_booleans = self.causes.iter().any(|cause| matches!(cause, Cause::Booleans { .. }));
        let is_misplaced = self.is_named(target, &PLACES) || self.containers.file == Some(target);
        let has_label = self.has_attribute(target, b"file_type") || self.is_unlabelled();
        if self.is_file() && has_label && !self.is_guarded() {
            let restored = found.fixes.iter().any(|fix| fix.kind == FixKind::RestoreLabel);
            let restoring = match &self.denied.expected {
                // What has the label that file contexts give it has nothing to be put back.
                Some(expected) if self.has_label(expected) => None,
                Some(expected) => Some(match self.granted(&self.denied.source, expected) {
                    true => Enough::Yes,
                    false => Enough::No,
                }),
                None => is_misplaced.then_some(Enough::CannotTell),
            };
            let restoring = restoring.filter(|_| !self.is_of_another_policy());
            if let Some(enough) = restoring.filter(|_| !restored) {
                found.fixes.push(fix(FixKind::RestoreLabel, enough));
            }
            self.file_level(found);
            found.could_be = could_be(self.decider, self.denied, b"file_type");
            let labels = self.labels_for_files(found, is_misplaced);
            found.fixes.extend(labels.into_iter().map(|label| fix(FixKind::Label(label), Enough::Yes)));
        }
        if self.has_attribute(target, b"port_type") && self.is_port_label(has_booleans) {
            found.could_be = could_be(self.decider, self.denied, b"port_type");
            let name = |id| self.store.type_name(id).to_string();
            let domain = name(self.denied.source.r#type);
            let mut labels = found.could_be.clone();
            if labels.iter().any(|label| is_own(&domain, &name(label.id))) {
                labels.retain(|label| is_own(&domain, &name(label.id)));
            }
            labels.truncate(MOST_LABELS);
            found.fixes.extend(labels.into_iter().map(|label| fix(FixKind::PortLabel(label), Enough::Yes)));
        }
        self.booleans(found, |set| !set.is_wide());
    }

    /// Whether the target has the type and, where both are known, the level of a label.
    fn has_label(&self, label: &PartialContext) -> bool {
        let target = &self.denied.target;
        let levels = target.range.as_ref().zip(label.range.as_ref());
        target.r#type == label.r#type && levels.is_none_or(|(one, other)| one == other)
    }

    /// Labels to give to a file: of what stands in no place of its own those made for the process; of what is the process's
    /// own another of its own, for the same purpose.
    fn labels_for_files(&self, found: &Found, is_misplaced: bool) -> Vec<CouldBe> {
        let target = self.denied.target.r#type;
        let name = |id| self.store.type_name(id).to_string();
        let domain = name(self.denied.source.r#type);
        let purpose = |id| Purpose::of(self.store, id);
        let may_change = (is_misplaced && !self.is_named(target, &OF_THE_SYSTEM))
            || (is_own(&domain, &name(target)) && purpose(target) == Purpose::Content);
        if !may_change {
            return Vec::new();
        }
        let programs = self.wants(b"execute");
        let fits = |could: &&CouldBe| {
            let of = purpose(could.id);
            is_own(&domain, &name(could.id))
                && of.is_for_files(programs)
                && (is_misplaced || of == purpose(target))
        };
        found.could_be.iter().filter(fits).take(MOST_LABELS).copied().collect()
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

    /// Whether it is the label of a port that should change: of one to bind to, and of one to connect to where no boolean
    /// is there for it: that port is another service's.
    fn is_port_label(&self, has_booleans: bool) -> bool {
        self.wants(b"name_bind") || (self.wants(b"name_connect") && !has_booleans)
    }
}
