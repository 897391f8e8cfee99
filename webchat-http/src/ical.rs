//! Closed dates out of an iCalendar file (RFC 5545), such as a country's public holidays, for the
//! dated exceptions of a schedule.

use std::collections::{BTreeMap, BTreeSet};

use calcard::common::timezone::Tz;
use calcard::common::{CalendarScale, PartialDateTime};
use calcard::icalendar::dates::{CalendarErrorType, TimeOrDelta};
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarFrequency, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarStatus, ICalendarValue,
};
use calcard::{Entry, Parser};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::Serialize;
use webchat_core::limits::{LABEL_CHARS, SCHEDULE_EXCEPTIONS};
use webchat_core::problem::{Problem, Problems};
use webchat_core::schedule::ExceptionDraft;

use crate::limits::{CALENDAR_BYTES, CALENDAR_EVENTS, CALENDAR_REPEATING, CALENDAR_YEARS};

/// Most occurrences of one repeating event, counted from its own start.
const MAX_OCCURRENCES: usize = 20_000;
/// Most days of one event.
const MAX_DAYS: DayNumber = 366;
/// Most skipped events that are told.
const MAX_SKIPPED: usize = 100;

/// What an iCalendar file says about dates.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, schemars::JsonSchema)]
pub struct ClosedDates {
    /// One closed date each, by date, named after the events of that date.
    pub exceptions: Vec<ExceptionDraft>,
    /// Events that were left out and why, at most a hundred; for a person to look at.
    pub skipped: Vec<Problem>,
}

/// The dates of `file` from `from` on that are covered by all-day events, for at most
/// [`CALENDAR_YEARS`] years.
///
/// Cancelled events and dates outside that span are left out silently; events with a time of day, or
/// with a rule that can't be followed, are left out and reported in [`ClosedDates::skipped`].
///
/// A file of ordinary size takes milliseconds, one made to be slow a few seconds: call it where
/// blocking is allowed.
///
/// # Errors
/// When the bytes are no iCalendar file, or more than a schedule could take.
pub fn closed_dates(file: &[u8], from: Date) -> Result<ClosedDates, Problems> {
    let to = from.saturating_add(CALENDAR_YEARS.years());
    let mut found = Found {
        span: day_number(from)..day_number(to),
        dates: BTreeMap::new(),
        skipped: Vec::new(),
    };
    for series in series(events(file)?)? {
        found.read(series);
        if found.dates.len() > SCHEDULE_EXCEPTIONS {
            return Err(file_problem(
                format_args!("a list of more than {SCHEDULE_EXCEPTIONS} dates"),
                format!("at most {SCHEDULE_EXCEPTIONS} dates in {CALENDAR_YEARS} years"),
            ));
        }
    }
    let exception = |(day, name)| ExceptionDraft {
        date: date_of(day).to_string(),
        ranges: Vec::new(),
        name,
    };
    Ok(ClosedDates {
        exceptions: found.dates.into_iter().map(exception).collect(),
        skipped: found.skipped,
    })
}

/// An event with the line of the file on which it begins, from 1.
type Event = (usize, ICalendarComponent);

/// All events of all calendars in the file.
fn events(file: &[u8]) -> Result<Vec<Event>, Problems> {
    if file.len() > CALENDAR_BYTES {
        return Err(file_problem(
            format_args!("{} bytes", file.len()),
            format!("at most {CALENDAR_BYTES} bytes"),
        ));
    }
    // Names in an old encoding get replacement characters; dates are ASCII anyway.
    let text = String::from_utf8_lossy(file);
    let mut parser = Parser::new(&text);
    let mut events = Vec::new();
    let mut is_calendar = false;
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => {
                is_calendar = true;
                events.extend(
                    calendar
                        .components
                        .into_iter()
                        .filter(|part| part.component_type == ICalendarComponentType::VEvent),
                );
            }
            Entry::Eof | Entry::TooManyComponents => break,
            _ => {}
        }
    }
    if !is_calendar {
        return Err(file_problem(
            text.lines().next().unwrap_or_default(),
            "an iCalendar file, which has BEGIN:VCALENDAR on line 1",
        ));
    }
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    if !last.trim().eq_ignore_ascii_case("END:VCALENDAR") {
        return Err(file_problem(
            format_args!("cut off after line {}", text.trim_end().lines().count()),
            "an iCalendar file that ends with END:VCALENDAR",
        ));
    }
    if events.len() > CALENDAR_EVENTS {
        return Err(file_problem(
            format_args!("a list of {} events", events.len()),
            format!("at most {CALENDAR_EVENTS} events"),
        ));
    }
    let begins = |line: &str| line.trim().eq_ignore_ascii_case("BEGIN:VEVENT");
    let numbered = (1..).zip(text.lines());
    let lines = numbered.filter_map(|(number, line)| begins(line).then_some(number));
    Ok(lines.chain(std::iter::repeat(0)).zip(events).collect())
}

