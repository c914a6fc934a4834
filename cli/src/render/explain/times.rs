//! Times: for people in their own time zone, for programs in RFC 3339.
//!
//! Records of the kernel count from the epoch; `ausearch -i`, aureport and syslog write dates of the zone in which they ran,
//! mostly without saying which. Such a date stays as it is, and if both kinds are shown the others name their zone.

use audit::EventTime;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How times are shown to people.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    zone: TimeZone,
    names_zone: bool,
}

impl Clock {
    /// The reader's own, by `TZ` or the system. `times` are all that are shown.
    pub(crate) fn of_reader<'t>(times: impl IntoIterator<Item = &'t EventTime>) -> Self {
        let (mut known, mut unknown) = (false, false);
        for time in times {
            match moment(time) {
                Some(_) => known = true,
                None => unknown = true,
            }
        }
        // Finding the reader's zone reads a folder: not where no record has a time.
        let zone = if known { TimeZone::system() } else { TimeZone::UTC };
        Clock { zone, names_zone: known && unknown }
    }

    /// When something was: once, or from the first to the last time.
    pub(super) fn span(&self, earliest: Option<&EventTime>, latest: Option<&EventTime>) -> Option<String> {
        let earliest = earliest?;
        let Some(latest) = latest.filter(|latest| *latest != earliest) else {
            return Some(self.time(earliest, self.names_zone));
        };
        let (first, last) = (self.time(earliest, false), self.time(latest, self.names_zone));
        Some(match first.split_once(' ').zip(last.split_once(' ')) {
            Some(((day, _), (last_day, time))) if day == last_day && day.len() == 10 => {
                format!("{first} – {time}")
            }
            _ => format!("{first} – {last}"),
        })
    }

    fn time(&self, time: &EventTime, names_zone: bool) -> String {
        let Some(moment) = moment(time) else { return time.to_string() };
        let format = if names_zone { "%Y-%m-%d %H:%M:%S %Z" } else { "%Y-%m-%d %H:%M:%S" };
        moment.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

/// RFC 3339 in UTC; a date without a zone as it is written.
pub(super) fn machine_time(time: &EventTime) -> String {
    moment(time).map_or_else(|| time.to_string(), |moment| format!("{moment:.3}"))
}

/// The moment, unless the time is a date of which the zone is not known.
fn moment(time: &EventTime) -> Option<Timestamp> {
    match time {
        EventTime::Epoch { seconds, millis } => {
            Timestamp::new(*seconds, i32::from(*millis).saturating_mul(1_000_000)).ok()
        }
        EventTime::Date(text) => text.as_str()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, machine_time};
    use audit::EventTime;
    use jiff::tz::{TimeZone, offset};

    const EPOCH: EventTime = EventTime::Epoch { seconds: 1_700_000_000, millis: 100 };

    fn clock(times: &[EventTime]) -> Clock {
        Clock { zone: TimeZone::fixed(offset(1)), ..Clock::of_reader(times) }
    }

    #[test]
    fn times_are_the_readers() {
        let later = EventTime::Epoch { seconds: 1_700_000_060, millis: 0 };
        let next_day = EventTime::Epoch { seconds: 1_700_100_000, millis: 0 };
        let zoned = EventTime::Date("2023-11-14T22:13:20.1+00:00".into());
        let clock = clock(&[EPOCH, later.clone(), zoned.clone()]);
        let span = |latest| clock.span(Some(&EPOCH), Some(latest)).unwrap();
        assert_eq!(span(&EPOCH), "2023-11-14 23:13:20");
        assert_eq!(span(&later), "2023-11-14 23:13:20 – 23:14:20");
        assert_eq!(span(&next_day), "2023-11-14 23:13:20 – 2023-11-16 03:00:00");
        assert_eq!(clock.span(Some(&zoned), None).unwrap(), "2023-11-14 23:13:20");
        assert_eq!(clock.span(None, None), None);
    }

    #[test]
    fn beside_dates_without_a_zone_the_zone_is_named() {
        let date = EventTime::Date("11/14/2023 22:13:20.100".into());
        let clock = clock(&[EPOCH, date.clone()]);
        assert_eq!(clock.span(Some(&EPOCH), None).unwrap(), "2023-11-14 23:13:20 +01");
        assert_eq!(clock.span(Some(&date), None).unwrap(), "11/14/2023 22:13:20.100");
    }

    #[test]
    fn programs_get_rfc_3339() {
        assert_eq!(machine_time(&EPOCH), "2023-11-14T22:13:20.100Z");
        assert_eq!(
            machine_time(&EventTime::Date("2023-11-14T23:13:20+0100".into())),
            "2023-11-14T22:13:20.000Z"
        );
        assert_eq!(machine_time(&EventTime::Date("Sep 28 18:40:23".into())), "Sep 28 18:40:23");
    }
}
