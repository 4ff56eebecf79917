//! The ledger that supervisors see: figures of one tenant, and checks when they ask for one.

mod check;
mod figures;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_api::{CheckRefused, Ledger, LedgerAway, LedgerCheck, LedgerFigures};
use frontdesk_domain::TenantId;
use frontdesk_ports::{Clock, LogInspector, StoreInspector};
use frontdesk_workers::Verifier;
use tokio::sync::Semaphore;

/// The ledgers of all tenants, as this node sees them.
pub(crate) struct Ledgers {
    log: Arc<dyn LogInspector>,
    store: Arc<dyn StoreInspector>,
    clock: Arc<dyn Clock>,
    /// Checks that may go on at once on this node.
    places: Arc<Semaphore>,
    tenants: Mutex<HashMap<TenantId, Arc<Tenant>>>,
}

/// What is known here of one tenant.
#[derive(Default)]
struct Tenant {
    /// Held while figures are made, so that many who ask cost as much as one.
    figures: tokio::sync::Mutex<Option<(Duration, LedgerFigures)>>,
    check: Mutex<Option<Check>>,
}

/// A check that was begun here.
#[derive(Clone)]
struct Check {
    begun: Duration,
    verifier: Arc<Verifier>,
    /// How it stands; its progress is the verifier's until it has ended.
    shown: LedgerCheck,
}

impl Ledgers {
    pub(crate) fn new(log: Arc<dyn LogInspector>, store: Arc<dyn StoreInspector>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { log, store, clock, places: Arc::new(Semaphore::new(AT_ONCE)), tenants: Mutex::default() })
    }

    fn tenant(&self, id: TenantId) -> Arc<Tenant> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= MOST_TENANTS && !tenants.contains_key(&id) {
            // A tenant whose check is running is held by that check as well.
            tenants.retain(|_, tenant| Arc::strong_count(tenant) > 1);
        }
        Arc::clone(tenants.entry(id).or_default())
    }
}

impl Tenant {
    fn check(&self) -> MutexGuard<'_, Option<Check>> {
        self.check.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for Ledgers {
    async fn figures(&self, tenant: TenantId) -> Result<LedgerFigures, LedgerAway> {
        let known = self.tenant(tenant);
        let mut held = known.figures.lock().await;
        let fresh = held.take().filter(|(at, _)| self.clock.monotonic().saturating_sub(*at) < GOOD_FOR);
        let (at, mut figures) = match fresh {
            Some(fresh) => fresh,
            None => (self.clock.monotonic(), self.look(tenant).await?),
        };
        *held = Some((at, figures.clone()));
        if let Some(check) = known.check().as_ref() {
            figures.check = Some(check.show());
        }
        Ok(figures)
    }

    async fn begin_check(&self, tenant: TenantId) -> Result<(), CheckRefused> {
        self.begin(tenant, self.tenant(tenant))
    }
}

/// How old figures may be.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// Checks of different tenants that may go on at once on one node.
const AT_ONCE: usize = 2;

/// Tenants that are remembered.
const MOST_TENANTS: usize = 10_000;
