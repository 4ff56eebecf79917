//! Frames, with no more of them read than a load test looks at.

use frontdesk_protocol::socket::{ClientFrame, Codec};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;
use uuid::{Builder, Uuid};

use crate::clock::Micros;

/// A frame from the server, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame<'a> {
    /// Kind of the frame.
    #[serde(rename = "type", borrow)]
    pub(crate) kind: &'a str,
    /// Which request it answers.
    #[serde(default)]
    pub(crate) client_id: Option<Uuid>,
    /// Which conversation it is about.
    #[serde(default)]
    pub(crate) conversation: Option<Uuid>,
    /// An accepted entry's number.
    #[serde(default)]
    pub(crate) seq: u64,
    /// How far a watermark has come.
    #[serde(default)]
    pub(crate) up_to_seq: u64,
    /// When to try again, if at all.
    #[serde(default)]
    pub(crate) retryable: bool,
    /// In how many milliseconds.
    #[serde(default)]
    pub(crate) retry_after_ms: Option<u64>,
    /// What was said or happened.
    #[serde(default)]
    pub(crate) entry: Option<Said>,
    /// What was said and happened, oldest first.
    #[serde(default)]
    pub(crate) entries: Vec<Said>,
    /// Whether more of it is there.
    #[serde(default)]
    pub(crate) more: bool,
    /// To be sent with the next `resume`.
    #[serde(default)]
    pub(crate) epoch: Option<String>,
    /// When to come back, from a server that goes.
    #[serde(default)]
    pub(crate) retry_in_ms: Option<u64>,
    /// Why it was refused.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// Who won, for a lost claim.
    #[serde(default)]
    pub(crate) winner: Option<Winner>,
}

/// Who won a claim, by its entry's number.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Winner {
    pub(crate) seq: u64,
}

/// An entry, as far as it matters here.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Said {
    /// Number of the entry in its conversation.
    pub(crate) seq: u64,
    /// The number before it.
    pub(crate) prev: u64,
    /// The sender's name for it.
    pub(crate) client_id: Uuid,
}

impl<'a> Frame<'a> {
    /// Reads a message; `None` if it is no frame.
    pub(crate) fn read(message: &'a Message) -> Option<Self> {
        match message {
            Message::Text(text) => serde_json::from_str(text).ok(),
            Message::Binary(bytes) => {
                // Ids are text in either codec.
                let mut reader = rmp_serde::Deserializer::from_read_ref(bytes).with_human_readable();
                Self::deserialize(&mut reader).ok()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
impl Frame<'static> {
    /// Reads a text that is a frame.
    pub(crate) fn read_test(text: &'static str) -> Self {
        serde_json::from_str(text).unwrap()
    }
}

/// Encodes a frame with `codec`.
pub(crate) fn encode(codec: Codec, frame: &ClientFrame) -> Message {
    let bytes = codec.encode_client(frame);
    match codec {
        Codec::Json => Message::Text(bytes.try_into().expect("JSON is UTF-8")),
        Codec::MessagePack => Message::Binary(bytes),
    }
}

/// How messages of a run are named: a UUIDv7 of the moment when the message is due, that also says which message it
/// names. Of one conversation they grow with time, as the names that widgets and consoles make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Names {
    /// Milliseconds since 1970 when this machine's clock of microseconds was at 0.
    pub(crate) epoch_ms: u64,
    pub(crate) generator: u16,
}

impl Names {
    /// The name of a message, by the numbers of its conversation and of itself, and when it is due.
    pub(crate) fn name(self, conversation: usize, index: usize, due: Micros) -> Uuid {
        let mut bits = [0_u8; 10];
        bits[1] = self.generator as u8;
        // The variant takes two bits of the first of these bytes: conversations are numbered up to 2^30.
        bits[2..6].copy_from_slice(&(conversation as u32).to_be_bytes());
        bits[6..].copy_from_slice(&(index as u32).to_be_bytes());
        Builder::from_unix_timestamp_millis(self.epoch_ms + due / 1000, &bits).into_uuid()
    }

    /// Which message of its conversation a name names, if it is one of ours.
    pub(crate) const fn index(id: Uuid) -> usize {
        (id.as_u128() & 0xffff_ffff) as usize
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_protocol::socket::ServerFrame;

    use super::*;

    #[test]
    fn names_say_which_message_they_name_and_grow_with_time() {
        let names = Names { epoch_ms: 1_700_000_000_123, generator: 3 };
        for conversation in [0, 1, 70_000, (1 << 30) - 1] {
            for message in [0, 1, 255, 256, 70_000, 1 << 31] {
                let name = names.name(conversation, message, 5_000);
                assert_eq!(Names::index(name), message);
                assert_ne!(names.name(conversation + 1, message, 5_000), name);
                assert_ne!(Names { generator: 4, ..names }.name(conversation, message, 5_000), name);
                assert!(name < names.name(conversation, message + 1, 5_000));
                assert!(names.name(conversation, message + 1, 5_000) < names.name(conversation, 0, 6_000));
            }
        }
        assert_eq!(names.name(1, 5, 0).get_version_num(), 7);
    }

    #[test]
    fn frames_are_read_whatever_else_they_hold() {
        let text = r#"{"type":"message","conversation":"00000000-0000-0000-0000-000000000002","entry":{"seq":4,"prev":3,
            "at":5,"author":{"member":{"kind":"contact","id":"00000000-0000-0000-0000-000000000003"},"name":"\u00e9"},
            "client_id":"00000000-0000-0000-0000-000000000001","event":{"kind":"message_sent","text":"a \"b\""}}}"#;
        let frame: ServerFrame = serde_json::from_str(text).unwrap();
        for codec in Codec::ALL {
            let bytes = codec.encode(&frame);
            let message = match codec {
                Codec::Json => Message::Text(bytes.try_into().unwrap()),
                Codec::MessagePack => Message::Binary(bytes),
            };
            let frame = Frame::read(&message).unwrap();
            assert_eq!((frame.kind, frame.conversation), ("message", Some(Uuid::from_u128(2))));
            let said = frame.entry.unwrap();
            assert_eq!((said.seq, said.prev, said.client_id), (4, 3, Uuid::from_u128(1)));
        }
        assert!(Frame::read(&Message::text("nonsense")).is_none());
    }
}
