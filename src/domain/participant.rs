//! Who takes part in a conversation: writes in it, reads it, or changes it.

mod kind;

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};
use uuid::Uuid;

pub use self::kind::KindName;
use crate::ids::{AgentId, BotId, ContactId, IdError, IntegrationId, SystemId};

/// Who takes part in a conversation. On wires a map of `kind` and `id`; every kind, also a later one, has a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Participant {
    /// The contact whose conversation it is.
    Contact(ContactId),
    /// One human agent.
    Agent(AgentId),
    /// A program that talks with contacts.
    Bot(BotId),
    /// A part of this server, such as the timers.
    System(SystemId),
    /// A program of the tenant that acts through the API.
    Integration(IntegrationId),
    /// A kind that only a newer version knows. Kept as it was logged.
    Unknown(KindName, Uuid),
}

impl Participant {
    /// The participant of this kind and id, as [`Self::kind`] and [`Self::id`] give them.
    ///
    /// # Errors
    /// [`IdError`] when `kind` cannot be the name of a kind.
    pub fn new(kind: &str, id: Uuid) -> Result<Self, IdError> {
        Ok(match kind {
            "contact" => Self::Contact(ContactId(id)),
            "agent" => Self::Agent(AgentId(id)),
            "bot" => Self::Bot(BotId(id)),
            "system" => Self::System(SystemId(id)),
            "integration" => Self::Integration(IntegrationId(id)),
            other => Self::Unknown(KindName::new(other)?, id),
        })
    }

    /// The name of its kind, on wires and in databases.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Contact(_) => "contact",
            Self::Agent(_) => "agent",
            Self::Bot(_) => "bot",
            Self::System(_) => "system",
            Self::Integration(_) => "integration",
            Self::Unknown(kind, _) => kind.as_str(),
        }
    }

    /// Its id, whatever its kind.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        match *self {
            Self::Contact(ContactId(id))
            | Self::Agent(AgentId(id))
            | Self::Bot(BotId(id))
            | Self::System(SystemId(id))
            | Self::Integration(IntegrationId(id))
            | Self::Unknown(_, id) => id,
        }
    }

    /// Whether it reads on a screen: only such participants have receipts and presence.
    #[must_use]
    pub const fn reads(&self) -> bool {
        matches!(self, Self::Contact(_) | Self::Agent(_))
    }
}

impl fmt::Display for Participant {
    /// A subject token: `c-`, `a-`, `b-`, `s-` or `i-` and the id; an unknown kind in full instead of its letter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self {
            Self::Unknown(kind, _) => kind.as_str(),
            known => &known.kind()[..1],
        };
        write!(f, "{prefix}-{}", self.id().as_hyphenated())
    }
}

impl FromStr for Participant {
    type Err = IdError;

    fn from_str(token: &str) -> Result<Self, IdError> {
        let (prefix, id) = token.split_once('-').ok_or(IdError)?;
        let ContactId(id) = id.parse()?;
        match prefix {
            "c" => Self::new("contact", id),
            "a" => Self::new("agent", id),
            "b" => Self::new("bot", id),
            "s" => Self::new("system", id),
            "i" => Self::new("integration", id),
            kind => match Self::new(kind, id)? {
                unknown @ Self::Unknown(..) => Ok(unknown),
                // One participant has one token.
                _ => Err(IdError),
            },
        }
    }
}

impl Serialize for Participant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Participant", 2)?;
        map.serialize_field("kind", self.kind())?;
        map.serialize_field("id", &self.id())?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Participant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Written {
            kind: KindName,
            id: Uuid,
        }
        let Written { kind, id } = Written::deserialize(deserializer)?;
        Self::new(kind.as_str(), id).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Participant {
    fn schema_name() -> Cow<'static, str> {
        "Participant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Who takes part in a conversation. Later versions may add kinds: show them by their name only.",
            "properties": {
                "kind": {
                    "type": "string",
                    "pattern": "^[a-z][a-z0-9_]{1,15}$",
                    "description": "contact, agent, bot, system or integration",
                    "examples": ["contact", "agent", "bot", "system", "integration"],
                },
                "id": { "type": "string", "format": "uuid" },
            },
            "required": ["kind", "id"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> [Participant; 6] {
        let kinds = ["contact", "agent", "bot", "system", "integration", "oracle_2"];
        kinds.map(|kind| Participant::new(kind, Uuid::from_bytes([7; 16])).unwrap())
    }

    #[test]
    fn participants_survive_the_way_through_a_subject_token() {
        for participant in one_of_each() {
            let token = participant.to_string();
            assert_eq!(token.parse(), Ok(participant));
            assert!(token.len() <= 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        }
        assert_eq!(one_of_each()[2].to_string(), "b-07070707-0707-0707-0707-070707070707");
        for wrong in ["x-0", "é", "x-07070707-0707-0707-0707-070707070707", "bot-07070707-0707-0707-0707-070707070707"]
        {
            assert!(wrong.parse::<Participant>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn participants_survive_json_and_kinds_of_a_newer_version_do_too() {
        for participant in one_of_each() {
            let json = serde_json::to_string(&participant).unwrap();
            assert_eq!(serde_json::from_str::<Participant>(&json).unwrap(), participant);
        }
        let newer = r#"{"kind":"oracle_2","id":"07070707-0707-0707-0707-070707070707"}"#;
        assert_eq!(serde_json::to_string(&one_of_each()[5]).unwrap(), newer);
        for wrong in ["", "x", "a.b", "Bot", "a-b", "very_long_kind_na"] {
            assert!(Participant::new(wrong, Uuid::nil()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn only_people_have_receipts() {
        assert_eq!(one_of_each().map(|participant| participant.reads()), [true, true, false, false, false, false]);
    }
}
