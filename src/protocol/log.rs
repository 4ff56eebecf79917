//! Channel 1: the envelope around an entry on the log.
//!
//! MessagePack maps with field names, ids as hyphenated text, so that any language reads them. `v` grows only when an
//! old reader would misread; new fields do not need it: readers keep what they do not know.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use bytes::Bytes;
use frontdesk_domain::{
    ConversationId, ConversationKey, Entry, Event, TenantId,
    conversation::{Fields, UnknownFields},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Version of the envelope: [`Envelope::VERSION`].
    pub v: u16,
    /// The tenant that the conversation belongs to.
    pub tenant: TenantId,
    /// The conversation that the entry belongs to.
    pub conversation: ConversationId,
    /// The entry that is logged.
    pub entry: Entry,
    /// W3C `traceparent` of the request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Fields of newer versions, kept as they came.
    #[serde(flatten)]
    pub extra: BTreeMap<String, rmpv::Value>,
}

/// Bytes that are no envelope this version can act on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Not MessagePack, or not of the shape.
    #[error("the record is not a log envelope")]
    Malformed(#[source] rmp_serde::decode::Error),
    /// Made by a version whose envelopes this one would misread.
    #[error("the record has envelope version {0}, this build reads up to {max}", max = Envelope::VERSION)]
    TooNew(u16),
    /// An event of a known kind with fields missing or of the wrong type.
    #[error("the record's event of kind {0:?} is damaged")]
    DamagedEvent(String),
}

impl Envelope {
    /// The version written here.
    pub const VERSION: u16 = 1;

    /// An envelope of the present version around `entry`.
    #[must_use]
    pub const fn new(key: ConversationKey, entry: Entry, trace: Option<String>) -> Self {
        let ConversationKey { tenant, conversation } = key;
        Self { v: Self::VERSION, tenant, conversation, entry, trace, extra: BTreeMap::new() }
    }

    /// Which conversation it belongs to.
    #[must_use]
    pub const fn key(&self) -> ConversationKey {
        ConversationKey { tenant: self.tenant, conversation: self.conversation }
    }

    /// Encodes it as MessagePack.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        to_msgpack(self).into()
    }

    /// From MessagePack.
    ///
    /// # Errors
    /// [`EnvelopeError`]: the record must be dead-lettered, never skipped.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut envelope: Self = from_msgpack(bytes).map_err(EnvelopeError::Malformed)?;
        if envelope.v > Self::VERSION {
            return Err(EnvelopeError::TooNew(envelope.v));
        }
        if let Event::Unknown(fields) = &envelope.entry.event {
            let kind = fields.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default();
            if kind.is_empty() || KNOWN_KINDS.contains(&kind) {
                return Err(EnvelopeError::DamagedEvent(kind.to_owned()));
            }
        }
        let parts = envelope.entry.event.content().map(|content| content.parts.as_slice()).unwrap_or_default();
        if let Some(damaged) = parts.iter().find(|part| part.is_damaged()) {
            return Err(EnvelopeError::DamagedEvent(format!("part {}", damaged.kind())));
        }
        if !envelope.is_written_as(bytes) {
            let Seen { entry: SeenEntry { event, rest } } = from_msgpack(bytes).map_err(EnvelopeError::Malformed)?;
            envelope.entry.unknown = UnknownFields::of(rest, event, &envelope.entry.event);
        }
        Ok(envelope)
    }

    /// Whether these bytes hold nothing but what this version knows, written as it writes it.
    fn is_written_as(&self, bytes: &[u8]) -> bool {
        let mut rest = Compared(bytes);
        let mut serializer = rmp_serde::Serializer::new(&mut rest).with_struct_map().with_human_readable();
        self.serialize(&mut serializer).is_ok() && rest.0.is_empty()
    }
}

/// An entry as it stands in the log, of any author.
#[derive(Deserialize)]
struct Seen {
    entry: SeenEntry,
}

#[derive(Deserialize)]
struct SeenEntry {
    event: Fields,
    #[serde(flatten)]
    rest: Fields,
}

/// Takes what is written as long as it is the same as these bytes.
struct Compared<'a>(&'a [u8]);

impl Write for Compared<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        let rest = self.0.strip_prefix(written).ok_or(io::ErrorKind::InvalidData)?;
        self.0 = rest;
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Kinds that [`Event`] has a variant for, and that hold all that a newer version may write into them. `field_set` is
/// none of these: a field of a newer version is read as [`Event::Unknown`] and kept.
const KNOWN_KINDS: [&str; 13] = [
    "opened",
    "message_sent",
    "note_added",
    "assigned",
    "unassigned",
    "resolved",
    "reopened",
    "pended",
    "snoozed",
    "tagged",
    "untagged",
    "unchanged",
    "declined",
];

/// Deepest nesting accepted in MessagePack.
pub(crate) const MAX_DEPTH: usize = 32;

