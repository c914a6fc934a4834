//! The stamp `audit(TIME:SERIAL)` that all records of one event share, and the dates that other logs put in front.
//!
//! The kernel writes seconds since the epoch with milliseconds (`kernel/audit.c`, `audit_log_start`), `ausearch -i` a
//! date as the reader's locale has it, without a time zone: that one is kept as text.

use crate::decode::Writing;
use crate::text::Text;
use std::fmt;

/// When an event happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventTime {
    /// Seconds since the epoch, and milliseconds.
    Epoch {
        /// Whole seconds.
        seconds: i64,
        /// Milliseconds, below 1000.
        millis: u16,
    },
    /// A date as some log shows it: without a zone, often without a year.
    Date(Text),
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventTime::Epoch { seconds, millis } => write!(f, "{seconds}.{millis:03}"),
            EventTime::Date(text) => text.fmt(f),
        }
    }
}

/// A time as it stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment<'a> {
    Epoch { seconds: i64, millis: u16 },
    Date(&'a [u8]),
}

impl Moment<'_> {
    pub(crate) fn to_time(self) -> EventTime {
        match self {
            Moment::Epoch { seconds, millis } => EventTime::Epoch { seconds, millis },
            Moment::Date(text) => EventTime::Date(Text::new(text)),
        }
    }
}

/// What stands in `audit(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp<'a> {
    /// None where it was blacked out, or 0 as in Android's logs.
    pub(crate) moment: Option<Moment<'a>>,
    pub(crate) serial: Option<u64>,
    pub(crate) writing: Writing,
}

/// Reads the text between the parentheses.
pub(crate) fn stamp(text: &[u8]) -> Stamp<'_> {
    let colon = memchr::memrchr(b':', text);
    let (time, serial) = match colon.and_then(|at| text.split_at_checked(at)) {
        Some((time, serial)) => (time, decimal(serial.get(1..).unwrap_or_default())),
        None => (text, None),
    };
    if let Some(moment) = epoch(time) {
        let moment = Some(moment).filter(|&moment| moment != Moment::Epoch { seconds: 0, millis: 0 });
        return Stamp { moment, serial, writing: Writing::Raw };
    }
    // Not a date but XXXX and the like, where somebody has something to hide; what follows is raw or not.
    let is_date = time.contains(&b':') && time.iter().any(u8::is_ascii_digit);
    match is_date {
        true => Stamp { moment: Some(Moment::Date(time)), serial, writing: Writing::Interpreted },
        false => Stamp { moment: None, serial, writing: Writing::Raw },
    }
}

/// Reads `1406642880.633`; the kernel writes three digits, some tools drop zeros.
pub(crate) fn epoch(text: &[u8]) -> Option<Moment<'static>> {
    let dot = memchr::memchr(b'.', text)?;
    let (seconds, millis) = (text.get(..dot)?, text.get(dot.checked_add(1)?..)?);
    let seconds = i64::try_from(decimal(seconds)?).ok()?;
    let millis = match millis.len() {
        1..=3 => u16::try_from(decimal(millis)?).ok()?,
        _ => return None,
    };
    Some(Moment::Epoch { seconds, millis })
}

/// A number of decimal digits and nothing else.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| match digit {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(digit & 0xf)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Moment, Stamp, stamp};
    use crate::decode::Writing;

    #[test]
    fn stamps_are_read_in_every_form() {
        let raw = Moment::Epoch { seconds: 1406642880, millis: 633 };
        let expected = Stamp { moment: Some(raw), serial: Some(277689), writing: Writing::Raw };
        assert_eq!(stamp(b"1406642880.633:277689"), expected);
        for date in [
            "09/28/2017 18:40:23.123",
            "9.5.2024 11:47:16.231",
            "2023-06-16 16:22:41.722",
            "11/06/23 01:25:41.615",
        ] {
            let read = stamp([date, ":456"].concat().leak().as_bytes());
            let expected = Stamp {
                moment: Some(Moment::Date(date.as_bytes())),
                serial: Some(456),
                writing: Writing::Interpreted,
            };
            assert_eq!(read, expected);
        }
        assert_eq!(stamp(b"0.0:12"), Stamp { moment: None, serial: Some(12), writing: Writing::Raw });
        assert_eq!(stamp(b"XXXX"), Stamp { moment: None, serial: None, writing: Writing::Raw });
        assert_eq!(stamp(b""), Stamp { moment: None, serial: None, writing: Writing::Raw });
        let beyond = stamp(b"99999999999999999999.1:99999999999999999999");
        assert_eq!((beyond.moment, beyond.serial), (None, None));
    }
}
