//! Kinds of inboxes.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By what an inbox is reached: [`InboxKind::WEB`], [`InboxKind::API`], or a word that a bridge of the tenant brings
/// along.
///
/// The list is open: a word that this version does not know is kept, and means an inbox that a bridge serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct InboxKind(Cow<'static, str>);

/// A word that names no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a kind of inbox is a word of 1 to 32 lower case letters, digits, '_' and '-' that begins with a letter")]
pub struct InboxKindError;

impl InboxKind {
    /// The widget on pages of the tenant.
    pub const WEB: Self = Self(Cow::Borrowed("web"));
    /// A program of the tenant that brings messages through the bridge protocol.
    pub const API: Self = Self(Cow::Borrowed("api"));

    /// Longest word, in bytes.
    pub const MAX_BYTES: usize = 32;

    /// The kind that `word` names.
    ///
    /// # Errors
    /// [`InboxKindError`] when it names none.
    pub fn new(word: &str) -> Result<Self, InboxKindError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        let is_sound = word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(plain);
        if !is_sound || word.len() > Self::MAX_BYTES {
            return Err(InboxKindError);
        }
        let known = [Self::WEB, Self::API].into_iter().find(|known| known.as_str() == word);
        Ok(known.unwrap_or_else(|| Self(Cow::Owned(word.to_owned()))))
    }

    /// The word as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether pages open a widget for it. Bridges may serve an inbox of any kind.
    #[must_use]
    pub fn has_widget(&self) -> bool {
        *self == Self::WEB
    }
}

impl Default for InboxKind {
    fn default() -> Self {
        Self::WEB
    }
}

impl fmt::Display for InboxKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for InboxKind {
    type Error = InboxKindError;

    fn try_from(word: String) -> Result<Self, InboxKindError> {
        Self::new(&word)
    }
}

impl From<InboxKind> for String {
    fn from(kind: InboxKind) -> Self {
        kind.0.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_this_version_does_not_know_is_kept() {
        for word in ["web", "api", "telegram", "voice-2"] {
            let kind: InboxKind = serde_json::from_value(word.into()).unwrap();
            assert_eq!((kind.as_str(), serde_json::to_value(&kind).unwrap()), (word, word.into()));
            assert_eq!(kind.has_widget(), word == "web");
        }
    }

    #[test]
    fn what_is_no_word_names_no_kind() {
        for word in ["", "Web", "1st", "a b", "a.b", "wéb", &"x".repeat(33)] {
            assert_eq!(InboxKind::new(word), Err(InboxKindError), "{word:?}");
        }
    }
}
