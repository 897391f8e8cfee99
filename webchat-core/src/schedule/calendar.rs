//! A schedule compiled with the rules of its zone: is it open, and when does that change?
//!
//! Opening hours are walked as wall-clock minutes, which is plain arithmetic; only the minutes that
//! decide an answer are turned into instants.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::{DAY, Hours, Schedule, UnknownZone, Week, Zones};
use crate::time::Timestamp;

/// Answers for one [`Schedule`]. Not serialised: it depends on the zone rules of the moment.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// The ranges that start on each day of the week, Monday first.
    week: [Vec<Hours>; 7],
    exceptions: BTreeMap<CivilDay, Vec<Hours>>,
}

/// The instant at which a campaign opens or closes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// The first millisecond of the new state.
    pub at: Timestamp,
    /// Whether it is open from then on.
    pub opens: bool,
}

/// Days since 1970-01-01 of the civil calendar, in no particular zone.
type CivilDay = i64;

/// Minutes since 1970-01-01T00:00 as a wall clock shows them, in no particular zone.
type WallMinute = i64;

const MINUTES_A_DAY: WallMinute = DAY as WallMinute;

/// A range of a neighbouring day can cover an instant, because ranges end up to two days after the
/// midnight they are filed under and because clocks have been moved by up to a whole day.
const DAYS_BEFORE: CivilDay = 3;
const DAYS_AFTER: CivilDay = 2;

/// Seconds by which no clock differs from UTC.
const FARTHEST_OFFSET: i64 = 26 * 3600;

/// Once no exception is ahead, each week repeats the one before. A clock change can hide the opening
/// or closing of one week, so nothing that has not changed this many days later ever will.
const SETTLED_AFTER: CivilDay = 63;

impl Calendar {
    /// Joins `schedule` with the rules of its zone.
    ///
    /// # Errors
    /// When `zones` does not know the zone, which can happen for a schedule that was checked
    /// against another database.
    pub fn compile(schedule: &Schedule, zones: &Zones) -> Result<Self, UnknownZone> {
        zones
            .find(&schedule.zone)
            .map(|zone| Self::in_zone(schedule, zone))
    }

    /// Reads the hours of `schedule` on the clock of UTC, for want of the rules of its zone.
    pub fn in_utc(schedule: &Schedule) -> Self {
        Self::in_zone(schedule, TimeZone::UTC)
    }

    fn in_zone(schedule: &Schedule, zone: TimeZone) -> Self {
        let mut week: [Vec<Hours>; 7] = Default::default();
        match &schedule.week {
            Week::Always => week.fill(vec![Hours { start: 0, end: DAY }]),
            Week::Ranges(ranges) => {
                for range in ranges {
                    let (start, end) = (range.start, range.end);
                    week[range.day as usize].push(Hours { start, end });
                }
            }
        }
        week.iter_mut().for_each(tidy);
        let exceptions = schedule.exceptions.iter().filter_map(|exception| {
            let mut ranges = exception.ranges.clone();
            tidy(&mut ranges);
            Some((civil_day(exception.date)?, ranges))
        });
        Self {
            zone,
            week,
            exceptions: exceptions.collect(),
        }
    }

