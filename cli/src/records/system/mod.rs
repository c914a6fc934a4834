//! The log of a system, wherever it keeps what its kernel denies: auditd's, and for what that does not tell the journal, the
//! kernel's own log, and what a syslog daemon wrote.
//!
//! The kernel sends its records to auditd; while that does not run it prints them into its own log, which journald and syslog daemons
//! read. So each log is asked what it has, and when it does not tell: only where all that is told by some log is it certain that there
//! was nothing else. What is in two logs counts once.
//!
//! | file | what it decides |
//! |---|---|
//! | `auditd.rs` | when auditd's log does not tell |
//! | `journal.rs` | what the journal of this boot has, and how much of it is shown |
//! | `syslog.rs` | which lines of a syslog are the kernel's, and when it begins |
//! | `rotated.rs` | the files of a log |
//! | `sifted.rs` | an input of which some lines are passed on |

mod auditd;
mod journal;
mod rotated;
mod sifted;
mod syslog;

use std::collections::HashSet;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use audit::{EventTime, Item};
use host::Process;

use super::Collected;
use super::source::Source;
use rotated::{LogFiles, log_files};
use sifted::Sifted;

/// Bytes that are read of a file: auditd rotates at 8 MiB, unless it is told otherwise.
const LARGEST: u64 = 256 << 20;

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

/// What the logs of a system have.
pub(crate) struct SystemRecords {
    pub(crate) collected: Collected,
    /// The first that was read.
    pub(crate) log: SystemLog,
    /// Why there may have been more, if there may.
    pub(crate) missing: Option<String>,
}

/// Some time of which a log does not tell, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Gap {
    /// auditd did not run, so the kernel printed its records.
    Printed(String),
    /// The kernel has sent them to auditd, which did not keep them.
    Sent(String),
}

impl Gap {
    fn why(&self) -> &str {
        match self {
            Gap::Printed(why) | Gap::Sent(why) => why,
        }
    }
}

/// What a log has from the start of the system until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reach {
    /// All that the kernel printed.
    printed: bool,
    /// All that it has sent to who listens.
    sent: bool,
}

impl Reach {
    fn closes(self, gap: &Gap) -> bool {
        match gap {
            Gap::Printed(_) => self.printed || self.sent,
            Gap::Sent(_) => self.sent,
        }
    }
}

/// Reads what the logs of the system below `root` have since it was started, of which `processes` run.
///
/// # Errors
/// There is no log, or it may not be read: what was looked for, and why it is none.
pub(crate) fn collect_system(
    root: &Path,
    since: Option<i64>,
    processes: &[Process],
) -> anyhow::Result<SystemRecords> {
    let mut asked = Asked { root, since, merged: Merged::default(), log: None, partly: Vec::new() };
    let mut gaps = asked.auditd(host::is_running(processes, "auditd"))?;
    let (mut reasons, has_audit) = (Vec::new(), asked.log.is_some());
    if !has_audit {
        reasons.extend(gaps.iter().map(|gap| gap.why().to_owned()));
    }
    for log in [SystemLog::Journal, SystemLog::Kernel, SystemLog::Syslog] {
        if gaps.is_empty() {
            break;
        }
        let asked = match log {
            SystemLog::Journal => asked.journal(),
            SystemLog::Kernel => asked.kernel(),
            _ => asked.syslogs(),
        };
        match asked {
            Ok(reach) => gaps.retain(|gap| !reach.closes(gap)),
            Err(why) => reasons.push(why),
        }
    }
    let Some(log) = asked.log else {
        reasons.retain(|why| !why.is_empty());
        return Err(anyhow!("no log can be read: {}", reasons.join(", ")));
    };
    let whys = gaps.iter().map(|gap| gap.why().to_owned()).chain(asked.partly);
    let missing = (!gaps.is_empty()).then(|| whys.collect::<Vec<_>>().join("; "));
    Ok(SystemRecords { collected: asked.merged.collected, log, missing })
}

/// A path of the system below `root` as that system names it.
pub(crate) fn own_path(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).map_or_else(|_| path.to_owned(), |below| Path::new("/").join(below))
}

/// A path of the system below `root` as one of this process.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn refusal(name: &Path, error: &io::Error) -> String {
    let name = name.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {name}"),
        io::ErrorKind::PermissionDenied => format!("only root may read {name}"),
        _ => format!("{name}: {error}"),
    }
}