/// Puts the events with one UID together: a repeating event and its changed occurrences.
fn series(events: Vec<Event>) -> Result<Vec<Vec<Event>>, Problems> {
    let repeats = |(_, event): &&Event| event.has_property(&ICalendarProperty::Rrule);
    let repeating = events.iter().filter(repeats).count();
    if repeating > CALENDAR_REPEATING {
        return Err(file_problem(
            format_args!("a list of {repeating} repeating events"),
            format!("at most {CALENDAR_REPEATING} repeating events"),
        ));
    }
    let mut known = BTreeMap::new();
    let mut series: Vec<Vec<Event>> = Vec::new();
    for (number, event) in events {
        let place = match event.uid() {
            Some(uid) => *known.entry(uid.to_owned()).or_insert(series.len()),
            None => series.len(),
        };
        if place == series.len() {
            series.push(Vec::new());
        }
        series[place].push((number, event));
    }
    Ok(series)
}

/// Civil days as numbers, 1970-01-01 being 0.
type DayNumber = i64;

struct Found {
    span: std::ops::Range<DayNumber>,
    dates: BTreeMap<DayNumber, String>,
    skipped: Vec<Problem>,
}

impl Found {
    fn read(&mut self, mut series: Vec<Event>) {
        series.retain_mut(|(line, event)| match self.prepare(event) {
            Ok(()) => true,
            Err((value, expected)) => {
                self.skip(*line, event, &value, expected);
                false
            }
        });
        let (begins, components): (Vec<usize>, Vec<ICalendarComponent>) =
            series.into_iter().unzip();
        let calendar = ICalendar { components };
        let expanded = calendar.expand_dates(Tz::Floating, MAX_OCCURRENCES);
        for error in expanded.errors {
            let index = error.comp_id as usize;
            let event = &calendar.components[index];
            let (value, expected) = match error.error {
                CalendarErrorType::RRule(_) => ("a rule that can't be followed", "a valid RRULE"),
                _ => ("without a valid date", "a start and perhaps an end"),
            };
            self.skip(begins[index], event, value, expected);
        }
        let cut_off = expanded.events.len() >= MAX_OCCURRENCES;
        if let (true, Some(event)) = (cut_off, calendar.components.first()) {
            let expected = "a rule with fewer than 20000 dates since its start";
            self.skip(begins[0], event, "a longer one", expected);
        }
        let mut told = BTreeSet::new();
        for occurrence in expanded.events {
            let index = occurrence.comp_id as usize;
            let event = &calendar.components[index];
            if event.status() == Some(&ICalendarStatus::Cancelled) {
                continue;
            }
            let start = occurrence.start.naive_local().and_utc().timestamp();
            let end = match occurrence.end {
                TimeOrDelta::Time(end) => end.naive_local().and_utc().timestamp(),
                TimeOrDelta::Delta(length) => start.saturating_add(length.num_seconds()),
            };
            if !is_all_day(event, start, end) {
                if told.insert(index) {
                    self.skip(
                        begins[index],
                        event,
                        "an event with a time of day",
                        "an all-day event",
                    );
                }
                continue;
            }
            let first = start.div_euclid(SECONDS_A_DAY);
            let after = end.div_euclid(SECONDS_A_DAY).max(first + 1);
            if after - first > MAX_DAYS {
                if told.insert(index) {
                    let value = format!("{} days long", after - first);
                    self.skip(begins[index], event, &value, "at most 366 days");
                }
                continue;
            }
            for day in first.max(self.span.start)..after.min(self.span.end) {
                add_name(self.dates.entry(day).or_default(), &name_of(event));
            }
            if self.dates.len() > SCHEDULE_EXCEPTIONS {
                return;
            }
        }
    }

