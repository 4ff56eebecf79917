//! A broker belongs to one desk.

use frontdesk_nats::{NatsLog, NatsOptions, SetupError};

use crate::support::Server;

/// The metadata's key for the id of the desk.
const DESK: &str = "frontdesk.desk";

#[tokio::test]
async fn a_broker_of_another_desk_is_refused_by_core_and_worker_and_left_as_it_is() {
    let server = Server::start().await;
    drop(server.log().await);
    let before = configurations(&server).await;
    for options in [server.options(), server.worker_options()] {
        let refused = NatsLog::connect(NatsOptions { desk: "theirs".to_owned(), ..options }).await.unwrap_err();
        let SetupError::OtherDesk { theirs, ours, .. } = &refused else { panic!("{refused}") };
        assert_eq!((theirs.as_str(), ours.as_str()), ("ours", "theirs"));
        assert!(!refused.is_transient() && !refused.to_string().contains('\n'), "{refused}");
    }
    assert_eq!(configurations(&server).await, before);
    server.log().await;
}

#[tokio::test]
async fn one_stream_of_another_desk_is_enough_and_nothing_is_made_beside_it() {
    let server = Server::start().await;
    let broker = server.client().await;
    let theirs = NatsOptions { desk: "theirs".to_owned(), ..server.options() }.topology().unwrap();
    let last = theirs.streams().pop().unwrap();
    broker.create_stream(last.clone()).await.unwrap();
    let refused = NatsLog::connect(server.options()).await.unwrap_err();
    assert!(matches!(&refused, SetupError::OtherDesk { stream, .. } if *stream == last.name), "{refused}");
    assert!(broker.get_stream("MESSAGES-0").await.is_err(), "no stream is made");
}

#[tokio::test]
async fn streams_of_a_version_that_named_no_desk_become_ours_at_the_cores_start() {
    let server = Server::start().await;
    drop(server.log().await);
    let broker = server.client().await;
    for name in names(&server) {
        let mut config = broker.get_stream(&name).await.unwrap().cached_info().config.clone();
        config.metadata.clear();
        config.description = Some("an operator's word".to_owned());
        broker.update_stream(&config).await.unwrap();
    }
    NatsLog::connect(server.worker_options()).await.expect("a worker of this version runs beside an older core");
    assert!(owners(&server).await.iter().all(Option::is_none), "a worker writes on no stream");

    drop(server.log().await);
    assert!(owners(&server).await.iter().all(|owner| owner.as_deref() == Some("ours")));
    let described = broker.get_stream("MESSAGES-0").await.unwrap().cached_info().config.description.clone();
    assert_eq!(described.as_deref(), Some("an operator's word"), "nothing else of it changes");
}

fn names(server: &Server) -> Vec<String> {
    server.options().topology().unwrap().streams().into_iter().map(|stream| stream.name).collect()
}

async fn configurations(server: &Server) -> Vec<async_nats::jetstream::stream::Config> {
    let broker = server.client().await;
    let mut configurations = Vec::new();
    for name in names(server) {
        configurations.push(broker.get_stream(&name).await.unwrap().cached_info().config.clone());
    }
    configurations
}

async fn owners(server: &Server) -> Vec<Option<String>> {
    configurations(server).await.into_iter().map(|config| config.metadata.get(DESK).cloned()).collect()
}
