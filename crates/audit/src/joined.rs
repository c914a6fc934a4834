//! Several records in one line, where a paste lost the line ends: where the next one begins.

use crate::avc;
use memchr::memmem::{self, Finder};

/// What is looked for in every record.
#[derive(Debug)]
pub(crate) struct Finders {
    pub(crate) avc: Finder<'static>,
    stamp: Finder<'static>,
}

impl Finders {
    pub(crate) fn new() -> Self {
        Finders { avc: Finder::new("avc:"), stamp: Finder::new("audit(") }
    }

    /// Where the next record begins in a line that holds several: at a stamp with a type before it, or at `avc:  denied`.
    pub(crate) fn next_record<'a>(&self, line: &'a [u8], body: &[u8]) -> Option<&'a [u8]> {
        let offset = line.len().checked_sub(body.len())?;
        // Behind the record's own stamp and `avc:`, which may stand far behind the start of a line of syslog.
        let own = self.own_marks(body, offset == 0);
        let rest = body.get(own..)?;
        // Names hold no blanks, or are encoded: behind a blank no name is taken for a record.
        let stamped = self.stamp.find_iter(rest).find_map(|at| {
            let before = rest.get(at.saturating_sub(40)..at)?;
            let back = before.len().checked_sub(memmem::rfind(before, b" type=")?.checked_add(1)?)?;
            at.checked_sub(back)
        });
        let bare = self.avc.find_iter(rest).find(|&at| {
            let after = rest.get(at.saturating_add(4)..).unwrap_or_default();
            let is_word = rest.get(..at).and_then(<[u8]>::last) == Some(&b' ');
            is_word && after.first() == Some(&b' ') && avc::trimmed(after).starts_with(b"denied")
        });
        let at = match (stamped, bare) {
            (Some(stamped), Some(bare)) => stamped.min(bare),
            (one, other) => one.or(other)?,
        };
        // Never at the very start, which would be this record again.
        let at = offset.checked_add(own)?.checked_add(at).filter(|&at| at > 0)?;
        line.get(at..)
    }

    /// How much of a text is the record's own stamp, unless that was taken off, and its own `avc:`.
    fn own_marks(&self, body: &[u8], has_stamp: bool) -> usize {
        let avc = self.avc.find(body).unwrap_or(body.len());
        let mut stamps = self.stamp.find_iter(body);
        let own = if has_stamp { stamps.next().filter(|&stamp| stamp < avc) } else { None };
        match (own, stamps.next().filter(|&stamp| stamp < avc)) {
            // The next `avc:` is another record's.
            (Some(own), Some(_)) => own.saturating_add(6),
            (None, Some(_)) => 0,
            _ => avc.saturating_add(4).min(body.len()),
        }
    }
}

/// The part of a text before a later part of it.
pub(crate) fn before<'a>(text: &'a [u8], later: &[u8]) -> Option<&'a [u8]> {
    let end = text.as_ptr_range().end as usize;
    let later_end = later.as_ptr_range().end as usize;
    // Both end where the line ends.
    if end != later_end {
        return None;
    }
    text.get(..text.len().checked_sub(later.len())?)
}

#[cfg(test)]
mod tests {
    use super::{Finders, before};

    fn next<'a>(line: &'a str, body: &str) -> Option<&'a str> {
        let body = &line[line.len() - body.len()..];
        Finders::new()
            .next_record(line.as_bytes(), body.as_bytes())
            .map(|next| std::str::from_utf8(next).unwrap())
    }

    #[test]
    fn the_next_record_begins_at_its_type_or_message() {
        let line = "type=AVC msg=audit(1.0:1): avc:  denied { x } type=SYSCALL msg=audit(1.0:1): exe=y";
        assert_eq!(next(line, &line[26..]), Some("type=SYSCALL msg=audit(1.0:1): exe=y"));
        let line = "see avc: denied { x } and avc:  denied { y }";
        assert_eq!(next(line, line), Some("avc:  denied { y }"));
        let line = "type=1300 audit(1.0:1): exe=y type=1400 audit(1.0:2): avc: denied { x }";
        assert_eq!(next(line, line), Some("type=1400 audit(1.0:2): avc: denied { x }"));
    }

    #[test]
    fn names_are_no_records() {
        for name in ["/type=AVC(audit(1.0:1)", "/avc:denied", "/avc:"] {
            let line = format!("type=AVC msg=audit(1.0:1): avc:  denied {{ x }} for name=\"{name}\"");
            assert_eq!(next(&line, &line[26..]), None, "{name}");
        }
        assert_eq!(next("", ""), None);
    }

    #[test]
    fn a_text_is_cut_before_its_own_tail_only() {
        let text = b"one two";
        assert_eq!(before(text, &text[4..]), Some(&b"one "[..]));
        assert_eq!(before(text, b"two of others"), None);
    }
}
