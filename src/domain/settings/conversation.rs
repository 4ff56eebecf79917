//! What may be written in conversations, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{FieldError, ensure};
use crate::text::MessageText;

/// What may be written in conversations, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConversationSection {
    /// Durations that the console offers for a snooze beside tomorrow and Monday morning, in minutes, ascending.
    #[schemars(length(min = 1, max = 8), inner(range(min = 1, max = 527_040)))]
    pub snooze_presets_minutes: Vec<u32>,
    /// Longest message or note that may be written, in bytes of UTF-8. What was accepted before stays.
    #[schemars(range(min = 100, max = 16_384))]
    pub max_message_bytes: u32,
    /// Whether each side is shown that the other one is typing.
    pub typing_indicator: bool,
}

impl Default for ConversationSection {
    fn default() -> Self {
        Self {
            snooze_presets_minutes: vec![60, 4 * 60, 24 * 60, 7 * 24 * 60],
            max_message_bytes: u32::try_from(MessageText::MAX_BYTES).unwrap_or(u32::MAX),
            typing_indicator: true,
        }
    }
}

impl ConversationSection {
    pub(super) fn check(&self) -> Result<(), FieldError> {
        let presets = &self.snooze_presets_minutes;
        let ascend = presets.windows(2).all(|pair| pair[0] < pair[1]);
        let fit = presets.iter().all(|minutes| (1..=MAX_SNOOZE_MINUTES).contains(minutes));
        ensure(
            (1..=8).contains(&presets.len()) && ascend && fit,
            "snooze_presets_minutes",
            format!("1 to 8 ascending numbers of 1 to {MAX_SNOOZE_MINUTES} are needed"),
        )?;
        let max = MessageText::MAX_BYTES;
        let fits = (MIN_MESSAGE_BYTES..=max).contains(&(self.max_message_bytes as usize));
        ensure(fits, "max_message_bytes", format!("a number of {MIN_MESSAGE_BYTES} to {max} is needed"))
    }
}

/// 366 days, the longest snooze.
const MAX_SNOOZE_MINUTES: u32 = 366 * 24 * 60;

/// A smaller limit would make conversations unusable.
const MIN_MESSAGE_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_never_allowed_to_be_longer_than_the_desk_takes() {
        let with = |bytes| ConversationSection { max_message_bytes: bytes, ..ConversationSection::default() }.check();
        assert_eq!((with(100), with(16_384)), (Ok(()), Ok(())));
        for bytes in [0, 99, 16_385, u32::MAX] {
            assert_eq!(with(bytes).unwrap_err().field, "max_message_bytes", "{bytes}");
        }
    }

    #[test]
    fn snooze_presets_are_few_ascending_and_within_a_year() {
        let with = |presets: &[u32]| {
            ConversationSection { snooze_presets_minutes: presets.to_vec(), ..ConversationSection::default() }.check()
        };
        assert_eq!(with(&[1, 527_040]), Ok(()));
        for presets in [&[][..], &[0], &[527_041], &[60, 60], &[60, 30], &[1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert_eq!(with(presets).unwrap_err().field, "snooze_presets_minutes", "{presets:?}");
        }
    }
}
