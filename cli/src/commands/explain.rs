//! `explain`: why something was denied, and what is the smallest right fix.

mod compare;
mod facts;
mod order;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use analysis::decide::WhatIf;
use analysis::explain::{Evidence, Explainer, Refused};
use anyhow::{Context, anyhow, bail};
use audit::{EventTime, RefusalStory, Story};
use avstore::Store;
use labels::file_contexts::FileKind;
use labels::inspect::Inspected;
use rayon::prelude::*;

use self::compare::Other;
use self::facts::facts;
use super::tree::{Expected, Surroundings, absolute};
use crate::args::{Explain, Global, StoryFormat, TreeArgs};
use crate::policy_source::{self, PolicySource};
use crate::records::{self, Change, Collected};
use crate::render::{
    Clock, Explained, ExplainedRefusal, Output, Stories, commands_as_text, nothing_found, stories_as_json,
    stories_as_markdown, stories_as_text, story_as_text,
};
use crate::status::{self, Status};
use crate::threads;

/// Stories beyond which an index of the rules pays.
const MANY: usize = 8;
/// Bytes of an `inspect` file beyond which it is none.
const LARGEST_INSPECT: u64 = 64 << 20;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &Explain) -> anyhow::Result<Status> {
    let containers = args.inspect.as_deref().map(inspected).transpose()?.unwrap_or_default();
    if let Some(path) = args.host_path.as_deref().filter(|path| !path.starts_with('/')) {
        bail!(
            "`{}` is no path from the root on\nhelp: give the directory of the host as `/…`",
            policydb::Name::new(path.as_bytes())
        );
    }
    let files = TreeArgs { file_contexts: args.file_contexts.clone(), ..TreeArgs::default() };
    let opened = OnceLock::new();
    if files.file_contexts.is_some() {
        // What was named must be there, whether a story needs it or not.
        let _ = opened.set(Some(Surroundings::open(global, &files)?));
    }
    let surroundings = WhenNeeded { global, files, opened };
    let policies = [global.policy.as_deref(), args.compare.as_deref()].into_iter().flatten();
    let inputs = (!args.boot).then_some(args.inputs.as_slice());
    records::leave_standard_input_to_policies(inputs, policies)?;
    let host_path = args.host_path.as_deref().map(|path| absolute(Path::new(path))).transpose()?;
    let host_path = host_path.map(|path| path.to_string_lossy().into_owned());
    let known =
        Known { host_path: host_path.as_deref(), containers: &containers, surroundings: &surroundings };
    if args.follow {
        return follow(global, args, known);
    }
    let collected = if args.boot { records::collect_boot() } else { records::collect(&args.inputs) }?;
    let other = args.compare.as_deref().map(|path| Other::open(path, args.base.as_deref())).transpose()?;
    policy_source::with_store(global, |source, store| {
        let explainer = explainer(store, args)?;
        let clock = Clock::of_reader(times(&collected));
        let Collected { stories, refusals, unread } = collected;
        if stories.as_slice().len() > MANY {
            explainer.prepare();
        }
        let explain = |story: &Story| explain(&explainer, story.clone(), known);
        let mut explained: Vec<Explained<'_>> = match stories.as_slice() {
            few if few.len() <= MANY => few.iter().map(explain).collect(),
            many => threads::spread(None, || many.par_iter().map(explain).collect())?,
        };
        if let Some(other) = &other {
            other.compare(store, &mut explained)?;
        }
        let stories = Stories {
            source,
            store,
            booleans_set: args.settings.clone(),
            explained: order::folded(order::sorted(explained)),
            refusals: refusals
                .as_slice()
                .iter()
                .map(|refusal| explain_refusal(&explainer, refusal))
                .collect(),
            unread,
            overflow: stories.overflow().saturating_add(refusals.overflow()),
            limit: args.limit,
            clock,
        };
        let status = print(global, args, &stories)?;
        let mut errors = stories.unread.errors.clone();
        if !stories.any() && stories.unread.counts.unreadable > 0 {
            // That there are none would be a lie.
            errors.push("what looks like a denial cannot be read".to_owned());
        }
        errors.iter().for_each(|error| status::error(error));
        Ok(if errors.is_empty() { status } else { Status::CouldNotRun })
    })
}

fn print(global: &Global, args: &Explain, stories: &Stories<'_, '_>) -> anyhow::Result<Status> {
    let status = if stories.any() { Status::Found } else { Status::NothingFound };
    Output::answer(global.color, status, |output| {
        if args.json {
            stories_as_json(stories, output)
        } else if args.commands {
            commands_as_text(stories, output)
        } else if args.format == Some(StoryFormat::Markdown) {
            stories_as_markdown(stories, output)
        } else if !stories.any() {
            nothing_found(stories, output)
        } else {
            stories_as_text(stories, output)
        }
    })
}

/// Explains stories as they begin, and says when one comes up again.
fn follow(global: &Global, args: &Explain, known: Known<'_>) -> anyhow::Result<Status> {
    policy_source::with_store(global, |source, store| {
        let explainer = explainer(store, args)?;
        explainer.prepare();
        let mut output = Output::open(global.color);
        let collected = records::follow(&args.inputs, |collected, changes| {
            told_changes(&explainer, known, (source, store), collected, changes, &mut output)
        })?;
        let found = !collected.stories.as_slice().is_empty() || !collected.refusals.as_slice().is_empty();
        Ok(if found { Status::Found } else { Status::NothingFound })
    })
}