/// A system whose logs are asked.
struct Asked<'a> {
    root: &'a Path,
    /// When it was started, if that is known.
    since: Option<i64>,
    merged: Merged,
    log: Option<SystemLog>,
    /// Why logs that were read do not tell of all that time.
    partly: Vec<String>,
}

impl Asked<'_> {
    fn is_this_system(&self) -> bool {
        self.root == Path::new("/")
    }

    fn since(&self) -> i64 {
        self.since.unwrap_or(i64::MIN)
    }

    /// Notes that a log was read, and by which names it goes.
    fn was_read(&mut self, log: SystemLog, names: Vec<String>) {
        self.log.get_or_insert(log);
        self.merged.collected.unread.sources.extend(names);
        self.merged.end_log();
    }

    fn names(&self, files: &LogFiles) -> Vec<String> {
        files.paths.iter().map(|path| Source::File(own_path(self.root, path)).label()).collect()
    }

    /// auditd's log, and of what it does not tell.
    ///
    /// # Errors
    /// Only root may read it: who is not would be told of a part of what other logs have.
    fn auditd(&mut self, is_running: Option<bool>) -> anyhow::Result<Vec<Gap>> {
        let daemon = host::audit_daemon(self.root);
        let gap = |why: String| if is_running == Some(true) { Gap::Sent(why) } else { Gap::Printed(why) };
        if !daemon.writes_log {
            return Ok(vec![gap("auditd writes no log".to_owned())]);
        }
        let path = below(self.root, &daemon.log);
        let since = self.since();
        let files = match log_files(&path, since, auditd::begins) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(anyhow!("only root may read {}", daemon.log.display()));
            }
            Err(error) => return Ok(vec![gap(refusal(&daemon.log, &error))]),
        };
        if !is_written_since(&path, since) {
            return Ok(vec![gap("auditd has written nothing since the system was started".to_owned())]);
        }
        let before = self.gap_before(&files);
        let mut watch = auditd::Watch::default();
        let whole = self.merged.read_files(self.root, &files, since, |line| {
            watch.look(line, since);
            true
        });
        self.was_read(SystemLog::Audit, self.names(&files));
        let mut gaps = Vec::from_iter(whole.err().or(files.unread).map(Gap::Sent));
        gaps.extend(before);
        if self.since.is_some() {
            gaps.extend(watch.gap());
            if is_running == Some(false) && gaps.is_empty() {
                gaps.push(Gap::Printed("auditd does not run".to_owned()));
            }
        }
        Ok(gaps)
    }

    fn gap_before(&self, files: &LogFiles) -> Vec<Gap> {
        let Some(since) = self.since.filter(|_| !files.reach_back) else { return Vec::new() };
        let oldest = files.paths.first().and_then(|path| host::open_regular(path).ok());
        let start = oldest.and_then(|file| Some((rotated::beginning(&file).ok()?, file)));
        start.and_then(|(start, file)| auditd::gap_before(&start, &file, since)).into_iter().collect()
    }

    /// The journal of this boot.
    fn journal(&mut self) -> Result<Reach, String> {
        if !self.is_this_system() {
            return Ok(Reach::default());
        }
        let (mut reach, why) = journal::read(&mut self.merged)?;
        self.was_read(SystemLog::Journal, vec![Source::Journal.label()]);
        if let Some(why) = why {
            reach = Reach::default();
            self.partly.push(why.to_owned());
        }
        Ok(reach)
    }

    /// What the kernel's own log holds, all of this boot.
    fn kernel(&mut self) -> Result<Reach, String> {
        if !self.is_this_system() {
            return Ok(Reach::default());
        }
        let log = host::kernel_log().map_err(|error| refusal(Path::new("/dev/kmsg"), &error))?;
        let text = Cursor::new(log.text.into_bytes());
        self.merged.read("the kernel's log", text, i64::MIN).map_err(|error| error.to_string())?;
        self.was_read(SystemLog::Kernel, vec!["the kernel's log".to_owned()]);
        if !log.is_whole {
            self.partly.push("the kernel has overwritten the beginning of its log".to_owned());
        }
        Ok(Reach { printed: log.is_whole, sent: false })
    }

    /// What syslog daemons wrote: the first that tells of all the time, else all that there are.
    fn syslogs(&mut self) -> Result<Reach, String> {
        let mut reasons = vec!["no syslog with the kernel's records".to_owned()];
        let mut has_any = false;
        for name in syslog::SYSLOGS.map(Path::new) {
            let path = below(self.root, name);
            let files = match log_files(&path, self.since(), syslog::begins) {
                Ok(files) if is_written_since(&path, self.since()) => files,
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    reasons.push(refusal(name, &error));
                    continue;
                }
                _ => continue,
            };
            let mut seen = syslog::Seen::default();
            let since = self.since();
            let whole = self.merged.read_files(self.root, &files, since, |line| seen.look(line, since));
            if !seen.has_kernel && !seen.has_audit {
                continue;
            }
            has_any = true;
            self.was_read(SystemLog::Syslog, self.names(&files));
            let why = whole.err().or(files.unread);
            match why {
                None if files.reach_back || seen.has_boot || self.since.is_none() => {
                    return Ok(Reach { printed: seen.has_kernel, sent: seen.has_audit });
                }
                None => {
                    self.partly.push(format!("{} begins later than the system was started", name.display()))
                }
                Some(why) => self.partly.push(why),
            }
        }
        if has_any { Ok(Reach::default()) } else { Err(reasons.join(", ")) }
    }
}

