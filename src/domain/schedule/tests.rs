//! Against cases worked out by hand, and against a model that walks minute by minute.

use std::time::Duration;

use jiff::{Timestamp as Moment, civil::Date, tz::TimeZone};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{ids::CalendarId, timestamp::Timestamp};

fn hours(text: &str) -> Interval {
    let (from, to) = text.split_once('-').unwrap();
    Interval { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn daily(time_zone: &str, text: &str) -> Calendar {
    let every = vec![hours(text)];
    let weekly = WeeklyHours { saturday: every.clone(), sunday: every, ..weekdays(text) };
    Calendar { weekly, ..calendar(time_zone) }
}

fn weekdays(text: &str) -> WeeklyHours {
    let every = vec![hours(text)];
    WeeklyHours {
        monday: every.clone(),
        tuesday: every.clone(),
        wednesday: every.clone(),
        thursday: every.clone(),
        friday: every,
        ..WeeklyHours::default()
    }
}

fn calendar(time_zone: &str) -> Calendar {
    let (id, name, time_zone) = (CalendarId(Uuid::nil()), "Office".to_owned(), time_zone.to_owned());
    Calendar { id, name, time_zone, weekly: WeeklyHours::default(), special_days: Vec::new() }
}

fn closed(date: &str) -> SpecialDay {
    SpecialDay { date: date.parse().unwrap(), yearly: false, name: String::new(), rule: DayRule::Closed }
}

fn working(date: &str, text: &str) -> SpecialDay {
    SpecialDay { rule: DayRule::ExtraWorking { hours: vec![hours(text)] }, ..closed(date) }
}

/// A moment written with its offset.
fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<Moment>().unwrap().as_millisecond())
}

fn schedule(mut calendar: Calendar) -> Schedule {
    calendar.arrange().unwrap();
    Schedule::of(&calendar).unwrap()
}

/// China in 2026: six working days at weekends, nineteen closed days that are not.
fn china() -> Calendar {
    let off = [
        ("2026-01-01", 2),
        ("2026-02-16", 5),
        ("2026-02-23", 1),
        ("2026-04-06", 1),
        ("2026-05-01", 1),
        ("2026-05-04", 2),
        ("2026-06-19", 1),
        ("2026-09-25", 1),
        ("2026-10-01", 2),
        ("2026-10-05", 3),
    ];
    let off = off.iter().flat_map(|(first, count)| {
        let first: Date = first.parse().unwrap();
        first.series(jiff::Span::new().days(1)).take(*count).map(|date| closed(&date.to_string())).collect::<Vec<_>>()
    });
    let extra = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"];
    let special_days = off.chain(extra.iter().map(|date| working(date, "09:00-17:00"))).collect();
    Calendar { weekly: weekdays("09:00-17:00"), special_days, ..calendar("Asia/Shanghai") }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn make_up_days_of_china_in_2026_are_working_days() {
    let (calendar, schedule) = (china(), schedule(china()));
    assert_eq!(calendar.special_days.iter().filter(|day| day.rule == DayRule::Closed).count(), 19);
    for date in ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"] {
        assert!(schedule.is_open(at(&format!("{date}T09:00:00+08:00"))), "{date}");
        assert!(!schedule.is_open(at(&format!("{date}T17:00:00+08:00"))), "{date}");
        assert!(date.parse::<Date>().unwrap().weekday().to_monday_zero_offset() >= 5, "{date}");
    }
    assert!(!schedule.is_open(at("2026-02-21T10:00:00+08:00")) && !schedule.is_open(at("2026-02-23T10:00:00+08:00")));
    let asked = at("2026-02-13T16:00:00+08:00");
    assert_eq!(schedule.add_working_time(asked, HOUR * 4), Some(at("2026-02-14T12:00:00+08:00")));
    assert_eq!(schedule.add_working_time(asked, HOUR * 12), Some(at("2026-02-24T12:00:00+08:00")));
    assert_eq!(schedule.next_open(at("2026-02-14T17:00:00+08:00")), Some(at("2026-02-24T09:00:00+08:00")));
    let year = schedule.working_time_between(at("2026-01-01T00:00:00+08:00"), at("2027-01-01T00:00:00+08:00"));
    assert_eq!(year, HOUR * 8 * (261 - 19 + 6));
}

