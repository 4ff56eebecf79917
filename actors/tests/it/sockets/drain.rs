//! Closing everything for a restart.

use std::time::Duration;

use frontdesk_protocol::socket::{Codec, ServerFrame};
use futures_util::future::join_all;
use tokio_tungstenite::tungstenite;

use super::{
    client::Client,
    server::{Server, Transport, on_both_transports},
};
use crate::{participants::Person, time::soon};

on_both_transports! {
    everyone_is_told_when_to_come_back_and_newcomers_are_refused
    a_peer_that_does_not_read_holds_a_drain_up_for_two_seconds_only
}

async fn everyone_is_told_when_to_come_back_and_newcomers_are_refused(on: Transport) {
    let server = Server::start(on).await;
    let mut clients = vec![];
    for number in 0..60 {
        let person =
            if number % 2 == 0 { Person::agent(&format!("{number}")) } else { Person::contact(&format!("{number}")) };
        clients.push(server.welcome(&person).await);
    }
    // One that has not said who it is.
    clients.push(Client::connect(server.address, "widget", Codec::MessagePack).await);
    let mut writer = server.welcome(&Person::contact("Lin")).await;
    let conversation = writer.open().await;

    let drain = async {
        server.sessions.drain(Duration::from_millis(500)).await;
        assert_eq!(server.sessions.count(), 0);
    };
    let farewells = join_all(clients.iter_mut().map(Client::closed));
    let busy = async {
        // It goes on sending until it is told.
        for number in 0.. {
            let frame = super::client::say(conversation, &format!("{number}"));
            if writer.try_send(&frame).await.is_err() {
                break;
            }
            if let Some(code) = writer.closed_by_now().await {
                return code;
            }
        }
        writer.closed().await.0
    };
    let ((), farewells, of_busy) = soon("a drain", async { tokio::join!(drain, farewells, busy) }).await;
    assert_eq!(of_busy, 1012);
    let mut times = vec![];
    for (code, told) in farewells {
        assert_eq!(code, 1012);
        let Some(ServerFrame::Bye { reason, retry_in_ms: Some(retry_in_ms) }) = told.last() else { panic!("{told:?}") };
        assert_eq!(reason, "restart");
        times.push(*retry_in_ms);
    }
    times.sort_unstable();
    times.dedup();
    assert!(times.len() > 30 && times[0] >= 500, "they do not all come back at once: {times:?}");

    let refused = Client::try_connect(server.address, "widget", Codec::Json).await.err();
    let Some(tungstenite::Error::Http(response)) = refused else { panic!("{refused:?}") };
    assert_eq!(response.status(), 503);
    server.stop().await;
}

async fn a_peer_that_does_not_read_holds_a_drain_up_for_two_seconds_only(on: Transport) {
    let server = Server::start(on).await;
    let contact = Person::contact("Lin");
    let mut writer = server.welcome(&contact).await;
    let conversation = writer.open().await;
    let mut sleeper = server.welcome(&contact).await;
    sleeper.watch(conversation).await;
    for _ in 0..30 {
        writer.say(conversation, &"x".repeat(16_000)).await;
    }
    // Only the drain has timers on this thread, so paused time jumps from one to the next, however busy the machine is.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    server.sessions.drain(Duration::from_millis(100)).await;
    let taken = begun.elapsed();
    tokio::time::resume();
    assert!((Duration::from_secs(2)..Duration::from_millis(2_100)).contains(&taken), "{taken:?}");
    assert_eq!(writer.closed().await.0, 1012);
    drop(sleeper);
}
