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
    /// Whether it has lines of the kernel, or others in which a denial stands.
    pub(super) has_kernel: bool,
    pub(super) has_others: bool,
    /// Whether it has what the kernel said when the system was started.
    pub(super) has_boot: bool,
    /// Whether the kernel says that it left records out.
    pub(super) has_loss: bool,
    /// When the first record was made that auditd was sent.
    pub(super) first_sent: Option<i64>,
}

impl Seen {
    /// Looks at a line of a system that was started at a time, and has this name if it is known: whether it is one that counts.
    pub(super) fn look(&mut self, line: &[u8], since: i64, own: Option<&str>) -> bool {
        let is_denial = || memchr::memmem::find(line, b"avc:  denied").is_some();
        let Some(Line { date, host, program, text }) = parse(line) else {
            self.has_others |= is_denial();
            return false;
        };
        if PLUGINS.contains(&program) {
            let time = auditd::time(text).filter(|_| text.trim_ascii_start().starts_with(b"type="));
            let time = time.filter(|time| *time >= since);
            self.first_sent = [self.first_sent, time].into_iter().flatten().min();
            return true;
        }
        if program != b"kernel" {
            return false;
        }
        let is_own = |host: &[u8]| {
            own.is_none_or(|own| short(host).eq_ignore_ascii_case(short(own.as_bytes()))) || host == NAMELESS
        };
        if host.is_some_and(|host| !is_own(host)) {
            // It may be this system, before it was renamed.
            self.has_others |= printed::is_first(text) || is_denial();
            return false;
        }
        self.has_kernel = true;
        if printed::is_first(text) && latest(date, now()).is_none_or(|time| time >= since) {
            // What was lost before is of another boot.
            self.has_boot = true;
            self.has_loss = false;
        }
        self.has_loss |= printed::is_loss(text);
        true
    }
}

/// Seconds since the epoch.
fn now() -> i64 {
    Timestamp::now().as_second()
}

/// A name without its domain.
fn short(host: &[u8]) -> &[u8] {
    host.split(|byte| *byte == b'.').next().unwrap_or(host)
}

/// A line, in its parts.
struct Line<'a> {
    date: &'a [u8],
    host: Option<&'a [u8]>,
    program: &'a [u8],
    text: &'a [u8],
}

/// Takes the next word of a text.
fn word<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let text = rest.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, behind) = text.split_at_checked(end)?;
    *rest = behind;
    Some(word).filter(|word| !word.is_empty())
}

fn parse(line: &[u8]) -> Option<Line<'_>> {
    let (mut rest, has_clock) = (line, |word: &[u8]| word.contains(&b':'));
    // A date in one word, in two, or in three with the time last.
    let first = word(&mut rest)?;
    let is_number = first.first().is_some_and(u8::is_ascii_digit);
    let more = if has_clock(first) && is_number { 0 } else { 2_usize.saturating_sub(usize::from(is_number)) };
    let last = (0..more).try_fold(first, |_, _| word(&mut rest))?;
    if !has_clock(last) {
        return None;
    }
    let date = line.get(..line.len().saturating_sub(rest.len()))?;
    let mut before = Vec::new();
    for _ in 0..3 {
        let word = word(&mut rest)?;
        if let Some(tag) = word.strip_suffix(b":") {
            let program = tag.split(|&byte| byte == b'[').next()?;
            let is_facility = |word: &&[u8]| word.starts_with(b"kern.") || word.starts_with(b"user.");
            let host = before.first().copied().filter(|word| !is_facility(word));
            return Some(Line { date, host, program, text: rest });
        }
        before.push(word);
    }
    None
}

/// When the first line of a syslog was written, at the latest, in seconds since the epoch.
pub(super) fn begins(start: &[u8], file: &File) -> Option<i64> {
    let line = start.split(|&byte| byte == b'\n').next()?;
    let date = parse(line).map_or(line, |line| line.date);
    // A log begins before it was last written to.
    latest(date, file.metadata().ok()?.mtime())
}

/// What a date says at the latest, in seconds since the epoch, of something that was before another time: many name neither year nor
/// zone.
fn latest(date: &[u8], before: i64) -> Option<i64> {
    let date = String::from_utf8_lossy(date);
    let mut words = date.split_ascii_whitespace();
    let first = words.next()?;
    if let Ok(time) = first.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    let zone = TimeZone::UTC;
    let (second, third) = (words.next()?, words.next());
    let time = match third {
        None => DateTime::strptime("%Y-%m-%d %H:%M:%S", format!("{first} {}", second.get(..8)?)).ok()?,
        Some(clock) => {
            let before = Timestamp::from_second(before).ok()?.to_zoned(zone.clone()).datetime();
            let limit = before.checked_add(1.day()).ok()?;
            let of = |year: i16| {
                DateTime::strptime("%Y %b %d %H:%M:%S", format!("{year} {first} {second} {clock}")).ok()
            };
            of(before.year()).filter(|time| *time <= limit).or_else(|| of(before.year().checked_sub(1)?))?
        }
    };
    // In the west of the west it is twelve hours later than that.
    let time = time.checked_add(12.hours()).ok()?;
    Some(time.to_zoned(zone).ok()?.timestamp().as_second())
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
            "2025-11-26 10:00:00 WEB kernel: audit: type=1400",
            "Nov 26 10:00:00 web audisp-syslog[55]: type=AVC\n",
            "Nov 26 10:00:00 web audispd: type=AVC\n",
        ] {
            assert!(look(line).0, "{line}");
        }
        for line in [
            "Nov 26 10:00:00 web ada: kernel: audit: type=1400\n",
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
        let boot = "Nov 26 10:00:00 localhost kernel: Linux version 6.1.0\n";
        assert!(look(boot).1.has_boot);
        let mut of_another = Seen::default();
        assert!(of_another.look(boot.as_bytes(), i64::MAX, None) && !of_another.has_boot, "it was before");
        for other in [
            "Nov 26 10:00:00 web ada: Linux version 6.1.0\n",
            "Nov 26 10:00:00 other kernel: Linux version 6.1.0\n",
            "Nov 26 10:00:00 web kernel: Linux version 6[7]: segfault at 0\n",
        ] {
            assert!(!look(other).1.has_boot, "{other}");
        }
        // What may be this system under another name, or in a form that is not known.
        for other in ["Nov 26 10:00:00 other kernel: avc:  denied", "1700000000 web kernel avc:  denied"] {
            let (counts, seen) = look(other);
            assert!(!counts && seen.has_others && !seen.has_kernel, "{other}");
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
        assert_eq!(begins("2025-11-26 09:00:00.5 h a: x\n"), Some(1_764_151_200 - 3600 + 12 * 3600));
        let hour = 3600;
        assert_eq!(begins("2025-11-26T09:00:00+01:00 h a: x\n"), Some(1_764_151_200 - 2 * hour));
        assert_eq!(begins("Nov 26 09:00:00 h a: x\nNov 27"), Some(1_764_151_200 - hour + 12 * hour));
        assert_eq!(begins("Nov  6 10:00:00 h a: x"), Some(1_764_151_200 - 20 * 24 * hour + 12 * hour));
        // Of the year before.
        assert_eq!(begins("Dec 26 10:00:00 h a: x"), Some(1_764_151_200 - 335 * 24 * hour + 12 * hour));
        for none in ["", "x", "Nov 26", "Nov 99 10:00:00 h a: x", "Feb 30 10:00:00 h a: x"] {
            assert_eq!(begins(none), None, "{none}");
        }
    }
}
