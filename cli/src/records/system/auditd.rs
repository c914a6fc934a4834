//! What auditd's log tells of the time since the system was started, and of when it does not: auditd was not started yet, has ended,
//! was away for a while; or its older logs are gone.
//!
//! auditd begins and ends its log with records of its own, `DAEMON_START` and `DAEMON_END` (`src/auditd.c` of audit-userspace).
//! Meanwhile the kernel prints what it would have sent (`kauditd_hold_skb` in `kernel/audit.c`), unless it was told to keep it
//! (`audit=1`). With `name_format` a node stands before the type.

use std::fs::File;

use super::rotated::LogFiles;
use super::{Gap, STARTING};

/// Programs that take the kernel's records in auditd's place: then the kernel need not print them.
pub(super) const OTHERS: [&str; 3] = ["auditbeat", "osqueryd", "go-audit"];
/// Seconds that auditd may be away for being started anew; and how often that is no matter.
const RESTARTING: i64 = 60;
const MOST_RESTARTS: usize = 20;

/// When the first record of a log was written, in seconds since the epoch, if it stands where it should.
pub(super) fn begins(start: &[u8], _: &File) -> Option<i64> {
    time(start)
}

/// The time of the first record in a text, in seconds since the epoch.
pub(super) fn time(text: &[u8]) -> Option<i64> {
    const MARK: &[u8] = b"audit(";
    let at = memchr::memmem::find(text, MARK)?;
    let rest = text.get(at.checked_add(MARK.len())?..)?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()
}

/// What kind of record a line is, of those that auditd writes itself.
fn is_record(line: &[u8], kind: &[u8]) -> bool {
    // What was not written when the power went.
    let text = line.iter().position(|byte| *byte != 0).and_then(|at| line.get(at..)).unwrap_or_default();
    let line = match text.strip_prefix(b"node=") {
        Some(rest) => {
            rest.iter().position(|byte| *byte == b' ').and_then(|end| rest.get(end..)).unwrap_or_default()
        }
        None => text,
    };
    let rest = line.trim_ascii_start().strip_prefix(b"type=").and_then(|rest| rest.strip_prefix(kind));
    rest.is_some_and(|rest| rest.starts_with(b" "))
}

/// Why auditd's logs do not tell of the beginning, if they do not. `is_awaited` says that the kernel kept what was before auditd.
pub(super) fn gap_before(files: &LogFiles, since: i64, is_awaited: bool) -> Option<Gap> {
    let oldest = files.files.first()?;
    let Some(begins) = oldest.begins else {
        return Some(Gap::sent("auditd's log begins with no record"));
    };
    let starts = is_record(&oldest.start, b"DAEMON_START");
    // Where there are others that were begun later, older ones may have been removed.
    let is_first = starts && (files.has_older || files.files.len() == 1);
    let later = begins.saturating_sub(since);
    if later <= 0 || (later <= STARTING && is_awaited) {
        None
    } else if later <= STARTING {
        Some(Gap::printed("what was before auditd is not in its log").at_boot())
    } else if is_first {
        Some(Gap::printed("auditd was first started later than the system"))
    } else {
        Some(Gap::sent("auditd's logs begin later than the system was started"))
    }
}

/// Looks for the records of starts and ends among all lines, oldest first.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// When auditd ended, if it has not been started since.
    ended: Option<i64>,
    /// Whether it was away for longer than it takes to start it anew; and whether for no longer.
    was_away: bool,
    was_away_briefly: usize,
    /// Whether it was started with the system, and whether it was started since.
    was_started_at_boot: bool,
    was_started: bool,
    /// Whether it had stopped writing, for want of room.
    was_suspended: bool,
    /// Whether there was a line.
    has_lines: bool,
}

impl Watch {
    /// Looks at a line.
    pub(super) fn look(&mut self, line: &[u8], since: i64) {
        let is_first = !std::mem::replace(&mut self.has_lines, true);
        if is_record(line, b"DAEMON_END") {
            self.ended = time(line);
        } else if is_record(line, b"DAEMON_RESUME") {
            self.was_suspended |= time(line).is_none_or(|time| time > since);
        } else if is_record(line, b"DAEMON_START") {
            let ended = self.ended.take();
            let time = time(line).unwrap_or(i64::MAX);
            self.was_started |= time >= since;
            // What a log begins with is told by `gap_before`.
            if is_first || time < since {
                return;
            }
            match ended.filter(|ended| *ended >= since) {
                Some(ended) if time.saturating_sub(ended) <= RESTARTING => {
                    self.was_away_briefly = self.was_away_briefly.saturating_add(1);
                }
                None if time.saturating_sub(since) <= STARTING => self.was_started_at_boot = true,
                _ => self.was_away = true,
            }
        }
    }

    /// When auditd was away, as far as its log tells; `is_awaited` says that the kernel kept what was meanwhile, `is_told` that the
    /// log does not tell of the start of the system.
    pub(super) fn gaps(&self, is_awaited: bool, is_told: bool) -> Vec<Gap> {
        let mut gaps = Vec::new();
        if self.was_suspended {
            gaps.push(Gap::sent("auditd had stopped writing its log"));
        }
        if self.ended.is_some() {
            gaps.push(Gap::printed("auditd has ended, and its log with it"));
        } else if self.was_away || self.was_away_briefly > MOST_RESTARTS {
            gaps.push(Gap::printed("auditd was away for some time"));
        } else if !self.was_started && !is_told {
            gaps.push(Gap::printed("that auditd was started with the system is not in its log"));
        }
        if is_awaited {
            return gaps;
        }
        if self.was_away_briefly > 0 {
            gaps.push(Gap::printed("while auditd was started anew nothing is in its log").brief());
        }
        if self.was_started_at_boot {
            gaps.push(Gap::printed("what was before auditd is not in its log").at_boot());
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_away_saw_not_all() {
        let (start, end, other) = ("DAEMON_START", "DAEMON_END", "AVC");
        let watch = |records: &[(&str, i64)], node: &str| {
            let mut watch = Watch::default();
            for (kind, time) in records {
                watch.look(format!("{node}type={kind} msg=audit({time}.000:7): x\n").as_bytes(), 1000);
            }
            watch.gaps(false, false)
        };
        assert_eq!(watch(&[(start, 9000), (other, 9001)], ""), []);
        for brief in [
            &[(other, 900), (start, 1010), (other, 9000)][..],
            &[(start, 1005), (end, 5000), (start, 5002), (other, 6000)],
            &[(end, 990), (start, 1020)],
        ] {
            assert!(matches!(&watch(brief, "")[..], [gap] if gap.is_brief), "{brief:?}");
        }
        for gap in [
            &[(other, 900), (end, 5000)][..],
            &[(other, 900), (end, 5000), (start, 6000)],
            // It was killed.
            &[(other, 900), (start, 6000)],
            // It was never started.
            &[(other, 900), (other, 6000)],
            &[(start, 2000), ("DAEMON_RESUME", 6000)],
        ] {
            for node in ["", "node=web1 "] {
                assert!(matches!(&watch(gap, node)[..], [gap] if !gap.is_brief), "{gap:?}");
            }
        }
    }
}
