//! Texts that people write: cleaned and checked once, when they are received.

mod blank;
mod clean;
mod line;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

pub use blank::{VISIBLE, is_blank};
pub use clean::{clean_line, clean_text, composed};
pub use line::Line;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space and characters that show nothing.
    #[error("the text is empty")]
    Empty,
    /// Longer than allowed.
    #[error("the text is longer than {max_bytes} bytes")]
    TooLong {
        /// The limit, in bytes of UTF-8.
        max_bytes: usize,
    },
    /// More characters than allowed.
    #[error("the text has more than {max} characters")]
    TooManyCharacters {
        /// The limit, in Unicode characters.
        max: usize,
    },
    /// A character that has no place in a text, such as NUL.
    #[error("the text contains a control character")]
    Control,
    /// White space at the beginning or the end.
    #[error("the text begins or ends with white space")]
    Untrimmed,
}

/// The text of a message: 1 to [`MessageText::MAX_BYTES`] bytes with something to see in them, without control
/// characters but tab and line ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageText(String);

impl MessageText {
    /// Longest text, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 16_384;

    /// Takes control characters out of a text that comes from outside, and checks what is left.
    ///
    /// # Errors
    /// [`TextError`] says which rule it breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let Self(text) = Self::stored(text.into())?;
        if is_blank(&text) { Err(TextError::Empty) } else { Ok(Self(text)) }
    }

    /// A text that was checked before. Earlier versions took texts that show nothing; those stay readable.
    fn stored(mut text: String) -> Result<Self, TextError> {
        if let Cow::Owned(clean) = clean_text(&text) {
            text = clean;
        }
        check(&text, Self::MAX_BYTES, |c| matches!(c, '\n' | '\r' | '\t'))?;
        Ok(Self(text))
    }

    /// Reads a text that comes from outside, as [`MessageText::new`] does: for `#[serde(deserialize_with = "...")]`.
    /// Without it a text is read as one that was stored.
    ///
    /// # Errors
    /// It is no text, or breaks a rule.
    pub fn received<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As a schema counts: before anything is taken out.
        let text = String::deserialize(deserializer)?;
        if text.len() > Self::MAX_BYTES {
            return Err(D::Error::custom(TextError::TooLong { max_bytes: Self::MAX_BYTES }));
        }
        Self::new(text).map_err(D::Error::custom)
    }

    /// The text as it was checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for MessageText {
    fn schema_name() -> Cow<'static, str> {
        "MessageText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let about = format!(
            "The text of a message: 1 to {} bytes of UTF-8 with something to see in them, once control characters but \
             tab and line ends are taken out.",
            Self::MAX_BYTES
        );
        json_schema!({
            "type": "string", "description": about, "minLength": 1, "maxLength": Self::MAX_BYTES, "pattern": VISIBLE,
        })
    }
}

impl TryFrom<String> for MessageText {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::stored(text)
    }
}

impl From<MessageText> for String {
    fn from(text: MessageText) -> Self {
        text.0
    }
}

/// A label on a conversation: 1 to [`Tag::MAX_BYTES`] bytes, one line, trimmed, its letters composed (NFC).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    /// Longest tag, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 64;

    /// Cleans a text that comes from outside as [`clean_line`] does, and checks it.
    ///
    /// # Errors
    /// [`TextError`] says which rule it breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        Self::stored(&clean_line(text.as_ref()))
    }

    /// A tag that was checked before. Those of earlier versions need not be composed, and stay as they are.
    fn stored(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        check(text, Self::MAX_BYTES, |_| false)?;
        Ok(Self(text.to_owned()))
    }

    /// Reads a tag that comes from outside, as [`Tag::new`] does: for `#[serde(deserialize_with = "...")]`. Without it
    /// a tag is read as one that was stored.
    ///
    /// # Errors
    /// It is no text, or breaks a rule.
    pub fn received<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    /// The text as it was checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for Tag {
    fn schema_name() -> Cow<'static, str> {
        "Tag".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let about = format!(
            "A label on a conversation: one line of 1 to {} bytes of UTF-8, trimmed, its letters composed (NFC).",
            Self::MAX_BYTES
        );
        json_schema!({
            "type": "string", "description": about, "minLength": 1, "maxLength": Self::MAX_BYTES, "pattern": VISIBLE,
        })
    }
}

impl TryFrom<String> for Tag {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::stored(&text)
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

pub(crate) fn check(text: &str, max_bytes: usize, allowed: impl Fn(char) -> bool) -> Result<(), TextError> {
    if text.len() > max_bytes {
        Err(TextError::TooLong { max_bytes })
    } else if text.chars().any(|c| c.is_control() && !allowed(c)) {
        Err(TextError::Control)
    } else if text.trim().is_empty() {
        Err(TextError::Empty)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_and_long_texts_are_refused_with_their_reason() {
        for blank in ["", " \n\t", "\u{200b}", "\0\u{feff} \u{2060}"] {
            assert_eq!(MessageText::new(blank), Err(TextError::Empty), "{blank:?}");
            assert_eq!(Tag::new(blank), Err(TextError::Empty), "{blank:?}");
        }
        assert_eq!(MessageText::new("字".repeat(6_000)), Err(TextError::TooLong { max_bytes: 16_384 }));
        assert_eq!(Tag::new("x".repeat(65)), Err(TextError::TooLong { max_bytes: 64 }));
    }

    #[test]
    fn a_text_is_kept_as_it_was_written_but_for_control_characters() {
        assert_eq!(MessageText::new("好的\n謝謝").unwrap().as_str(), "好的\n謝謝");
        assert_eq!(MessageText::new(" a\0b\u{85} e\u{301}").unwrap().as_str(), " ab e\u{301}");
        assert_eq!(Tag::new(" vip\ne\u{301} ").unwrap().as_str(), "vip \u{e9}");
    }

    #[test]
    fn what_an_earlier_version_stored_stays_readable() {
        let read = |text: &str| serde_json::from_value::<MessageText>(text.into()).map(String::from);
        assert_eq!(read("\u{200b}").unwrap(), "\u{200b}");
        assert_eq!(serde_json::from_value::<Tag>("e\u{301}".into()).unwrap().as_str(), "e\u{301}");
        assert!(read(" \n").is_err());
    }
}
