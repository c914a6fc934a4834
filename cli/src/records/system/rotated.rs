//! The files of a log: the one that is written to, and those that it was before it was rotated.
//!
//! auditd numbers them (`audit.log.1`); logrotate numbers or dates them (`messages-20251127`, `messages-20251127.gz`), before the
//! ending where it is told to (`audit-20251127.log`), in any form. So no name tells how old a file is: its first record does, and
//! when it was last written to. Source: auditd.conf(5), logrotate.conf(5): `dateext`, `dateformat`, `extension`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Files of a log that are read: auditd keeps five unless it is told otherwise, and some rotate hourly.
const MOST_FILES: usize = 1024;
/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 100_000;
/// Bytes that are read of all files of a log, as they will be once they are decompressed.
const MOST_BYTES: u64 = 2 << 30;
/// How much compressed text comes to, at most times.
const EXPANSION: u64 = 12;
/// Bytes of a log in which its first record stands.
const BEGINNING: u64 = 4096;
/// Bytes in which something else than text gives itself away.
const TELLING: usize = 64;
/// What a file that is no text begins with, and still looks like it: compress, LZ4, LZO.
const UNREAD: [&[u8]; 3] = [b"\x1f\x9d", b"\x04\x22\x4d\x18", b"\x89LZO"];

/// A file of a log.
pub(super) struct LogFile {
    pub(super) path: PathBuf,
    /// The same, opened: another may have its name by now.
    pub(super) file: File,
    /// What it begins with, decompressed.
    pub(super) start: Vec<u8>,
    /// When it was begun, in seconds since the epoch, if that tells.
    pub(super) begins: Option<i64>,
}

/// The files of a log that tell of the time since the system was started.
pub(super) struct LogFiles {
    /// Oldest first.
    pub(super) files: Vec<LogFile>,
    /// Whether there are some that were last written to before that.
    pub(super) has_older: bool,
    /// What should be read of them and cannot be.
    pub(super) unread: Option<String>,
}

/// Finds the files of a log that were written to since a time. `begins` says when a file was begun, by its first bytes, if they tell.
///
/// # Errors
/// The log itself cannot be read; or it is not there, nor are others of it.
pub(super) fn log_files(
    log: &Path,
    since: i64,
    begins: impl Fn(&[u8], &File) -> Option<i64>,
) -> io::Result<LogFiles> {
    let mut seen = HashSet::new();
    let mut files = LogFiles { files: Vec::new(), has_older: false, unread: None };
    let mut main = match host::open_kept(log) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut room = MOST_BYTES;
    if let Some(file) = &main {
        let metadata = file.metadata()?;
        seen.insert((metadata.dev(), metadata.ino()));
        room = room.saturating_sub(metadata.len());
        if metadata.mtime() < since {
            files.has_older = true;
            main = None;
        }
    }
    let others = others(log, &mut files.unread);
    if others.is_empty() && seen.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut found: Vec<(i64, u64, LogFile)> = Vec::new();
    let mut numbers = Numbers::default();
    for (path, is_rotated) in others {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        numbers.add(log, &name);
        match opened(&path, since, &mut seen, &begins) {
            Ok(Opened::Read(written, length, mut file)) if is_rotated || file.begins.is_some() => {
                numbers.read(log, &name);
                let age = file.begins.unwrap_or(written);
                // Somebody's copy says nothing of what was taken away since.
                file.begins = file.begins.filter(|_| is_rotated);
                found.push((age, length, file));
            }
            Ok(Opened::Older) => files.has_older = true,
            Ok(Opened::Read(..) | Opened::Known) => {}
            // What only looks like one may be anything.
            Err(error) if is_rotated => {
                files.unread.get_or_insert(format!("{name}: {error}"));
            }
            Err(_) => {}
        }
    }
    if let Some(number) = numbers.missing() {
        let name = log.file_name().unwrap_or_default().to_string_lossy();
        files.unread.get_or_insert(format!("there is no {name}.{number}, and older ones are"));
    }
    found.sort_by_key(|(age, ..)| *age);
    let fits = |(_, length, _): &(i64, u64, LogFile)| {
        let left = room.checked_sub(*length);
        room = left.unwrap_or(0);
        left.is_some()
    };
    let n_read = found.iter().rev().map(fits).take(MOST_FILES).take_while(|fits| *fits).count();
    let n_left = found.len().saturating_sub(n_read);
    if let Some((_, _, oldest)) = n_left.checked_sub(1).and_then(|last| found.get(last)) {
        let name = oldest.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.unread = Some(format!("{name} and what is older: there is too much of it"));
    }
    files.files = found.into_iter().skip(n_left).map(|(.., file)| file).collect();
    if let Some(file) = main {
        let start = beginning(&file)?;
        files.files.push(LogFile { path: log.to_owned(), begins: begins(&start, &file), start, file });
    }
    Ok(files)
}

