//! Fields of requests, checked as they are read: what has one of these types is fit to be stored.

use frontdesk_domain::{
    MessageText, Tag,
    text::{clean_line, clean_text},
};
use serde::{Deserialize, Deserializer, de::Error};

use super::{TagView, TextView};

/// One line that people read, as [`clean_line`] makes it: 1 to `MAX` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<const MAX: usize>(pub(crate) String);

/// One line that may be empty, as [`clean_line`] makes it: at most `MAX` bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShortText<const MAX: usize>(pub(crate) String);

/// An e-mail address, in lower case. Nothing but a message to it proves that it exists; this keeps out what is
/// certainly none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailAddress(pub(crate) String);

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

impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = clean_line(&String::deserialize(deserializer)?);
        if text.is_empty() || text.len() > MAX {
            return Err(D::Error::custom(format!("a text of 1 to {MAX} bytes is needed")));
        }
        Ok(Self(text))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for ShortText<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = clean_line(&String::deserialize(deserializer)?);
        if text.len() > MAX {
            return Err(D::Error::custom(format!("a text of at most {MAX} bytes is needed")));
        }
        Ok(Self(text))
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("an e-mail address is needed"))
    }
}

impl EmailAddress {
    /// Longest address (RFC 5321), in bytes.
    const MAX_BYTES: usize = 254;

    /// `text` as an address, or `None` if it is certainly none.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text = clean_text(text).trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let fits = !local.is_empty() && !domain.is_empty() && text.len() <= Self::MAX_BYTES;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
        (fits && local.chars().all(plain) && domain.chars().all(plain)).then_some(Self(text))
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
    fn addresses_are_lower_case_and_hold_nothing_that_could_start_a_header() {
        assert_eq!(EmailAddress::new(" Ada\0@Desk.Example ").unwrap().0, "ada@desk.example");
        for text in ["", "@", "a@", "@b", "a b@c", "a@b\r\nBcc: x", "<a@b>", "a@b@c", "a@b,c@d"] {
            assert_eq!(EmailAddress::new(text), None, "{text:?}");
        }
    }

    #[test]
    fn lines_and_limits_refuse_what_does_not_fit() {
        let line = |text: &str| serde_json::from_value::<Line<8>>(text.into());
        assert_eq!(line(" Ada ").unwrap().0, "Ada");
        assert_eq!(line(" e\u{301}\n\u{7f}b").unwrap().0, "\u{e9} b");
        for text in ["", "  ", "\u{7f}", "\u{200b}", "123456789"] {
            assert!(line(text).is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<Limit>("0").is_err() && serde_json::from_str::<Limit>("101").is_err());
    }
}
