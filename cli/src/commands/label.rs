//! `label`: which label has a path, which should it have, who may use it, and what would `:z` and `:Z` do?

use analysis::containers::Containers;
use analysis::context::PartialContext;
use analysis::decide::{Circumstances, Decider, Grant, Sought, WhatIf};
use analysis::mount::{MountAnswer, Mounting, Need};
use labels::file_contexts::FileKind;
use labels::runtime::{Engine, Mount, Relabel, Separation, TreePlace};

use super::tree::{Surroundings, Tree};
use crate::args::{Global, KindName, LabelArgs};
use crate::policy_source;
use crate::render::{Labelled, Labels, Output, labels_as_json, labels_as_text};
use crate::status::Status;

/// Paths beyond which an index of the rules pays.
const MANY: usize = 3;

/// Answers the question for each path.
pub(crate) fn run(global: &Global, args: &LabelArgs) -> anyhow::Result<Status> {
    let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
    policy_source::with_store(global, |source, store| {
        let circumstances = what_if.resolve(store)?;
        let decider = Decider::new(store, circumstances.clone());
        let containers = Containers::of(store);
        let surroundings = Surroundings::open(global, &args.known)?;
        if args.paths.len() > MANY {
            decider.prepare();
        }
        let mut answers: Vec<Labelled> = Vec::new();
        for path in &args.paths {
            let tree = surroundings.tree(store, path, args.kind.map(kind), &args.known)?;
            let class = used_as(tree.kind);
            // The same label in the same place has the same answer.
            let is_alike = |known: &&Labelled| known.class == class && known.tree.is_alike(&tree);
            if let Some(known) = answers.iter().find(is_alike) {
                let (readers, writers) = (known.readers.clone(), known.writers.clone());
                let (as_it_is, shared) = (known.as_it_is.clone(), known.shared.clone());
                answers.push(Labelled { tree, class, readers, writers, as_it_is, shared });
                continue;
            }
            let of = |relabel| {
                let asked = Asked { surroundings: &surroundings, tree: &tree, relabel };
                mounted(&decider, &circumstances, &containers, &asked)
            };
            let (as_it_is, shared) = (of(None), of(Some(Relabel::Shared)));
            let users = |does| match &tree.context {
                Some(label) => users(&decider, label, class, does),
                None => Vec::new(),
            };
            let (readers, writers) = (users(b"read"), users(b"write"));
            answers.push(Labelled { tree, class, readers, writers, as_it_is, shared });
        }
        let known = answers.iter().all(|labelled| labelled.tree.context.is_some());
        let status = if known { Status::Found } else { Status::NothingFound };
        let labels = Labels { source, store, surroundings: &surroundings, settings: &args.settings, answers };
        Output::answer(global.color, status, |output| {
            if args.json { labels_as_json(&labels, output) } else { labels_as_text(&labels, output) }
        })
    })
}

/// The class that is asked about for a kind of file: its own, if it is one that a program opens or connects to. What is asked of a
/// directory is about the files in it.
fn used_as(kind: Option<FileKind>) -> &'static str {
    match kind {
        None | Some(FileKind::Regular | FileKind::Directory) => FileKind::Regular.class(),
        Some(kind) => kind.class(),
    }
}

/// The domains that may read or write what has a label. Sockets and links are not opened.
fn users(decider: &Decider<'_, '_>, label: &PartialContext, class: &str, does: &[u8]) -> Vec<Grant> {
    let store = decider.store();
    let Some(id) = store.policy().class_named(class.as_bytes()) else { return Vec::new() };
    let is_opened = ![FileKind::Socket.class(), FileKind::Link.class()].contains(&class);
    let names = [b"open".as_slice()].into_iter().filter(|_| is_opened).chain([does]);
    let known = names.filter_map(|name| store.permission_named(id, name));
    let mask = known.fold(0u32, |mask, permission| mask | 1 << permission.bit);
    decider.gather(id);
    decider.who_can(Sought::Sources, label, id, mask, false)
}

/// A path as it would be mounted.
struct Asked<'a> {
    surroundings: &'a Surroundings,
    tree: &'a Tree,
    relabel: Option<Relabel>,
}

/// What an ordinary container could do with the path; nothing where the policy has none, or no label is known.
fn mounted(
    decider: &Decider<'_, '_>,
    circumstances: &Circumstances,
    containers: &Containers,
    asked: &Asked<'_>,
) -> Option<MountAnswer> {
    let label = asked.tree.context.clone()?;
    let mount = Mount { relabel: asked.relabel, ..Mount::of_path(asked.tree.resolved()) };
    let homes: Vec<String> = std::env::var("HOME").into_iter().collect();
    let place = TreePlace {
        file_system: asked.tree.file_system.clone(),
        is_without_labels: asked.tree.is_without_labels,
        homes: homes.clone(),
        is_of_pod: false,
    };
    let mounting = Mounting {
        engine: Engine::Podman,
        mount: &mount,
        separation: &Separation::default(),
        place: &place,
        homes: &homes,
        types: &asked.surroundings.types,
        tree: label,
        below: &asked.tree.below,
        expected: asked.tree.expected.as_ref().and_then(|expected| Some(expected.context.as_ref()?.r#type)),
        need: Need::Read,
        is_socket: asked.tree.kind == Some(FileKind::Socket),
        wants_ways: false,
    };
    analysis::mount::mount(decider, circumstances, containers, &mounting).ok()
}

const fn kind(name: KindName) -> FileKind {
    match name {
        KindName::File => FileKind::Regular,
        KindName::Dir => FileKind::Directory,
        KindName::Link => FileKind::Link,
        KindName::Char => FileKind::CharacterDevice,
        KindName::Block => FileKind::BlockDevice,
        KindName::Socket => FileKind::Socket,
        KindName::Fifo => FileKind::Fifo,
    }
}
