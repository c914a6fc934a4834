//! `diff` of two policy modules, by what they declare and state.

use std::path::Path;

use analysis::diff::modules::module_changes;
use anyhow::{Context, bail};
use module::Package;
use policydb::{Name, PolicyBytes};

use super::module::is_module;
use crate::args::{DiffArgs, Global};
use crate::render::{ModuleDiffAnswer, Output, module_diff_as_json, module_diff_as_text};
use crate::status::Status;

/// Whether both are modules.
///
/// # Errors
/// One is, and the other is not.
pub(super) fn is_asked(args: &DiffArgs) -> anyhow::Result<bool> {
    match (is_module(&args.old), is_module(&args.new)) {
        (true, true) => Ok(true),
        (false, false) => Ok(false),
        (old, _) => {
            let (module, policy) = if old { (&args.old, &args.new) } else { (&args.new, &args.old) };
            bail!(
                "`{}` is a policy module, and `{}` is not\nhelp: compare two modules, or the policies that were built with them",
                shown(module),
                shown(policy)
            )
        }
    }
}

fn shown(path: &Path) -> String {
    Name::new(path.as_os_str().as_encoded_bytes()).to_string()
}

fn parse<'b>(bytes: &'b [u8], path: &Path) -> anyhow::Result<Package<'b>> {
    Package::parse(bytes).with_context(|| format!("cannot use the module `{}`", shown(path)))
}

/// Answers the question.
pub(super) fn run(global: &Global, args: &DiffArgs) -> anyhow::Result<Status> {
    for (option, given) in [
        ("--domain", !args.domains.is_empty()),
        ("--causes", args.causes),
        ("--complete", args.complete),
        ("--reach", args.reach),
        ("--file-contexts", !args.file_contexts.is_empty()),
        ("--fail-on", args.fail_on.is_some()),
        ("--format", args.format.is_some()),
        ("--html", args.html.is_some()),
    ] {
        if given {
            bail!(
                "`{option}` takes two policies: modules alone do not say what is granted\nhelp: compare policies that were built with them"
            );
        }
    }
    let (old_bytes, new_bytes) = (PolicyBytes::open(&args.old)?, PolicyBytes::open(&args.new)?);
    let (old, new) = (parse(&old_bytes, &args.old)?, parse(&new_bytes, &args.new)?);
    let changes = module_changes(&old, &new);
    let answer = ModuleDiffAnswer {
        paths: [shown(&args.old), shown(&args.new)],
        bytes: [&old_bytes, &new_bytes],
        packages: [&old, &new],
        changes: &changes,
        limit: args.limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX),
    };
    let status = if changes.is_empty() { Status::Found } else { Status::NothingFound };
    Output::answer(global.color, status, |output| {
        if args.json { module_diff_as_json(&answer, output) } else { module_diff_as_text(&answer, output) }
    })
}
