//! The sections of access rules. A policy can differ from another in a million of them: they are sorted by the ranks of their
//! words, and become text one by one.

mod order;
mod text;

use std::io::{self, Write};

use analysis::diff::statements::{AccessChange, AccessChanges, Comparison, Side};
use policydb::RuleKind;

use self::order::{Ordered, Ranks};
use self::text::Texts;
use super::options::Wanted;
use super::report::{MODIFIED, Report, SIGNS, Title};
use crate::personality::setools::Failure;

/// Prints sections of access rules of two policies.
pub(super) struct AccessSections<'c, 's, 'p> {
    comparison: &'c Comparison<'s, 'p>,
    kinds: Vec<RuleKind>,
    /// What differs, until it is put in order.
    changes: AccessChanges,
    /// How many were added, removed and modified, by kind.
    counts: Vec<[usize; 3]>,
    /// The order of all rules and what writes them, once there is something to write.
    printer: Option<Printer<'c, 's, 'p>>,
}

impl<'c, 's, 'p> AccessSections<'c, 's, 'p> {
    /// Compares the rules of these kinds, all at once.
    ///
    /// # Errors
    /// The policies differ in too much.
    pub(super) fn new(comparison: &'c Comparison<'s, 'p>, kinds: &[RuleKind]) -> Result<Self, Failure> {
        let changes = comparison.access(kinds).map_err(|error| error.to_string())?;
        let mut n_said = vec![0usize; changes.said.len()];
        changes.targets.iter().for_each(|target| n_said[target.said() as usize] += 1);
        let mut counts = vec![[0; 3]; kinds.len()];
        for (change, n) in changes.said.iter().zip(n_said) {
            let kind = kinds.iter().position(|kind| *kind == change.kind);
            if let Some(counts) = kind.and_then(|kind| counts.get_mut(kind)) {
                counts[way(change)] += n;
            }
        }
        Ok(AccessSections { comparison, kinds: kinds.to_vec(), changes, counts, printer: None })
    }

    /// Prints the section of one kind of rule.
    pub(super) fn print(
        &mut self,
        kind: RuleKind,
        title: Title,
        wanted: Wanted,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let place = self.kinds.iter().position(|known| *known == kind);
        let counts = place.map_or([0; 3], |place| self.counts[place]);
        if !report.head(title, wanted, counts)? {
            return Ok(());
        }
        for (number, n_lines) in counts.into_iter().enumerate() {
            if n_lines == 0 || report.counts_only() {
                continue;
            }
            let AccessSections { comparison, kinds, changes, printer, .. } = self;
            let printer =
                printer.get_or_insert_with(|| Printer::new(comparison, kinds, std::mem::take(changes)));
            report.list(title, number, n_lines, |output| {
                printer.print(list_of(place.unwrap_or(0), number), kind, number, output)
            })?;
        }
        Ok(report.end()?)
    }
}

/// Whether rules were added (0), removed (1) or modified (2).
fn way(change: &AccessChange) -> usize {
    match change.only_on() {
        Some(Side::Right) => 0,
        Some(Side::Left) => 1,
        None => MODIFIED,
    }
}

/// The number of a list among those of all kinds, whose numbers these are.
fn list_of(kind: usize, way: usize) -> u64 {
    (kind * SIGNS.len() + way) as u64
}

/// Prints lists of rules.
struct Printer<'c, 's, 'p> {
    ordered: Ordered,
    texts: Texts<'c, 's, 'p>,
}

impl<'c, 's, 'p> Printer<'c, 's, 'p> {
    fn new(comparison: &'c Comparison<'s, 'p>, kinds: &[RuleKind], changes: AccessChanges) -> Self {
        let ranks = Ranks::of(comparison);
        let mut texts = Texts::new(comparison, ranks.sorted_by_class(&changes.said));
        let list = |change: &AccessChange| {
            list_of(kinds.iter().position(|kind| *kind == change.kind).unwrap_or(0), way(change))
        };
        let ordered = Ordered::new(changes, &ranks, &mut texts, list);
        Printer { ordered, texts }
    }

    /// Prints a list of rules in the order of their texts.
    fn print(&mut self, list: u64, kind: RuleKind, way: usize, output: &mut dyn Write) -> io::Result<()> {
        let Printer { ordered, texts } = self;
        let (mut text, mut start) = (Vec::with_capacity(2 * AT_ONCE), Vec::new());
        for (source, places) in ordered.of_list(list) {
            start.clear();
            start.extend_from_slice(SIGNS[way]);
            texts.write_source(kind, source, &mut start);
            for place in places {
                text.extend_from_slice(&start);
                if way == MODIFIED {
                    texts.write_modified(ordered.target(*place), place.said(), &mut text);
                } else {
                    texts.write_statement(ordered.target(*place), place.said(), &mut text);
                }
                if text.len() > AT_ONCE {
                    output.write_all(&text)?;
                    text.clear();
                }
            }
        }
        output.write_all(&text)
    }
}

/// How much text is written at once.
const AT_ONCE: usize = 1 << 16;