fn is_written_since(path: &Path, since: i64) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.mtime() >= since)
}

/// An event: seconds and milliseconds since the epoch, and its serial number.
type EventId = (i64, u16, u64);

/// Events of which it is remembered that they were in a log: more denials than that are no longer counted one by one.
const MOST_KNOWN: usize = 1 << 20;

/// What several logs have, each event once.
#[derive(Default)]
struct Merged {
    collected: Collected,
    /// Events of the logs before this one.
    known: HashSet<EventId>,
    /// Those of this one.
    fresh: Vec<EventId>,
}

impl Merged {
    /// Reads a part of a log, but for what was before a time and what another log had.
    ///
    /// # Errors
    /// It cannot be read to its end.
    fn read(&mut self, label: &str, input: impl Read, since: i64) -> anyhow::Result<()> {
        let Merged { collected, known, fresh } = self;
        collected.read_if(label, input, |item| {
            let origin = match item {
                Item::Denial(denial) => &denial.origin,
                Item::Refusal(refusal) => &refusal.origin,
                Item::Unreadable(_) => return true,
            };
            // A record without a time may be of any.
            let Some(EventTime::Epoch { seconds, millis }) = origin.time else { return true };
            let Some(serial) = origin.serial.filter(|_| seconds >= since) else { return seconds >= since };
            let id = (seconds, millis, serial);
            if fresh.len() < MOST_KNOWN {
                fresh.push(id);
            }
            !known.contains(&id)
        })
    }

    /// Reads the lines of a log's files that `takes` says yes to; of an enormous file the end.
    ///
    /// # Errors
    /// What could not be read of it; the rest is.
    fn read_files(
        &mut self,
        root: &Path,
        files: &LogFiles,
        since: i64,
        mut takes: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), String> {
        let mut error = None;
        for path in &files.paths {
            let name = own_path(root, path).display().to_string();
            match self.read_file(path, &name, since, &mut takes) {
                Ok(true) => {}
                Ok(false) => error = Some(format!("{name} has more than 256 MiB, of which the end was read")),
                Err(why) => error = Some(format!("{name}: {}", why.root_cause())),
            }
        }
        error.map_or(Ok(()), Err)
    }

    /// Reads a file; false if only its end was.
    fn read_file(
        &mut self,
        path: &Path,
        name: &str,
        since: i64,
        takes: impl FnMut(&[u8]) -> bool,
    ) -> anyhow::Result<bool> {
        let mut file = host::open_regular(path)?;
        let skipped = file.metadata()?.len().saturating_sub(LARGEST);
        file.seek(SeekFrom::Start(skipped))?;
        // It may grow meanwhile, and what is compressed be a bomb.
        let input =
            package::decompressing(BufReader::new(file.take(LARGEST)))?.take(LARGEST.saturating_add(1));
        let mut input = BufReader::with_capacity(super::BUFFER, input);
        self.read(name, Sifted::new(&mut input, takes), since)?;
        Ok(skipped == 0 && input.into_inner().limit() > 0)
    }

