//! Answers of `breakout`.
//!
//! | file | what it does |
//! |---|---|
//! | `tell.rs` | why a cell is what it is, in words |
//! | `text.rs` | for people: a table, and behind it what is open |
//! | `json.rs` | for programs |
//! | `catalogue.rs` | the catalogue itself, in both forms |

mod catalogue;
mod json;
mod tell;
mod text;

use analysis::breakout::{Catalogue, Cell, DomainAnswer, Primitive, Verdict};
use avstore::Store;
use policydb::TypeId;

pub(crate) use catalogue::{catalogue_as_json, catalogue_as_text};
pub(crate) use json::breakout_as_json;
pub(crate) use text::breakout_as_text;

use crate::policy_source::PolicySource;

/// What domains can do of a catalogue.
pub(crate) struct BreakoutAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) catalogue: &'a Catalogue,
    /// Primitives that are accepted, of one domain or of all.
    pub(crate) accepted: Vec<(String, Option<TypeId>)>,
    pub(crate) answers: Vec<DomainAnswer<'p>>,
    /// Whether every cell is explained.
    pub(crate) why: bool,
}

impl<'p> BreakoutAnswer<'_, 'p> {
    /// All cells, with whether they are accepted.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&Primitive, &DomainAnswer<'p>, &Cell<'p>, bool)> {
        self.catalogue.primitives.iter().enumerate().flat_map(move |(at, primitive)| {
            self.answers.iter().filter_map(move |answer| {
                let cell = answer.cells.get(at)?;
                Some((primitive, answer, cell, self.is_accepted(primitive, answer, cell)))
            })
        })
    }

    /// Whether `--except` accepts what is open, or cannot be told.
    fn is_accepted(&self, primitive: &Primitive, answer: &DomainAnswer<'_>, cell: &Cell<'_>) -> bool {
        let is_it = |(id, domain): &(String, Option<TypeId>)| {
            *id == primitive.id && domain.is_none_or(|domain| domain == answer.domain.r#type)
        };
        cell.verdict != Verdict::Blocked && self.accepted.iter().any(is_it)
    }

    /// How many cells of a domain have a verdict, accepted or not.
    fn count(&self, answer: &DomainAnswer<'_>, verdict: Verdict, accepted: bool) -> usize {
        let cells = self.catalogue.primitives.iter().zip(&answer.cells);
        cells
            .filter(|(primitive, cell)| {
                cell.verdict == verdict && self.is_accepted(primitive, answer, cell) == accepted
            })
            .count()
    }
}
