//! The log of a system, wherever it keeps what its kernel denies: auditd's, else the journal, else the kernel's own log, else what a
//! syslog daemon wrote.
//!
//! auditd takes the kernel's records; without it they go to the kernel's log, which journald and syslog daemons read. A log that
//! nobody has written to since the system was started has nothing to say about it.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::Collected;
use super::source::{Journal, SYSTEM_LOG, Source, decompressed};

/// Where syslog daemons put what the kernel says.
const SYSLOGS: [&str; 3] = ["/var/log/kern.log", "/var/log/messages", "/var/log/syslog"];
/// Rotated logs that are looked at: auditd keeps five, unless it is told otherwise.
const MOST_ROTATED: u32 = 16;
/// Bytes of a log in which its first record stands.
const BEGINNING: u64 = 4096;
/// Bytes that are read of a log: auditd rotates at 8 MiB, unless it is told otherwise.
const LARGEST: u64 = 256 << 20;
/// Bytes in which a syslog daemon that writes down what the kernel says has done so; and how many are looked at together.
const MOST_LOOKED_THROUGH: u64 = 64 << 20;
const CHUNK: usize = 1 << 16;

/// Which log it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SystemLog {
    /// auditd's.
    #[default]
    Audit,
    /// The journal of this boot.
    Journal,
    /// The kernel's own.
    Kernel,
    /// A syslog daemon's.
    Syslog,
}

/// What the log of a system has.
pub(crate) struct SystemRecords {
    pub(crate) collected: Collected,
    pub(crate) log: SystemLog,
    /// Why there may have been more, if there may.
    pub(crate) missing: Option<&'static str>,
}

/// Reads what the log of the system below `root` has since a time.
///
/// # Errors
/// There is no log, or it may not be read: what was looked for, and why it is none.
pub(crate) fn collect_system(root: &Path, since: i64) -> anyhow::Result<SystemRecords> {
    let mut reasons = Vec::new();
    let audit = root.join(SYSTEM_LOG.trim_start_matches('/'));
    let is_audit_stale = match host::open_regular(&audit) {
        Ok(file) if is_written_since(&file, since) => return files(root, &audit, SystemLog::Audit, since),
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(anyhow!("only root may read {SYSTEM_LOG}"));
        }
        Err(error) => {
            reasons.push(refusal(SYSTEM_LOG, &error));
            false
        }
    };
    let mut overwritten = None;
    if root == Path::new("/") {
        match journal(since) {
            Ok(records) => return Ok(records),
            Err(why) => reasons.push(why.to_owned()),
        }
        match host::kernel_log() {
            Ok(log) if log.is_whole => return kernel(log.text, since),
            Ok(log) => overwritten = Some(log.text),
            Err(error) => reasons.push(refusal("/dev/kmsg", &error)),
        }
    }
    for name in SYSLOGS {
        let path = root.join(name.trim_start_matches('/'));
        match host::open_regular(&path) {
            Ok(file) if is_written_since(&file, since) && has_kernel(&file) => {
                return files(root, &path, SystemLog::Syslog, since);
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => reasons.push(refusal(name, &error)),
            _ => {}
        }
    }
    match overwritten {
        Some(text) => {
            let mut records = kernel(text, since)?;
            records.missing = Some("the kernel has overwritten the beginning of its log");
            Ok(records)
        }
        None if is_audit_stale => {
            let mut records = files(root, &audit, SystemLog::Audit, since)?;
            records.missing =
                Some("auditd has written nothing since the system was started, and no other log can be read");
            Ok(records)
        }
        None => {
            reasons.push("no syslog with the kernel's records".to_owned());
            Err(anyhow!("no log can be read: {}", reasons.join(", ")))
        }
    }
}

/// A path of the system below `root` as that system names it.
pub(crate) fn own_path(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).map_or_else(|_| path.to_owned(), |below| Path::new("/").join(below))
}

fn refusal(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {name}"),
        io::ErrorKind::PermissionDenied => format!("only root may read {name}"),
        _ => format!("{name}: {error}"),
    }
}

fn is_written_since(file: &File, since: i64) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.mtime() >= since)
}

/// Whether a syslog daemon writes down there what the kernel says.
fn has_kernel(file: &File) -> bool {
    const MARK: &[u8] = b"kernel:";
    let mut input = file.take(MOST_LOOKED_THROUGH);
    let mut bytes: Vec<u8> = Vec::with_capacity(CHUNK);
    loop {
        // A mark may stand across two chunks.
        let kept = bytes.len().saturating_sub(MARK.len());
        bytes.drain(..kept);
        match input.by_ref().take(CHUNK as u64).read_to_end(&mut bytes) {
            Ok(0) | Err(_) => return false,
            Ok(_) if bytes.windows(MARK.len()).any(|word| word == MARK) => return true,
            Ok(_) => {}
        }
    }
}