    /// Whether the campaign is open at `at`: from the very start of a range, until just before its end.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let today = self.local_day(at);
        self.openings(today - DAYS_BEFORE, today + DAYS_AFTER)
            .any(|(start, end)| self.first(start) <= at && at < self.last(end))
    }

    /// The first change strictly after `at`; `None` if there is none ever.
    ///
    /// The work is bounded by the number of days to the last exception.
    pub fn next_change(&self, at: Timestamp) -> Option<Change> {
        let today = self.local_day(at);
        let last_exception = self.exceptions.keys().next_back();
        let settled = last_exception.map_or(today, |&day| day.max(today)) + SETTLED_AFTER;
        let mut open_until: Option<WallMinute> = None;
        for (start, end) in self.openings(today - DAYS_BEFORE, settled) {
            match open_until {
                None => {
                    let (opens, closes) = (self.first(start), self.last(end));
                    if opens >= closes || closes <= at {
                        continue;
                    }
                    if opens > at {
                        return Some(Change {
                            at: opens,
                            opens: true,
                        });
                    }
                    open_until = Some(end);
                }
                // The wall clock decides alone where it can; it is asked for an instant only at a
                // closed stretch, which a clock change may have swallowed.
                Some(until) if start <= until || self.first(start) <= self.last(until) => {
                    open_until = Some(until.max(end));
                }
                Some(_) => break,
            }
        }
        let until = open_until.filter(|&until| until <= settled * MINUTES_A_DAY)?;
        Some(Change {
            at: self.last(until),
            opens: false,
        })
    }

    /// `at` if it is open then, else the next opening; `None` if it never opens again.
    pub fn next_open_at(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return Some(at);
        }
        self.next_change(at).map(|change| change.at)
    }

    /// The first instant at which a wall clock in the schedule's zone shows `wall`, seconds left out; in a gap of a
    /// clock change, the end of the gap.
    pub fn first_instant(&self, wall: DateTime) -> Timestamp {
        let day = civil_day(wall.date()).unwrap_or_default();
        let minute = i64::from(wall.hour()) * 60 + i64::from(wall.minute());
        self.first(day * MINUTES_A_DAY + minute)
    }

    /// The first instant of the next civil date in the schedule's zone, strictly after `at`.
    ///
    /// Where a clock change skips midnight, that is the first instant after the gap.
    pub fn next_midnight(&self, at: Timestamp) -> Timestamp {
        let today = self.local_day(at);
        (today..=today + DAYS_AFTER)
            .map(|day| self.first(day * MINUTES_A_DAY))
            .find(|&midnight| midnight > at)
            .unwrap_or(Timestamp::MAX)
    }

    /// The first instant of the civil date in the schedule's zone at `at`: the latest midnight that is not after it.
    pub fn last_midnight(&self, at: Timestamp) -> Timestamp {
        let today = self.local_day(at);
        (today - DAYS_BEFORE..=today)
            .rev()
            .map(|day| self.first(day * MINUTES_A_DAY))
            .find(|&midnight| midnight <= at)
            .unwrap_or(Timestamp::MIN)
    }

    /// The ranges of the days `from ..= to` by start, not joined, cut where an exception follows.
    fn openings(
        &self,
        from: CivilDay,
        to: CivilDay,
    ) -> impl Iterator<Item = (WallMinute, WallMinute)> {
        (from..=to).flat_map(move |day| {
            let ranges = match self.exceptions.get(&day) {
                Some(ranges) => ranges,
                // Day 0 was a Thursday.
                None => &self.week[(day + 3).rem_euclid(7) as usize],
            };
            let cut = if self.exceptions.contains_key(&(day + 1)) {
                DAY
            } else {
                2 * DAY
            };
            let midnight = day * MINUTES_A_DAY;
            ranges.iter().map(move |hours| {
                let start = midnight + WallMinute::from(hours.start);
                (start, midnight + WallMinute::from(hours.end.min(cut)))
            })
        })
    }

    fn local_day(&self, at: Timestamp) -> CivilDay {
        let seconds = at.as_millis().div_euclid(1000);
        let offset = jiff::Timestamp::from_second(seconds)
            .map_or(0, |instant| self.zone.to_offset(instant).seconds());
        (seconds + i64::from(offset)).div_euclid(60 * MINUTES_A_DAY)
    }

    fn first(&self, wall: WallMinute) -> Timestamp {
        self.instants(wall).0
    }

    fn last(&self, wall: WallMinute) -> Timestamp {
        self.instants(wall).1
    }

    /// The first and the last instant at which the clock shows `wall`; both the end of the gap if
    /// the clock skips it.
    ///
    /// Looks at each stretch of constant offset around `wall` rather than ask jiff for the ambiguous
    /// minute: it takes a change of rules that keeps the offset, as in Nuuk in 2023, for an overlap.
    fn instants(&self, wall: WallMinute) -> (Timestamp, Timestamp) {
        let utc = wall * 60;
        let Ok(from) = jiff::Timestamp::from_second(utc - FARTHEST_OFFSET) else {
            return (Timestamp::MAX, Timestamp::MAX);
        };
        let mut begin = from.as_second();
        let mut offset = self.zone.to_offset(from);
        let mut changes = self.zone.following(from);
        let mut shown: Option<(i64, i64)> = None;
        let mut gap_end: Option<i64> = None;
        loop {
            let change = changes.next();
            let end = change
                .as_ref()
                .map_or(i64::MAX, |change| change.timestamp().as_second());
            let at = utc - i64::from(offset.seconds());
            if at < begin {
                gap_end.get_or_insert(begin);
            } else if at < end {
                shown = Some((shown.map_or(at, |(first, _)| first), at));
            }
            let Some(change) = change.filter(|_| end <= utc + FARTHEST_OFFSET) else {
                break;
            };
            (begin, offset) = (end, change.offset());
        }
        // The last stretch reaches beyond any showing, so unless there was one, it began too late.
        let skipped = gap_end.unwrap_or(begin);
        let (first, last) = shown.unwrap_or((skipped, skipped));
        (
            Timestamp::from_seconds(first),
            Timestamp::from_seconds(last),
        )
    }
}

