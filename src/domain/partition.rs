//! Which of the 64 partitions a conversation belongs to: a wire constant.

use std::fmt;

use crate::ids::ConversationKey;

/// How many partitions there are. Part of every subject; never changes.
pub const PARTITIONS: u16 = 64;

/// A partition, `0..PARTITIONS`.
///
/// Defined as FNV-1a (64 bit, offset basis `0xcbf29ce484222325`, prime `0x100000001b3`) over the 16 bytes of the tenant
/// id followed by the 16 bytes of the conversation id, modulo [`PARTITIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(u16);

impl Partition {
    /// The partition of `key`.
    #[must_use]
    pub fn of(key: &ConversationKey) -> Self {
        let bytes = key.tenant.0.as_bytes().iter().chain(key.conversation.0.as_bytes());
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Self((hash % u64::from(PARTITIONS)) as u16)
    }

    /// The partition numbered `number`, or `None` beyond the last one.
    #[must_use]
    pub fn new(number: u16) -> Option<Self> {
        (number < PARTITIONS).then_some(Self(number))
    }

    /// Its number, from 0.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..PARTITIONS).map(Self)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ConversationId, TenantId};
    use uuid::Uuid;

    fn key(tenant: u8, conversation: u8) -> ConversationKey {
        ConversationKey {
            tenant: TenantId(Uuid::from_bytes([tenant; 16])),
            conversation: ConversationId(Uuid::from_bytes([conversation; 16])),
        }
    }

    #[test]
    fn the_definition_is_pinned() {
        // Worked out from the written definition by an independent program.
        assert_eq!(Partition::of(&key(0, 0)).number(), PINNED[0]);
        assert_eq!(Partition::of(&key(1, 2)).number(), PINNED[1]);
        assert_eq!(Partition::of(&key(255, 7)).number(), PINNED[2]);
    }

    const PINNED: [u16; 3] = [37, 53, 37];
}
