//! When a campaign is open: weekly hours in a time zone, with exceptions for single dates.
//!
//! A [`ScheduleDraft`] is what a form sends; checking it gives a [`Schedule`], which is plain data
//! and goes into the journal; compiling that against [`Zones`] gives a [`Calendar`], which answers.

mod calendar;
mod draft;
mod zones;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use calendar::{Calendar, Change};
pub use draft::{ExceptionDraft, HoursDraft, RangeDraft, ScheduleDraft};
pub use zones::{BadZone, UnknownZone, Zones};

/// Minutes of a civil day, as its clock face counts them.
pub(crate) const DAY: u16 = 24 * 60;

/// Checked opening hours. The default is always open.
///
/// Decoding accepts whatever an earlier version accepted; a zone that has vanished since then
/// shows only when a [`Calendar`] is compiled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    #[serde(default = "utc")]
    zone: String,
    #[serde(default)]
    week: Week,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// The hours that repeat.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Week {
    /// Open at any hour of any day.
    #[default]
    Always,
    /// Open during these ranges, sorted; those of one day neither overlap nor touch.
    Ranges(Vec<DayHours>),
}

/// A range of the week, filed under the day on which it starts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
struct DayHours {
    day: Day,
    start: u16,
    end: u16,
}

/// Wall-clock minutes `[start, end)` counted from midnight; an `end` beyond 1440 is on the next day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
struct Hours {
    start: u16,
    end: u16,
}

/// A civil date with hours of its own; without any it is closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Exception {
    date: Date,
    #[serde(default)]
    ranges: Vec<Hours>,
    #[serde(default)]
    name: String,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Schedule {
    /// Open at any time; days begin at midnight UTC.
    pub fn always() -> Self {
        Self {
            zone: utc(),
            week: Week::Always,
            exceptions: Vec::new(),
        }
    }

    /// IANA name of the zone whose clock the hours follow and whose midnight begins the campaign's day.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Whether no date ever has hours. Allowed, but worth a warning: every visitor would be turned away.
    pub fn never_opens(&self) -> bool {
        matches!(&self.week, Week::Ranges(ranges) if ranges.is_empty())
            && self.exceptions.iter().all(|date| date.ranges.is_empty())
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::always()
    }
}

impl Day {
    /// Monday to Sunday.
    pub const ALL: [Day; 7] = [
        Day::Mon,
        Day::Tue,
        Day::Wed,
        Day::Thu,
        Day::Fri,
        Day::Sat,
        Day::Sun,
    ];

    /// The three letters used in forms: `mon` … `sun`.
    pub fn as_str(self) -> &'static str {
        match self {
            Day::Mon => "mon",
            Day::Tue => "tue",
            Day::Wed => "wed",
            Day::Thu => "thu",
            Day::Fri => "fri",
            Day::Sat => "sat",
            Day::Sun => "sun",
        }
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_schedule_is_always_open_unless_told_otherwise() {
        assert_eq!(Schedule::default(), Schedule::always());
        assert!(!Schedule::always().never_opens());
        assert_eq!(
            serde_json::from_str::<Schedule>("{}").unwrap(),
            Schedule::always()
        );
    }

    #[test]
    fn a_schedule_survives_the_journal_even_when_its_zone_is_gone() {
        let recorded = r#"{
            "zone": "Atlantis/Capital",
            "week": {"ranges": [{"day": "sun", "start": 1320, "end": 1560}]},
            "exceptions": [{"date": "2026-12-25", "ranges": [], "name": "Christmas"}]
        }"#;
        let schedule: Schedule = serde_json::from_str(recorded).unwrap();
        let again = serde_json::to_string(&schedule).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&again).unwrap(), schedule);
        assert_eq!(
            Calendar::compile(&schedule, &Zones::bundled())
                .unwrap_err()
                .to_string(),
            "zone is Atlantis/Capital, expected a name in the time zone database"
        );
        let sunday_night = Timestamp::from_seconds(1_774_825_200);
        assert!(Calendar::in_utc(&schedule).is_open(sunday_night));
    }

    #[test]
    fn only_a_week_without_any_range_and_without_open_dates_never_opens() {
        let zones = Zones::bundled();
        let shut = ScheduleDraft::weekly("America/Montevideo");
        assert!(shut.check(&zones).unwrap().never_opens());
        let fair = shut.clone().open_on("2026-09-06", "10:00", "12:00");
        assert!(!fair.check(&zones).unwrap().never_opens());
        let mondays = shut.open(&[Day::Mon], "10:00", "12:00");
        assert!(!mondays.check(&zones).unwrap().never_opens());
    }
}