/// Brings ranges from any journal into the form that a check gives today.
fn tidy(ranges: &mut Vec<Hours>) {
    ranges.retain(|hours| hours.start < DAY && hours.start < hours.end);
    ranges.sort_unstable();
}

/// `None` for the first days of the year -9999, which have no instant.
fn civil_day(date: Date) -> Option<CivilDay> {
    let midnight = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(midnight.as_second().div_euclid(60 * MINUTES_A_DAY))
}

#[cfg(test)]
mod tests {
    use super::super::{Day, ScheduleDraft};
    use super::*;

    const WORKDAYS: [Day; 5] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];

    fn calendar(draft: ScheduleDraft) -> Calendar {
        let zones = Zones::bundled();
        Calendar::compile(&draft.check(&zones).unwrap(), &zones).unwrap()
    }

    fn utc(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    /// Every change from `from` to `to`, as text; checks on the way that `is_open` agrees with each.
    fn changes(calendar: &Calendar, from: &str, to: &str) -> Vec<String> {
        let mut at = utc(from);
        let mut lines = Vec::new();
        while let Some(change) = calendar.next_change(at) {
            if change.at >= utc(to) {
                break;
            }
            assert!(change.at > at);
            assert_eq!(calendar.is_open(change.at), change.opens);
            assert_eq!(calendar.is_open(change.at.after_millis(-1)), !change.opens);
            let verb = if change.opens { "opens" } else { "closes" };
            lines.push(format!("{verb} {}", change.at));
            at = change.at;
        }
        lines
    }

    #[test]
    fn an_always_open_calendar_never_changes() {
        let always = calendar(ScheduleDraft::default());
        for at in [Timestamp::MIN, utc("2026-03-01T00:00:00Z")] {
            assert!(always.is_open(at));
            assert_eq!(always.next_change(at), None);
            assert_eq!(always.next_open_at(at), Some(at));
        }
    }

    #[test]
    fn a_schedule_without_ranges_never_opens() {
        let never = calendar(ScheduleDraft::weekly("America/Montevideo"));
        let at = utc("2026-03-01T00:00:00Z");
        assert!(!never.is_open(at));
        assert_eq!(never.next_change(at), None);
        assert_eq!(never.next_open_at(at), None);
    }

    #[test]
    fn it_is_open_exactly_at_the_start_and_closed_exactly_at_the_end() {
        let office = ScheduleDraft::weekly("America/Montevideo").open(&WORKDAYS, "09:00", "18:00");
        let office = calendar(office);
        // A Friday, a week end and a Monday, three hours behind UTC.
        assert_eq!(
            changes(&office, "2026-03-06T00:00:00Z", "2026-03-10T00:00:00Z"),
            [
                "opens 2026-03-06T12:00:00Z",
                "closes 2026-03-06T21:00:00Z",
                "opens 2026-03-09T12:00:00Z",
                "closes 2026-03-09T21:00:00Z",
            ]
        );
        assert_eq!(
            office.next_open_at(utc("2026-03-06T21:00:00Z")),
            Some(utc("2026-03-09T12:00:00Z"))
        );
        let noon = utc("2026-03-06T15:00:00Z");
        assert_eq!(office.next_open_at(noon), Some(noon));
    }

    #[test]
    fn a_change_is_strictly_later_than_the_instant_asked_about() {
        let office = ScheduleDraft::weekly("UTC").open(&WORKDAYS, "09:00", "18:00");
        let office = calendar(office);
        let opening = utc("2026-03-06T09:00:00Z");
        let change = office.next_change(opening).unwrap();
        assert_eq!(
            (change.at, change.opens),
            (utc("2026-03-06T18:00:00Z"), false)
        );
        let change = office.next_change(opening.after_millis(-1)).unwrap();
        assert_eq!((change.at, change.opens), (opening, true));
    }

    #[test]
    fn a_range_that_ends_before_it_starts_runs_into_the_next_day_and_sunday_into_monday() {
        let night = ScheduleDraft::weekly("UTC")
            .open(&[Day::Sun], "22:00", "02:00")
            .open(&[Day::Mon], "02:00", "03:00");
        assert_eq!(
            changes(
                &calendar(night),
                "2026-03-07T00:00:00Z",
                "2026-03-14T00:00:00Z"
            ),
            ["opens 2026-03-08T22:00:00Z", "closes 2026-03-09T03:00:00Z"]
        );
    }

    #[test]
    fn a_week_of_touching_days_is_one_opening_without_end() {
        let open =
            calendar(ScheduleDraft::weekly("America/New_York").open(&Day::ALL, "00:00", "24:00"));
        assert!(open.is_open(utc("2026-03-08T07:30:00Z")));
        assert_eq!(open.next_change(utc("2026-03-07T07:30:00Z")), None);
        let shifts = ScheduleDraft::weekly("America/New_York")
            .open(&Day::ALL, "06:00", "18:00")
            .open(&Day::ALL, "18:00", "06:00");
        assert_eq!(
            calendar(shifts).next_change(utc("2026-03-07T07:30:00Z")),
            None
        );
    }

    #[test]
    fn an_exception_replaces_its_date_and_cuts_what_spills_over_from_the_day_before() {
        let nights = ScheduleDraft::weekly("UTC").open(&Day::ALL, "20:00", "04:00");
        let closed = calendar(nights.clone().closed_on("2026-12-25"));
        assert_eq!(
            changes(&closed, "2026-12-24T12:00:00Z", "2026-12-27T00:00:00Z"),
            [
                "opens 2026-12-24T20:00:00Z",
                "closes 2026-12-25T00:00:00Z",
                "opens 2026-12-26T20:00:00Z",
            ]
        );
        // The hours of the exception itself may run into the normal day after it.
        let special = calendar(nights.open_on("2026-12-25", "10:00", "02:00"));
        assert_eq!(
            changes(&special, "2026-12-24T12:00:00Z", "2026-12-27T00:00:00Z"),
            [
                "opens 2026-12-24T20:00:00Z",
                "closes 2026-12-25T00:00:00Z",
                "opens 2026-12-25T10:00:00Z",
                "closes 2026-12-26T02:00:00Z",
                "opens 2026-12-26T20:00:00Z",
            ]
        );
    }

    #[test]
    fn a_far_exception_is_seen_however_uniform_the_time_before_it() {
        let always = ScheduleDraft {
            always: Some(true),
            zone: "America/Montevideo".to_owned(),
            ..ScheduleDraft::default()
        };
        assert_eq!(
            changes(
                &calendar(always.closed_on("2031-05-01")),
                "2026-01-01T00:00:00Z",
                "2040-01-01T00:00:00Z"
            ),
            ["closes 2031-05-01T03:00:00Z", "opens 2031-05-02T03:00:00Z"]
        );
        let fair = ScheduleDraft::weekly("UTC").open_on("2199-12-31", "10:00", "24:00");
        assert_eq!(
            changes(
                &calendar(fair),
                "2026-01-01T00:00:00Z",
                "9999-01-01T00:00:00Z"
            ),
            ["opens 2199-12-31T10:00:00Z", "closes 2200-01-01T00:00:00Z"]
        );
    }

    #[test]
    fn a_start_or_end_inside_a_gap_moves_to_its_end() {
        // In New York 02:00 to 03:00 does not exist on 2026-03-08; the gap ends at 07:00 UTC.
        let during = ("2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z");
        let sundays = |start, end| {
            let draft = ScheduleDraft::weekly("America/New_York").open(&[Day::Sun], start, end);
            changes(&calendar(draft), during.0, during.1)
        };
        assert_eq!(
            sundays("02:30", "05:00"),
            ["opens 2026-03-08T07:00:00Z", "closes 2026-03-08T09:00:00Z"]
        );
        assert_eq!(
            sundays("01:00", "02:30"),
            ["opens 2026-03-08T06:00:00Z", "closes 2026-03-08T07:00:00Z"]
        );
        assert_eq!(sundays("02:10", "02:50"), [""; 0]);
    }

    #[test]
    fn a_break_inside_a_gap_does_not_close() {
        let draft = ScheduleDraft::weekly("America/New_York")
            .open(&Day::ALL, "00:00", "02:10")
            .open(&Day::ALL, "02:50", "24:00");
        assert_eq!(
            changes(
                &calendar(draft),
                "2026-03-08T06:00:00Z",
                "2026-03-09T08:00:00Z"
            ),
            ["closes 2026-03-09T06:10:00Z", "opens 2026-03-09T06:50:00Z"]
        );
    }

    #[test]
    fn a_repeated_hour_is_one_opening_from_its_first_to_its_last_occurrence() {
        // In New York 01:00 to 02:00 happens twice on 2026-11-01, from 05:00 and from 06:00 UTC.
        let sundays = |start, end| {
            let draft = ScheduleDraft::weekly("America/New_York").open(&[Day::Sun], start, end);
            changes(
                &calendar(draft),
                "2026-11-01T00:00:00Z",
                "2026-11-02T00:00:00Z",
            )
        };
        assert_eq!(
            sundays("01:15", "01:45"),
            ["opens 2026-11-01T05:15:00Z", "closes 2026-11-01T06:45:00Z"]
        );
        assert_eq!(
            sundays("00:00", "01:00"),
            ["opens 2026-11-01T04:00:00Z", "closes 2026-11-01T06:00:00Z"]
        );
        assert_eq!(
            sundays("02:00", "03:00"),
            ["opens 2026-11-01T07:00:00Z", "closes 2026-11-01T08:00:00Z"]
        );
    }

    #[test]
    fn a_range_stays_open_when_the_clock_goes_back_over_its_midnight() {
        // In St. John's the clock went from Sunday 00:01 back to Saturday 23:01, at 02:31 UTC.
        let sundays = ScheduleDraft::weekly("America/St_Johns").open(&[Day::Sun], "00:00", "06:00");
        let sundays = calendar(sundays);
        assert_eq!(
            changes(&sundays, "2010-11-06T12:00:00Z", "2010-11-08T00:00:00Z"),
            ["opens 2010-11-07T02:30:00Z", "closes 2010-11-07T09:30:00Z"]
        );
        assert!(sundays.is_open(utc("2010-11-07T02:45:00Z")));
        // On Kwajalein most of Tuesday 1969-09-30 happened twice, the second time from 13:00 UTC.
        let nights = ScheduleDraft::weekly("Pacific/Kwajalein").open(&[Day::Mon], "22:00", "20:00");
        let nights = calendar(nights);
        assert_eq!(
            changes(&nights, "1969-09-28T00:00:00Z", "1969-10-05T00:00:00Z"),
            ["opens 1969-09-29T11:00:00Z", "closes 1969-10-01T08:00:00Z"]
        );
        assert!(nights.is_open(utc("1969-09-30T12:59:00Z")));
    }

    #[test]
    fn a_change_of_rules_that_keeps_the_offset_is_no_repeated_hour() {
        // Nuuk stayed two hours behind UTC when summer time ended on 2023-10-29 at 01:00 UTC.
        let nights = ScheduleDraft::weekly("America/Nuuk").open(&[Day::Sat], "23:00", "24:00");
        assert_eq!(
            changes(
                &calendar(nights),
                "2023-10-28T00:00:00Z",
                "2023-10-30T00:00:00Z"
            ),
            ["opens 2023-10-29T01:00:00Z", "closes 2023-10-29T02:00:00Z"]
        );
    }

    #[test]
    fn a_civil_date_that_was_skipped_has_no_hours() {
        // Samoa went from Thursday 2011-12-29 straight to Saturday the 31st, at 10:00 UTC.
        let days = ScheduleDraft::weekly("Pacific/Apia").open(&Day::ALL, "09:00", "17:00");
        assert_eq!(
            changes(
                &calendar(days),
                "2011-12-29T10:00:00Z",
                "2011-12-31T10:00:00Z"
            ),
            [
                "opens 2011-12-29T19:00:00Z",
                "closes 2011-12-30T03:00:00Z",
                "opens 2011-12-30T19:00:00Z",
                "closes 2011-12-31T03:00:00Z",
            ]
        );
        let nights = ScheduleDraft::weekly("Pacific/Apia").open(&[Day::Thu], "22:00", "06:00");
        assert_eq!(
            changes(
                &calendar(nights),
                "2011-12-29T10:00:00Z",
                "2012-01-01T00:00:00Z"
            ),
            ["opens 2011-12-30T08:00:00Z", "closes 2011-12-30T10:00:00Z"]
        );
    }

    #[test]
    fn midnight_follows_the_clock_of_the_zone() {
        let days = |zone| calendar(ScheduleDraft::weekly(zone));
        let montevideo = days("America/Montevideo");
        assert_eq!(
            montevideo.next_midnight(utc("2026-03-06T02:59:59Z")),
            utc("2026-03-06T03:00:00Z")
        );
        assert_eq!(
            montevideo.next_midnight(utc("2026-03-06T03:00:00Z")),
            utc("2026-03-07T03:00:00Z")
        );
        // Havana's clocks jump from 00:00 to 01:00, and Samoa's jumped over a date.
        assert_eq!(
            days("America/Havana").next_midnight(utc("2026-03-08T00:00:00Z")),
            utc("2026-03-08T05:00:00Z")
        );
        assert_eq!(
            days("Pacific/Apia").next_midnight(utc("2011-12-30T09:00:00Z")),
            utc("2011-12-30T10:00:00Z")
        );
        assert_eq!(
            days("Pacific/Apia").next_midnight(utc("2011-12-30T10:00:00Z")),
            utc("2011-12-31T10:00:00Z")
        );
        // The day that an instant belongs to began at the midnight before it, or at the instant itself.
        for zone in [
            "America/Montevideo",
            "America/Havana",
            "Pacific/Apia",
            "Asia/Kathmandu",
        ] {
            let calendar = days(zone);
            let mut midnight = utc("2025-12-31T12:00:00Z");
            for _ in 0..400 {
                let began = midnight;
                midnight = calendar.next_midnight(began);
                assert_eq!(calendar.last_midnight(midnight), midnight, "{zone}");
                let before = Timestamp::from_millis(midnight.as_millis() - 1);
                assert!(calendar.last_midnight(before) <= before, "{zone}");
                assert_eq!(
                    calendar.next_midnight(calendar.last_midnight(before)),
                    midnight,
                    "{zone}"
                );
            }
        }
    }

    #[test]
    fn hours_that_no_check_would_give_do_no_harm() {
        let schedule: Schedule = serde_json::from_str(
            r#"{
                "zone": "UTC",
                "week": {"ranges": [
                    {"day": "tue", "start": 600, "end": 65535},
                    {"day": "mon", "start": 65535, "end": 65535},
                    {"day": "mon", "start": 700, "end": 600},
                    {"day": "mon", "start": 900, "end": 1000},
                    {"day": "mon", "start": 60, "end": 1000}
                ]},
                "exceptions": [{"date": "-009999-01-01"}, {"date": "9999-12-31"}]
            }"#,
        )
        .unwrap();
        let calendar = Calendar::compile(&schedule, &Zones::bundled()).unwrap();
        assert_eq!(
            changes(&calendar, "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"),
            [
                "opens 2026-03-02T01:00:00Z",
                "closes 2026-03-02T16:40:00Z",
                "opens 2026-03-03T10:00:00Z",
                "closes 2026-03-05T00:00:00Z",
            ]
        );
        for at in [Timestamp::MIN, Timestamp::MAX] {
            calendar.is_open(at);
            calendar.next_change(at);
            calendar.next_open_at(at);
            assert!(calendar.next_midnight(at) >= at);
        }
    }
}
