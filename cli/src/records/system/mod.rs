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
//! | `printed.rs` | what the kernel says in its log of its start and of what it left out |
//! | `syslog.rs` | which lines of a syslog are the kernel's, and when it begins |
//! | `rotated.rs` | the files of a log |
//! | `sifted.rs` | an input of which some lines are passed on |

mod auditd;
mod journal;
mod printed;
mod rotated;
mod sifted;
mod syslog;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use audit::{EventTime, Item};
use host::Process;

use super::Collected;
use super::source::Source;
use rotated::{LogFile, LogFiles, log_files};
use sifted::Sifted;

/// Bytes that are read of a file: auditd rotates at 8 MiB, unless it is told otherwise.
const LARGEST: u64 = 256 << 20;
/// Bytes that are read of all logs: what is compressed may be a bomb.
const MOST_READ: u64 = 2 << 30;
/// Seconds after the start of a system in which what came before auditd stands in the journal.
const STARTING: i64 = 300;

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
    pub(crate) missing: Option<Missing>,
}

/// Some time of which no log tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Which time, or why not.
    pub(crate) why: String,
    /// Whether it is only the minute before auditd was started, as on most systems.
    pub(crate) is_brief: bool,
    /// Whether auditd does not run.
    pub(crate) is_auditd_gone: bool,
}

/// Some time of which a log does not tell, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gap {
    why: String,
    /// Whether the kernel has sent its records to auditd, which did not keep them; else auditd did not run, and the kernel printed them.
    is_sent: bool,
    /// Whether it is no longer than it takes to start auditd.
    is_brief: bool,
}

impl Gap {
    fn printed(why: impl Into<String>) -> Self {
        Gap { why: why.into(), is_sent: false, is_brief: false }
    }

    fn sent(why: impl Into<String>) -> Self {
        Gap { is_sent: true, ..Gap::printed(why) }
    }

    fn brief(self) -> Self {
        Gap { is_brief: true, ..self }
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
        self.sent || (self.printed && !gap.is_sent)
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
    let merged = Merged { room: MOST_READ, ..Merged::default() };
    let mut asked = Asked {
        root,
        since,
        processes,
        merged,
        log: None,
        partly: Vec::new(),
        lost: Vec::new(),
        is_auditd_gone: false,
    };
    let mut gaps = asked.auditd()?;
    let mut reasons = Vec::new();
    if asked.log.is_none() {
        reasons.extend(gaps.iter().map(|gap| gap.why.clone()));
    }
    for log in [SystemLog::Kernel, SystemLog::Journal, SystemLog::Syslog] {
        if gaps.is_empty() {
            break;
        }
        let read = match log {
            SystemLog::Kernel => asked.kernel(),
            SystemLog::Journal => asked.journal(gaps.iter().all(|gap| gap.is_brief)),
            _ => asked.syslogs(),
        };
        match read {
            Ok(reach) => gaps.retain(|gap| !reach.closes(gap)),
            Err(why) => reasons.push(why),
        }
    }
    let Some(log) = asked.log else {
        reasons.retain(|why| !why.is_empty());
        return Err(anyhow!("no log can be read: {}", reasons.join(", ")));
    };
    let is_brief = asked.lost.is_empty() && gaps.iter().all(|gap| gap.is_brief);
    let mut whys = asked.lost;
    whys.extend(gaps.iter().map(|gap| gap.why.clone()));
    let missing = (!whys.is_empty()).then(|| {
        if !gaps.is_empty() && !is_brief {
            whys.append(&mut asked.partly);
        }
        Missing { why: whys.join("; "), is_brief, is_auditd_gone: asked.is_auditd_gone }
    });
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
    processes: &'a [Process],
    merged: Merged,
    log: Option<SystemLog>,
    /// Why logs that were read do not tell of all that time.
    partly: Vec<String>,
    /// Why records are in no log at all.
    lost: Vec<String>,
    is_auditd_gone: bool,
}

impl Asked<'_> {
    fn is_this_system(&self) -> bool {
        self.root == Path::new("/")
    }

    fn since(&self) -> i64 {
        self.since.unwrap_or(i64::MIN)
    }

