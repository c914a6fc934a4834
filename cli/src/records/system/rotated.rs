//! The files of a log: the one that is written to, and those that it was before it was rotated.
//!
//! auditd numbers them (`audit.log.1`); logrotate numbers or dates them (`messages-20251127`, `messages-20251127.gz`), before the
//! ending where it is told to (`audit-20251127.log`). Source: auditd.conf(5), logrotate.conf(5): `dateext`, `dateformat`, `extension`.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Files of a log that are read: auditd keeps five unless it is told otherwise, and some rotate daily.
const MOST_FILES: usize = 64;
/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 10_000;
/// Bytes that are read of all files of a log, as they will be once they are decompressed.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes of a log in which its first record stands.
pub(super) const BEGINNING: u64 = 4096;
/// How much compressed text comes to, at most times.
const EXPANSION: u64 = 12;
/// What is decompressed, by the ending of a name; its first bytes decide in the end.
const COMPRESSED: [&str; 5] = [".gz", ".xz", ".zst", ".bz2", ".Z"];

/// The files of a log that tell of the time since the system was started.
pub(super) struct LogFiles {
    /// Oldest first; the last is the one that is written to.
    pub(super) paths: Vec<PathBuf>,
    /// Whether they begin before the system was started.
    pub(super) reach_back: bool,
    /// What should be read of them and cannot be.
    pub(super) unread: Option<String>,
}

/// Finds the files of a log, from the newest back to the first that was begun before a time. `begins` says when a file was begun,
/// by its first bytes, if they tell.
///
/// # Errors
/// The log itself cannot be read.
pub(super) fn log_files(
    log: &Path,
    since: i64,
    begins: impl Fn(&[u8], &File) -> Option<i64>,
) -> io::Result<LogFiles> {
    let mut files = LogFiles { paths: Vec::new(), reach_back: false, unread: None };
    let mut bytes: u64 = 0;
    for path in std::iter::once(log.to_owned()).chain(older(log)) {
        let name = || path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = match host::open_regular(&path) {
            Ok(file) => file,
            Err(error) if files.paths.is_empty() => return Err(error),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                files.unread = Some(format!("{}: {error}", name()));
                continue;
            }
        };
        let metadata = file.metadata()?;
        let is_newest = files.paths.is_empty();
        if !is_newest && metadata.mtime() < since {
            files.reach_back = true;
            break;
        }
        let is_compressed = COMPRESSED.iter().any(|ending| name().ends_with(ending));
        bytes =
            bytes.saturating_add(metadata.len().saturating_mul(if is_compressed { EXPANSION } else { 1 }));
        if !is_newest && (files.paths.len() >= MOST_FILES || bytes > MOST_BYTES) {
            files.unread = Some(format!("{} and what is older: there is too much of it", name()));
            break;
        }
        let start = match beginning(&file) {
            Ok(start) => start,
            Err(error) => {
                files.unread = Some(format!("{}: {error}", name()));
                continue;
            }
        };
        files.paths.push(path);
        if begins(&start, &file).is_some_and(|begins| begins <= since) {
            files.reach_back = true;
            break;
        }
    }
    files.paths.reverse();
    Ok(files)
}

/// The first bytes of a log, decompressed.
///
/// # Errors
/// They cannot be read, or a damaged stream begins with them.
pub(super) fn beginning(file: &File) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    package::decompressing(BufReader::new(file.try_clone()?))?.take(BEGINNING).read_to_end(&mut start)?;
    Ok(start)
}

/// What a log was before, by name, newest first.
fn older(log: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = log.parent().unwrap_or(Path::new("/")).to_owned();
    let base = log.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let entries = fs::read_dir(&folder).into_iter().flatten().take(MOST_ENTRIES);
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut found: Vec<(Age, String)> = names.filter_map(|name| Some((age(&base, &name)?, name))).collect();
    found.sort_unstable();
    found.into_iter().map(move |(_, name)| folder.join(name))
}

/// What a name says of how old a file is; less is younger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// By a date: a later one is younger.
    Date(std::cmp::Reverse<String>),
    /// By a number. Who changes from one to the other goes over to dates.
    Number(u64),
}

