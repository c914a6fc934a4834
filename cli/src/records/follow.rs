//! Waits for what is logged from now on: the end of a file, which may be rotated away; the journal; what is piped in.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use audit::Reader;

use super::source::{Journal, Source, refuse_directory, sources};
use super::{BUFFER, Collected};

/// Between two looks at a file, and before an event counts as over: its records are written together.
const PAUSE: Duration = Duration::from_millis(250);

/// Rotated files among which ours is looked for: auditd keeps five unless it is told otherwise.
const MOST_ROTATED: u32 = 99;

/// What a record changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A story began: its position.
    Story(usize),
    /// A story came up again.
    Again(usize),
    /// A refusal came up first: its position.
    Refusal(usize),
}

/// Lets something run beside the rest.
fn start(reading: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    thread::Builder::new().spawn(reading).map(drop).context("cannot start a thread to read")
}

/// Reads what comes, and calls `changed` with all that was read so far and with what changed, until the input ends; logs do
/// not end.
///
/// # Errors
/// What cannot be opened or read; those of `changed`.
pub(crate) fn follow(
    inputs: &[String],
    mut changed: impl FnMut(&Collected, &[Change]) -> anyhow::Result<()>,
) -> anyhow::Result<Collected> {
    let mut sources: Vec<Source> = sources(inputs).into_iter().collect::<anyhow::Result<_>>()?;
    let (Some(source), true) = (sources.pop(), sources.is_empty()) else {
        return Err(anyhow!("`--follow` follows one log"));
    };
    let label = source.label();
    let (sender, receiver) = mpsc::sync_channel(16);
    match source {
        Source::File(path) => {
            let tail = Tail::at_the_end(path).with_context(|| format!("cannot open {label}"))?;
            refuse_directory(&tail.file, &tail.path)?;
            start(move || tail.send_to(&sender))?;
        }
        Source::Journal => {
            let journal = Journal::start(&["--follow", "--lines=0"])?;
            start(move || send_all(journal, &sender))?;
        }
        source @ (Source::Stdin | Source::Text(_)) => {
            let input = source.open()?;
            start(move || send_all(input, &sender))?;
        }
    }
    let mut collected = Collected::default();
    collected.unread.sources.push(label.clone());
    let mut reader = Reader::new();
    let mut lines = Lines::default();
    loop {
        let mut changes = Vec::new();
        let received = receiver.recv_timeout(PAUSE);
        let mut take = |item| changes.extend(collected.take(item));
        match &received {
            Ok(Ok(bytes)) => lines.push(bytes, |line| reader.push(line, &mut take)),
            Ok(Err(_)) | Err(RecvTimeoutError::Timeout) => reader.flush(&mut take),
            Err(RecvTimeoutError::Disconnected) => {
                lines.finish(|line| reader.push(line, &mut take));
                reader.finish(&mut take);
            }
        }
        collected.unread.counts = reader.counts();
        if !changes.is_empty() {
            changed(&collected, &changes)?;
        }
        match received {
            Ok(Ok(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Err(error)) => return Err(error).with_context(|| format!("cannot read {label}")),
            Err(RecvTimeoutError::Disconnected) => return Ok(collected),
        }
    }
}

/// Bytes as they come, cut into lines.
#[derive(Debug, Default)]
struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, tail) = rest.split_at(at);
            self.extend(line);
            take(&self.begun);
            self.begun.clear();
            rest = tail.get(1..).unwrap_or_default();
        }
        self.extend(rest);
    }

    fn finish(&mut self, mut take: impl FnMut(&[u8])) {
        if !self.begun.is_empty() {
            take(&self.begun);
            self.begun.clear();
        }
    }

    /// A line without an end grows no further than a reader would look.
    fn extend(&mut self, bytes: &[u8]) {
        let room = audit::MAX_LINE.saturating_add(1).saturating_sub(self.begun.len());
        self.begun.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

type Chunk = io::Result<Vec<u8>>;

/// Sends an input to its end.
fn send_all(mut input: impl Read, sender: &SyncSender<Chunk>) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let chunk = match input.read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => Ok(buffer.get(..n).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        if sender.send(chunk).is_err() || failed {
            return;
        }
    }
}

/// The end of a file that others append to.
struct Tail {
    path: PathBuf,
    file: File,
    position: u64,
}

impl Tail {
    fn at_the_end(path: PathBuf) -> io::Result<Self> {
        let mut file = File::open(&path)?;
        let position = file.seek(SeekFrom::End(0))?;
        Ok(Tail { path, file, position })
    }

    fn send_to(mut self, sender: &SyncSender<Chunk>) {
        loop {
            let mut bytes = Vec::new();
            let chunk = match self.file.by_ref().take(1 << 20).read_to_end(&mut bytes) {
                Ok(0) => {
                    if !self.reopened() {
                        thread::sleep(PAUSE);
                    }
                    continue;
                }
                Ok(n) => {
                    self.position = self.position.saturating_add(n as u64);
                    Ok(bytes)
                }
                Err(error) => Err(error),
            };
            let failed = chunk.is_err();
            if sender.send(chunk).is_err() || failed {
                return;
            }
        }
    }

    /// Opens the next file, if another stands in its place, or itself from its beginning, if it was cut.
    fn reopened(&mut self) -> bool {
        let (Ok(now), Ok(ours)) = (Path::new(&self.path).metadata(), self.file.metadata()) else {
            // Between rotating away and making a new one there is none.
            return false;
        };
        let is_ours = |other: &Metadata| other.ino() == ours.ino() && other.dev() == ours.dev();
        if is_ours(&now) && now.len() >= self.position {
            return false;
        }
        let next = if is_ours(&now) { self.path.clone() } else { self.after(is_ours) };
        match File::open(next) {
            Ok(file) => {
                (self.file, self.position) = (file, 0);
                true
            }
            Err(_) => false,
        }
    }

    /// What was begun after our file was rotated away: where it is `audit.log.3` by now, `audit.log.2`.
    fn after(&self, is_ours: impl Fn(&Metadata) -> bool) -> PathBuf {
        let rotated = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        let ours =
            (2..=MOST_ROTATED).find(|&number| rotated(number).metadata().is_ok_and(|other| is_ours(&other)));
        ours.map_or_else(|| self.path.clone(), |number| rotated(number.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn bytes_are_cut_into_lines_wherever_they_are_parted() {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for part in ["one\ntw", "o", "\n\nthr", "ee"] {
            lines.push(part.as_bytes(), |line| found.push(line.to_vec()));
        }
        lines.finish(|line| found.push(line.to_vec()));
        assert_eq!(found, [&b"one"[..], b"two", b"", b"three"]);
    }

    #[test]
    fn a_line_without_end_is_bounded() {
        let mut lines = Lines::default();
        for _ in 0..40 {
            lines.push(&[b'x'; 1 << 16], |_| {});
        }
        assert_eq!(lines.begun.len(), audit::MAX_LINE + 1);
    }
}