/// The journal of this boot.
fn journal(since: i64) -> Result<SystemRecords, &'static str> {
    let journal = Journal::start(&[]).map_err(|_| "there is no journald")?;
    let mut collected = Collected::default();
    let read = collected.read_since(Source::Journal.label(), Box::new(journal), since);
    if read.is_err() || collected.unread.counts.lines == 0 {
        return Err("the journal of this boot is empty, or may not be read");
    }
    let missing = (!host::is_root(Path::new("/"))).then_some("only root is shown all of the journal");
    Ok(SystemRecords { collected, log: SystemLog::Journal, missing })
}

fn kernel(text: String, since: i64) -> anyhow::Result<SystemRecords> {
    let mut collected = Collected::default();
    collected.read_since("the kernel's log".to_owned(), Box::new(Cursor::new(text.into_bytes())), since)?;
    Ok(SystemRecords { collected, log: SystemLog::Kernel, missing: None })
}

/// A log and its rotated ones, oldest first; of an enormous one the end.
fn files(root: &Path, path: &Path, log: SystemLog, since: i64) -> anyhow::Result<SystemRecords> {
    let mut collected = Collected::default();
    let mut missing = None;
    let paths = rotated(path, since)?;
    if log == SystemLog::Audit {
        missing = gap(path, paths.first().map_or(path, PathBuf::as_path), since);
    }
    for path in paths {
        let label = Source::File(own_path(root, &path)).label();
        let mut file = host::open_regular(&path)?;
        if let Some(beginning) = file.metadata()?.len().checked_sub(LARGEST).filter(|at| *at > 0) {
            file.seek(SeekFrom::Start(beginning))?;
            missing = Some("the log has more than 256 MiB, of which the end was read");
        }
        // It may grow meanwhile.
        let input = decompressed(Box::new(file.take(LARGEST)), &label)?;
        collected.read_since(label, input, since)?;
    }
    Ok(SystemRecords { collected, log, missing })
}

/// A log and its rotated ones, as long as the next newer one begins after a time; oldest first.
fn rotated(log: &Path, since: i64) -> io::Result<Vec<PathBuf>> {
    let mut begins = first_time(host::open_regular(log)?);
    let mut paths = vec![log.to_owned()];
    for n in 1..=MOST_ROTATED {
        if begins.is_some_and(|begins| begins <= since) {
            break;
        }
        let names = ["", ".gz"].map(|ending| PathBuf::from(format!("{}.{n}{ending}", log.display())));
        let found = names.into_iter().find_map(|path| Some((host::open_regular(&path).ok()?, path)));
        let Some((file, path)) = found else { break };
        begins = first_time(file).or(begins);
        paths.push(path);
    }
    paths.reverse();
    Ok(paths)
}

/// Seconds after the start of a system in which auditd starts.
const STARTING: i64 = 300;

/// Why auditd's logs do not tell of all the time since the system was started, if they do not.
fn gap(newest: &Path, oldest: &Path, since: i64) -> Option<&'static str> {
    let start = beginning(host::open_regular(oldest).ok()?);
    // With that auditd begins a log that was not there.
    let is_first = start.starts_with("type=DAEMON_START");
    match time(&start) {
        None => return Some("auditd's log begins with no record"),
        Some(begins) if begins > since.saturating_add(STARTING) && !is_first => {
            return Some("auditd's logs begin later than the system was started");
        }
        Some(_) => {}
    }
    let mut file = host::open_regular(newest).ok()?;
    let at = file.metadata().ok()?.len().saturating_sub(BEGINNING);
    file.seek(SeekFrom::Start(at)).ok()?;
    let end = beginning(file);
    let last = end.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.starts_with("type=DAEMON_END").then_some("auditd has ended, and its log with it")
}

/// The time of a log's first record, in seconds since the epoch, if it stands where it should.
fn first_time(file: File) -> Option<i64> {
    time(&beginning(file))
}

/// The next bytes of a log.
fn beginning(file: File) -> String {
    let mut beginning = Vec::new();
    // What cannot be read has no beginning.
    let _ = file.take(BEGINNING).read_to_end(&mut beginning);
    String::from_utf8_lossy(&beginning).into_owned()
}