/// The numbers of rotated files: where one is missing below one that was read, a file was taken away.
#[derive(Default)]
struct Numbers {
    all: HashSet<u32>,
    oldest_read: u32,
}

impl Numbers {
    fn number(log: &Path, name: &str) -> Option<u32> {
        let base = log.file_name()?.to_string_lossy().into_owned();
        let behind = name.strip_prefix(&base)?.strip_prefix('.')?;
        let digits = behind.split('.').next().filter(|digits| digits.len() < 5)?;
        digits.parse().ok()
    }

    fn add(&mut self, log: &Path, name: &str) {
        self.all.extend(Self::number(log, name));
    }

    fn read(&mut self, log: &Path, name: &str) {
        self.oldest_read = self.oldest_read.max(Self::number(log, name).unwrap_or(0));
    }

    fn missing(&self) -> Option<u32> {
        (1..self.oldest_read).find(|number| !self.all.contains(number))
    }
}

/// What became of a file that may be one of a log.
enum Opened {
    /// When it was last written to, about how long its text is, and the file.
    Read(i64, u64, LogFile),
    /// Nothing was written to it since the system was started.
    Older,
    /// It is there under another name, or empty, or has just gone.
    Known,
}

fn opened(
    path: &Path,
    since: i64,
    seen: &mut HashSet<(u64, u64)>,
    begins: impl Fn(&[u8], &File) -> Option<i64>,
) -> io::Result<Opened> {
    let file = match host::open_kept(path) {
        Ok(file) => file,
        // It was rotated once more; but a link stays.
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            return Ok(Opened::Known);
        }
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !seen.insert((metadata.dev(), metadata.ino())) || metadata.len() == 0 {
        return Ok(Opened::Known);
    }
    if metadata.mtime() < since {
        return Ok(Opened::Older);
    }
    let start = beginning(&file)?;
    let telling = start.get(..TELLING).unwrap_or(&start);
    if UNREAD.iter().any(|magic| start.starts_with(magic)) || telling.iter().any(|byte| *byte < 8) {
        return Err(io::Error::other("it is no text, nor compressed in a way that is read here"));
    }
    let is_compressed = start.len() as u64 == BEGINNING && is_compressed(&file)?;
    let length = metadata.len().saturating_mul(if is_compressed { EXPANSION } else { 1 });
    let begins = begins(&start, &file);
    Ok(Opened::Read(metadata.mtime(), length, LogFile { path: path.to_owned(), file, start, begins }))
}

fn is_compressed(file: &File) -> io::Result<bool> {
    let mut start = [0; 8];
    let n = std::os::unix::fs::FileExt::read_at(file, &mut start, 0)?;
    Ok(package::format(start.get(..n).unwrap_or_default()) != package::Format::Other)
}

/// The first bytes of a log, decompressed; the file stands at its beginning afterwards.
///
/// # Errors
/// They cannot be read, or a damaged stream begins with them.
fn beginning(mut file: &File) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    package::decompressing(BufReader::new(file))?.take(BEGINNING).read_to_end(&mut start)?;
    io::Seek::rewind(&mut file)?;
    Ok(start)
}

/// What may be a log's other files, by name, and whether the name says so: by a number or a date.
fn others(log: &Path, unread: &mut Option<String>) -> Vec<(PathBuf, bool)> {
    let folder = log.parent().unwrap_or(Path::new("/"));
    let base = log.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            *unread = Some(format!("which logs are older cannot be seen: {error}"));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (at, entry) in entries.enumerate() {
        if at >= MOST_ENTRIES {
            *unread = Some(format!("the folder has more than {MOST_ENTRIES} files"));
            break;
        }
        let Ok(name) = entry.map(|entry| entry.file_name()) else { continue };
        if let Some(is_rotated) = is_part(&base, &name.to_string_lossy()) {
            found.push((folder.join(name), is_rotated));
        }
    }
    found.sort_unstable();
    found
}

