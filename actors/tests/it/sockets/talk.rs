//! Conversations over sockets, from command to broadcast.

use std::time::Duration;

use frontdesk_domain::{AgentId, ConversationKey, Event, Inbox, InboxKind, InboxRules, Timestamp};
use frontdesk_memory::AppendFault;
use frontdesk_ports::{ConversationStore, Feed, FeedTarget, Inboxes as _, MessageLog as _};
use frontdesk_protocol::{
    ConversationSummary, FeedItem,
    socket::{ClientFrame, Codec, ErrorCode, PresenceState, RejectCode, ServerFrame},
};
use uuid::Uuid;

use super::{
    client::{client_id, say},
    server::{Server, Transport, on_both_transports},
};
use crate::participants::Person;

on_both_transports! {
    opening_is_accepted_then_watched_and_what_is_said_comes_to_all
    a_contact_sees_no_note_and_may_write_none
    a_part_that_is_not_taken_yet_is_refused_with_its_kind
    a_disabled_inbox_takes_no_new_conversation_and_those_that_exist_go_on
    a_lost_claim_is_told_who_won
    a_conversation_is_handed_to_agents_who_exist_only
    refusals_of_the_log_are_told_for_what_they_are_and_doubt_is_silence
    who_left_hears_nothing_more_and_who_only_acts_does_not_watch
    receipts_typing_and_presence_go_to_the_other_side
    agents_hear_on_every_device_of_what_they_do_not_watch
}

async fn opening_is_accepted_then_watched_and_what_is_said_comes_to_all(on: Transport) {
    let server = Server::start(on).await;
    let (contact, ada) = (Person::contact("Lin"), Person::supervisor("Ada"));
    let mut widget = server.welcome(&contact).await;
    let id = client_id();
    widget.send(&ClientFrame::Open { client_id: id }).await;
    let ServerFrame::Accepted { client_id, conversation, seq: 1, .. } = widget.next().await else { panic!() };
    assert_eq!(client_id, id);
    let ServerFrame::Recovered { entries, more: false, state, .. } = widget.next().await else { panic!() };
    assert!(matches!(entries[0].event, Event::Opened { .. }) && entries.len() == 1);
    assert_eq!(state.last_seq, 1);

    let mut console = server.welcome_with(&ada, Codec::MessagePack).await;
    assert!(matches!(console.watch(conversation).await, ServerFrame::Recovered { .. }));
    // The sender learns `accepted` before it sees its own entry.
    let sent = say(conversation, "hello");
    widget.send(&sent).await;
    let told = [next_of_talk(&mut widget).await, next_of_talk(&mut widget).await];
    let [ServerFrame::Accepted { seq: 2, .. }, ServerFrame::Message { entry, .. }] = &told else { panic!("{told:?}") };
    assert_eq!((Some(entry.client_id), entry.seq, entry.prev), (sent.client_id(), 2, 1));
    assert_eq!(console.texts(1).await, ["hello"]);
    console.say(conversation, "good day").await;
    assert_eq!(widget.texts(1).await, ["good day"]);
}

/// The next frame that is about what was said.
async fn next_of_talk(client: &mut super::client::Client) -> ServerFrame {
    client.until(|frame| (!matches!(frame, ServerFrame::Presence { .. })).then(|| frame.clone())).await
}

async fn a_contact_sees_no_note_and_may_write_none(on: Transport) {
    let server = Server::start(on).await;
    let (contact, ada) = (Person::contact("Lin"), Person::supervisor("Ada"));
    let mut widget = server.welcome(&contact).await;
    let conversation = widget.open().await;
    let mut console = server.welcome(&ada).await;
    console.watch(conversation).await;
    let text = frontdesk_domain::MessageText::new("between us").unwrap();
    let note = ClientFrame::Note { client_id: client_id(), conversation, text, parts: vec![], repeat: false };
    assert!(matches!(console.ask(&note).await, ServerFrame::Accepted { seq: 2, .. }));
    console.say(conversation, "for both").await;
    let ServerFrame::Message { entry, .. } = next_of_talk(&mut widget).await else { panic!() };
    assert_eq!((entry.event.text(), entry.prev, entry.seq), (Some("for both"), 1, 3));
    let answer = widget.ask(&note).await;
    assert!(
        matches!(answer, ServerFrame::Rejected { code: RejectCode::Forbidden, retryable: false, .. }),
        "{answer:?}"
    );
}

