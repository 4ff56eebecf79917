//! Fields of requests, checked as they are read: what has one of these types is fit to be stored.

use frontdesk_domain::{MessageText, Tag, text::clean_line};
use serde::{Deserialize, Deserializer, de::Error};

use super::{TagView, TextView};

/// One line that may be empty, as [`clean_line`] makes it: at most `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShortText<const MAX: usize>(pub(crate) String);

/// How many items a page holds at most; 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) u16);

/// Reads a field that may be null, and keeps apart whether it is there: for
/// `#[serde(default, deserialize_with = "present")]`.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Reads the text of a message that comes from outside, for `#[serde(deserialize_with = "...")]`.
pub(crate) fn received_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextView, D::Error> {
    MessageText::received(deserializer).map(TextView)
}

/// Reads a tag that comes from outside, for `#[serde(deserialize_with = "...")]`.
pub(crate) fn received_tag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TagView, D::Error> {
    Tag::received(deserializer).map(TagView)
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for ShortText<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.chars().count() > MAX {
            return Err(D::Error::custom(format!("a text of at most {MAX} characters is needed")));
        }
        Ok(Self(clean_line(&text)))
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u16::deserialize(deserializer)? {
            limit @ 1..=100 => Ok(Self(limit)),
            _ => Err(D::Error::custom("a limit of 1 to 100 is needed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_and_limits_refuse_what_does_not_fit() {
        let text = |text: &str| serde_json::from_value::<ShortText<8>>(text.into());
        assert_eq!(text("\u{200b}").unwrap().0, "");
        assert_eq!(text("八个汉字也放得下").unwrap().0.chars().count(), 8);
        assert!(text("123456789").is_err());
        assert!(serde_json::from_str::<Limit>("0").is_err() && serde_json::from_str::<Limit>("101").is_err());
    }
}
