//! Fixes for what a process of the host was denied: the label of a file, a port or a program, a level, a boolean.

use super::case::Case;
use super::creation::LabelSource;
use super::fix::{Enough, Fix, FixKind, Lasting};
use super::fixes::Found;
use super::labels::{could_be, is_own};
use super::place::Place;
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
/// Those of them that no place has by right.
const NOBODYS: [&[u8]; 3] = [b"unlabeled_t", b"file_t", b"default_t"];
/// Those of them whose files mostly belong to the system: their label may be wrong, and nobody is told to give them another.
const OF_THE_SYSTEM: [&[u8]; 3] = [b"root_t", b"usr_t", b"etc_t"];
/// Types of files of people.
const HOMES: [&[u8]; 2] = [b"user_home_t", b"user_home_dir_t"];
/// Where sockets of init itself stand.
const INITS_SOCKETS: &[u8] = b"/run/systemd/";
/// Words in names of types for content that say nothing of whose it is.
const OF_ALL_CONTENT: [&str; 6] = ["content", "rw", "ra", "htaccess", "script", "t"];
/// Where keys stand, and how their names end.
const KEYS_IN: [&[u8]; 4] = [b"/private/", b"/.ssh/", b"/.gnupg/", b"/ssh_host_"];
const KEYS_END: [&[u8]; 6] = [b".key", b"privkey.pem", b".p12", b".keytab", b".pfx", b"id_rsa"];
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
        if self.wants_any(&[b"nnp_transition", b"nosuid_transition"]) {
            found.fixes.push(fix(FixKind::AllowNewPrivileges, Enough::CannotTell));
        }
        let is_service = |id| self.is_named(id, &SERVICES);
        let is_engine = found.fixes.iter().any(|fix| matches!(fix.kind, FixKind::LabelRuntime { .. }));
        // What listens as init has no domain of its own, unless init opened the socket for it.
        let listens_as_init = self.wants(b"connectto")
            && self.is_named(target, &[b"init_t"])
            && !self.denied.path.as_deref().unwrap_or_default().starts_with(INITS_SOCKETS);
        let has_none = is_service(self.denied.source.r#type) || (is_service(target) && !self.is_file());
        if (has_none || listens_as_init) && !is_engine {
            found.fixes.push(fix(FixKind::LabelProgram, Enough::CannotTell));
        }
        let has_booleans = self.causes.iter().any(|cause| matches!(cause, Cause::Booleans { .. }));
        let is_misplaced = self.is_named(target, &PLACES) || self.containers.file == Some(target);
        let place = self.place();
        let has_label = self.has_attribute(target, b"file_type") || self.is_unlabelled();
        if place == Place::ToBeMade {
            self.for_new_files(found, is_misplaced);
        } else if self.is_file() && has_label && !self.is_guarded() {
            let is_nobodys = self.is_named(target, &NOBODYS) || self.containers.file == Some(target);
            let restored = found.fixes.iter().any(|fix| fix.kind == FixKind::RestoreLabel);
            let restoring = match &self.denied.expected {
                _ if !place.can_be_restored() => None,
                // What has the label that file contexts give it has nothing to be put back.
                Some(expected) if self.has_label(expected) => None,
                // It may be the root of another file system, whose label is none of the host's `/`.
                _ if place == Place::Root && !is_nobodys => None,
                Some(_) if place == Place::Root => Some(Enough::CannotTell),
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
            if place.may_be_labelled() && !self.is_key() {
                found.could_be = could_be(self.decider, self.denied, b"file_type");
                self.without_add_ons(&mut found.could_be);
            }
            let labels = self.labels_for_files(found, is_misplaced);
            if labels.is_empty() && place.may_be_labelled() && has_booleans && !self.is_key() {
                let both = self.label_and_boolean();
                let both = both.map(|(could, set)| FixKind::LabelAndBoolean(could, set));
                found.fixes.extend(both.map(|kind| fix(kind, Enough::Yes)));
            }
            found.fixes.extend(labels.into_iter().map(|label| fix(FixKind::Label(label), Enough::Yes)));
        }
        self.for_ports(found, has_booleans);
        self.booleans(found, |set| !set.is_wide());
    }

    /// What does not exist yet has no label to be put back: directories in which it would get one that the process may make.
    fn for_new_files(&self, found: &mut Found, is_misplaced: bool) {
        found.fixes.retain(|fix| fix.kind != FixKind::RestoreLabel);
        if !is_misplaced || self.is_guarded() || self.label_source() != LabelSource::Directory {
            return;
        }
        let could_be = could_be(self.decider, self.denied, b"file_type");
        found.could_be = self.directories(&could_be);
        found.fixes.extend(found.could_be.first().map(|could| Fix {
            kind: FixKind::OwnDirectory(*could),
            lasting: Lasting::Permanent,
            enough: Enough::Yes,
        }));
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

    /// Leaves out content of users and add-ons where there is content of the system, but for files that say whose they are.
    fn without_add_ons(&self, could_be: &mut Vec<CouldBe>) {
        let name = |could: &CouldBe| self.store.type_name(could.id).to_string();
        if could_be.iter().any(|could| name(could).contains("_sys_")) {
            let is_content = |could: &CouldBe| Purpose::of(self.store, could.id) == Purpose::Content;
            could_be.retain(|could| {
                let name = name(could);
                !is_content(could) || name.contains("_sys_") || self.is_named_for(&name)
            });
        }
    }

    /// Whether a word of the object's path is the add-on's in the name of a type: `nagios` in `httpd_nagios_content_t`.
    fn is_named_for(&self, name: &str) -> bool {
        let words = name.split('_').skip(1).filter(|word| !OF_ALL_CONTENT.contains(word));
        let path = self.denied.path.as_deref().or(self.denied.name.as_deref()).unwrap_or_default();
        let path = String::from_utf8_lossy(path);
        let has = |word: &str| path.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word);
        // Content of people is what stands in their homes.
        let of_people = name.contains("_user_") && self.is_named(self.denied.target.r#type, &HOMES);
        of_people || words.into_iter().any(has)
    }

    /// Whether it is a key, by its path: no content, whoever reads it.
    pub(super) fn is_key(&self) -> bool {
        let path = self.denied.path.as_deref().or(self.denied.name.as_deref()).unwrap_or_default();
        KEYS_IN.iter().any(|part| path.windows(part.len()).any(|found| found == *part))
            || KEYS_END.iter().any(|end| path.ends_with(end))
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
}
