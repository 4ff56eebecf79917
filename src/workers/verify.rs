//! Compares the log, the database and the acknowledgements entry by entry, and names what differs.
//!
//! One pass over the log's streams in their order, one over the acknowledgements on channel 2, then one over the
//! database's conversations and receipts. What is kept in memory is a line for each conversation of the stream at hand,
//! the requests of the conversation at hand, and bounded lists.

mod logged;
mod report;
mod stored;
mod told;

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{Clock, LogInspector, StoreInspector, StreamPosition, TenantFilter};

use crate::kit::WorkerError;
pub use report::{Anomaly, Counts, Finding, VerifyReport};

/// What the verification covers, and whether it waits for workers.
#[derive(Debug, Clone, Copy)]
pub struct VerifyOptions {
    /// Only this tenant's conversations; `None`: all.
    pub scope: TenantFilter,
    /// Only conversations in which something happened within this time; `None`: all.
    pub since: Option<Duration>,
    /// How old an entry must be to be missing from the database; a younger one is on its way.
    pub grace: Duration,
    /// Whether workers run. While none does, what still waits in the queue is not missing, however old.
    pub workers_run: bool,
}

/// Compares log and database.
pub struct Verifier {
    log: Arc<dyn LogInspector>,
    store: Arc<dyn StoreInspector>,
    clock: Arc<dyn Clock>,
    options: VerifyOptions,
    progress: RwLock<Counts>,
}

/// What is found, and what the second pass must know of the first.
struct Findings {
    report: VerifyReport,
    /// Entries that were already reported missing.
    missing: HashSet<(ConversationKey, u64)>,
}

impl Verifier {
    /// A verifier of these two.
    #[must_use]
    pub fn new(
        log: Arc<dyn LogInspector>,
        store: Arc<dyn StoreInspector>,
        clock: Arc<dyn Clock>,
        options: VerifyOptions,
    ) -> Self {
        Self { log, store, clock, options, progress: RwLock::default() }
    }

    /// Compares everything once. Reads only, and may run beside a busy desk.
    ///
    /// # Errors
    /// [`WorkerError`]: the log or the database could not be read to the end, so there is no result.
    pub async fn run(&self) -> Result<VerifyReport, WorkerError> {
        let mut findings = Findings { report: VerifyReport::default(), missing: HashSet::new() };
        self.read_log(&mut findings).await?;
        let suspects = self.read_acknowledgements(&mut findings).await?;
        self.read_store(&mut findings).await?;
        self.look_again(suspects, &mut findings).await?;
        Ok(findings.report)
    }

    /// Compares one stretch of one stream with the database.
    ///
    /// # Errors
    /// As [`Verifier::run`].
    pub(crate) async fn audit(&self, span: &StreamPosition) -> Result<VerifyReport, WorkerError> {
        let mut findings = Findings { report: VerifyReport::default(), missing: HashSet::new() };
        self.read_stream(span, &mut findings).await?;
        Ok(findings.report)
    }

    /// What was read so far, for those who wait.
    #[must_use]
    pub fn progress(&self) -> Counts {
        *self.progress.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, findings: &Findings) {
        *self.progress.write().unwrap_or_else(PoisonError::into_inner) = findings.report.counts;
    }

    /// Entries before this moment are not looked at.
    fn begin(&self) -> Timestamp {
        self.options.since.map_or(Timestamp(i64::MIN), |since| self.ago(since))
    }

    fn ago(&self, time: Duration) -> Timestamp {
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.clock.now().0.saturating_sub(millis))
    }
}

impl Findings {
    /// Notes an entry that is missing; each once, as far as memory allows.
    fn missing(&mut self, key: ConversationKey, seq: u64, finding: Finding) {
        if self.missing.contains(&(key, seq)) {
            return;
        }
        if self.missing.len() < MOST_REMEMBERED {
            self.missing.insert((key, seq));
        }
        self.report.add(Anomaly::Missing, finding);
    }
}

/// Missing entries that are remembered, so that the second pass does not count them again.
const MOST_REMEMBERED: usize = 100_000;
