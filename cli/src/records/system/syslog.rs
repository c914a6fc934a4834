//! What a syslog daemon wrote down of what the kernel says.
//!
//! A line is `DATE HOST PROGRAM: TEXT`; programs of the system choose their own names, and only a line of the kernel's counts, so that
//! nobody puts denials into a log by the way; nor do lines of other hosts. A daemon that takes what anybody says to be the kernel's
//! can be deceived all the same. Source: RFC 3164, 4.1; rsyslog's and syslog-ng's templates; busybox' syslogd, which puts `kern.info`
//! before the program.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{auditd, printed};

/// Where syslog daemons put what the kernel says.
pub(super) const SYSLOGS: [&str; 3] = ["/var/log/kern.log", "/var/log/messages", "/var/log/syslog"];
/// Daemons that write them.
pub(super) const DAEMONS: [&str; 6] = ["rsyslogd", "syslog-ng", "syslogd", "klogd", "metalog", "socklog"];
/// Plugins of auditd that write down what it is sent.
const PLUGINS: [&[u8]; 2] = [b"audisp-syslog", b"audispd"];
/// How a system calls itself before it knows its name.
const NAMELESS: &[u8] = b"localhost";

/// What was seen of a syslog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Whether it has lines of the kernel.
    pub(super) has_kernel: bool,
    /// Whether it has what the kernel says when it starts, or said before.
    pub(super) has_boot: bool,
    /// Whether the kernel says that it left records out.
    pub(super) has_loss: bool,
    /// When the first record was made that auditd was sent.
    pub(super) first_sent: Option<i64>,
}

impl Seen {
    /// Looks at a line of a system that was started at a time, and has this name if it is known: whether it is one that counts.
    pub(super) fn look(&mut self, line: &[u8], since: i64, own: Option<&str>) -> bool {
        let Some(Line { host, program, text }) = parse(line) else { return false };
        let is_own = |host: &[u8]| {
            own.is_none_or(|own| short(host) == short(own.as_bytes())) || short(host) == NAMELESS
        };
        if host.is_some_and(|host| !is_own(host)) {
            return false;
        }
        if PLUGINS.contains(&program) {
            let time = auditd::time(text).filter(|_| text.trim_ascii_start().starts_with(b"type="));
            self.first_sent = [self.first_sent, time].into_iter().flatten().min();
            return true;
        }
        if program != b"kernel" {
            return false;
        }
        self.has_kernel = true;
        if printed::is_first(text) {
            // What was lost before is of another boot.
            self.has_boot = true;
            self.has_loss = false;
        }
        self.has_boot |= printed::time(text).is_some_and(|time| time <= since);
        self.has_loss |= printed::is_loss(text);
        true
    }
}

/// A name without its domain.
fn short(host: &[u8]) -> &[u8] {
    host.split(|byte| *byte == b'.').next().unwrap_or(host)
}

/// A line, in its parts.
struct Line<'a> {
    host: Option<&'a [u8]>,
    program: &'a [u8],
    text: &'a [u8],
}

fn parse(line: &[u8]) -> Option<Line<'_>> {
    let mut rest = line;
    let mut word = || {
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let text = rest.get(start..)?;
        let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
        let (word, behind) = text.split_at_checked(end)?;
        rest = behind;
        Some(word)
    };
    // A date in one word, or in three with the time last.
    let first = word()?;
    if !(first.first().is_some_and(u8::is_ascii_digit) && first.contains(&b'T')) {
        let (_, clock) = (word()?, word()?);
        if !clock.contains(&b':') {
            return None;
        }
    }
    let mut before = Vec::new();
    for _ in 0..3 {
        let word = word()?;
        if let Some(tag) = word.strip_suffix(b":") {
            let program = tag.split(|&byte| byte == b'[').next()?;
            let is_facility = |word: &&[u8]| word.starts_with(b"kern.") || word.starts_with(b"user.");
            let host = before.first().copied().filter(|word| !is_facility(word));
            return Some(Line { host, program, text: rest });
        }
        before.push(word);
    }
    None
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
    let written = Timestamp::from_second(file.metadata().ok()?.mtime()).ok()?.to_zoned(TimeZone::UTC);
    let time =
        |year: i16| DateTime::strptime("%Y %b %d %H:%M:%S", format!("{year} {first} {day} {clock}")).ok();
    // A log begins before it was last written to.
    let latest = written.datetime().checked_add(1.day()).ok()?;
    let time = time(written.year())
        .filter(|time| *time <= latest)
        .or_else(|| time(written.year().checked_sub(1)?))?;
    // In the west of the west it is twelve hours later than that.
    let time = time.checked_add(12.hours()).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a line counts on a system called web, and what was seen.
    fn look(line: &str) -> (bool, Seen) {
        let mut seen = Seen::default();
        (seen.look(line.as_bytes(), 1000, Some("web.example.org")), seen)
    }

    #[test]
    fn only_the_kernels_lines_count() {
        for line in [
            "Nov 26 10:00:00 web kernel: [ 1.0] audit: type=1400\n",
            "2025-11-26T10:00:00.123456+01:00 web.example.org kernel: audit: type=1400\n",
            "Jan  1 00:00:10 localhost kern.notice kernel: audit: type=1400\n",
            "Jan  1 00:00:10 kern.notice kernel: audit: type=1400\n",
            "Jan  1 00:00:10 kernel: audit: type=1400",
            "Nov 26 10:00:00 web audisp-syslog[55]: type=AVC\n",
            "Nov 26 10:00:00 web audispd: type=AVC\n",
        ] {
            assert!(look(line).0, "{line}");
        }
        for line in [
            "Nov 26 10:00:00 web ada: kernel: audit: type=1400\n",
            "Nov 26 10:00:00 other kernel: audit: type=1400\n",
            "Nov 26 10:00:00 web dbus-daemon[7]: kernel: x\n",
            "Nov 26 10:00:00 web kernel audit: x\n",
            "kernel: x\n",
            "\n\n   \n",
            "Nov",
            "",
        ] {
            assert_eq!(look(line), (false, Seen::default()), "{line}");
        }
    }

    #[test]
    fn a_boot_is_what_the_kernel_says_of_it() {
        assert!(look("Nov 26 10:00:00 localhost kernel: Linux version 6.1.0\n").1.has_boot);
        assert!(look("Nov 26 10:00:00 web kernel: audit: type=1400 audit(1000.1:2): x\n").1.has_boot);
        for other in [
            "Nov 26 10:00:00 web ada: Linux version 6.1.0\n",
            "Nov 26 10:00:00 other kernel: Linux version 6.1.0\n",
            "Nov 26 10:00:00 web kernel: audit: type=1400 audit(1001.1:2): x\n",
            "Nov 26 10:00:00 web kernel: audit(1[7]: segfault at 0\n",
        ] {
            assert!(!look(other).1.has_boot, "{other}");
        }
        let sent = look("Nov 26 10:00:00 web audispd: type=AVC msg=audit(1001.1:2): x\n").1;
        assert_eq!(sent.first_sent, Some(1001));
        assert_eq!(look("Nov 26 10:00:00 web audispd: hello audit(1.1:2)\n").1.first_sent, None);
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
