//! Agents who may see a part of the conversations.

use std::time::Duration;

use frontdesk_domain::{Command, ConversationKey, ConversationSummary, Principal, Scope};
use frontdesk_ports::{ConversationStore as _, Feed as _, FeedTarget};
use frontdesk_protocol::{
    FeedItem,
    socket::{ClientFrame, ErrorCode, RejectCode, ServerFrame},
};

use super::{
    client::{self, Client},
    server::{Server, Transport, on_both_transports},
};
use crate::{participants::Person, world::accepted};

on_both_transports! {
    an_agent_hears_of_a_conversation_while_it_may_see_it_and_not_before_or_after
    what_was_missed_of_others_conversations_is_not_told_but_has_the_lists_read_anew
    a_right_that_is_taken_ends_the_watching_at_once
}

/// An agent who reads and answers its own conversations.
fn narrow(name: &str) -> Person {
    Person::agent(name).with_grants(Scope::Own)
}

fn assign(to: &Person) -> Command {
    Command::Assign { agent: to.agent_id(), name: to.name.clone() }
}

/// Publishes how a conversation stands, as the push worker does.
async fn publish(server: &Server, key: ConversationKey, former: &[&Person]) {
    server.world.persist(key, false).await;
    let snapshot = server.world.store.load(key).await.unwrap().unwrap();
    let summary = ConversationSummary::of(key.conversation, &snapshot.conversation).unwrap();
    let former_holders = former.iter().map(|person| person.agent_id()).collect();
    let item = FeedItem::Conversation { summary, former_holders };
    server.world.log.publish(key.tenant, FeedTarget::Everyone, &item).await.unwrap();
}

/// Asks for a pong, and gives all that came before it.
async fn before_pong(client: &mut Client) -> Vec<ServerFrame> {
    client.send(&ClientFrame::Ping {}).await;
    let mut before = Vec::new();
    loop {
        match client.next().await {
            ServerFrame::Pong {} => return before,
            frame => before.push(frame),
        }
    }
}

fn row(frame: &ServerFrame) -> Option<u64> {
    match frame {
        ServerFrame::Conversation { summary } => Some(summary.last_seq),
        _ => None,
    }
}

fn error_code(frame: &ServerFrame) -> Option<ErrorCode> {
    match frame {
        ServerFrame::Error { code, .. } => Some(*code),
        _ => None,
    }
}

async fn an_agent_hears_of_a_conversation_while_it_may_see_it_and_not_before_or_after(on: Transport) {
    let server = Server::start(on).await;
    let (ada, bo, eve) = (narrow("Ada"), Person::agent("Bo"), Person::supervisor("Eve"));
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let key = ConversationKey { tenant: server.world.doorkeeper.tenant, conversation: widget.open().await };
    let conversation = key.conversation;
    let (mut narrow, mut wide) = (server.welcome(&ada).await, server.welcome(&bo).await);
    crate::time::eventually("Bo is told of the conversation", async || {
        publish(&server, key, &[]).await;
        tokio::time::timeout(Duration::from_millis(50), wide.until(row)).await.ok()
    })
    .await;
    let heard = before_pong(&mut narrow).await;
    assert!(heard.iter().all(|frame| row(frame).is_none()), "{heard:?}");
    narrow.send(&ClientFrame::Resume { conversation, epoch: None, last_seq: 0 }).await;
    assert_eq!(narrow.until(error_code).await, ErrorCode::NotFound);
    let range = ClientFrame::Range { conversation, after_seq: Some(0), before_seq: None, limit: None };
    narrow.send(&range).await;
    assert_eq!(narrow.until(error_code).await, ErrorCode::NotFound);
    let refused = narrow.ask(&client::say(conversation, "hi")).await;
    assert!(matches!(refused, ServerFrame::Rejected { code: RejectCode::NotFound, .. }), "{refused:?}");

    let seq = accepted(&server.node, key, eve.asks(assign(&ada))).await;
    publish(&server, key, &[]).await;
    assert_eq!(narrow.until(row).await, seq, "it appears with its assignment");
    narrow.watch(conversation).await;
    accepted(&server.node, key, eve.asks(assign(&bo))).await;
    let hidden = ServerFrame::Hidden { conversation };
    let told = narrow
        .until(|frame| (*frame == hidden || matches!(frame, ServerFrame::Activity { .. })).then(|| frame.clone()));
    assert_eq!(told.await, hidden, "told without the entry that took it away");
    widget.say(conversation, "are you there?").await;
    publish(&server, key, &[&ada]).await;
    wide.until(|frame| row(frame).filter(|last| *last > seq + 1)).await;
    let told = narrow.until(|frame| (*frame == hidden || row(frame).is_some()).then(|| frame.clone())).await;
    assert_eq!(told, hidden, "also to sessions that watched it nowhere");
    let later = before_pong(&mut narrow).await;
    assert!(!later.iter().any(|frame| matches!(frame, ServerFrame::Message { .. } | ServerFrame::Conversation { .. })));
    server.stop().await;
}

