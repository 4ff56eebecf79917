//! What a session needs of the socket that carries its frames. The two kinds of sockets are in [`crate::transport`].

use actix::{MailboxError, Message, Recipient};
use bytes::Bytes;
use frontdesk_protocol::socket::CloseCode;

/// Frames for a socket. Answered when there is room for more: that is the credit for the next batch.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) enum Outgoing {
    /// Frames to be written.
    Batch(Vec<Bytes>),
    /// The last frames, after which the socket is closed.
    Last {
        /// Frames to be written before the close frame.
        frames: Vec<Bytes>,
        /// Status code of the close frame.
        code: CloseCode,
        /// Reason in the close frame.
        reason: &'static str,
    },
}

/// The socket of a session, whichever kind it is.
pub(super) struct Transport(Recipient<Outgoing>);

impl Transport {
    pub(super) const fn new(socket: Recipient<Outgoing>) -> Self {
        Self(socket)
    }

    /// Writes `batch`; resolves when there is room for the next. Fails if the socket is gone.
    pub(super) fn transmit(&self, batch: Vec<Bytes>) -> impl Future<Output = Result<(), MailboxError>> + use<> {
        self.0.send(Outgoing::Batch(batch))
    }

    /// Writes `frames`, then closes.
    pub(super) fn finish(&self, frames: Vec<Bytes>, code: CloseCode, reason: &'static str) {
        // The mailbox has room: besides this message, one batch at most is on its way.
        let _gone = self.0.try_send(Outgoing::Last { frames, code, reason });
    }
}
