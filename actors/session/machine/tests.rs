//! The protocol of a session, without any actor.

use std::time::Duration;

use frontdesk_config::{SessionSettings, Settings};
use frontdesk_domain::{
    AgentId, ClientId, ContactId, ConversationId, InboxId, LoginId, Principal, Role, TenantId, Timestamp,
};
use frontdesk_ports::{AuthError, Identity, TokenAudience, TokenBinding, commands::ExecuteError};
use frontdesk_protocol::socket::{ClientFrame, Codec, ErrorCode, PresenceState, RejectCode, ServerFrame};
use uuid::Uuid;

use super::*;
use crate::{
    conversation::{Answered, Broadcast},
    session::closing::Shut,
};

/// A machine, its settings and its clock.
struct World {
    machine: SessionMachine,
    settings: SessionSettings,
    now: Duration,
}

impl World {
    fn new() -> Self {
        let settings = Settings::load(None, []).unwrap().session;
        let env = Env { settings: &settings, wall: Timestamp(0), monotonic: Duration::ZERO };
        let machine = SessionMachine::new(Uuid::nil(), TokenAudience::Console, Codec::Json, env);
        Self { machine, settings, now: Duration::ZERO }
    }

    /// A session that was welcomed as `principal`.
    fn welcomed(principal: Principal) -> Self {
        let mut world = Self::new();
        let entered = world.machine.handle_checked(Ok(identity(principal)));
        let Some(Act::Enter(identity)) = entered else { panic!("{entered:?}") };
        let act = world.with(|machine, env| machine.welcome(*identity, "epoch".to_owned(), env));
        assert!(matches!(act, Act::SayPresent(_)), "{act:?}");
        assert!(matches!(world.sent()[..], [ServerFrame::Welcome { .. }]));
        world
    }

    fn with<T>(&mut self, call: impl FnOnce(&mut SessionMachine, Env<'_>) -> T) -> T {
        let wall = Timestamp(i64::try_from(self.now.as_millis()).unwrap());
        call(&mut self.machine, Env { settings: &self.settings, wall, monotonic: self.now })
    }

    fn frame(&mut self, frame: &ClientFrame) -> Option<Act> {
        let bytes = serde_json::to_vec(frame).unwrap();
        self.with(|machine, env| machine.handle_frame(&bytes, env))
    }

    /// The frames that go to the socket now, which takes them at once.
    fn sent(&mut self) -> Vec<ServerFrame> {
        let Some(Transmit::Batch(batch)) = self.machine.poll_transmit() else { return Vec::new() };
        self.machine.handle_written();
        batch.iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect()
    }
}

fn identity(principal: Principal) -> Identity {
    let bound_to = principal.clone();
    Identity {
        tenant: TenantId(Uuid::nil()),
        principal,
        name: "Lin".into(),
        bound: match bound_to {
            Principal::Contact(_) => TokenBinding::Inbox(InboxId(Uuid::nil())),
            _ => TokenBinding::Login(LoginId(Uuid::nil())),
        },
        expires_at: Timestamp(60_000),
        away: false,
    }
}

fn contact() -> Principal {
    Principal::Contact(ContactId(Uuid::nil()))
}

fn agent() -> Principal {
    Principal::agent(AgentId(Uuid::nil()), Role::Agent)
}

fn conversation(number: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(number))
}

fn resume(number: u128) -> ClientFrame {
    ClientFrame::Resume { conversation: conversation(number), epoch: None, last_seq: 0 }
}

#[test]
fn a_token_is_asked_for_first_and_a_refused_one_closes_the_session() {
    let mut world = World::new();
    assert!(world.frame(&resume(1)).is_none(), "nothing is done before the token");
    assert!(matches!(world.sent()[..], [ServerFrame::Error { code: ErrorCode::OutOfOrder, .. }]));
    let act = world.frame(&ClientFrame::Hello { token: "token".to_owned() });
    assert!(matches!(act, Some(Act::Authenticate(token, TokenAudience::Console)) if token == "token"));
    let act = world.machine.handle_checked(Err(AuthError::Refused));
    assert!(matches!(act, Some(Act::Close(Shut { reason: "unauthorised", .. }))), "{act:?}");
    assert!(matches!(world.machine.handle_hello_timeout(), Some(Act::Close(Shut { reason: "no_hello", .. }))));
}