/// How old a file is that a log was before; nothing if it is something else.
fn age(base: &str, name: &str) -> Option<Age> {
    let name = COMPRESSED.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let behind = name.strip_prefix(base).or_else(|| {
        let (stem, ending) = base.rsplit_once('.')?;
        name.strip_prefix(stem)?.strip_suffix(ending)?.strip_suffix('.')
    });
    let number = behind?.strip_prefix(['.', '-', '_'])?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match number {
        short if is_number(short) && short.len() < 8 => short.parse().ok().map(Age::Number),
        // 20251127, 2025-11-27, 20251127-1764201600, 20251127T0300.
        long if long.starts_with(|first: char| first.is_ascii_digit()) => {
            let is_date =
                long.len() >= 8 && long.bytes().all(|byte| byte.is_ascii_digit() || b"-_.:T".contains(&byte));
            is_date.then(|| Age::Date(std::cmp::Reverse(long.to_owned())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn names_say_how_old_a_file_is() {
        let names = |base: &str, names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                fs::write(folder.path().join(name), "").unwrap();
            }
            let found: Vec<String> = older(&folder.path().join(base))
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            found
        };
        assert_eq!(
            names(
                "audit.log",
                &["audit.log", "audit.log.10", "audit.log.2.gz", "audit.log.1", "audit.log.bak"]
            ),
            ["audit.log.1", "audit.log.2.gz", "audit.log.10"]
        );
        assert_eq!(
            names(
                "messages",
                &["messages-20251126.zst", "messages-20251127", "messages-x", "messages.1", "messages2"]
            ),
            ["messages-20251127", "messages-20251126.zst", "messages.1"]
        );
        assert_eq!(
            names(
                "audit.log",
                &[
                    "audit-20251126.log.xz",
                    "audit-2025-11-27.log",
                    "audit-old.log",
                    "audit.log-20251128-1764201600"
                ]
            ),
            ["audit.log-20251128-1764201600", "audit-20251126.log.xz", "audit-2025-11-27.log"],
        );
    }

    /// A log whose files begin with a number: when they were begun.
    fn files(files: &[(&str, &str, u64)], since: i64) -> (Vec<String>, bool, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, written) in files {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(*written)).unwrap();
        }
        let begins = |start: &[u8], _: &File| String::from_utf8_lossy(start).trim().parse().ok();
        let found = log_files(&folder.path().join("a.log"), since, begins).unwrap();
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        (found.paths.iter().map(name).collect(), found.reach_back, found.unread)
    }

    #[test]
    fn logs_are_read_back_to_the_boot() {
        let all =
            [("a.log", "300", 400), ("a.log.1", "200", 300), ("a.log.2", "100", 200), ("a.log.3", "50", 100)];
        let names = |since: i64| (files(&all, since).0, files(&all, since).1);
        assert_eq!(names(350), (vec!["a.log".to_owned()], true));
        assert_eq!(names(250), (vec!["a.log.1".to_owned(), "a.log".to_owned()], true));
        assert_eq!(names(10).0.len(), 4);
        assert!(!names(10).1);
        // What does not say when it begins is judged by when the next older one was written to.
        let silent = [("a.log", "x", 400), ("a.log-20251127", "x", 300), ("a.log-20251126", "x", 200)];
        let (found, reach_back, unread) = files(&silent, 250);
        assert_eq!((found.len(), reach_back, unread), (2, true, None));
        let (found, reach_back, _) = files(&silent, 150);
        assert_eq!((found.len(), reach_back), (3, false));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_hides_no_older_one() {
        let (found, reach_back, unread) =
            files(&[("a.log", "9", 9), ("a.log.1.xz", "\u{fd}", 9), ("a.log.2", "1", 9)], 5);
        assert_eq!((found.len(), reach_back, unread), (3, true, None), "it is text, whatever its name is");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.log"), "").unwrap();
        fs::write(folder.path().join("a.log.1.gz"), b"\x1f\x8b\x08 nothing").unwrap();
        fs::create_dir(folder.path().join("a.log.2")).unwrap();
        let found = log_files(&folder.path().join("a.log"), 0, |_, _| None).unwrap();
        assert_eq!(found.unread.as_deref(), Some("a.log.2: it is a directory"));
        assert!(log_files(&folder.path().join("b.log"), 0, |_, _| None).is_err());
    }
}