fn told_changes<'p>(
    explainer: &Explainer<'_, 'p>,
    known: Known<'_>,
    (source, store): (&PolicySource, &Store<'p>),
    collected: &Collected,
    changes: &[Change],
    output: &mut Output,
) -> anyhow::Result<()> {
    let mut stories = Stories {
        source,
        store,
        booleans_set: Vec::new(),
        explained: Vec::new(),
        refusals: Vec::new(),
        unread: records::Unread::default(),
        overflow: 0,
        limit: Some(usize::MAX),
        clock: Clock::of_reader(times(collected)),
    };
    let mut again = Vec::new();
    for change in changes {
        match change {
            Change::Story(at) => {
                if let Some(story) = collected.stories.as_slice().get(*at) {
                    let explained = explain(explainer, story.clone(), known);
                    story_as_text(&stories, &explained, at.saturating_add(1), output)?;
                    output.text(b"\n")?;
                }
            }
            Change::Again(at) if !changes.contains(&Change::Story(*at)) => again.push(*at),
            Change::Again(_) => {}
            Change::Refusal(at) => {
                if let Some(refusal) = collected.refusals.as_slice().get(*at) {
                    stories.refusals.push(explain_refusal(explainer, refusal));
                }
            }
        }
    }
    if !stories.refusals.is_empty() {
        stories_as_text(&stories, output)?;
        output.text(b"\n")?;
    }
    again.sort_unstable();
    again.dedup();
    for at in again {
        if let Some(story) = collected.stories.as_slice().get(at) {
            crate::render::again_as_text(story, at.saturating_add(1), output)?;
        }
    }
    output.flush()?;
    Ok(())
}

/// What the user says beside the records.
#[derive(Clone, Copy)]
struct Known<'a> {
    host_path: Option<&'a str>,
    containers: &'a [Inspected],
    /// What belongs to the policy, read when a path of the host is known.
    surroundings: &'a WhenNeeded<'a>,
}

/// What belongs to the policy, read once, if anything needs it.
struct WhenNeeded<'a> {
    global: &'a Global,
    files: TreeArgs,
    opened: OnceLock<Option<Surroundings>>,
}

impl WhenNeeded<'_> {
    fn get(&self) -> Option<&Surroundings> {
        let open = || match Surroundings::open(self.global, &self.files) {
            Ok(surroundings) => Some(surroundings),
            Err(error) => {
                status::note(&status::message(&error));
                None
            }
        };
        self.opened.get_or_init(open).as_ref()
    }
}

impl Known<'_> {
    /// What file contexts say of a path of the host.
    fn expected(&self, store: &Store<'_>, path: &Path, class: &str) -> Option<Expected> {
        let kind = FileKind::ALL.into_iter().find(|kind| kind.class() == class);
        // Of a directory that is mounted the record names some file below.
        let kind = if self.host_path.is_some() { None } else { kind };
        self.surroundings.get()?.expected(store, path, kind)
    }

    /// Whether restorecon leaves a label alone.
    fn is_customized(&self, context: &str) -> bool {
        let types = self.surroundings.get().and_then(|surroundings| surroundings.customizable.as_ref());
        let name = context.split(':').nth(2);
        types.zip(name).is_some_and(|(types, name)| types.is_customizable(name))
    }
}

fn explainer<'s, 'p>(store: &'s Store<'p>, args: &Explain) -> anyhow::Result<Explainer<'s, 'p>> {
    let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
    Ok(Explainer::new(store, what_if.resolve(store)?))
}

fn explain<'p>(explainer: &Explainer<'_, 'p>, story: Story, known: Known<'_>) -> Explained<'p> {
    let is_host = explainer.sees_host_paths(&story.first.scontext.to_string());
    let mut facts = facts(&story, is_host, known.host_path, known.containers);
    let mut evidence = Evidence { host_path: facts.host_path.clone(), ..Evidence::of(&story) };
    if let Some(path) = &facts.host_path {
        let class = story.first.tclass.to_string();
        let expected = known.expected(explainer.decider().store(), Path::new(path), &class);
        evidence.keeps_label = expected.as_ref().is_some_and(|expected| expected.label.is_none());
        evidence.expected = expected.and_then(|expected| expected.label);
        facts.is_customized = known.is_customized(&evidence.tcontext);
    }
    let answer = explainer.explain(&evidence);
    Explained { story, facts, answer, compared: None, changes: Vec::new(), also: Vec::new() }
}

fn explain_refusal<'p>(explainer: &Explainer<'_, 'p>, story: &RefusalStory) -> ExplainedRefusal<'p> {
    let (causes, fixes) = explainer.refusal(&Refused::of(&story.first.kind));
    ExplainedRefusal { story: story.clone(), causes, fixes }
}

/// When everything was.
fn times(collected: &Collected) -> impl Iterator<Item = &EventTime> {
    let stories = collected.stories.as_slice().iter().flat_map(|story| [&story.earliest, &story.latest]);
    let refusals = collected.refusals.as_slice().iter().flat_map(|story| [&story.earliest, &story.latest]);
    stories.chain(refusals).flatten()
}

/// The containers of an `inspect` file.
fn inspected(path: &Path) -> anyhow::Result<Vec<Inspected>> {
    let shown = policydb::Name::new(path.as_os_str().as_encoded_bytes());
    let size = fs::metadata(path).with_context(|| format!("cannot open `{shown}`"))?.len();
    if size > LARGEST_INSPECT {
        return Err(anyhow!("`{shown}` is too large for the output of `podman inspect`"));
    }
    let text = fs::read(path).with_context(|| format!("cannot read `{shown}`"))?;
    labels::inspect::parse(&text).with_context(|| format!("cannot use `{shown}`"))
}
