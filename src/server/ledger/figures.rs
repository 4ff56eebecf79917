//! Counting what there is of a tenant.

use std::collections::HashSet;

use frontdesk_api::{LedgerAway, LedgerFigures, LedgerRepairs};
use frontdesk_domain::{TenantId, Timestamp};
use frontdesk_ports::{BoxError, LoggedRecord, Record};
use frontdesk_protocol::Envelope;

use super::Ledgers;

/// What is on its way to the database.
#[derive(Debug, Default)]
struct OnTheirWay {
    count: u64,
    oldest: Option<Timestamp>,
}

impl Ledgers {
    /// Counts the figures of `tenant` from log and database.
    pub(super) async fn look(&self, tenant: TenantId) -> Result<LedgerFigures, LedgerAway> {
        self.count(tenant).await.map_err(LedgerAway)
    }

    async fn count(&self, tenant: TenantId) -> Result<LedgerFigures, BoxError> {
        // The log first: what is persisted in between is counted once, in the database.
        let waiting = self.on_their_way(tenant).await?;
        let tally = self.store.counts(tenant).await?;
        let book = self.store.integrity_record(tenant).await?;
        let now = self.clock.now();
        let age = |oldest: Timestamp| u64::try_from(now.0.saturating_sub(oldest.0)).unwrap_or_default();
        Ok(LedgerFigures {
            accepted: tally.entries + waiting.count,
            persisted: tally.entries,
            unpersisted: waiting.count,
            oldest_unpersisted_ms: waiting.oldest.map(age),
            conversations: tally.conversations,
            repairs: LedgerRepairs {
                entries: book.repaired_entries,
                acknowledgements: book.repaired_acknowledgements,
                last_at: book.repaired_at.map(|at| at.0),
            },
            // What a newer version wrote down may not be readable: then there is none to show.
            check: book.last_check.and_then(|found| serde_json::from_str(&found).ok()),
        })
    }

    /// Records beyond what workers have acknowledged are looked up in the database: most are there.
    async fn on_their_way(&self, tenant: TenantId) -> Result<OnTheirWay, BoxError> {
        let (mut found, mut looked_at) = (OnTheirWay::default(), 0);
        for stream in self.log.stream_names() {
            let backlog = self.log.backlog(&stream).await?;
            let mut next = backlog.processed_seq + 1;
            while next <= backlog.last_seq && looked_at < MOST_LOOKED_AT {
                let raw = self.log.scan(&stream, Some(tenant), next, PORTION).await?;
                let Some(last) = raw.last() else { break };
                next = last.log_seq + 1;
                looked_at += raw.len();
                self.look_up(raw, &mut found).await?;
            }
        }
        Ok(found)
    }

    async fn look_up(&self, raw: Vec<LoggedRecord>, found: &mut OnTheirWay) -> Result<(), BoxError> {
        let read = |raw: LoggedRecord| {
            let envelope = Envelope::decode(&raw.payload).ok()?;
            Some(Record { log_seq: raw.log_seq, envelope })
        };
        let records: Vec<_> = raw.into_iter().filter_map(read).collect();
        let known = self.store.known(&records).await?;
        let held: HashSet<_> = known.into_iter().map(|known| (known.key, known.seq)).collect();
        for record in records {
            let entry = &record.envelope.entry;
            if !held.contains(&(record.envelope.key(), entry.seq)) {
                found.count += 1;
                found.oldest = Some(found.oldest.map_or(entry.at, |oldest| oldest.min(entry.at)));
            }
        }
        Ok(())
    }
}

/// Records looked up at a time.
const PORTION: usize = 500;

/// Most records looked up: beyond that the exact number does not matter.
const MOST_LOOKED_AT: usize = 5_000;
