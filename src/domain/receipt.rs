//! Delivery receipts: how far each member has received and read. They only grow.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::participant::Participant;

/// Which kind of receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// A device of the member holds every entry up to here.
    Delivered,
    /// The member's screen has shown every entry up to here. Implies delivered.
    Read,
}

impl ReceiptKind {
    /// The name in subjects and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// How far one member has come. `read <= delivered` always holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Watermark {
    /// Highest seq received, all before it included; 0 for none.
    pub delivered: u64,
    /// Highest seq read, all before it included; 0 for none.
    pub read: u64,
}

/// The watermarks of all members of one conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipts {
    by_member: BTreeMap<Participant, Watermark>,
}

impl Receipts {
    /// Raises `member`'s watermark; never lowers it, never beyond `last_seq`.
    ///
    /// Returns the new watermark if it grew, and `None` if there was nothing new or `member` does not read.
    pub fn observe(
        &mut self,
        member: Participant,
        kind: ReceiptKind,
        up_to_seq: u64,
        last_seq: u64,
    ) -> Option<Watermark> {
        if !member.reads() {
            return None;
        }
        let up_to_seq = up_to_seq.min(last_seq);
        let mark = self.by_member.entry(member).or_default();
        let before = *mark;
        mark.delivered = mark.delivered.max(up_to_seq);
        if kind == ReceiptKind::Read {
            mark.read = mark.read.max(up_to_seq);
        }
        (*mark != before).then_some(*mark)
    }

    /// How far `member` has come.
    #[must_use]
    pub fn of(&self, member: Participant) -> Watermark {
        self.by_member.get(&member).copied().unwrap_or_default()
    }

    /// All members and their watermarks, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (Participant, Watermark)> {
        self.by_member.iter().map(|(member, mark)| (*member, *mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AgentId;
    use proptest::prelude::*;

    #[test]
    fn programs_have_no_receipts() {
        let mut receipts = Receipts::default();
        let bot = Participant::Bot(crate::ids::BotId(uuid::Uuid::nil()));
        assert_eq!(receipts.observe(bot, ReceiptKind::Read, 3, 5), None);
        assert_eq!(receipts.iter().count(), 0);
    }

    proptest! {
        #[test]
        fn watermarks_only_grow_and_stay_in_bounds(steps in prop::collection::vec((any::<bool>(), 0_u64..200, 0_u64..100), 1..60)) {
            let member = Participant::Agent(AgentId(uuid::Uuid::nil()));
            let (mut receipts, mut last) = (Receipts::default(), 0);
            for (read, up_to, growth) in steps {
                last += growth;
                let before = receipts.of(member);
                let kind = if read { ReceiptKind::Read } else { ReceiptKind::Delivered };
                let grew = receipts.observe(member, kind, up_to, last);
                let after = receipts.of(member);
                prop_assert!(after.delivered >= before.delivered && after.read >= before.read);
                prop_assert!(after.read <= after.delivered && after.delivered <= last);
                prop_assert_eq!(grew.is_some(), after != before);
            }
        }
    }
}
