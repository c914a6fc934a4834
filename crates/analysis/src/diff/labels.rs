//! File contexts that differ: lines that only one side has, and those that give the same files another label.
//!
//! Lines are the same if expression and kind of file are; of several such lines on one side the last one counts, as it does
//! in a look-up. A label with another name of the same type is the same. What happens to a single path is another question
//! (`sepolq label`). O(lines log lines).

use std::collections::BTreeMap;

use labels::file_contexts::{FileContexts, FileKind};

use super::both::{Both, Which};
use super::matching::Matching;

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

/// The lines that differ, by expression.
pub fn file_context_changes(
    matching: &Matching<'_, '_>,
    old: &FileContexts,
    new: &FileContexts,
) -> Vec<LabelChange> {
    let lines = |contexts: &FileContexts, which: Which| {
        let mut lines: BTreeMap<(String, Option<FileKind>), String> = BTreeMap::new();
        for spec in contexts.specs() {
            let label =
                spec.context.map_or_else(|| "<<none>>".to_owned(), |label| own_names(matching, which, label));
            lines.insert((spec.regex.to_owned(), spec.kind), label);
        }
        lines
    };
    let (old, new) = (lines(old, Which::Old), lines(new, Which::New));
    let mut keys: Vec<_> = old.keys().chain(new.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let changes = keys.into_iter().filter_map(|key| {
        let label = Both { old: old.get(key).cloned(), new: new.get(key).cloned() };
        (label.old != label.new).then(|| LabelChange { regex: key.0.clone(), kind: key.1, label })
    });
    changes.collect()
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
