//! Days of an iCalendar file (RFC 5545).

mod event;
mod lines;

use std::collections::BTreeMap;

use frontdesk_domain::schedule::{DayRule, Interval, SpecialDay};

use event::Event;
use lines::{Line, content_lines};

/// A file to read days from, and what is to become of them.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The text of the file.
    pub text: String,
    /// What the days are.
    pub import_as: ImportAs,
    /// When set, only events whose summary or categories contain it, in upper or lower case, are taken. Calendars that
    /// hold both holidays and make-up working days are imported twice.
    pub matching: Option<String>,
}

/// What the days of a file become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportAs {
    /// Days on which no hours are kept.
    Closed,
    /// Working days with these hours.
    ExtraWorking(Vec<Interval>),
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its days, by date.
    pub days: Vec<SpecialDay>,
    /// Events that were left out although they match.
    pub skipped: Vec<SkippedEvent>,
    /// How many events do not match.
    pub unmatched: usize,
}

/// An event that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedEvent {
    /// The line at which it begins.
    pub line: usize,
    /// The event's summary, as in the file.
    pub summary: String,
    /// Why it was left out.
    pub reason: &'static str,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Longer than allowed.
    #[error("the file is longer than {} bytes", ImportRequest::MAX_BYTES)]
    TooLarge,
    /// A line is wrong.
    #[error("line {line}: {reason}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// More days than a calendar can hold.
    #[error("the file holds more than {} days", frontdesk_domain::Calendar::MAX_SPECIAL_DAYS)]
    TooManyDays,
}

impl ImportRequest {
    /// Longest file, in bytes. The server's limit for bodies of requests may be lower.
    pub const MAX_BYTES: usize = 512 * 1024;

    /// Reads the file.
    ///
    /// # Errors
    /// [`ImportError`] names the line.
    pub fn read(&self) -> Result<Imported, ImportError> {
        if self.text.len() > Self::MAX_BYTES {
            return Err(ImportError::TooLarge);
        }
        let wanted = self.matching.as_deref().unwrap_or_default().to_lowercase();
        let (mut days, mut skipped, mut unmatched) = (BTreeMap::new(), Vec::new(), 0);
        for event in events(&self.text)? {
            if !event.matches(&wanted) {
                unmatched += 1;
                continue;
            }
            match event.days() {
                Ok(found) => {
                    for (date, yearly) in found {
                        let name = event.name();
                        days.entry((date, yearly)).or_insert_with(|| self.day(date, yearly, name));
                    }
                }
                Err(reason) => skipped.push(SkippedEvent { line: event.line, summary: event.name(), reason }),
            }
            if days.len() > frontdesk_domain::Calendar::MAX_SPECIAL_DAYS {
                return Err(ImportError::TooManyDays);
            }
        }
        Ok(Imported { days: days.into_values().collect(), skipped, unmatched })
    }

    fn day(&self, date: jiff::civil::Date, yearly: bool, name: String) -> SpecialDay {
        let rule = match &self.import_as {
            ImportAs::Closed => DayRule::Closed,
            ImportAs::ExtraWorking(hours) => DayRule::ExtraWorking { hours: hours.clone() },
        };
        SpecialDay { date, yearly, name, rule }
    }
}

/// The events of a file. What lies in other components, such as time zones and alarms, is passed over.
fn events(text: &str) -> Result<Vec<Event>, ImportError> {
    let (mut events, mut open) = (Vec::new(), Vec::<String>::new());
    let mut last = 1;
    for line in content_lines(text) {
        let Line { number, property } = line?;
        last = number;
        let wrong = |reason| Err(ImportError::Line { line: number, reason });
        let value = || property.value.trim().to_ascii_uppercase();
        match property.name.as_str() {
            "BEGIN" if open.is_empty() && value() != "VCALENDAR" => {
                return wrong("a calendar begins with BEGIN:VCALENDAR");
            }
            "BEGIN" => {
                open.push(value());
                if open.len() == 2 && open[1] == "VEVENT" {
                    events.push(Event::begin(number));
                }
            }
            "END" if open.pop().as_deref() != Some(&value()) => return wrong("END does not name what was begun last"),
            "END" => {}
            _ if open.is_empty() => return wrong("a calendar begins with BEGIN:VCALENDAR"),
            _ if open.len() == 2 && open[1] == "VEVENT" => {
                if let Some(event) = events.last_mut() {
                    event.take(property);
                }
            }
            _ => {}
        }
    }
    match open.is_empty() {
        true => Ok(events),
        false => Err(ImportError::Line { line: last, reason: "the file ends before END:VCALENDAR" }),
    }
}

#[cfg(test)]
mod tests;
