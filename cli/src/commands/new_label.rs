//! `new-label`: the label that something new gets, and which rule gives it.

use analysis::decide::{Decider, Labelling, Request, WhatIf};
use anyhow::bail;

use crate::args::{Global, NewLabel};
use crate::policy_source;
use crate::render::{LabelAnswer, Output, label_as_json, label_as_text};
use crate::status::Status;

/// Answers the question.
pub(crate) fn run(global: &Global, new: &NewLabel) -> anyhow::Result<Status> {
    let what_if = WhatIf { booleans: new.settings.clone(), ..WhatIf::default() };
    policy_source::with_store(global, |source, store| {
        let decider = Decider::new(store, what_if.resolve(store)?);
        let request =
            Request::resolve(decider.context_rules(), store, &new.source, &new.parent, &new.class, &[])?;
        let Some(class) = request.wanted.class else {
            bail!(
                "the policy does not define the class `{}`\nhelp: without rules about it, the kernel gives it the parent's type",
                new.class
            );
        };
        let labelling = match (new.relabel, new.member) {
            (true, _) => Labelling::Change,
            (_, true) => Labelling::Member,
            _ => Labelling::Transition,
        };
        if new.name.as_deref().is_some_and(|name| name.contains('/')) {
            bail!("a name is the last component of a path, without slashes");
        }
        let name = new.name.as_deref().map(str::as_bytes);
        let label = decider.new_context(labelling, &request.source, &request.target, class, name);
        let refused = !label.invalid.is_empty() || label.no_common_range;
        let rules = decider.context_rules();
        let answer = LabelAnswer { source, store, rules, settings: &new.settings, label };
        let status = if refused { Status::NothingFound } else { Status::Found };
        Output::answer(global.color, status, |output| {
            if new.json { label_as_json(&answer, output) } else { label_as_text(&answer, output) }
        })
    })
}