#[test]
fn a_token_that_was_checked_after_the_session_closed_opens_nothing() {
    let mut world = World::new();
    assert_eq!(world.machine.close(Shut::lagging()).map(|last| last.len()), Some(1), "`bye`");
    assert!(world.machine.depart().is_none(), "nothing is to be undone");
    assert!(world.machine.handle_checked(Ok(identity(contact()))).is_none());
    assert!(world.machine.handle_hello_timeout().is_none());
}

#[test]
fn a_session_closes_once_with_what_waited_and_sends_nothing_afterwards() {
    let mut world = World::welcomed(agent());
    assert!(matches!(world.frame(&resume(1)), Some(Act::Watch(_))));
    world.frame(&ClientFrame::Ping {});
    let last = world.machine.close(Shut::lagging()).unwrap();
    let last: Vec<ServerFrame> = last.iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect();
    assert!(matches!(last[..], [ServerFrame::Pong {}, ServerFrame::Bye { .. }]), "{last:?}");
    assert_eq!(world.machine.depart().unwrap().watched, [conversation(1)]);
    assert!(world.machine.depart().is_none() && world.machine.close(Shut::lagging()).is_none());
    assert!(world.frame(&ClientFrame::Ping {}).is_none());
    assert_eq!(world.machine.poll_transmit(), None);
}

#[test]
fn a_peer_that_does_not_read_is_closed_as_lagging_instead_of_filling_memory() {
    let mut world = World::welcomed(agent());
    world.settings.outbox_frames = 2;
    let pong = Broadcast::new(ServerFrame::Pong {});
    for _ in 0..2 {
        world.with(|machine, env| machine.handle_push(&pong, env));
    }
    assert!(matches!(world.machine.poll_transmit(), Some(Transmit::Batch(batch)) if batch.len() == 2));
    for _ in 0..3 {
        assert_eq!(world.machine.poll_transmit(), None, "one batch is under way at a time");
        world.with(|machine, env| machine.handle_push(&pong, env));
    }
    assert_eq!(world.machine.poll_transmit(), Some(Transmit::Lagging));
}

#[test]
fn what_is_told_of_a_conversation_reaches_only_a_session_that_watches_it() {
    let mut world = World::welcomed(agent());
    let told = Broadcast::about(conversation(1), ServerFrame::Pong {});
    let act = world.with(|machine, env| machine.handle_push(&told, env));
    assert!(matches!(act, Some(Act::Leave(key)) if key.conversation == conversation(1)), "it is not told again");
    assert_eq!(world.sent(), []);
    world.frame(&resume(1));
    assert!(world.with(|machine, env| machine.handle_push(&told, env)).is_none());
    assert_eq!(world.sent(), [ServerFrame::Pong {}]);
    assert!(matches!(world.frame(&ClientFrame::Leave { conversation: conversation(1) }), Some(Act::Leave(_))));
    assert!(world.frame(&ClientFrame::Leave { conversation: conversation(1) }).is_none());
}

#[test]
fn receipts_are_held_until_they_are_taken_and_dropped_with_their_conversation() {
    let mut world = World::welcomed(contact());
    let read = |up_to_seq| ClientFrame::Read { conversation: conversation(1), up_to_seq };
    assert!(world.frame(&read(1)).is_none(), "it does not watch the conversation");
    world.frame(&resume(1));
    for up_to_seq in [3, 5, 4] {
        assert!(matches!(world.frame(&read(up_to_seq)), Some(Act::PassReceipts)));
    }
    assert!(world.machine.holds_receipts());
    assert_eq!(world.with(|machine, env| machine.poll_timeout(env)), Duration::ZERO, "they are tried again soon");
    let taken = world.machine.take_receipts();
    assert!(matches!(taken[..], [(key, ReceiptKind::Read, 5)] if key.conversation == conversation(1)), "{taken:?}");
    world.frame(&read(6));
    world.frame(&ClientFrame::Leave { conversation: conversation(1) });
    assert_eq!(world.machine.take_receipts(), []);
}

