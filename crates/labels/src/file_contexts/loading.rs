//! File contexts while their files are being read, and how lines are put in order.
//!
//! Source: libselinux `label_file.c`, `init`, `sort_specs` (up to 3.7) and `sort_spec_node` (since 3.8).

use super::generation::Generation;
use super::index::Index;
use super::lines::{Line, Lines};
use super::problem::{MAX_FILE, ProblemReason};
use super::record::Record;
use super::substitution::Substitutions;
use super::{FileContexts, Part, compiled, problem, text};

/// File contexts while their files are being read.
#[derive(Default)]
pub(super) struct Loading {
    pub(super) lines: Lines,
    pub(super) generation: Option<Generation>,
    pub(super) subs_dist: Substitutions,
    pub(super) subs: Substitutions,
}

impl Loading {
    /// Adds one file of lines, text or compiled.
    ///
    /// # Errors
    /// A file that is too large, or compiled and broken; nothing of it is added.
    pub(super) fn add(&mut self, part: Part<'_>) -> Result<(), ProblemReason> {
        if part.bytes.len() > MAX_FILE {
            return Err(ProblemReason::TooLarge);
        }
        let file = self.lines.add_file(part.name);
        if compiled::is_compiled(part.bytes) {
            compiled::read(&mut self.lines, file, part.bytes)?;
            self.generation = self.generation.or(compiled::generation(part.bytes));
        } else {
            text::read(&mut self.lines, file, part.bytes);
        }
        Ok(())
    }

    pub(super) fn substitutions(&mut self, part: Option<Part<'_>>) -> Substitutions {
        match part {
            Some(part) if part.bytes.len() > MAX_FILE => {
                self.lines.problems.add(part.name, None, ProblemReason::TooLarge);
                Substitutions::default()
            }
            Some(part) => Substitutions::parse(part.name, part.bytes, &mut self.lines.problems),
            None => Substitutions::default(),
        }
    }

    /// Puts the lines in order.
    pub(super) fn finish(self) -> FileContexts {
        let generation = self.generation.unwrap_or_default();
        let Lines { arena, files, all, mut problems } = self.lines;
        let mut literals = Vec::with_capacity(arena.len());
        let (mut records, mut nones) = (Vec::with_capacity(all.len()), Vec::new());
        let mut index = Index::default();
        for (line, has_meta) in in_order(all, &arena, generation) {
            match Record::new(line, &arena, generation, has_meta, &mut literals) {
                Ok((record, folder)) => {
                    index.add(&literals, folder);
                    if record.is_none {
                        nones.push(records.len());
                    }
                    records.push(record);
                }
                Err(why) => {
                    let name = files.get(usize::from(line.file)).map_or("", String::as_str);
                    let regex = problem::shown(line.regex.of(&arena));
                    let reason = ProblemReason::Expression { regex, why: why.to_string() };
                    problems.add(name, line.number, reason);
                }
            }
        }
        let (subs_dist, subs) = (self.subs_dist, self.subs);
        FileContexts { generation, arena, literals, files, records, nones, index, subs_dist, subs, problems }
    }
}

/// Lines in ascending order of precedence, each with whether it has special signs: plain paths are behind all others.
fn in_order(all: Vec<Line>, arena: &[u8], generation: Generation) -> impl Iterator<Item = (Line, bool)> {
    let (mut meta, mut plain): (Vec<Line>, Vec<Line>) =
        all.into_iter().partition(|line| generation.has_meta(line.regex.of(arena)));
    if generation == Generation::Tree {
        // Compiled files give them node by node.
        meta.sort_by_key(|line| (line.file, line.number));
        // Of plain paths that are the same the first one of a file decides, and that of the last file.
        plain.reverse();
        plain.sort_by_key(|line| line.file);
    }
    let meta = meta.into_iter().map(|line| (line, true));
    meta.chain(plain.into_iter().map(|line| (line, false)))
}
