//! What several logs have, each event once: a record may be in two of them, and in a file and its copy.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use audit::{EventTime, Field, Item};

use super::auditd;
use super::own_path;
use super::rotated::LogFile;
use super::sifted::Sifted;
use crate::records::{BUFFER, Collected};

/// Bytes that are read of a file: auditd rotates at 8 MiB, unless it is told otherwise.
pub(super) const LARGEST: u64 = 256 << 20;
/// Bytes that are read of all logs: what is compressed may be a bomb.
const MOST_READ: u64 = 2 << 30;

/// A record: the stamp of its event, and what it says, hashed.
type EventId = u64;

/// Events of which it is remembered that they were in a log: more denials than that are no longer counted one by one.
const MOST_KNOWN: usize = 1 << 20;

/// What several logs have.
pub(super) struct Merged {
    pub(super) collected: Collected,
    /// Events of the files before this one.
    known: HashSet<EventId>,
    /// Those of this one.
    fresh: Vec<EventId>,
    hasher: RandomState,
    /// Bytes that may still be read.
    room: u64,
}

/// What a record says of who was denied what.
fn said(item: &Item) -> String {
    match item {
        Item::Denial(denial) => {
            let permissions: Vec<String> = denial.permissions.iter().map(ToString::to_string).collect();
            let name = denial.fields.get(Field::Name);
            format!("{} {} {} {permissions:?} {name:?}", denial.scontext, denial.tcontext, denial.tclass)
        }
        Item::Refusal(refusal) => format!("{:?}", refusal.kind),
        Item::Unreadable(_) => String::new(),
    }
}

impl Merged {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Merged {
            collected: Collected::default(),
            known: HashSet::new(),
            fresh: Vec::new(),
            hasher: RandomState::new(),
            room: MOST_READ,
        }
    }

    /// Reads a file or what is one, but for what was before a time and what another had.
    ///
    /// # Errors
    /// It cannot be read to its end.
    pub(super) fn read(&mut self, label: &str, input: impl Read, since: i64) -> anyhow::Result<()> {
        let Merged { collected, known, fresh, hasher, .. } = self;
        let read = collected.read_if(label, input, |item| {
            let origin = match item {
                Item::Denial(denial) => &denial.origin,
                Item::Refusal(refusal) => &refusal.origin,
                Item::Unreadable(unreadable) => {
                    let time = auditd::time(unreadable.start.as_bytes());
                    return time.is_none_or(|time| time >= since);
                }
            };
            // A record without a time may be of any.
            let Some(EventTime::Epoch { seconds, millis }) = origin.time else { return true };
            let Some(serial) = origin.serial.filter(|_| seconds >= since) else { return seconds >= since };
            // An event has several of them.
            let id = hasher.hash_one((seconds, millis, serial, said(item)));
            if fresh.len().saturating_add(known.len()) < MOST_KNOWN {
                fresh.push(id);
            }
            !known.contains(&id)
        });
        known.extend(fresh.drain(..));
        read
    }

    /// Reads the lines of a log's files that `takes` says yes to; of an enormous file the end.
    ///
    /// # Errors
    /// What could not be read of it; the rest is.
    pub(super) fn read_files(
        &mut self,
        root: &Path,
        files: Vec<LogFile>,
        since: i64,
        mut takes: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), String> {
        let mut error = None;
        for file in files {
            let name = own_path(root, &file.path).display().to_string();
            match self.read_file(file.file, &name, since, &mut takes) {
                Ok(None) => {}
                Ok(Some(why)) => error = Some(format!("{name} {why}")),
                Err(why) => error = Some(format!("{name}: {}", why.root_cause())),
            }
        }
        error.map_or(Ok(()), Err)
    }

    /// Reads a file; if only a part of it was, which.
    fn read_file(
        &mut self,
        mut file: File,
        name: &str,
        since: i64,
        takes: impl FnMut(&[u8]) -> bool,
    ) -> anyhow::Result<Option<&'static str>> {
        let skipped = file.metadata()?.len().saturating_sub(LARGEST);
        file.seek(SeekFrom::Start(skipped))?;
        // It may grow meanwhile.
        let mut input = BufReader::with_capacity(BUFFER, file.take(LARGEST));
        // What was skipped is no loss if it was before.
        let is_late = skipped > 0 && auditd::time(input.fill_buf()?).is_none_or(|time| time > since);
        let most = self.room.min(LARGEST);
        let unpacked = package::decompressing(input)?.take(most.saturating_add(1));
        let mut input = BufReader::with_capacity(BUFFER, unpacked);
        let read = self.read(name, Sifted::new(&mut input, takes), since);
        let left = input.into_inner().limit();
        self.room = self.room.saturating_sub(most.saturating_add(1).saturating_sub(left));
        read?;
        Ok(match (is_late, left) {
            (_, 0) => Some("is too long unpacked: its beginning was read"),
            (true, _) => Some("has more than 256 MiB, of which the end was read"),
            _ => None,
        })
    }
}
