//! Bridge protocol v1: what a bridge publishes to `desk.in.<tenant>.<inbox>`, one message of a channel in one record.
//!
//! ```json
//! {
//!   "v": 1,
//!   "id": "wamid.HBgL",
//!   "contact": { "id": "+44 20 7946 0000", "name": "Kim", "email": "kim@example.test" },
//!   "thread": "order 4711",
//!   "text": "Where is my order?"
//! }
//! ```
//!
//! - JSON or MessagePack with the same field names; the first byte tells which of the two it is, so `Content-Type` need
//!   not be sent. At most 256 KiB, also when compressed (`Content-Encoding: zstd`).
//! - `id` is the channel's or the bridge's own name for the message. The same id in the same inbox is the same message
//!   for ever: it may be published as often as need be and is filed once. With another text it becomes a dead letter
//!   with the reason `id_reuse`.
//! - `contact.id` is the person's address in the channel. Messages of one address are filed in the order in which the
//!   broker took them: publish one only when the one before it is acknowledged.
//! - `thread` keeps several conversations with one person apart. Without it there is one, which a message after its end
//!   reopens.
//! - `contact.name` and `contact.email` are for agents to read; the first that are given stay.
//! - Tenant and inbox stand in the subject and nowhere else. Unknown fields are passed over.
//!
//! [`schema()`] gives the JSON Schema; the server serves it. What breaks these rules becomes a dead letter, with the
//! reason.

use std::fmt;

use frontdesk_domain::{MessageText, TextError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::log::from_msgpack;

/// One message of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BridgeMessage {
    /// Version of the payload: [`BridgeMessage::VERSION`].
    pub v: u16,
    /// The channel's own name for the message: 1 to 128 characters, no control characters.
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    /// Who wrote it.
    pub contact: BridgeContact,
    /// Which of several conversations with that person: 1 to 128 characters, no control characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub thread: Option<String>,
    /// What was written: 1 to 16384 bytes, not blank, no control characters but tab and line ends.
    pub text: String,
}

/// The contact who writes through a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BridgeContact {
    /// The address in that channel: 1 to 256 characters, no control characters.
    #[schemars(length(min = 1, max = 256))]
    pub id: String,
    /// The name, if the channel knows one: at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub name: Option<String>,
    /// The e-mail address, if the channel knows one: at most 254 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 254))]
    pub email: Option<String>,
}

/// Bytes that are no message of a bridge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// Neither a JSON object nor a MessagePack map, or not of the shape.
    #[error("not a message of a bridge: {0}")]
    Malformed(String),
    /// Of a version that this one cannot read.
    #[error("the message has version {0}, this build reads version {known}", known = BridgeMessage::VERSION)]
    OtherVersion(u64),
    /// A field whose text breaks a rule.
    #[error("{field}: {rule}")]
    Field {
        /// Name of the field, as in the payload.
        field: &'static str,
        /// The rule that its text breaks.
        rule: TextRule,
    },
}

/// A rule for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRule {
    /// It must be there.
    NotEmpty,
    /// No longer than so many characters.
    AtMost(usize),
    /// No control characters.
    NoControl,
    /// What holds for every message: [`MessageText`].
    Message(TextError),
}

impl BridgeMessage {
    /// The version read and written here.
    pub const VERSION: u16 = 1;

    /// Reads a record, and checks every field of it.
    ///
    /// # Errors
    /// [`BridgeError`] says what was wrong. It quotes nothing that people wrote.
    pub fn decode(bytes: &[u8]) -> Result<(Self, MessageText), BridgeError> {
        let Version { v } = read(bytes)?;
        if v != u64::from(Self::VERSION) {
            return Err(BridgeError::OtherVersion(v));
        }
        let message: Self = read(bytes)?;
        let BridgeContact { id: address, name, email } = &message.contact;
        line("id", &message.id, 1..=128)?;
        line("contact.id", address, 1..=256)?;
        line("contact.name", name.as_deref().unwrap_or_default(), 0..=100)?;
        line("contact.email", email.as_deref().unwrap_or_default(), 0..=254)?;
        line("thread", message.thread.as_deref().unwrap_or("-"), 1..=128)?;
        let text = MessageText::new(message.text.as_str());
        let text = text.map_err(|error| BridgeError::Field { field: "text", rule: TextRule::Message(error) })?;
        Ok((message, text))
    }
}

/// JSON Schema (2020-12) of a [`BridgeMessage`].
#[must_use]
pub fn schema() -> Value {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let message = generator.subschema_for::<BridgeMessage>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Frontdesk bridge protocol v1",
        "description": "What a bridge publishes to desk.in.<tenant>.<inbox>, as JSON or MessagePack.",
        "allOf": [message],
        "$defs": generator.definitions(),
    })
}

impl fmt::Display for TextRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty => f.write_str("must not be empty"),
            Self::AtMost(characters) => write!(f, "must have {characters} characters at most"),
            Self::NoControl => f.write_str("must have no control characters"),
            Self::Message(error) => error.fmt(f),
        }
    }
}

/// Read first, so that a later version is named and not called malformed.
#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// No MessagePack map begins with a byte that a JSON object can begin with.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BridgeError> {
    match bytes.first() {
        Some(b'{' | b' ' | b'\t' | b'\r' | b'\n') => serde_json::from_slice(bytes).map_err(malformed),
        Some(0x80..=0x8f | 0xde | 0xdf) => from_msgpack(bytes).map_err(malformed),
        _ => Err(BridgeError::Malformed("neither a JSON object nor a MessagePack map".to_owned())),
    }
}

