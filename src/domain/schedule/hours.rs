//! Hours of a day and of a week.

use std::{fmt, str::FromStr};

use jiff::civil::Weekday;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A time of day in whole minutes, written `HH:MM`. `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct DayTime(u16);

/// A text that is no time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written HH:MM, from 00:00 to 24:00")]
pub struct DayTimeError;

/// Working hours that begin on a day. When `to` is not later than `from`, they end on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The first minute of work.
    pub from: DayTime,
    /// The minute after the last one.
    pub to: DayTime,
}

/// Hours that cannot be the hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// An interval of no length, or one that begins at the end of the day.
    #[error("working hours from {0} to {1} have no length")]
    Empty(DayTime, DayTime),
    /// Two intervals of one day overlap.
    #[error("working hours from {0} overlap those before them")]
    Overlap(DayTime),
    /// More intervals than a day can have.
    #[error("a day has {} intervals of working hours at most", Interval::MAX_PER_DAY)]
    TooMany,
}

/// The hours of each day of a usual week. Hours that cross midnight belong to the day on which they begin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WeeklyHours {
    /// Hours that begin on Mondays.
    pub monday: Vec<Interval>,
    /// Hours that begin on Tuesdays.
    pub tuesday: Vec<Interval>,
    /// Hours that begin on Wednesdays.
    pub wednesday: Vec<Interval>,
    /// Hours that begin on Thursdays.
    pub thursday: Vec<Interval>,
    /// Hours that begin on Fridays.
    pub friday: Vec<Interval>,
    /// Hours that begin on Saturdays.
    pub saturday: Vec<Interval>,
    /// Hours that begin on Sundays.
    pub sunday: Vec<Interval>,
}

impl DayTime {
    /// The end of the day.
    pub const END: Self = Self(24 * 60);

    /// The time so many minutes after midnight.
    ///
    /// # Errors
    /// [`DayTimeError`] above 1440.
    pub const fn from_minutes(minutes: u16) -> Result<Self, DayTimeError> {
        if minutes <= Self::END.0 { Ok(Self(minutes)) } else { Err(DayTimeError) }
    }

    /// Minutes after midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl Interval {
    /// Most intervals of one day.
    pub const MAX_PER_DAY: usize = 12;

    /// Whether it ends on the day after the one on which it begins.
    #[must_use]
    pub fn crosses_midnight(&self) -> bool {
        self.to <= self.from
    }

    /// Puts the hours of one day in order and checks them.
    ///
    /// # Errors
    /// [`HoursError`] says which rule is broken.
    pub fn arrange(hours: &mut [Self]) -> Result<(), HoursError> {
        if hours.len() > Self::MAX_PER_DAY {
            return Err(HoursError::TooMany);
        }
        if let Some(empty) = hours.iter().find(|hours| hours.from == hours.to || hours.from == DayTime::END) {
            return Err(HoursError::Empty(empty.from, empty.to));
        }
        hours.sort_by_key(|hours| hours.from);
        for pair in hours.windows(2) {
            if pair[0].crosses_midnight() || pair[1].from < pair[0].to {
                return Err(HoursError::Overlap(pair[1].from));
            }
        }
        Ok(())
    }
}

impl WeeklyHours {
    /// The hours that begin on `weekday`.
    #[must_use]
    pub fn of(&self, weekday: Weekday) -> &[Interval] {
        match weekday {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }

    /// Puts the hours of each day in order and checks them.
    ///
    /// # Errors
    /// [`HoursError`] says which rule is broken.
    pub fn arrange(&mut self) -> Result<(), HoursError> {
        let days = [
            &mut self.monday,
            &mut self.tuesday,
            &mut self.wednesday,
            &mut self.thursday,
            &mut self.friday,
            &mut self.saturday,
            &mut self.sunday,
        ];
        days.into_iter().try_for_each(|hours| Interval::arrange(hours))
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for DayTime {
    type Err = DayTimeError;

    fn from_str(text: &str) -> Result<Self, DayTimeError> {
        let plain = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let (hours, minutes) =
            text.split_once(':').filter(|(hours, minutes)| plain(hours) && plain(minutes)).ok_or(DayTimeError)?;
        let number = |digits: &str| digits.parse::<u16>().map_err(|_| DayTimeError);
        match number(minutes)? {
            minutes @ 0..60 => Self::from_minutes(number(hours)? * 60 + minutes),
            _ => Err(DayTimeError),
        }
    }
}

impl TryFrom<String> for DayTime {
    type Error = DayTimeError;

    fn try_from(text: String) -> Result<Self, DayTimeError> {
        text.parse()
    }
}

impl From<DayTime> for String {
    fn from(time: DayTime) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Interval {
        let (from, to) = text.split_once('-').unwrap();
        Interval { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn times_of_day_are_read_as_they_are_written() {
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            assert_eq!(text.parse::<DayTime>().unwrap().to_string(), text);
        }
        for text in ["", "9:00", "24:01", "12:60", "+1:00", "12:3", "1200", "12:00:00"] {
            assert_eq!(text.parse::<DayTime>(), Err(DayTimeError), "{text:?}");
        }
    }

    #[test]
    fn hours_of_a_day_are_put_in_order_and_must_not_overlap() {
        let mut day = [hours("13:00-17:00"), hours("22:00-02:00"), hours("09:00-13:00")];
        assert_eq!(Interval::arrange(&mut day), Ok(()));
        assert_eq!(day.map(|hours| hours.from.to_string()), ["09:00", "13:00", "22:00"]);
        let overlap = |text: &str| Err(HoursError::Overlap(text.parse().unwrap()));
        assert_eq!(Interval::arrange(&mut [hours("09:00-12:00"), hours("11:59-13:00")]), overlap("11:59"));
        assert_eq!(Interval::arrange(&mut [hours("20:00-02:00"), hours("21:00-22:00")]), overlap("21:00"));
        assert!(matches!(Interval::arrange(&mut [hours("09:00-09:00")]), Err(HoursError::Empty(..))));
        assert!(matches!(Interval::arrange(&mut [hours("24:00-09:00")]), Err(HoursError::Empty(..))));
        assert_eq!(Interval::arrange(&mut [hours("09:00-10:00"); 13]), Err(HoursError::TooMany));
    }
}
