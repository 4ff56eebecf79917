//! What was set at one scope.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Settings;
use crate::text::clean_line;

/// What was set at one scope: sections with the fields that are not inherited. Every field in it is known and within
/// its limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

/// Why a document was refused. Names the place as `section.field`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The document or a section of it is no JSON object.
    #[error("{path}: an object is needed")]
    NotAnObject {
        /// The section, or `document`.
        path: String,
    },
    /// There is no such section or field.
    #[error("{path}: there is no such setting")]
    Unknown {
        /// The section, or the section and the field.
        path: String,
    },
    /// A value of the wrong type or out of its limits.
    #[error("{path}: {reason}")]
    Invalid {
        /// The section and the field.
        path: String,
        /// What is needed.
        reason: String,
    },
}

impl SettingsError {
    /// The place in the document.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::NotAnObject { path } | Self::Unknown { path } | Self::Invalid { path, .. } => path,
        }
    }
}

impl Document {
    /// Checks a document. A field that is `null` counts as not set.
    ///
    /// # Errors
    /// [`SettingsError`] names the first section or field that is unknown or out of its limits.
    pub fn parse(value: Value) -> Result<Self, SettingsError> {
        let mut document = Self::default();
        for (section, fields) in object(value, "document")? {
            if !known().contains_key(&section) {
                return Err(SettingsError::Unknown { path: section });
            }
            for (field, value) in object(fields, &section)? {
                if value.is_null() && known()[&section].get(&field).is_some() {
                    continue;
                }
                let value = cleaned(value);
                check(&section, &field, &value)?;
                document.set(&section, &field, value);
            }
        }
        Ok(document)
    }

    /// Reads a stored document. What this version does not know or take is left out: another version wrote it.
    #[must_use]
    pub fn from_stored(value: Value) -> Self {
        let mut document = Self::default();
        let fields = |(section, fields)| Some((section, object(fields, "").ok()?));
        for (section, fields) in object(value, "").unwrap_or_default().into_iter().filter_map(fields) {
            for (field, value) in fields {
                if check(&section, &field, &value).is_ok() {
                    document.set(&section, &field, value);
                }
            }
        }
        document
    }

    /// Each field that is set: section, field, value.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.0.iter().flat_map(|(section, fields)| {
            let fields = fields.as_object().into_iter().flatten();
            fields.map(move |(field, value)| (section.as_str(), field.as_str(), value))
        })
    }

    /// The value of a field, if it is set.
    #[must_use]
    pub fn get(&self, section: &str, field: &str) -> Option<&Value> {
        self.0.get(section)?.get(field)
    }

    fn set(&mut self, section: &str, field: &str, value: Value) {
        let fields = self.0.entry(section).or_insert_with(|| json!({}));
        if let Value::Object(fields) = fields {
            fields.insert(field.to_owned(), value);
        }
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Self {
        Self::Object(document.0)
    }
}

/// Every section and field, with the default as value.
pub(super) fn known() -> &'static Map<String, Value> {
    static KNOWN: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(|| {
        let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
        object(defaults, "").unwrap_or_default()
    });
    &KNOWN
}

/// Checks one field by itself: the other ones have their defaults, which are within their limits.
fn check(section: &str, field: &str, value: &Value) -> Result<(), SettingsError> {
    let path = format!("{section}.{field}");
    if known().get(section).and_then(|fields| fields.get(field)).is_none() {
        return Err(SettingsError::Unknown { path });
    }
    let alone = json!({ section: { field: value } });
    match Settings::deserialize(alone) {
        Err(error) => Err(SettingsError::Invalid { path, reason: error.to_string() }),
        Ok(settings) => settings.check().map_err(|(_, error)| SettingsError::Invalid { path, reason: error.reason }),
    }
}

/// Every text of the settings is one line.
fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => clean_line(&text).into(),
        other => other,
    }
}

fn object(value: Value, path: &str) -> Result<Map<String, Value>, SettingsError> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(SettingsError::NotAnObject { path: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_unknown_or_wrong_is_refused_with_its_place() {
        for (value, path) in [
            (json!([]), "document"),
            (json!({"colours": {}}), "colours"),
            (json!({"widget": 5}), "widget"),
            (json!({"widget": {"color": "#000000"}}), "widget.color"),
            (json!({"widget": {"color": null}}), "widget.color"),
            (json!({"widget": {"title": "Hi", "colour": "red"}}), "widget.colour"),
            (json!({"conversation": {"max_message_bytes": "many"}}), "conversation.max_message_bytes"),
            (json!({"conversation": {"max_message_bytes": 1_000_000}}), "conversation.max_message_bytes"),
            (json!({"general": {"time_zone": "Mars/Olympus"}}), "general.time_zone"),
            (json!({"general": {"language": "tlh"}}), "general.language"),
        ] {
            assert_eq!(Document::parse(value.clone()).unwrap_err().path(), path, "{value}");
        }
    }

    #[test]
    fn a_document_keeps_what_was_set_and_nothing_else() {
        let document = Document::parse(json!({"widget": {"title": "Shop", "colour": null}, "general": {}})).unwrap();
        assert_eq!(Value::from(document.clone()), json!({"widget": {"title": "Shop"}}));
        assert_eq!(document.get("widget", "title"), Some(&json!("Shop")));
        assert_eq!(document.fields().count(), 1);
    }

    #[test]
    fn texts_are_cleaned_as_everywhere() {
        let document = Document::parse(json!({"widget": {"title": " Cafe\u{301}\n\u{0} ", "greeting": "\u{200b}"}}));
        assert_eq!(Value::from(document.unwrap()), json!({"widget": {"title": "Caf\u{e9}", "greeting": ""}}));
    }

    #[test]
    fn of_a_document_of_another_version_what_is_known_is_read() {
        let stored =
            json!({"widget": {"title": "Shop", "shape": "round", "colour": "mauve"}, "later": {"a": 1}, "general": 7});
        assert_eq!(Value::from(Document::from_stored(stored)), json!({"widget": {"title": "Shop"}}));
    }

    proptest! {
        #[test]
        fn what_was_taken_is_read_back_from_the_store_as_it_is(
            title in ".{0,120}", colour in "#[0-9a-f]{5,7}", bytes: u32, typing: bool,
        ) {
            let value = json!({
                "widget": {"title": title, "colour": colour},
                "conversation": {"max_message_bytes": bytes, "typing_indicator": typing},
            });
            if let Ok(document) = Document::parse(value) {
                prop_assert_eq!(Document::from_stored(document.clone().into()), document);
            }
        }
    }
}