/// The time of the first record in a text.
fn time(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("audit(")?;
    rest.split(['.', ':']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn put(root: &Path, name: &str, text: &str) {
        let path = root.join("var/log").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn logs_are_read_back_to_the_boot() {
        let root = tempfile::tempdir().unwrap();
        for (name, time) in
            [("audit.log", 300), ("audit.log.1", 200), ("audit.log.2", 100), ("audit.log.3", 50)]
        {
            let text = format!("type=AVC msg=audit({time}.000:1): x\n");
            put(root.path(), &format!("audit/{name}"), &text);
        }
        let log = root.path().join("var/log/audit/audit.log");
        let names = |since: i64| -> Vec<String> {
            let paths = rotated(&log, since).unwrap();
            paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(400), ["audit.log"]);
        assert_eq!(names(250), ["audit.log.1", "audit.log"]);
        assert_eq!(names(0).len(), 4);
    }

    #[test]
    fn of_an_enormous_log_the_end_is_read() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "audit/audit.log", "");
        let path = root.path().join("var/log/audit/audit.log");
        let mut log = File::options().write(true).open(path).unwrap();
        // It takes no room: what was never written.
        log.set_len(LARGEST).unwrap();
        log.seek(SeekFrom::End(0)).unwrap();
        let record = "type=AVC msg=audit(2000.000:1): avc:  denied  { read } for  pid=1 scontext=a:b:c tcontext=a:b:d tclass=file permissive=0";
        log.write_all(format!("\n{record}\n").as_bytes()).unwrap();
        let records = collect_system(root.path(), 1000).unwrap();
        assert_eq!(records.collected.stories.as_slice().len(), 1);
        assert!(records.missing.is_some());
    }

    #[test]
    fn a_log_that_does_not_go_back_to_the_boot_has_a_gap() {
        let root = tempfile::tempdir().unwrap();
        let record = |kind: &str, time: i64| format!("type={kind} msg=audit({time}.000:1): x\n");
        for (text, is_whole) in [
            (record("AVC", 900), true),
            (record("AVC", 1010), true),
            (record("AVC", 90_000), false),
            (record("DAEMON_START", 90_000), true),
            (record("AVC", 900) + &record("DAEMON_END", 2000), false),
            (String::new(), false),
        ] {
            put(root.path(), "audit/audit.log", &text);
            let records = collect_system(root.path(), 1000).unwrap();
            assert_eq!(records.missing.is_none(), is_whole, "{text}: {:?}", records.missing);
        }
        // An older one that is there tells of the rest.
        put(root.path(), "audit/audit.log", &record("AVC", 90_000));
        put(root.path(), "audit/audit.log.1", &record("AVC", 900));
        assert_eq!(collect_system(root.path(), 1000).unwrap().missing, None);
    }

    #[test]
    fn a_mark_may_stand_across_two_chunks() {
        let root = tempfile::tempdir().unwrap();
        for (blanks, text, expected) in
            [(CHUNK - 3, "kernel: x", true), (3 * CHUNK, "kernel: x", true), (CHUNK, "kern", false)]
        {
            put(root.path(), "messages", &format!("{}{text}", " ".repeat(blanks)));
            let file = File::open(root.path().join("var/log/messages")).unwrap();
            assert_eq!(has_kernel(&file), expected, "{blanks}");
        }
    }

    #[test]
    fn the_log_that_is_written_to_counts() {
        let root = tempfile::tempdir().unwrap();
        let which = || collect_system(root.path(), 1000).map(|records| records.log);
        let why = collect_system(root.path(), 1000).err().unwrap().to_string();
        assert!(why.contains("there is no /var/log/audit/audit.log"), "{why}");
        put(root.path(), "messages", "a service says something\n");
        assert!(which().is_err(), "nothing of the kernel");
        put(root.path(), "kern.log", "Nov 26 10:00:00 host kernel: something\n");
        assert_eq!(which().unwrap(), SystemLog::Syslog);
        put(root.path(), "audit/audit.log", "type=AVC msg=audit(1.000:1): x\n");
        assert_eq!(which().unwrap(), SystemLog::Audit);
        // auditd has not run since the boot.
        let log = File::options().write(true).open(root.path().join("var/log/audit/audit.log")).unwrap();
        log.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(which().unwrap(), SystemLog::Syslog);
        std::fs::remove_file(root.path().join("var/log/kern.log")).unwrap();
        assert_eq!(which().unwrap(), SystemLog::Audit);
    }
}
