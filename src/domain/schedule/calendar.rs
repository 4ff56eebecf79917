//! What people set of a calendar.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    hours::{HoursError, WeeklyHours},
    special_day::{SpecialDay, SpecialDayError},
    zone::Zone,
};
use crate::{
    definition::{self, Definition},
    ids::CalendarId,
    text::TextError,
};

/// Working hours of a tenant, or of a part of it. A definition: see [`Definition`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The calendar's id.
    pub id: CalendarId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// Its time zone, by its IANA name such as `Asia/Shanghai`.
    pub time_zone: String,
    /// The hours of a usual week.
    #[serde(default)]
    pub weekly: WeeklyHours,
    /// Days that differ, by date.
    #[serde(default)]
    pub special_days: Vec<SpecialDay>,
}

/// Why a calendar cannot be as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Its name breaks a rule.
    #[error("the name of a calendar: {0}")]
    Name(TextError),
    /// The time zone has no such name.
    #[error("there is no time zone {0:?}; a name such as Asia/Shanghai is needed")]
    TimeZone(String),
    /// The hours of a day of the week break a rule.
    #[error("the weekly hours: {0}")]
    Weekly(HoursError),
    /// A day breaks a rule.
    #[error("{0}: {1}")]
    SpecialDay(Date, SpecialDayError),
    /// Two entries for one day.
    #[error("{0} is there twice")]
    Twice(Date),
    /// More days than a calendar can hold.
    #[error("a calendar has {} special days at most", Calendar::MAX_SPECIAL_DAYS)]
    TooManyDays,
}

impl Calendar {
    /// Most special days of one calendar.
    pub const MAX_SPECIAL_DAYS: usize = 1_000;

    /// Puts hours and days in order and checks them.
    ///
    /// # Errors
    /// [`CalendarError`] says which rule is broken.
    pub fn arrange(&mut self) -> Result<(), CalendarError> {
        definition::check_name(&self.name).map_err(CalendarError::Name)?;
        Zone::named(&self.time_zone).ok_or_else(|| CalendarError::TimeZone(self.time_zone.clone()))?;
        self.weekly.arrange().map_err(CalendarError::Weekly)?;
        if self.special_days.len() > Self::MAX_SPECIAL_DAYS {
            return Err(CalendarError::TooManyDays);
        }
        for day in &mut self.special_days {
            day.arrange().map_err(|why| CalendarError::SpecialDay(day.date, why))?;
        }
        self.special_days.sort_by_key(|day| (day.date, day.yearly));
        // Of days that come back each year, only month and day count.
        let mut keys = std::collections::BTreeSet::new();
        let mut key = |day: &SpecialDay| {
            let year = if day.yearly { None } else { Some(day.date.year()) };
            keys.insert((year, day.date.month(), day.date.day()))
        };
        match self.special_days.iter().find(|day| !key(day)) {
            Some(twice) => Err(CalendarError::Twice(twice.date)),
            None => Ok(()),
        }
    }

    /// Adds `days`. One that is there for the same day, and as often, is replaced.
    pub fn merge(&mut self, days: Vec<SpecialDay>) {
        for day in days {
            let is_same = |held: &SpecialDay| {
                let one_day = (held.date.month(), held.date.day()) == (day.date.month(), day.date.day());
                held.yearly == day.yearly && one_day && (day.yearly || held.date.year() == day.date.year())
            };
            self.special_days.retain(|held| !is_same(held));
            self.special_days.push(day);
        }
    }
}

impl Definition for Calendar {
    const KIND: &'static str = "calendar";
    const MAX_PER_TENANT: usize = 100;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn name(&self) -> &str {
        &self.name
    }
}
