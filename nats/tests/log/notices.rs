//! Change notices between the users of the installation, and over a restart of the server.

use std::{sync::Arc, time::Duration};

use frontdesk_nats::NatsLog;
use frontdesk_ports::{
    LogStream, NoticeEvent, NoticeKind, Notices,
    contract::notices::{NoticesUnderTest, some_notice},
};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::support::{Server, until};

/// A gateway and a worker process: both users of the broker have the rights.
async fn fresh() -> NoticesUnderTest {
    let server = Server::start().await;
    let notices = Arc::new(server.log().await);
    let other = Arc::new(NatsLog::connect(server.worker_options()).await.unwrap());
    NoticesUnderTest { notices, other, keep: Box::new(server) }
}

frontdesk_ports::notices_contract!(fresh);

#[tokio::test]
async fn a_worker_process_sends_notices_to_gateways() {
    let NoticesUnderTest { notices, other, keep } = fresh().await;
    frontdesk_ports::contract::notices::a_notice_reaches_every_process_the_own_one_included(NoticesUnderTest {
        notices: other,
        other: notices,
        keep,
    })
    .await;
}

#[tokio::test]
async fn after_a_lost_connection_subscribers_are_told_that_notices_may_be_missing_and_receive_again() {
    let server = Server::start().await;
    let (log, other) = (server.log().await, server.log().await);
    let mut stream = Notices::subscribe(&log).await.unwrap();
    server.restart().await;
    assert_eq!(event(&mut stream).await, NoticeEvent::Missed);
    let notice = some_notice(NoticeKind::SETTINGS, 1);
    until("a notice is sent", || async { Notices::publish(&other, &notice).await.ok() }).await;
    // The end of the outage may be told twice: once by this subscription, once for the whole connection.
    loop {
        match event(&mut stream).await {
            NoticeEvent::Missed => {}
            NoticeEvent::Changed(received) => {
                assert_eq!(received, notice);
                break;
            }
        }
    }
}

async fn event(stream: &mut LogStream<NoticeEvent>) -> NoticeEvent {
    timeout(Duration::from_secs(10), stream.next()).await.expect("an event within 10 s").expect("it goes on")
}
