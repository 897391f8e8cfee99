//! Compares the calendar with a slow one that writes down every minute of a stretch of time.
//!
//! `PROPTEST_CASES` scales the random tests (256 unless set).

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{ToSpan, tz::Offset};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use webchat_core::schedule::{
    Calendar, Day, ExceptionDraft, HoursDraft, RangeDraft, ScheduleDraft, Zones,
};
use webchat_core::time::Timestamp;

/// Zones with habits: half-hour clock changes, changes at midnight, skipped dates, Ramadan, none.
const ZONES: [&str; 24] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Montevideo",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Amman",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
];

const DAY: i64 = 24 * 60;

proptest! {
    #![proptest_config(scaled(8))]

    #[test]
    fn around_clock_changes_every_minute_is_as_the_clock_on_the_wall_says(
        (zone, transition) in select(clock_changes(1975..=2035)),
        offset in -DAY..DAY,
        hours in hours(),
    ) {
        let middle = transition + offset;
        let draft = hours.draft(zone, middle);
        compare(&draft, middle - 2 * DAY..middle + 2 * DAY, 1);
    }
}

proptest! {
    #![proptest_config(scaled(32))]

    #[test]
    fn whole_years_change_at_exactly_the_minutes_the_clock_on_the_wall_says(
        zone in select(&ZONES[..]),
        year in 2010i16..2030,
        hours in hours(),
    ) {
        let start = utc_minute(date(year, 1, 1));
        let draft = hours.draft(zone, start + 180 * DAY);
        compare(&draft, start..start + 365 * DAY, 29);
    }
}

#[test]
fn every_zone_of_the_database_agrees_around_its_next_clock_changes() {
    let zones = Zones::bundled();
    let mut seen = BTreeSet::new();
    for name in zones.names() {
        let Ok(zone) = zones.find(&name) else {
            continue;
        };
        for transition in transitions(&zone, 2026..=2026) {
            let offset = |minute: i64| zone.to_offset(instant(minute)).seconds();
            // Zones that share a rule change alike.
            if !seen.insert((transition, offset(transition - 1), offset(transition))) {
                continue;
            }
            let draft = ScheduleDraft::weekly(&name)
                .open(&Day::ALL, "22:10", "00:30")
                .open(&Day::ALL, "00:40", "02:20")
                .open(&Day::ALL, "02:40", "03:00")
                .open(&Day::ALL, "04:00", "22:00");
            compare(&draft, transition - DAY..transition + DAY, 7);
        }
    }
    assert!(seen.len() > 20);
}

#[test]
fn a_whole_year_of_each_kind_of_zone_agrees() {
    // Lord Howe moves its clocks by half an hour, Apia skipped 30 December 2011, Casablanca and Gaza follow Ramadan.
    for (zone, year) in [
        ("Africa/Cairo", 2026),
        ("Africa/Casablanca", 2026),
        ("America/Montevideo", 2026),
        ("America/New_York", 2026),
        ("America/Nuuk", 2023),
        ("America/Santiago", 2026),
        ("America/Sao_Paulo", 2018),
        ("America/St_Johns", 2010),
        ("Antarctica/Troll", 2026),
        ("Asia/Gaza", 2026),
        ("Asia/Kathmandu", 2026),
        ("Asia/Tehran", 2022),
        ("Australia/Lord_Howe", 2026),
        ("Europe/Dublin", 2026),
        ("Pacific/Apia", 2011),
        ("Pacific/Chatham", 2026),
    ] {
        let draft = ScheduleDraft::weekly(zone)
            .open(&Day::ALL, "08:00", "12:15")
            .open(&Day::ALL, "13:00", "01:45")
            .open(&[Day::Sat, Day::Sun], "02:15", "03:20")
            .closed_on(&format!("{year}-12-25"))
            .open_on(&format!("{year}-12-31"), "23:00", "05:00");
        let start = utc_minute(date(year, 1, 1));
        compare(&draft, start..start + 365 * DAY, 97);
    }
}

