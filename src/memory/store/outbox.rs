//! The outbox of the database in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::{Aggregate, AggregateEvent, EventDraft, Timestamp};
use frontdesk_ports::{Outbox, OutboxDepth, PublishedEvent, RelayId, RelayLease, StoreError, WaitingEvent};
use frontdesk_storage::outbox_row;

use super::MemoryStore;

/// Events by position, and what is known of each aggregate.
#[derive(Debug, Clone, Default)]
pub(super) struct OutboxState {
    last_position: u64,
    events: BTreeMap<u64, (AggregateEvent, Option<Timestamp>)>,
    numbers: BTreeMap<Aggregate, u64>,
    /// The last published number and its sequence.
    progress: BTreeMap<Aggregate, (u64, u64)>,
    lease: RelayLease,
}

impl OutboxState {
    /// What a transaction has made of a copy of this one; what relays have done to it meanwhile stays.
    pub(super) fn take_over_additions(&mut self, written: Self) {
        let known = self.last_position;
        self.events.extend(written.events.into_iter().filter(|(position, _)| *position > known));
        self.last_position = written.last_position;
        self.numbers = written.numbers;
    }

    pub(super) fn add(&mut self, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
        outbox_row::data_column(&draft)?;
        let number = self.numbers.entry(draft.aggregate.clone()).or_default();
        *number += 1;
        let event = AggregateEvent { number: *number, draft };
        self.last_position += 1;
        self.events.insert(self.last_position, (event.clone(), None));
        Ok(event)
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn renew_lease(&self, relay: RelayId) -> Result<RelayLease, StoreError> {
        let lease = &mut self.state()?.outbox.lease;
        if lease.holder.is_none_or(|holder| holder == relay) {
            *lease = RelayLease { holder: Some(relay), renewals: lease.renewals + 1 };
        }
        Ok(*lease)
    }

    async fn take_over_lease(&self, relay: RelayId, seen: RelayLease) -> Result<bool, StoreError> {
        let lease = &mut self.state()?.outbox.lease;
        let is_as_seen = *lease == seen;
        if is_as_seen {
            *lease = RelayLease { holder: Some(relay), renewals: seen.renewals + 1 };
        }
        Ok(is_as_seen)
    }

    async fn release_lease(&self, relay: RelayId) -> Result<(), StoreError> {
        let lease = &mut self.state()?.outbox.lease;
        if lease.holder == Some(relay) {
            *lease = RelayLease { holder: None, renewals: lease.renewals + 1 };
        }
        Ok(())
    }

    async fn waiting_events(&self, limit: usize) -> Result<Vec<WaitingEvent>, StoreError> {
        let state = self.state()?;
        let outbox = &state.outbox;
        let waiting = outbox.events.iter().filter(|(_, (_, published))| published.is_none()).take(limit);
        let found = waiting.map(|(position, (event, _))| WaitingEvent {
            position: *position,
            event: event.clone(),
            last_seq: outbox.progress.get(&event.draft.aggregate).map_or(0, |(_, seq)| *seq),
        });
        Ok(found.collect())
    }

    async fn mark_published(&self, events: &[PublishedEvent], at: Timestamp) -> Result<(), StoreError> {
        let outbox = &mut self.state()?.outbox;
        for event in events {
            if let Some((_, published)) = outbox.events.get_mut(&event.position) {
                published.get_or_insert(at);
            }
            let progress = outbox.progress.entry(event.aggregate.clone()).or_default();
            if progress.0 < event.number {
                *progress = (event.number, event.stream_seq);
            }
        }
        Ok(())
    }

    async fn event_added(&self) {
        self.outbox.wait().await;
    }

    async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        let state = self.state()?;
        let waiting = state.outbox.events.values().filter(|(_, published)| published.is_none());
        let moments: Vec<_> = waiting.map(|(event, _)| event.draft.at).collect();
        Ok(OutboxDepth { waiting: moments.len() as u64, oldest: moments.into_iter().min() })
    }

    async fn remove_published(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        let outbox = &mut self.state()?.outbox;
        let published = |(position, (_, at)): (&u64, &(AggregateEvent, Option<Timestamp>))| {
            at.filter(|at| *at < before).map(|at| (at, *position))
        };
        let mut old: Vec<_> = outbox.events.iter().filter_map(published).collect();
        old.sort_unstable();
        old.truncate(limit);
        old.iter().for_each(|(_, position)| drop(outbox.events.remove(position)));
        Ok(old.len() as u64)
    }
}
