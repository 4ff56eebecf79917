//! Days that differ from the usual week.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hours::{HoursError, Interval};
use crate::text::{TextError, check, clean_line};

/// A day that differs from the usual week: a holiday, or a working day at a weekend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpecialDay {
    /// The day, written `YYYY-MM-DD`.
    #[schemars(with = "String")]
    pub date: Date,
    /// Whether it comes back each year on the same day of the same month. A day of a single year goes before it.
    #[serde(default)]
    pub yearly: bool,
    /// What the day is called; may be empty.
    #[serde(default)]
    pub name: String,
    /// What is different.
    #[serde(flatten)]
    pub rule: DayRule,
}

/// What is different on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DayRule {
    /// No working hours begin on it. Those of the day before that cross midnight go on.
    Closed,
    /// It has working hours of its own, whatever day of the week it is.
    ExtraWorking {
        /// The hours that begin on it.
        hours: Vec<Interval>,
    },
}

/// Why a day cannot be as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpecialDayError {
    /// Its name breaks a rule.
    #[error("its name: {0}")]
    Name(TextError),
    /// Its hours break a rule.
    #[error(transparent)]
    Hours(#[from] HoursError),
    /// A working day without hours.
    #[error("an extra working day has hours")]
    WithoutHours,
}

impl SpecialDay {
    /// Longest name, in bytes of UTF-8.
    pub const MAX_NAME_BYTES: usize = 200;

    /// The hours that begin on it.
    #[must_use]
    pub fn hours(&self) -> &[Interval] {
        match &self.rule {
            DayRule::Closed => &[],
            DayRule::ExtraWorking { hours } => hours,
        }
    }

    /// Cleans its name, puts its hours in order and checks it.
    ///
    /// # Errors
    /// [`SpecialDayError`] says which rule is broken.
    pub fn arrange(&mut self) -> Result<(), SpecialDayError> {
        self.name = clean_line(&self.name);
        if !self.name.is_empty() {
            check(&self.name, Self::MAX_NAME_BYTES, |_| false).map_err(SpecialDayError::Name)?;
        }
        match &mut self.rule {
            DayRule::Closed => Ok(()),
            DayRule::ExtraWorking { hours } if hours.is_empty() => Err(SpecialDayError::WithoutHours),
            DayRule::ExtraWorking { hours } => Ok(Interval::arrange(hours)?),
        }
    }
}
