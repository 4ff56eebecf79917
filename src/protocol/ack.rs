//! Channel 2: acknowledgements. The last one of a kind and member stands for all before it.

use frontdesk_domain::{Participant, ReceiptKind};
use serde::{Deserialize, Serialize};

/// What is acknowledged, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckKind {
    /// The database holds every entry up to here.
    Persisted,
    /// A member's device holds, or its screen has shown, every entry up to here.
    Receipt(Participant, ReceiptKind),
    /// No worker could bring the entry with this number to the database: it lies among the dead letters.
    Failed(u64),
}

impl AckKind {
    /// The last two tokens of the subject: kind and who.
    #[must_use]
    pub fn tokens(self) -> (&'static str, String) {
        match self {
            Self::Persisted => ("persisted", "log".to_owned()),
            Self::Receipt(member, kind) => (kind.as_str(), member.to_string()),
            Self::Failed(seq) => ("failed", seq.to_string()),
        }
    }

    /// The reverse of [`Self::tokens`]; `None` for tokens of a newer version.
    #[must_use]
    pub fn from_tokens(kind: &str, who: &str) -> Option<Self> {
        match kind {
            "persisted" => Some(Self::Persisted),
            "delivered" => Some(Self::Receipt(reader(who)?, ReceiptKind::Delivered)),
            "read" => Some(Self::Receipt(reader(who)?, ReceiptKind::Read)),
            // As we write it: "07" would be a second name for the same entry.
            "failed" => who.parse().ok().filter(|seq: &u64| seq.to_string() == who).map(Self::Failed),
            _ => None,
        }
    }
}

/// Only those who read have receipts.
fn reader(token: &str) -> Option<Participant> {
    token.parse().ok().filter(Participant::reads)
}

/// The payload on an acknowledgement subject, as MessagePack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Every entry up to this number is acknowledged.
    pub up_to_seq: u64,
}

impl Ack {
    /// Encodes it as MessagePack.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        rmp_serde::to_vec_named(&self).expect("a number always encodes")
    }

    /// From MessagePack; unknown fields are passed over.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        rmp_serde::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::ContactId;

    #[test]
    fn acknowledgements_survive_subject_and_payload() {
        let member = Participant::Contact(ContactId(uuid::Uuid::from_u128(5)));
        for kind in [AckKind::Persisted, AckKind::Receipt(member, ReceiptKind::Read), AckKind::Failed(7)] {
            let (token, who) = kind.tokens();
            assert_eq!(AckKind::from_tokens(token, &who), Some(kind));
        }
        assert_eq!(AckKind::from_tokens("failed", "07"), None);
        let bot = Participant::Bot(frontdesk_domain::BotId(uuid::Uuid::from_u128(5)));
        assert_eq!(AckKind::from_tokens("read", &bot.to_string()), None, "programs do not read");
        assert_eq!(Ack::decode(&Ack { up_to_seq: 9 }.encode()), Some(Ack { up_to_seq: 9 }));
        assert_eq!(Ack::decode(b"nonsense"), None);
    }
}