#[test]
fn clocks_that_are_set_back_or_forward_make_hours_longer_or_shorter() {
    let amsterdam = schedule(daily("Europe/Amsterdam", "00:00-10:00"));
    let before = at("2022-10-30T02:00:00+02:00");
    assert_eq!(amsterdam.add_working_time(before, HOUR), Some(at("2022-10-30T02:00:00+01:00")));
    let night = amsterdam.working_time_between(at("2022-10-30T00:00:00+02:00"), at("2022-10-30T12:00:00+01:00"));
    assert_eq!(night, HOUR * 11);
    let new_york = schedule(daily("America/New_York", "00:00-24:00"));
    let before = at("2026-03-08T01:30:00-05:00");
    assert_eq!(new_york.add_working_time(before, HOUR), Some(at("2026-03-08T03:30:00-04:00")));
    // Hours that begin in what is skipped begin as the clock jumps; those that begin in what comes twice, at the first
    // time.
    let early = schedule(daily("America/New_York", "02:30-04:00"));
    assert_eq!(early.next_open(at("2026-03-08T01:00:00-05:00")), Some(at("2026-03-08T03:00:00-04:00")));
    let early = schedule(daily("America/New_York", "01:30-01:45"));
    let (first, second) = (at("2026-11-01T01:30:00-04:00"), at("2026-11-01T01:30:00-05:00"));
    assert!(early.is_open(first) && !early.is_open(second));
}

#[test]
fn hours_may_cross_midnight_and_go_on_into_a_closed_day() {
    let bar = Calendar { special_days: vec![closed("2026-01-03")], ..daily("Europe/Berlin", "20:00-02:00") };
    let bar = schedule(bar);
    assert!(bar.is_open(at("2026-01-03T01:59:59+01:00")) && !bar.is_open(at("2026-01-03T02:00:00+01:00")));
    assert!(!bar.is_open(at("2026-01-03T21:00:00+01:00")) && !bar.is_open(at("2026-01-04T01:00:00+01:00")));
    let always = schedule(daily("Europe/Berlin", "00:00-24:00"));
    let late = at("2026-01-03T23:30:00+01:00");
    assert_eq!(always.add_working_time(late, HOUR), Some(at("2026-01-04T00:30:00+01:00")));
}

#[test]
fn yearly_days_come_back_and_a_day_of_one_year_goes_before_them() {
    let christmas = SpecialDay { yearly: true, ..closed("2020-12-25") };
    let special_days = vec![christmas, working("2026-12-25", "10:00-12:00")];
    let shop = schedule(Calendar { special_days, ..daily("UTC", "09:00-17:00") });
    let noon = |year| at(&format!("{year}-12-25T11:00:00Z"));
    assert_eq!([2019, 2025, 2026, 2027].map(|year| shop.is_open(noon(year))), [false, false, true, false]);
}

#[test]
fn nothing_is_found_in_a_calendar_that_never_opens() {
    let never = schedule(calendar("UTC"));
    let now = at("2026-01-01T00:00:00Z");
    assert_eq!((never.is_open(now), never.next_open(now)), (false, None));
    assert_eq!(never.add_working_time(now, HOUR), None);
    assert_eq!(never.add_working_time(now, Duration::ZERO), Some(now));
    assert_eq!(never.working_time_between(now, Timestamp(i64::MAX)), Duration::ZERO);
    let always = schedule(daily("UTC", "00:00-24:00"));
    assert_eq!(always.working_time_between(now, Timestamp(0)), Duration::ZERO);
    assert_eq!(always.next_open(Timestamp(i64::MAX)), None);
}

#[test]
fn a_calendar_is_refused_for_an_unknown_zone_and_for_a_day_that_is_there_twice() {
    let refused = |mut calendar: Calendar| calendar.arrange().unwrap_err();
    assert_eq!(refused(calendar("Mars/Olympus")), CalendarError::TimeZone("Mars/Olympus".to_owned()));
    let yearly = |date| SpecialDay { yearly: true, ..closed(date) };
    let with = |special_days| Calendar { special_days, ..calendar("UTC") };
    let twice = with(vec![closed("2026-01-01"), working("2026-01-01", "09:00-10:00")]);
    assert_eq!(refused(twice), CalendarError::Twice("2026-01-01".parse().unwrap()));
    assert!(matches!(refused(with(vec![yearly("2024-05-01"), yearly("2026-05-01")])), CalendarError::Twice(_)));
    assert_eq!(with(vec![closed("2026-01-01"), yearly("2026-01-01")]).arrange(), Ok(()));
    let without = SpecialDay { rule: DayRule::ExtraWorking { hours: Vec::new() }, ..closed("2026-01-01") };
    assert!(matches!(refused(with(vec![without])), CalendarError::SpecialDay(..)));
}