    /// What follows is of another log.
    fn end_log(&mut self) {
        self.known.extend(self.fresh.drain(..));
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// A system with logs, which was started at 1000.
    struct System(tempfile::TempDir);

    impl System {
        fn new() -> Self {
            System(tempfile::tempdir().unwrap())
        }

        fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
            let path = self.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }

        /// Sets when a file was last written to.
        fn age(&self, name: &str, written: u64) {
            let file = File::options().write(true).open(self.0.path().join(name)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(written)).unwrap();
        }

        fn ask(&self) -> anyhow::Result<SystemRecords> {
            collect_system(self.0.path(), Some(1000), &[])
        }

        /// How many denials, of which log first, and why there may be more.
        fn asked(&self) -> (u64, SystemLog, Option<String>) {
            let records = self.ask().unwrap();
            (
                records.collected.stories.as_slice().iter().map(|story| story.count).sum(),
                records.log,
                records.missing,
            )
        }

        /// The same with a process of that name, and a first one.
        fn missing_beside(&self, name: &str) -> Option<String> {
            self.put("proc/1/status", "Name:\tinit\n");
            self.put("proc/9/status", format!("Name:\t{name}\n"));
            let processes = host::processes(self.0.path()).unwrap();
            collect_system(self.0.path(), Some(1000), &processes).unwrap().missing
        }
    }

    const AUDIT: &str = "var/log/audit/audit.log";

    fn of_auditd(kind: &str, time: i64) -> String {
        format!("type={kind} msg=audit({time}.000:7): x\n")
    }

    fn denial(time: i64) -> String {
        format!(
            "type=AVC msg=audit({time}.000:{time}): avc:  denied  {{ read }} for  pid=1 comm=\"c\" scontext=a:b:c tcontext=a:b:d tclass=file permissive=0\n"
        )
    }

    /// The same as a syslog has it.
    fn printed(time: i64) -> String {
        format!(
            "Jan  1 00:00:00 host kernel: [ 1.0] audit: {}",
            denial(time).replace("type=AVC msg=", "type=1400 ")
        )
    }

    const BANNER: &str = "Jan  1 00:00:00 host kernel: [ 0.0] Linux version 6.1.0\n";

    #[test]
    fn rotated_logs_are_read_whatever_they_are_called_and_however_compressed() {
        let zstd = |text: &str| {
            // One raw block; its header has the size in its upper bits.
            let size = u32::try_from(text.len()).unwrap();
            let block = (size << 3 | 1).to_le_bytes();
            [&[0x28, 0xb5, 0x2f, 0xfd, 0xa0][..], &size.to_le_bytes(), &block[..3], text.as_bytes()].concat()
        };
        let system = System::new();
        system.put(AUDIT, denial(4000));
        system.put("var/log/audit/audit.log-20251128", denial(3000));
        system.put("var/log/audit/audit.log-20251127.zst", zstd(&denial(2000)));
        system.put("var/log/audit/audit.log-20251126", of_auditd("X", 900));
        let (count, log, missing) = system.asked();
        assert_eq!((count, log, missing), (3, SystemLog::Audit, None));
        assert_eq!(system.ask().unwrap().collected.unread.sources.len(), 4);
        // One that cannot be read is not passed over in silence.
        system.put("var/log/audit/audit.log-20251127.zst", &zstd("x")[..11]);
        let (count, _, missing) = system.asked();
        assert_eq!(count, 2);
        assert!(missing.unwrap().contains("audit.log-20251127.zst"));
    }

    #[test]
    fn of_an_enormous_log_the_end_is_read() {
        let system = System::new();
        system.put(AUDIT, "");
        let path = system.0.path().join(AUDIT);
        let mut log = File::options().write(true).open(path).unwrap();
        // It takes no room: what was never written.
        log.set_len(LARGEST).unwrap();
        log.seek(SeekFrom::End(0)).unwrap();
        log.write_all(format!("\n{}", denial(2000)).as_bytes()).unwrap();
        let (count, _, missing) = system.asked();
        assert_eq!(count, 1);
        assert!(missing.is_some());
    }

    #[test]
    fn a_log_that_does_not_go_back_to_the_boot_has_a_gap() {
        for (text, is_whole) in [
            (of_auditd("AVC", 900), true),
            (of_auditd("AVC", 1010), true),
            (of_auditd("AVC", 90_000), false),
            (of_auditd("DAEMON_START", 90_000), false),
            (of_auditd("AVC", 900) + &of_auditd("DAEMON_END", 2000), false),
            (String::new(), false),
        ] {
            let system = System::new();
            system.put(AUDIT, &text);
            let missing = system.ask().unwrap().missing;
            assert_eq!(missing.is_none(), is_whole, "{text}: {missing:?}");
            // An older one that is there tells of the rest.
            system.put("var/log/audit/audit.log.1", of_auditd("AVC", 900));
            let missing = system.ask().unwrap().missing;
            assert_eq!(missing.is_none(), !text.contains("DAEMON"), "{text}: {missing:?}");
        }
    }

