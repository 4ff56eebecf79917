//! The kinds of parts, and their limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::text::MessageText;

/// One part of a message: a map whose `kind` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// A piece of text.
    Text {
        /// The text: 1 to 16384 bytes, not blank, no control characters but tab and line ends.
        text: MessageText,
    },
    /// A file that was uploaded before. Not taken yet.
    File(File),
    /// A card with buttons. Not taken yet.
    Card(Card),
    /// A form to be filled in. Not taken yet.
    Form(Form),
    /// A place on the earth. Not taken yet.
    Location(Location),
    /// An earlier entry of the same conversation that this one refers to. Not taken yet.
    Quote(Quote),
    /// A kind of a newer version, kept as it was logged.
    #[serde(untagged)]
    Unknown(Map<String, Value>),
}

/// A file, named by its upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Id of the upload.
    pub file: Uuid,
    /// Its name: 1 to 255 bytes, one line.
    pub name: String,
    /// Its media type, such as `image/png`: at most 127 bytes.
    pub media_type: String,
    /// Its length in bytes: 1 to 5 GiB.
    pub bytes: u64,
}

/// A card: a title, perhaps a text and an image, and buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    /// Its title: 1 to 256 bytes, one line.
    pub title: String,
    /// Text below the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<MessageText>,
    /// Id of the upload of its image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Uuid>,
    /// Its buttons: at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// A button of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Button {
    /// What stands on it: 1 to 80 bytes, one line.
    pub label: String,
    /// What pressing it answers, or the address that it opens: 1 to 2048 bytes, one line.
    pub value: String,
}

/// A form for the contact to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Form {
    /// Id of the form.
    pub form: Uuid,
    /// Its title: 1 to 256 bytes, one line.
    pub title: String,
    /// Its fields: 1 to 32.
    pub fields: Vec<FormField>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormField {
    /// Its name in the answer: 1 to 64 bytes, one line.
    pub name: String,
    /// What stands beside it: 1 to 256 bytes, one line.
    pub label: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// What can be chosen: at most 64 of 1 to 256 bytes, one line each; none for a free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// A place on the earth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Degrees north times 10,000,000: at most 90 degrees.
    pub latitude_e7: i32,
    /// Degrees east times 10,000,000: at most 180 degrees.
    pub longitude_e7: i32,
    /// Its name: 1 to 256 bytes, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A reference to an earlier entry of the same conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// Number of that entry.
    pub seq: u64,
}

/// Which field breaks which rule.
pub(super) type Broken = (&'static str, &'static str);

impl File {
    /// Largest file, in bytes.
    pub const MAX_BYTES: u64 = 5 * 1024 * 1024 * 1024;
}

impl Part {
    /// The name of its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::File(_) => "file",
            Self::Card(_) => "card",
            Self::Form(_) => "form",
            Self::Location(_) => "location",
            Self::Quote(_) => "quote",
            Self::Unknown(fields) => fields.get("kind").and_then(Value::as_str).unwrap_or_default(),
        }
    }

    /// Whether its fields are not those of its kind: damaged in the log, wrong in a request.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        let known = ["", "text", "file", "card", "form", "location", "quote"];
        matches!(self, Self::Unknown(_)) && known.contains(&self.kind())
    }

    /// Checks the limits of its fields.
    pub(super) fn check(&self) -> Result<(), Broken> {
        match self {
            Self::Text { .. } => Ok(()),
            Self::File(File { name, media_type, bytes, .. }) => {
                line("name", name, 255)?;
                line("media_type", media_type, 127)?;
                ensure(media_type.split_once('/').is_some(), "media_type", "must be a type and a subtype")?;
                ensure((1..=File::MAX_BYTES).contains(bytes), "bytes", "must be 1 to 5368709120")
            }
            Self::Card(Card { title, buttons, .. }) => {
                line("title", title, 256)?;
                ensure(buttons.len() <= 10, "buttons", "must be 10 at most")?;
                buttons.iter().try_for_each(|button| {
                    line("buttons.label", &button.label, 80)?;
                    line("buttons.value", &button.value, 2_048)
                })
            }
            Self::Form(Form { title, fields, .. }) => {
                line("title", title, 256)?;
                ensure((1..=32).contains(&fields.len()), "fields", "must be 1 to 32")?;
                fields.iter().try_for_each(|field| {
                    line("fields.name", &field.name, 64)?;
                    line("fields.label", &field.label, 256)?;
                    ensure(field.options.len() <= 64, "fields.options", "must be 64 at most")?;
                    field.options.iter().try_for_each(|option| line("fields.options", option, 256))
                })
            }
            Self::Location(Location { latitude_e7, longitude_e7, label }) => {
                ensure(latitude_e7.unsigned_abs() <= 900_000_000, "latitude_e7", "must be 90 degrees at most")?;
                ensure(longitude_e7.unsigned_abs() <= 1_800_000_000, "longitude_e7", "must be 180 degrees at most")?;
                label.as_deref().map_or(Ok(()), |label| line("label", label, 256))
            }
            Self::Quote(Quote { seq }) => ensure(*seq > 0, "seq", "must be the number of an entry"),
            Self::Unknown(_) => ensure(!self.is_damaged(), "kind", "a field is missing or of the wrong type"),
        }
    }
}

fn line(field: &'static str, text: &str, max_bytes: usize) -> Result<(), Broken> {
    ensure(!text.trim().is_empty(), field, "must not be empty")?;
    ensure(text.len() <= max_bytes, field, "is too long")?;
    ensure(!text.contains(char::is_control), field, "must have no control characters")
}

fn ensure(holds: bool, field: &'static str, rule: &'static str) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err((field, rule)) }
}
