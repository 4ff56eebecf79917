//! What bridges bring in, as long as it lies at the broker.

use std::time::Duration;

use async_nats::{Client, ConnectOptions};
use frontdesk_domain::{InboxId, TenantId};
use frontdesk_nats::{NatsLog, Principal, PrincipalKind, Queue};
use frontdesk_ports::{Trim as _, WorkSource};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::support::{Server, until};

/// A bridge's client and the subject that it may publish to.
async fn bridge(server: &Server, log: &NatsLog) -> (Client, String) {
    let (tenant, inbox) = (TenantId(Uuid::now_v7()), InboxId(Uuid::now_v7()));
    let principal = Principal::new("acme-chat", PrincipalKind::Bridge { tenant, inbox }).unwrap();
    log.add_principal(&principal).await.unwrap();
    let password = server.principals().add(principal.clone()).await.unwrap();
    let options = ConnectOptions::new()
        .user_and_password(principal.name().to_owned(), password.expose_secret().to_owned())
        .custom_inbox_prefix(principal.inbox_prefix());
    (options.connect(server.url()).await.unwrap(), format!("desk.in.{tenant}.{inbox}"))
}

async fn floor_is(work: &dyn WorkSource, floor: u64) {
    until("the floor rises", || async { (work.floor().await.ok()? == floor).then_some(()) }).await;
}

#[tokio::test]
async fn what_was_dealt_with_goes_and_what_was_not_stays() {
    let server = Server::start().await;
    let log = server.log().await;
    let (client, subject) = bridge(&server, &log).await;
    for text in ["one", "two", "three"] {
        let answer = client.request(subject.clone(), text.into()).await.unwrap();
        assert!(answer.payload.starts_with(b"{\"stream\":\"INBOUND\""), "{answer:?}");
    }
    let work = log.work(Queue::named("ingest"));
    let mut taken = Vec::new();
    while taken.len() < 3 {
        taken.extend(work.take(10, Duration::from_secs(5)).await.unwrap());
    }
    let seen: Vec<_> = taken.iter().map(|taken| (taken.log_seq, taken.subject.as_str(), &taken.payload[..])).collect();
    assert_eq!(seen, [(1, &*subject, &b"one"[..]), (2, &*subject, b"two"), (3, &*subject, b"three")]);
    assert_eq!((work.floor().await.unwrap(), log.trim_inbound().await.unwrap()), (0, 0));

    for place in [0, 2] {
        taken[place].handle.ack().await.unwrap();
    }
    floor_is(&*work, 1).await;
    assert_eq!(log.trim_inbound().await.unwrap(), 1);
    taken[1].handle.ack().await.unwrap();
    floor_is(&*work, 3).await;
    assert_eq!(log.trim_inbound().await.unwrap(), 2);
    assert_eq!(log.trim_inbound().await.unwrap(), 0);
    let mut stream = server.client().await.get_stream("INBOUND").await.unwrap();
    let state = &stream.info().await.unwrap().state;
    assert_eq!((state.messages, state.first_sequence, state.last_sequence), (0, 4, 3));
}

#[tokio::test]
async fn what_is_put_back_comes_again_later_and_holds_nothing_up() {
    let server = Server::start().await;
    let log = server.log().await;
    let (client, subject) = bridge(&server, &log).await;
    let work = log.work(Queue::named("ingest"));
    client.request(subject.clone(), "put back".into()).await.unwrap();
    let first = work.take(10, Duration::from_secs(5)).await.unwrap().remove(0);
    first.handle.retry(Duration::from_millis(1_500)).await.unwrap();
    client.request(subject.clone(), "goes on".into()).await.unwrap();
    let mut came = Vec::new();
    while came.len() < 2 {
        for delivery in work.take(10, Duration::from_secs(5)).await.unwrap() {
            came.push((delivery.log_seq, delivery.attempt));
            delivery.handle.ack().await.unwrap();
        }
    }
    assert_eq!(came, [(2, 1), (1, 2)]);
    floor_is(&*work, 2).await;
}
