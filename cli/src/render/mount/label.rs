//! A label in words: what it is, what it should be, who may use it.

use analysis::decide::Grant;
use analysis::mount::MountAnswer;
use avstore::Store;
use labels::file_contexts::FileKind;
use labels::runtime::Effect;

use super::tell::{expected, label_found, rule, short, shown_path, uses_told};
use super::told::{LabelTold, RelabellingTold, ServiceTold, UsersTold};
use super::whose::whose;
use crate::commands::tree::{LabelOrigin, Surroundings, Tree};
use crate::policy_source::PolicySource;

/// Labels of paths.
pub(crate) struct Labels<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) answers: Vec<Labelled>,
}

/// A path, its label, and who may use it.
pub(crate) struct Labelled {
    pub(crate) tree: Tree,
    /// The class that readers and writers are about.
    pub(crate) class: &'static str,
    pub(crate) readers: Vec<Grant>,
    pub(crate) writers: Vec<Grant>,
    /// What a container can do with it as it is, where the policy has containers.
    pub(crate) as_it_is: Option<MountAnswer>,
    /// What `:z` does.
    pub(crate) shared: Option<MountAnswer>,
}

/// A label in words.
pub(super) fn told(asked: &Labels<'_, '_>, labelled: &Labelled) -> LabelTold {
    let tree = &labelled.tree;
    let (verdict, text) = verdict(asked, tree);
    LabelTold {
        path: tree.shown(),
        real_path: tree.real.as_deref().map(shown_path),
        exists: tree.exists,
        kind: tree.kind.map(FileKind::class),
        label: label_found(tree),
        expected: tree.expected.as_ref().map(expected),
        verdict,
        text,
        class: labelled.class,
        readers: users(asked.store, tree, &labelled.readers),
        writers: users(asked.store, tree, &labelled.writers),
        containers: labelled.as_it_is.as_ref().map(|answer| uses_told(&answer.can)).unwrap_or_default(),
        relabelling: labelled.shared.as_ref().map(|answer| relabelling(asked.store, answer)),
    }
}

/// What a label is and whether it is right.
fn verdict(asked: &Labels<'_, '_>, tree: &Tree) -> (&'static str, Vec<String>) {
    let should_be = tree.expected.as_ref();
    let by = should_be.map(|expected| {
        let regex = policydb::Name::new(expected.regex.as_bytes());
        format!("{regex} ({})", expected.place)
    });
    let by = by.unwrap_or_default();
    let Some((label, origin)) = &tree.label else {
        return ("unknown", vec![unknown(asked, tree, &by)]);
    };
    let shown = policydb::Name::new(label.as_bytes()).to_string();
    let mut text = vec![match origin {
        LabelOrigin::FileContexts => format!("{}, which file contexts give it: {by}", short(&shown)),
        LabelOrigin::FileSystem => format!("{}, as the file system has it", short(&shown)),
        LabelOrigin::Given => format!("{}, as given", short(&shown)),
        LabelOrigin::FileSystemKind => format!(
            "{}, which the policy gives all files of {}",
            short(&shown),
            tree.file_system.as_deref().unwrap_or("the file system")
        ),
    }];
    if let Some(problem) = &tree.problem {
        let first = problem.lines().next().unwrap_or_default();
        text.push(format!("none of this policy's: {first}"));
    }
    if *origin == LabelOrigin::FileContexts {
        if !tree.exists && tree.is_here {
            text.push("the path does not exist here: a file that is made there may get another label, by its maker and its directory".to_owned());
        }
        return ("as_expected", text);
    }
    if tree.file_system.as_deref() == Some("proc") {
        text.push("below /proc/PID it is the label of the process, elsewhere the policy's: restorecon, chcon and :z change nothing there".to_owned());
        return ("as_expected", text);
    }
    if tree.is_without_labels {
        text.push("the file system keeps no labels: restorecon, chcon and :z change nothing there; a mount with context= or a boolean does".to_owned());
        return ("as_expected", text);
    }
    let (Some(wanted), Some(context)) = (should_be, &tree.context) else {
        text.push("no file contexts are known that would say what it should be".to_owned());
        return ("unknown", text);
    };
    let Some(wanted_label) = &wanted.label else {
        text.push(format!("file contexts leave it as it is: {by}"));
        return ("as_expected", text);
    };
    let is_type = wanted.context.as_ref().is_some_and(|wanted| wanted.r#type == context.r#type);
    let is_level = wanted.context.as_ref().is_some_and(|wanted| wanted.range == context.range);
    let path = crate::render::shell::quoted(&tree.text());
    let wanted_label = short(wanted_label);
    match (is_type, is_level || context.range.is_none()) {
        (true, true) => {
            text.push(format!("as it should be: {by}"));
            ("as_expected", text)
        }
        (true, false) => {
            text.push(format!("its level should be that of {wanted_label}: {by}"));
            text.push(format!("plain restorecon never repairs a level: restorecon -RFv {path}"));
            ("other_level", text)
        }
        (false, _) => {
            text.push(format!("should be {wanted_label}: {by}"));
            let name = asked.store.type_name(context.r#type).to_string();
            let chosen =
                asked.surroundings.customizable.as_ref().is_some_and(|types| types.is_customizable(&name));
            if chosen {
                text.push(format!(
                    "{name} is customizable: plain restorecon leaves it; restorecon -RFv {path} puts it back"
                ));
                return ("customized", text);
            }
            text.push(format!("put it back: restorecon -RFv {path}"));
            ("other_type", text)
        }
    }
}

/// Why no label is known.
fn unknown(asked: &Labels<'_, '_>, tree: &Tree, by: &str) -> String {
    match (&tree.expected, &asked.surroundings.file_contexts) {
        (Some(_), _) => format!("not known: file contexts leave it as it is ({by}); give it with --tree-label"),
        (None, Some(_)) => {
            format!("not known: nothing in {} matches the path", asked.surroundings.file_contexts_name)
        }
        (None, None) => {
            "not known: this system keeps none, and no file contexts were found; name them with --file-contexts".to_owned()
        }
    }
}

/// Domains by name, those first to whom the type belongs by its name.
fn users(store: &Store<'_>, tree: &Tree, grants: &[Grant]) -> UsersTold {
    let owned =
        tree.context.as_ref().map(|context| store.type_name(context.r#type).to_string()).unwrap_or_default();
    let names = |certain: bool| {
        let some = grants.iter().filter(|grant| (grant.granted == grant.possible) == certain);
        let mut names: Vec<String> =
            some.map(|grant| avstore::shown_name(&store.type_name(grant.id).bytes())).collect();
        names.sort_by_cached_key(|name| (!analysis::mount::owns(name, &owned), name.clone()));
        names
    };
    UsersTold { domains: names(true), by_level: names(false) }
}

fn relabelling(store: &Store<'_>, answer: &MountAnswer) -> RelabellingTold {
    let possible = answer.effect == Effect::Shared;
    RelabellingTold {
        possible,
        rule: rule(answer.rule),
        shared: answer
            .after
            .as_ref()
            .filter(|_| possible)
            .map(|label| short(&label.text(store.policy())).to_owned()),
        losing: answer.losing.services.iter().map(|service| ServiceTold::of(store, service)).collect(),
        whose: whose(store, answer),
    }
}
