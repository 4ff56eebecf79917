//! The continuous integrity check: compares log and database as `frontdesk verify` does, all the time and at little
//! cost.
//!
//! Every entry that the persist queue has processed must be in the database as it was logged. Each reconciler checks
//! that by itself, the newest entries first when there are more than it can compare; a counter says how many it
//! skipped. It only reads.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_ports::{LogInspector, StreamPosition};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{
    kit::{WorkerContext, WorkerError},
    verify::{Anomaly, Verifier, VerifyOptions, VerifyReport},
};

/// Compares what was persisted since the last comparison.
pub struct IntegrityCheck {
    log: Arc<dyn LogInspector>,
    verifier: Verifier,
    /// The last sequence of each stream that was compared.
    checked: Mutex<HashMap<String, u64>>,
}

impl IntegrityCheck {
    /// A check that begins with what is persisted from now on.
    #[must_use]
    pub fn new(context: &WorkerContext) -> Self {
        let options = VerifyOptions { scope: None, since: None, grace: Duration::ZERO, workers_run: true };
        let ports = context.ports();
        let (log, store, clock) = (ports.log_inspector.clone(), ports.database.inspector.clone(), ports.clock.clone());
        Self { log: log.clone(), verifier: Verifier::new(log, store, clock, options), checked: Mutex::default() }
    }

    /// Compares log and database, piece by piece, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
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
                // The workers report an outage themselves; the next comparison misses nothing.
                let error: &dyn std::error::Error = &error;
                tracing::debug!(error, "the integrity check could not read; trying again");
            }
        }
    }

    /// Compares once; returns what was found in each stream that had something new.
    ///
    /// # Errors
    /// [`WorkerError`]: log or database could not be read. What was not looked at is looked at next time.
    pub async fn step(&self) -> Result<Vec<VerifyReport>, WorkerError> {
        let mut reports = Vec::new();
        for position in self.log.streams().await? {
            if let Some(span) = self.next(&position) {
                let report = self.verifier.audit(&span).await?;
                self.checked().insert(span.stream.clone(), span.last_seq);
                show(&span, &report);
                reports.push(report);
            }
        }
        Ok(reports)
    }

    /// What to compare in a stream.
    fn next(&self, position: &StreamPosition) -> Option<StreamPosition> {
        let mut checked = self.checked();
        let up_to = checked.entry(position.stream.clone()).or_insert(position.processed_seq);
        // Below it: the stream was made anew.
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

    fn checked(&self) -> std::sync::MutexGuard<'_, HashMap<String, u64>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
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
            "log and database differ; run `frontdesk verify` for the whole comparison"
        );
    }
}

/// How often it compares.
const EVERY: Duration = Duration::from_secs(2);

/// Most records of one stream compared at once: with eight streams some 200 a second. A busier installation is sampled,
/// because each record that is looked up takes time from writing.
const MOST_AT_ONCE: u64 = 50;

/// Most records of one stream that wait to be compared; beyond that, the oldest are skipped.
const MOST_BEHIND: u64 = 500;

/// Most findings logged for one comparison of one stream.
const MOST_NAMED: usize = 10;
