//! `diff`: what changed between two policies.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use analysis::diff::{
    Comparison, FileLabels, Finding, Level, Symbol, Which, file_context_changes, newly_reaching,
    type_as_attribute,
};
use analysis::nearest;
use anyhow::{Context, bail};
use avstore::Store;
use labels::file_contexts::FileContexts;
use policydb::Policy;

use super::module_diff;
use crate::args::{DiffArgs, DiffFormat, Global};
use crate::inputs::{self, Compared};
use crate::personality::complete;
use crate::policy_source::PolicySource;
use crate::render::{
    DiffAnswer, DiffLimits, Output, diff_as_html, diff_as_json, diff_as_markdown, diff_as_text, diff_report,
};
use crate::status::{self, Status};

/// Domains with a path that `--reach` shows for each sensitive type.
const PATHS: usize = 5;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &DiffArgs) -> anyhow::Result<Status> {
    if args.policy.is_some() || args.demo || global.policy.is_some() || global.demo {
        bail!("`diff` compares two files\nhelp: `sepolq diff OLD NEW`, without `--policy` and `--demo`");
    }
    let two = match inputs::open(&args.old, &args.new, &args.base_choice())? {
        Compared::Modules(old, new) => return module_diff::run(global, args, &old, &new),
        Compared::Policies(two) => two,
    };
    let [old, new] = &two.sources;
    let policy =
        |source: &PolicySource, which: &str| format!("cannot use the {which} policy `{}`", source.label);
    let old_policy = Policy::parse(old).with_context(|| policy(old, "old"))?;
    let new_policy = Policy::parse(new).with_context(|| policy(new, "new"))?;
    if old_policy.format().platform != new_policy.format().platform {
        bail!("one of the two policies is for SELinux, the other one for Xen: they have nothing in common");
    }
    let (old_store, new_store) = (Store::new(&old_policy), Store::new(&new_policy));
    if args.complete {
        return complete_diff(global, &old_store, &new_store, old.len().max(new.len()));
    }
    for (store, source) in [(&old_store, old), (&new_store, new)] {
        if let Some((member, of)) = type_as_attribute(store) {
            bail!(
                "`{}` says that `{}` has the type `{}` as if it were an attribute, which no compiler writes\nhelp: the file was tampered with, or is damaged; `--complete` shows every rule that differs",
                source.label,
                store.type_name(member),
                store.type_name(of)
            );
        }
    }
    if let Some(page) = &args.html {
        not_compared(page, [&args.old, &args.new])?;
    }
    let comparison = Comparison::of(&old_store, &new_store);
    let domains = domains(&comparison, &args.domains)?;
    let file_contexts = match (args.file_contexts.as_slice(), &two.file_contexts) {
        ([old, new], _) => Some([old, new]),
        (_, Some([old, new])) => Some([old, new]),
        _ => None,
    };
    let labels = match file_contexts {
        Some([old, new]) => {
            let (old, new) = (opened_contexts(old)?, opened_contexts(new)?);
            Some(file_context_changes(&comparison.matching, &old, &new))
        }
        None => None,
    };
    if let Some(labels) = labels.as_ref().filter(|labels| labels.n_unasked > 0) {
        status::note(&format!(
            "{} paths that the file contexts suggest were not looked up",
            labels.n_unasked
        ));
    }
    let findings =
        labels.as_ref().map_or_else(|| comparison.findings(), |labels| comparison.findings_with(labels));
    let reach = args.reach.then(|| newly_reaching(&comparison, PATHS));
    let is_same = comparison.is_same() && labels.as_ref().is_none_or(FileLabels::is_empty);
    let answer = DiffAnswer {
        sources: [old, new],
        comparison: &comparison,
        findings: &findings,
        domains: &domains,
        labels: labels.as_ref(),
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

/// Every statement that differs; the status says whether one does.
fn complete_diff<'p>(
    global: &Global,
    old: &Store<'p>,
    new: &Store<'p>,
    n_bytes: usize,
) -> anyhow::Result<Status> {
    let mut output = Output::open(global.color);
    let is_any = {
        let mut lines = Shown { output: output.raw(), is_any: false };
        match complete(old, new, n_bytes, &mut lines) {
            // The reader has gone, after the first difference.
            Err(error) if status::is_closed_pipe(&error) => return Ok(Status::NothingFound),
            done => done?,
        }
        lines.is_any
    };
    output.finish()?;
    Ok(if is_any { Status::NothingFound } else { Status::Found })
}

/// Passes text on, with what a terminal would obey shown as text: names come from strangers.
struct Shown<W> {
    output: W,
    /// Whether there was any.
    is_any: bool,
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_any |= !bytes.is_empty();
        // A name that holds a line feed cannot be told from the end of a line here; the rest of it is shown all the same.
        let parts: Vec<String> =
            bytes.split(|byte| *byte == b'\n').map(|line| policydb::Name::new(line).to_string()).collect();
        self.output.write_all(parts.join("\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// File contexts, with a note for what cannot be used of them: libselinux would refuse the whole file.
fn opened_contexts(path: &Path) -> anyhow::Result<FileContexts> {
    /// Problems that are told one by one.
    const TOLD: usize = 5;
    let contexts = FileContexts::open(path)?;
    contexts.problems().iter().take(TOLD).for_each(|problem| status::note(&problem.to_string()));
    let more = contexts.n_problems().saturating_sub(TOLD);
    if more > 0 {
        status::note(&format!(
            "`{}` has {more} more problems",
            policydb::Name::new(path.as_os_str().as_encoded_bytes())
        ));
    }
    if contexts.n_problems() > 0 && contexts.specs().next().is_none() {
        bail!(
            "`{}` has no line that is one of file contexts",
            policydb::Name::new(path.as_os_str().as_encoded_bytes())
        );
    }
    Ok(contexts)
}

/// Refuses to write the page over what is compared.
fn not_compared(page: &Path, compared: [&Path; 2]) -> anyhow::Result<()> {
    let place = |path: &Path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    let is_it = |path: &&Path| place(page).is_some() && place(page) == place(path);
    match compared.into_iter().find(is_it) {
        Some(_) => {
            bail!("`--html {}` would overwrite what is compared\nhelp: name a new file", page.display())
        }
        None => Ok(()),
    }
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