async fn what_was_missed_of_others_conversations_is_not_told_but_has_the_lists_read_anew(on: Transport) {
    let server = Server::start(on).await;
    let (ada, eve) = (narrow("Ada"), Person::supervisor("Eve"));
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let key = ConversationKey { tenant: server.world.doorkeeper.tenant, conversation };
    let mut narrow = server.welcome(&ada).await;
    let feed = |frame: &ServerFrame| match frame {
        ServerFrame::Feed { cursor: Some(cursor), conversations, reset, .. } => {
            Some((cursor.clone(), conversations.len(), *reset))
        }
        _ => None,
    };
    narrow.send(&ClientFrame::Feed { cursor: None }).await;
    let (cursor, ..) = narrow.until(feed).await;
    server.world.persist(key, false).await;
    let mut narrow = server.welcome(&ada).await;
    narrow.send(&ClientFrame::Feed { cursor: Some(cursor) }).await;
    let (cursor, rows, reset) = narrow.until(feed).await;
    assert_eq!((rows, reset), (0, true), "a conversation that no agent holds changed while it was away");
    widget.say(conversation, "anybody there?").await;
    server.world.persist(key, false).await;
    narrow.send(&ClientFrame::Feed { cursor: Some(cursor) }).await;
    let (cursor, rows, reset) = narrow.until(feed).await;
    assert_eq!((rows, reset), (0, false), "the lists are read anew once, and others' changes passed over");
    accepted(&server.node, key, eve.asks(assign(&ada))).await;
    server.world.persist(key, false).await;
    narrow.send(&ClientFrame::Feed { cursor: Some(cursor) }).await;
    let (_, rows, reset) = narrow.until(feed).await;
    assert_eq!((rows, reset), (1, false), "one's own is told");
    server.stop().await;
}

async fn a_right_that_is_taken_ends_the_watching_at_once(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let conversation = widget.open().await;
    let mut console = server.welcome(&ada).await;
    console.watch(conversation).await;
    let Principal::Agent(_, role, membership) = narrow("Ada").principal else { panic!() };
    let demoted = Person { principal: Principal::Agent(ada.agent_id(), role, membership), ..ada };
    server.world.doorkeeper.introduce(&demoted);
    server.node.rights_changed();
    let standing = console.until(|frame| matches!(frame, ServerFrame::Standing { .. }).then_some(()));
    tokio::time::timeout(Duration::from_secs(1), standing).await.expect("within a second");
    console.until(|frame| (*frame == ServerFrame::Hidden { conversation }).then_some(())).await;
    widget.say(conversation, "are you there?").await;
    let later = before_pong(&mut console).await;
    assert!(!later.iter().any(|frame| matches!(frame, ServerFrame::Message { .. })), "{later:?}");
    server.stop().await;
}
