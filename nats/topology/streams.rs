//! Configuration of the streams: subjects, limits, replicas.

use std::{collections::HashMap, time::Duration};

use async_nats::jetstream::stream::{Config, DiscardPolicy, Republish, RetentionPolicy, StorageType};
use frontdesk_domain::Partition;

use super::{MAX_RECORD_BYTES, StreamName, Topology};

impl Topology {
    /// All streams, as they must be.
    ///
    /// None has an age limit but ACKS, whose receipts the database keeps, and EVENTS, whose readers have a week. None
    /// allows rollup, per-message expiry, schedules, counters or atomic batches: one rollup header from a bridge would
    /// erase every tenant's records.
    #[must_use]
    pub fn streams(&self) -> Vec<Config> {
        let messages = (0..self.message_streams).map(|number| self.messages(number));
        messages
            .chain([
                self.acks(),
                self.inbound(),
                self.outbound(),
                self.tickets(),
                self.events(),
                self.dead(),
                self.advisories(),
                self.heartbeats(),
            ])
            .collect()
    }

    /// One of the streams of channel 1. A record is repeated on its live subject only once it is stored.
    fn messages(&self, number: u16) -> Config {
        let partitions = Partition::all().filter(|partition| partition.number() % self.message_streams == number);
        Config {
            subjects: partitions.map(|partition| self.subjects.messages_of(partition)).collect(),
            max_bytes: bytes(self.message_stream_bytes),
            republish: Some(Republish {
                source: self.subjects.messages(),
                destination: self.subjects.live(),
                headers_only: false,
            }),
            ..self.stream(StreamName::Messages(number))
        }
    }

    /// Channel 2: the last value of each subject, repeated once it is stored. Oldest values go first when it is full:
    /// later ones make up for them.
    fn acks(&self) -> Config {
        Config {
            subjects: vec![self.subjects.acks()],
            max_bytes: self.share(4),
            max_messages_per_subject: 1,
            discard: DiscardPolicy::Old,
            max_age: ACK_AGE,
            max_message_size: SMALL,
            republish: Some(Republish {
                source: self.subjects.acks(),
                destination: self.subjects.acked(),
                headers_only: false,
            }),
            ..self.stream(StreamName::Acks)
        }
    }

    fn inbound(&self) -> Config {
        Config {
            subjects: vec![self.subjects.all_inbound()],
            max_bytes: self.share(8),
            // The broker's memory of message ids is one for all tenants: a bridge could make another's message count as
            // known. Consumers of this stream identify messages by tenant, inbox and id. Shorter is not possible.
            duplicate_window: Duration::from_millis(100),
            ..self.stream(StreamName::Inbound)
        }
    }

    fn outbound(&self) -> Config {
        let subjects = vec![self.subjects.all_outbound()];
        Config { subjects, max_bytes: self.share(8), ..self.stream(StreamName::Outbound) }
    }

    fn tickets(&self) -> Config {
        let subjects = vec![self.subjects.tickets()];
        Config { subjects, max_bytes: self.share(8), ..self.stream(StreamName::Tickets) }
    }

    /// Events of agents, inboxes, roles. A full stream refuses, and the outbox keeps what waits, rather than dropping
    /// events that are younger than what readers were promised.
    fn events(&self) -> Config {
        let subjects = vec![self.subjects.events()];
        Config { subjects, max_bytes: self.share(8), max_age: EVENT_AGE, ..self.stream(StreamName::Events) }
    }

    /// Dead letters. The long window keeps a record that is stored again from being there twice.
    fn dead(&self) -> Config {
        Config {
            subjects: vec![self.subjects.all_dead()],
            max_bytes: self.share(8),
            duplicate_window: DEAD_LETTERED_ONCE,
            max_message_size: LARGE,
            ..self.stream(StreamName::Dead)
        }
    }

    /// Heartbeats: the last of each node and partition, worth nothing after a moment, so in memory only.
    fn heartbeats(&self) -> Config {
        let (source, destination) = self.subjects.heartbeats();
        Config {
            subjects: vec![source.clone()],
            storage: StorageType::Memory,
            max_bytes: BEATS_BYTES,
            max_messages_per_subject: 1,
            discard: DiscardPolicy::Old,
            max_age: BEAT_AGE,
            duplicate_window: BEAT_AGE,
            max_message_size: SMALL,
            republish: Some(Republish { source, destination, headers_only: false }),
            ..self.stream(StreamName::Beats)
        }
    }

    /// The broker's own word that a consumer hands a record out no more, because it did so too often or was told to
    /// stop: nothing else tells of it. A notice goes once it is dealt with.
    fn advisories(&self) -> Config {
        let messages = (0..self.message_streams).map(StreamName::Messages);
        let others = [StreamName::Acks, StreamName::Inbound, StreamName::Outbound, StreamName::Tickets];
        let of = |stream| {
            ["MAX_DELIVERIES", "MSG_TERMINATED"]
                .map(|event| format!("$JS.EVENT.ADVISORY.CONSUMER.{event}.{}.*", self.name(stream)))
        };
        Config {
            subjects: messages.chain(others).flat_map(of).collect(),
            max_bytes: self.share(16),
            max_message_size: SMALL,
            retention: RetentionPolicy::WorkQueue,
            ..self.stream(StreamName::Advisories)
        }
    }

    /// What all have in common.
    fn stream(&self, name: StreamName) -> Config {
        Config {
            name: self.name(name),
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            max_messages: -1,
            max_messages_per_subject: -1,
            max_consumers: -1,
            max_message_size: i32::try_from(MAX_RECORD_BYTES).expect("256 KiB"),
            num_replicas: self.replicas,
            duplicate_window: Duration::from_secs(120),
            deny_delete: true,
            metadata: HashMap::from([(OWNER_KEY.to_owned(), self.desk.clone())]),
            allow_direct: true,
            ..Config::default()
        }
    }

    /// A part of what the message streams leave over.
    fn share(&self, part: u64) -> i64 {
        bytes((self.other_bytes / part).max(1 << 20))
    }
}

fn bytes(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Metadata key of the installation that a stream belongs to.
pub(crate) const OWNER_KEY: &str = "frontdesk.desk";

/// How long an acknowledgement is kept.
const ACK_AGE: Duration = Duration::from_secs(24 * 3600);

/// How long an event can be read.
const EVENT_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Bytes that the stream of heartbeats may take.
const BEATS_BYTES: i64 = 4 << 20;

/// How long a heartbeat is kept: not longer than its node.
const BEAT_AGE: Duration = Duration::from_secs(60);

/// How long the broker recognises a dead letter that is stored again.
const DEAD_LETTERED_ONCE: Duration = Duration::from_secs(24 * 3600);

/// Largest acknowledgement, in bytes.
const SMALL: i32 = 1024;

/// Largest dead letter, in bytes: a record as it was, and why it could not be processed.
const LARGE: i32 = 512 * 1024;
