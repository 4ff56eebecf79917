//! A frame for many sockets: encoded once per codec, however many watch.

use std::sync::{Arc, OnceLock};

use actix::Message;
use bytes::Bytes;
use frontdesk_domain::ConversationId;
use frontdesk_protocol::socket::{Codec, ServerFrame};

/// A frame and its encodings, made when first asked for.
#[derive(Debug)]
pub struct Broadcast {
    about: Option<ConversationId>,
    frame: ServerFrame,
    json: OnceLock<Bytes>,
    message_pack: OnceLock<Bytes>,
}

impl Broadcast {
    /// A frame for several sessions, encoded once for each codec.
    #[must_use]
    pub fn new(frame: ServerFrame) -> Arc<Self> {
        Arc::new(Self { about: None, frame, json: OnceLock::new(), message_pack: OnceLock::new() })
    }

    /// A frame for those who watch `conversation`.
    #[must_use]
    pub fn about(conversation: ConversationId, frame: ServerFrame) -> Arc<Self> {
        Arc::new(Self { about: Some(conversation), frame, json: OnceLock::new(), message_pack: OnceLock::new() })
    }

    /// The conversation that one must watch to be told.
    #[must_use]
    pub const fn conversation(&self) -> Option<ConversationId> {
        self.about
    }

    /// The frame as `codec` writes it.
    #[must_use]
    pub fn bytes(&self, codec: Codec) -> Bytes {
        let cell = match codec {
            Codec::Json => &self.json,
            Codec::MessagePack => &self.message_pack,
        };
        cell.get_or_init(|| codec.encode(&self.frame)).clone()
    }

    /// The frame that is broadcast.
    #[must_use]
    pub const fn frame(&self) -> &ServerFrame {
        &self.frame
    }
}

/// Hands a frame to a session, to be written to its socket.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Push(pub Arc<Broadcast>);
