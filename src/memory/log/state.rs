//! Everything a log holds: streams, watchers, dead letters.

use std::{collections::HashSet, time::Duration};

use bytes::Bytes;
use frontdesk_domain::{ClientId, ConversationKey, Durability, Participant, Partition, TenantId};
use frontdesk_protocol::{Ack, AckKind, Envelope, FeedItem};
use tokio::sync::mpsc::UnboundedSender;

use super::subjects::{ack_subject, subject};
use super::{
    dead::Dead,
    stream::{Stored, Stream},
};
use frontdesk_ports::{
    error::LogError,
    feed::FeedTarget,
    log::{AckRecord, AppendError, Record, Signal},
    work::StreamPosition,
};

type Watchers<K, T> = Vec<(K, UnboundedSender<T>)>;

pub(super) struct State {
    pub(super) messages: Vec<Stream>,
    pub(super) acks: Stream,
    pub(super) inbound: Stream,
    /// Server-made message ids; a second record under one is swallowed, as a broker does within its window.
    seen: HashSet<(ConversationKey, Participant, ClientId)>,
    pub(super) live: Watchers<Partition, Record>,
    pub(super) ack_watchers: Watchers<Partition, AckRecord>,
    pub(super) signal_watchers: Watchers<Partition, (ConversationKey, Signal)>,
    pub(super) feed_watchers: Watchers<TenantId, (FeedTarget, FeedItem)>,
    pub(super) dead: Dead,
    pub(super) retention: Duration,
    pub(super) durability: Durability,
    pub(super) ack_wait: Duration,
}

impl State {
    pub(super) fn new(streams: u16) -> Self {
        Self {
            messages: (0..streams).map(|n| Stream::new(format!("MESSAGES-{n}"), &["persist", "push"])).collect(),
            acks: Stream::new("ACKS".to_owned(), &["receipts"]),
            inbound: Stream::new("INBOUND".to_owned(), &["ingest"]),
            seen: HashSet::new(),
            live: Vec::new(),
            ack_watchers: Vec::new(),
            signal_watchers: Vec::new(),
            feed_watchers: Vec::new(),
            dead: Dead::default(),
            retention: Duration::from_secs(3600),
            durability: Durability::Disk,
            ack_wait: Duration::from_secs(5),
        }
    }

    pub(super) fn append(&mut self, envelope: &Envelope, expected: u64, live_paused: bool) -> Result<u64, AppendError> {
        let key = envelope.key();
        let payload = envelope.encode();
        if payload.len() > MAX_RECORD_BYTES {
            return Err(AppendError::TooLarge);
        }
        let id = (key, envelope.entry.author.member, envelope.entry.client_id);
        if self.seen.contains(&id) || self.stream(key).last_of(&subject(key)) != expected {
            return Err(AppendError::Conflict);
        }
        self.seen.insert(id);
        let log_seq = self.store(key, payload);
        if !live_paused {
            let record = Record { log_seq, envelope: envelope.clone() };
            tell(&mut self.live, Partition::of(&key), &record);
        }
        Ok(log_seq)
    }

    pub(super) fn forget_ids(&mut self) {
        self.seen.clear();
    }

    pub(super) fn store(&mut self, key: ConversationKey, payload: Bytes) -> u64 {
        self.stream_mut(key).push(subject(key), payload)
    }

    pub(super) fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError> {
        let stream = self.stream(key);
        let last = stream.last_of(&subject(key));
        stream.records.get(&last).map(|stored| decode(last, stored)).transpose()
    }

    pub(super) fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        let subject = subject(key);
        let records = self.stream(key).records.range(after + 1..).filter(|(_, stored)| stored.subject == subject);
        let mut read = Vec::new();
        for (log_seq, stored) in records.take(limit) {
            match decode(*log_seq, stored) {
                Ok(record) => read.push(record),
                Err(error) if read.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(read)
    }

    pub(super) fn acknowledge(&mut self, record: AckRecord, live_paused: bool) {
        let is_late =
            record.kind == AckKind::Persisted && record.ack.up_to_seq < self.acknowledged(record.key, record.kind);
        if !is_late {
            self.acks.replace(ack_subject(record.key, record.kind), record.ack.encode().into());
        }
        if !live_paused {
            tell(&mut self.ack_watchers, Partition::of(&record.key), &record);
        }
    }

    pub(super) fn acknowledged(&self, key: ConversationKey, kind: AckKind) -> u64 {
        let last = self.acks.last_of(&ack_subject(key, kind));
        let ack = self.acks.records.get(&last).and_then(|stored| Ack::decode(&stored.payload));
        ack.map_or(0, |ack| ack.up_to_seq)
    }

    pub(super) fn signal(&mut self, key: ConversationKey, signal: &Signal) {
        tell(&mut self.signal_watchers, Partition::of(&key), &(key, signal.clone()));
    }

    pub(super) fn feed(&mut self, tenant: TenantId, target: FeedTarget, item: &FeedItem) {
        tell(&mut self.feed_watchers, tenant, &(target, item.clone()));
    }

    pub(super) fn end_subscriptions(&mut self) {
        self.live.clear();
        self.ack_watchers.clear();
        self.signal_watchers.clear();
        self.feed_watchers.clear();
    }

    pub(super) fn positions(&self) -> Vec<StreamPosition> {
        let position = |stream: &Stream| StreamPosition {
            stream: stream.name.clone(),
            first_seq: stream.first_seq,
            last_seq: stream.last_seq,
            processed_seq: match self.dead.first_unpersisted(&stream.name) {
                Some(first) => stream.processed().min(first - 1),
                None => stream.processed(),
            },
            crowded: false,
        };
        self.messages.iter().map(position).collect()
    }

    /// The same, with how far one consumer has come.
    pub(super) fn positions_of(&self, consumer: &str) -> Vec<StreamPosition> {
        let positions = self.positions().into_iter().zip(&self.messages);
        positions
            .map(|(position, stream)| StreamPosition { processed_seq: stream.processed_by(consumer), ..position })
            .collect()
    }

    pub(super) fn trim(&mut self, stream: &str, up_to_seq: u64) {
        for stream in self.messages.iter_mut().filter(|held| held.name == stream) {
            stream.trim(up_to_seq);
        }
    }

    /// The streams that `consumer` works on.
    pub(super) fn streams_of(&mut self, consumer: &str) -> impl Iterator<Item = &mut Stream> {
        let others = [&mut self.acks, &mut self.inbound];
        self.messages.iter_mut().chain(others).filter(move |stream| stream.has(consumer))
    }

    fn stream(&self, key: ConversationKey) -> &Stream {
        &self.messages[usize::from(Partition::of(&key).number()) % self.messages.len()]
    }

    fn stream_mut(&mut self, key: ConversationKey) -> &mut Stream {
        let index = usize::from(Partition::of(&key).number()) % self.messages.len();
        &mut self.messages[index]
    }
}

fn tell<K: PartialEq, T: Clone>(watchers: &mut Watchers<K, T>, key: K, item: &T) {
    watchers.retain(|(wanted, sender)| *wanted != key || sender.send(item.clone()).is_ok());
}

fn decode(log_seq: u64, stored: &Stored) -> Result<Record, LogError> {
    match Envelope::decode(&stored.payload) {
        Ok(envelope) => Ok(Record { log_seq, envelope }),
        Err(source) => Err(LogError::Poison { log_seq, source }),
    }
}

/// Largest record taken.
const MAX_RECORD_BYTES: usize = 256 * 1024;
