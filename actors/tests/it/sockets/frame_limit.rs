//! One setting bounds frames in both directions: what clients may send, and pages that the server sends.

use frontdesk_config::{SessionSettings, Settings};
use frontdesk_domain::{Command, MessageText, Tag};
use frontdesk_protocol::socket::{self, ClientFrame, Codec, ServerFrame};

use super::{
    client::Client,
    server::{Server, Transport, on_both_transports},
};
use crate::{
    participants::Person,
    world::{World, accepted},
};

on_both_transports! {
    the_lowest_limit_carries_the_largest_messages
    the_lowest_limit_carries_the_longest_rows
    pages_grow_with_the_limit
}

#[test]
fn the_lowest_limit_of_the_settings_is_that_of_the_protocol() {
    assert_eq!(SessionSettings::LOWEST_FRAME_LIMIT, socket::LOWEST_FRAME_LIMIT);
    let mut settings = Settings::load(None, []).unwrap();
    limit(&mut settings.session, SessionSettings::LOWEST_FRAME_LIMIT);
    settings.validate().unwrap();
    settings.session.outbox_limit_bytes -= 1;
    settings.validate().unwrap_err();
}

async fn the_lowest_limit_carries_the_largest_messages(on: Transport) {
    let server = with_limit(on, SessionSettings::LOWEST_FRAME_LIMIT).await;
    let contact = Person::contact("Lin");
    let key = server.world.open(&server.node, &contact).await;
    for _ in 0..6 {
        accepted(&server.node, key, contact.says(&"\"".repeat(MessageText::MAX_BYTES))).await;
        accepted(&server.node, key, contact.says(&"\"".repeat(MessageText::MAX_BYTES / 4))).await;
    }
    let conversation = key.conversation;
    let mut client = server.welcome(&contact).await;
    client.send(&ClientFrame::Resume { conversation, epoch: None, last_seq: 1 }).await;
    let mut held = 1;
    // Two pages are asked for at a time, which is what one socket may have on their way.
    while held < 13 {
        for _ in 0..2 {
            client
                .send(&ClientFrame::Range { conversation, after_seq: Some(held), before_seq: None, limit: None })
                .await;
        }
        for _ in 0..2 {
            let last = client.until(|frame| match frame {
                ServerFrame::Range { entries, .. } | ServerFrame::Recovered { entries, .. } => {
                    assert!(size(frame) <= SessionSettings::LOWEST_FRAME_LIMIT, "{} bytes", size(frame));
                    Some(entries.last().map_or(0, |entry| entry.seq))
                }
                _ => None,
            });
            held = last.await.max(held);
        }
    }
    assert_eq!(client.say(conversation, &"\"".repeat(MessageText::MAX_BYTES)).await, 14, "the limit holds both ways");
}

async fn the_lowest_limit_carries_the_longest_rows(on: Transport) {
    let server = with_limit(on, SessionSettings::LOWEST_FRAME_LIMIT).await;
    let (contact, ada) = (Person::contact("Lin"), Person::supervisor("Ada"));
    let mut console = server.welcome(&ada).await;
    let mut cursor = feed(&mut console, None).await.1;
    for _ in 0..12 {
        let key = server.world.open(&server.node, &contact).await;
        for number in 0..32 {
            let tag = Tag::new(format!("{number:02}{}", "\"".repeat(Tag::MAX_BYTES - 2))).unwrap();
            accepted(&server.node, key, ada.asks(Command::Tag { tag })).await;
        }
        server.world.persist(key, false).await;
    }
    let (mut rows, mut pages) = (0, 0);
    while rows < 12 {
        let (count, next) = feed(&mut console, cursor).await;
        assert!(count > 0);
        (rows, cursor, pages) = (rows + count, next, pages + 1);
    }
    assert_eq!(rows, 12);
    assert!(pages > 1, "{pages}");
}

async fn pages_grow_with_the_limit(on: Transport) {
    let server = with_limit(on, 256 * 1024).await;
    let contact = Person::contact("Lin");
    let key = server.world.open(&server.node, &contact).await;
    for _ in 0..10 {
        accepted(&server.node, key, contact.says(&"x".repeat(MessageText::MAX_BYTES))).await;
    }
    let mut client = server.welcome(&contact).await;
    let conversation = key.conversation;
    client.send(&ClientFrame::Range { conversation, after_seq: Some(0), before_seq: None, limit: None }).await;
    let count = client.until(|frame| match frame {
        ServerFrame::Range { entries, .. } => Some(entries.len()),
        _ => None,
    });
    assert_eq!(count.await, 11, "all of it is in one frame");
}

async fn with_limit(on: Transport, max_frame_bytes: usize) -> Server {
    let mut world = World::real().await;
    limit(&mut world.settings.session, max_frame_bytes);
    world.settings.validate().unwrap();
    let node = world.node_on_threads(1);
    Server::of(on, world, node)
}

/// Sets the limit, and the smallest outbox that goes with it.
fn limit(session: &mut SessionSettings, max_frame_bytes: usize) {
    session.max_frame_bytes = max_frame_bytes;
    session.outbox_limit_bytes = SessionSettings::FRAMES_IN_OUTBOX * max_frame_bytes;
}

/// Asks for a page of the feed: how many rows it has, and the next cursor.
async fn feed(console: &mut Client, cursor: Option<String>) -> (usize, Option<String>) {
    console.send(&ClientFrame::Feed { cursor }).await;
    let told = console.until(|frame| match frame {
        ServerFrame::Feed { conversations, cursor: Some(cursor), reset: false, .. } => {
            assert!(size(frame) <= SessionSettings::LOWEST_FRAME_LIMIT, "{} bytes", size(frame));
            Some((conversations.len(), Some(cursor.clone())))
        }
        _ => None,
    });
    told.await
}

/// Bytes of `frame` on the wire.
fn size(frame: &ServerFrame) -> usize {
    Codec::Json.encode(frame).len()
}
