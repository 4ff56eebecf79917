//! The ways to compare.

use std::sync::Arc;

use async_nats::{HeaderMap, jetstream::message::PublishMessage};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::{Mutex, mpsc};

use crate::{
    broker::Broker,
    load::{CONVERSATIONS, Due, Road, payload},
};

/// A way to bring records to disk.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// One publish for each record, conversations spread over so many streams.
    Singles(usize),
    /// Whatever waits for a stream in one atomic batch, over so many streams.
    Batches(usize),
    /// Whatever waits for a partition in one record, 64 partitions over so many streams.
    Packs(usize),
}

/// Most records of one batch or pack.
const AT_ONCE: usize = 400;
const PARTITIONS: usize = 64;

impl Way {
    pub(crate) const fn all() -> [Self; 8] {
        use Way::{Batches, Packs, Singles};
        [Singles(1), Singles(4), Singles(8), Singles(16), Batches(1), Batches(4), Packs(1), Packs(8)]
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Singles(streams) => format!("singles over {streams}"),
            Self::Batches(streams) => format!("atomic batches over {streams}"),
            Self::Packs(streams) => format!("packed by partition over {streams}"),
        }
    }

    pub(crate) async fn build(self, broker: &Broker) -> Road {
        match self {
            Self::Singles(streams) => singles(broker, streams).await,
            Self::Batches(streams) => batches(broker, streams).await,
            Self::Packs(streams) => packs(broker, streams).await,
        }
    }
}

async fn singles(broker: &Broker, streams: usize) -> Road {
    broker.streams(streams, false).await;
    let (client, bytes) = (broker.client().await, Bytes::from_owner(payload()));
    let last: Arc<Vec<Mutex<u64>>> = Arc::new((0..CONVERSATIONS).map(|_| Mutex::new(0)).collect());
    let take = move |due: Due| {
        let (client, bytes, last) = (client.clone(), bytes.clone(), Arc::clone(&last));
        tokio::spawn(async move {
            // One at a time for each conversation, as its actor does.
            let mut last = last[due.conversation].lock().await;
            let subject = format!("desk.bench.{}.{}", due.conversation % streams, due.conversation);
            let message = PublishMessage::build().payload(bytes).expected_last_subject_sequence(*last);
            *last = client.send_publish(subject, message).await.unwrap().await.unwrap().sequence;
            due.settle();
        });
    };
    Road { take: Box::new(take), tasks: Vec::new() }
}

async fn batches(broker: &Broker, streams: usize) -> Road {
    broker.streams(streams, true).await;
    let mut tasks = Vec::new();
    let mut queues = Vec::new();
    for stream in 0..streams {
        let (queue, mut waiting) = mpsc::unbounded_channel::<Due>();
        let (client, bytes) = (broker.client().await.client(), Bytes::from_owner(payload()));
        queues.push(queue);
        tasks.push(tokio::spawn(async move {
            let mut last = vec![0_u64; CONVERSATIONS];
            let mut held: Vec<Due> = Vec::new();
            let mut number = 0_u64;
            loop {
                if held.is_empty() && waiting.recv_many(&mut held, AT_ONCE).await == 0 {
                    return;
                }
                // A subject may stand in a batch once: a second record of a conversation waits for the next.
                let mut seen = std::collections::HashSet::new();
                let (now, later): (Vec<_>, Vec<_>) = held.drain(..).partition(|due| seen.insert(due.conversation));
                number += 1;
                let size = now.len();
                for (index, due) in now.iter().enumerate() {
                    let mut headers = HeaderMap::new();
                    headers.insert("Nats-Batch-Id", format!("{stream}-{number}"));
                    headers.insert("Nats-Batch-Sequence", (index + 1).to_string());
                    headers.insert("Nats-Expected-Last-Subject-Sequence", last[due.conversation].to_string());
                    let subject = format!("desk.bench.{stream}.{}", due.conversation);
                    if index + 1 < size {
                        client.publish_with_headers(subject, headers, bytes.clone()).await.unwrap();
                        continue;
                    }
                    headers.insert("Nats-Batch-Commit", "1");
                    let answer = client.request_with_headers(subject, headers, bytes.clone()).await.unwrap();
                    let ack: BatchAck = serde_json::from_slice(&answer.payload).unwrap();
                    let end = ack.seq.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer.payload)));
                    for (index, due) in now.iter().enumerate() {
                        last[due.conversation] = end - (size - 1 - index) as u64;
                    }
                }
                now.into_iter().for_each(Due::settle);
                held = later;
            }
        }));
    }
    let take = move |due: Due| {
        let _ended = queues[due.conversation % streams].send(due);
    };
    Road { take: Box::new(take), tasks }
}

#[derive(Deserialize)]
struct BatchAck {
    seq: Option<u64>,
}

async fn packs(broker: &Broker, streams: usize) -> Road {
    broker.streams(streams, false).await;
    let mut tasks = Vec::new();
    let mut queues = Vec::new();
    let client = broker.client().await;
    for partition in 0..PARTITIONS {
        let (queue, mut waiting) = mpsc::unbounded_channel::<Due>();
        let (client, one) = (client.clone(), payload());
        queues.push(queue);
        tasks.push(tokio::spawn(async move {
            let subject = format!("desk.bench.{}.{partition}", partition % streams);
            let (mut last, mut held) = (0, Vec::new());
            while waiting.recv_many(&mut held, AT_ONCE).await > 0 {
                let message =
                    PublishMessage::build().payload(one.repeat(held.len()).into()).expected_last_subject_sequence(last);
                last = client.send_publish(subject.clone(), message).await.unwrap().await.unwrap().sequence;
                held.drain(..).for_each(Due::settle);
            }
        }));
    }
    let take = move |due: Due| {
        let _ended = queues[due.conversation % PARTITIONS].send(due);
    };
    Road { take: Box::new(take), tasks }
}
