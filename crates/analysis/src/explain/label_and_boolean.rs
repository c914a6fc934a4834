//! A label that would do once a boolean is switched on, where none does as things are: what a web server may write is there in every
//! policy, and whether its programs may is a switch in some (`httpd_builtin_scripting`).
//!
//! Looked for among the labels of the process's own content only, the target's kind of them first; one boolean, which is not about
//! the whole system. A proof for each candidate, of which there are few.

use policydb::TypeId;

use super::boolean_sets::{Asker, BooleanSet, boolean_sets};
use super::case::Case;
use super::cause::symbols_of;
use super::labels::{CouldBe, is_for_appending, is_own};
use super::purpose::Purpose;
use crate::context::PartialContext;
use crate::decide::{Access, Grants};

/// Labels that are looked at.
const MOST: usize = 24;

impl Case<'_, '_, '_> {
    /// The label and the boolean, if the target has a label of the same kind that is not enough.
    pub(super) fn label_and_boolean(&self) -> Option<(CouldBe, BooleanSet)> {
        let (store, denied) = (self.store, self.denied);
        let name = |id: TypeId| store.type_name(id).to_string();
        let (domain, present) = (name(denied.source.r#type), name(denied.target.r#type));
        let is_content = |id| Purpose::of(store, id) == Purpose::Content;
        if !is_own(&domain, &present) || !is_content(denied.target.r#type) {
            return None;
        }
        // Content of the system is not given to people or add-ons, nor the other way round.
        let kind: Vec<&str> = present.split('_').take(2).collect();
        let kind = format!("{}_", kind.join("_"));
        let candidates = store.type_ids().filter(|id| {
            let is_file = self.has_attribute(*id, b"file_type") && *id != denied.target.r#type;
            is_file && name(*id).starts_with(&kind) && is_content(*id)
        });
        store.prepare();
        let symbols = symbols_of(self.decider, denied.source.r#type);
        let present = Grants::in_force(self.decider, &symbols);
        let booleans = &self.circumstances.booleans;
        let asker = Asker { store, booleans, symbols: &symbols, present: &present, words: Vec::new() };
        let found = candidates.take(MOST).filter_map(|id| {
            let target = PartialContext { r#type: id, ..denied.target.clone() };
            let access = Access { source: &denied.source, target: &target, class: denied.class };
            let proof = self.decider.prove(&access, denied.permissions);
            let in_any = proof.grants.iter().fold(0, |all, applied| all | applied.rule.permissions());
            let is_refused = !proof.constraints.is_empty() || proof.role.is_some() || proof.bound.is_some();
            if is_refused || denied.permissions & !in_any != 0 {
                return None;
            }
            let set = boolean_sets(&asker, &proof).sets.into_iter().next()?;
            let is_special = is_for_appending(self.decider, denied, &name(id));
            let key = (is_special, set.added, name(id).len(), id);
            (set.settings.len() == 1 && !set.is_wide()).then_some((key, set))
        });
        let ((.., id), set) = found.min_by_key(|(key, _)| *key)?;
        Some((CouldBe::of(self.decider, denied, id), set))
    }
}
