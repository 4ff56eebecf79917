//! Events in their stream.

use std::{ops::Deref, time::Duration};

use frontdesk_domain::AggregateEvent;
use frontdesk_nats::NatsLog;
use frontdesk_ports::{
    AppendError, EventStream as _,
    contract::outbox::{aggregate, draft},
};
use frontdesk_protocol::EventRecord;

use crate::support::Server;

/// A stream, and the server that holds it.
struct Held {
    log: NatsLog,
    _server: Server,
}

impl Deref for Held {
    type Target = NatsLog;

    fn deref(&self) -> &NatsLog {
        &self.log
    }
}

async fn fresh() -> Held {
    let server = Server::start().await;
    Held { log: server.log().await, _server: server }
}

frontdesk_ports::event_stream_contract!(fresh);

#[tokio::test]
async fn a_worker_process_may_publish_events_and_read_them_back() {
    let server = Server::start().await;
    let core = server.log().await;
    let worker = NatsLog::connect(server.worker_options()).await.unwrap();
    let event = AggregateEvent { number: 1, draft: draft(&aggregate(), "thing.changed") };
    let seq = worker.publish_event(&event, 0).await.unwrap();
    assert_eq!(worker.last_event(&event.draft.aggregate).await.unwrap(), seq);
    assert_eq!(worker.events_after(&event.draft.aggregate, 0, 5).await.unwrap()[0].id, Some(event.draft.id));
    assert_eq!(core.last_event(&event.draft.aggregate).await.unwrap(), seq);
}

#[tokio::test]
async fn a_subscriber_finds_the_event_on_the_subject_of_its_aggregate() {
    let server = Server::start().await;
    let log = server.log().await;
    let event = AggregateEvent { number: 1, draft: draft(&aggregate(), "thing.changed") };
    let seq = log.publish_event(&event, 0).await.unwrap();
    let stream = server.client().await.get_stream("EVENTS").await.unwrap();
    let held = stream.get_raw_message(seq).await.unwrap();
    let of = &event.draft.aggregate;
    assert_eq!(held.subject.as_str(), format!("desk.event.{}.{}.{}", of.tenant, of.kind, of.id));
    assert_eq!(EventRecord::decode(&held.payload).unwrap(), event);
    assert_eq!(stream.cached_info().config.max_age, Duration::from_secs(7 * 24 * 3600));
}

#[tokio::test]
async fn an_event_is_stored_once_although_the_broker_has_forgotten_its_id() {
    let server = Server::start().await;
    let log = server.log().await;
    let event = AggregateEvent { number: 1, draft: draft(&aggregate(), "thing.changed") };
    log.publish_event(&event, 0).await.unwrap();
    // Under another id the broker has no memory of the first one: only the expected sequence is left to refuse it.
    let mut forgotten = event.clone();
    forgotten.draft.id = draft(&aggregate(), "thing.changed").id;
    assert!(matches!(log.publish_event(&forgotten, 0).await, Err(AppendError::Conflict)));
    assert_eq!(log.events_after(&event.draft.aggregate, 0, 9).await.unwrap().len(), 1);
}
