//! The schedule as a form sends it: plain text fields, checked all at once.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{DAY, Day, DayHours, Exception, Hours, Schedule, Week, Zones};
use crate::limits::{
    EXCEPTION_RANGES, EXCEPTION_YEARS, LABEL_CHARS, SCHEDULE_EXCEPTIONS, SCHEDULE_RANGES,
};
use crate::problem::Problems;

/// Opening hours as sent by a form or a client, unchecked.
///
/// The default, an empty document, means always open.
///
/// ```
/// use webchat_core::schedule::{ScheduleDraft, Zones};
///
/// let draft: ScheduleDraft = serde_json::from_str(r#"{
///     "zone": "America/Montevideo",
///     "ranges": [
///         {"day": "mon", "start": "09:00", "end": "18:00"},
///         {"day": "fri", "start": "22:00", "end": "02:00"}
///     ],
///     "exceptions": [
///         {"date": "2026-12-25", "name": "Christmas"},
///         {"date": "2026-12-31", "ranges": [{"start": "09:00", "end": "12:00"}]}
///     ]
/// }"#)?;
/// let schedule = draft.check(&Zones::bundled())?;
/// assert_eq!(schedule.zone(), "America/Montevideo");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleDraft {
    /// `true`: open at any hour of each date without an exception, and `ranges` must be empty.
    /// `false`: open during `ranges` only. Left out: `true` if everything else is left out too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always: Option<bool>,
    /// IANA name of the time zone. May be empty (UTC) only if there are neither ranges nor exceptions
    /// and `always` holds.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Ranges that repeat each week, in any order, at most [`SCHEDULE_RANGES`]. None at all: never open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<RangeDraft>,
    /// Dates with other hours, in any order, each date once, at most [`SCHEDULE_EXCEPTIONS`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionDraft>,
}

/// A weekly range `[start, end)` of local wall-clock time.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RangeDraft {
    /// Day on which the range starts: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub day: String,
    /// `00:00` to `23:59`.
    pub start: String,
    /// `00:00` to `24:00`; before `start` means on the next day; equal to `start` is refused.
    pub end: String,
}

/// A civil date whose hours replace those of the week.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExceptionDraft {
    /// `YYYY-MM-DD`, in the years [`EXCEPTION_YEARS`].
    pub date: String,
    /// The hours of that date, at most [`EXCEPTION_RANGES`]. None: closed.
    pub ranges: Vec<HoursDraft>,
    /// What the date is, for people; at most [`LABEL_CHARS`] characters, may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A range `[start, end)` of a dated exception; the same rules as in [`RangeDraft`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HoursDraft {
    /// `00:00` to `23:59`.
    pub start: String,
    /// `00:00` to `24:00`; before `start` means on the next day.
    pub end: String,
}

impl ScheduleDraft {
    /// Weekly hours in `zone`, closed until ranges are added.
    pub fn weekly(zone: &str) -> Self {
        Self {
            always: Some(false),
            zone: zone.to_owned(),
            ..Self::default()
        }
    }

    /// Adds the range `start` to `end` on each of `days`.
    #[must_use]
    pub fn open(mut self, days: &[Day], start: &str, end: &str) -> Self {
        self.ranges.extend(days.iter().map(|day| RangeDraft {
            day: day.as_str().to_owned(),
            start: start.to_owned(),
            end: end.to_owned(),
        }));
        self
    }

    /// Closes the whole of `date`, or removes the ranges given to it so far.
    #[must_use]
    pub fn closed_on(mut self, date: &str) -> Self {
        self.exception(date).ranges.clear();
        self
    }

    /// Opens `date` from `start` to `end` instead of its weekly hours; may be repeated for one date.
    #[must_use]
    pub fn open_on(mut self, date: &str, start: &str, end: &str) -> Self {
        self.exception(date).ranges.push(HoursDraft {
            start: start.to_owned(),
            end: end.to_owned(),
        });
        self
    }

    fn exception(&mut self, date: &str) -> &mut ExceptionDraft {
        let known = self.exceptions.iter().position(|known| known.date == date);
        let index = known.unwrap_or_else(|| {
            self.exceptions.push(ExceptionDraft {
                date: date.to_owned(),
                ..ExceptionDraft::default()
            });
            self.exceptions.len() - 1
        });
        &mut self.exceptions[index]
    }

