//! Business calendars: when a tenant works, and how working time is counted.
//!
//! A [`Calendar`] is what people set: a time zone, hours of the week, days that differ. A [`Schedule`] is made of one
//! and answers: is it open, when does it open, when is so much working time over, how much lies between two moments.

mod calendar;
mod hours;
mod open_times;
mod special_day;
#[cfg(test)]
mod tests;
mod zone;

pub use calendar::{Calendar, CalendarError};
pub use hours::{DayTime, DayTimeError, HoursError, Interval, WeeklyHours};
pub use open_times::Schedule;
pub use special_day::{DayRule, SpecialDay, SpecialDayError};
