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
//! | `merged.rs` | what several logs have, each event once |
//! | `sifted.rs` | an input of which some lines are passed on |

mod auditd;
mod journal;
mod merged;
mod printed;
mod rotated;
mod sifted;
mod syslog;

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use host::Process;

use super::Collected;
use super::source::Source;
use merged::Merged;
use rotated::{LogFile, LogFiles, log_files};

/// Seconds after the start of a system in which auditd starts.
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
    /// Whether it is no longer than it takes to start auditd; and whether that was when the system was started.
    is_brief: bool,
    is_at_boot: bool,
}

impl Gap {
    fn printed(why: impl Into<String>) -> Self {
        Gap { why: why.into(), is_sent: false, is_brief: false, is_at_boot: false }
    }

    fn sent(why: impl Into<String>) -> Self {
        Gap { is_sent: true, ..Gap::printed(why) }
    }

    fn brief(self) -> Self {
        Gap { is_brief: true, ..self }
    }

    fn at_boot(self) -> Self {
        Gap { is_brief: true, is_at_boot: true, ..self }
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
    let merged = Merged::new();
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
            SystemLog::Journal => asked.journal(gaps.iter().all(|gap| gap.is_at_boot)),
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
    whys.extend(gaps.iter().filter(|gap| is_brief || !gap.is_brief).map(|gap| gap.why.clone()));
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

    /// auditd's log, and of what it does not tell.
    ///
    /// # Errors
    /// Only root may read it: who is not would be told of a part of what other logs have.
    fn auditd(&mut self) -> anyhow::Result<Vec<Gap>> {
        let daemon = host::audit_daemon(self.root);
        let is_running = host::is_running(self.processes, "auditd");
        self.is_auditd_gone = is_running == Some(false);
        self.lost.extend(daemon.unlogged);
        let other = auditd::OTHERS.iter().find(|name| host::is_running(self.processes, name) == Some(true));
        let gap = |why: String| match (is_running, other) {
            (Some(true), _) => Gap::sent(why),
            (_, Some(other)) => Gap::sent(format!("{why}; {other} may have taken the records")),
            _ => Gap::printed(why),
        };
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
        if files.files.is_empty() {
            gaps.push(gap("auditd has written nothing since the system was started".to_owned()));
            gaps.extend(files.unread.map(Gap::sent));
            return Ok(gaps);
        }
        let before = self.since.and_then(|since| auditd::gap_before(&files, since, daemon.is_awaited));
        let before_is_told = before.is_some();
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
            gaps.extend(watch.gaps(daemon.is_awaited, before_is_told));
            let is_told = gaps.iter().any(|gap| !gap.is_brief);
            if is_running == Some(false) && !is_told {
                gaps.push(gap("auditd does not run".to_owned()));
            }
        }
        Ok(gaps)
    }

    /// The journal of this boot, or only its beginning.
    fn journal(&mut self, is_at_boot: bool) -> Result<Reach, String> {
        if !self.is_this_system() {
            return Ok(Reach::default());
        }
        let until = self.since.filter(|_| is_at_boot).map(|since| since.saturating_add(STARTING));
        let read = journal::read(&mut self.merged, until)?;
        self.was_read(SystemLog::Journal, [Source::Journal.label()]);
        self.partly.extend(read.partly.map(str::to_owned));
        Ok(read.reach)
    }

    /// What the kernel's own log holds, all of this boot.
    fn kernel(&mut self) -> Result<Reach, String> {
        if !self.is_this_system() {
            return Ok(Reach::default());
        }
        let log = host::kernel_log().map_err(|error| refusal(Path::new("/dev/kmsg"), &error))?;
        let has_loss = log.text.lines().any(|line| printed::is_loss(line.as_bytes()));
        let text = Cursor::new(log.text.into_bytes());
        self.merged.read("the kernel's log", text, i64::MIN).map_err(|error| error.to_string())?;
        self.was_read(SystemLog::Kernel, ["the kernel's log".to_owned()]);
        if !log.is_whole {
            self.partly.push("the kernel has overwritten the beginning of its log".to_owned());
        }
        if has_loss {
            self.partly.push(printed::LOSS.to_owned());
        }
        Ok(Reach { printed: log.is_whole && !has_loss, sent: false })
    }

    /// What syslog daemons wrote: the first that tells of all the time, else all that there are.
    fn syslogs(&mut self) -> Result<Reach, String> {
        let mut reasons = vec!["no syslog with the kernel's records".to_owned()];
        let mut has_any = false;
        let own = host::host_name(self.root);
        let since = self.since();
        // They may run as somebody else than root.
        let runs = |process: &Process| syslog::DAEMONS.contains(&process.name.as_str());
        let is_over = self.processes.first().is_some_and(|process| process.pid == 1)
            && !self.processes.iter().any(runs);
        for name in syslog::SYSLOGS.map(Path::new) {
            let files = match log_files(&below(self.root, name), since, syslog::begins) {
                Ok(files) if !files.files.is_empty() => files,
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    reasons.push(refusal(name, &error));
                    continue;
                }
                _ => continue,
            };
            let mut seen = syslog::Seen::default();
            let (names, unread) = (self.names(&files), files.unread);
            let whole = self
                .merged
                .read_files(self.root, files.files, since, |line| seen.look(line, since, own.as_deref()));
            if !seen.has_kernel && !seen.has_others && seen.first_sent.is_none() {
                continue;
            }
            has_any = true;
            self.was_read(SystemLog::Syslog, names);
            let name = name.display();
            let why = match unread.or(whole.err()) {
                Some(why) => why,
                None if is_over => format!("no daemon writes {name} any more"),
                None if seen.has_others => {
                    format!("{name} has records of other hosts, or of this one under another name")
                }
                None if seen.has_loss => printed::LOSS.to_owned(),
                None if seen.has_boot || self.since.is_none() => {
                    let is_early = |time: i64| time <= since.saturating_add(STARTING);
                    return Ok(Reach { printed: true, sent: seen.first_sent.is_some_and(is_early) });
                }
                None => format!("{name} has not what the kernel said when the system was started"),
            };
            self.partly.push(why);
        }
        if has_any { Ok(Reach::default()) } else { Err(reasons.join(", ")) }
    }
}

#[cfg(test)]
mod tests;