    /// The schedule this draft describes.
    ///
    /// # Errors
    /// All problems at once, with field paths relative to the draft, such as `ranges[2].end`.
    pub fn check(&self, zones: &Zones) -> Result<Schedule, Problems> {
        let mut problems = Problems::none();
        let blank = self.zone.is_empty() && self.ranges.is_empty() && self.exceptions.is_empty();
        let always = self.always.unwrap_or(blank);
        let schedule = Schedule {
            zone: self.check_zone(always, zones, &mut problems),
            week: self.check_week(always, &mut problems),
            exceptions: self.check_exceptions(&mut problems),
        };
        problems.or(schedule)
    }

    fn check_zone(&self, always: bool, zones: &Zones, problems: &mut Problems) -> String {
        if self.zone.is_empty() && always && self.exceptions.is_empty() {
            return super::utc();
        }
        match zones.find(&self.zone) {
            Ok(zone) => zone.iana_name().unwrap_or(&self.zone).to_owned(),
            Err(_) => {
                problems.add(
                    "zone",
                    &self.zone,
                    "an IANA time zone name such as America/Montevideo",
                );
                String::new()
            }
        }
    }

    fn check_week(&self, always: bool, problems: &mut Problems) -> Week {
        let count = self.ranges.len();
        if always {
            if count > 0 {
                problems.add(
                    "ranges",
                    format_args!("a list of {count}"),
                    "an empty list when always is true",
                );
            }
            return Week::Always;
        }
        if count > SCHEDULE_RANGES {
            problems.add(
                "ranges",
                format_args!("a list of {count}"),
                format!("at most {SCHEDULE_RANGES}"),
            );
            return Week::default();
        }
        let mut days: [Vec<Hours>; 7] = Default::default();
        for (index, range) in self.ranges.iter().enumerate() {
            let path = format!("ranges[{index}]");
            let day = Day::ALL.into_iter().find(|day| day.as_str() == range.day);
            if day.is_none() {
                problems.add(
                    format!("{path}.day"),
                    &range.day,
                    "mon, tue, wed, thu, fri, sat or sun",
                );
            }
            let hours = check_hours(&path, &range.start, &range.end, problems);
            if let (Some(day), Some(hours)) = (day, hours) {
                days[day as usize].push(hours);
            }
        }
        let ranges = Day::ALL.into_iter().zip(days).flat_map(|(day, ranges)| {
            let merged = merge(ranges);
            merged
                .into_iter()
                .map(move |Hours { start, end }| DayHours { day, start, end })
        });
        Week::Ranges(ranges.collect())
    }

    fn check_exceptions(&self, problems: &mut Problems) -> Vec<Exception> {
        let count = self.exceptions.len();
        if count > SCHEDULE_EXCEPTIONS {
            problems.add(
                "exceptions",
                format_args!("a list of {count}"),
                format!("at most {SCHEDULE_EXCEPTIONS}"),
            );
            return Vec::new();
        }
        let mut checked = std::collections::BTreeMap::new();
        for (index, draft) in self.exceptions.iter().enumerate() {
            let path = format!("exceptions[{index}]");
            let date = parse_date(&draft.date);
            if date.is_none() {
                problems.add(
                    format!("{path}.date"),
                    &draft.date,
                    format!(
                        "a date such as 2026-12-25, in the years {} to {}",
                        EXCEPTION_YEARS.start(),
                        EXCEPTION_YEARS.end()
                    ),
                );
            }
            let name = draft.name.trim();
            if name.chars().count() > LABEL_CHARS || name.contains(char::is_control) {
                problems.add(
                    format!("{path}.name"),
                    name,
                    format!("at most {LABEL_CHARS} characters on one line"),
                );
            }
            if draft.ranges.len() > EXCEPTION_RANGES {
                problems.add(
                    format!("{path}.ranges"),
                    format_args!("a list of {}", draft.ranges.len()),
                    format!("at most {EXCEPTION_RANGES}"),
                );
                continue;
            }
            let ranges = draft
                .ranges
                .iter()
                .enumerate()
                .filter_map(|(inner, hours)| {
                    let path = format!("{path}.ranges[{inner}]");
                    check_hours(&path, &hours.start, &hours.end, problems)
                });
            let ranges = merge(ranges.collect());
            let Some(date) = date else { continue };
            let exception = Exception {
                date,
                ranges,
                name: name.to_owned(),
            };
            if checked.insert(date, exception).is_some() {
                problems.add(
                    format!("{path}.date"),
                    &draft.date,
                    "each date at most once",
                );
            }
        }
        checked.into_values().collect()
    }
}