    /// Notes that a log was read, and by which names it goes.
    fn was_read(&mut self, log: SystemLog, names: impl IntoIterator<Item = String>) {
        self.log.get_or_insert(log);
        self.merged.collected.unread.sources.extend(names);
    }

    fn names(&self, files: &LogFiles) -> Vec<String> {
        let label = |file: &LogFile| Source::File(own_path(self.root, &file.path)).label();
        files.files.iter().map(label).collect()
    }

    fn has_lost(&mut self) {
        const LOST: &str = "the kernel says that it left records out";
        if self.lost.iter().all(|why| why != LOST) {
            self.lost.push(LOST.to_owned());
        }
    }

    /// auditd's log, and of what it does not tell.
    ///
    /// # Errors
    /// Only root may read it: who is not would be told of a part of what other logs have.
    fn auditd(&mut self) -> anyhow::Result<Vec<Gap>> {
        let daemon = host::audit_daemon(self.root);
        let is_running = host::is_running(self.processes, "auditd");
        self.is_auditd_gone = is_running == Some(false);
        self.lost.extend(daemon.unlogged);
        let gap = |why: String| if is_running == Some(true) { Gap::sent(why) } else { Gap::printed(why) };
        if !daemon.writes_log {
            return Ok(vec![gap("auditd writes no log".to_owned())]);
        }
        let path = below(self.root, &daemon.log);
        let since = self.since();
        let mut gaps = Vec::from_iter(daemon.unread.map(Gap::sent));
        let files = match log_files(&path, since, auditd::begins) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(anyhow!("only root may read {}", daemon.log.display()));
            }
            Err(error) => {
                gaps.push(gap(refusal(&daemon.log, &error)));
                return Ok(gaps);
            }
        };
        if !is_written_since(&path, since) {
            gaps.push(gap("auditd has written nothing since the system was started".to_owned()));
            return Ok(gaps);
        }
        let before = self.since.and_then(|since| auditd::gap_before(&files, since, daemon.is_awaited));
        let names = self.names(&files);
        let mut watch = auditd::Watch::default();
        let whole = self.merged.read_files(self.root, files.files, since, |line| {
            watch.look(line, since);
            true
        });
        self.was_read(SystemLog::Audit, names);
        gaps.extend(files.unread.into_iter().chain(whole.err()).map(Gap::sent));
        if self.since.is_some() {
            gaps.extend(before);
            gaps.extend(watch.gaps());
            let is_told = gaps.iter().any(|gap| !gap.is_brief);
            if is_running == Some(false) && !is_told {
                gaps.push(Gap::printed("auditd does not run"));
            }
        }
        Ok(gaps)
    }

    /// The journal of this boot, or only its beginning.
    fn journal(&mut self, is_brief: bool) -> Result<Reach, String> {
        if !self.is_this_system() {
            return Ok(Reach::default());
        }
        let until = self.since.filter(|_| is_brief).map(|since| since.saturating_add(STARTING));
        let read = journal::read(&mut self.merged, until)?;
        self.was_read(SystemLog::Journal, [Source::Journal.label()]);
        self.partly.extend(read.partly.map(str::to_owned));
        if read.has_loss {
            self.has_lost();
        }
        Ok(read.reach)
    }

    /// What the kernel's own log holds, all of this boot.
    fn kernel(&mut self) -> Result<Reach, String> {
        if !self.is_this_system() {
            return Ok(Reach::default());
        }
        let log = host::kernel_log().map_err(|error| refusal(Path::new("/dev/kmsg"), &error))?;
        if log.text.lines().any(|line| printed::is_loss(line.as_bytes())) {
            self.has_lost();
        }
        let text = Cursor::new(log.text.into_bytes());
        self.merged.read("the kernel's log", text, i64::MIN).map_err(|error| error.to_string())?;
        self.was_read(SystemLog::Kernel, ["the kernel's log".to_owned()]);
        if !log.is_whole {
            self.partly.push("the kernel has overwritten the beginning of its log".to_owned());
        }
        Ok(Reach { printed: log.is_whole, sent: false })
    }

    /// What syslog daemons wrote: the first that tells of all the time, else all that there are.
    fn syslogs(&mut self) -> Result<Reach, String> {
        let mut reasons = vec!["no syslog with the kernel's records".to_owned()];
        let mut has_any = false;
        let own = host::host_name(self.root);
        let since = self.since();
        let runs = |name: &&str| host::is_running(self.processes, name) != Some(false);
        let is_over = !syslog::DAEMONS.iter().any(runs);
        for name in syslog::SYSLOGS.map(Path::new) {
            let path = below(self.root, name);
            let files = match log_files(&path, since, syslog::begins) {
                Ok(files) if is_written_since(&path, since) => files,
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    reasons.push(refusal(name, &error));
                    continue;
                }
                _ => continue,
            };
            let mut seen = syslog::Seen::default();
            let begins = files.files.first().and_then(|file| file.begins);
            let names = self.names(&files);
            let whole = self
                .merged
                .read_files(self.root, files.files, since, |line| seen.look(line, since, own.as_deref()));
            if !seen.has_kernel && seen.first_sent.is_none() {
                continue;
            }
            has_any = true;
            self.was_read(SystemLog::Syslog, names);
            if seen.has_loss {
                self.has_lost();
            }
            let reaches_back =
                seen.has_boot || self.since.is_none() || begins.is_some_and(|begins| begins <= since);
            let name = name.display();
            let why = match files.unread.or(whole.err()) {
                Some(why) => why,
                None if is_over => format!("no daemon writes {name} any more"),
                None if reaches_back => {
                    let is_early = |time: i64| time <= since.saturating_add(STARTING);
                    return Ok(Reach {
                        printed: seen.has_kernel,
                        sent: seen.first_sent.is_some_and(is_early),
                    });
                }
                None => format!("{name} begins later than the system was started"),
            };
            self.partly.push(why);
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
    /// Events of the files before this one.
    known: HashSet<EventId>,
    /// Those of this one.
    fresh: Vec<EventId>,
    /// Bytes that may still be read.
    room: u64,
}

