//! How an entry is written down: its own fields, then those of a newer version.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Entry, EntryAuthor};
use crate::{
    conversation::{command::Digest, event::Event, unknown_fields::Fields},
    ids::ClientId,
    timestamp::Timestamp,
    visibility::Visibility,
};

/// An entry with the fields that a newer version added.
#[derive(Serialize)]
struct WholeEntry<'a> {
    seq: u64,
    prev_public: u64,
    visibility: Visibility,
    at: Timestamp,
    author: &'a EntryAuthor,
    client_id: ClientId,
    digest: Digest,
    event: WholeEvent<'a>,
    #[serde(flatten)]
    unknown: Option<&'a Fields>,
}

/// An event with the fields that a newer version added.
#[derive(Serialize)]
pub struct WholeEvent<'a> {
    #[serde(flatten)]
    known: &'a Event,
    #[serde(flatten)]
    unknown: Option<&'a Fields>,
}

impl Entry {
    /// The event with all fields that were logged in it.
    #[must_use]
    pub fn whole_event(&self) -> WholeEvent<'_> {
        WholeEvent { known: &self.event, unknown: self.unknown.of_event() }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.unknown.is_empty() {
            return Self::serialize(self, serializer);
        }
        let whole = WholeEntry {
            seq: self.seq,
            prev_public: self.prev_public,
            visibility: self.visibility,
            at: self.at,
            author: &self.author,
            client_id: self.client_id,
            digest: self.digest,
            event: self.whole_event(),
            unknown: self.unknown.of_entry(),
        };
        whole.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}
