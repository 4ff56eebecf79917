//! Several workers at one queue: each stream is at one of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use async_nats::jetstream::consumer::{PriorityPolicy, pull};
use frontdesk_domain::ConversationKey;
use frontdesk_nats::{NatsLog, Queue};
use frontdesk_ports::{
    Delivery, MessageLog as _, WorkSource,
    contract::log::{message, some_conversation},
};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::support::{Server, until};

/// Conversations that say something whenever they are asked to, and who got it.
struct Talks {
    log: NatsLog,
    /// Last place and number of each.
    last: BTreeMap<ConversationKey, (u64, u64)>,
    /// Streams and places of what was handed out, be it once or twice.
    handed_out: BTreeSet<(String, u64)>,
}

impl Talks {
    async fn begin(server: &Server) -> Self {
        let last = (0..40).map(|_| (some_conversation(), (0, 0))).collect();
        Self { log: server.log().await, last, handed_out: BTreeSet::new() }
    }

    /// One more message in each.
    async fn go_on(&mut self) {
        let log = &self.log;
        let appends = self.last.iter_mut().map(|(key, (place, seq))| async move {
            *seq += 1;
            *place = log.append(&message(*key, *seq, "text"), *place).await.unwrap();
        });
        // At once: a pull expires after 3 s, and on a busy machine one append after the other takes longer.
        join_all(appends).await;
    }

    /// Lets the workers take all that was said; gives the streams of each.
    async fn taken_by(&mut self, workers: &[Arc<dyn WorkSource>]) -> Vec<Vec<String>> {
        let mut streams = vec![Vec::new(); workers.len()];
        let said = self.last.values().map(|(_, seq)| *seq as usize).sum();
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.handed_out.len() < said {
            assert!(Instant::now() < deadline, "only {} of {said} were ever handed out", self.handed_out.len());
            let taken = workers.iter().map(|worker| worker.take(10, Duration::from_millis(20)));
            for (worker, taken) in join_all(taken).await.into_iter().enumerate() {
                for Delivery { stream, log_seq, handle, .. } in taken.unwrap() {
                    handle.ack().await.unwrap();
                    self.handed_out.insert((stream.clone(), log_seq));
                    streams[worker].push(stream);
                }
            }
        }
        for streams in &mut streams {
            streams.sort();
            streams.dedup();
        }
        streams
    }

    /// One more message in each conversation, and the streams from which each worker takes them.
    async fn taken_next(&mut self, workers: &[Arc<dyn WorkSource>]) -> Vec<Vec<String>> {
        self.go_on().await;
        self.taken_by(workers).await
    }
}

#[tokio::test]
async fn streams_are_shared_out_and_each_is_at_one_worker() {
    let server = Server::start().await;
    let mut talks = Talks::begin(&server).await;
    let workers = [server.worker_options(), server.worker_options()].map(NatsLog::connect);
    let workers = join_all(workers).await;
    let workers: Vec<_> = workers.into_iter().map(|log| log.unwrap().work(Queue::named("persist"))).collect();

    // All streams are at the first one, until it sees that there is another.
    assert_eq!(talks.taken_next(&workers[..1]).await[0].len(), 4);
    // Shares settle within some rounds of 2 s each, which take longer on a busy machine.
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let taken = talks.taken_next(&workers).await;
        if taken.iter().all(|streams| streams.len() == 2) && taken[0] != taken[1] {
            break;
        }
        assert!(Instant::now() < deadline, "never shared out evenly: {taken:?}");
    }
    let settled = talks.taken_next(&workers).await;
    for _ in 0..5 {
        assert_eq!(talks.taken_next(&workers).await, settled, "and it stays so");
    }
}

#[tokio::test]
async fn the_streams_of_a_worker_that_is_gone_go_to_another() {
    let server = Server::start().await;
    let mut talks = Talks::begin(&server).await;
    let first = NatsLog::connect(server.worker_options()).await.unwrap().work(Queue::named("push"));
    assert_eq!(talks.taken_next(std::slice::from_ref(&first)).await[0].len(), 4);
    drop(first);
    let second = NatsLog::connect(server.worker_options()).await.unwrap().work(Queue::named("push"));
    assert_eq!(talks.taken_next(&[second]).await[0].len(), 4);
}

#[tokio::test]
async fn a_worker_that_was_busy_finds_all_that_came_in_one_batch() {
    let server = Server::start().await;
    let mut talks = Talks::begin(&server).await;
    let worker = NatsLog::connect(server.worker_options()).await.unwrap().work(Queue::named("persist"));
    assert!(worker.take(500, Duration::ZERO).await.unwrap().is_empty(), "it has asked, and nothing was there");
    for _ in 0..8 {
        talks.go_on().await;
    }
    // The broker's answer to this comes behind all that it handed out.
    until("all is handed out", || async { worker.pending().await.ok().filter(|pending| *pending == 0) }).await;
    assert_eq!(worker.take(500, Duration::from_secs(5)).await.unwrap().len(), 320);
}

#[tokio::test]
async fn a_worker_keeps_its_streams_when_the_broker_was_away() {
    let server = Server::start().await;
    let mut talks = Talks::begin(&server).await;
    let worker = talks.log.work(Queue::named("persist"));
    talks.taken_next(std::slice::from_ref(&worker)).await;
    server.restart().await;
    until("the log is back", || async { talks.log.last(*talks.last.keys().next()?).await.ok() }).await;
    assert_eq!(talks.taken_next(&[worker]).await[0].len(), 4);
}

#[tokio::test]
async fn consumers_of_an_older_version_learn_to_share() {
    let server = Server::start().await;
    drop(server.log().await);
    let stream = server.client().await.get_stream("MESSAGES-1").await.unwrap();
    let consumers = server.options().topology().unwrap().consumers();
    let (_, present) =
        consumers.into_iter().find(|(_, consumer)| consumer.name.as_deref() == Some("persist-1")).unwrap();
    let (priority_policy, priority_groups) = (PriorityPolicy::None, Vec::new());
    let old = pull::Config { priority_policy, priority_groups, priority_timeout: Duration::ZERO, ..present };
    stream.delete_consumer("persist-1").await.unwrap();
    stream.create_consumer(old).await.unwrap();

    let mut talks = Talks::begin(&server).await;
    let worker = NatsLog::connect(server.worker_options()).await.unwrap().work(Queue::named("persist"));
    assert_eq!(talks.taken_next(&[worker]).await[0].len(), 4);
    let now = stream.consumer_info("persist-1").await.unwrap().config;
    assert_eq!((now.priority_policy, now.priority_timeout), (PriorityPolicy::PinnedClient, Duration::from_secs(1)));
}
