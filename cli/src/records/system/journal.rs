//! The journal of this boot: what journald was sent of the kernel's records, and what it read in the kernel's log.
//!
//! Source: systemd.journal-fields(7), `_TRANSPORT=`; journalctl(1) for who is shown what.

use std::io::BufReader;
use std::path::Path;

use memchr::memmem;

use super::sifted::Sifted;
use super::{Merged, Reach, STARTING, printed};
use crate::records::BUFFER;
use crate::records::source::{Journal, Source};

/// Fields of an entry, as `journalctl -o json` writes them.
const SENT: &[u8] = b"\"_TRANSPORT\":\"audit\"";
const PRINTED: &[u8] = b"\"_TRANSPORT\":\"kernel\"";
const MESSAGE: &[u8] = b"\"MESSAGE\":\"";
const TIME: &[u8] = b"\"__REALTIME_TIMESTAMP\":\"";

/// What a journal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    has_lines: bool,
    /// What the kernel says when it starts.
    has_boot: bool,
    /// That it left records out.
    has_loss: bool,
    /// When the kernel's first words were written down, and when the first of what it has sent: journald need not listen. In
    /// microseconds since the epoch.
    boot: Option<i64>,
    first_sent: Option<i64>,
}

impl Seen {
    fn look(&mut self, line: &[u8]) {
        self.has_lines = true;
        if self.first_sent.is_none() && memmem::find(line, SENT).is_some() {
            self.first_sent = time(line);
        }
        if memmem::find(line, PRINTED).is_none() {
            return;
        }
        let message = memmem::find(line, MESSAGE).and_then(|at| line.get(at.checked_add(MESSAGE.len())?..));
        let message = message.and_then(|rest| rest.split(|byte| *byte == b'"').next()).unwrap_or_default();
        if printed::is_first(message) {
            self.has_boot = true;
            self.boot = time(line);
        }
        self.has_loss |= printed::is_loss(message);
    }
}

/// When an entry was written, in microseconds since the epoch.
fn time(line: &[u8]) -> Option<i64> {
    let at = memmem::find(line, TIME)?.checked_add(TIME.len())?;
    let digits = line.get(at..)?.split(|byte| *byte == b'"').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What was read of a journal.
pub(super) struct Read {
    pub(super) reach: Reach,
    /// Why that is not all that it could be, if it is not.
    pub(super) partly: Option<&'static str>,
}

/// Reads the journal, or only what it has until a time.
///
/// # Errors
/// There is none, or nothing is shown of it.
pub(super) fn read(merged: &mut Merged, until: Option<i64>) -> Result<Read, String> {
    let options = until.map(|until| format!("--until=@{until}"));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let journal = Journal::start(&options).map_err(|_| "there is no journald".to_owned())?;
    let mut seen = Seen::default();
    let lines = Sifted::new(BufReader::with_capacity(BUFFER, journal), |line| {
        seen.look(line);
        true
    });
    // It is of this boot, whatever the clock was when that began.
    let read = merged.read(&Source::Journal.label(), lines, i64::MIN);
    if read.is_err() || !seen.has_lines {
        return Err("the journal of this boot is empty, or may not be read".to_owned());
    }
    let partly = match (host::is_root(Path::new("/")), seen.has_boot) {
        (false, _) => Some("only root is shown all of the journal"),
        (true, false) => Some("the journal begins later than the system was started"),
        (true, true) => seen.has_loss.then_some(printed::LOSS),
    };
    let is_shown = seen.has_boot && host::is_root(Path::new("/"));
    let is_early = |first: i64| {
        seen.boot.is_some_and(|boot| first.saturating_sub(boot) <= STARTING.saturating_mul(1_000_000))
    };
    let sent = is_shown && seen.first_sent.is_some_and(is_early);
    // What was left out in print was sent all the same.
    Ok(Read { reach: Reach { printed: is_shown && !seen.has_loss, sent }, partly: partly.filter(|_| !sent) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_first_and_what_it_sends_are_seen() {
        let mut seen = Seen::default();
        seen.look(br#"{"_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"17","MESSAGE":"Linux version 6.1"}"#);
        assert_eq!(seen, Seen { has_lines: true, has_boot: true, boot: Some(17), ..Seen::default() });
        seen.look(br#"{"MESSAGE":"kauditd_printk_skb: 7 callbacks suppressed","_TRANSPORT":"kernel"}"#);
        assert!(seen.has_loss);
        seen.look(br#"{"_TRANSPORT":"audit","MESSAGE":"AVC avc:  denied","__REALTIME_TIMESTAMP":"18"}"#);
        seen.look(br#"{"_TRANSPORT":"audit","MESSAGE":"AVC avc:  denied","__REALTIME_TIMESTAMP":"19"}"#);
        assert_eq!(seen.first_sent, Some(18));
        // What others say of it is none.
        let mut seen = Seen::default();
        seen.look(br#"{"_TRANSPORT":"syslog","MESSAGE":"Linux version 6.1 \"_TRANSPORT\":\"audit\""}"#);
        assert_eq!(seen, Seen { has_lines: true, ..Seen::default() });
    }
}
