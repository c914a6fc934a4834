//! What changed between two policies for one access, as a record has it: the causes of its changes, and what else decides
//! about it. `explain --compare` says with this why a denial ends otherwise under another policy.
//!
//! Constraints are named if they are about the class and a permission, whether or not they decide about these two contexts: that
//! they differ is what is known here. O(changes of the source + statements that are no access).

use avstore::{ComponentKind, Kind};
use policydb::RuleKind;

use super::Comparison;
use super::both::Which;
use super::domains::Effect;
use super::words::{constrained_text, constraint_texts};
use crate::explain::Evidence;

impl Comparison<'_, '_> {
    /// What changed of what a record is about, in words; nothing if a type or the class is unknown to both policies.
    pub fn replay(&self, evidence: &Evidence) -> Vec<String> {
        let matching = &self.matching;
        let part = |context: &str, at: usize| context.split(':').nth(at).map(str::to_owned);
        let named = |context: &str| matching.named(&part(context, 2)?);
        let (Some(source), Some(target)) = (named(&evidence.scontext), named(&evidence.tcontext)) else {
            return Vec::new();
        };
        let Some(class) = matching.class_named(&evidence.tclass) else { return Vec::new() };
        let bits = evidence.permissions.iter().map(|name| matching.permission(class, name));
        let wanted = bits.fold(0, |all, bit| all | bit);
        let mut texts = Vec::new();
        for change in self.changes_of(source) {
            let permissions = change.permissions & wanted;
            if change.target != target || change.class != class || permissions == 0 {
                continue;
            }
            let word = match self.effect(change) {
                Effect::Gained => "gained",
                Effect::Lost => "lost",
                Effect::MayGain => "can be gained by a boolean",
                Effect::MayLose => "can no longer be gained by a boolean",
                Effect::Conditions => "depends on something else",
            };
            let cause = self.effective.causes.get(change.cause as usize);
            let cause = cause.map_or_else(String::new, |cause| self.cause_text(*cause));
            texts.push(format!("{} {word}: {cause}", self.permissions_text(class, permissions)));
        }
        let is_about = |change: &super::ConstraintChange| {
            change.class == class && (change.permissions.old | change.permissions.new) & wanted != 0
        };
        texts.extend(constraint_texts(self, &is_about).iter().map(super::words::ConstraintText::short));
        for change in &self.constrained {
            if [source, target].contains(&change.r#type) && change.classes.contains(&class) {
                texts.push(constrained_text(self, change));
            }
        }
        let commands = self.xperms.iter().filter(|change| {
            change.kind == RuleKind::AllowXperm
                && change.class == class
                && change.applies(matching, source, Some(target))
        });
        if !evidence.commands.is_empty() {
            texts.extend(commands.map(|change| self.xperm_text(change)));
        }
        if matching.class_name(class) == "process" {
            let roles = [&evidence.scontext, &evidence.tcontext].map(|context| part(context, 1));
            for change in self.roles.iter().filter(|change| change.kind == Kind::RoleAllow) {
                let words: Vec<&str> = change.text.split([' ', ';']).collect();
                if roles.iter().flatten().all(|role| words.contains(&role.as_str())) {
                    let verb = if change.which == Which::New { "added" } else { "removed" };
                    texts.push(format!("{verb} {}", change.text));
                }
            }
        }
        let name = matching.name(source);
        for change in self.components.iter().filter(|change| change.kind == ComponentKind::Permissive) {
            if change.added.contains(&name) {
                texts.push(format!("{name} became permissive: nothing is denied to it"));
            }
            if change.removed.contains(&name) {
                texts.push(format!("{name} is no longer permissive"));
            }
        }
        for permission in &evidence.permissions {
            let bit = matching.permission(class, permission);
            let is_defined = |which| matching.permissions_in(which, class) & bit != 0;
            if is_defined(Which::Old) != is_defined(Which::New) {
                let verb = if is_defined(Which::New) { "is new in" } else { "is gone from" };
                texts.push(format!("the permission {permission} {verb} the class {}", evidence.tclass));
            }
        }
        texts
    }
}
