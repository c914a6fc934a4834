//! `can`: is this access granted, and by what or why not?

use std::path::Path;

use analysis::decide::{Access, Decider, Operation, Request, Sought, Witnesses, defined};
use anyhow::bail;

use super::who_can::{self, Found};
use crate::args::{Can, Global};
use crate::policy_source;
use crate::render::{
    AccessAnswer, Output, PolicyJson, Verdict, access_as_json, access_as_text, operation_name,
};
use crate::status::Status;

/// Answers the question, or a batch of them.
pub(crate) fn run(global: &Global, can: &Can) -> anyhow::Result<Status> {
    let what_if = can.what_if.what_if();
    let is_stdin = |path: &Path| path == Path::new("-");
    if can.batch.as_deref().is_some_and(is_stdin) && global.policy.as_deref().is_some_and(is_stdin) {
        bail!("both the policy and the batch are standard input\nhelp: name one of them as a file");
    }
    policy_source::with_store(global, |source, store| {
        let decider = Decider::new(store, what_if.resolve(store)?);
        if let Some(file) = &can.batch {
            let settings = what_if.booleans.iter().map(|(name, state)| (name.as_str(), *state));
            return super::batch::run(&decider, file, &PolicyJson::of(source, store.policy(), settings));
        }
        let [Some(scontext), Some(tcontext), Some(class)] = [&can.source, &can.target, &can.class] else {
            bail!("a question needs a source, a target and a class");
        };
        let permissions = with_operation(can);
        if tcontext == "*" {
            let given =
                Request::resolve(decider.context_rules(), store, scontext, scontext, class, &permissions)?;
            let found =
                Found::new(&decider, Sought::Targets, given.source, given.wanted, false, operation(can))?;
            return who_can::print(global, source, &found, &what_if, can.json);
        }
        let request =
            Request::resolve(decider.context_rules(), store, scontext, tcontext, class, &permissions)?;
        let answer = answer(source, &decider, &request, operation(can));
        let granted = answer.verdict() == Verdict::Granted;
        let status = if granted { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| {
            if can.json { access_as_json(&answer, &what_if, output) } else { access_as_text(&answer, output) }
        })
    })
}

/// Permissions as people paste them: separated by commas or blanks, with or without braces.
pub(super) fn permission_names(words: &[String]) -> Vec<String> {
    let separates = |c: char| c == ',' || c == '{' || c == '}' || c.is_whitespace();
    let names = words.iter().flat_map(|word| word.split(separates));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The permissions, with the one that a command needs.
fn with_operation(can: &Can) -> Vec<String> {
    let mut permissions = permission_names(&can.permissions);
    if let Some((operation, _)) = operation(can)
        && !permissions.iter().any(|name| name == operation_name(operation))
    {
        permissions.push(operation_name(operation).to_owned());
    }
    permissions
}

fn operation(can: &Can) -> Option<(Operation, u16)> {
    let ioctl = can.ioctl.map(|command| (Operation::Ioctl, command));
    ioctl.or_else(|| can.nlmsg.map(|message| (Operation::Nlmsg, message)))
}

fn answer<'a, 'p>(
    source: &'a policy_source::PolicySource,
    decider: &'a Decider<'a, 'p>,
    request: &'a Request,
    operation: Option<(Operation, u16)>,
) -> AccessAnswer<'a, 'p> {
    let mut answer = AccessAnswer {
        source,
        decider,
        request,
        proof: None,
        command: None,
        witnesses: Witnesses::default(),
    };
    let Some(class) = request.wanted.class else { return answer };
    let proof = match (
        request.source.complete(decider.store().policy()),
        request.target.complete(decider.store().policy()),
    ) {
        (Some(source), Some(target)) => {
            decider.prove(&Access { source: &source, target: &target, class }, request.wanted.permissions)
        }
        _ => {
            let access = Access { source: &request.source, target: &request.target, class };
            decider.prove(&access, request.wanted.permissions)
        }
    };
    if proof.open() != 0 {
        answer.witnesses = decider.witnesses(&request.source, &request.target, class, proof.open());
    }
    answer.command = operation.map(|(operation, command)| {
        let access = Access { source: &request.source, target: &request.target, class };
        (operation, decider.command(&access, operation, command))
    });
    debug_assert_eq!(proof.requested & !defined(decider.store(), class), 0);
    answer.proof = Some(proof);
    answer
}