#[test]
fn the_years_with_the_strangest_changes_agree_minute_by_minute() {
    for (zone, from, days) in [
        ("Pacific/Apia", date(2011, 12, 26), 10),
        ("Pacific/Kwajalein", date(1993, 8, 17), 10),
        ("Africa/Casablanca", date(2026, 2, 10), 48),
        ("Australia/Lord_Howe", date(2026, 4, 1), 10),
        ("America/Sao_Paulo", date(2018, 2, 14), 8),
        ("America/St_Johns", date(2010, 11, 4), 8),
        ("Asia/Gaza", date(2026, 3, 20), 14),
        ("Asia/Pyongyang", date(2015, 8, 12), 6),
    ] {
        let start = utc_minute(from);
        let closed = (from + 3.days()).to_string();
        let night = (from + 5.days()).to_string();
        let draft = ScheduleDraft::weekly(zone)
            .open(&Day::ALL, "08:00", "12:00")
            .open(&Day::ALL, "13:00", "01:30")
            .open(&[Day::Sat, Day::Sun], "00:00", "24:00")
            .closed_on(&closed)
            .open_on(&night, "23:00", "05:00");
        compare(&draft, start..start + days * DAY, 1);
    }
}

fn scaled(divisor: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig {
        cases: (config.cases / divisor).max(1),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..config
    }
}

/// Weekly hours and exceptions, the latter as days from the middle of the stretch compared.
#[derive(Clone, Debug)]
struct HoursPlan {
    always: bool,
    ranges: Vec<(Day, (String, String))>,
    exceptions: Vec<(i64, Vec<(String, String)>)>,
}

impl HoursPlan {
    fn draft(&self, zone: &str, middle: i64) -> ScheduleDraft {
        let today = civil(middle).date();
        let mut dates = BTreeSet::new();
        let range = |(start, end): &(String, String)| HoursDraft {
            start: start.clone(),
            end: end.clone(),
        };
        ScheduleDraft {
            always: Some(self.always),
            zone: zone.to_owned(),
            ranges: match self.always {
                true => Vec::new(),
                false => self
                    .ranges
                    .iter()
                    .map(|(day, (start, end))| RangeDraft {
                        day: day.as_str().to_owned(),
                        start: start.clone(),
                        end: end.clone(),
                    })
                    .collect(),
            },
            exceptions: self
                .exceptions
                .iter()
                .filter(|(days, _)| dates.insert(*days))
                .map(|(days, ranges)| ExceptionDraft {
                    date: (today + days.days()).to_string(),
                    ranges: ranges.iter().map(range).collect(),
                    name: String::new(),
                })
                .collect(),
        }
    }
}

fn hours() -> impl Strategy<Value = HoursPlan> {
    let day = select(&Day::ALL[..]);
    let ranges = prop_oneof![
        3 => prop::collection::vec((day, range()), 0..20),
        1 => range().prop_map(|range| Day::ALL.map(|day| (day, range.clone())).to_vec()),
        1 => (range(), range()).prop_map(|(one, two)| {
            let days = Day::ALL.into_iter();
            days.flat_map(|day| [(day, one.clone()), (day, two.clone())]).collect()
        }),
    ];
    let days = prop_oneof![4 => -4i64..=4, 1 => -150i64..=150];
    let exceptions = prop::collection::vec((days, prop::collection::vec(range(), 0..3)), 0..6);
    (prop::bool::weighted(0.1), ranges, exceptions).prop_map(|(always, ranges, exceptions)| {
        HoursPlan {
            always,
            ranges,
            exceptions,
        }
    })
}

/// A start and another end, often near the hours at which clocks are changed.
fn range() -> impl Strategy<Value = (String, String)> {
    let minute = || {
        prop_oneof![
            2 => 0..DAY,
            2 => (0..4 * 12i64).prop_map(|fives| fives * 5),
            1 => 23 * 60..DAY,
            1 => (0..24i64).prop_map(|hour| hour * 60),
            1 => Just(0i64),
        ]
    };
    let end = prop_oneof![5 => minute(), 1 => Just(DAY)];
    let face = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    (minute(), end)
        .prop_filter("a range has a length", |(start, end)| start != end)
        .prop_map(move |(start, end)| (face(start), face(end)))
}

