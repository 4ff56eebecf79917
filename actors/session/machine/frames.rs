//! Frames from the peer: each is decoded, checked against the session's phase and rate, and acted upon. And frames for
//! it that other actors made.

use std::time::Duration;

use frontdesk_domain::{ConversationId, EntryAuthor, Principal, Reach, ReceiptKind};
use frontdesk_ports::EntryRange;
use frontdesk_protocol::socket::{
    ClientFrame, CloseCode, EntryView, ErrorCode, FrameError, MAX_ENTRIES, PresenceState, RejectCode, ServerFrame,
};

use super::{Act, Env, Question, Reading, SessionMachine, Watching, commands::rejected};
use crate::{
    conversation::{Broadcast, ReadError},
    session::{closing::Shut, feed::FeedAnswer, phase::Step},
};

/// Takes in what arrived over the socket.
impl SessionMachine {
    /// A frame of the peer.
    pub(in crate::session) fn handle_frame(&mut self, bytes: &[u8], env: Env<'_>) -> Option<Act> {
        let frame = match self.codec.decode(bytes) {
            Ok(frame) => frame,
            Err(error) => return self.refuse_frame(error, env),
        };
        match self.phase.step(frame) {
            Step::Authenticate(token, audience) => Some(Act::Authenticate(token, audience)),
            Step::Act(frame) => self.take(frame, env),
            Step::Leave => Some(Act::Close(Shut::new(CloseCode::Normal, "bye"))),
            Step::OutOfOrder(detail) => self.refuse_order(detail, env),
            Step::Ignore => None,
        }
    }

    /// A frame for subscribers of a conversation, or for all sessions of an agent.
    pub(in crate::session) fn handle_push(&mut self, broadcast: &Broadcast, env: Env<'_>) -> Option<Act> {
        if let Some(left) = broadcast.conversation().filter(|it| !self.subscriptions.contains(it)) {
            // It was on its way when this session left, or the leave was lost in a full mailbox.
            return self.key(left).map(Act::Leave);
        }
        if matches!(broadcast.frame(), ServerFrame::Feed { .. })
            && let Some(catching_up) = &mut self.catching_up
        {
            catching_up.on_missed();
        }
        self.write(broadcast.bytes(self.codec), env);
        match broadcast.frame() {
            ServerFrame::Hidden { conversation } => self.leave(*conversation),
            // The question may have been asked with rights that changed before it was answered.
            ServerFrame::Recovered { conversation, .. } | ServerFrame::Reset { conversation, .. } if self.renewed => {
                self.renew(vec![*conversation])
            }
            _ => None,
        }
    }

    /// Tells watched conversations what the principal may do now.
    pub(super) fn renew(&self, conversations: Vec<ConversationId>) -> Option<Act> {
        let principal = self.identity()?.principal.clone();
        let keys = conversations.into_iter().filter_map(|conversation| self.key(conversation));
        Some(Act::Renew(keys.collect(), principal))
    }

    /// The first page of a conversation is on its way to the session, or the conversation cannot be watched.
    pub(in crate::session) fn handle_watched(
        &mut self,
        conversation: ConversationId,
        refused: Option<ReadError>,
        env: Env<'_>,
    ) {
        if let Some(error) = refused {
            self.subscriptions.remove(&conversation);
            self.tell_read_error(error, conversation, env);
        }
        self.flow.on_page_sent();
    }

    /// The answer to [`Act::Range`]: entries, and whether more lie in that direction.
    pub(in crate::session) fn handle_range(
        &mut self,
        conversation: ConversationId,
        page: Result<(Vec<EntryView>, bool), ReadError>,
        env: Env<'_>,
    ) {
        match page {
            Ok((entries, more)) => self.tell(&ServerFrame::Range { conversation, entries, more }, env),
            Err(error) => self.tell_read_error(error, conversation, env),
        }
        self.flow.on_page_sent();
    }

    /// The session asks for more history than the desk can read now.
    pub(in crate::session) fn handle_range_shed(&mut self, conversation: ConversationId, env: Env<'_>) {
        self.tell_error(ErrorCode::Unavailable, "the desk is busy", Some(conversation), env);
        self.flow.on_page_sent();
    }

