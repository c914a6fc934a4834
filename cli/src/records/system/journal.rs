//! The journal of this boot: what journald was sent of the kernel's records, and what it read in the kernel's log.
//!
//! Source: systemd.journal-fields(7), `_TRANSPORT=`; journalctl(1) for who is shown what.

use std::io::BufReader;
use std::path::Path;

use memchr::memmem;

use super::Merged;
use super::Reach;
use super::sifted::Sifted;
use crate::records::BUFFER;
use crate::records::source::{Journal, Source};

/// Fields of an entry, as `journalctl -o json` writes them.
const SENT: &[u8] = b"\"_TRANSPORT\":\"audit\"";
const PRINTED: &[u8] = b"\"_TRANSPORT\":\"kernel\"";
/// With that the kernel begins.
const FIRST_WORDS: &[u8] = b"\"MESSAGE\":\"Linux version ";

/// What a journal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    has_lines: bool,
    /// What the kernel says when it starts.
    has_boot: bool,
    /// What the kernel has sent: journald need not listen.
    has_sent: bool,
}

impl Seen {
    fn look(&mut self, line: &[u8]) {
        self.has_lines = true;
        self.has_sent |= memmem::find(line, SENT).is_some();
        self.has_boot |= memmem::find(line, FIRST_WORDS).is_some() && memmem::find(line, PRINTED).is_some();
    }
}

/// Reads the journal: how much it tells of, and why that is not all that it could be, if it is not.
///
/// # Errors
/// There is none, or nothing is shown of it.
pub(super) fn read(merged: &mut Merged) -> Result<(Reach, Option<&'static str>), String> {
    let journal = Journal::start(&[]).map_err(|_| "there is no journald".to_owned())?;
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
    let why = match (host::is_root(Path::new("/")), seen.has_boot) {
        (false, _) => Some("only root is shown all of the journal"),
        (true, false) => Some("the journal begins later than the system was started"),
        (true, true) => None,
    };
    Ok((Reach { printed: true, sent: seen.has_sent }, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_first_and_what_it_sends_are_seen() {
        let mut seen = Seen::default();
        seen.look(br#"{"_TRANSPORT":"kernel","MESSAGE":"Linux version 6.1"}"#);
        assert_eq!(seen, Seen { has_lines: true, has_boot: true, has_sent: false });
        seen.look(br#"{"_TRANSPORT":"audit","MESSAGE":"AVC avc:  denied"}"#);
        assert!(seen.has_sent);
        // What others say of it is none.
        let mut seen = Seen::default();
        seen.look(br#"{"_TRANSPORT":"syslog","MESSAGE":"Linux version 6.1 \"_TRANSPORT\":\"audit\""}"#);
        assert_eq!(seen, Seen { has_lines: true, has_boot: false, has_sent: false });
    }
}
