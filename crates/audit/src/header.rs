//! What stands before a record's body: node, type, stamp; a date, a host and a program of another log; nothing at all.
//!
//! `[node=N] type=T msg=audit(…): body` is what auditd writes, and read first and fastest. In all other lines the body
//! is found by what it begins with, and the text before it is searched for what it may say.

use crate::stamp::{self, Moment, Stamp};
use crate::tokens::is_blank;
use memchr::memmem;

/// The kinds of records that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Avc,
    UserAvc,
    SelinuxErr,
    Syscall,
    Path,
    /// The path of old kernels, in a record of its own.
    AvcPath,
    Cwd,
    Proctitle,
    EndOfEvent,
    Other,
}

impl Record {
    /// By name (`type=AVC`), or number as in the kernel's own log (`type=1400`; `include/uapi/linux/audit.h`).
    pub(crate) fn by_name(name: &[u8]) -> Record {
        match name {
            b"AVC" | b"1400" => Record::Avc,
            b"USER_AVC" | b"1107" => Record::UserAvc,
            b"SELINUX_ERR" | b"1401" | b"USER_SELINUX_ERR" | b"1108" => Record::SelinuxErr,
            b"SYSCALL" | b"1300" => Record::Syscall,
            b"PATH" | b"1302" => Record::Path,
            b"AVC_PATH" | b"1402" => Record::AvcPath,
            b"CWD" | b"1307" => Record::Cwd,
            b"PROCTITLE" | b"1327" => Record::Proctitle,
            b"EOE" | b"1320" => Record::EndOfEvent,
            _ => Record::Other,
        }
    }
}

/// What stands before the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header<'a> {
    /// None where nothing names the type.
    pub(crate) record: Option<Record>,
    pub(crate) node: Option<&'a [u8]>,
    pub(crate) stamp: Option<Stamp<'a>>,
    /// The date of the log, where there is no stamp.
    pub(crate) date: Option<&'a [u8]>,
    /// The program that wrote the line, and its process.
    pub(crate) program: Option<&'a [u8]>,
    pub(crate) program_pid: Option<u64>,
}

impl<'a> Header<'a> {
    const NONE: Header<'static> =
        Header { record: None, node: None, stamp: None, date: None, program: None, program_pid: None };

    /// Fills in what an outer header knows: an entry of the journal, about its message.
    pub(crate) fn within(self, outer: &Header<'a>) -> Header<'a> {
        Header {
            record: outer.record.or(self.record),
            node: outer.node.or(self.node),
            // A message with a stamp of its own is the kernel's line, and the entry's serial number is none.
            stamp: self.stamp.or(outer.stamp),
            date: self.date.or(outer.date),
            program: outer.program.or(self.program),
            program_pid: self.program_pid.or(outer.program_pid),
        }
    }

    /// When the event was.
    pub(crate) fn moment(&self) -> Option<Moment<'_>> {
        self.stamp.and_then(|stamp| stamp.moment).or(self.date.map(Moment::Date))
    }
}

/// Reads what auditd writes: `[node=N] type=T msg=audit(…): body`. The body begins at the first byte that is neither
/// blank nor colon.
pub(crate) fn of_auditd(line: &[u8]) -> Option<(Header<'_>, &[u8])> {
    let (node, rest) = match line.strip_prefix(b"node=").or_else(|| line.strip_prefix(b"host=")) {
        Some(rest) => {
            let end = memchr::memchr(b' ', rest)?;
            (rest.get(..end), rest.get(end.checked_add(1)?..)?)
        }
        None => (None, line),
    };
    let rest = rest.strip_prefix(b"type=")?;
    let end = memchr::memchr(b' ', rest)?;
    let (name, rest) = rest.split_at_checked(end)?;
    let rest = rest.strip_prefix(b" ")?;
    let rest = rest.strip_prefix(b"msg=").unwrap_or(rest).strip_prefix(b"audit(")?;
    let close = memchr::memchr(b')', rest)?;
    let stamp = stamp::stamp(rest.get(..close)?);
    let rest = rest.get(close.checked_add(1)?..)?;
    let body = rest.iter().position(|&byte| byte != b':' && !is_blank(byte)).unwrap_or(rest.len());
    let header = Header { record: Some(Record::by_name(name)), node, stamp: Some(stamp), ..Header::NONE };
    Some((header, rest.get(body..)?))
}