#[test]
fn a_command_beyond_the_rate_is_refused_with_a_time_and_malformed_frames_beyond_it_close_the_session() {
    let mut world = World::welcomed(agent());
    (world.settings.commands_per_second, world.settings.commands_burst) = (1, 1);
    let claim = |id| ClientFrame::Claim {
        client_id: ClientId(Uuid::from_u128(id)),
        conversation: conversation(1),
        repeat: false,
    };
    assert!(matches!(world.frame(&claim(1)), Some(Act::Execute(..))));
    assert!(world.frame(&claim(2)).is_none());
    let sent = world.sent();
    assert!(
        matches!(sent[..], [ServerFrame::Rejected { code: RejectCode::RateLimited, retry_after_ms: Some(1_000), .. }]),
        "{sent:?}"
    );
    let act = world.with(|machine, env| machine.handle_frame(b"nonsense", env));
    assert!(matches!(act, Some(Act::Close(Shut { reason: "nonsense", .. }))), "{act:?}");
}

#[test]
fn a_socket_is_not_read_while_commands_wait_and_a_refused_one_waits_no_longer() {
    let mut world = World::welcomed(agent());
    let settings = world.settings.clone();
    for id in 0..16 {
        let client_id = ClientId(Uuid::from_u128(id));
        world.frame(&ClientFrame::Claim { client_id, conversation: conversation(1), repeat: false });
    }
    let mut resumed = world.machine.pause_reading(&settings).unwrap();
    let (client_id, result) = (ClientId(Uuid::nil()), Err(ExecuteError::Overloaded { retry_after_ms: 7 }));
    let answered = Answered { client_id, conversation: conversation(1), result };
    assert!(world.with(|machine, env| machine.handle_answer(answered, env)).is_none());
    world.machine.resume_reading(&settings);
    assert!(resumed.try_recv().is_ok());
    let sent = world.sent();
    assert!(matches!(sent[..], [ServerFrame::Rejected { retry_after_ms: Some(7), .. }]), "{sent:?}");
}

#[test]
fn only_agents_say_whether_they_are_there_and_subscribers_are_told_of_a_change_only() {
    let away = ClientFrame::Presence { state: PresenceState::Away };
    assert!(World::welcomed(contact()).frame(&away).is_none());
    let mut world = World::welcomed(agent());
    world.frame(&resume(1));
    assert!(matches!(world.frame(&away), Some(Act::ChoosePresence(tell)) if tell == [conversation(1)]));
    assert!(matches!(world.frame(&away), Some(Act::ChoosePresence(tell)) if tell.is_empty()));
}

#[test]
fn time_brings_a_ping_then_the_end_of_a_silent_peer_or_of_a_contacts_token() {
    let mut world = World::welcomed(agent());
    let deadline = |world: &mut World| world.with(|machine, env| machine.poll_deadline(env));
    assert!(deadline(&mut world).is_none());
    world.now = world.with(|machine, env| machine.poll_timeout(env));
    assert!(matches!(deadline(&mut world), Some(Act::SayPresent(_))), "presence is renewed with the ping");
    assert!(deadline(&mut world).is_none());
    assert_eq!(world.sent(), [ServerFrame::Ping {}]);
    world.now += world.settings.heartbeat_deadline;
    let mut acts = std::iter::from_fn(|| deadline(&mut world)).take(2);
    assert!(acts.any(|act| matches!(act, Act::Close(Shut { reason: "heartbeat", .. }))));

    let mut world = World::welcomed(contact());
    world.now = Duration::from_secs(60);
    assert!(matches!(deadline(&mut world), Some(Act::Close(Shut { reason: "expired", .. }))));
}
