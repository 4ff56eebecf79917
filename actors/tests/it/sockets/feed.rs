//! Catching up with all conversations from one cursor.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use frontdesk_memory::MemoryLog;
use frontdesk_ports::{Feed, FeedCursor, FeedTarget, LogError, LogStream, WorkSource};
use frontdesk_protocol::{
    ConversationSummary, FeedItem,
    socket::{ClientFrame, Codec, ErrorCode, ServerFrame},
};

use tokio::sync::watch;

use super::{
    client::Client,
    server::{Server, Transport, on_both_transports},
};
use crate::{participants::Person, time::soon, world::World};

on_both_transports! {
    an_agent_that_was_away_is_told_what_changed_and_nothing_else
    what_was_logged_before_the_question_is_waited_for
    a_session_that_does_not_listen_yet_is_not_told_that_nothing_is_missing
    a_database_that_is_behind_or_away_is_no_secret
    a_cursor_that_cannot_be_continued_begins_anew
    many_changes_come_page_by_page_and_are_waited_for_once
    contacts_have_no_feed_and_agents_ask_once_at_a_time
    agents_are_told_to_ask_when_something_live_may_have_been_missed
}

/// A `feed` frame.
#[derive(Debug)]
struct Told {
    conversations: Vec<ConversationSummary>,
    cursor: Option<String>,
    more: bool,
    reset: bool,
    behind: bool,
}

async fn next(client: &mut Client) -> Told {
    client
        .until(|frame| match frame.clone() {
            ServerFrame::Feed { conversations, cursor, more, reset, behind } => {
                Some(Told { conversations, cursor, more, reset, behind })
            }
            _ => None,
        })
        .await
}

async fn ask(client: &mut Client, cursor: Option<&str>) -> Told {
    client.send(&ClientFrame::Feed { cursor: cursor.map(ToOwned::to_owned) }).await;
    next(client).await
}

/// The present cursor.
async fn cursor(client: &mut Client) -> String {
    let told = ask(client, None).await;
    assert!(told.conversations.is_empty() && !told.reset && !told.behind, "{told:?}");
    told.cursor.unwrap()
}

/// The persist worker, for what a test has to say about when it runs.
struct Worker<'a> {
    server: &'a Server,
    work: Arc<dyn WorkSource>,
}

impl<'a> Worker<'a> {
    fn of(server: &'a Server) -> Self {
        Self { server, work: server.world.log.persist_work() }
    }

    /// Writes and acknowledges everything that is logged.
    async fn work(&self) {
        loop {
            let deliveries = self.work.take(100, Duration::ZERO).await.unwrap();
            if deliveries.is_empty() {
                return;
            }
            for delivery in deliveries {
                let key = delivery.subject.conversation().expect("a queue of entries");
                self.server.world.persist(key, true).await;
                delivery.handle.ack().await.unwrap();
            }
        }
    }
}

async fn an_agent_that_was_away_is_told_what_changed_and_nothing_else(on: Transport) {
    let server = Server::start(on).await;
    let (ada, worker) = (Person::agent("Ada"), Worker::of(&server));
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let (_untouched, second) = (widget.open().await, widget.open().await);
    worker.work().await;
    let mut console = server.welcome(&ada).await;
    let held = cursor(&mut console).await;
    drop(console);

    widget.say(second, "are you there?").await;
    worker.work().await;
    let third = widget.open().await;
    worker.work().await;
    for codec in Codec::ALL {
        let mut console = server.welcome_with(&ada, codec).await;
        let told = ask(&mut console, Some(&held)).await;
        assert!(!told.more && !told.reset && !told.behind, "{told:?}");
        let rows: Vec<_> = told.conversations.iter().map(|row| (row.conversation, row.last_seq)).collect();
        assert_eq!(rows, [(second, 2), (third, 1)]);
        assert_eq!(told.conversations[0].preview.as_ref().unwrap().text, "are you there?");
        let again = ask(&mut console, told.cursor.as_deref()).await;
        assert!(again.conversations.is_empty() && again.cursor == told.cursor, "{again:?}");
    }
}

async fn what_was_logged_before_the_question_is_waited_for(on: Transport) {
    let server = Server::start(on).await;
    let worker = Worker::of(&server);
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let mut console = server.welcome(&Person::agent("Ada")).await;
    let held = cursor(&mut console).await;
    let conversation = widget.open().await;
    console.send(&ClientFrame::Feed { cursor: Some(held) }).await;
    // The session goes on meanwhile.
    console.send(&ClientFrame::Ping {}).await;
    console.until(|frame| (*frame == ServerFrame::Pong {}).then_some(())).await;
    worker.work().await;
    let told = next(&mut console).await;
    assert!(!told.behind && told.conversations[0].conversation == conversation, "{told:?}");
}

/// A feed that is listened to once the test says so.
struct LateFeed {
    log: MemoryLog,
    open: watch::Receiver<bool>,
}

#[async_trait]
impl Feed for LateFeed {
    async fn publish(&self, tenant: TenantId, target: FeedTarget, item: &FeedItem) -> Result<(), LogError> {
        self.log.publish(tenant, target, item).await
    }

    async fn subscribe(&self, tenant: TenantId) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
        let mut open = self.open.clone();
        open.wait_for(|open| *open).await.map_err(|closed| LogError::Unavailable(closed.into()))?;
        self.log.subscribe(tenant).await
    }
}