impl From<&Schedule> for ScheduleDraft {
    fn from(schedule: &Schedule) -> Self {
        let ranges = match &schedule.week {
            Week::Always => &[][..],
            Week::Ranges(ranges) => ranges,
        };
        Self {
            always: Some(schedule.week == Week::Always),
            zone: schedule.zone.clone(),
            ranges: ranges
                .iter()
                .flat_map(|&DayHours { day, start, end }| {
                    clock_faces(Hours { start, end }).map(move |(start, end)| RangeDraft {
                        day: day.as_str().to_owned(),
                        start,
                        end,
                    })
                })
                .collect(),
            exceptions: schedule
                .exceptions
                .iter()
                .map(|exception| ExceptionDraft {
                    date: exception.date.to_string(),
                    ranges: exception
                        .ranges
                        .iter()
                        .flat_map(|&hours| clock_faces(hours))
                        .map(|(start, end)| HoursDraft { start, end })
                        .collect(),
                    name: exception.name.clone(),
                })
                .collect(),
        }
    }
}

fn check_hours(path: &str, start: &str, end: &str, problems: &mut Problems) -> Option<Hours> {
    let opens = parse_clock_face(start).filter(|&minute| minute < DAY);
    if opens.is_none() {
        problems.add(format!("{path}.start"), start, "a time from 00:00 to 23:59");
    }
    let closes = parse_clock_face(end);
    if closes.is_none() {
        problems.add(format!("{path}.end"), end, "a time from 00:00 to 24:00");
    }
    let (start, closes) = (opens?, closes?);
    if start == closes {
        problems.add(
            format!("{path}.end"),
            end,
            "another time than the start; 24:00 ends the day",
        );
        return None;
    }
    let end = if closes < start { closes + DAY } else { closes };
    Some(Hours { start, end })
}

/// Sorts the ranges of one day and joins those that overlap or touch.
fn merge(mut ranges: Vec<Hours>) -> Vec<Hours> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let joined = next.start <= kept.end;
        if joined {
            kept.end = kept.end.max(next.end);
        }
        joined
    });
    ranges
}

/// Minutes after midnight of `HH:MM`, up to and including `24:00`.
fn parse_clock_face(text: &str) -> Option<u16> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    let &[h, hh, b':', m, mm] = text.as_bytes() else {
        return None;
    };
    let hour = digit(h)? * 10 + digit(hh)?;
    let minute = digit(m)? * 10 + digit(mm)?;
    (minute < 60)
        .then_some(hour * 60 + minute)
        .filter(|&minutes| minutes <= DAY)
}

/// The start and end with which a form says `hours`.
///
/// Ranges that were joined can last a day or longer, which takes two ranges to say.
fn clock_faces(hours: Hours) -> impl Iterator<Item = (String, String)> {
    let Hours { start, end } = hours;
    let too_long = end > DAY && end - DAY >= start;
    let (first, second) = if too_long {
        ((start, DAY), Some((end - DAY + 1, end)))
    } else {
        ((start, end), None)
    };
    let face = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let end_face = move |minutes: u16| {
        face(if minutes > DAY {
            minutes - DAY
        } else {
            minutes
        })
    };
    std::iter::once(first)
        .chain(second)
        .map(move |(start, end)| (face(start), end_face(end)))
}

