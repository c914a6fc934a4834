//! Answers of `reach`.
//!
//! | file | what it does |
//! |---|---|
//! | `text.rs` | for people: counts and the first few names, or columns for several domains |
//! | `json.rs` | for programs |
//! | `matrix.rs` | all pairs |
//! | `paths.rs` | paths in words, for both of: |
//! | `paths_text.rs`, `paths_json.rs` | paths, for people and for programs |

mod json;
mod matrix;
mod paths;
mod paths_json;
mod paths_text;
mod text;

use analysis::reach::{DirectReach, GroupReach, Sort, Through};
use avstore::Store;

pub(crate) use json::reach_as_json;
pub(crate) use matrix::{MatrixAnswer, matrix_as_csv, matrix_as_dot, matrix_as_json, matrix_as_text};
pub(crate) use paths::PathAnswer;
pub(crate) use paths_json::paths_as_json;
pub(crate) use paths_text::paths_as_text;
pub(crate) use text::reach_as_text;

use crate::policy_source::PolicySource;

/// What domains reach directly.
pub(crate) struct ReachAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) reaches: Vec<DirectReach>,
    /// What each reaches through others, by sort of step.
    pub(crate) through: Vec<Vec<Through>>,
    /// Groups that are listed whole, as positions in `GROUPS`.
    pub(crate) listed: Vec<usize>,
}

/// The names of what is in a group: those that are granted, and those that depend on levels, each sorted.
fn names(store: &Store<'_>, group: &GroupReach) -> (Vec<String>, Vec<String>) {
    let of = |ids: &[policydb::TypeId], permissions: &[String]| {
        let mut names: Vec<String> =
            ids.iter().map(|id| avstore::shown_name(&store.type_name(*id).bytes())).collect();
        names.extend(permissions.iter().cloned());
        names.sort_unstable();
        names
    };
    (of(&group.granted, &group.granted_permissions), of(&group.depends, &group.depends_permissions))
}

/// The same in one list.
fn all_names(store: &Store<'_>, group: &GroupReach) -> Vec<String> {
    let (mut granted, depends) = names(store, group);
    granted.extend(depends);
    granted.sort_unstable();
    granted
}

/// What a chain of steps of a sort does, as a title.
const fn through_title(sort: Sort) -> &'static str {
    match sort {
        Sort::Flow => "information gets into",
        Sort::Transition => "becomes",
        Sort::Control => "has power over",
    }
}