async fn a_session_that_does_not_listen_yet_is_not_told_that_nothing_is_missing(on: Transport) {
    let mut world = World::real().await;
    let (open, is_open) = watch::channel(false);
    world.feed = Arc::new(LateFeed { log: world.log.clone(), open: is_open });
    let node = world.node_on_threads(1);
    let server = Server::of(on, world, node);
    let mut console = server.welcome(&Person::agent("Ada")).await;
    let held = cursor(&mut console).await;
    assert!(ask(&mut console, Some(&held)).await.behind);
    open.send_replace(true);
    assert!(!ask(&mut console, Some(&held)).await.behind);
}

async fn a_database_that_is_behind_or_away_is_no_secret(on: Transport) {
    let server = Server::start(on).await;
    let worker = Worker::of(&server);
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let mut console = server.welcome(&Person::agent("Ada")).await;
    let held = cursor(&mut console).await;
    let early = widget.open().await;
    worker.work().await;
    let late = widget.open().await;
    let told = ask(&mut console, Some(&held)).await;
    assert!(told.behind && !told.reset && told.conversations.len() == 1, "{told:?}");
    assert_eq!(told.conversations[0].conversation, early);

    server.world.store.set_available(false);
    for cursor in [told.cursor.as_deref(), None, Some("nonsense")] {
        let nothing = ask(&mut console, cursor).await;
        assert!(nothing.behind && nothing.cursor.is_none() && !nothing.reset, "{nothing:?}");
    }
    server.world.store.set_available(true);
    worker.work().await;
    let rest = ask(&mut console, told.cursor.as_deref()).await;
    assert!(!rest.behind && rest.conversations[0].conversation == late, "{rest:?}");
}

async fn a_cursor_that_cannot_be_continued_begins_anew(on: Transport) {
    let server = Server::start(on).await;
    let worker = Worker::of(&server);
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    widget.open().await;
    worker.work().await;
    let mut console = server.welcome(&Person::agent("Ada")).await;
    let held = cursor(&mut console).await;
    let sound = FeedCursor::parse(&held).unwrap();
    let elsewhere = FeedCursor { epoch: "another history".into(), ..sound.clone() };
    let mut future = sound;
    future.position.number += 1;
    let long = "x".repeat(60_000);
    for wrong in [elsewhere.to_string(), future.to_string(), format!("{held} "), String::new(), long] {
        let told = ask(&mut console, Some(&wrong)).await;
        assert!(told.reset && !told.behind && told.conversations.is_empty(), "{wrong:.80}: {told:?}");
        assert_eq!(told.cursor.as_ref(), Some(&held));
    }
}

async fn many_changes_come_page_by_page_and_are_waited_for_once(on: Transport) {
    let server = Server::start(on).await;
    let worker = Worker::of(&server);
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let mut console = server.welcome(&Person::agent("Ada")).await;
    let mut held = cursor(&mut console).await;
    let mut opened = BTreeSet::new();
    for _ in 0..120 {
        let key = server.world.open(&server.node, &Person::contact("Lin")).await;
        opened.insert(key.conversation);
    }
    worker.work().await;
    let (mut seen, mut pages) = (vec![], 0);
    loop {
        let told = ask(&mut console, Some(&held)).await;
        assert!(!told.behind && !told.reset && told.conversations.len() <= 50, "{told:?}");
        seen.extend(told.conversations.iter().map(|row| row.conversation));
        held = told.cursor.unwrap();
        pages += 1;
        if !told.more {
            break;
        }
        // No worker persists this one; the pages that follow do not wait for it.
        widget.open().await;
    }
    assert_eq!((seen.len(), pages), (120, 3));
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), opened);
}

async fn contacts_have_no_feed_and_agents_ask_once_at_a_time(on: Transport) {
    let server = Server::start(on).await;
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let refused = |frame: &ServerFrame| match frame {
        ServerFrame::Error { code, .. } => Some(*code),
        _ => None,
    };
    widget.send(&ClientFrame::Feed { cursor: None }).await;
    assert_eq!(widget.until(refused).await, ErrorCode::Forbidden);

    let mut console = server.welcome(&Person::agent("Ada")).await;
    let held = cursor(&mut console).await;
    widget.open().await;
    // The first waits for a worker that does not come.
    for _ in 0..2 {
        console.send(&ClientFrame::Feed { cursor: Some(held.clone()) }).await;
    }
    assert_eq!(console.until(refused).await, ErrorCode::RateLimited);
    assert!(next(&mut console).await.behind);
}

async fn agents_are_told_to_ask_when_something_live_may_have_been_missed(on: Transport) {
    let server = Server::start(on).await;
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let mut console = server.welcome(&Person::agent("Ada")).await;
    let held = cursor(&mut console).await;
    assert!(!ask(&mut console, Some(&held)).await.behind);
    // From here on what is new comes live, and nothing is waited for.
    widget.open().await;
    assert!(!ask(&mut console, Some(&held)).await.behind);
    server.world.log.interrupt();
    let told = soon("a word", next(&mut console)).await;
    assert!(told.behind && told.cursor.is_none() && told.conversations.is_empty() && !told.reset, "{told:?}");
    assert!(ask(&mut console, Some(&held)).await.behind, "it may not have come");
}
