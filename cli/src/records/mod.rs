//! Audit records from wherever people have them: files, rotated and compressed ones too, standard input, words of the
//! command line, the system's own log.
//!
//! | file | what it does |
//! |---|---|
//! | `source.rs` | what to read, and how it is opened |
//! | `system/` | the log of a system, wherever it keeps what its kernel denies |
//! | `progress.rs` | shows on a terminal how far a long run has come |
//! | `follow.rs` | waits for what is logged from now on |

mod follow;
mod progress;
mod source;
mod system;

use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, anyhow};
use audit::{Counts, Item, Reader, Refusals, Stories, Unreadable};

use crate::status;
pub(crate) use follow::{Change, follow};
use progress::Progress;
pub(crate) use source::leave_standard_input_to_policies;
use source::{Source, sources};
pub(crate) use system::{Missing, SystemLog, SystemRecords, collect_system, own_path};

/// Bytes read at once.
const BUFFER: usize = 1 << 16;
/// Records that cannot be read, of which the reason is kept.
const MOST_UNREADABLE: usize = 20;

/// What was read beside denials.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    /// What looks like a denial and cannot be read: the first few.
    pub(crate) unreadable: Vec<Unreadable>,
    /// Everything counted.
    pub(crate) counts: Counts,
    /// What was read.
    pub(crate) sources: Vec<String>,
    /// What could not be read, or not to its end.
    pub(crate) errors: Vec<String>,
    /// Whether all logs of this boot were looked at.
    pub(crate) is_of_boot: bool,
}

/// Records, merged to stories.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) stories: Stories,
    pub(crate) refusals: Refusals,
    pub(crate) unread: Unread,
}

impl Collected {
    /// Takes an item, and says what it changed.
    fn take(&mut self, item: Item) -> Option<Change> {
        match item {
            Item::Denial(denial) => {
                let known = self.stories.as_slice().len();
                let at = self.stories.add(&denial)?;
                Some(if at < known { Change::Again(at) } else { Change::Story(at) })
            }
            Item::Refusal(refusal) => {
                let known = self.refusals.as_slice().len();
                self.refusals.add(&refusal);
                (self.refusals.as_slice().len() > known).then_some(Change::Refusal(known))
            }
            Item::Unreadable(unreadable) => {
                if self.unread.unreadable.len() < MOST_UNREADABLE {
                    self.unread.unreadable.push(*unreadable);
                }
                None
            }
        }
    }

    /// Reads an input to its end, and takes those items that `takes` says yes to.
    ///
    /// # Errors
    /// It cannot be read to its end; what stands before is taken.
    fn read_if(
        &mut self,
        label: &str,
        input: impl Read,
        mut takes: impl FnMut(&Item) -> bool,
    ) -> anyhow::Result<()> {
        let input = BufReader::with_capacity(BUFFER, input);
        let mut reader = Reader::new();
        let (mut denials, mut refusals, mut unreadable) = (0, 0, 0);
        let mut take = |item: Item| {
            if takes(&item) {
                match item {
                    Item::Denial(_) => denials += 1,
                    Item::Refusal(_) => refusals += 1,
                    Item::Unreadable(_) => unreadable += 1,
                }
                self.take(item);
            }
        };
        let read = reader.read(input, &mut take).with_context(|| format!("cannot read {label} to its end"));
        reader.finish(&mut take);
        // What was left out is not counted.
        self.unread.counts.add(Counts { denials, refusals, unreadable, ..reader.counts() });
        read
    }

    fn has_items(&self) -> bool {
        let has_stories = !self.stories.as_slice().is_empty() || !self.refusals.as_slice().is_empty();
        has_stories || !self.unread.unreadable.is_empty()
    }

    /// Reads a source to its end.
    fn read(&mut self, source: Source, reader: &mut Reader) -> anyhow::Result<()> {
        let label = source.label();
        let progress = Progress::new(source.open()?, &label);
        let input = BufReader::with_capacity(BUFFER, progress);
        let read = reader.read(input, &mut |item| {
            self.take(item);
        });
        read.with_context(|| format!("cannot read {label} to its end"))?;
        self.unread.sources.push(label);
        Ok(())
    }
}

/// Reads what was denied since this system was started, wherever it stands.
///
/// # Errors
/// There is no log, or it may not be read.
pub(crate) fn collect_boot() -> anyhow::Result<Collected> {
    let root = Path::new("/");
    let processes = host::processes(root).unwrap_or_default();
    let records = collect_system(root, host::boot_time(root), &processes).map_err(|error| {
        let help = if host::is_root(root) { "dmesg | sepolq explain" } else { "sudo sepolq explain --boot" };
        anyhow!("{error}\nhelp: `{help}`")
    })?;
    let SystemRecords { mut collected, missing, .. } = records;
    collected.unread.is_of_boot = true;
    let missing = missing.filter(|missing| !missing.is_brief);
    collected
        .unread
        .errors
        .extend(missing.map(|missing| format!("there may have been more: {}", missing.why)));
    Ok(collected)
}

/// Reads everything that the words name; see [`sources`]. What cannot be read does not keep the rest from being answered.
///
/// # Errors
/// Nothing that was named can be read.
pub(crate) fn collect(inputs: &[String]) -> anyhow::Result<Collected> {
    let mut collected = Collected::default();
    let mut reader = Reader::new();
    let mut errors = Vec::new();
    for source in sources(inputs) {
        errors.extend(source.and_then(|source| collected.read(source, &mut reader)).err());
        // Records of one event do not span files.
        reader.flush(&mut |item| {
            collected.take(item);
        });
    }
    reader.finish(&mut |item| {
        collected.take(item);
    });
    collected.unread.counts = reader.counts();
    let is_answered = !collected.unread.sources.is_empty() || collected.has_items();
    match errors.pop() {
        Some(last) if !is_answered => {
            errors.iter().for_each(|error| status::error(&status::message(error)));
            Err(last)
        }
        last => {
            collected.unread.errors = errors.iter().chain(&last).map(status::message).collect();
            Ok(collected)
        }
    }
}
