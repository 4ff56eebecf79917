//! What a message or a note says: a list of parts.
//!
//! Text is the only kind of part that this version takes. The other kinds are declared with their limits, so that
//! clients, bridges and stored data agree on them, and are refused as `unsupported_part` until something can show and
//! keep them.
//!
//! A content of one text part is written down as `{"text": ...}` alone, as every version reads it. Any other content
//! has its `parts` besides, and `text` is what a reader shows that does not know them.

mod digest;
mod part;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::part::{Button, Card, File, Form, FormField, Location, Part, Quote};
use crate::text::{MessageText, is_blank};

/// What a message or a note says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Content {
    /// The whole text, or what stands for it where the parts cannot be shown.
    pub text: MessageText,
    /// The parts in their order; empty for a text alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub parts: Vec<Part>,
}

/// Why a list of parts makes no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// There is none.
    #[error("a message has at least one part")]
    Empty,
    /// There are too many.
    #[error("a message has {max} parts at most", max = Content::MAX_PARTS)]
    TooMany,
    /// A field of a part breaks a rule.
    #[error("part {index}, {field}: {rule}")]
    Field {
        /// Which part, from 0.
        index: usize,
        /// Name of the field.
        field: &'static str,
        /// The rule that it breaks.
        rule: &'static str,
    },
}

impl Content {
    /// Most parts of one message.
    pub const MAX_PARTS: usize = 16;

    /// The content of these parts. `text` stands for them where they cannot be shown; for one text part it is that
    /// text.
    ///
    /// # Errors
    /// [`ContentError`] says which limit is broken.
    pub fn new(text: MessageText, parts: Vec<Part>) -> Result<Self, ContentError> {
        match parts.len() {
            0 => return Err(ContentError::Empty),
            count if count > Self::MAX_PARTS => return Err(ContentError::TooMany),
            _ => {}
        }
        for (index, part) in parts.iter().enumerate() {
            if let Part::Text { text } = part
                && is_blank(text.as_str())
            {
                return Err(ContentError::Field { index, field: "text", rule: "must not be empty" });
            }
            part.check().map_err(|(field, rule)| ContentError::Field { index, field, rule })?;
        }
        Ok(match <[Part; 1]>::try_from(parts) {
            Ok([Part::Text { text }]) => Self::from(text),
            Ok([other]) => Self { text, parts: vec![other] },
            Err(parts) => Self { text, parts },
        })
    }

    /// The kind of its first part that this version does not take: anything but one text.
    #[must_use]
    pub fn unsupported(&self) -> Option<&str> {
        let other = self.parts.iter().find(|part| !matches!(part, Part::Text { .. }));
        other.or_else(|| self.parts.first()).map(Part::kind)
    }
}

impl From<MessageText> for Content {
    fn from(text: MessageText) -> Self {
        Self { text, parts: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> MessageText {
        MessageText::new(text).unwrap()
    }

    #[test]
    fn one_text_part_is_written_as_it_always_was() {
        let content = Content::new(text("ignored"), vec![Part::Text { text: text("hello") }]).unwrap();
        assert_eq!(serde_json::to_string(&content).unwrap(), r#"{"text":"hello"}"#);
        assert_eq!(serde_json::from_str::<Content>(r#"{"text":"hello"}"#).unwrap(), content);
        assert_eq!((content.unsupported(), &content), (None, &Content::from(text("hello"))));
    }

    #[test]
    fn declared_parts_and_those_of_a_newer_version_survive_and_are_not_taken_yet() {
        let json = r#"{"text":"[file]","parts":[{"kind":"text","text":"see"},{"kind":"quote","seq":3},
            {"kind":"location","latitude_e7":515000000,"longitude_e7":-1000000},{"kind":"hologram","of":[1]}]}"#;
        let content: Content = serde_json::from_str(json).unwrap();
        let written = serde_json::to_value(&content).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(json).unwrap());
        assert_eq!(content.parts.iter().map(Part::kind).collect::<Vec<_>>(), ["text", "quote", "location", "hologram"]);
        assert_eq!(content.unsupported(), Some("quote"));
        let two =
            Content { text: text("a"), parts: vec![Part::Text { text: text("a") }, Part::Text { text: text("b") }] };
        assert_eq!(two.unsupported(), Some("text"), "one text is all that this version takes");
    }

    #[test]
    fn each_limit_is_named() {
        let with = |part| Content::new(text("x"), vec![part]).unwrap_err().to_string();
        let file =
            File { file: uuid::Uuid::nil(), name: "a.pdf".into(), media_type: "application/pdf".into(), bytes: 1 };
        let too_large = Part::File(File { bytes: File::MAX_BYTES + 1, ..file.clone() });
        assert_eq!(with(too_large), "part 0, bytes: must be 1 to 5368709120");
        assert!(with(Part::File(File { name: "a\nb".into(), ..file.clone() })).contains("name"));
        assert!(with(Part::File(File { media_type: "pdf".into(), ..file.clone() })).contains("media_type"));
        assert!(Content::new(text("x"), vec![Part::File(file)]).is_ok());
        assert!(with(Part::Quote(Quote { seq: 0 })).contains("seq"));
        let pole = Location { latitude_e7: 900_000_001, longitude_e7: 0, label: None };
        assert!(with(Part::Location(pole)).contains("latitude_e7"));
        let card = Card {
            title: "t".into(),
            text: None,
            image: None,
            buttons: vec![Button { label: String::new(), value: "v".into() }],
        };
        assert!(with(Part::Card(card)).contains("buttons"));
        let form = Form { form: uuid::Uuid::nil(), title: "t".into(), fields: Vec::new() };
        assert!(with(Part::Form(form)).contains("fields"));
        let blank = serde_json::from_str::<Part>("{\"kind\":\"text\",\"text\":\"\u{200b}\"}").unwrap();
        assert_eq!(with(blank), "part 0, text: must not be empty");
        assert_eq!(Content::new(text("x"), Vec::new()), Err(ContentError::Empty));
        let many = vec![Part::Quote(Quote { seq: 1 }); 17];
        assert_eq!(Content::new(text("x"), many), Err(ContentError::TooMany));
    }
}