/// Times of a clock change: the days around each are walked.
const CHANGES: [(&str, &str); 7] = [
    ("Europe/Amsterdam", "2022-10-30"),
    ("Europe/Amsterdam", "2026-03-29"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Pacific/Apia", "2011-12-30"),
    ("Asia/Shanghai", "2026-02-14"),
];

const MINUTE_MS: i64 = 60_000;

/// For each minute of some days, whether it is open: by looking at the clock at each.
struct Walk {
    first_ms: i64,
    open: Vec<bool>,
}

impl Walk {
    fn new(calendar: &Calendar, around: Date, days: i64) -> Self {
        let zone = TimeZone::get(&calendar.time_zone).unwrap();
        let start = around.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_millisecond();
        let first_ms = start - (days + 4) * 24 * 60 * MINUTE_MS;
        let clock: Vec<_> = (0..(2 * days + 8) * 24 * 60)
            .map(|minute| zone.to_datetime(Moment::from_millisecond(first_ms + minute * MINUTE_MS).unwrap()))
            .collect();
        let mut open = vec![false; clock.len()];
        let mut date = clock[0].date().tomorrow().unwrap();
        while date < clock[clock.len() - 1].date().yesterday().unwrap() {
            let of_day = |yearly: bool| {
                let same = move |day: &&SpecialDay| match yearly {
                    true => day.yearly && (day.date.month(), day.date.day()) == (date.month(), date.day()),
                    false => !day.yearly && day.date == date,
                };
                calendar.special_days.iter().find(same).map(|day| day.hours().to_vec())
            };
            let hours = of_day(false).or_else(|| of_day(true));
            for interval in hours.unwrap_or_else(|| calendar.weekly.of(date.weekday()).to_vec()) {
                let moment = |date: Date, minutes: u16| date.at(0, 0, 0, 0) + jiff::Span::new().minutes(minutes);
                let last = if interval.crosses_midnight() { date.tomorrow().unwrap() } else { date };
                let (from, to) = (moment(date, interval.from.minutes()), moment(last, interval.to.minutes()));
                let reaches = |time| clock.iter().position(|now| *now >= time).unwrap_or(clock.len());
                open[reaches(from)..reaches(to)].fill(true);
            }
            date = date.tomorrow().unwrap();
        }
        Self { first_ms, open }
    }

    /// The index of the first minute that can be relied upon, and of the one after the last.
    fn range(&self) -> std::ops::Range<usize> {
        3 * 24 * 60..self.open.len() - 3 * 24 * 60
    }

    fn moment(&self, index: usize) -> Timestamp {
        Timestamp(self.first_ms + index as i64 * MINUTE_MS)
    }
}

fn some_hours() -> impl Strategy<Value = Vec<Interval>> {
    let time = || (0..=96_u16).prop_map(|quarters| DayTime::from_minutes(quarters * 15).unwrap());
    let interval = (time(), time()).prop_map(|(from, to)| Interval { from, to });
    prop::collection::vec(interval, 0..3)
        .prop_filter_map("hours that fit", |mut hours| Interval::arrange(&mut hours).ok().map(|()| hours))
}

prop_compose! {
    fn some_calendar()(
        (zone, date) in prop::sample::select(&CHANGES[..]),
        hours in prop::collection::vec(some_hours(), 7),
        special in prop::collection::vec((-4_i64..4, any::<bool>(), some_hours()), 0..4),
    ) -> (Calendar, Date) {
        let around: Date = date.parse().unwrap();
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = hours.try_into().unwrap();
        let weekly = WeeklyHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
        let mut calendar = Calendar { weekly, ..calendar(zone) };
        for (offset, yearly, hours) in special {
            let date = around.checked_add(jiff::Span::new().days(offset)).unwrap();
            let rule = if hours.is_empty() { DayRule::Closed } else { DayRule::ExtraWorking { hours } };
            calendar.merge(vec![SpecialDay { date, yearly, name: String::new(), rule }]);
        }
        calendar.arrange().unwrap();
        (calendar, around)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_minute_around_a_change_of_clocks_is_as_a_walk_says((calendar, around) in some_calendar()) {
        let (walk, schedule) = (Walk::new(&calendar, around, 4), Schedule::of(&calendar).unwrap());
        for index in walk.range() {
            prop_assert_eq!(schedule.is_open(walk.moment(index)), walk.open[index], "{:?}", walk.moment(index));
        }
    }

    #[test]
    fn working_time_is_counted_and_added_as_a_walk_does(
        (calendar, around) in some_calendar(),
        from in 0.0..1.0_f64,
        minutes in 1_usize..3_000,
    ) {
        let (walk, schedule) = (Walk::new(&calendar, around, 4), Schedule::of(&calendar).unwrap());
        let range = walk.range();
        let start = range.start + (from * (range.len() - 1) as f64) as usize;
        let asked = walk.moment(start);
        let open: Vec<_> = (start..range.end).filter(|index| walk.open[*index]).collect();
        prop_assert_eq!(
            schedule.working_time_between(asked, walk.moment(range.end)),
            Duration::from_secs(60 * open.len() as u64)
        );
        if let Some(first) = open.first() {
            prop_assert_eq!(schedule.next_open(asked), Some(walk.moment(*first)));
        }
        let added = schedule.add_working_time(asked, Duration::from_secs(60 * minutes as u64));
        if let Some(last) = open.get(minutes - 1) {
            // The first moment at which the last of these minutes is over.
            prop_assert_eq!(added, Some(walk.moment(*last + 1)));
        }
        if let Some(added) = added {
            let back = schedule.working_time_between(asked, added);
            prop_assert_eq!(back, Duration::from_secs(60 * minutes as u64));
        }
    }
}