async fn a_part_that_is_not_taken_yet_is_refused_with_its_kind(on: Transport) {
    let server = Server::start(on).await;
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let say = |parts: &str| ClientFrame::Say {
        client_id: client_id(),
        conversation,
        text: frontdesk_domain::MessageText::new("see this").unwrap(),
        parts: serde_json::from_str(parts).unwrap(),
        repeat: false,
    };
    for (parts, expected) in [
        (r#"[{"kind":"quote","seq":1}]"#, RejectCode::UnsupportedPart),
        (r#"[{"kind":"hologram"}]"#, RejectCode::UnsupportedPart),
        (r#"[{"kind":"quote","seq":"first"}]"#, RejectCode::Invalid),
    ] {
        let answer = widget.ask(&say(parts)).await;
        let refused = matches!(&answer, ServerFrame::Rejected { code, retryable: false, .. } if *code == expected);
        assert!(refused, "{parts}: {answer:?}");
    }
    let one_text = widget.ask(&say(r#"[{"kind":"text","text":"hello"}]"#)).await;
    assert!(matches!(one_text, ServerFrame::Accepted { seq: 2, .. }), "nothing was logged before: {one_text:?}");
}

async fn a_disabled_inbox_takes_no_new_conversation_and_those_that_exist_go_on(on: Transport) {
    let server = Server::start(on).await;
    let (mut lin, mut kim) =
        (server.welcome(&Person::contact("Lin")).await, server.welcome(&Person::contact("Kim")).await);
    let conversation = lin.open().await;
    let set_active = async |active| {
        let inbox = Inbox {
            id: server.world.doorkeeper.inbox,
            tenant: server.world.doorkeeper.tenant,
            kind: InboxKind::WEB,
            active,
            name: "Shop".to_owned(),
            greeting: String::new(),
            origins: Vec::new(),
            created_at: Timestamp(0),
        };
        server.world.store.put_inbox(&inbox).await.unwrap();
    };
    set_active(false).await;
    let open = ClientFrame::Open { client_id: client_id() };
    let answer = kim.ask(&open).await;
    let refused = matches!(answer, ServerFrame::Rejected { code: RejectCode::InboxDisabled, retryable: false, .. });
    assert!(refused, "{answer:?}");
    lin.say(conversation, "still here").await;
    assert_eq!(lin.texts(1).await, ["still here"]);
    // While the database cannot say so, the request is to be repeated.
    server.world.store.set_available(false);
    let answer = kim.ask(&open).await;
    assert!(
        matches!(answer, ServerFrame::Rejected { code: RejectCode::Unavailable, retryable: true, .. }),
        "{answer:?}"
    );
    server.world.store.set_available(true);
    set_active(true).await;
    let answer = kim.ask(&open).await;
    assert!(matches!(answer, ServerFrame::Accepted { seq: 1, .. }), "nothing was logged before: {answer:?}");
}

async fn a_lost_claim_is_told_who_won(on: Transport) {
    let server = Server::start(on).await;
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo"));
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let (mut first, mut second) = (server.welcome(&ada).await, server.welcome(&bo).await);
    let claim = || ClientFrame::Claim { client_id: client_id(), conversation, repeat: false };
    assert!(matches!(first.ask(&claim()).await, ServerFrame::Accepted { seq: 2, .. }));
    let ServerFrame::Rejected { code: RejectCode::AlreadyClaimed, winner: Some(winner), .. } =
        second.ask(&claim()).await
    else {
        panic!()
    };
    assert_eq!((winner.agent, winner.name.as_str(), winner.seq), (ada.agent_id(), "Ada", 2));
}

async fn a_conversation_is_handed_to_agents_who_exist_only(on: Transport) {
    let server = Server::start(on).await;
    let sol = Person::supervisor("Sol");
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let mut console = server.welcome(&sol).await;
    let unknown = AgentId(Uuid::now_v7());
    let assign = ClientFrame::Assign { client_id: client_id(), conversation, agent: unknown, repeat: false };
    let answer = console.ask(&assign).await;
    assert!(matches!(answer, ServerFrame::Rejected { code: RejectCode::NoSuchAgent, .. }), "{answer:?}");
    server.world.store.set_available(false);
    let assign = ClientFrame::Transfer { client_id: client_id(), conversation, agent: unknown, repeat: false };
    let answer = console.ask(&assign).await;
    assert!(
        matches!(answer, ServerFrame::Rejected { code: RejectCode::Unavailable, retryable: true, .. }),
        "{answer:?}"
    );
}

async fn refusals_of_the_log_are_told_for_what_they_are_and_doubt_is_silence(on: Transport) {
    let server = Server::start(on).await;
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    for (fault, wanted, retryable) in [
        (AppendFault::Full, RejectCode::LogFull, true),
        (AppendFault::TooLarge, RejectCode::TooLarge, false),
        (AppendFault::Unavailable, RejectCode::Unavailable, true),
    ] {
        server.world.log.fail_next_append(fault);
        let answer = widget.ask(&say(conversation, "never")).await;
        let ServerFrame::Rejected { code, retryable: told, retry_after_ms, .. } = answer else { panic!("{answer:?}") };
        assert_eq!((code, told, retry_after_ms.is_some()), (wanted, retryable, retryable));
    }
    server.world.log.fail_next_append(AppendFault::AnswerLost);
    assert_eq!(widget.say(conversation, "landed").await, 2);
}

async fn who_left_hears_nothing_more_and_who_only_acts_does_not_watch(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::supervisor("Ada");
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let mut console = server.welcome(&ada).await;
    // It stands as asked already, which is logged; no session asked to watch.
    let reopen = ClientFrame::Reopen { client_id: client_id(), conversation, repeat: false };
    assert!(matches!(console.ask(&reopen).await, ServerFrame::Accepted { seq: 2, .. }));
    console.send(&ClientFrame::Ping {}).await;
    assert_eq!(console.next().await, ServerFrame::Pong {});

    console.watch(conversation).await;
    widget.say(conversation, "one").await;
    assert_eq!(console.texts(1).await, ["one"]);
    console.send(&ClientFrame::Leave { conversation }).await;
    console.send(&ClientFrame::Ping {}).await;
    console.until(|frame| (*frame == ServerFrame::Pong {}).then_some(())).await;
    widget.say(conversation, "two").await;
    console.send(&ClientFrame::Ping {}).await;
    assert_eq!(console.next().await, ServerFrame::Pong {});
}

async fn receipts_typing_and_presence_go_to_the_other_side(on: Transport) {
    let server = Server::start(on).await;
    let (contact, ada) = (Person::contact("Lin"), Person::agent("Ada"));
    let mut widget = server.welcome(&contact).await;
    let conversation = widget.open().await;
    let mut console = server.welcome(&ada).await;
    console.watch(conversation).await;
    let contact_there = ServerFrame::Presence { member: contact.member(), state: PresenceState::Online };
    console.until(|frame| (*frame == contact_there).then_some(())).await;
    console.ask(&ClientFrame::Claim { client_id: client_id(), conversation, repeat: false }).await;
    let ada_there = ServerFrame::Presence { member: ada.member(), state: PresenceState::Online };
    widget.until(|frame| (*frame == ada_there).then_some(())).await;

    console.send(&ClientFrame::Read { conversation, up_to_seq: 2 }).await;
    let read = ServerFrame::Read { conversation, member: ada.member(), up_to_seq: 2 };
    widget.until(|frame| (*frame == read).then_some(())).await;
    console.send(&ClientFrame::Typing { conversation, active: true }).await;
    widget.until(|frame| matches!(frame, ServerFrame::Typing { active: true, .. }).then_some(())).await;

    let world = &server.world;
    let hidden = InboxRules { typing_indicator: false, ..InboxRules::default() };
    world.inbox_rules.set(world.doorkeeper.tenant, world.doorkeeper.inbox, hidden);
    for from_console in [true, false] {
        let (from, to) = if from_console { (&mut console, &mut widget) } else { (&mut widget, &mut console) };
        from.send(&ClientFrame::Typing { conversation, active: true }).await;
        // What is said after it comes without it.
        from.say(conversation, "said").await;
        let next = to.until(|frame| match frame {
            ServerFrame::Typing { .. } => Some("typing"),
            ServerFrame::Message { .. } => Some("message"),
            _ => None,
        });
        assert_eq!(next.await, "message", "the inbox does not show who is typing");
    }

    console.send(&ClientFrame::Presence { state: PresenceState::Away }).await;
    let away = ServerFrame::Presence { member: ada.member(), state: PresenceState::Away };
    widget.until(|frame| (*frame == away).then_some(())).await;
    console.send(&ClientFrame::Presence { state: PresenceState::Offline }).await;
    let refused = |frame: &ServerFrame| match frame {
        ServerFrame::Error { code, .. } => Some(*code),
        _ => None,
    };
    assert_eq!(console.until(refused).await, ErrorCode::Invalid);
    widget.send(&ClientFrame::Presence { state: PresenceState::Away }).await;
    assert_eq!(widget.until(refused).await, ErrorCode::Forbidden);

    drop(console);
    let gone = ServerFrame::Presence { member: ada.member(), state: PresenceState::Offline };
    widget.until(|frame| (*frame == gone).then_some(())).await;
}

async fn agents_hear_on_every_device_of_what_they_do_not_watch(on: Transport) {
    let server = Server::start(on).await;
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo"));
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let (tenant, log) = (server.world.doorkeeper.tenant, &server.world.log);
    let key = ConversationKey { tenant, conversation };
    let (mut desk, mut phone) = (server.welcome(&ada).await, server.welcome_with(&ada, Codec::MessagePack).await);
    let mut other = server.welcome(&bo).await;
    server.world.persist(key, false).await;
    let snapshot = server.world.store.load(key).await.unwrap().unwrap();
    let mut summary = ConversationSummary::of(conversation, &snapshot.conversation).unwrap();
    let conversation_frame = |frame: &ServerFrame| match frame {
        ServerFrame::Conversation { summary } => Some(summary.last_at),
        _ => None,
    };
    // The roster listens from the first agent's arrival on, a moment after the welcome.
    let item = FeedItem::row(summary.clone());
    crate::time::eventually("the feed is received", async || {
        log.publish(tenant, FeedTarget::Everyone, &item).await.unwrap();
        tokio::time::timeout(Duration::from_millis(50), other.until(conversation_frame)).await.ok()
    })
    .await;
    summary.last_at = Timestamp(7);
    log.publish(tenant, FeedTarget::Agent(ada.agent_id()), &FeedItem::row(summary.clone())).await.unwrap();
    for client in [&mut desk, &mut phone] {
        client.until(|frame| conversation_frame(frame).filter(|at| *at == Timestamp(7))).await;
    }
    summary.last_at = Timestamp(8);
    log.publish(tenant, FeedTarget::Everyone, &FeedItem::row(summary)).await.unwrap();
    let next = other.until(|frame| conversation_frame(frame).filter(|at| at.0 < 100)).await;
    assert_eq!(next, Timestamp(8), "what was for Ada alone did not come here");
    let _ = log.durability();
}
