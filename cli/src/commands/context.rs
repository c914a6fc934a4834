//! `context`: what a context says, field by field, and whether it is valid.

use analysis::context::{ContextRules, PartialContext};

use crate::args::{ContextArgs, Global};
use crate::policy_source;
use crate::render::{ContextAnswer, Output, context_as_json, context_as_text};
use crate::status::Status;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &ContextArgs) -> anyhow::Result<Status> {
    policy_source::with_store(global, |source, store| {
        let rules = ContextRules::of(store.policy());
        let context = PartialContext::parse(store, &args.context)?;
        let invalid = rules.partial_invalidities(&context);
        let is_valid = invalid.is_empty();
        let answer = ContextAnswer { source, store, rules: &rules, context, invalid };
        let status = if is_valid { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| {
            if args.json { context_as_json(&answer, output) } else { context_as_text(&answer, output) }
        })
    })
}