/// Every change of the clocks of [`ZONES`] to and from offsets of whole minutes.
fn clock_changes(years: std::ops::RangeInclusive<i16>) -> Vec<(&'static str, i64)> {
    let zones = Zones::bundled();
    let changes = ZONES.into_iter().flat_map(|name| {
        let zone = zones.find(name).unwrap();
        let minutes = transitions(&zone, years.clone());
        minutes.into_iter().map(move |minute| (name, minute))
    });
    changes.collect()
}

fn transitions(zone: &TimeZone, years: std::ops::RangeInclusive<i16>) -> Vec<i64> {
    let from = instant(utc_minute(date(*years.start(), 1, 1)));
    let to = instant(utc_minute(date(years.end() + 1, 1, 1)));
    let all = zone.following(from).map(|change| change.timestamp());
    all.take_while(|&at| at < to)
        .map(|at| at.as_second().div_euclid(60))
        .collect()
}

/// Checks `is_open`, `next_change` and `next_open_at` in `minutes` (UTC, since 1970) against the
/// record; `is_open` in every `step`th minute and on both sides of every change.
fn compare(draft: &ScheduleDraft, minutes: std::ops::Range<i64>, step: usize) {
    let zones = Zones::bundled();
    let schedule = draft.check(&zones).unwrap();
    let calendar = Calendar::compile(&schedule, &zones).unwrap();
    let record = Record::new(draft, &zones.find(&draft.zone).unwrap(), minutes.clone());
    let at = |minute: i64| Timestamp::from_seconds(minute * 60);
    let told = |minute: i64| format!("{} with {draft:?}", at(minute));

    for minute in minutes.clone().step_by(step) {
        let open = record.is_open(minute);
        assert_eq!(calendar.is_open(at(minute)), open, "{}", told(minute));
        let end = at(minute + 1).after_millis(-1);
        assert_eq!(calendar.is_open(end), open, "end of {}", told(minute));
    }

    let changes: Vec<i64> = minutes
        .clone()
        .skip(1)
        .filter(|&minute| record.is_open(minute) != record.is_open(minute - 1))
        .collect();
    let stretches = std::iter::once(minutes.start).chain(changes.iter().copied());
    let ends = changes.iter().copied().map(Some).chain([None]);
    for (start, end) in stretches.zip(ends) {
        let open = record.is_open(start);
        let last = end.unwrap_or(minutes.end) - 1;
        let asked = [
            at(start),
            at(start).after_millis(1),
            at((start + last) / 2),
            at(last),
            at(last + 1).after_millis(-1),
        ];
        for now in asked {
            let context = || format!("{now} in {}", told(start));
            assert_eq!(calendar.is_open(now), open, "{}", context());
            let change = calendar.next_change(now);
            match end {
                Some(end) => {
                    let change = change.expect("a change within the record");
                    assert_eq!((change.at, change.opens), (at(end), !open), "{}", context());
                }
                // The record does not reach further, but nothing happens before its end.
                None => assert!(
                    change.is_none_or(|change| change.at >= at(minutes.end)),
                    "{}",
                    context()
                ),
            }
            let next_open = match open {
                true => Some(now),
                false => change.map(|change| change.at),
            };
            assert_eq!(calendar.next_open_at(now), next_open, "{}", context());
        }
    }
}

/// A state for each minute, written down by looking at the clock on the wall each minute.
struct Record {
    /// The first minute written down, UTC.
    start: i64,
    open: Vec<bool>,
}

