//! From what people call a stretch of time, dates and times of a place, to instants, and the hours in it.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use webchat_core::metrics::Interval;
use webchat_core::problem::{Problem, Problems};
use webchat_core::schedule::Zones;
use webchat_core::time::Timestamp;

use crate::limits::REPORT_DAYS;

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// An hour of a local day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Hour {
    pub(super) day: Date,
    /// 0–23.
    pub(super) hour: i8,
}

/// Reads `from` (included) and `to` (not included), each a date, a date with a time, or milliseconds since 1970 UTC.
///
/// A local time that the clocks skip is moved to after the gap; of one that comes twice the first is meant.
pub(super) fn read(
    from: &str,
    to: &str,
    zone: &str,
    zones: &Zones,
) -> Result<(Interval, TimeZone), Problems> {
    let mut problems = Problems::none();
    let Ok(zone) = zones.find(zone) else {
        problems.add(
            "zone",
            zone,
            "the name of a time zone, such as Europe/Madrid",
        );
        return Err(problems);
    };
    let mut read = |field: &str, text: &str| {
        let at = instant(text, &zone);
        if at.is_none() {
            let expected = "a date such as 2026-03-29, with a time such as 2026-03-29T18:30, or milliseconds since 1970 UTC";
            problems.add(field, text, expected);
        }
        at
    };
    let (Some(from), Some(to)) = (read("from", from), read("to", to)) else {
        return Err(problems);
    };
    let days = i64::from(REPORT_DAYS);
    if to <= from || to.since(from) > days * 24 * HOUR {
        let expected = format!("later than from, by at most {days} days");
        return Err(Problems(vec![Problem::new("to", to, expected)]));
    }
    Ok((Interval { from, to }, zone))
}

fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(millis) = text.parse() {
        return Some(Timestamp::from_millis(millis));
    }
    let local = match text.parse::<DateTime>() {
        Ok(local) => local,
        Err(_) => text.parse::<Date>().ok()?.at(0, 0, 0, 0),
    };
    let instant = zone.to_timestamp(local).ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// The parts of the interval that lie in one local hour each, in order. A clock change may cut an hour in two, and an
/// hour that comes twice is there twice.
pub(super) fn hours(interval: Interval, zone: &TimeZone) -> Vec<(Timestamp, Hour)> {
    let mut hours = Vec::new();
    let mut at = interval.from.as_millis();
    let mut change = None;
    while at < interval.to.as_millis() {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at) else {
            break;
        };
        let local = zone.to_datetime(instant);
        let (day, hour) = (local.date(), local.hour());
        hours.push((Timestamp::from_millis(at), Hour { day, hour }));
        let gone = i64::from(local.minute()) * 60_000
            + i64::from(local.second()) * 1_000
            + i64::from(local.millisecond());
        // Looked up again only when it is over, for that is the dear part.
        let next_change = match change {
            Some(known) if known > at => known,
            _ => {
                let next = zone.following(instant).next();
                let next = next.map_or(i64::MAX, |next| next.timestamp().as_millisecond());
                *change.insert(next)
            }
        };
        at = (at + HOUR - gone).min(next_change);
    }
    hours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours_of(from: &str, to: &str, zone: &str) -> Vec<String> {
        let (interval, zone) = read(from, to, zone, &Zones::bundled()).unwrap();
        let hours = hours(interval, &zone);
        let told = hours
            .iter()
            .map(|(at, hour)| format!("{} {} {at}", hour.day, hour.hour));
        told.collect()
    }

    #[test]
    fn a_day_has_as_many_hours_as_its_clocks_show() {
        let count = |day: &str, next: &str, zone: &str| hours_of(day, next, zone).len();
        assert_eq!(count("2026-03-28", "2026-03-29", "Europe/Madrid"), 24);
        assert_eq!(count("2026-03-29", "2026-03-30", "Europe/Madrid"), 23);
        assert_eq!(count("2026-10-25", "2026-10-26", "Europe/Madrid"), 25);
        assert_eq!(count("2026-03-29", "2026-03-30", "Asia/Kathmandu"), 24);
        let spring = hours_of("2026-03-29T01:30", "2026-03-29T03:10", "Europe/Madrid");
        let expected = [
            "2026-03-29 1 2026-03-29T00:30:00Z",
            "2026-03-29 3 2026-03-29T01:00:00Z",
        ];
        assert_eq!(spring, expected);
    }

    #[test]
    fn half_an_hour_that_comes_again_is_told_with_its_own_hour() {
        // Clocks on Lord Howe Island go back from 02:00 to 01:30.
        let autumn = hours_of(
            "2026-04-05T01:00",
            "2026-04-05T03:00",
            "Australia/Lord_Howe",
        );
        let expected = [
            "2026-04-05 1 2026-04-04T14:00:00Z",
            "2026-04-05 1 2026-04-04T15:00:00Z",
            "2026-04-05 2 2026-04-04T15:30:00Z",
        ];
        assert_eq!(autumn, expected);
    }

    #[test]
    fn a_time_that_is_skipped_is_after_the_gap_and_one_that_comes_twice_is_the_first() {
        let begin = |from: &str| {
            let read = read(from, "2026-12-01", "Europe/Madrid", &Zones::bundled());
            read.unwrap().0.from.to_string()
        };
        assert_eq!(begin("2026-03-29T02:30"), "2026-03-29T01:30:00Z");
        assert_eq!(begin("2026-10-25T02:30"), "2026-10-25T00:30:00Z");
        assert_eq!(begin("1771000000000"), "2026-02-13T16:26:40Z");
    }

    #[test]
    fn what_is_no_stretch_of_time_is_refused_by_its_field() {
        let field = |from: &str, to: &str, zone: &str| {
            let refused = read(from, to, zone, &Zones::bundled()).unwrap_err();
            refused.0[0].field.clone()
        };
        assert_eq!(field("2026-03-01", "2026-04-01", "Mars/Olympus"), "zone");
        assert_eq!(field("yesterday", "2026-04-01", "UTC"), "from");
        assert_eq!(field("2026-03-01", "2026-02-30", "UTC"), "to");
        assert_eq!(field("2026-03-01", "2026-03-01", "UTC"), "to");
        assert_eq!(field("2020-01-01", "2026-03-01", "UTC"), "to");
    }
}
