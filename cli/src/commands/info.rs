//! `info`: what a policy is, how many of everything it has, and what a reader should notice.

use analysis::component::{census, notices};

use crate::args::{Global, Info};
use crate::policy_source;
use crate::render::{InfoAnswer, Output, info_as_json, info_as_text};
use crate::status::Status;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &Info) -> anyhow::Result<Status> {
    policy_source::with_store(global, |source, store| {
        let (census, notices) = (census(store), notices(store, source.len()));
        let answer = InfoAnswer { source, store, census, notices };
        Output::answer(global.color, Status::Found, |output| {
            if args.json { info_as_json(&answer, output) } else { info_as_text(&answer, output) }
        })
    })
}