    /// Makes the event ready for expansion, or says what of it can't be followed.
    fn prepare(&self, event: &mut ICalendarComponent) -> Result<(), (String, &'static str)> {
        // A changed occurrence is matched by date; its own sequence number would stand in the way.
        let sequence = ICalendarProperty::Sequence;
        event.entries.retain(|entry| entry.name != sequence);
        let start = event
            .property(&ICalendarProperty::Dtstart)
            .and_then(|start| day_of(start.values.first()?.as_partial_date_time()?));
        let Some(rule) = event.property_mut(&ICalendarProperty::Rrule) else {
            return Ok(());
        };
        let Some(ICalendarValue::RecurrenceRule(rule)) = rule.values.first_mut() else {
            return Err(("a rule that can't be read".to_owned(), "a valid RRULE"));
        };
        check_rule(rule)?;
        let last = self.span.end - 1;
        let until = rule.until.as_ref().and_then(day_of);
        if until.is_none_or(|until| until > last) {
            rule.until = Some(last_second(date_of(last.max(start.unwrap_or(last)))));
        }
        Ok(())
    }

    fn skip(
        &mut self,
        line: usize,
        event: &ICalendarComponent,
        value: &str,
        expected: &'static str,
    ) {
        if self.skipped.len() < MAX_SKIPPED {
            let mut problems = Problems::none();
            let field = match name_of(event) {
                name if name.is_empty() => format!("line {line}"),
                name => format!("line {line} ({name})"),
            };
            problems.add(field, value, expected);
            self.skipped.extend(problems.0);
        }
    }
}

fn check_rule(rule: &mut ICalendarRecurrenceRule) -> Result<(), (String, &'static str)> {
    if !matches!(
        rule.freq,
        ICalendarFrequency::Yearly
            | ICalendarFrequency::Monthly
            | ICalendarFrequency::Weekly
            | ICalendarFrequency::Daily
    ) {
        let value = format!("repeated {:?}", rule.freq).to_lowercase();
        return Err((value, "repeated yearly, monthly, weekly or daily"));
    }
    let scale = rule.rscale.take();
    if scale.is_some_and(|scale| scale != CalendarScale::Gregorian) {
        let value = "repeated in another calendar".to_owned();
        return Err((value, "repeated in the Gregorian calendar"));
    }
    // An all-day event has no time for these to speak of.
    rule.byhour.clear();
    rule.byminute.clear();
    rule.bysecond.clear();
    Ok(())
}

/// Dates without a time, or from midnight to midnight on a local clock, as Outlook writes them.
fn is_all_day(event: &ICalendarComponent, start: i64, end: i64) -> bool {
    let written = event
        .property(&ICalendarProperty::Dtstart)
        .and_then(|start| start.values.first()?.as_partial_date_time());
    let Some(written) = written else {
        return false;
    };
    let midnights = start % SECONDS_A_DAY == 0 && end % SECONDS_A_DAY == 0 && start < end;
    written.hour.is_none() || (written.tz_hour.is_none() && midnights)
}

