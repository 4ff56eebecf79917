//! The promises of the ports, kept by the adapter.

use std::sync::Arc;

use frontdesk_nats::Queue;
use frontdesk_ports::contract::log::LogUnderTest;

use crate::support::Server;

async fn fresh() -> LogUnderTest {
    let server = Server::start().await;
    let (log, other) = (server.log().await, server.log().await);
    LogUnderTest {
        feed: Arc::new(log.clone()),
        other_feed: Arc::new(other.clone()),
        dead_letter_sink: Arc::new(log.clone()),
        dead_letters: Arc::new(log.clone()),
        trim: Arc::new(log.clone()),
        persist: log.work(Queue::named("persist")),
        other_persist: other.work(Queue::named("persist")),
        push: log.work(Queue::named("push")),
        receipts: log.work(Queue::named("receipts")),
        log: Arc::new(log),
        other: Arc::new(other),
        ack_wait: server.options().ack_wait,
        keep: Box::new(server),
    }
}

frontdesk_ports::log_contract!(fresh);
