//! Answers of `mount` and `label`: each is put into words once ([`MountTold`], [`LabelTold`]); text and JSON print the same.
//!
//! | file | what it does |
//! |---|---|
//! | `told.rs` | answers in words, as JSON has them |
//! | `tell.rs` | puts a mount into words |
//! | `ways.rs` | the words of what would do |
//! | `whose.rs` | whose the tree is, and what not to do with it |
//! | `label.rs` | puts a label into words |
//! | `text.rs` | the form for people |

mod label;
mod tell;
mod text;
mod told;
mod ways;
mod whose;

use std::io::{self, Write};

use analysis::mount::{MountAnswer, Need};
use avstore::Store;
use labels::runtime::{Engine, Mount, Separation, TreePlace};
use serde::Serialize;

pub(crate) use label::{Labelled, Labels};
pub(crate) use tell::{loses, short};
pub(crate) use text::{labels_as_text, mounts_as_text};
pub(crate) use told::ServiceTold;

use crate::commands::tree::{Surroundings, Tree};
use crate::policy_source::PolicySource;
use crate::render::{Output, PolicyJson};

/// Mounts of one container.
pub(crate) struct Mounts<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) engine: Engine,
    pub(crate) separation: &'a Separation,
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) answers: Vec<Mounted>,
}

/// A mount, and what it comes to.
pub(crate) struct Mounted {
    pub(crate) mount: Mount,
    /// Nothing for what the engine makes itself.
    pub(crate) tree: Option<Tree>,
    pub(crate) place: TreePlace,
    pub(crate) need: Need,
    pub(crate) answer: MountAnswer,
}

#[derive(Serialize)]
struct Document<'a, T> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    results: Vec<T>,
}

/// Prints mounts as one JSON object, `sepolq.mount/1`.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn mounts_as_json(mounts: &Mounts<'_, '_>, output: &mut Output) -> io::Result<()> {
    let results = mounts.answers.iter().map(|mounted| tell::told(mounts, mounted)).collect();
    let policy = policy_json(mounts.source, mounts.store, mounts.settings);
    print(&Document { schema: "sepolq.mount/1", policy, results }, output)
}

/// Prints labels as one JSON object, `sepolq.path_label/1`.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn labels_as_json(asked: &Labels<'_, '_>, output: &mut Output) -> io::Result<()> {
    let results = asked.answers.iter().map(|labelled| label::told(asked, labelled)).collect();
    let policy = policy_json(asked.source, asked.store, asked.settings);
    print(&Document { schema: "sepolq.path_label/1", policy, results }, output)
}

fn policy_json<'a>(
    source: &'a PolicySource,
    store: &Store<'_>,
    settings: &'a [(String, bool)],
) -> PolicyJson<'a> {
    PolicyJson::of(source, store.policy(), settings.iter().map(|(name, state)| (name.as_str(), *state)))
}

fn print<T: Serialize>(document: &Document<'_, T>, output: &mut Output) -> io::Result<()> {
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, document)?;
    writer.write_all(b"\n")
}
