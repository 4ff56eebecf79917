//! What crosses a wire: log envelopes, what bridges bring, socket frames and the WebSocket protocol below them, agents'
//! feed, acknowledgements, and their codecs.
//!
//! These types are contracts with other processes, other versions and other people's programs. Byte samples in
//! `samples/` pin them. Nothing here does IO. `domain` must not depend on this crate; everything that speaks to the
//! outside may.

pub mod ack;
pub mod bridge;
pub mod codes;
pub mod event;
pub mod feed;
pub mod log;
pub mod socket;
pub mod surrogates;
pub mod websocket;

pub use ack::{Ack, AckKind};
pub use bridge::{BridgeContact, BridgeError, BridgeMessage};
pub use codes::{ProblemCode, RejectCode};
pub use event::{EventError, EventRecord};
pub use feed::FeedItem;
// A row of a list stands in frames and feed items as it is.
pub use frontdesk_domain::ConversationSummary;
pub use log::{Envelope, EnvelopeError};
