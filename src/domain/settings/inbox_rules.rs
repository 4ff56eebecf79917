//! The settings that a conversation is judged by.

use super::Settings;

/// What the settings of an inbox say about what may be written in its conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboxRules {
    /// Longest message or note that is accepted, in bytes of UTF-8.
    pub max_message_bytes: u32,
    /// Whether each side is shown that the other one is typing.
    pub typing_indicator: bool,
}

impl From<&Settings> for InboxRules {
    fn from(settings: &Settings) -> Self {
        Self {
            max_message_bytes: settings.conversation.max_message_bytes,
            typing_indicator: settings.conversation.typing_indicator,
        }
    }
}

impl Default for InboxRules {
    /// The rules of a tenant that has set nothing.
    fn default() -> Self {
        Self::from(&Settings::default())
    }
}
