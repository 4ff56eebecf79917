//! The one cache of settings documents in a process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_domain::{Document, ScopeKind, SettingsScope, TenantId, settings::Effective};
use frontdesk_ports::{Clock, Notice, NoticeKind, SettingsDocuments, StoreError};

use crate::notices::NoticeListener;

/// Settings documents, read from the database once and kept until a change notice says that there is another version,
/// or until they are 10 s old. While the database is away the last ones known hold.
pub struct SettingsCache {
    documents: Arc<dyn SettingsDocuments>,
    clock: Arc<dyn Clock>,
    held: Mutex<Held>,
    /// Documents that are held at once.
    capacity: usize,
}

#[derive(Default)]
struct Held {
    entries: HashMap<(TenantId, SettingsScope), Entry>,
    /// Counts the notices: what was being read when one came may be older than the change.
    outdated: u64,
}

struct Entry {
    /// When it was read (monotonic); `None` once it may be outdated.
    read_at: Option<Duration>,
    document: Arc<Document>,
}

impl SettingsCache {
    /// An empty cache of these documents. It hears of changes once it is given to [`deliver`](crate::notices::deliver).
    #[must_use]
    pub fn new(documents: Arc<dyn SettingsDocuments>, clock: Arc<dyn Clock>) -> Self {
        Self { documents, clock, held: Mutex::default(), capacity: CAPACITY }
    }

    /// The values that hold at a scope of a tenant: its document over that of the tenant over the defaults.
    ///
    /// # Errors
    /// [`StoreError`]: it was never read, and the database does not answer now.
    pub async fn effective(&self, tenant: TenantId, scope: SettingsScope) -> Result<Effective, StoreError> {
        let of_tenant = self.document(tenant, SettingsScope::Tenant).await?;
        if scope == SettingsScope::Tenant {
            return Ok(Effective::of([(ScopeKind::Tenant, &*of_tenant)]));
        }
        let of_scope = self.document(tenant, scope).await?;
        Ok(Effective::of([(ScopeKind::Tenant, &*of_tenant), (scope.kind(), &*of_scope)]))
    }

    async fn document(&self, tenant: TenantId, scope: SettingsScope) -> Result<Arc<Document>, StoreError> {
        let now = self.clock.monotonic();
        let (known, outdated) = {
            let held = self.held();
            match held.entries.get(&(tenant, scope)) {
                Some(entry) if entry.is_current(now) => return Ok(Arc::clone(&entry.document)),
                entry => (entry.map(|entry| Arc::clone(&entry.document)), held.outdated),
            }
        };
        let found = match (self.documents.settings(tenant, scope).await, known) {
            (Ok(found), _) => found,
            (Err(error), Some(document)) if error.is_transient() => return Ok(document),
            (Err(error), _) => return Err(error),
        };
        let document = Arc::new(found.map(|found| Document::from_stored(found.document)).unwrap_or_default());
        let mut held = self.held();
        // Otherwise what was read may be older than the change that was told meanwhile.
        if held.outdated == outdated {
            if held.entries.len() >= self.capacity && !held.entries.contains_key(&(tenant, scope)) {
                held.entries.retain(|_, entry| entry.is_current(now));
            }
            if held.entries.len() < self.capacity {
                held.entries.insert((tenant, scope), Entry { read_at: Some(now), document: Arc::clone(&document) });
            }
        }
        Ok(document)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the documents of matching tenants be read again. They are kept, to hold while the database is away.
    fn expire(&self, matches: impl Fn(TenantId) -> bool) {
        let mut held = self.held();
        held.outdated += 1;
        let matching = held.entries.iter_mut().filter(|((tenant, _), _)| matches(*tenant));
        matching.for_each(|(_, entry)| entry.read_at = None);
    }
}

impl Entry {
    fn is_current(&self, now: Duration) -> bool {
        self.read_at.is_some_and(|read_at| now.saturating_sub(read_at) < MAX_AGE)
    }
}

impl NoticeListener for SettingsCache {
    fn changed(&self, notice: &Notice) {
        if notice.kind == NoticeKind::SETTINGS {
            self.expire(|tenant| tenant == notice.tenant);
        }
    }

    fn missed(&self) {
        self.expire(|_| true);
    }
}

/// How old a document may be: a change whose notice was lost takes effect within this time.
const MAX_AGE: Duration = Duration::from_secs(10);

/// Documents that are held at once. What comes when all of them are younger than [`MAX_AGE`] is read each time.
const CAPACITY: usize = 10_000;

#[cfg(test)]
mod tests;
