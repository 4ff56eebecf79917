//! What a newer version logged in an entry, beyond what this one knows of: carried along, never acted upon.
//!
//! A version that adds a field to an entry or to an event adds it last. Then what an older version writes down of it is, byte
//! for byte, what the newer one does, and so is its hash.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    command::Digest,
    event::{Entry, EntryAuthor, Event, Visibility},
};
use crate::{ids::ClientId, timestamp::Timestamp};

/// Fields and their values, in the order in which they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Value)>);

/// Fields of an entry that this version does not know; nearly always none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newer(Option<Box<Unknown>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Unknown {
    of_entry: Fields,
    of_event: Fields,
}

impl Newer {
    /// What `entry` and `event`, as they were written down, hold beyond the `known` event.
    #[must_use]
    pub fn of(entry: Fields, event: Fields, known: &Event) -> Self {
        let known = serde_json::to_value(known).unwrap_or_default();
        let of_entry = entry.without(|name| FIELDS.contains(&name));
        let of_event = event.without(|name| known.get(name).is_some());
        let is_empty = of_entry.0.is_empty() && of_event.0.is_empty();
        Self((!is_empty).then(|| Box::new(Unknown { of_entry, of_event })))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Those of the entry itself, its event's left out.
    #[must_use]
    pub fn of_entry(&self) -> Option<&Fields> {
        self.0.as_ref().map(|unknown| &unknown.of_entry).filter(|fields| !fields.0.is_empty())
    }
}

impl Fields {
    fn without(self, is_known: impl Fn(&str) -> bool) -> Self {
        Self(self.0.into_iter().filter(|(name, _)| !is_known(name)).collect())
    }
}

/// An entry with what a newer version put into it.
#[derive(Serialize)]
pub(super) struct WholeEntry<'a> {
    seq: u64,
    prev_public: u64,
    visibility: Visibility,
    at: Timestamp,
    author: &'a EntryAuthor,
    client_id: ClientId,
    digest: Digest,
    event: WholeEvent<'a>,
    #[serde(flatten)]
    newer: &'a Fields,
}

/// An event with what a newer version put into it.
#[derive(Serialize)]
pub struct WholeEvent<'a> {
    #[serde(flatten)]
    known: &'a Event,
    #[serde(flatten)]
    newer: Option<&'a Fields>,
}

/// Names of an entry's fields.
const FIELDS: [&str; 8] = ["seq", "prev_public", "visibility", "at", "author", "client_id", "digest", "event"];

impl Entry {
    /// The event with everything that was logged in it.
    #[must_use]
    pub fn whole_event(&self) -> WholeEvent<'_> {
        WholeEvent { known: &self.event, newer: self.newer.0.as_ref().map(|unknown| &unknown.of_event) }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(unknown) = &self.newer.0 else { return Self::serialize(self, serializer) };
        let whole = WholeEntry {
            seq: self.seq,
            prev_public: self.prev_public,
            visibility: self.visibility,
            at: self.at,
            author: &self.author,
            client_id: self.client_id,
            digest: self.digest,
            event: self.whole_event(),
            newer: &unknown.of_entry,
        };
        whole.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
