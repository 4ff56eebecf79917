//! Comparing everything that there is of a tenant, in the background.

use std::{sync::Arc, time::Duration};

use frontdesk_api::{CheckRefused, CheckState, LedgerCheck, LedgerFinding, LookedAt};
use frontdesk_domain::TenantId;
use frontdesk_ports::StoreInspector;
use frontdesk_workers::{Anomaly, Verifier, VerifyOptions, VerifyReport};

use super::{Check, Ledgers, Tenant};

impl Ledgers {
    /// Begins a check unless one is running.
    pub(super) fn begin(&self, tenant: TenantId, known: Arc<Tenant>) -> Result<(), CheckRefused> {
        let now = self.clock.monotonic();
        let mut check = known.check();
        if let Some(last) = check.as_ref() {
            if last.shown.state == CheckState::Running {
                return Ok(());
            }
            let age = now.saturating_sub(last.begun);
            if age < EVERY {
                return Err(CheckRefused { retry_after: EVERY - age });
            }
        }
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| CheckRefused { retry_after: SOON })?;
        let options = VerifyOptions { scope: Some(tenant), since: None, grace: GRACE, workers_run: true };
        let verifier = Verifier::new(Arc::clone(&self.log), Arc::clone(&self.store), Arc::clone(&self.clock), options);
        let shown = LedgerCheck { began_at: self.clock.now().0, ..LedgerCheck::default() };
        let begun = Check { begun: now, verifier: Arc::new(verifier), shown };
        *check = Some(begun.clone());
        drop(check);
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        tokio::spawn(async move {
            let mut shown = begun.run().await;
            shown.ended_at = Some(clock.now().0);
            keep(&*store, tenant, &shown).await;
            if let Some(check) = known.check().as_mut() {
                check.shown = shown;
            }
            // What is shown from memory until now is in the database, for other nodes and after a restart.
            *known.figures.lock().await = None;
            drop(place);
        });
        Ok(())
    }
}

impl Check {
    /// How it stands now.
    pub(super) fn show(&self) -> LedgerCheck {
        let mut shown = self.shown.clone();
        if shown.state == CheckState::Running {
            shown.looked_at = looked_at(&self.verifier);
        }
        shown
    }

    async fn run(&self) -> LedgerCheck {
        let mut shown = self.shown.clone();
        match tokio::time::timeout(LONGEST, self.verifier.run()).await {
            Ok(Ok(report)) => {
                shown.state = CheckState::Done;
                shown.found = found(&report);
                shown.findings = findings(&report);
            }
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "a ledger check failed");
                shown.state = CheckState::Failed;
            }
            Err(_) => {
                tracing::warn!(longest_s = LONGEST.as_secs(), "a ledger check took too long and was ended");
                shown.state = CheckState::Failed;
            }
        }
        shown.looked_at = looked_at(&self.verifier);
        shown
    }
}

async fn keep(store: &dyn StoreInspector, tenant: TenantId, shown: &LedgerCheck) {
    let text = serde_json::to_string(shown).expect("plain data always encodes");
    if let Err(error) = store.put_check(tenant, &text).await {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, "the result of a ledger check could not be stored");
    }
}

fn looked_at(verifier: &Verifier) -> LookedAt {
    let counts = verifier.progress();
    LookedAt {
        logged: counts.logged,
        conversations: counts.conversations,
        entries: counts.entries,
        states: counts.acknowledgements + counts.receipts,
    }
}

fn found(report: &VerifyReport) -> std::collections::BTreeMap<String, u64> {
    Anomaly::ALL.into_iter().map(|anomaly| (anomaly.as_str().to_owned(), report.count(anomaly))).collect()
}

fn findings(report: &VerifyReport) -> Vec<LedgerFinding> {
    let findings = report.findings().map(|(anomaly, finding)| LedgerFinding {
        anomaly: anomaly.as_str().to_owned(),
        conversation: finding.key.map(|key| key.conversation.0),
        seq: finding.seq,
        why: finding.why.to_owned(),
    });
    findings.take(MOST_SHOWN).collect()
}

/// How old an entry must be to be missing from the database.
const GRACE: Duration = Duration::from_secs(10);

/// A tenant's checks begin no more often than this.
const EVERY: Duration = Duration::from_secs(30);

/// When to ask again while other tenants' checks go on.
const SOON: Duration = Duration::from_secs(5);

/// Longest time for a check.
const LONGEST: Duration = Duration::from_secs(600);

/// Findings that are shown and kept.
const MOST_SHOWN: usize = 20;