    /// The answer to [`Act::CatchUp`].
    pub(in crate::session) fn handle_feed(&mut self, mut answer: FeedAnswer, env: Env<'_>) {
        let (complete, relisted, next) = (answer.is_complete(), answer.has_lists_read(), answer.next());
        self.catching_up.get_or_insert_default().on_answered(complete, relisted, next);
        if let Some(reach) = self.identity().and_then(|identity| Reach::of_reader(&identity.principal)) {
            answer.keep_within(&reach);
        }
        self.tell(&answer.into_frame(), env);
        self.flow.on_page_sent();
    }
}

impl SessionMachine {
    fn take(&mut self, frame: ClientFrame, env: Env<'_>) -> Option<Act> {
        let rationed = !matches!(frame, ClientFrame::Ping {} | ClientFrame::Pong {});
        if rationed && let Err(wait) = self.bucket.take(env.settings, env.monotonic) {
            self.refuse_rate(&frame, wait, env);
            return None;
        }
        match frame {
            ClientFrame::Ping {} => {
                self.tell(&ServerFrame::Pong {}, env);
                None
            }
            ClientFrame::Delivered { conversation, up_to_seq } => {
                self.receipt(conversation, ReceiptKind::Delivered, up_to_seq)
            }
            ClientFrame::Read { conversation, up_to_seq } => self.receipt(conversation, ReceiptKind::Read, up_to_seq),
            ClientFrame::Typing { conversation, active } => self.typing(conversation, active),
            ClientFrame::Presence { state } => self.set_presence(state, env),
            ClientFrame::Resume { conversation, epoch, last_seq } => self.resume(conversation, epoch, last_seq, env),
            ClientFrame::Range { conversation, after_seq, before_seq, limit } => {
                self.range(conversation, (after_seq, before_seq), limit, env)
            }
            ClientFrame::Leave { conversation } => self.leave(conversation),
            ClientFrame::Feed { cursor } => self.feed(cursor, env),
            ClientFrame::Pong {} | ClientFrame::Hello { .. } | ClientFrame::Bye {} => None,
            command => self.command(command, env),
        }
    }

    fn receipt(&mut self, conversation: ConversationId, kind: ReceiptKind, up_to_seq: u64) -> Option<Act> {
        if !self.subscriptions.contains(&conversation) {
            return None;
        }
        self.receipts.hold(conversation, kind, up_to_seq);
        Some(Act::PassReceipts)
    }

    fn typing(&self, conversation: ConversationId, active: bool) -> Option<Act> {
        let (identity, key) = (self.identity()?, self.key(conversation)?);
        let author = EntryAuthor { member: identity.principal.participant(), name: identity.name.to_string() };
        self.subscriptions.contains(&conversation).then_some(Act::Typing { key, author, active })
    }

    fn set_presence(&mut self, state: PresenceState, env: Env<'_>) -> Option<Act> {
        let agent = matches!(self.identity()?.principal, Principal::Agent(..));
        match state {
            PresenceState::Online | PresenceState::Away if agent => {}
            _ => {
                let (code, detail) = if agent {
                    (ErrorCode::Invalid, "one can be `online` or `away`")
                } else {
                    (ErrorCode::Forbidden, "only agents say whether they are there")
                };
                self.tell_error(code, detail, None, env);
                return None;
            }
        }
        let changed = std::mem::replace(&mut self.presence, state) != state;
        self.phase.note_away(state == PresenceState::Away);
        self.heartbeat.on_present(env.monotonic);
        Some(Act::ChoosePresence(if changed { self.subscriptions.all() } else { Vec::new() }))
    }

    /// Watches a conversation, from what the client holds on.
    pub(super) fn resume(
        &mut self,
        conversation: ConversationId,
        epoch: Option<String>,
        last_seq: u64,
        env: Env<'_>,
    ) -> Option<Act> {
        let (principal, key) = (self.identity()?.principal.clone(), self.key(conversation)?);
        if let Err(full) = self.subscriptions.insert(conversation) {
            self.tell_error(ErrorCode::RateLimited, full.to_string(), Some(conversation), env);
            return None;
        }
        self.flow.on_page_asked();
        Some(Act::Watch(Watching { key, principal, epoch, last_seq, presence: self.presence }))
    }

