//! The hash by which an entry in the database is compared with the one in the log.

use frontdesk_domain::{ClientId, ConversationKey, Participant};
use frontdesk_protocol::Envelope;
use sha2::{Digest as _, Sha256};

/// SHA-256 of an entry as logged; see [`content_hash`].
pub type ContentHash = [u8; 32];

/// An entry that the database holds already, as far as a comparison needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownEntry {
    /// Of which conversation.
    pub key: ConversationKey,
    /// The entry's number.
    pub seq: u64,
    /// Its content's hash.
    pub hash: ContentHash,
    /// Whose request caused it.
    pub sender: Participant,
    /// The id of the request that caused it.
    pub client_id: ClientId,
}

/// The hash of what was logged in the entry, fields included that only a newer version knows: both find the same. How
/// it came does not count: neither the trace nor what else stands in the envelope.
#[must_use]
pub fn content_hash(envelope: &Envelope) -> ContentHash {
    let bare = Envelope::new(envelope.key(), envelope.entry.clone(), None);
    Sha256::digest(bare.encode()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::store::Script;

    #[test]
    fn what_only_a_newer_version_knows_counts_as_content_and_the_envelope_does_not() {
        let same = Script::chat(2).records.swap_remove(1).envelope;
        let fields = |json| serde_json::from_value(json).unwrap();
        let event = || fields(serde_json::to_value(&same.entry.event).unwrap());
        let with = |urgency: u8| {
            let mut other = same.clone();
            let of_entry = fields(serde_json::json!({"urgency": urgency}));
            other.entry.unknown =
                frontdesk_domain::conversation::UnknownFields::of(of_entry, event(), &same.entry.event);
            content_hash(&other)
        };
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
        assert_ne!(with(1), content_hash(&same));
        let traced = Envelope { trace: Some("00-4bf9".to_owned()), ..same.clone() };
        assert_eq!(content_hash(&traced), content_hash(&same));
    }
}