impl Merged {
    /// Reads a file or what is one, but for what was before a time and what another had.
    ///
    /// # Errors
    /// It cannot be read to its end.
    fn read(&mut self, label: &str, input: impl Read, since: i64) -> anyhow::Result<()> {
        let Merged { collected, known, fresh, .. } = self;
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
            let id = (seconds, millis, serial);
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
    fn read_files(
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
        let mut input = BufReader::with_capacity(super::BUFFER, file.take(LARGEST));
        // What was skipped is no loss if it was before.
        let is_late = skipped > 0 && auditd::time(input.fill_buf()?).is_none_or(|time| time > since);
        let most = self.room.min(LARGEST);
        let unpacked = package::decompressing(input)?.take(most.saturating_add(1));
        let mut input = BufReader::with_capacity(super::BUFFER, unpacked);
        let read = self.read(name, Sifted::new(&mut input, takes), since);
        let left = input.into_inner().limit();
        self.room = self.room.saturating_sub(most.saturating_add(1).saturating_sub(left));
        read?;
        Ok(match (is_late, left) {
            (_, 0) if skipped == 0 => Some("is too long unpacked: its beginning was read"),
            (true, _) => Some("has more than 256 MiB, of which the end was read"),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
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
                why(records),
            )
        }

        /// The same with a process of that name, and a first one.
        fn missing_beside(&self, name: &str) -> Option<String> {
            self.put("proc/1/status", "Name:\tinit\n");
            self.put("proc/9/status", format!("Name:\t{name}\n"));
            let processes = host::processes(self.0.path()).unwrap();
            why(collect_system(self.0.path(), Some(1000), &processes).unwrap())
        }
    }

    /// Why there may be more, but for the minute before auditd.
    fn why(records: SystemRecords) -> Option<String> {
        records.missing.filter(|missing| !missing.is_brief).map(|missing| missing.why)
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
            let missing = why(system.ask().unwrap());
            assert_eq!(missing.is_none(), is_whole, "{text}: {missing:?}");
            // An older one that is there tells of the rest.
            system.put("var/log/audit/audit.log.1", of_auditd("AVC", 900));
            let missing = why(system.ask().unwrap());
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
        assert!(system.missing_beside("another").unwrap().contains("no daemon writes /var/log/kern.log"));
        assert_eq!(system.missing_beside("rsyslogd"), None);
        // It runs, and keeps its records elsewhere.
        fs::remove_file(system.0.path().join(AUDIT)).unwrap();
        assert!(system.missing_beside("auditd").unwrap().starts_with("there is no /var/log/audit/audit.log"));
        system.put("etc/audit/auditd.conf", "log_file = /srv/a.log\n");
        system.put("srv/a.log", of_auditd("X", 900));
        assert_eq!(system.missing_beside("auditd"), None);
        system.put("etc/audit/auditd.conf", "write_logs = no\n");
        assert!(system.missing_beside("auditd").unwrap().starts_with("auditd writes no log"));
    }

    #[test]
    fn what_was_before_auditd_is_looked_for_and_missed_only_quietly() {
        let system = System::new();
        let early = of_auditd("DAEMON_END", 970) + &of_auditd("DAEMON_START", 1025);
        system.put(AUDIT, of_auditd("X", 900) + &early);
        let missing = system.ask().unwrap().missing.unwrap();
        assert!(missing.is_brief, "{missing:?}");
        // The kernel kept it.
        system.put("proc/cmdline", "quiet audit=1\n");
        system.put(AUDIT, of_auditd("DAEMON_START", 1025));
        assert_eq!(system.ask().unwrap().missing, None);
        // The kernel printed it, also while auditd was started anew.
        system.put("proc/cmdline", "quiet\n");
        let anew = of_auditd("DAEMON_END", 9000) + &of_auditd("DAEMON_START", 9050);
        system.put(AUDIT, of_auditd("X", 900) + &early + &anew);
        system.put("var/log/kern.log", BANNER.to_owned() + &printed(1012) + &printed(9020));
        assert_eq!(system.ask().unwrap().missing, None);
        assert_eq!(system.asked().0, 2);
    }

    #[test]
    fn what_no_log_can_tell_is_not_called_nothing() {
        let system = System::new();
        system.put(AUDIT, of_auditd("X", 900));
        assert_eq!(system.ask().unwrap().missing, None);
        system.put("etc/audit/audit.rules", "-a always,exclude -F msgtype=AVC\n");
        assert!(system.asked().2.unwrap().contains("leaves records of denials out"));
        system.put("etc/audit/audit.rules", "");
        fs::remove_file(system.0.path().join(AUDIT)).unwrap();
        let suppressed = "Jan  1 00:00:00 host kernel: [ 9.0] kauditd_printk_skb: 38 callbacks suppressed\n";
        system.put("var/log/kern.log", suppressed.to_owned() + BANNER + &printed(1500));
        assert_eq!(system.asked(), (1, SystemLog::Syslog, None), "of another boot");
        system.put("var/log/kern.log", BANNER.to_owned() + suppressed);
        assert!(system.asked().2.unwrap().contains("left records out"));
        // Other hosts that log here are other systems.
        system.put("etc/hostname", "web.example.org\n");
        system.put("var/log/kern.log", BANNER);
        assert!(system.ask().is_err());
        system.put("var/log/kern.log", BANNER.replace("host", "web") + &printed(1500));
        assert_eq!(system.asked(), (0, SystemLog::Syslog, None));
    }

    #[test]
    fn records_that_cannot_be_read_and_copies_are_counted_as_they_are() {
        let system = System::new();
        let torn = |time: i64| {
            format!("type=AVC msg=audit({time}.000:7): avc:  denied  {{ read }} for  pid=1 comm=\"x\n")
        };
        system.put(AUDIT, of_auditd("X", 900) + &torn(950) + &torn(2000));
        assert_eq!(
            system.ask().unwrap().collected.unread.counts.unreadable,
            1,
            "the other was before the boot"
        );
        system.put(AUDIT, of_auditd("X", 900) + &denial(2000));
        system.put("var/log/audit/audit.log.1", of_auditd("X", 900) + &denial(2000));
        assert_eq!(system.asked(), (1, SystemLog::Audit, None));
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
        // What was written before the boot says nothing of what was taken away since.
        system.put("var/log/messages-20251127", printed(1500));
        system.put("var/log/messages-20251126", "");
        system.age("var/log/messages-20251126", 999);
        assert!(system.asked().2.is_some());
        system.put("var/log/messages-20251127", BANNER.to_owned() + &printed(1500));
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