    fn range(
        &mut self,
        conversation: ConversationId,
        bounds: (Option<u64>, Option<u64>),
        limit: Option<u16>,
        env: Env<'_>,
    ) -> Option<Act> {
        let (principal, key) = (self.identity()?.principal.clone(), self.key(conversation)?);
        let range = match bounds {
            (Some(after), None) => EntryRange::After(after),
            (None, Some(before)) => EntryRange::Before(before),
            _ => {
                let detail = "give either `after_seq` or `before_seq`";
                self.tell_error(ErrorCode::Invalid, detail, Some(conversation), env);
                return None;
            }
        };
        self.flow.on_page_asked();
        Some(Act::Range(Reading { key, principal, range, limit: limit.map_or(MAX_ENTRIES, usize::from) }))
    }

    pub(super) fn leave(&mut self, conversation: ConversationId) -> Option<Act> {
        let key = self.key(conversation).filter(|_| self.subscriptions.contains(&conversation))?;
        self.subscriptions.remove(&conversation);
        Some(Act::Leave(key))
    }

    fn feed(&mut self, cursor: Option<String>, env: Env<'_>) -> Option<Act> {
        let identity = self.identity()?;
        let (tenant, reach) = (identity.tenant, Reach::of_reader(&identity.principal));
        let Some(reach) = reach else {
            self.tell_error(ErrorCode::Forbidden, "only agents have a feed", None, env);
            return None;
        };
        let Some(known) = self.catching_up.get_or_insert_default().on_asked() else {
            self.tell_error(ErrorCode::RateLimited, "the last `feed` is not answered yet", None, env);
            return None;
        };
        self.flow.on_page_asked();
        Some(Act::CatchUp(Question { tenant, reach, cursor, known }))
    }
}

/// What is refused.
impl SessionMachine {
    fn refuse_order(&mut self, detail: &str, env: Env<'_>) -> Option<Act> {
        let too_many = self.count_malformed(env);
        if too_many.is_none() {
            self.tell_error(ErrorCode::OutOfOrder, detail, None, env);
        }
        too_many
    }

    fn refuse_frame(&mut self, error: FrameError, env: Env<'_>) -> Option<Act> {
        metrics::counter!("desk_frames_refused_total").increment(1);
        let too_many = self.count_malformed(env);
        if too_many.is_none() {
            let frame = match error.client_id {
                Some(client_id) => rejected(client_id, RejectCode::Invalid, error.detail, None),
                None => ServerFrame::Error { code: error.code, detail: error.detail, conversation: None },
            };
            self.tell(&frame, env);
        }
        too_many
    }

    /// Malformed frames count against the rate as well; beyond it they close the socket with 1008.
    fn count_malformed(&mut self, env: Env<'_>) -> Option<Act> {
        let too_many = self.bucket.take(env.settings, env.monotonic).is_err();
        too_many.then_some(Act::Close(Shut::new(CloseCode::Policy, "nonsense")))
    }

    fn refuse_rate(&mut self, frame: &ClientFrame, wait: Duration, env: Env<'_>) {
        let retry_after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
        match frame.client_id() {
            Some(client_id) => {
                let detail = "too many requests from this socket".to_owned();
                self.tell(&rejected(client_id, RejectCode::RateLimited, detail, Some(retry_after_ms)), env);
            }
            None => {
                self.tell_error(ErrorCode::RateLimited, "too many frames from this socket", frame.conversation(), env);
            }
        }
    }

    fn tell_read_error(&mut self, error: ReadError, conversation: ConversationId, env: Env<'_>) {
        let code = match error {
            ReadError::NotFound => ErrorCode::NotFound,
            ReadError::Unavailable => ErrorCode::Unavailable,
        };
        self.tell_error(code, error.to_string(), Some(conversation), env);
    }
}