/// Encodes with field names and readable ids.
pub(crate) fn to_msgpack<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map().with_human_readable();
    value.serialize(&mut serializer).expect("our own types always encode");
    bytes
}

/// Decodes what [`to_msgpack`] or another language wrote; bounded in depth, nothing may follow the value.
pub(crate) fn from_msgpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, rmp_serde::decode::Error> {
    let mut rest = bytes;
    let mut deserializer = rmp_serde::Deserializer::new(&mut rest).with_human_readable();
    deserializer.set_max_depth(MAX_DEPTH);
    let value = T::deserialize(&mut deserializer)?;
    if !rest.is_empty() {
        return Err(rmp_serde::decode::Error::Syntax("bytes after the end of the value".to_owned()));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{
        AgentId, AssignmentKind, ClientId, Command, ContactId, Conversation, ConversationField, Decision, InboxId,
        InboxRules, MessageText, Participant, Priority, RecentRequests, Request, Timestamp, Visibility,
        conversation::EntryAuthor,
    };
    use uuid::Uuid;

    const KEY: ConversationKey =
        ConversationKey { tenant: TenantId(Uuid::from_u128(1)), conversation: ConversationId(Uuid::from_u128(2)) };

    fn sample(event: Event) -> Envelope {
        let entry = Entry {
            seq: 7,
            prev_public: 5,
            visibility: event.visibility(),
            at: Timestamp(1_700_000_000_000),
            author: EntryAuthor { member: Participant::Agent(AgentId(Uuid::from_u128(3))), name: "Ada 李".into() },
            client_id: ClientId(Uuid::from_u128(4)),
            digest: Command::Claim.digest(),
            event,
            unknown: Default::default(),
        };
        Envelope::new(KEY, entry, Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()))
    }

    fn samples() -> Vec<(&'static str, Envelope)> {
        let agent = AgentId(Uuid::from_u128(3));
        let text = MessageText::new("你好, hello").unwrap();
        let how = AssignmentKind::Claimed;
        vec![
            (
                "opened",
                sample(Event::Opened { inbox: InboxId(Uuid::from_u128(8)), contact: ContactId(Uuid::from_u128(9)) }),
            ),
            ("message_sent", sample(Event::message(text))),
            ("assigned", sample(Event::Assigned { agent, agent_name: "Ada".into(), from: None, how })),
            ("resolved", sample(Event::Resolved)),
        ]
    }

    #[test]
    fn the_bytes_of_version_1_are_pinned_and_still_read() {
        for (name, envelope) in samples() {
            let path = format!("{}/samples/log-v1-{name}.msgpack", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("WRITE_SAMPLES").is_some() {
                std::fs::write(&path, envelope.encode()).unwrap();
            }
            let pinned = std::fs::read(&path).unwrap();
            assert_eq!(Envelope::decode(&pinned).unwrap(), envelope, "{name} still reads");
            assert_eq!(envelope.encode(), pinned, "{name} is still written the same");
        }
    }

    #[test]
    fn a_message_of_several_parts_is_pinned_and_reads_as_its_text_in_the_version_before() {
        let content = serde_json::from_value(serde_json::json!({
            "text": "see [a.pdf]",
            "parts": [
                {"kind": "text", "text": "see"},
                {"kind": "file", "file": Uuid::from_u128(5), "name": "a.pdf", "media_type": "application/pdf", "bytes": 1234},
            ],
        }));
        let envelope = sample(Event::MessageSent(content.unwrap()));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/log-v1-message_sent-parts.msgpack");
        if std::env::var_os("WRITE_SAMPLES").is_some() {
            std::fs::write(path, envelope.encode()).unwrap();
        }
        let pinned = std::fs::read(path).unwrap();
        let read = Envelope::decode(&pinned).unwrap();
        assert_eq!((&read, read.entry.unknown.is_empty()), (&envelope, true));
        assert_eq!(envelope.encode(), pinned);
        let plain: serde_json::Value = from_msgpack(&pinned).unwrap();
        assert_eq!(plain["entry"]["event"]["text"], "see [a.pdf]", "what the version before shows");
        let mut damaged = plain;
        damaged["entry"]["event"]["parts"][1]["bytes"] = "many".into();
        let error = Envelope::decode(&to_msgpack(&damaged)).unwrap_err();
        assert!(matches!(&error, EnvelopeError::DamagedEvent(part) if part == "part file"), "{error}");
    }

    #[test]
    fn fields_and_events_of_a_newer_version_survive_the_way_through() {
        let newer = serde_json::json!({
            "v": 1, "tenant": KEY.tenant, "conversation": KEY.conversation, "shard": 3, "trace": null,
            "entry": {
                "seq": 1, "prev_public": 0, "visibility": "staff", "at": 5, "digest": Uuid::nil(), "client_id": Uuid::nil(),
                "author": {"member": {"kind": "agent", "id": Uuid::nil()}, "name": ""},
                "event": {"kind": "merged", "into": Uuid::nil(), "why": ["a", 1]},
                "importance": {"level": 3},
            },
        });
        let decoded = Envelope::decode(&to_msgpack(&newer)).unwrap();
        assert!(matches!(decoded.entry.event, Event::Unknown(_)));
        let again: serde_json::Value = from_msgpack(&decoded.encode()).unwrap();
        assert_eq!(again["shard"], newer["shard"]);
        assert_eq!(again["entry"], newer["entry"]);
        let mut conversation = Conversation::default();
        conversation.apply(&decoded.entry);
        assert_eq!((conversation.last_seq, conversation.last_public_seq), (1, 0));
    }

    #[test]
    fn a_field_is_logged_by_name_and_one_of_a_newer_version_is_kept() {
        let set = sample(Event::FieldSet(ConversationField::Priority(Some(Priority::High))));
        let mut logged: serde_json::Value = from_msgpack(&set.encode()).unwrap();
        let event = serde_json::json!({"kind": "field_set", "field": "priority", "value": "high"});
        assert_eq!(logged["entry"]["event"], event);
        assert_eq!(Envelope::decode(&set.encode()).unwrap(), set);
        logged["entry"]["event"] = serde_json::json!({"kind": "field_set", "field": "language", "value": "zh"});
        let newer = Envelope::decode(&to_msgpack(&logged)).unwrap();
        assert!(matches!(newer.entry.event, Event::Unknown(_)));
        assert_eq!(from_msgpack::<serde_json::Value>(&newer.encode()).unwrap(), logged);
    }

    #[test]
    fn new_fields_of_a_known_event_survive_in_their_place_and_count_as_content() {
        let mut newer: serde_json::Value = from_msgpack(&samples()[1].1.encode()).unwrap();
        newer["entry"]["event"]["format"] = "markdown".into();
        newer["entry"]["urgency"] = 2.into();
        let decoded = Envelope::decode(&to_msgpack(&newer)).unwrap();
        assert_eq!(decoded.entry.event, samples()[1].1.entry.event);
        let again: serde_json::Value = from_msgpack(&decoded.encode()).unwrap();
        assert_eq!(again, newer);
        assert_eq!(Envelope::decode(&decoded.encode()).unwrap(), decoded);
        assert!(Envelope::decode(&samples()[1].1.encode()).unwrap().entry.unknown.is_empty());
    }

    #[test]
    fn fields_that_a_newer_version_adds_last_are_written_down_byte_for_byte() {
        let mut newer = rmpv::decode::read_value(&mut &samples()[1].1.encode()[..]).unwrap();
        let rmpv::Value::Map(fields) = &mut newer else { panic!("an envelope is a map") };
        let entry = fields.iter_mut().find(|(name, _)| name.as_str() == Some("entry")).unwrap();
        let rmpv::Value::Map(entry) = &mut entry.1 else { panic!("an entry is a map") };
        entry.push(("urgency".into(), 2.into()));
        let event = entry.iter_mut().find(|(name, _)| name.as_str() == Some("event")).unwrap();
        let rmpv::Value::Map(event) = &mut event.1 else { panic!("an event is a map") };
        event.extend([("language".into(), "zh".into()), ("format".into(), "markdown".into())]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &newer).unwrap();
        assert_eq!(Envelope::decode(&bytes).unwrap().encode(), bytes);
    }

    #[test]
    fn a_damaged_event_of_a_known_kind_is_an_error_and_never_passed_over() {
        let mut bytes: serde_json::Value = from_msgpack(&samples()[0].1.encode()).unwrap();
        bytes["entry"]["event"] = serde_json::json!({"kind": "assigned", "agent": 5});
        assert!(
            matches!(Envelope::decode(&to_msgpack(&bytes)), Err(EnvelopeError::DamagedEvent(kind)) if kind == "assigned")
        );
        bytes["v"] = 2.into();
        assert!(matches!(Envelope::decode(&to_msgpack(&bytes)), Err(EnvelopeError::TooNew(2))));
        assert!(matches!(Envelope::decode(b"\xc1"), Err(EnvelopeError::Malformed(_))));
    }

    #[test]
    fn each_kind_that_a_command_can_cause_is_listed_as_known() {
        let conversation = Conversation::default();
        let request = Request {
            client_id: ClientId(Uuid::from_u128(1)),
            principal: frontdesk_domain::Principal::Contact(ContactId(Uuid::nil())),
            author_name: String::new(),
            command: Command::open(InboxId(Uuid::nil())),
            repeat: false,
        };
        let Ok(Decision::Append(entry)) =
            conversation.decide(&RecentRequests::default(), &request, InboxRules::default(), Timestamp(0))
        else {
            panic!("an open is accepted")
        };
        assert_eq!(entry.visibility, Visibility::Public);
        assert!(KNOWN_KINDS.contains(&entry.event.kind()));
    }
}
