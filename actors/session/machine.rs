//! The protocol of one session, as a pure state machine: no actor, no clock, no IO.
//!
//! The methods are of four kinds:
//! - getters, such as [`identity`](SessionMachine::identity);
//! - `handle_*`: something arrived, such as a frame of the peer or the answer to a command. They return what is to be
//!   done about it, if anything;
//! - commands of the owner: [`welcome`](SessionMachine::welcome), [`close`](SessionMachine::close),
//!   [`depart`](SessionMachine::depart);
//! - `poll_*`: frames for the socket ([`poll_transmit`](SessionMachine::poll_transmit)), and what time brings
//!   ([`poll_deadline`](SessionMachine::poll_deadline), [`poll_timeout`](SessionMachine::poll_timeout)).
//!
//! After each call of the second and third kind, `poll_transmit` and `resume_reading` are called.

mod act;
mod commands;
mod deadline;
mod entering;
mod frames;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use frontdesk_config::SessionSettings;
use frontdesk_domain::{ConversationId, ConversationKey, ReceiptKind, Timestamp};
use frontdesk_ports::{Identity, TokenAudience};
use frontdesk_protocol::socket::{Codec, ErrorCode, PresenceState, ServerFrame};
use tokio::sync::oneshot;
use uuid::Uuid;

pub(super) use self::act::{Act, Departure, HandOver, Opening, Question, Reading, Watching};
pub(super) use self::commands::Unreadable;
use super::{
    catching_up::CatchingUp,
    flow::Flow,
    heartbeat::{Heartbeat, Intervals},
    outbox::{Limits, Outbox},
    phase::Phase,
    rate::Bucket,
    receipts::HeldReceipts,
    subscriptions::Subscriptions,
};

/// The protocol of one session.
pub(super) struct SessionMachine {
    id: Uuid,
    codec: Codec,
    /// When it connected, for display.
    since: Timestamp,
    phase: Phase,
    outbox: Outbox,
    flow: Flow,
    bucket: Bucket,
    heartbeat: Heartbeat,
    presence: PresenceState,
    /// Whether it is an agent's, by the kind of token that it accepts.
    of_agent: bool,
    /// Whether the principal's rights changed while it was connected.
    renewed: bool,
    subscriptions: Subscriptions,
    /// Receipts that wait until the desk is less busy.
    receipts: HeldReceipts,
    /// Of agents' sessions that have asked for their feed.
    catching_up: Option<Box<CatchingUp>>,
}

/// The moment of a call, and the settings that are the same for all sessions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Env<'a> {
    /// Limits of sessions.
    pub(super) settings: &'a SessionSettings,
    /// The wall clock.
    pub(super) wall: Timestamp,
    /// The monotonic clock.
    pub(super) monotonic: Duration,
}

/// What to do with the socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Transmit {
    /// Write these frames, then call `handle_written`.
    Batch(Vec<Bytes>),
    /// Close: the peer does not keep up, and frames for it were dropped. It resumes when it comes back.
    Lagging,
}

/// What the shell and the components ask of it; nothing changes.
impl SessionMachine {
    /// The session of a socket whose peer has not authenticated.
    pub(super) fn new(id: Uuid, audience: TokenAudience, codec: Codec, env: Env<'_>) -> Self {
        Self {
            id,
            codec,
            since: env.wall,
            phase: Phase::Arrived(audience),
            outbox: Outbox::default(),
            flow: Flow::default(),
            bucket: Bucket::new(env.monotonic),
            heartbeat: Heartbeat::new(env.monotonic),
            presence: PresenceState::Online,
            of_agent: audience == TokenAudience::Console,
            renewed: false,
            subscriptions: Subscriptions::default(),
            receipts: HeldReceipts::default(),
            catching_up: None,
        }
    }

    /// Id of the session.
    pub(super) const fn id(&self) -> Uuid {
        self.id
    }

    /// Who the peer is; `None` before `welcome` and after `close`.
    pub(super) const fn identity(&self) -> Option<&Identity> {
        self.phase.identity()
    }

    /// When it connected.
    pub(super) const fn since(&self) -> Timestamp {
        self.since
    }

    /// Whether the peer is there to answer.
    pub(super) const fn presence(&self) -> PresenceState {
        self.presence
    }

    /// Whether receipts are held back.
    pub(super) fn holds_receipts(&self) -> bool {
        !self.receipts.is_empty()
    }

    /// The heartbeat's intervals for this kind of session.
    pub(super) fn intervals(&self, settings: &SessionSettings) -> Intervals {
        Intervals::of(settings, self.of_agent)
    }

    /// The conversation's key in the tenant of the peer, once that is known.
    fn key(&self, conversation: ConversationId) -> Option<ConversationKey> {
        self.identity().map(|identity| ConversationKey { tenant: identity.tenant, conversation })
    }
}

/// The way to the socket.
impl SessionMachine {
    /// The next thing to do with the socket, if any.
    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        if self.outbox.take_overflowed() {
            return Some(Transmit::Lagging);
        }
        self.outbox.poll_batch().map(Transmit::Batch)
    }

    /// The socket has room for the next batch.
    pub(super) const fn handle_written(&mut self) {
        self.outbox.on_written();
    }

    /// What to wait for before the next frame is read, if the peer must wait: it does not take what it asked for, or
    /// the log does not take what it sends. Until then its frames wait in its socket and not here.
    pub(super) fn pause_reading(&mut self, settings: &SessionSettings) -> Option<oneshot::Receiver<()>> {
        self.flow.pause(self.outbox.is_crowded(limits(settings)))
    }

    /// Lets the socket be read again if the peer has caught up.
    pub(super) fn resume_reading(&mut self, settings: &SessionSettings) {
        self.flow.resume(self.outbox.is_crowded(limits(settings)));
    }

    /// All receipts that were held back for conversations that are still watched.
    pub(super) fn take_receipts(&mut self) -> Vec<(ConversationKey, ReceiptKind, u64)> {
        let held = self.receipts.take();
        let watched = held.filter(|(conversation, ..)| self.subscriptions.contains(conversation));
        watched.filter_map(|(conversation, kind, seq)| Some((self.key(conversation)?, kind, seq))).collect()
    }

    fn tell(&mut self, frame: &ServerFrame, env: Env<'_>) {
        self.write(self.codec.encode(frame), env);
    }

    fn tell_error(
        &mut self,
        code: ErrorCode,
        detail: impl Into<String>,
        conversation: Option<ConversationId>,
        env: Env<'_>,
    ) {
        self.tell(&ServerFrame::Error { code, detail: detail.into(), conversation }, env);
    }

    fn write(&mut self, frame: Bytes, env: Env<'_>) {
        if !self.phase.is_closing() {
            self.outbox.push(frame, limits(env.settings));
        }
    }
}

const fn limits(settings: &SessionSettings) -> Limits {
    Limits { frames: settings.outbox_frames, bytes: settings.outbox_limit_bytes }
}
