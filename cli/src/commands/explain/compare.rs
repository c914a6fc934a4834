//! The same records under another policy: how each ends there, by a decision, and what changed between the two for it, in the
//! words of `diff`.

use std::path::Path;

use analysis::decide::Circumstances;
use analysis::diff::{Comparison, type_as_attribute};
use analysis::explain::{Cause, Evidence, Explainer, Unresolved};
use anyhow::Context;
use avstore::Store;
use policydb::Policy;

use super::MANY;
use crate::inputs::{self, BaseChoice};
use crate::policy_source::PolicySource;
use crate::render::{Compared, Explained};

/// Another policy.
pub(super) struct Other {
    source: PolicySource,
}

impl Other {
    /// Opens it; modules are put into the base first.
    ///
    /// # Errors
    /// It cannot be opened, read or built.
    pub(super) fn open(path: &Path, base: Option<&Path>) -> anyhow::Result<Self> {
        let choice = base.map_or(BaseChoice::Installed, |base| BaseChoice::Named(base.to_path_buf()));
        Ok(Other { source: inputs::open_as_policy(path, &choice)? })
    }

    /// Says of each story how it ends there, and what differs from this policy.
    ///
    /// # Errors
    /// It is no policy, or one for another system.
    pub(super) fn compare(&self, here: &Store<'_>, explained: &mut [Explained<'_>]) -> anyhow::Result<()> {
        let policy = Policy::parse(&self.source)
            .with_context(|| format!("cannot use policy `{}`", self.source.label))?;
        let store = Store::new(&policy);
        let explainer = Explainer::new(&store, Circumstances::of(&store));
        if explained.len() > MANY {
            explainer.prepare();
        }
        for explained in explained.iter_mut() {
            // Nothing where this policy cannot be asked.
            let is_denied_here = match &explained.answer {
                Ok(answer) => Some(!answer.causes.iter().all(Cause::is_grant)),
                Err(Unresolved::UndefinedClass { allowed, .. }) => Some(!allowed),
                Err(_) => None,
            };
            let there = match explainer.causes(&Evidence::of(&explained.story)) {
                Err(Unresolved::UndefinedClass { allowed: true, .. }) => Ok(Vec::new()),
                Err(Unresolved::UndefinedClass { allowed: false, .. }) => Ok(vec!["undefined"]),
                Err(unresolved) => Err(unresolved_text(&unresolved)),
                Ok(causes) => {
                    let refusing = causes.iter().filter(|cause| !cause.is_grant());
                    let mut ids: Vec<&'static str> = refusing.map(Cause::id).collect();
                    ids.dedup();
                    Ok(ids)
                }
            };
            explained.compared = Some(match (there, is_denied_here) {
                (Err(text), _) => Compared::Unknown(text),
                (Ok(ids), None) => Compared::UnknownHere(ids),
                (Ok(ids), Some(true)) if ids.is_empty() => Compared::Fixed,
                (Ok(ids), Some(false)) if ids.is_empty() => Compared::StillAllowed,
                (Ok(ids), Some(true)) => Compared::StillDenied(ids),
                (Ok(ids), Some(false)) => Compared::NewlyDenied(ids),
            });
        }
        changes(&Store::new(here.policy()), &store, explained);
        Ok(())
    }
}

/// What changed for each story.
fn changes<'p>(here: &Store<'p>, there: &Store<'p>, explained: &mut [Explained<'_>]) {
    let is_comparable = [here, there].iter().all(|store| type_as_attribute(store).is_none())
        && here.policy().format().platform == there.policy().format().platform;
    if !is_comparable || explained.is_empty() {
        return;
    }
    let evidence: Vec<Evidence> = explained.iter().map(|explained| Evidence::of(&explained.story)).collect();
    let domains = evidence.iter().filter_map(|evidence| evidence.scontext.split(':').nth(2));
    let comparison = Comparison::about(here, there, domains);
    for (explained, evidence) in explained.iter_mut().zip(&evidence) {
        explained.changes = comparison.replay(evidence);
    }
}

fn unresolved_text(unresolved: &Unresolved) -> String {
    let text = match unresolved {
        Unresolved::Source(error) | Unresolved::Target(error) | Unresolved::Class(error) => error.to_string(),
        Unresolved::UndefinedClass { class, .. } => {
            format!("it denies the class {class}, which it does not define")
        }
    };
    text.lines().next().unwrap_or_default().to_owned()
}