/// Libraries quote what they found there, up to the whole of it.
fn malformed(error: impl fmt::Display) -> BridgeError {
    let said = error.to_string();
    let quoted = said.find(": string").or_else(|| said.find("unknown variant"));
    let said = &said[..quoted.unwrap_or(said.len())];
    BridgeError::Malformed(said.chars().filter(|c| !c.is_control()).take(200).collect())
}

fn line(field: &'static str, text: &str, characters: std::ops::RangeInclusive<usize>) -> Result<(), BridgeError> {
    let count = text.chars().count();
    let rule = if count < *characters.start() {
        TextRule::NotEmpty
    } else if count > *characters.end() {
        TextRule::AtMost(*characters.end())
    } else if text.contains(char::is_control) {
        TextRule::NoControl
    } else {
        return Ok(());
    };
    Err(BridgeError::Field { field, rule })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::to_msgpack;

    fn sample() -> BridgeMessage {
        BridgeMessage {
            v: 1,
            id: "wamid.42".to_owned(),
            contact: BridgeContact {
                id: "+44 20 7946 0000".to_owned(),
                name: Some("Kim 김".to_owned()),
                email: Some("kim@example.test".to_owned()),
            },
            thread: Some("order 4711".to_owned()),
            text: "Where is\nmy order? 在哪里".to_owned(),
        }
    }

    #[test]
    fn the_bytes_of_version_1_are_pinned_in_both_formats() {
        for (name, bytes) in [("json", serde_json::to_vec(&sample()).unwrap()), ("msgpack", to_msgpack(&sample()))] {
            let path = format!("{}/samples/bridge-v1.{name}", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("WRITE_SAMPLES").is_some() {
                std::fs::write(&path, &bytes).unwrap();
            }
            let pinned = std::fs::read(&path).unwrap();
            assert_eq!(BridgeMessage::decode(&pinned).unwrap().0, sample(), "{name} still reads");
            assert_eq!(bytes, pinned, "{name} is still written the same");
        }
    }

    #[test]
    fn only_what_is_needed_must_be_there_and_what_is_unknown_is_passed_over() {
        let message = json!({"v": 1, "id": "a", "contact": {"id": "b", "vip": true}, "text": "c", "at": [1, {}]});
        let expected = BridgeMessage {
            v: 1,
            id: "a".to_owned(),
            contact: BridgeContact { id: "b".to_owned(), name: None, email: None },
            thread: None,
            text: "c".to_owned(),
        };
        for bytes in [format!(" {message}").into_bytes(), to_msgpack(&message)] {
            let (read, text) = BridgeMessage::decode(&bytes).unwrap();
            assert_eq!((&read, text.as_str()), (&expected, "c"));
        }
    }

    #[test]
    fn each_rule_that_is_broken_is_named() {
        use TextRule::{AtMost, Message, NoControl, NotEmpty};
        let cases: [(&str, Value, &str, TextRule); 12] = [
            ("/id", json!(""), "id", NotEmpty),
            ("/id", json!("x".repeat(129)), "id", AtMost(128)),
            ("/id", json!("a\nb"), "id", NoControl),
            ("/contact/id", json!(""), "contact.id", NotEmpty),
            ("/contact/id", json!("김".repeat(257)), "contact.id", AtMost(256)),
            ("/contact/name", json!("n".repeat(101)), "contact.name", AtMost(100)),
            ("/contact/email", json!("a\u{0}b"), "contact.email", NoControl),
            ("/thread", json!(""), "thread", NotEmpty),
            ("/thread", json!("t".repeat(129)), "thread", AtMost(128)),
            ("/text", json!(" \n"), "text", Message(TextError::Empty)),
            ("/text", json!("a\u{0}b"), "text", Message(TextError::Control)),
            ("/text", json!("x".repeat(16_385)), "text", Message(TextError::TooLong { max_bytes: 16_384 })),
        ];
        for (place, value, field, rule) in cases {
            let mut message = serde_json::to_value(sample()).unwrap();
            *message.pointer_mut(place).unwrap() = value;
            for bytes in [message.to_string().into_bytes(), to_msgpack(&message)] {
                assert_eq!(BridgeMessage::decode(&bytes), Err(BridgeError::Field { field, rule }), "{place}");
            }
        }
        let longest = BridgeMessage { id: "字".repeat(128), text: "x".repeat(16_384), ..sample() };
        assert!(BridgeMessage::decode(&to_msgpack(&longest)).is_ok());
    }

    #[test]
    fn what_is_no_message_is_refused_without_quoting_it() {
        let secret = "my password is swordfish";
        let mut wrong = vec![
            b"hello".to_vec(),
            Vec::new(),
            b"[1]".to_vec(),
            b"{".to_vec(),
            b"{}".to_vec(),
            vec![0xc1],
            vec![0xdf, 0xff, 0xff, 0xff, 0xff],
            format!("{}{}", "{\"v\":1,\"x\":".repeat(4_000), "1").into_bytes(),
            b"{\"v\":1,\"v\":1,\"id\":\"a\",\"contact\":{\"id\":\"b\"},\"text\":\"c\"}".to_vec(),
        ];
        for place in ["/v", "/contact", "/contact/name"] {
            let mut message = serde_json::to_value(sample()).unwrap();
            *message.pointer_mut(place).unwrap() =
                json!(if place == "/contact/name" { json!([secret]) } else { json!(secret) });
            wrong.extend([message.to_string().into_bytes(), to_msgpack(&message)]);
        }
        for bytes in wrong {
            let error = BridgeMessage::decode(&bytes).unwrap_err();
            assert!(matches!(error, BridgeError::Malformed(_)), "{error}");
            assert!(!error.to_string().contains("swordfish"), "{error}");
        }
        assert_eq!(
            BridgeMessage::decode(br#"{"v":2,"from":"b"}"#),
            Err(BridgeError::OtherVersion(2)),
            "whatever else it holds"
        );
    }
}
