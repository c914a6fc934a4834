//! File contexts that differ: lines and substitutions that only one side has, those that say another thing, and paths that get
//! another label.
//!
//! Lines are the same if expression and kind of file are; of several such lines on one side the last one counts, as it does
//! in a look-up. A label with another name of the same type is the same. Which label a path gets is decided by look-ups, for paths that
//! the expressions of both sides suggest (`label_examples.rs`): so an order that makes another line win is seen though no line
//! differs. O(lines × look-up).

use std::collections::{BTreeMap, BTreeSet};

use labels::file_contexts::{FileContexts, FileKind};

use super::both::{Both, Which};
use super::label_examples::examples;
use super::matching::{Matching, Symbol};

/// A line that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelChange {
    /// The expression for paths.
    pub regex: String,
    /// For which kind of file; none for all.
    pub kind: Option<FileKind>,
    /// The label in each: `<<none>>` where files are left as they are; `None` where there is no such line.
    pub label: Both<Option<String>>,
}

/// Paths that are looked up as if they were others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubstitutionChange {
    /// What paths begin with.
    pub from: String,
    /// What stands in its place in each; `None` where nothing does.
    pub to: Both<Option<String>>,
}

/// A path that gets another label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathChange {
    /// The path.
    pub path: String,
    /// The kind of file that was asked for; none for any.
    pub kind: Option<FileKind>,
    /// The label in each; `None` where no line is about it or it is left as it is.
    pub label: Both<Option<String>>,
    /// The types of these, as far as the policies have them.
    pub(super) types: Both<Option<Symbol>>,
    /// The expressions that decide.
    pub by: Both<Option<String>>,
    /// Whether neither of these is among what differs: their order does.
    pub is_order: bool,
}

/// All that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileLabels {
    /// Lines, by expression.
    pub lines: Vec<LabelChange>,
    /// Substitutions, by what they are about.
    pub substitutions: Vec<SubstitutionChange>,
    /// Paths, in their order.
    pub paths: Vec<PathChange>,
    /// Paths that the expressions suggest and that were not looked up, as there are more than honest files have.
    pub n_unasked: usize,
}

/// Comparisons of a path with a line, beyond which no more paths are looked up.
const MOST_COMPARISONS: usize = 1 << 30;

impl FileLabels {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.substitutions.is_empty() && self.paths.is_empty()
    }
}

/// What differs between two sets of file contexts.
pub fn file_context_changes(
    matching: &Matching<'_, '_>,
    old: &FileContexts,
    new: &FileContexts,
) -> FileLabels {
    let contexts = Both { old, new };
    let lines = line_changes(matching, contexts);
    let substitutions = substitution_changes(contexts);
    let (paths, n_unasked) = path_changes(matching, contexts, &lines, &substitutions);
    FileLabels { lines, substitutions, paths, n_unasked }
}

/// The lines that differ, by expression.
fn line_changes(matching: &Matching<'_, '_>, contexts: Both<&FileContexts>) -> Vec<LabelChange> {
    let lines = |which: Which| {
        let mut lines: BTreeMap<(String, Option<FileKind>), String> = BTreeMap::new();
        for spec in contexts.get(which).specs() {
            let label =
                spec.context.map_or_else(|| "<<none>>".to_owned(), |label| own_names(matching, which, label));
            lines.insert((spec.regex.to_owned(), spec.kind), label);
        }
        lines
    };
    let (old, new) = (lines(Which::Old), lines(Which::New));
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let changes = keys.into_iter().filter_map(|key| {
        let label = Both { old: old.get(key).cloned(), new: new.get(key).cloned() };
        (label.old != label.new).then(|| LabelChange { regex: key.0.clone(), kind: key.1, label })
    });
    changes.collect()
}

fn substitution_changes(contexts: Both<&FileContexts>) -> Vec<SubstitutionChange> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let of = Both::of(|which| {
        let pairs = contexts.get(which).substitutions();
        pairs.map(|(from, to)| (text(from), text(to))).collect::<BTreeMap<String, String>>()
    });
    let keys: BTreeSet<&String> = of.old.keys().chain(of.new.keys()).collect();
    let changes = keys.into_iter().filter_map(|from| {
        let to = Both::of(|which| of.get(which).get(from).cloned());
        (to.old != to.new).then(|| SubstitutionChange { from: from.clone(), to })
    });
    changes.collect()
}

fn path_changes(
    matching: &Matching<'_, '_>,
    contexts: Both<&FileContexts>,
    lines: &[LabelChange],
    substitutions: &[SubstitutionChange],
) -> (Vec<PathChange>, usize) {
    let n_lines: usize = Which::BOTH.into_iter().map(|which| contexts.get(which).specs().count()).sum();
    let most = MOST_COMPARISONS / n_lines.max(1);
    let mut asked: BTreeSet<(String, Option<FileKind>)> = BTreeSet::new();
    for which in Which::BOTH {
        for spec in contexts.get(which).specs() {
            asked.extend(examples(spec.regex).into_iter().map(|path| (path, spec.kind)));
        }
    }
    asked.extend(
        substitutions
            .iter()
            .flat_map(|change| [change.from.clone(), format!("{}/x", change.from)].map(|path| (path, None))),
    );
    let differing: BTreeSet<&str> = lines.iter().map(|line| line.regex.as_str()).collect();
    let n_unasked = asked.len().saturating_sub(most);
    let changes = asked.into_iter().take(most).filter_map(|(path, kind)| {
        let decided = Both::of(|which| contexts.get(which).lookup(path.as_bytes(), kind));
        let label = Both::of(|which| {
            let decided = decided.get(which).as_ref()?;
            Some(own_names(matching, which, decided.context()?))
        });
        if label.old == label.new {
            return None;
        }
        let by = Both::of(|which| decided.get(which).as_ref().map(|one| one.spec.regex.to_owned()));
        let is_line =
            |regex: &Option<String>| regex.as_deref().is_some_and(|regex| differing.contains(regex));
        let is_substituted = Which::BOTH
            .into_iter()
            .any(|which| decided.get(which).as_ref().is_some_and(|one| one.substituted.is_some()));
        let is_order = !is_line(&by.old) && !is_line(&by.new) && !is_substituted;
        let types = Both::of(|which| type_of(matching, which, label.get(which).as_deref()?));
        Some(PathChange { path, kind, label, types, by, is_order })
    });
    (changes.collect(), n_unasked)
}

/// The type of a label, under the name that it has in the newer policy if both have it.
fn type_of(matching: &Matching<'_, '_>, which: Which, label: &str) -> Option<Symbol> {
    let name = label.split(':').nth(2)?.as_bytes();
    let mut policies = [which, which.other()].into_iter();
    policies.find_map(|which| matching.symbol(which, matching.store(which).policy().type_named(name)?))
}

/// A label with the name that its type has in the newer policy.
fn own_names(matching: &Matching<'_, '_>, which: Which, label: &str) -> String {
    let mut parts: Vec<&str> = label.splitn(4, ':').collect();
    let policy = matching.store(which).policy();
    let symbol = parts
        .get(2)
        .and_then(|name| policy.type_named(name.as_bytes()))
        .and_then(|id| matching.symbol(which, id));
    let name = symbol.map(|symbol| matching.name(symbol));
    if let (Some(name), Some(part)) = (&name, parts.get_mut(2)) {
        *part = name;
    }
    parts.join(":")
}
