//! Frames, with no more of them read than a load test looks at.

use frontdesk_protocol::socket::{ClientFrame, Codec};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;
use uuid::{Builder, Uuid};

/// A frame from the server, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Frame<'a> {
    /// What it is.
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
}

/// An entry, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Said {
    /// Its number.
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

/// Writes a frame.
pub(crate) fn encode(codec: Codec, frame: &ClientFrame) -> Message {
    let bytes = codec.encode_client(frame);
    match codec {
        Codec::Json => Message::Text(bytes.try_into().expect("JSON is UTF-8")),
        Codec::MessagePack => Message::Binary(bytes),
    }
}

/// A UUIDv7 that says which message it names, and grows with its number.
pub(crate) fn client_id(run_ms: u64, number: usize) -> Uuid {
    let mut bits = [0_u8; 10];
    bits[4..].copy_from_slice(&(number as u64).to_be_bytes()[2..]);
    Builder::from_unix_timestamp_millis(run_ms, &bits).into_uuid()
}

/// Which message a name made by [`client_id`] for this run names; `None` for any other name.
pub(crate) fn number(run_ms: u64, id: Uuid) -> Option<usize> {
    let number = (id.as_u128() & 0xffff_ffff_ffff) as usize;
    (client_id(run_ms, number) == id).then_some(number)
}

#[cfg(test)]
mod tests {
    use frontdesk_protocol::socket::ServerFrame;

    use super::*;

    #[test]
    fn names_say_which_message_they_name_and_grow_with_it() {
        let run = 1_700_000_000_123;
        for message in [0, 1, 255, 256, 70_000, 1 << 40] {
            assert_eq!(number(run, client_id(run, message)), Some(message));
            assert!(client_id(run, message) < client_id(run, message + 1));
        }
        assert_eq!(client_id(run, 5).get_version_num(), 7);
        assert_eq!(number(run, Uuid::now_v7()), None);
        assert_eq!(number(run + 1, client_id(run, 5)), None);
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