/// Reads what stands before a body in any other line.
pub(crate) fn of_prefix(prefix: &[u8]) -> Header<'_> {
    let mut header = Header::NONE;
    let mut date = prefix;
    if let Some(at) = memmem::rfind(prefix, b"audit(") {
        let inner = prefix.get(at.saturating_add(6)..).unwrap_or_default();
        header.stamp = memchr::memchr(b')', inner).and_then(|close| inner.get(..close)).map(stamp::stamp);
        date = prefix.get(..at).unwrap_or_default();
    }
    for word in date.split(|&byte| is_blank(byte)) {
        if let Some(name) = word.strip_prefix(b"type=") {
            header.record = Some(Record::by_name(name.strip_suffix(b":").unwrap_or(name)));
        } else if let Some(node) = word.strip_prefix(b"node=").or_else(|| word.strip_prefix(b"host=")) {
            header.node = Some(node);
        }
    }
    read_log_prefix(date, &mut header);
    header
}

/// Splits a line without `avc:` into what stands before the record's fields, and these: behind the stamp, or behind the
/// type that the journal writes.
pub(crate) fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let stamp = memmem::find(line, b"audit(").and_then(|at| {
        let close = memchr::memchr(b')', line.get(at..)?)?;
        at.checked_add(close)?.checked_add(1)
    });
    let journal = || {
        ["SYSCALL ", "PATH ", "CWD ", "PROCTITLE ", "SELINUX_ERR "].iter().find_map(|name| {
            let at = memmem::find(line, name.as_bytes())?;
            at.checked_add(name.len())
        })
    };
    match stamp.or_else(journal).and_then(|at| line.split_at_checked(at)) {
        Some((prefix, rest)) => {
            let body = rest.iter().position(|&byte| byte != b':' && !is_blank(byte)).unwrap_or(rest.len());
            (prefix, rest.get(body..).unwrap_or_default())
        }
        None => (b"", line),
    }
}

/// Reads `Sep 28 18:40:23 HOST PROGRAM[PID]: `, the same with an ISO date or without host, `[ 12.3] `, and logcat's dates.
fn read_log_prefix<'a>(prefix: &'a [u8], header: &mut Header<'a>) {
    let words: Vec<&[u8]> =
        prefix.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty()).take(12).collect();
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    // A quotation, or a list.
    let first = words.iter().position(|word| !matches!(*word, b">" | b"-" | b"*" | b"...")).unwrap_or(0);
    let clock = (first..first.saturating_add(4)).find(|&at| is_clock(word(at)));
    let behind = match clock {
        Some(at) => {
            header.date = between(prefix, word(first), word(at));
            at.saturating_add(1)
        }
        None => first,
    };
    // The word with a colon at its end is the program; a host stands between date and program.
    let tag = (behind..behind.saturating_add(3)).find(|&at| is_tag(word(at)));
    let Some(tag) = tag else { return };
    if clock.is_some() && tag == behind.saturating_add(1) && header.node.is_none() {
        header.node = Some(word(behind));
    }
    let text = word(tag).strip_suffix(b":").unwrap_or(word(tag));
    let (name, pid) = match memchr::memchr(b'[', text).and_then(|at| text.split_at_checked(at)) {
        Some((name, pid)) => (name, pid.strip_prefix(b"[").and_then(|pid| pid.strip_suffix(b"]"))),
        None => (text, None),
    };
    header.program = Some(name);
    header.program_pid = pid.and_then(stamp::decimal);
    if name == b"audit" && header.record.is_none() {
        let kind = Record::by_name(word(tag.saturating_add(1)));
        header.record = Some(kind).filter(|&kind| kind != Record::Other);
    }
}

