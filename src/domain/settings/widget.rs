//! How the widget looks and what it says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{FieldError, ensure, line};

/// How the widget looks and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WidgetSection {
    /// Title of the widget. Empty: the display name, or else the name of the inbox.
    #[schemars(length(max = 100))]
    pub title: String,
    /// First line that a contact reads. Empty: the greeting of the inbox.
    #[schemars(length(max = 500))]
    pub greeting: String,
    /// Colour of the button and of the contact's own messages, as `#rrggbb`. Empty: the colour of the widget's theme.
    #[schemars(regex(pattern = "^(#[0-9a-fA-F]{6})?$"))]
    pub colour: String,
    /// Shown above the messages while the desk cannot be reached. Empty: the widget's own words.
    #[schemars(length(max = 500))]
    pub offline_text: String,
}

impl WidgetSection {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        line("title", &self.title, 100)?;
        line("greeting", &self.greeting, 500)?;
        let digits = self.colour.strip_prefix('#').unwrap_or_default();
        let is_colour = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        ensure(self.colour.is_empty() || is_colour, "colour", "a colour like #3d5afe is needed")?;
        line("offline_text", &self.offline_text, 500)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hexadecimal_digits_and_never_other_css() {
        let with = |colour: &str| WidgetSection { colour: colour.to_owned(), ..WidgetSection::default() }.check();
        for colour in ["", "#3d5afe", "#FFFFFF"] {
            assert_eq!(with(colour), Ok(()), "{colour}");
        }
        for colour in ["red", "#fff", "#3d5afe;", "3d5afe", "#3d5afg", "url(x)", "#", "##12345"] {
            assert_eq!(with(colour).unwrap_err().field, "colour", "{colour}");
        }
    }

    #[test]
    fn texts_are_single_short_lines() {
        let title = WidgetSection { title: "a\nb".to_owned(), ..WidgetSection::default() };
        assert_eq!(title.check().unwrap_err().field, "title");
        let greeting = WidgetSection { greeting: "x".repeat(501), ..WidgetSection::default() };
        assert_eq!(greeting.check().unwrap_err().field, "greeting");
    }
}
