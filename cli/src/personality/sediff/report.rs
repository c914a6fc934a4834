//! The shape of sediff's output: a section for each kind of statement, with counts, and what was added, removed and modified in
//! it. Source: the script `sediff` of SETools 4.4.1.

use std::cell::Cell;
use std::io::{self, Write};

use super::options::Wanted;
use crate::personality::setools::Failure;

/// What a section is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Title {
    /// At its head.
    pub(super) head: &'static str,
    /// In the heads of what was added, removed and modified.
    pub(super) lists: [&'static str; 3],
    /// Whether statements of that kind can be modified.
    pub(super) counts_modified: bool,
}

impl Title {
    /// A section whose lists are called as itself.
    pub(super) const fn new(head: &'static str) -> Self {
        Title { head, lists: [head; 3], counts_modified: true }
    }

    /// The same, where nothing is modified.
    pub(super) const fn without_modified(self) -> Self {
        Title { counts_modified: false, ..self }
    }
}

/// What stands in a section.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Lines, sorted.
    pub(super) added: Vec<Vec<u8>>,
    /// Lines, sorted.
    pub(super) removed: Vec<Vec<u8>>,
    /// Lines or blocks of them, sorted.
    pub(super) modified: Vec<Vec<u8>>,
}

/// The text that may be made at once: names of a forged policy can be long, and stand in every line.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    left: Cell<usize>,
}

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Room { most, left: Cell::new(most) }
    }

    /// The most that a line can have.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Lines in the order of their text.
    ///
    /// # Errors
    /// They do not find room.
    pub(super) fn sorted(&self, lines: impl Iterator<Item = Vec<u8>>) -> Result<Vec<Vec<u8>>, Failure> {
        let mut lines = self.kept(lines, Vec::len)?;
        lines.sort_unstable();
        Ok(lines)
    }

    /// Pairs of what is sorted by and what is printed; what is printed, sorted.
    ///
    /// # Errors
    /// They do not find room.
    pub(super) fn sorted_by_first(
        &self,
        lines: impl Iterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        let mut lines = self.kept(lines, |(key, line)| key.len() + line.len())?;
        lines.sort_unstable();
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    /// Lines in the order in which they come.
    ///
    /// # Errors
    /// They do not find room.
    pub(super) fn kept<T>(
        &self,
        lines: impl Iterator<Item = T>,
        length: impl Fn(&T) -> usize,
    ) -> Result<Vec<T>, Failure> {
        let mut kept = Vec::new();
        for line in lines {
            match self.left.get().checked_sub(length(&line)) {
                Some(left) => self.left.set(left),
                None => {
                    let most = self.most >> 20;
                    return Err(Failure::Message(format!(
                        "the answer makes more than {most} MiB of text, which no policy of this size should"
                    )));
                }
            }
            kept.push(line);
        }
        Ok(kept)
    }
}

/// Where the report goes.
pub(super) struct Report<'o> {
    output: &'o mut dyn Write,
    /// Counts only.
    stats: bool,
}

impl<'o> Report<'o> {
    pub(super) fn new(output: &'o mut dyn Write, stats: bool) -> Self {
        Report { output, stats }
    }

    /// Whether no more than counts is asked for.
    pub(super) fn counts_only(&self) -> bool {
        self.stats
    }

    /// A section with its lists.
    pub(super) fn section(&mut self, title: Title, wanted: Wanted, listed: &Listed) -> io::Result<()> {
        let counts = [listed.added.len(), listed.removed.len(), listed.modified.len()];
        if !self.head(title, wanted, counts)? {
            return Ok(());
        }
        for (number, lines) in [&listed.added, &listed.removed, &listed.modified].into_iter().enumerate() {
            self.list(title, number, lines.len(), |output| {
                lines.iter().try_for_each(|line| write_line(output, number, line))
            })?;
        }
        self.end()
    }

    /// The head of a section with the counts of what was added, removed and modified; tells whether the section is there.
    pub(super) fn head(&mut self, title: Title, wanted: Wanted, counts: [usize; 3]) -> io::Result<bool> {
        let [added, removed, modified] = counts;
        let any = added > 0 || removed > 0 || modified > 0;
        match wanted {
            Wanted::No => return Ok(false),
            Wanted::IfAny if !any => return Ok(false),
            Wanted::IfAny | Wanted::Yes => {}
        }
        write!(self.output, "{} ({added} Added, {removed} Removed", title.head)?;
        if title.counts_modified {
            write!(self.output, ", {modified} Modified")?;
        }
        self.output.write_all(b")\n")?;
        Ok(true)
    }

    /// The list of what was added (0), removed (1) or modified (2), if there is any; `write` writes its lines.
    pub(super) fn list(
        &mut self,
        title: Title,
        number: usize,
        n_lines: usize,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if n_lines == 0 || self.stats {
            return Ok(());
        }
        writeln!(self.output, "   {} {}: {n_lines}", DONE[number], title.lists[number])?;
        write(self.output)
    }

    /// The end of a section.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.output.write_all(b"\n")
    }

    /// The section of properties, which has a shape of its own.
    pub(super) fn properties(&mut self, wanted: Wanted, lines: &[String]) -> io::Result<()> {
        match wanted {
            Wanted::No => return Ok(()),
            Wanted::IfAny if lines.is_empty() => return Ok(()),
            Wanted::IfAny | Wanted::Yes => {}
        }
        writeln!(self.output, "Policy Properties ({} Modified)", lines.len())?;
        if !self.stats {
            lines.iter().try_for_each(|line| write_line(self.output, MODIFIED, line.as_bytes()))?;
        }
        self.end()
    }
}

/// The number of the list of what was modified.
pub(super) const MODIFIED: usize = 2;
const DONE: [&str; 3] = ["Added", "Removed", "Modified"];
/// What stands before the lines of each list.
pub(super) const SIGNS: [&[u8]; 3] = [b"      + ", b"      - ", b"      * "];

/// A line of a list.
fn write_line(output: &mut dyn Write, number: usize, line: &[u8]) -> io::Result<()> {
    output.write_all(SIGNS[number])?;
    output.write_all(line)?;
    output.write_all(b"\n")
}
