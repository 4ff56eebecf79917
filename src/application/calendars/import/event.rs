//! An event of an iCalendar file, and the days that it covers.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};

use frontdesk_domain::{schedule::SpecialDay, text::clean_line};

use super::lines::Property;

/// An event, as far as days go.
#[derive(Debug)]
pub(super) struct Event {
    /// The line at which it begins.
    pub(super) line: usize,
    properties: BTreeMap<String, String>,
    categories: Vec<String>,
}

/// How often an event comes back.
enum Repetition {
    Once,
    EachYear,
    /// So many times in all, a year apart.
    Years(i16),
}

impl Event {
    pub(super) fn begin(line: usize) -> Self {
        Self { line, properties: BTreeMap::new(), categories: Vec::new() }
    }

    pub(super) fn take(&mut self, property: Property) {
        match property.name.as_str() {
            "CATEGORIES" => self.categories.push(property.value),
            _ => drop(self.properties.entry(property.name).or_insert(property.value)),
        }
    }

    /// Its summary, fit for the name of a day.
    pub(super) fn name(&self) -> String {
        let line = clean_line(self.value("SUMMARY"));
        let mut end = line.len().min(SpecialDay::MAX_NAME_BYTES);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line[..end].trim().to_owned()
    }

    /// Whether its summary or a category contains `wanted`, which is in lower case.
    pub(super) fn matches(&self, wanted: &str) -> bool {
        let mut texts = self.categories.iter().map(String::as_str).chain([self.value("SUMMARY")]);
        texts.any(|text| text.to_lowercase().contains(wanted))
    }

    /// Its days, each with whether it comes back every year.
    ///
    /// # Errors
    /// Why it has none that a calendar could hold.
    pub(super) fn days(&self) -> Result<Vec<(Date, bool)>, &'static str> {
        if self.value("STATUS").eq_ignore_ascii_case("cancelled") {
            return Err("it is cancelled");
        }
        if ["RECURRENCE-ID", "RDATE", "EXDATE"].iter().any(|name| self.properties.contains_key(*name)) {
            return Err("changes of single repetitions are not taken");
        }
        let first = date(self.properties.get("DTSTART").ok_or("it has no DTSTART")?).ok_or("it is no all-day event")?;
        let count = self.day_count(first)?;
        let (years, yearly) = match self.repetition(first)? {
            Repetition::Once => (1, false),
            Repetition::EachYear => (1, true),
            Repetition::Years(years) => (years, false),
        };
        let mut days = Vec::new();
        for year in 0..years {
            // There is no 29 February in most years.
            let Ok(start) = Date::new(first.year() + year, first.month(), first.day()) else { continue };
            for offset in 0..count {
                days.push((start.checked_add(offset.days()).map_err(|_| OUT_OF_RANGE)?, yearly));
            }
        }
        Ok(days)
    }

    /// How many days it lasts. DTEND is the day after the last one.
    fn day_count(&self, first: Date) -> Result<i64, &'static str> {
        let count = match (self.properties.get("DTEND"), self.properties.get("DURATION")) {
            (Some(end), _) => {
                let end = date(end).ok_or("it is no all-day event")?;
                let days = first.until(end).map_err(|_| OUT_OF_RANGE)?.get_days();
                // Some programs write the same day twice for an event of one day.
                i64::from(if end == first { 1 } else { days })
            }
            (None, Some(duration)) => whole_days(duration).ok_or("its DURATION is not in whole days")?,
            (None, None) => 1,
        };
        match count {
            ..1 => Err("it ends before it begins"),
            1..=MAX_DAYS => Ok(count),
            _ => Err("it lasts longer than a year"),
        }
    }

    fn repetition(&self, first: Date) -> Result<Repetition, &'static str> {
        let Some(rule) = self.properties.get("RRULE") else { return Ok(Repetition::Once) };
        let mut repetition = Repetition::EachYear;
        let mut frequency = String::new();
        for part in rule.trim().to_ascii_uppercase().split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(NOT_YEARLY)?;
            match name {
                "FREQ" => frequency = value.to_owned(),
                "INTERVAL" if value == "1" => {}
                "WKST" => {}
                "BYMONTH" if value.parse() == Ok(first.month()) => {}
                "BYMONTHDAY" if value.parse() == Ok(first.day()) => {}
                "COUNT" => repetition = Repetition::Years(years(value.parse::<i32>().ok())?),
                "UNTIL" => {
                    let until = date(value.get(..8).unwrap_or_default()).ok_or(NOT_YEARLY)?;
                    let is_before = (until.month(), until.day()) < (first.month(), first.day());
                    let count = i32::from(until.year() - first.year()) + i32::from(!is_before);
                    repetition = Repetition::Years(years(Some(count))?);
                }
                _ => return Err(NOT_YEARLY),
            }
        }
        if frequency == "YEARLY" { Ok(repetition) } else { Err(NOT_YEARLY) }
    }

    fn value(&self, name: &str) -> &str {
        self.properties.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// A date written `YYYYMMDD`.
fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok()
}

/// Days of a duration written `P3D` or `P1W`.
fn whole_days(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('+').strip_prefix('P')?;
    match (text.strip_suffix('D'), text.strip_suffix('W')) {
        (Some(days), _) => days.parse().ok(),
        (_, Some(weeks)) => Some(weeks.parse::<i64>().ok()?.saturating_mul(7)),
        _ => None,
    }
}

/// A number of repetitions that a calendar can hold as single days.
fn years(count: Option<i32>) -> Result<i16, &'static str> {
    let count = count.and_then(|count| i16::try_from(count).ok()).ok_or(NOT_YEARLY)?;
    if (1..=MAX_YEARS).contains(&count) { Ok(count) } else { Err("it is repeated more than 50 times, or never") }
}

const NOT_YEARLY: &str = "only a plain yearly repetition is taken";
const OUT_OF_RANGE: &str = "its dates are out of range";

/// Most days of one event.
const MAX_DAYS: i64 = 366;

/// Most years of an event with an end.
const MAX_YEARS: i16 = 50;
