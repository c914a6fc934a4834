//! `explain`: why something was denied, and what is the smallest right fix.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use analysis::decide::{Circumstances, Decider, Operation, WhatIf};
use analysis::explain::{Advice, Containers, Denied, causes, fixes};
use anyhow::Context;
use audit::{Field, Item, Reader, Stories, Story, Unreadable};
use avstore::Store;
use policydb::{Policy, PolicyBytes};

use crate::args::{Explain, Global};
use crate::policy_source;
use crate::render::{
    Answer, Explained, Explanation, Facts, Output, commands_as_text, explanation_as_json,
    explanation_as_text, nothing_found,
};
use crate::status::Status;

/// Where the system keeps its records.
const SYSTEM_LOG: &str = "/var/log/audit/audit.log";
/// Records that cannot be read, of which the reason is kept.
const MOST_UNREADABLE: usize = 20;

/// What was read.
#[derive(Default)]
struct Read {
    stories: Stories,
    unreadable: Vec<Unreadable>,
    more_unreadable: usize,
}

impl Read {
    fn take(&mut self, item: Item) {
        match item {
            Item::Denial(denial) => self.stories.add(&denial),
            Item::Unreadable(unreadable) if self.unreadable.len() < MOST_UNREADABLE => {
                self.unreadable.push(*unreadable);
            }
            Item::Unreadable(_) => self.more_unreadable += 1,
            Item::Refusal(_) => {}
        }
    }
}

/// Answers the question.
pub(crate) fn run(global: &Global, args: &Explain) -> anyhow::Result<Status> {
    let mut read = Read::default();
    let mut reader = Reader::new();
    read_all(&args.inputs, |input| reader.read(input, &mut |item| read.take(item)))?;
    reader.finish(&mut |item| read.take(item));
    let other = args.compare.as_deref().map(open_other).transpose()?;
    policy_source::with_store(global, |source, store| {
        let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
        let circumstances = what_if.resolve(store)?;
        let overflow = read.stories.overflow();
        let stories = read.stories.as_slice().to_vec();
        let mut explained = explain_all(store, &circumstances, stories, args.host_path.as_deref());
        if let Some(bytes) = &other {
            compare(bytes, &mut explained)?;
        }
        let explanation = Explanation {
            source,
            store,
            stories: explained,
            unreadable: read.unreadable,
            more_unreadable: read.more_unreadable,
            overflow,
        };
        let found = !explanation.stories.is_empty();
        let status = if found { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| {
            if args.json {
                explanation_as_json(&explanation, output)
            } else if args.commands {
                commands_as_text(&explanation, output)
            } else {
                explanation_as_text(&explanation, output)?;
                if found { Ok(()) } else { nothing_found(output) }
            }
        })
    })
}

/// Reads files, standard input, or a record that was given as a word; without any, the system's log.
fn read_all(
    inputs: &[String],
    mut read: impl FnMut(&mut dyn BufRead) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut file = |path: &Path| -> anyhow::Result<()> {
        let shown = policydb::Name::new(path.as_os_str().as_encoded_bytes()).to_string();
        let opened = File::open(path).with_context(|| format!("cannot open `{shown}`"))?;
        read(&mut BufReader::with_capacity(1 << 16, opened)).with_context(|| format!("cannot read `{shown}`"))
    };
    if inputs.is_empty() {
        return file(Path::new(SYSTEM_LOG));
    }
    for input in inputs {
        let is_record = input.contains("avc:") || input.contains("denied") || input.contains('\n');
        if input == "-" {
            read(&mut io::stdin().lock()).context("cannot read standard input")?;
        } else if is_record && !Path::new(input).exists() {
            read(&mut input.as_bytes()).context("cannot read the record")?;
        } else {
            let path = Path::new(input);
            let shown = policydb::Name::new(input.as_bytes()).to_string();
            let opened = File::open(path).with_context(|| format!("cannot open `{shown}`"))?;
            read(&mut BufReader::with_capacity(1 << 16, opened))
                .with_context(|| format!("cannot read `{shown}`"))?;
        }
    }
    Ok(())
}

fn explain_all<'p>(
    store: &Store<'p>,
    circumstances: &Circumstances,
    stories: Vec<Story>,
    host_path: Option<&str>,
) -> Vec<Explained<'p>> {
    let decider = Decider::new(store, circumstances.clone());
    // A few stories are answered by scans; for many an index pays.
    if stories.len() > 8 {
        decider.prepare();
    }
    let containers = Containers::of(store);
    let explain = |story: Story| {
        let facts = Facts {
            host_path: host_path.map(str::to_owned),
            port: story.first.fields.number(Field::Dest).or_else(|| story.first.fields.number(Field::Src)),
        };
        let answer = resolve(store, &story).map(|denied| {
            let (causes, proof) = causes(&decider, circumstances, &denied);
            let fixes = fixes(&decider, circumstances, &containers, &denied, &causes, &proof);
            let advice = Advice::on(&decider, &containers, &denied, &causes, &proof);
            Answer { denied, causes, fixes, advice }
        });
        Explained { story, facts, answer, elsewhere: None }
    };
    stories.into_iter().map(explain).collect()
}

fn resolve(store: &Store<'_>, story: &Story) -> Result<Denied, analysis::explain::Unresolved> {
    let permissions: Vec<String> =
        story.permissions.iter().map(|permission| permission.name.to_string()).collect();
    let words =
        [&story.first.scontext, &story.first.tcontext, &story.first.tclass].map(|text| text.to_string());
    let command = story.commands.first().and_then(|command| u16::try_from(command & 0xffff).ok());
    let command = command.map(|command| (Operation::Ioctl, command));
    Denied::resolve(store, [&words[0], &words[1], &words[2]], &permissions, command)
}

fn open_other(path: &Path) -> anyhow::Result<PolicyBytes> {
    PolicyBytes::open(path).map_err(Into::into)
}

/// Asks each story of another policy.
fn compare(bytes: &PolicyBytes, explained: &mut [Explained<'_>]) -> anyhow::Result<()> {
    let policy = Policy::parse(bytes).context("cannot use the policy to compare with")?;
    let store = Store::new(&policy);
    let circumstances = Circumstances::of(&store);
    let decider = Decider::new(&store, circumstances.clone());
    for explained in explained {
        explained.elsewhere = Some(resolve(&store, &explained.story).is_ok_and(|denied| {
            let (causes, _) = causes(&decider, &circumstances, &denied);
            causes.iter().all(|cause| matches!(cause, analysis::explain::Cause::Allowed { .. }))
        }));
    }
    Ok(())
}