fn parse_date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    // The parser also takes other forms, such as 20261225 or a date with a time.
    (EXCEPTION_YEARS.contains(&date.year()) && date.to_string() == text).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ScheduleDraft {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_empty_draft_is_always_open() {
        let zones = Zones::bundled();
        assert_eq!(read("{}").check(&zones), Ok(Schedule::always()));
        assert_eq!(
            read(r#"{"always": true}"#).check(&zones),
            Ok(Schedule::always())
        );
    }

    #[test]
    fn all_problems_are_reported_with_field_value_and_range() {
        let draft = read(
            r#"{
            "zone": "America/Nowhere",
            "ranges": [
                {"day": "monday", "start": "24:00", "end": "24:01"},
                {"day": "tue", "start": "09:00", "end": "09:00"},
                {"day": "wed", "start": "9:00", "end": ""}
            ],
            "exceptions": [
                {"date": "2026-02-29"},
                {"date": "20261225"},
                {"date": "2026-12-25T00:00"},
                {"date": "1969-12-31"},
                {"date": "2026-12-25", "ranges": [{"start": "10:00", "end": "12:60"}], "name": "a\nb"},
                {"date": "2026-12-25"}
            ]
        }"#,
        );
        let problems = draft.check(&Zones::bundled()).unwrap_err();
        let lines: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
        let date = "expected a date such as 2026-12-25, in the years 1970 to 2199";
        assert_eq!(
            lines,
            [
                "zone is America/Nowhere, expected an IANA time zone name such as America/Montevideo".to_owned(),
                "ranges[0].day is monday, expected mon, tue, wed, thu, fri, sat or sun".to_owned(),
                "ranges[0].start is 24:00, expected a time from 00:00 to 23:59".to_owned(),
                "ranges[0].end is 24:01, expected a time from 00:00 to 24:00".to_owned(),
                "ranges[1].end is 09:00, expected another time than the start; 24:00 ends the day".to_owned(),
                "ranges[2].start is 9:00, expected a time from 00:00 to 23:59".to_owned(),
                "ranges[2].end is empty, expected a time from 00:00 to 24:00".to_owned(),
                format!("exceptions[0].date is 2026-02-29, {date}"),
                format!("exceptions[1].date is 20261225, {date}"),
                format!("exceptions[2].date is 2026-12-25T00:00, {date}"),
                format!("exceptions[3].date is 1969-12-31, {date}"),
                "exceptions[4].name is a\u{FFFD}b, expected at most 80 characters on one line".to_owned(),
                "exceptions[4].ranges[0].end is 12:60, expected a time from 00:00 to 24:00".to_owned(),
                "exceptions[5].date is 2026-12-25, expected each date at most once".to_owned(),
            ]
        );
    }

    #[test]
    fn lists_are_limited() {
        let mut draft = ScheduleDraft::weekly("UTC");
        draft.ranges = vec![RangeDraft::default(); SCHEDULE_RANGES + 1];
        draft.exceptions = vec![ExceptionDraft::default(); SCHEDULE_EXCEPTIONS + 1];
        assert_eq!(
            draft.check(&Zones::bundled()).unwrap_err().to_string(),
            "ranges is a list of 169, expected at most 168; \
             exceptions is a list of 1001, expected at most 1000"
        );
        let mut draft = ScheduleDraft::weekly("UTC").closed_on("2026-12-25");
        draft.exceptions[0].ranges = vec![HoursDraft::default(); EXCEPTION_RANGES + 1];
        assert_eq!(
            draft.check(&Zones::bundled()).unwrap_err().to_string(),
            "exceptions[0].ranges is a list of 25, expected at most 24"
        );
    }

    #[test]
    fn hours_need_a_zone_and_always_takes_no_ranges() {
        let zones = Zones::bundled();
        let mondays = ScheduleDraft::default().open(&[Day::Mon], "09:00", "18:00");
        let error = mondays.check(&zones).unwrap_err();
        assert_eq!(error.0[0].field, "zone");
        let both = ScheduleDraft {
            always: Some(true),
            zone: "UTC".to_owned(),
            ..mondays
        };
        assert_eq!(
            both.check(&zones).unwrap_err().to_string(),
            "ranges is a list of 1, expected an empty list when always is true"
        );
    }

    #[test]
    fn a_misspelt_field_is_refused_rather_than_ignored() {
        let error = serde_json::from_str::<ScheduleDraft>(r#"{"exeptions": []}"#).unwrap_err();
        assert!(error.to_string().contains("exeptions"));
    }

    #[test]
    fn a_checked_schedule_reads_back_sorted_and_merged() {
        let zones = Zones::bundled();
        let draft = ScheduleDraft::weekly("america/montevideo")
            .open(&[Day::Tue], "22:00", "02:00")
            .open(&[Day::Tue], "21:00", "22:00")
            .open(&[Day::Mon], "12:00", "18:00")
            .open(&[Day::Mon], "09:00", "13:00")
            .open(&[Day::Mon], "19:00", "00:00")
            .open_on("2026-12-31", "10:00", "24:00")
            .closed_on("2026-12-25");
        let schedule = draft.check(&zones).unwrap();
        let back = ScheduleDraft::from(&schedule);
        assert_eq!(
            back,
            ScheduleDraft::weekly("America/Montevideo")
                .open(&[Day::Mon], "09:00", "18:00")
                .open(&[Day::Mon], "19:00", "24:00")
                .open(&[Day::Tue], "21:00", "02:00")
                .closed_on("2026-12-25")
                .open_on("2026-12-31", "10:00", "24:00")
        );
        assert_eq!(back.check(&zones).unwrap(), schedule);
        let long = ScheduleDraft::weekly("UTC")
            .open(&[Day::Mon], "08:00", "20:00")
            .open(&[Day::Mon], "20:00", "19:00");
        let long = long.check(&zones).unwrap();
        assert_eq!(ScheduleDraft::from(&long).check(&zones), Ok(long));
        let always = ScheduleDraft::from(&Schedule::always());
        assert_eq!(always.check(&zones), Ok(Schedule::always()));
    }
}
