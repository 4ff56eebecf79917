use std::{process::Command, sync::atomic::Ordering};

use async_nats::jetstream::Context;
use frontdesk_config::SyncInterval;
use frontdesk_protocol::socket::Durability;
use tokio::time::{sleep, timeout};

use super::*;
use crate::supervisor::{Supervisor, SupervisorOptions};

#[tokio::test]
async fn a_client_that_lost_its_server_never_sends_what_was_left_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = start(folder.path()).await;
    let mut connections = Connections::connect(&options(&supervisor)).await.unwrap();
    let old = connections.get().unwrap();
    let mut status = supervisor.status();
    kill(status.borrow().process_id);
    within(until(|| async { !old.is_up() })).await;
    // What an append does that looked at the connection a moment too early; the client may have given up already.
    let _ = old.client.publish("desk.ack.late", "left behind".into()).await;

    let new = within(connections.after(Some(&old))).await.unwrap();
    let mut heard = new.client.subscribe("desk.ack.>").await.unwrap();
    new.client.flush().await.unwrap();
    within(status.wait_for(|status| status.is_up)).await.unwrap();
    within(until(|| async { old.client.publish("desk.ack.later", "".into()).await.is_err() })).await;
    new.client.publish("desk.ack.now", "".into()).await.unwrap();
    let first = within(futures_util::StreamExt::next(&mut heard)).await.unwrap();
    assert_eq!(first.subject.as_str(), "desk.ack.now");
}

#[tokio::test]
async fn a_broker_that_became_another_desks_is_dialled_in_vain_until_it_is_ours_again() {
    let folder = tempfile::tempdir().unwrap();
    let supervisor = start(folder.path()).await;
    let ours = options(&supervisor);
    let core = Dialer::new(&ours).unwrap().dial().await.unwrap();
    ours.topology().unwrap().ensure(&core.jetstream).await.unwrap();
    give_to(&core.jetstream, "theirs").await;

    let dialer = Arc::new(Dialer::new(&ours).unwrap());
    let dialled = || dialer.next.load(Ordering::Relaxed);
    let before = dialled();
    let connecting = tokio::spawn({
        let dialer = Arc::clone(&dialer);
        async move { dialer.until_connected().await }
    });
    within(until(|| async { dialled() >= before + 4 })).await;
    assert!(!connecting.is_finished(), "three of these attempts were answered and refused");
    give_to(&core.jetstream, "ours").await;
    assert!(within(connecting).await.unwrap().is_up());
}

/// As if the address led to the broker of this desk.
async fn give_to(broker: &Context, desk: &str) {
    let mut config = broker.get_stream("MESSAGES-0").await.unwrap().cached_info().config.clone();
    config.metadata.insert("frontdesk.desk".to_owned(), desk.to_owned());
    broker.update_stream(&config).await.unwrap();
}

async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    while !condition().await {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), what).await.expect("within 20 s")
}

fn kill(process_id: u32) {
    assert!(Command::new("kill").args(["-s", "KILL", &process_id.to_string()]).status().unwrap().success());
}

async fn start(folder: &std::path::Path) -> Supervisor {
    let options = SupervisorOptions {
        binary: None,
        data_dir: folder.to_owned(),
        subject_prefix: "desk".to_owned(),
        sync_interval: SyncInterval::Always,
        max_file_store_bytes: 64 << 20,
        client_port: 0,
        monitor_port: 0,
        health_interval: Duration::from_secs(1),
    };
    Supervisor::start(options).await.expect("nats-server starts; nats/install.sh installs it")
}

fn options(supervisor: &Supervisor) -> NatsOptions {
    let broker = supervisor.connection();
    let options = NatsOptions {
        desk: "ours".to_owned(),
        urls: Vec::new(),
        credentials: None,
        inbox_prefix: String::new(),
        subject_prefix: "desk".to_owned(),
        message_streams: 1,
        replicas: 1,
        message_stream_bytes: 1 << 20,
        other_bytes: 8 << 20,
        durability: Durability::Disk,
        retain: Duration::from_secs(3600),
        retain_at_least: Duration::from_secs(300),
        ack_timeout: Duration::from_secs(2),
        ack_wait: Duration::from_secs(5),
        max_in_flight: 16,
        creates_missing: true,
        patience: Duration::from_secs(5),
    };
    options.with_local(&broker.url, &broker.core)
}
