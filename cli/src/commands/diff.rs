//! `diff`: what changed between two policies.

use std::fs;
use std::path::Path;

use analysis::diff::{Comparison, Finding, Level, Symbol, Which, file_context_changes, newly_reaching};
use analysis::nearest;
use anyhow::{Context, bail};
use avstore::Store;
use labels::file_contexts::FileContexts;
use policydb::Policy;

use super::module_diff;
use crate::args::{DiffArgs, DiffFormat, Global};
use crate::personality::complete;
use crate::policy_source::{self, PolicySource};
use crate::render::{
    DiffAnswer, DiffLimits, Output, diff_as_html, diff_as_json, diff_as_markdown, diff_as_text, diff_report,
};
use crate::status::Status;

/// Domains with a path that `--reach` shows for each sensitive type.
const PATHS: usize = 5;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &DiffArgs) -> anyhow::Result<Status> {
    if global.policy.is_some() || global.demo {
        bail!("`diff` compares two files\nhelp: `sepolq diff OLD NEW`, without `--policy` and `--demo`");
    }
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    if is_stdin(&args.old) && is_stdin(&args.new) {
        bail!("only one of the two policies can be standard input");
    }
    if module_diff::is_asked(args)? {
        return module_diff::run(global, args);
    }
    let (old, new) = (policy_source::open_path(&args.old)?, policy_source::open_path(&args.new)?);
    let policy =
        |source: &PolicySource, which: &str| format!("cannot use the {which} policy `{}`", source.label);
    let old_policy = Policy::parse(&old).with_context(|| policy(&old, "old"))?;
    let new_policy = Policy::parse(&new).with_context(|| policy(&new, "new"))?;
    if old_policy.format().platform != new_policy.format().platform {
        bail!("one of the two policies is for SELinux, the other one for Xen: they have nothing in common");
    }
    let (old_store, new_store) = (Store::new(&old_policy), Store::new(&new_policy));
    let comparison = Comparison::of(&old_store, &new_store);
    let findings = comparison.findings();
    if args.complete {
        let status = status_of(args, comparison.is_same(), &findings);
        let n_bytes = old.len().max(new.len());
        // It buffers, and ends at a closed pipe, as every answer does.
        let mut output = Output::open(global.color);
        complete(&old_store, &new_store, n_bytes, output.raw())?;
        output.finish()?;
        return Ok(status);
    }
    let domains = domains(&comparison, &args.domains)?;
    let labels = match args.file_contexts.as_slice() {
        [old, new] => {
            let (old, new) = (FileContexts::open(old)?, FileContexts::open(new)?);
            Some(file_context_changes(&comparison.matching, &old, &new))
        }
        _ => None,
    };
    let reach = args.reach.then(|| newly_reaching(&comparison, PATHS));
    let is_same = comparison.is_same() && labels.as_ref().is_none_or(Vec::is_empty);
    let answer = DiffAnswer {
        sources: [&old, &new],
        comparison: &comparison,
        findings: &findings,
        domains: &domains,
        labels: labels.as_deref(),
        reach: reach.as_deref(),
    };
    if let Some(path) = &args.html {
        let report = diff_report(&answer, DiffLimits::page(args.limit));
        fs::write(path, diff_as_html(&report))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    // What was not looked at may be as serious as anything.
    let status =
        if comparison.truncated { Status::NothingFound } else { status_of(args, is_same, &findings) };
    let limits =
        if args.json { DiffLimits::json(args.limit) } else { DiffLimits::text(args.limit, args.causes) };
    let report = diff_report(&answer, limits);
    Output::answer(global.color, status, |output| match (args.json, args.format) {
        (true, _) => diff_as_json(&answer, &report, output),
        (_, Some(DiffFormat::Markdown)) => diff_as_markdown(&report, output),
        _ => diff_as_text(&report, output),
    })
}

fn status_of(args: &DiffArgs, is_same: bool, findings: &[Finding]) -> Status {
    let differs = match args.fail_on.map(|name| name.level()) {
        None | Some(Level::Info) => !is_same,
        Some(level) => findings.iter().any(|finding| finding.level >= level),
    };
    if differs { Status::NothingFound } else { Status::Found }
}

/// The domains that words name, of either policy.
fn domains(comparison: &Comparison<'_, '_>, words: &[String]) -> anyhow::Result<Vec<Symbol>> {
    let matching = &comparison.matching;
    let mut domains = Vec::new();
    for word in words {
        let name = word.strip_prefix('@').unwrap_or(word);
        match matching.named(name) {
            Some(symbol) if matching.is_attribute(symbol) => {
                for which in Which::BOTH {
                    domains.extend(matching.types_of(which, symbol));
                }
            }
            Some(symbol) => domains.push(symbol),
            None => {
                let near = nearest(name, matching.symbols().map(|symbol| matching.name(symbol)));
                let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                let help = if near.is_empty() {
                    String::new()
                } else {
                    format!("\nhelp: did you mean {}?", near.join(" or "))
                };
                bail!(
                    "neither policy has a type or attribute `{}`{help}",
                    policydb::Name::new(name.as_bytes())
                );
            }
        }
    }
    domains.sort_unstable();
    domains.dedup();
    Ok(domains)
}
