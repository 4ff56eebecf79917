//! The events of one aggregate, published one after another.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use frontdesk_domain::{AggregateEvent, Timestamp};
use frontdesk_ports::{AppendError, EventStream, PublishedEvent, WaitingEvent};

use super::halt;
use crate::kit::WorkerError;

/// Publishes events of one aggregate.
pub(super) struct Chain<'a> {
    pub(super) stream: &'a dyn EventStream,
    /// Set when the broker is away, for the chains that have not begun.
    pub(super) halted: &'a AtomicBool,
}

/// How far it came.
#[derive(Debug, Default)]
pub(super) struct ChainEnd {
    /// What the stream holds, with the moments of the events.
    pub(super) published: Vec<(PublishedEvent, Timestamp)>,
    /// Why the next one is not there.
    pub(super) failure: Option<WorkerError>,
}

impl Chain<'_> {
    /// Publishes `events`, which begin with the first one of the aggregate that is not marked, until one fails.
    pub(super) async fn publish(self, events: Vec<WaitingEvent>) -> ChainEnd {
        let mut end = ChainEnd::default();
        let mut last_seq = events.first().map_or(0, |first| first.last_seq);
        for WaitingEvent { position, event, .. } in events {
            if self.halted.load(Ordering::Relaxed) {
                break;
            }
            match self.publish_one(&event, last_seq).await {
                Ok(stream_seq) => {
                    last_seq = stream_seq;
                    let aggregate = event.draft.aggregate;
                    let published = PublishedEvent { position, aggregate, number: event.number, stream_seq };
                    end.published.push((published, event.draft.at));
                }
                Err(error) => {
                    // One event that is refused by itself does not stop those of others.
                    if !matches!(error, WorkerError::Event(AppendError::TooLarge)) {
                        halt(self.halted);
                    }
                    end.failure = Some(error);
                    break;
                }
            }
        }
        end
    }

    /// Stores `event` behind `last_seq`, the last one known, or finds where an earlier attempt has stored it.
    async fn publish_one(&self, event: &AggregateEvent, last_seq: u64) -> Result<u64, WorkerError> {
        let mut last = last_seq;
        for _ in 0..ATTEMPTS {
            match self.stream.publish_event(event, last).await {
                Err(AppendError::Conflict) => {}
                stored => return Ok(stored?),
            }
            // First the last one, then a look at everything up to it: an event that comes in between makes the next
            // attempt conflict.
            last = self.stream.last_event(&event.draft.aggregate).await?;
            if let Some(stream_seq) = self.find(event, last_seq).await? {
                metrics::counter!("desk_relay_settled_total").increment(1);
                return Ok(stream_seq);
            }
        }
        Err(AppendError::Conflict.into())
    }

    /// Where the stream holds `event`, among what follows the last one that was marked.
    async fn find(&self, event: &AggregateEvent, mut after: u64) -> Result<Option<u64>, WorkerError> {
        loop {
            let found = self.stream.events_after(&event.draft.aggregate, after, READ_AT_ONCE).await?;
            if let Some(held) = found.iter().find(|held| held.id == Some(event.draft.id)) {
                return Ok(Some(held.stream_seq));
            }
            match found.last() {
                Some(last) if found.len() == READ_AT_ONCE => after = last.stream_seq,
                _ => return Ok(None),
            }
        }
    }
}

/// `batch` by aggregate, each in its order; the aggregates in the order of their first events.
pub(super) fn by_aggregate(batch: Vec<WaitingEvent>) -> Vec<Vec<WaitingEvent>> {
    let mut places = HashMap::new();
    let mut chains: Vec<Vec<WaitingEvent>> = Vec::new();
    for waiting in batch {
        let place = *places.entry(waiting.event.draft.aggregate.clone()).or_insert(chains.len());
        if place == chains.len() {
            chains.push(Vec::new());
        }
        chains[place].push(waiting);
    }
    chains
}

/// Attempts to store one event while others come before it.
const ATTEMPTS: usize = 3;

/// Events of an aggregate read back with one request.
const READ_AT_ONCE: usize = 256;
