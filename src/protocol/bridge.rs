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
//! - Control characters but tab and line ends are taken out of `text`, and all of them out of name and e-mail address.
//!   Half of a surrogate pair, as in a split SMS, becomes U+FFFD. In `id`, `contact.id` and `thread`, which tell
//!   messages and people apart, neither is taken.
//! - Tenant and inbox stand in the subject and nowhere else. Unknown fields are passed over.
//!
//! [`schema()`] gives the JSON Schema; the server serves it. What breaks these rules becomes a dead letter, with the
//! reason.

use std::fmt;

use frontdesk_domain::{MessageText, TextError, text::clean_line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    log::from_msgpack,
    surrogates::{mended_json, mended_msgpack},
};

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
    /// What was written: 1 to 16384 bytes with something to see in them, once control characters are taken out.
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
    /// No half of a surrogate pair.
    NoHalfPair,
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
        let (Version { v }, _) = read(bytes)?;
        if v != u64::from(Self::VERSION) {
            return Err(BridgeError::OtherVersion(v));
        }
        let (mut message, is_mended): (Self, bool) = read(bytes)?;
        let names = [
            ("id", message.id.as_str(), 128),
            ("contact.id", &message.contact.id, 256),
            ("thread", message.thread.as_deref().unwrap_or("-"), 128),
        ];
        for (field, name, most) in names {
            line(field, name, 1..=most)?;
            // Two names that differ in such halves only would become one.
            if is_mended && name.contains(char::REPLACEMENT_CHARACTER) {
                return Err(BridgeError::Field { field, rule: TextRule::NoHalfPair });
            }
        }
        let BridgeContact { name, email, .. } = &mut message.contact;
        for (field, given, most) in [("contact.name", name, 100), ("contact.email", email, 254)] {
            *given = given.take().map(|given| clean_line(&given));
            line(field, given.as_deref().unwrap_or_default(), 0..=most)?;
        }
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
            Self::NoHalfPair => f.write_str("must have no half of a surrogate pair"),
            Self::Message(error) => error.fmt(f),
        }
    }
}

/// Read first, so that a later version is named and not called malformed.
#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// Reads a record, and tells whether halves of surrogate pairs were replaced in it. No MessagePack map begins with a
/// byte that a JSON object can begin with.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, bool), BridgeError> {
    let is_json = match bytes.first() {
        Some(b'{' | b' ' | b'\t' | b'\r' | b'\n') => true,
        Some(0x80..=0x8f | 0xde | 0xdf) => false,
        _ => return Err(BridgeError::Malformed("neither a JSON object nor a MessagePack map".to_owned())),
    };
    let parse = |bytes: &[u8]| {
        if is_json { serde_json::from_slice(bytes).map_err(malformed) } else { from_msgpack(bytes).map_err(malformed) }
    };
    match parse(bytes) {
        Ok(value) => Ok((value, false)),
        Err(refused) => {
            let mended = if is_json { mended_json(bytes) } else { mended_msgpack(bytes) };
            Ok((parse(&mended.ok_or(refused)?)?, true))
        }
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
        let cases: [(&str, Value, &str, TextRule); 11] = [
            ("/id", json!(""), "id", NotEmpty),
            ("/id", json!("x".repeat(129)), "id", AtMost(128)),
            ("/id", json!("a\nb"), "id", NoControl),
            ("/contact/id", json!(""), "contact.id", NotEmpty),
            ("/contact/id", json!("김".repeat(257)), "contact.id", AtMost(256)),
            ("/contact/name", json!("n".repeat(101)), "contact.name", AtMost(100)),
            ("/thread", json!(""), "thread", NotEmpty),
            ("/thread", json!("t".repeat(129)), "thread", AtMost(128)),
            ("/text", json!(" \n"), "text", Message(TextError::Empty)),
            ("/text", json!("\u{0}\u{200b}"), "text", Message(TextError::Empty)),
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
    fn a_text_with_control_characters_or_half_an_emoji_is_taken_without_them() {
        for (written, expected) in [
            ("a\\u0000b", "ab"),
            ("a\\u000bb", "ab"),
            ("a\\u0085b", "ab"),
            ("hi \\ud83d", "hi \u{fffd}"),
            ("\\ude42 \\ud83d\\ude42", "\u{fffd} 🙂"),
        ] {
            let contact = r#""contact":{"id":"b","name":"Kim\u0000\ud83d\ne\u0301","email":"k\u0000@x.test"}"#;
            let bytes = format!(r#"{{"v":1,"id":"a",{contact},"text":"{written}"}}"#).into_bytes();
            let (message, text) = BridgeMessage::decode(&bytes).unwrap();
            assert_eq!(text.as_str(), expected, "{written}");
            assert_eq!(message.contact.name.as_deref(), Some("Kim\u{fffd} \u{e9}"));
            assert_eq!(message.contact.email.as_deref(), Some("k@x.test"));
        }
        let whole = BridgeMessage { text: "hi \u{fffd}".to_owned(), ..sample() };
        let mut bytes = to_msgpack(&whole);
        let at = bytes.windows(3).position(|three| three == "\u{fffd}".as_bytes()).unwrap();
        bytes[at..at + 3].copy_from_slice(&[0xed, 0xa0, 0xbd]);
        assert_eq!(BridgeMessage::decode(&bytes).unwrap().0, whole);
    }

    #[test]
    fn half_an_emoji_in_what_tells_messages_or_people_apart_is_refused() {
        for (id, contact, thread, field) in
            [("a\\ud83d", "b", "c", "id"), ("a", "b\\ud83d", "c", "contact.id"), ("a", "b", "c\\ud83d", "thread")]
        {
            let json =
                format!(r#"{{"v":1,"id":"{id}","contact":{{"id":"{contact}"}},"thread":"{thread}","text":"d"}}"#);
            let refused = Err(BridgeError::Field { field, rule: TextRule::NoHalfPair });
            assert_eq!(BridgeMessage::decode(json.as_bytes()), refused);
        }
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