/// The text from the start of one word to the end of a later one.
fn between<'a>(text: &'a [u8], first: &[u8], last: &[u8]) -> Option<&'a [u8]> {
    let base = text.as_ptr() as usize;
    let start = (first.as_ptr() as usize).checked_sub(base)?;
    let end = (last.as_ptr() as usize).checked_sub(base)?.checked_add(last.len())?;
    text.get(start..end)
}

/// A time of day, alone or behind an ISO date.
fn is_clock(word: &[u8]) -> bool {
    let time = memchr::memchr(b'T', word).and_then(|at| word.get(at.checked_add(1)?..)).unwrap_or(word);
    matches!(
        time,
        [b'0'..=b'2', b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9', b':', b'0'..=b'6', b'0'..=b'9', ..]
    )
}

fn is_tag(word: &[u8]) -> bool {
    word.len() > 1 && word.ends_with(b":") && !word.starts_with(b"type=") && !word.starts_with(b"[")
}

#[cfg(test)]
mod tests {
    use super::{Record, of_auditd, of_prefix};
    use crate::stamp::Moment;

    #[test]
    fn auditd_writes() {
        let (header, body) =
            of_auditd(b"node=web1 type=AVC msg=audit(1700000000.123:45): avc:  denied").unwrap();
        assert_eq!((header.record, header.node), (Some(Record::Avc), Some(&b"web1"[..])));
        assert_eq!(header.moment(), Some(Moment::Epoch { seconds: 1_700_000_000, millis: 123 }));
        assert_eq!(body, b"avc:  denied");
        let (header, body) = of_auditd(b"type=1400 audit(05/01/2026 10:00:00.123:45) : avc:").unwrap();
        assert_eq!((header.record, body), (Some(Record::Avc), &b"avc:"[..]));
        for other in ["type=AVC", "type=AVC msg=audit(1.0:2", "node=x", "avc: denied", ""] {
            assert!(of_auditd(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn other_logs_write() {
        let journal = of_prefix(b"Sep 28 18:40:23 web1 audit[88]: AVC ");
        assert_eq!((journal.node, journal.program_pid), (Some(&b"web1"[..]), Some(88)));
        assert_eq!((journal.date, journal.record), (Some(&b"Sep 28 18:40:23"[..]), Some(Record::Avc)));
        let iso = of_prefix(
            b"2026-09-28T18:40:23.1+00:00 web1 kernel: audit: type=1400 audit(1700000000.123:45): ",
        );
        assert_eq!(
            (iso.node, iso.program, iso.record),
            (Some(&b"web1"[..]), Some(&b"kernel"[..]), Some(Record::Avc))
        );
        assert!(matches!(iso.moment(), Some(Moment::Epoch { .. })));
        let dmesg = of_prefix(b"[   12.345] audit: type=1400 audit(1700000000.123:45): ");
        assert_eq!((dmesg.date, dmesg.record), (None, Some(Record::Avc)));
        let logcat = of_prefix(b"06-01 12:00:00.123  1234  1235 W Thread-2: type=1400 audit(0.0:12): ");
        assert_eq!((logcat.moment(), logcat.node), (Some(Moment::Date(b"06-01 12:00:00.123")), None));
        let user = of_prefix(b"Jun  1 12:00:00 desk systemd[1483]: selinux: ");
        assert_eq!((user.program, user.date), (Some(&b"systemd"[..]), Some(&b"Jun  1 12:00:00"[..])));
        let quoted = of_prefix(b"> Jun  1 12:00:00 desk audit[1]: USER_AVC ");
        assert_eq!((quoted.record, quoted.node), (Some(Record::UserAvc), Some(&b"desk"[..])));
        assert!(of_prefix(b"").date.is_none());
    }
}
