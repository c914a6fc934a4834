//! What auditd's log tells of the time since the system was started, and of when it does not: auditd was not started yet, has ended,
//! was away for a while; or its older logs are gone.
//!
//! auditd begins and ends its log with records of its own, `DAEMON_START` and `DAEMON_END` (`src/auditd.c` of audit-userspace).
//! Meanwhile the kernel prints what it would have sent (`kauditd_hold_skb` in `kernel/audit.c`).

use std::fs::File;

use super::Gap;

/// Seconds after the start of a system in which auditd starts.
const STARTING: i64 = 300;
/// Seconds that auditd may be away for being started anew.
const RESTARTING: i64 = 60;
/// When the first record of a log was written, in seconds since the epoch, if it stands where it should.
pub(super) fn begins(start: &[u8], _: &File) -> Option<i64> {
    time(start)
}

/// The time of the first record in a text, in seconds since the epoch.
pub(super) fn time(text: &[u8]) -> Option<i64> {
    const MARK: &[u8] = b"audit(";
    let rest = text.get(memchr::memmem::find(text, MARK)?.checked_add(MARK.len())?..)?;
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()
}

/// Why auditd's logs do not tell of the beginning, if they do not: `start` is what the oldest begins with.
pub(super) fn gap_before(start: &[u8], file: &File, since: i64) -> Option<Gap> {
    match begins(start, file) {
        None => Some(Gap::Sent("auditd's log begins with no record".to_owned())),
        Some(begins) if begins <= since.saturating_add(STARTING) => None,
        // With that auditd begins a log that was not there.
        Some(_) if start.starts_with(b"type=DAEMON_START") => {
            Some(Gap::Printed("auditd was first started later than the system".to_owned()))
        }
        Some(_) => Some(Gap::Sent("auditd's logs begin later than the system was started".to_owned())),
    }
}

/// Looks for the records of starts and ends among all lines, oldest first.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// When auditd ended, if it has not been started since.
    ended: Option<i64>,
    /// Whether it was away for longer than it takes to start it anew.
    was_away: bool,
    /// Whether there was a line.
    has_lines: bool,
}

impl Watch {
    /// Looks at a line.
    pub(super) fn look(&mut self, line: &[u8], since: i64) {
        let is_first = !std::mem::replace(&mut self.has_lines, true);
        if line.starts_with(b"type=DAEMON_END ") {
            self.ended = time(line);
        } else if line.starts_with(b"type=DAEMON_START ") {
            let ended = self.ended.take();
            let time = time(line).unwrap_or(i64::MAX);
            let is_back = ended.is_some_and(|ended| time.saturating_sub(ended) <= RESTARTING);
            // What a log begins with is told by `gap_before`.
            self.was_away |= !is_first && !is_back && time > since.saturating_add(STARTING);
        }
    }

    /// When auditd was away, as far as its log tells.
    pub(super) fn gap(&self) -> Option<Gap> {
        if self.ended.is_some() {
            return Some(Gap::Printed("auditd has ended, and its log with it".to_owned()));
        }
        self.was_away.then(|| Gap::Printed("auditd was away for some time".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_away_for_some_time_saw_not_all() {
        let (start, end, other) = ("DAEMON_START", "DAEMON_END", "AVC");
        let watch = |records: &[(&str, i64)]| {
            let mut watch = Watch::default();
            for (kind, time) in records {
                watch.look(format!("type={kind} msg=audit({time}.000:7): x\n").as_bytes(), 1000);
            }
            watch.gap()
        };
        for whole in [
            &[][..],
            &[(other, 900)],
            &[(other, 900), (start, 1010), (other, 9000)],
            &[(start, 9000), (other, 9001)],
            &[(other, 900), (end, 5000), (start, 5002), (other, 6000)],
            &[(end, 990), (start, 1020)],
        ] {
            assert_eq!(watch(whole), None, "{whole:?}");
        }
        for gap in [
            &[(other, 900), (end, 5000)][..],
            &[(other, 900), (end, 5000), (start, 6000)],
            // It was killed.
            &[(other, 900), (start, 6000)],
        ] {
            assert!(matches!(watch(gap), Some(Gap::Printed(_))), "{gap:?}");
        }
    }
}
