//! What a tenant chooses: sections of settings with defaults and limits, set for the whole tenant, an inbox or a team.
//!
//! A [`Document`] holds only what was set at one [`SettingsScope`]. [`Effective`] lays the documents of several scopes
//! over the defaults and says where each value comes from. A new section is a type in a file of its own and a field of
//! [`Settings`].
//!
//! What belongs to the process and not to a tenant, such as addresses and pool sizes, is in `config`.

mod check;
mod conversation;
mod document;
mod effective;
mod general;
mod inbox_rules;
mod scope;
mod widget;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use conversation::ConversationSection;
pub use document::{Document, SettingsError};
pub use effective::{Effective, Source};
pub use general::{GeneralSection, Language};
pub use inbox_rules::InboxRules;
pub use scope::{ScopeKind, SettingsScope};
pub use widget::WidgetSection;

use check::FieldError;

/// All settings with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Name, time zone and language.
    pub general: GeneralSection,
    /// What may be written, and how.
    pub conversation: ConversationSection,
    /// How the widget looks and what it says.
    pub widget: WidgetSection,
}

impl Settings {
    /// JSON Schema (2020-12) of a document: every section and field may be left out, and is inherited then.
    #[must_use]
    pub fn schema() -> Value {
        let mut schema = schemars::schema_for!(Self);
        schema.insert("title".to_owned(), "Settings".into());
        schema.to_value()
    }

    /// Checks the limits of every section. Names the first field that is out of its limits as (`section`, field error).
    fn check(&self) -> Result<(), (&'static str, FieldError)> {
        self.general.check().map_err(|error| ("general", error))?;
        self.conversation.check().map_err(|error| ("conversation", error))?;
        self.widget.check().map_err(|error| ("widget", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_own_limits() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn the_schema_has_every_field_with_its_default_and_allows_no_other() {
        let schema = Settings::schema();
        let defaults = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(schema["additionalProperties"], false);
        for (section, fields) in defaults.as_object().unwrap() {
            let reference = schema["properties"][section]["$ref"].as_str().unwrap();
            let of_section = schema.pointer(reference.trim_start_matches('#')).unwrap();
            assert_eq!(of_section["additionalProperties"], false, "{section}");
            assert_eq!(of_section.get("required"), None, "{section}: every field may be left out");
            for (field, default) in fields.as_object().unwrap() {
                assert_eq!(&of_section["properties"][field]["default"], default, "{section}.{field}");
                assert!(of_section["properties"][field]["description"].is_string(), "{section}.{field}");
            }
        }
    }
}