    #[test]
    fn what_auditd_did_not_take_the_kernel_has_printed() {
        let system = System::new();
        let ended = denial(1500) + &of_auditd("DAEMON_END", 2000);
        system.put(AUDIT, of_auditd("X", 900) + &ended);
        let syslog = BANNER.to_owned() + &printed(1500) + &printed(3000);
        system.put("var/log/messages", &syslog);
        assert_eq!(system.asked(), (2, SystemLog::Audit, None), "one is in both logs");
        // What it had and lost nobody has printed.
        system.put(AUDIT, of_auditd("X", 90_000));
        assert!(system.asked().2.is_some());
        // A plugin of it that writes into a syslog has it.
        system.put(
            "var/log/messages",
            syslog + "Jan  1 00:00:00 host audisp-syslog[5]: type=X msg=audit(1.0:2): x\n",
        );
        assert_eq!(system.asked(), (2, SystemLog::Audit, None));
    }

    #[test]
    fn who_runs_is_asked_where_the_log_is_silent() {
        let system = System::new();
        system.put(AUDIT, of_auditd("X", 900));
        assert_eq!(system.missing_beside("auditd"), None);
        assert_eq!(system.missing_beside("another").as_deref(), Some("auditd does not run"));
        system.put("var/log/kern.log", BANNER);
        assert_eq!(system.missing_beside("another"), None);
        // It runs, and keeps its records elsewhere.
        fs::remove_file(system.0.path().join(AUDIT)).unwrap();
        assert!(system.missing_beside("auditd").unwrap().starts_with("there is no /var/log/audit/audit.log"));
        system.put("etc/audit/auditd.conf", "log_file = /srv/a.log\n");
        system.put("srv/a.log", of_auditd("X", 900));
        assert_eq!(system.missing_beside("auditd"), None);
        system.put("etc/audit/auditd.conf", "write_logs = no\n");
        assert_eq!(system.missing_beside("auditd").as_deref(), Some("auditd writes no log"));
    }

    #[test]
    fn a_syslog_is_only_worth_what_it_reaches_back() {
        let system = System::new();
        system.put("var/log/messages", printed(2000));
        let (count, log, missing) = system.asked();
        assert_eq!((count, log), (1, SystemLog::Syslog));
        assert!(missing.unwrap().ends_with("/var/log/messages begins later than the system was started"));
        system.put("var/log/messages-20251127", BANNER.to_owned() + &printed(1500));
        assert_eq!(system.asked(), (2, SystemLog::Syslog, None));
        // One that was last written to before the boot tells that the next one has all of it.
        system.put("var/log/messages-20251127", printed(1500));
        system.put("var/log/messages-20251126", "");
        assert!(system.asked().2.is_some());
        system.age("var/log/messages-20251126", 999);
        assert_eq!(system.asked(), (2, SystemLog::Syslog, None));
        // Two syslogs may have the same.
        system.put("var/log/kern.log", printed(2000) + &printed(2500));
        assert_eq!(system.asked(), (3, SystemLog::Syslog, None));
    }

    #[test]
    fn the_log_that_is_written_to_counts() {
        let system = System::new();
        let which = || system.ask().map(|records| records.log);
        let why = which().unwrap_err().to_string();
        assert!(why.contains("there is no /var/log/audit/audit.log"), "{why}");
        system.put("var/log/messages", "Jan  1 00:00:00 host ada: kernel: something\n");
        assert!(which().is_err(), "nothing of the kernel");
        system.put("var/log/kern.log", BANNER);
        assert_eq!(which().unwrap(), SystemLog::Syslog);
        system.put(AUDIT, of_auditd("AVC", 1));
        assert_eq!(which().unwrap(), SystemLog::Audit);
        // auditd has not run since the boot.
        system.age(AUDIT, 1);
        assert_eq!(which().unwrap(), SystemLog::Syslog);
        fs::remove_file(system.0.path().join("var/log/kern.log")).unwrap();
        assert!(which().unwrap_err().to_string().contains("auditd has written nothing since"));
    }
}
