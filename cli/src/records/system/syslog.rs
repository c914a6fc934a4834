//! What a syslog daemon wrote down of what the kernel says.
//!
//! A line is `DATE HOST PROGRAM: TEXT`; programs of the system choose their own names, and only a line of the kernel's counts, so that
//! nobody puts denials into a log by the way. A daemon that takes what anybody says to be the kernel's can be deceived all the same.
//! Source: RFC 3164, 4.1; rsyslog's and syslog-ng's templates; busybox' syslogd, which puts `kern.info` before the program.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};

use super::auditd;

/// Where syslog daemons put what the kernel says.
pub(super) const SYSLOGS: [&str; 3] = ["/var/log/kern.log", "/var/log/messages", "/var/log/syslog"];
/// Who writes down what the kernel sends: its own log, and auditd's plugin.
const PROGRAMS: [&[u8]; 3] = [b"kernel", b"audisp-syslog", b"audispd"];
/// What the kernel says first of all.
const FIRST_WORDS: &[u8] = b"Linux version ";
/// What was seen of a syslog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Whether it has lines of the kernel.
    pub(super) has_kernel: bool,
    /// Whether it has what the kernel says when it starts, or said before.
    pub(super) has_boot: bool,
    /// Whether it has what auditd was sent.
    pub(super) has_audit: bool,
}

impl Seen {
    /// Looks at a line of a system that was started at a time: whether it is one that counts.
    pub(super) fn look(&mut self, line: &[u8], since: i64) -> bool {
        let Some(program) = program(line) else { return false };
        let is_kernels = program == b"kernel";
        self.has_kernel |= is_kernels;
        self.has_audit |= program.starts_with(b"audisp");
        let is_first = is_kernels && memchr::memmem::find(line, FIRST_WORDS).is_some();
        self.has_boot |= is_first || auditd::time(line).is_some_and(|time| time <= since);
        true
    }
}

/// The program of a line, if it is one that writes down what the kernel says.
fn program(line: &[u8]) -> Option<&'static [u8]> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    // A date in one word, or in three with the time last.
    if !is_iso(words.next()?) {
        words.find(|word| word.contains(&b':'))?;
    }
    // The first that ends in a colon, behind a host and perhaps a facility.
    let tag = words.take(3).find_map(|word| word.strip_suffix(b":"))?;
    let name = tag.split(|&byte| byte == b'[').next()?;
    PROGRAMS.into_iter().find(|program| *program == name)
}

fn is_iso(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_digit) && word.contains(&b'T') && word.contains(&b':')
}

/// When the first line of a syslog was written, at the latest, in seconds since the epoch: many name neither year nor zone.
pub(super) fn begins(start: &[u8], file: &File) -> Option<i64> {
    let line = start.split(|&byte| byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    if let Ok(time) = first.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    let (day, clock) = (words.next()?, words.next()?);
    let written =
        Timestamp::from_second(file.metadata().ok()?.mtime()).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    let time =
        |year: i16| DateTime::strptime("%Y %b %d %H:%M:%S", format!("{year} {first} {day} {clock}")).ok();
    // A log begins before it was last written to.
    let latest = written.datetime().checked_add(1.day()).ok()?;
    let time = time(written.year())
        .filter(|time| *time <= latest)
        .or_else(|| time(written.year().checked_sub(1)?))?;
    // In the west of the west it is twelve hours later than that.
    let time = time.checked_add(12.hours()).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a line counts, and what was seen.
    fn look(line: &str) -> (bool, Seen) {
        let mut seen = Seen::default();
        (seen.look(line.as_bytes(), 1000), seen)
    }

    #[test]
    fn only_the_kernels_lines_count() {
        for line in [
            "Nov 26 10:00:00 host kernel: [ 1.0] audit: type=1400\n",
            "2025-11-26T10:00:00.123456+01:00 host kernel: audit: type=1400\n",
            "Jan  1 00:00:10 (none) kern.notice kernel: audit: type=1400\n",
            "Jan  1 00:00:10 kernel: audit: type=1400",
            "Nov 26 10:00:00 host audisp-syslog[55]: type=AVC\n",
            "Nov 26 10:00:00 host audispd: type=AVC\n",
        ] {
            assert!(look(line).0, "{line}");
        }
        for line in [
            "Nov 26 10:00:00 host ada: kernel: audit: type=1400\n",
            "Nov 26 10:00:00 host dbus-daemon[7]: kernel: x\n",
            "Nov 26 10:00:00 host kernel audit: x\n",
            "kernel: x\n",
            "\n\n   \n",
            "Nov",
            "",
        ] {
            assert_eq!(look(line), (false, Seen::default()), "{line}");
        }
        let banner = "Nov 26 10:00:00 host kernel: Linux version 6.1.0\n";
        assert!(look(banner).1.has_boot);
        assert!(!look("Nov 26 10:00:00 host ada: Linux version 6.1.0\n").1.has_boot);
        assert!(look("Nov 26 10:00:00 host audispd: type=AVC\n").1.has_audit);
        assert!(look("Nov 26 10:00:00 host kernel: audit: type=1400 audit(1000.1:2): x\n").1.has_boot);
        assert!(!look("Nov 26 10:00:00 host kernel: audit: type=1400 audit(1001.1:2): x\n").1.has_boot);
    }

    #[test]
    fn a_line_was_written_then_or_earlier() {
        let file = tempfile::tempfile().unwrap();
        // 2025-11-26 10:00:00 UTC.
        let written = 1_764_151_200;
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(written)).unwrap();
        let begins = |line: &str| begins(line.as_bytes(), &file);
        let hour = 3600;
        assert_eq!(begins("2025-11-26T09:00:00+01:00 h a: x\n"), Some(1_764_151_200 - 2 * hour));
        assert_eq!(begins("Nov 26 09:00:00 h a: x\nNov 27"), Some(1_764_151_200 - hour + 12 * hour));
        assert_eq!(begins("Nov  6 10:00:00 h a: x"), Some(1_764_151_200 - 20 * 24 * hour + 12 * hour));
        // Of the year before.
        assert_eq!(begins("Dec 26 10:00:00 h a: x"), Some(1_764_151_200 - 335 * 24 * hour + 12 * hour));
        for none in ["", "x", "Nov 26", "Nov 99 10:00:00 h", "Feb 30 10:00:00 h"] {
            assert_eq!(begins(none), None, "{none}");
        }
    }
}
