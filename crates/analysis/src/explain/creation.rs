//! Where the label of something that was to be made comes from: from its directory, from a `type_transition`, or from the
//! process, which asked for it.
//!
//! Source: `may_create` and `selinux_determine_inode_label` of the kernel's `hooks.c`: what the process wrote to its
//! `fscreate` attribute counts first, else the label is computed from those of the process and the directory.

use policydb::{RuleKind, TypeId};

use super::CouldBe;
use super::case::Case;
use super::labels::is_own;
use super::purpose::Purpose;
use crate::context::PartialContext;
use crate::decide::{Access, Labelling};

/// Directories that are named.
const MOST_DIRECTORIES: usize = 4;

/// How something new came by its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelSource {
    /// It has that of the directory: no rule says otherwise.
    Directory,
    /// By `type_transition` rules, in directories of these types; in one that has the type itself from that.
    Transition(Vec<TypeId>),
    /// The process asked for it: no rule gives it.
    Asked,
    /// The process asked for it: the user is not the process's.
    AskedForUser,
}

impl Case<'_, '_, '_> {
    /// Where the label comes from that the new object was to get. O(rules).
    pub(super) fn label_source(&self) -> LabelSource {
        let denied = self.denied;
        let target = denied.target.r#type;
        let made = self.made_in(target, denied.name.as_deref());
        if made.user.zip(denied.target.user).is_some_and(|(one, other)| one != other) {
            return LabelSource::AskedForUser;
        }
        let mut directories = self.directories_with_transition();
        if !directories.is_empty() {
            directories.truncate(MOST_DIRECTORIES);
            return LabelSource::Transition(directories);
        }
        match made.r#type == target {
            true => LabelSource::Directory,
            false => LabelSource::Asked,
        }
    }

    /// The label of the new object in a directory of a type.
    fn made_in(&self, directory: TypeId, name: Option<&[u8]>) -> PartialContext {
        let denied = self.denied;
        let parent = PartialContext { r#type: directory, ..denied.target.clone() };
        self.decider.new_context(Labelling::Transition, &denied.source, &parent, denied.class, name).context
    }

    /// Types of directories in which transitions give the new object its type, those by its name first.
    fn directories_with_transition(&self) -> Vec<TypeId> {
        let (policy, denied) = (self.store.policy(), self.denied);
        let (source, class, default) = (denied.source.r#type, denied.class, denied.target.r#type);
        let mut found = Vec::new();
        if let Some(name) = &denied.name {
            policy.filename_transitions().for_each(|rule| {
                let is_it = (rule.source, rule.class, rule.default) == (source, class, default);
                if is_it && rule.name.as_bytes() == name.as_slice() {
                    found.push(rule.target);
                }
            });
        }
        let table = policy.rules();
        let is_it = |rule: &policydb::AvRule| {
            rule.kind() == RuleKind::TypeTransition
                && (rule.source(), rule.class()) == (source, class)
                && rule.default_type() == Some(default)
        };
        let of_rules = table.rules(0..table.len()).map(|(_, rule)| rule).filter(is_it);
        found.extend(of_rules.map(|rule| rule.target()));
        found.dedup();
        found
    }

    /// Types for a directory of the process's own, in which it may make it: what it makes there gets the directory's type, or
    /// another that it may make.
    pub(super) fn directories(&self, could_be: &[CouldBe]) -> Vec<CouldBe> {
        let domain = self.store.type_name(self.denied.source.r#type).to_string();
        let fits = |could: &&CouldBe| {
            let name = self.store.type_name(could.id).to_string();
            is_own(&domain, &name)
                && !matches!(Purpose::of(self.store, could.id), Purpose::Program | Purpose::Guarded)
                && self.may_make_in(could.id)
        };
        could_be.iter().filter(fits).copied().collect()
    }

    /// Whether the process may make it in a directory of a type.
    fn may_make_in(&self, directory: TypeId) -> bool {
        let policy = self.store.policy();
        let Some(class) = policy.class_named(b"dir") else { return false };
        let wanted = [&b"add_name"[..], b"write", b"search"].iter().fold(0, |all, name| {
            all | self.store.permission_named(class, name).map_or(0, |permission| 1u32 << permission.bit)
        });
        let parent = PartialContext { r#type: directory, ..self.denied.target.clone() };
        let access = Access { source: &self.denied.source, target: &parent, class };
        let made =
            PartialContext { r#type: self.made_in(directory, None).r#type, ..self.denied.target.clone() };
        self.decider.decide(&access).possible & wanted == wanted && self.granted(&self.denied.source, &made)
    }
}