impl Record {
    fn new(draft: &ScheduleDraft, zone: &TimeZone, minutes: std::ops::Range<i64>) -> Self {
        // Far enough around the minutes asked for that no range reaches in from outside.
        let watched = minutes.start - 5 * DAY..minutes.end + 5 * DAY;
        let wall: Vec<i64> = watched
            .clone()
            .map(|minute| {
                let offset = i64::from(zone.to_offset(instant(minute)).seconds());
                assert_eq!(offset % 60, 0);
                minute + offset / 60
            })
            .collect();

        let base = *wall.iter().min().unwrap();
        let top = *wall.iter().max().unwrap();
        let mut shown: Vec<Option<(usize, usize)>> = vec![None; (top - base + 1) as usize];
        for (index, &face) in wall.iter().enumerate() {
            let slot = &mut shown[(face - base) as usize];
            *slot = Some((slot.map_or(index, |(first, _)| first), index));
        }
        // A face that is never shown was jumped over: what it stands for is when the jump ended.
        for index in 1..wall.len() {
            for face in wall[index - 1] + 1..wall[index] {
                shown[(face - base) as usize].get_or_insert((index, index));
            }
        }

        let days = base.div_euclid(DAY) + 1..=top.div_euclid(DAY) - 3;
        let ranges: Vec<(i64, i64)> = days.flat_map(|day| ranges_of(draft, day)).collect();
        let mut open = vec![false; wall.len()];
        for (start, end) in &ranges {
            let first = shown[(start - base) as usize].unwrap().0;
            let last = shown[(end - base) as usize].unwrap().1;
            // Empty when both stand for the end of one jump.
            open[first..last.max(first)].fill(true);
        }

        let record = Self {
            start: watched.start,
            open,
        };
        record.check_against_plain_clock(&ranges, &wall, minutes);
        record
    }

    fn is_open(&self, minute: i64) -> bool {
        self.open[(minute - self.start) as usize]
    }

    /// Where no clock was changed within three days, it is simply open whenever the clock on the
    /// wall shows a time within some range.
    fn check_against_plain_clock(
        &self,
        ranges: &[(i64, i64)],
        wall: &[i64],
        minutes: std::ops::Range<i64>,
    ) {
        let offset = |minute: i64| wall[(minute - self.start) as usize] - minute;
        for day in minutes.clone().step_by(DAY as usize) {
            if (day - 3 * DAY..day + 4 * DAY)
                .step_by(60)
                .any(|minute| offset(minute) != offset(day))
            {
                continue;
            }
            let faces = day + offset(day)..(day + DAY).min(minutes.end) + offset(day);
            let near: Vec<_> = ranges
                .iter()
                .filter(|(start, end)| *start < faces.end && faces.start < *end)
                .collect();
            for face in faces {
                let open = near
                    .iter()
                    .any(|(start, end)| (*start..*end).contains(&face));
                assert_eq!(self.is_open(face - offset(day)), open);
            }
        }
    }
}

/// The ranges filed under the civil day `day`, read from the form, as minutes since 1970-01-01 on
/// the wall.
fn ranges_of(draft: &ScheduleDraft, day: i64) -> Vec<(i64, i64)> {
    let today = civil(day * DAY).date();
    let exception = |date: Date| {
        let text = date.to_string();
        draft
            .exceptions
            .iter()
            .find(move |known| known.date == text)
    };
    let hours: Vec<(&str, &str)> = match exception(today) {
        Some(special) => special
            .ranges
            .iter()
            .map(|hours| (hours.start.as_str(), hours.end.as_str()))
            .collect(),
        None if draft.always == Some(true) => vec![("00:00", "24:00")],
        None => {
            let weekday = today.strftime("%a").to_string().to_lowercase();
            let ranges = draft.ranges.iter().filter(|range| range.day == weekday);
            ranges
                .map(|range| (range.start.as_str(), range.end.as_str()))
                .collect()
        }
    };
    let cut = exception(today + 1.day()).is_some();
    let face = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap()
    };
    let ranges = hours.into_iter().map(|(start, end)| {
        let (start, mut end) = (face(start), face(end));
        if end < start {
            end += DAY;
        }
        if cut {
            end = end.min(DAY);
        }
        (day * DAY + start, day * DAY + end)
    });
    ranges.collect()
}

fn civil(minute: i64) -> jiff::civil::DateTime {
    Offset::UTC.to_datetime(instant(minute))
}

fn instant(minute: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(minute * 60).unwrap()
}

fn utc_minute(date: Date) -> i64 {
    let midnight = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap();
    midnight.as_second() / 60
}
