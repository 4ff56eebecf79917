//! Fields that a newer version logged in an entry: kept and written again, never acted upon.
//!
//! A version that adds a field to an entry or to an event adds it last. Then what an older version writes down of it
//! is, byte for byte, what the newer one does, and so is its hash.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::event::Event;

/// Fields and their values, in the order in which they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Value)>);

/// Fields of an entry that this version does not know; nearly always none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownFields(Option<Box<Unknown>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Unknown {
    of_entry: Fields,
    of_event: Fields,
}

impl UnknownFields {
    /// What `entry` and `event`, as they were written down, hold beyond the `known` event.
    #[must_use]
    pub fn of(entry: Fields, event: Fields, known: &Event) -> Self {
        let known = serde_json::to_value(known).unwrap_or_default();
        let of_entry = entry.without(|name| ENTRY_FIELDS.contains(&name));
        let of_event = event.without(|name| known.get(name).is_some());
        let is_empty = of_entry.0.is_empty() && of_event.0.is_empty();
        Self((!is_empty).then(|| Box::new(Unknown { of_entry, of_event })))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Those of the entry itself, without those of its event.
    #[must_use]
    pub fn of_entry(&self) -> Option<&Fields> {
        self.0.as_ref().map(|unknown| &unknown.of_entry).filter(|fields| !fields.0.is_empty())
    }

    /// Those of the entry's event.
    #[must_use]
    pub fn of_event(&self) -> Option<&Fields> {
        self.0.as_ref().map(|unknown| &unknown.of_event).filter(|fields| !fields.0.is_empty())
    }
}

impl Fields {
    fn without(self, is_known: impl Fn(&str) -> bool) -> Self {
        Self(self.0.into_iter().filter(|(name, _)| !is_known(name)).collect())
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

/// Names of the fields of an entry that this version knows.
const ENTRY_FIELDS: [&str; 8] = ["seq", "prev_public", "visibility", "at", "author", "client_id", "digest", "event"];
