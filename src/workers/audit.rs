//! Comparing log and database all the time, at a pace that costs little: what `verify` does at once, entry by entry.
//!
//! Whatever the queue for the database is through with must be there, as it was logged. Each reconciler looks at that by itself,
//! the newest first when there is more than it can look at: then it says how much it passed over. It only reads.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_ports::{LogLedger, StreamPosition};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{
    deps::WorkerDeps,
    error::WorkerError,
    verify::{Anomaly, Verifier, VerifyOptions, VerifyReport},
};

/// Looks at what was persisted since it last looked.
pub struct Audit {
    log: Arc<dyn LogLedger>,
    verifier: Verifier,
    /// Up to where each stream was looked at.
    audited: Mutex<HashMap<String, u64>>,
}

impl Audit {
    /// One that begins with what is persisted from now on.
    #[must_use]
    pub fn new(deps: &WorkerDeps) -> Self {
        let options = VerifyOptions { scope: None, since: None, grace: Duration::ZERO, workers_run: true };
        let (log, store, clock) = (deps.log_ledger.clone(), deps.store_ledger.clone(), deps.clock.clone());
        Self { log: log.clone(), verifier: Verifier::new(log, store, clock, options), audited: Mutex::default() }
    }

    /// Looks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        for anomaly in Anomaly::ALL {
            metrics::counter!("desk_ledger_anomalies_total", "anomaly" => anomaly.as_str()).increment(0);
        }
        let mut looks = tokio::time::interval(EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = looks.tick() => {}
            }
            if let Err(error) = self.step().await {
                // The workers say louder that something is away; this looks again, and misses nothing by it.
                let error: &dyn std::error::Error = &error;
                tracing::debug!(error, "the audit could not look");
            }
        }
    }

    /// Looks once; gives what was found in each stream that had something new.
    ///
    /// # Errors
    /// [`WorkerError`]: log or database could not be read. What was not looked at is looked at next time.
    pub async fn step(&self) -> Result<Vec<VerifyReport>, WorkerError> {
        let mut reports = Vec::new();
        for position in self.log.streams().await? {
            if let Some(span) = self.next(&position) {
                let report = self.verifier.audit(&span).await?;
                self.audited().insert(span.stream.clone(), span.last_seq);
                show(&span, &report);
                reports.push(report);
            }
        }
        Ok(reports)
    }

    /// What to look at in a stream.
    fn next(&self, position: &StreamPosition) -> Option<StreamPosition> {
        let mut audited = self.audited();
        let up_to = audited.entry(position.stream.clone()).or_insert(position.processed_seq);
        // Below it: another log began under the same name.
        *up_to = (*up_to).min(position.processed_seq).max(position.first_seq.saturating_sub(1));
        let waiting = position.processed_seq.saturating_sub(*up_to);
        if waiting > MOST_BEHIND {
            let passed_over = waiting - MOST_AT_ONCE;
            metrics::counter!("desk_ledger_passed_over_total").increment(passed_over);
            *up_to += passed_over;
        }
        let (first_seq, last_seq) = (*up_to + 1, position.processed_seq.min(*up_to + MOST_AT_ONCE));
        (first_seq <= last_seq).then(|| StreamPosition { first_seq, last_seq, ..position.clone() })
    }

    fn audited(&self) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
        self.audited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn show(span: &StreamPosition, report: &VerifyReport) {
    metrics::counter!("desk_ledger_audited_total").increment(report.counts.logged);
    for anomaly in Anomaly::ALL {
        let count = report.count(anomaly);
        if count > 0 {
            metrics::counter!("desk_ledger_anomalies_total", "anomaly" => anomaly.as_str()).increment(count);
        }
    }
    for (anomaly, finding) in report.findings().take(MOST_NAMED) {
        tracing::error!(
            anomaly = anomaly.as_str(),
            conversation.id = finding.key.map(|key| tracing::field::display(key.conversation)),
            seq = finding.seq,
            log.stream = span.stream,
            why = finding.why,
            "log and database do not agree; `frontdesk verify` tells all of it"
        );
    }
}

/// How often it looks.
const EVERY: Duration = Duration::from_secs(2);

/// Records of one stream that it looks at, at once: with eight streams some 200 a second. A desk that is busier is sampled; when
/// workers have fallen behind, each record that is looked up is one less that is written.
const MOST_AT_ONCE: u64 = 50;

/// Records of one stream that may wait to be looked at; beyond, the older ones are passed over.
const MOST_BEHIND: u64 = 500;

/// Findings that are named in the log of one look at one stream.
const MOST_NAMED: usize = 10;
