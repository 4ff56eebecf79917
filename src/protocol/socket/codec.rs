//! Frames to bytes and back.

use bytes::Bytes;
use frontdesk_domain::ClientId;
use serde::{Deserialize, de::DeserializeOwned};

use super::{client::ClientFrame, server::ServerFrame};
use crate::codes::ErrorCode;
use crate::log::{from_msgpack, to_msgpack};
use crate::surrogates::{mended_json, mended_msgpack};

/// How frames are written; the client picks one by its subprotocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// `frontdesk.v1.json`, in text frames.
    Json,
    /// `frontdesk.v1.msgpack`, in binary frames.
    MessagePack,
}

/// Bytes that are no frame a client may send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct FrameError {
    /// What was wrong.
    pub code: ErrorCode,
    /// What was wrong, for people. Names a field at most, never anything of the server.
    pub detail: String,
    /// The request's name, where it could be made out: then the answer is `rejected`.
    pub client_id: Option<ClientId>,
}

impl Codec {
    /// All codecs, the preferred first.
    pub const ALL: [Self; 2] = [Self::Json, Self::MessagePack];

    /// The name of the subprotocol.
    #[must_use]
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "frontdesk.v1.json",
            Self::MessagePack => "frontdesk.v1.msgpack",
        }
    }

    /// Writes a frame of the server.
    #[must_use]
    pub fn encode(self, frame: &ServerFrame) -> Bytes {
        match self {
            Self::Json => serde_json::to_vec(frame).expect("our own types always encode").into(),
            Self::MessagePack => to_msgpack(frame).into(),
        }
    }

    /// Reads a frame of a client.
    ///
    /// # Errors
    /// [`FrameError`] says what was wrong, for the client.
    pub fn decode(self, bytes: &[u8]) -> Result<ClientFrame, FrameError> {
        // Derived code would take an array of the fields as well.
        if self.is_array(bytes) {
            return Err(self.malformed());
        }
        self.read(bytes).map_err(|detail| self.explain(bytes, detail))
    }

    /// Writes a frame of a client; for clients.
    #[must_use]
    pub fn encode_client(self, frame: &ClientFrame) -> Bytes {
        match self {
            Self::Json => serde_json::to_vec(frame).expect("our own types always encode").into(),
            Self::MessagePack => to_msgpack(frame).into(),
        }
    }

    /// Reads a frame of the server; for clients. `None` for a frame of a newer version.
    #[must_use]
    pub fn decode_server(self, bytes: &[u8]) -> Option<ServerFrame> {
        self.read(bytes).ok()
    }

    fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, String> {
        let parse = |bytes: &[u8]| match self {
            Self::Json => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
            Self::MessagePack => from_msgpack(bytes).map_err(|error| error.to_string()),
        };
        parse(bytes).or_else(|refused| {
            let mended = match self {
                Self::Json => mended_json(bytes),
                Self::MessagePack => mended_msgpack(bytes),
            };
            mended.map_or(Err(refused), |mended| parse(&mended))
        })
    }

    fn malformed(self) -> FrameError {
        let format = if self == Self::Json { "JSON" } else { "MessagePack" };
        let detail = format!("the frame is not a {format} map with a text `type`");
        FrameError { code: ErrorCode::Malformed, detail, client_id: None }
    }

    fn is_array(self, bytes: &[u8]) -> bool {
        match self {
            Self::Json => bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'['),
            Self::MessagePack => matches!(bytes.first(), Some(0x90..=0x9f | 0xdc | 0xdd)),
        }
    }

    /// Only on the way of errors: reads once more, leniently, to say what was wrong.
    fn explain(self, bytes: &[u8], detail: String) -> FrameError {
        let Ok(probe) = self.read::<Probe>(bytes) else { return self.malformed() };
        let client_id = probe.client_id.and_then(|id| id.0);
        // Fields have variants too.
        if detail.contains(&format!("unknown variant `{}`", probe.kind)) {
            let name: String = probe.kind.chars().filter(|c| !c.is_control()).take(40).collect();
            let detail = format!("no frame has the type `{name}`");
            return FrameError { code: ErrorCode::UnknownFrame, detail, client_id };
        }
        let detail = detail.chars().filter(|c| !c.is_control()).take(200).collect();
        FrameError { code: ErrorCode::Invalid, detail, client_id }
    }
}

#[derive(Deserialize)]
struct Probe {
    #[serde(rename = "type")]
    kind: String,
    client_id: Option<Lenient>,
}

/// A client id if it is one; anything else is passed over.
struct Lenient(Option<ClientId>);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> serde::de::Visitor<'de> for Any {
            type Value = Lenient;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }
            fn visit_str<E>(self, text: &str) -> Result<Lenient, E> {
                Ok(Lenient(text.parse().ok()))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }
            fn visit_bytes<E>(self, _: &[u8]) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }
            fn visit_unit<E>(self) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Lenient, A::Error> {
                while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(Lenient(None))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Lenient, A::Error> {
                while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
                Ok(Lenient(None))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