fn name_of(event: &ICalendarComponent) -> String {
    let summary = event
        .property(&ICalendarProperty::Summary)
        .and_then(|summary| summary.values.first()?.as_text())
        .unwrap_or_default();
    let words =
        summary.split(|character: char| character.is_whitespace() || character.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(LABEL_CHARS).collect()
}

/// Adds one more event's name to a date, unless it stands there already or there is no room.
fn add_name(names: &mut String, name: &str) {
    let length = names.chars().count() + name.chars().count() + 3;
    if names.is_empty() {
        names.push_str(name);
    } else if !name.is_empty()
        && length <= LABEL_CHARS
        && names.split(" / ").all(|known| known != name)
    {
        names.push_str(" / ");
        names.push_str(name);
    }
}

const SECONDS_A_DAY: i64 = 86_400;

fn day_number(date: Date) -> DayNumber {
    i64::from((date - Date::constant(1970, 1, 1)).get_days())
}

fn date_of(day: DayNumber) -> Date {
    let days = Span::new().try_days(day);
    days.map_or(Date::MAX, |days| {
        Date::constant(1970, 1, 1).saturating_add(days)
    })
}

fn day_of(date: &PartialDateTime) -> Option<DayNumber> {
    let year = i16::try_from(date.year?).ok()?;
    let (month, day) = (
        i8::try_from(date.month?).ok()?,
        i8::try_from(date.day?).ok()?,
    );
    Date::new(year, month, day).ok().map(day_number)
}

/// The end of `date`, so that an occurrence at any time of it is included.
fn last_second(date: Date) -> PartialDateTime {
    PartialDateTime {
        year: u16::try_from(date.year()).ok(),
        month: u8::try_from(date.month()).ok(),
        day: u8::try_from(date.day()).ok(),
        hour: Some(23),
        minute: Some(59),
        second: Some(59),
        ..PartialDateTime::default()
    }
}

fn file_problem(value: impl std::fmt::Display, expected: impl Into<String>) -> Problems {
    let mut problems = Problems::none();
    problems.add("file", value, expected);
    problems
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webchat_core::schedule::{ScheduleDraft, Zones};

    use super::*;

    fn read(file: &str) -> ClosedDates {
        closed_dates(file.as_bytes(), Date::constant(2026, 1, 1)).unwrap()
    }

    /// The dates as `2026-12-25 Christmas`.
    fn lines(found: &ClosedDates) -> Vec<String> {
        let exceptions = found.exceptions.iter();
        exceptions
            .map(|exception| {
                assert!(exception.ranges.is_empty());
                format!("{} {}", exception.date, exception.name)
            })
            .collect()
    }

    fn skipped(found: &ClosedDates) -> Vec<String> {
        found.skipped.iter().map(ToString::to_string).collect()
    }

    fn refused(file: &[u8]) -> String {
        let problems = closed_dates(file, Date::constant(2026, 1, 1)).unwrap_err();
        problems.to_string()
    }

    /// A calendar of events, each given by its lines.
    fn calendar(events: &[&str]) -> String {
        let mut file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n".to_owned();
        for event in events {
            file += "BEGIN:VEVENT\r\n";
            for line in event.lines() {
                file += &format!("{}\r\n", line.trim_start());
            }
            file += "END:VEVENT\r\n";
        }
        file + "END:VCALENDAR\r\n"
    }

    #[test]
    fn a_public_holiday_feed_gives_its_dates_from_today_on() {
        // The style of the feeds behind Google Calendar: no rules, end dates, folded lines.
        let file = "BEGIN:VCALENDAR\r
PRODID:-//Google Inc//Google Calendar 70.9054//EN\r
VERSION:2.0\r
CALSCALE:GREGORIAN\r
METHOD:PUBLISH\r
X-WR-CALNAME:Feriados en Uruguay\r
X-WR-TIMEZONE:UTC\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20250718\r
DTEND;VALUE=DATE:20250719\r
DTSTAMP:20261101T090000Z\r
UID:20250718_abc@google.com\r
CLASS:PUBLIC\r
STATUS:CONFIRMED\r
SUMMARY:Jura de la Constituci\u{f3}n\r
TRANSP:TRANSPARENT\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20260718\r
DTEND;VALUE=DATE:20260719\r
DTSTAMP:20261101T090000Z\r
UID:20260718_abc@google.com\r
CLASS:PUBLIC\r
DESCRIPTION:Celebraci\u{f3}n\\nPara ocultar las celebraciones\\, ve a la configuraci\r
 \u{f3}n\r
STATUS:CONFIRMED\r
SUMMARY:Jura de la Constitu\r
 ci\u{f3}n\\, feriado\r
TRANSP:TRANSPARENT\r
END:VEVENT\r
END:VCALENDAR\r
";
        let found = read(file);
        assert_eq!(
            lines(&found),
            ["2026-07-18 Jura de la Constituci\u{f3}n, feriado"]
        );
        assert_eq!(skipped(&found), [""; 0]);
        // Bare line feeds and a byte order mark are common in files saved by hand.
        let by_hand = format!("\u{feff}{}", file.replace("\r\n", "\n"));
        assert_eq!(read(&by_hand), found);
    }

    #[test]
    fn outlook_holidays_run_from_midnight_to_midnight_in_a_zone_of_the_file() {
        let file = "BEGIN:VCALENDAR\r
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:E. South America Standard Time\r
BEGIN:STANDARD\r
DTSTART:16010101T000000\r
TZOFFSETFROM:-0300\r
TZOFFSETTO:-0300\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
DTSTART;TZID=\"E. South America Standard Time\":20261102T000000\r
DTEND;TZID=\"E. South America Standard Time\":20261103T000000\r
SUMMARY;LANGUAGE=pt-br:Finados\r
UID:040000008200E00074C5B7101A82E008\r
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\r
BEGIN:VALARM\r
TRIGGER:-PT15M\r
ACTION:DISPLAY\r
DESCRIPTION:Reminder\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
";
        let found = read(file);
        assert_eq!(lines(&found), ["2026-11-02 Finados"]);
        assert_eq!(skipped(&found), [""; 0]);
    }

    #[test]
    fn an_event_covers_each_of_its_days_and_its_end_date_is_not_one_of_them() {
        let file = calendar(&[
            "SUMMARY:Summer closure
             DTSTART;VALUE=DATE:20251230
             DTEND;VALUE=DATE:20260103",
            "SUMMARY:Inventory
             DTSTART;VALUE=DATE:20260330
             DURATION:P2D",
            "SUMMARY:No end
             DTSTART;VALUE=DATE:20260401",
            "SUMMARY:End equals start
             DTSTART;VALUE=DATE:20260402
             DTEND;VALUE=DATE:20260402",
        ]);
        assert_eq!(
            lines(&read(&file)),
            [
                "2026-01-01 Summer closure",
                "2026-01-02 Summer closure",
                "2026-03-30 Inventory",
                "2026-03-31 Inventory",
                "2026-04-01 No end",
                "2026-04-02 End equals start",
            ]
        );
    }

    #[test]
    fn a_yearly_event_is_written_out_for_five_years() {
        let file = calendar(&[
            "UID:christmas
             SUMMARY:Christmas
             DTSTART;VALUE=DATE:19701225
             RRULE:FREQ=YEARLY",
            "UID:memorial
             SUMMARY:Memorial Day
             DTSTART;VALUE=DATE:20200525
             RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20270101
             EXDATE;VALUE=DATE:20250526",
            "UID:later
             SUMMARY:Not in this span
             DTSTART;VALUE=DATE:20400101
             RRULE:FREQ=YEARLY",
            "UID:twice
             SUMMARY:Twice more
             DTSTART;VALUE=DATE:20250610
             RRULE:FREQ=YEARLY;COUNT=3",
        ]);
        let found = read(&file);
        assert_eq!(
            lines(&found),
            [
                "2026-05-25 Memorial Day",
                "2026-06-10 Twice more",
                "2026-12-25 Christmas",
                "2027-06-10 Twice more",
                "2027-12-25 Christmas",
                "2028-12-25 Christmas",
                "2029-12-25 Christmas",
                "2030-12-25 Christmas",
            ]
        );
        assert_eq!(skipped(&found), [""; 0]);
    }

    #[test]
    fn a_moved_occurrence_moves_and_a_cancelled_one_goes() {
        let file = calendar(&[
            "UID:day
             SEQUENCE:0
             SUMMARY:Company day
             DTSTART;VALUE=DATE:20260304
             RRULE:FREQ=YEARLY;COUNT=3
             EXDATE;VALUE=DATE:20280304",
            "UID:day
             SEQUENCE:2
             SUMMARY:Company day (moved)
             RECURRENCE-ID;VALUE=DATE:20260304
             DTSTART;VALUE=DATE:20260305",
            "UID:day
             SEQUENCE:1
             SUMMARY:Company day
             RECURRENCE-ID;VALUE=DATE:20270304
             STATUS:CANCELLED
             DTSTART;VALUE=DATE:20270304",
            "UID:other
             SUMMARY:Same date as an occurrence that was moved away
             DTSTART;VALUE=DATE:20260304",
            "UID:gone
             SUMMARY:Cancelled
             DTSTART;VALUE=DATE:20260601
             STATUS:CANCELLED",
        ]);
        assert_eq!(
            lines(&read(&file)),
            [
                "2026-03-04 Same date as an occurrence that was moved away",
                "2026-03-05 Company day (moved)",
            ]
        );
    }

    #[test]
    fn several_events_of_a_date_share_it_and_names_stay_short_and_on_one_line() {
        let long = "x".repeat(200);
        let file = calendar(&[
            "DTSTART;VALUE=DATE:20260501
             SUMMARY:Labour\\nDay",
            "DTSTART;VALUE=DATE:20260501
             SUMMARY:D\u{ed}a de los Trabajadores",
            "DTSTART;VALUE=DATE:20260501
             SUMMARY:Labour Day",
            &format!("DTSTART;VALUE=DATE:20260501\nSUMMARY:{long}"),
            &format!("DTSTART;VALUE=DATE:20260601\nSUMMARY:{long}"),
            "DTSTART;VALUE=DATE:20260701",
        ]);
        assert_eq!(
            lines(&read(&file)),
            [
                "2026-05-01 Labour Day / D\u{ed}a de los Trabajadores".to_owned(),
                format!("2026-06-01 {}", &long[..LABEL_CHARS]),
                "2026-07-01 ".to_owned(),
            ]
        );
    }

    #[test]
    fn what_cannot_be_followed_is_skipped_and_told_by_line_and_name() {
        let file = calendar(&[
            "SUMMARY:Team meeting
             DTSTART:20260310T130000Z
             DTEND:20260310T140000Z",
            "SUMMARY:Weekly stand-up
             DTSTART;TZID=America/Montevideo:20260310T090000
             DURATION:PT15M
             RRULE:FREQ=WEEKLY",
            "SUMMARY:Midnight in London
             DTSTART:20260310T000000Z
             DTEND:20260311T000000Z",
            "DTSTART;VALUE=DATE:20260310
             RRULE:FREQ=SECONDLY",
            "SUMMARY:Passover
             DTSTART;VALUE=DATE:20260402
             RRULE:RSCALE=HEBREW;FREQ=YEARLY",
            "SUMMARY:No date",
            "SUMMARY:For ever
             DTSTART;VALUE=DATE:20260101
             DTEND;VALUE=DATE:99991231",
            "SUMMARY:Good Friday
             DTSTART;VALUE=DATE:20260403",
        ]);
        let found = read(&file);
        assert_eq!(lines(&found), ["2026-04-03 Good Friday"]);
        assert_eq!(
            skipped(&found),
            [
                "line 4 (Team meeting) is an event with a time of day, expected an all-day event",
                "line 9 (Weekly stand-up) is an event with a time of day, expected an all-day event",
                "line 15 (Midnight in London) is an event with a time of day, expected an all-day event",
                "line 20 is repeated secondly, expected repeated yearly, monthly, weekly or daily",
                "line 24 (Passover) is repeated in another calendar, expected repeated in the Gregorian calendar",
                "line 29 (No date) is without a valid date, expected a start and perhaps an end",
                "line 32 (For ever) is 2912442 days long, expected at most 366 days",
            ]
        );
    }

    #[test]
    fn what_is_no_whole_calendar_is_refused() {
        assert_eq!(
            refused(b"<!doctype html>\n<html>\n"),
            "file is <!doctype html>, expected an iCalendar file, which has BEGIN:VCALENDAR on line 1"
        );
        assert!(refused(b"").starts_with("file is empty"));
        let whole = calendar(&["DTSTART;VALUE=DATE:20260501\nSUMMARY:Labour Day"]);
        let cut = &whole[..whole.find("SUMMARY").unwrap()];
        assert_eq!(
            refused(cut.as_bytes()),
            "file is cut off after line 5, expected an iCalendar file that ends with END:VCALENDAR"
        );
        assert_eq!(
            refused(&vec![b' '; CALENDAR_BYTES + 1]),
            "file is 1048577 bytes, expected at most 1048576 bytes"
        );
    }

    #[test]
    fn what_is_too_much_for_a_schedule_is_refused() {
        let daily = "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY";
        assert_eq!(
            refused(calendar(&[daily]).as_bytes()),
            "file is a list of more than 1000 dates, expected at most 1000 dates in 5 years"
        );
        let event = "DTSTART;VALUE=DATE:20260101";
        assert_eq!(
            refused(calendar(&vec![event; CALENDAR_EVENTS + 1]).as_bytes()),
            "file is a list of 5001 events, expected at most 5000 events"
        );
        let yearly = "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY";
        assert_eq!(
            refused(calendar(&vec![yearly; CALENDAR_REPEATING + 1]).as_bytes()),
            "file is a list of 101 repeating events, expected at most 100 repeating events"
        );
        let ages = "SUMMARY:Ages\nDTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY";
        let found = closed_dates(calendar(&[ages]).as_bytes(), Date::constant(2026, 1, 1));
        assert_eq!(
            skipped(&found.unwrap()),
            [
                "line 4 (Ages) is a longer one, expected a rule with fewer than 20000 dates since its start"
            ]
        );
    }

    /// Lines of calendars, right and wrong, put together at random.
    fn any_lines() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            "[0-9]{8}",
            "(0000|1600|1970|20[0-4][0-9]|9999)(0[0-9]|1[0-3])([0-2][0-9]|3[01])",
            "20[23][0-9](0[1-9]|1[0-2])(0[1-9]|2[0-8])T(00|23|24)0000Z?",
            "[+-]?P(T?[0-9]{1,10}[WDHMS]){0,3}",
            "FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY)(;(INTERVAL|COUNT|BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYSETPOS|BYHOUR)=-?[0-9]{1,5}(,-?[0-9]{1,3})?){0,3}(;BYDAY=-?[0-9]{0,3}(MO|SU))?(;UNTIL=[0-9]{8})?",
            "(VCALENDAR|VEVENT|VTIMEZONE|VALARM)",
            "\\PC{0,20}",
        ];
        let name = prop_oneof![
            4 => Just("DTSTART"), 4 => Just("DTEND"), 2 => Just("DURATION"), 4 => Just("RRULE"),
            2 => Just("EXDATE"), 2 => Just("RDATE"), 1 => Just("RECURRENCE-ID"), 1 => Just("UID"),
            1 => Just("SUMMARY"), 1 => Just("STATUS"), 1 => Just("BEGIN"), 1 => Just("END"),
        ];
        let parameter = prop_oneof![
            3 => Just(""), 2 => Just(";VALUE=DATE"), 1 => Just(";TZID=America/Havana"),
            1 => Just(";TZID=\"Nowhere\""), 1 => Just(";RANGE=THISANDFUTURE"), 1 => Just(";;="),
        ];
        let line = (name, parameter, value)
            .prop_map(|(name, parameter, value)| format!("{name}{parameter}:{value}"));
        let event = prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"));
        let events = prop::collection::vec(event, 0..6);
        events.prop_map(|events| calendar(&events.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic_and_what_it_gives_is_a_good_draft(
            mut file in any_lines().prop_map(String::into_bytes),
            broken in prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>())),
        ) {
            if let Some((place, byte)) = broken {
                let place = place.index(file.len());
                file[place] = byte;
            }
            let Ok(found) = closed_dates(&file, Date::constant(2026, 1, 1)) else {
                return Ok(());
            };
            let dates: Vec<_> = found.exceptions.iter().map(|closed| closed.date.as_str()).collect();
            prop_assert!(dates.is_sorted());
            prop_assert!(dates.iter().all(|date| ("2026-01-01".."2031-01-01").contains(date)));
            let draft = ScheduleDraft {
                exceptions: found.exceptions,
                ..ScheduleDraft::weekly("UTC")
            };
            prop_assert!(draft.check(&Zones::bundled()).is_ok());
        }
    }
}
