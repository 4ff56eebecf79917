//! Answers about working time.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;

use super::{
    calendar::{Calendar, CalendarError},
    hours::{Interval, WeeklyHours},
    zone::Zone,
};
use crate::timestamp::Timestamp;

/// A calendar, made ready to answer.
///
/// Hours begin and end when the clock of the zone first reaches their times: a time that comes twice, when clocks are
/// set back, means its first coming; one that is skipped means the moment of the jump. Between, time is counted as it
/// passes, so hours across such a change are longer or shorter than the clock says. The moment at which hours end is
/// not open.
#[derive(Debug, Clone)]
pub struct Schedule {
    zone: Zone,
    weekly: WeeklyHours,
    days: BTreeMap<Date, Vec<Interval>>,
    yearly: BTreeMap<(i8, i8), Vec<Interval>>,
}

impl Schedule {
    /// The schedule of a calendar.
    ///
    /// # Errors
    /// [`CalendarError::TimeZone`] when this version does not know its zone.
    pub fn of(calendar: &Calendar) -> Result<Self, CalendarError> {
        let zone = Zone::named(&calendar.time_zone);
        let zone = zone.ok_or_else(|| CalendarError::TimeZone(calendar.time_zone.clone()))?;
        let (mut days, mut yearly) = (BTreeMap::new(), BTreeMap::new());
        for day in &calendar.special_days {
            let hours = day.hours().to_vec();
            if day.yearly {
                yearly.insert((day.date.month(), day.date.day()), hours);
            } else {
                days.insert(day.date, hours);
            }
        }
        Ok(Self { zone, weekly: calendar.weekly.clone(), days, yearly })
    }

    /// Whether it is open at `at`.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.spans(at.0, 1).next().is_some_and(|(start, _)| start == at.0)
    }

    /// The first moment from `at` on at which it is open; `None` when there is none within twenty years.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        self.spans(at.0, HORIZON_DAYS).next().map(|(start, _)| Timestamp(start))
    }

    /// The first moment at which so much working time has passed since `at`; `None` when it does not within twenty
    /// years.
    #[must_use]
    pub fn add_working_time(&self, at: Timestamp, time: Duration) -> Option<Timestamp> {
        let mut left = i64::try_from(time.as_millis()).ok()?;
        if left == 0 {
            return Some(at);
        }
        for (start, end) in self.spans(at.0, HORIZON_DAYS) {
            if left <= end - start {
                return Some(Timestamp(start + left));
            }
            left -= end - start;
        }
        None
    }

    /// How much working time lies between two moments; none when `to` is not later. What is more than twenty years
    /// after `from` does not count.
    #[must_use]
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Duration {
        let days = to.0.saturating_sub(from.0).max(0) / DAY_MS + 1;
        let spans = self.spans(from.0, days.min(HORIZON_DAYS)).take_while(|(start, _)| *start < to.0);
        let millis = spans.map(|(start, end)| end.min(to.0) - start).sum::<i64>();
        Duration::from_millis(millis.unsigned_abs())
    }

    /// The times at which it is open, as (start, end) in milliseconds: in order, without overlap, cut off before `at`.
    /// Looks at the days up to `days` days later, and one more for what clocks may be set forward.
    fn spans(&self, at: i64, days: i64) -> impl Iterator<Item = (i64, i64)> {
        // What crosses midnight begins one day earlier; a day may be skipped before it.
        let first = self.zone.date(at).and_then(|date| date.yesterday().ok()?.yesterday().ok());
        let dates = std::iter::successors(first, |date| date.tomorrow().ok());
        let count = usize::try_from(days).unwrap_or_default() + 4;
        let mut reached = at;
        dates.take(count).flat_map(|date| self.hours_on(date).iter().map(move |hours| (date, *hours))).filter_map(
            move |(date, hours)| {
                let (start, end) = self.moments(date, hours)?;
                let start = start.max(reached);
                if end <= start {
                    return None;
                }
                reached = end;
                Some((start, end))
            },
        )
    }

    /// The hours that begin on `date`.
    fn hours_on(&self, date: Date) -> &[Interval] {
        let special = self.days.get(&date).or_else(|| self.yearly.get(&(date.month(), date.day())));
        special.map_or_else(|| self.weekly.of(date.weekday()), Vec::as_slice)
    }

    fn moments(&self, date: Date, hours: Interval) -> Option<(i64, i64)> {
        let last = if hours.crosses_midnight() { date.tomorrow().ok()? } else { date };
        Some((self.zone.reaches(date, hours.from)?, self.zone.reaches(last, hours.to)?))
    }
}

/// How far ahead is looked: twenty years, in days.
const HORIZON_DAYS: i64 = 7_305;

const DAY_MS: i64 = 24 * 3_600_000;