/// Whether a file may be one that a log was before; true if its name says so, nothing if it cannot be one.
fn is_part(base: &str, name: &str) -> Option<bool> {
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let behind = name.strip_prefix(base).or_else(|| name.strip_prefix(stem))?;
    let behind = behind.strip_prefix(['.', '-', '_'])?;
    Some(behind.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn names_say_what_may_be_a_part() {
        for name in
            ["audit.log.1", "audit.log.2.gz", "audit.log-20251126", "audit-20251126.log.xz", "audit.log_1"]
        {
            assert_eq!(is_part("audit.log", name), Some(true), "{name}");
        }
        assert_eq!(is_part("messages", "messages-26112025"), Some(true));
        for name in ["audit.log.bak", "audit-old.log", "audit.log.offset"] {
            assert_eq!(is_part("audit.log", name), Some(false), "{name}");
        }
        for name in ["auditing", "messages2", "xaudit.log.1"] {
            assert_eq!(is_part("audit.log", name), None, "{name}");
        }
    }

    /// A folder with files, and when each was last written to.
    fn folder(files: &[(&str, &[u8], u64)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes, written) in files {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(*written)).unwrap();
        }
        folder
    }

    /// A log whose files begin with a number: when they were begun.
    fn files_in(folder: &tempfile::TempDir, since: i64) -> (Vec<String>, bool, Option<String>) {
        let begins = |start: &[u8], _: &File| String::from_utf8_lossy(start).trim().parse().ok();
        let found = log_files(&folder.path().join("a.log"), since, begins).unwrap();
        let name = |file: &LogFile| file.path.file_name().unwrap().to_str().unwrap().to_owned();
        (found.files.iter().map(name).collect(), found.has_older, found.unread)
    }

    #[test]
    fn what_was_written_since_is_read_in_the_order_of_its_beginning() {
        let all: [(&str, &[u8], u64); 6] = [
            ("a.log", b"300", 400),
            ("a.log-26112025", b"200", 300),
            ("a.log.1.gz", b"100", 200),
            ("a.log-201048", b"50", 100),
            ("a.log.old", b"250", 300),
            ("a.log.offset", b"something else", 400),
        ];
        let (names, has_older, unread) = files_in(&folder(&all), 150);
        assert_eq!(names, ["a.log.1.gz", "a.log-26112025", "a.log.old", "a.log"], "text, whatever its name");
        assert_eq!((has_older, unread), (true, None));
        assert_eq!(files_in(&folder(&all), 0).0.len(), 5);
        // One was taken away.
        let gone: [(&str, &[u8], u64); 2] = [("a.log", b"300", 400), ("a.log.2", b"200", 300)];
        assert_eq!(
            files_in(&folder(&gone), 150).2.as_deref(),
            Some("there is no a.log.1, and older ones are")
        );
        // So was the one that is written to.
        let rotated: [(&str, &[u8], u64); 1] = [("a.log.1", b"200", 300)];
        assert_eq!(files_in(&folder(&rotated), 150).0, ["a.log.1"]);
        assert_eq!(files_in(&folder(&rotated), 350), (vec![], true, None));
        // A copy of long ago hides nothing.
        let copied: [(&str, &[u8], u64); 3] =
            [("a.log", b"300", 400), ("a.log-20200101", b"1", 2), ("a.log.1", b"200", 300)];
        assert_eq!(files_in(&folder(&copied), 250).0, ["a.log.1", "a.log"]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let unread = |name: &str, bytes: &[u8]| {
            let folder = folder(&[("a.log", b"9", 9), (name, bytes, 9), ("a.log-9", b"1", 9)]);
            let (names, _, unread) = files_in(&folder, 5);
            assert_eq!(names, ["a.log-9", "a.log"], "what is older is read all the same");
            unread.unwrap_or_default()
        };
        assert!(unread("a.log.1.gz", b"\x1f\x8b\x08 nothing").starts_with("a.log.1.gz: "));
        assert!(unread("a.log.1.lz4", b"\x04\x22\x4d\x18 text").contains("no text"));
        assert!(unread("a.log-2026-11.Z", b"\x1f\x9d text").contains("no text"));
        assert!(unread("a.log.1", b"\0\0\0").contains("no text"));
        let folder = folder(&[("a.log", b"9", 9)]);
        fs::create_dir(folder.path().join("a.log.2")).unwrap();
        assert_eq!(files_in(&folder, 5).2.as_deref(), Some("a.log.2: it is a directory"));
        fs::remove_dir(folder.path().join("a.log.2")).unwrap();
        symlink("/proc/self/status", folder.path().join("a.log.2")).unwrap();
        assert!(files_in(&folder, 5).2.unwrap().contains("what the kernel shows"));
        fs::remove_file(folder.path().join("a.log.2")).unwrap();
        symlink("nowhere", folder.path().join("a.log.2")).unwrap();
        assert!(files_in(&folder, 5).2.is_some());
        fs::remove_file(folder.path().join("a.log.2")).unwrap();
        symlink("a.log", folder.path().join("a.log.2")).unwrap();
        assert_eq!(files_in(&folder, 5), (vec!["a.log".to_owned()], false, None));
        let begins = |_: &[u8], _: &File| None;
        assert!(log_files(&folder.path().join("b.log"), 0, begins).is_err());
    }
}
