//! `show BOOL --for DOMAIN`: the access that a boolean adds and takes.

use analysis::decide::{WhatIf, boolean_and_domain, boolean_effect};

use crate::args::Global;
use crate::policy_source;
use crate::render::{EffectAnswer, Output, effect_as_json, effect_as_text};
use crate::status::Status;

/// Answers the question. `settings` are booleans that the question sets.
pub(crate) fn run(
    global: &Global,
    boolean: &str,
    domain: &str,
    settings: &[(String, bool)],
    json: bool,
) -> anyhow::Result<Status> {
    let what_if = WhatIf { booleans: settings.to_vec(), ..WhatIf::default() };
    policy_source::with_store(global, |source, store| {
        let (boolean, domain) = boolean_and_domain(store, boolean, domain)?;
        let effect = boolean_effect(store, &domain, boolean, &what_if.resolve(store)?);
        let answer = EffectAnswer { source, store, settings, effect };
        let status = if answer.effect.is_empty() { Status::NothingFound } else { Status::Found };
        Output::answer(global.color, status, |output| {
            if json { effect_as_json(&answer, output) } else { effect_as_text(&answer, output) }
        })
    })
}
