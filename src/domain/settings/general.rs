//! Name, time zone and language.

use jiff::tz::TimeZoneDatabase;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{FieldError, ensure, line};

/// Name, time zone and language of the tenant, inbox or team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GeneralSection {
    /// The tenant's name as people read it: heading of a widget without a title of its own, and title of the console.
    /// Empty: the name of the inbox there, and that of the program here.
    #[schemars(length(max = 100))]
    pub display_name: String,
    /// IANA name of the time zone in which days begin, such as `Asia/Shanghai`: a snooze until tomorrow morning ends by
    /// it. While it is set nowhere, the console uses that of the agent's browser.
    #[schemars(example = "Europe/Berlin")]
    pub time_zone: String,
    /// Language of the widget. `auto`: that of the contact's browser.
    pub language: Language,
}

/// A language of pages for contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Language {
    /// That of the contact's browser.
    #[serde(rename = "auto")]
    Auto,
    /// English for all pages.
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese for all pages.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Default for GeneralSection {
    fn default() -> Self {
        Self { display_name: String::new(), time_zone: "UTC".to_owned(), language: Language::Auto }
    }
}

impl Language {
    /// Its tag (BCP 47); `None` for that of the browser.
    #[must_use]
    pub const fn tag(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::English => Some("en"),
            Self::Chinese => Some("zh-CN"),
        }
    }
}

impl GeneralSection {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        line("display_name", &self.display_name, 100)?;
        let zone = TimeZoneDatabase::bundled().get(&self.time_zone);
        let is_known = zone.is_ok_and(|zone| zone.iana_name() == Some(&self.time_zone));
        ensure(is_known, "time_zone", "the IANA name of a time zone is needed, such as Europe/Berlin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_known_by_its_exact_name_only() {
        let with = |zone: &str| GeneralSection { time_zone: zone.to_owned(), ..GeneralSection::default() }.check();
        for zone in ["UTC", "Asia/Shanghai", "America/Argentina/Ushuaia"] {
            assert_eq!(with(zone), Ok(()), "{zone}");
        }
        for zone in ["", "Europe/Atlantis", "asia/shanghai", "+08:00", "../etc/passwd"] {
            assert_eq!(with(zone).unwrap_err().field, "time_zone", "{zone}");
        }
    }
}
