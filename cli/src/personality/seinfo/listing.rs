//! One section of seinfo's output: the components that meet a criterion, sorted, as text.
//!
//! Symbols are in the order of their names, levels and categories in that of their values, all else in that of its
//! text; O(n log n) in the components listed.

use std::io::Write;
use std::ops::Range;

use avstore::{Component, components};

use super::criterion::Criterion;
use super::sections::Section;
use super::statements::Statements;
use crate::personality::setools::Failure;

/// The components of a section, as text.
pub(super) struct Listing {
    text: Vec<u8>,
    /// Sorted.
    items: Vec<Item>,
}

struct Item {
    /// For what is in the order of its values; else 0.
    value: u32,
    /// What it is sorted by, a range of the text.
    key: Range<usize>,
    /// What is shown.
    shown: Range<usize>,
}

impl Listing {
    /// Lists what meets a criterion, with whole statements if `expand` says so, in at most `most` bytes.
    ///
    /// # Errors
    /// There is more text than an honest policy of its size gives: names of a forged one can be long, and stand in
    /// every line.
    pub(super) fn new(
        statements: &Statements<'_, '_>,
        section: &Section,
        criterion: &Criterion,
        expand: bool,
        most: usize,
    ) -> Result<Self, Failure> {
        let writer = statements.writer();
        let (mut text, mut items) = (Vec::new(), Vec::new());
        let all = section.kinds.iter().flat_map(|kind| components(writer.store(), *kind));
        for component in all.filter(|component| criterion.is_met(component, writer)) {
            let value = match component {
                Component::Sensitivity(value) | Component::Category(value) => value,
                _ => 0,
            };
            let start = text.len();
            statements.write_short(&component, most, &mut text);
            let key = start..text.len();
            // What has no name shows its statement, and is sorted by it.
            let shown = if expand && writer.name(&component).is_some() {
                statements.write(&component, most, &mut text);
                key.end..text.len()
            } else {
                key.clone()
            };
            if text.len() > most {
                let most = most >> 20;
                return Err(Failure::Message(format!(
                    "the answer makes more than {most} MiB of text, which no policy of this size should"
                )));
            }
            items.push(Item { value, key, shown });
        }
        items.sort_by(|a, b| {
            a.value.cmp(&b.value).then_with(|| text[a.key.clone()].cmp(&text[b.key.clone()]))
        });
        Ok(Listing { text, items })
    }

    /// Prints the section; `flat` leaves out title, count and indentation.
    pub(super) fn print(&self, title: &str, flat: bool, output: &mut dyn Write) -> Result<(), Failure> {
        if !flat {
            write!(output, "\n{title}: {}\n", self.items.len())?;
        }
        for item in &self.items {
            output.write_all(if flat { b"" } else { b"   " })?;
            output.write_all(&self.text[item.shown.clone()])?;
            output.write_all(b"\n")?;
        }
        Ok(())
    }
}
