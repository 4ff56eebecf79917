//! Writing a batch to the database, with the holes in it filled from the log.

use std::error::Error;

use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{LogError, Record};
use tokio_util::sync::CancellationToken;

use super::{Outcome, PersistWorker};
use crate::{
    bisect::{self, Stopped},
    queue::with_causes,
    steps::until_available,
};

/// Records read from the log at a time to fill a hole.
const REPAIR_PAGE: usize = 256;

impl PersistWorker {
    /// Writes `records`, whatever it takes: waits for the database while it is away, leaves out what it will not have, and
    /// fetches what is missing.
    pub(super) async fn write(&self, records: &[Record], stop: &CancellationToken) -> Result<Outcome, Stopped> {
        let start = self.clock.monotonic();
        let mut outcome = Outcome::default();
        self.persist(records, &mut outcome, stop).await?;
        for (key, last) in outcome.waiting(records) {
            self.repair(key, last, &mut outcome, stop).await?;
        }
        metrics::histogram!("desk_persist_batch_size").record(records.len() as f64);
        metrics::histogram!("desk_persist_seconds").record((self.clock.monotonic() - start).as_secs_f64());
        self.show_lag(records.iter().map(|record| record.envelope.entry.at).max());
        Ok(outcome)
    }

    async fn persist(
        &self,
        records: &[Record],
        outcome: &mut Outcome,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let written = bisect::write(records, |part| {
            until_available(self.queue.status(), stop, async move || {
                let persisted = self.store.persist(part).await;
                if persisted.is_err() {
                    self.show_lag(part.iter().map(|record| record.envelope.entry.at).min());
                }
                persisted
            })
        })
        .await?;
        for persisted in written.answers {
            outcome.merge(persisted);
        }
        for (index, error) in written.refused {
            outcome.refuse(&records[index], with_causes(&error));
        }
        Ok(())
    }

    /// Some entries up to `last` wait for others before them. Those were handed to a worker that was killed, or are on their
    /// way to another one: either way the log has them, and writing them here hurts nobody.
    async fn repair(
        &self,
        key: ConversationKey,
        last: u64,
        outcome: &mut Outcome,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let mut reached = outcome.reached(key);
        let begin = reached.seq;
        while reached.seq < last {
            let missing = match self.log.read(key, reached.log_seq, REPAIR_PAGE).await {
                Ok(missing) => missing,
                Err(error) => {
                    if matches!(error, LogError::Unavailable(_)) {
                        outcome.unsure(key);
                    }
                    let error: &dyn Error = &error;
                    tracing::warn!(conversation.id = %key.conversation, error, "cannot read missing entries from the log");
                    break;
                }
            };
            self.persist(&missing, outcome, stop).await?;
            let now = outcome.reached(key);
            if now.seq <= reached.seq {
                tracing::warn!(
                    conversation.id = %key.conversation,
                    seq = reached.seq + 1,
                    "entries wait for one that is not in the log or cannot be written"
                );
                break;
            }
            reached = now;
        }
        if reached.seq > begin {
            metrics::counter!("desk_persist_repaired_total").increment(1);
            tracing::info!(conversation.id = %key.conversation, from = begin, to = reached.seq, "hole filled from the log");
        }
        Ok(())
    }

    /// Shows how far the database is behind, given the moment of an entry.
    fn show_lag(&self, at: Option<Timestamp>) {
        if let Some(at) = at {
            let behind = self.clock.now().0.saturating_sub(at.0).max(0);
            metrics::gauge!("desk_persist_lag_seconds").set(behind as f64 / 1_000.0);
        }
    }
}
