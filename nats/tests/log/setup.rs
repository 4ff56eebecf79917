//! What a broker must be before it is used.

use frontdesk_nats::{NatsLog, NatsOptions, Queue, SetupError, Token};
use frontdesk_ports::{
    MessageLog as _,
    contract::log::{message, some_conversation},
};
use std::time::Duration;

use crate::support::Server;

#[tokio::test]
async fn a_second_start_finds_everything_as_it_should_be() {
    let server = Server::start().await;
    let log = server.log().await;
    let key = some_conversation();
    log.append(&message(key, 1, "kept"), 0).await.unwrap();
    drop(log);
    assert!(server.log().await.last(key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_stream_that_differs_is_refused_by_name_and_left_as_it_is() {
    let server = Server::start().await;
    drop(server.log().await);
    let broker = server.client().await;
    let mut config = broker.get_stream("MESSAGES-2").await.unwrap().cached_info().config.clone();
    config.allow_rollup = true;
    broker.update_stream(&config).await.unwrap();

    let refused = NatsLog::connect(server.options()).await.unwrap_err();
    assert!(
        matches!(&refused, SetupError::Differs { what, field, .. } if what == "stream MESSAGES-2" && field == "allow_rollup_hdrs"),
        "{refused}"
    );
    assert!(broker.get_stream("MESSAGES-2").await.unwrap().cached_info().config.allow_rollup);
}

#[tokio::test]
async fn another_number_of_streams_is_refused_while_the_old_ones_are_there() {
    let server = Server::start().await;
    drop(server.log().await);
    let refused = NatsLog::connect(NatsOptions { message_streams: 8, ..server.options() }).await.unwrap_err();
    assert!(matches!(&refused, SetupError::Differs { field, .. } if field == "subjects"), "{refused}");
}

#[tokio::test]
async fn a_new_wait_in_the_settings_reaches_the_consumers_and_a_new_filter_is_refused() {
    let server = Server::start().await;
    drop(server.log().await);
    let longer = Duration::from_secs(7);
    NatsLog::connect(NatsOptions { ack_wait: longer, ..server.options() }).await.unwrap();
    let broker = server.client().await;
    let stream = broker.get_stream("MESSAGES-0").await.unwrap();
    assert_eq!(stream.consumer_info("persist-0").await.unwrap().config.ack_wait, longer);

    let acks = broker.get_stream("ACKS").await.unwrap();
    let mut config = acks.consumer_info("receipts").await.unwrap().config;
    config.filter_subjects = vec!["desk.ack.>".to_owned()];
    acks.update_consumer(config).await.unwrap();
    let refused = NatsLog::connect(server.options()).await.unwrap_err();
    assert!(matches!(&refused, SetupError::Differs { field, .. } if field == "filter_subjects"), "{refused}");
}

#[tokio::test]
async fn two_installations_share_a_broker_under_two_prefixes() {
    let server = Server::start().await;
    let desk = server.log().await;
    let key = some_conversation();
    desk.append(&message(key, 1, "ours"), 0).await.unwrap();
    // The core user of this server may use the prefix `desk` only, so the other one is looked at as data.
    let other = NatsOptions { subject_prefix: "blue".to_owned(), ..server.options() }.topology().unwrap();
    let broker = server.client().await;
    other.ensure(&broker).await.unwrap();
    assert!(broker.get_stream("blue-MESSAGES-0").await.is_ok());
    server.log().await;
}

#[tokio::test]
async fn a_worker_uses_what_is_there_and_makes_nothing() {
    let server = Server::start().await;
    let missing = NatsLog::connect(server.worker_options()).await.unwrap_err();
    assert!(matches!(missing, SetupError::Missing(_)), "{missing}");

    let (core, key) = (server.log().await, some_conversation());
    let worker = NatsLog::connect(server.worker_options()).await.unwrap();
    let place = core.append(&message(key, 1, "for the worker"), 0).await.unwrap();
    let taken = worker.work(Queue::named("persist")).take(10, Duration::from_secs(5)).await.unwrap();
    assert_eq!(taken.len(), 1);
    let appended = worker.append(&message(key, 2, "by a conversation of the worker"), place).await;
    assert_eq!(core.last(key).await.unwrap().map(|record| record.log_seq), Some(appended.unwrap()));
}

#[tokio::test]
async fn a_wrong_password_a_missing_server_and_impossible_settings_are_told_apart() {
    let server = Server::start().await;
    let mut options = server.options();
    options.credentials = Some(("core".to_owned(), "guess".to_owned().into()));
    let refused = NatsLog::connect(options.clone()).await.unwrap_err();
    assert!(matches!(refused, SetupError::Unauthorised { .. }), "{refused}");
    options.urls = vec!["nats://127.0.0.1:9".to_owned()];
    options.patience = Duration::from_millis(200);
    let missing = NatsLog::connect(options.clone()).await.unwrap_err();
    assert!(matches!(missing, SetupError::Unreachable { .. }), "{missing}");
    let streams = NatsLog::connect(NatsOptions { message_streams: 3, ..server.options() }).await.unwrap_err();
    assert!(matches!(streams, SetupError::Streams(3)), "{streams}");
    options.urls.clear();
    assert!(matches!(NatsLog::connect(options).await.unwrap_err(), SetupError::NoAddress));
}

#[tokio::test]
async fn a_probe_says_whether_the_log_takes_anything() {
    let server = Server::start().await;
    let log = server.log().await;
    let node = Token::new("node-1").unwrap();
    log.probe(&node).await.unwrap();
    server.signal("STOP");
    let frozen = log.probe(&node).await;
    server.signal("CONT");
    assert!(frozen.is_err());
}
