//! Texts that people write, checked once, when they are received.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than allowed.
    #[error("the text is longer than {max_bytes} bytes")]
    TooLong {
        /// The limit, in bytes of UTF-8.
        max_bytes: usize,
    },
    /// A character that has no place in a text, such as NUL.
    #[error("the text contains a control character")]
    Control,
    /// White space at the beginning or the end.
    #[error("the text begins or ends with white space")]
    Untrimmed,
}

/// The text of a message: 1 to [`MessageText::MAX_BYTES`] bytes, not blank, no control characters but tab and line
/// ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct MessageText(String);

impl MessageText {
    /// Longest text, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 16_384;

    /// Checks `text`.
    ///
    /// # Errors
    /// [`TextError`] says which rule it breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        check(&text, Self::MAX_BYTES, |c| matches!(c, '\n' | '\r' | '\t'))?;
        Ok(Self(text))
    }

    /// The text as it was checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MessageText {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl From<MessageText> for String {
    fn from(text: MessageText) -> Self {
        text.0
    }
}

/// A label on a conversation: 1 to [`Tag::MAX_BYTES`] bytes, one line, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    /// Longest tag, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 64;

    /// Trims and checks `text`.
    ///
    /// # Errors
    /// [`TextError`] says which rule it breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TextError> {
        let text = text.as_ref().trim();
        check(text, Self::MAX_BYTES, |_| false)?;
        Ok(Self(text.to_owned()))
    }

    /// The text as it was checked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tag {
    type Error = TextError;
    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(text)
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
    fn blank_long_and_control_texts_are_refused_with_their_reason() {
        assert_eq!(MessageText::new(" \n\t"), Err(TextError::Empty));
        assert_eq!(MessageText::new("a\0b"), Err(TextError::Control));
        assert_eq!(MessageText::new("字".repeat(6_000)), Err(TextError::TooLong { max_bytes: 16_384 }));
        assert_eq!(MessageText::new("好的\n謝謝").unwrap().as_str(), "好的\n謝謝");
        assert_eq!(Tag::new(" vip ").unwrap().as_str(), "vip");
        assert_eq!(Tag::new("a\nb"), Err(TextError::Control));
    }
}
