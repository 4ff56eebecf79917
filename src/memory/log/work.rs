//! Work queues over the streams.

use std::{sync::atomic::AtomicUsize, sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};

use super::{MemoryLog, subjects::parse_subject};
use frontdesk_ports::{
    error::LogError,
    work::{Delivery, DeliveryHandle, WorkSource},
};

/// One named queue over all streams that have a consumer of that name.
pub(super) struct MemoryWork {
    log: MemoryLog,
    name: &'static str,
    /// Which stream comes first next time, so that a busy one does not starve the rest.
    turn: AtomicUsize,
}

impl MemoryWork {
    pub(super) fn new(log: MemoryLog, name: &'static str) -> Self {
        Self { log, name, turn: AtomicUsize::new(0) }
    }

    fn take_ready(&self, max: usize) -> Result<Vec<Delivery>, LogError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut state = self.log.reach()?;
        let (now, ack_wait) = (Instant::now(), state.ack_wait);
        let mut streams: Vec<_> = state.streams_of(self.name).collect();
        let first = turn % streams.len().max(1);
        streams.rotate_left(first);
        let mut deliveries = Vec::new();
        for stream in streams {
            let taken = stream.take(self.name, max - deliveries.len(), now, ack_wait);
            deliveries.extend(taken.into_iter().map(|taken| Delivery {
                stream: stream.name.clone(),
                log_seq: taken.log_seq,
                subject: parse_subject(&taken.subject),
                payload: taken.payload,
                attempt: taken.attempt,
                handle: Box::new(Handle {
                    log: self.log.clone(),
                    consumer: self.name,
                    stream: stream.name.clone(),
                    log_seq: taken.log_seq,
                }),
            }));
        }
        Ok(deliveries)
    }

    fn next_due(&self) -> Option<Instant> {
        self.log.state().streams_of(self.name).filter_map(|stream| stream.next_due(self.name)).min()
    }
}

#[async_trait]
impl WorkSource for MemoryWork {
    fn name(&self) -> &str {
        self.name
    }

    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, LogError> {
        let deadline = Instant::now() + wait;
        let mut changed = self.log.shared.changed.subscribe();
        loop {
            let deliveries = self.take_ready(max)?;
            if !deliveries.is_empty() || Instant::now() >= deadline {
                return Ok(deliveries);
            }
            let wake = self.next_due().map_or(deadline, |due| due.min(deadline));
            tokio::select! {
                _ = changed.changed() => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    async fn pending(&self) -> Result<u64, LogError> {
        let pending = self.log.reach()?.streams_of(self.name).map(|stream| stream.pending(self.name)).sum::<usize>();
        Ok(pending as u64)
    }

    async fn floor(&self) -> Result<u64, LogError> {
        let floors = self.log.reach()?.streams_of(self.name).map(|stream| stream.processed_by(self.name)).min();
        Ok(floors.unwrap_or_default())
    }
}

struct Handle {
    log: MemoryLog,
    consumer: &'static str,
    stream: String,
    log_seq: u64,
}

impl Handle {
    fn again_in(&self, delay: Option<Duration>) -> Result<(), LogError> {
        let mut state = self.log.reach()?;
        let at = Instant::now() + delay.unwrap_or(state.ack_wait);
        for stream in state.streams_of(self.consumer).filter(|held| held.name == self.stream) {
            stream.postpone(self.consumer, self.log_seq, at);
        }
        drop(state);
        self.log.wake();
        Ok(())
    }
}

#[async_trait]
impl DeliveryHandle for Handle {
    async fn ack(&self) -> Result<(), LogError> {
        let mut state = self.log.reach()?;
        for stream in state.streams_of(self.consumer).filter(|held| held.name == self.stream) {
            stream.ack(self.consumer, self.log_seq);
        }
        Ok(())
    }

    async fn retry(&self, delay: Duration) -> Result<(), LogError> {
        self.again_in(Some(delay))
    }

    async fn progress(&self) -> Result<(), LogError> {
        self.again_in(None)
    }
}
