//! A database in memory: as strict as the real ones, and gone with the process.

mod audit;
mod definitions;
mod directory;
mod inspector;
mod installation;
mod outbox;
mod settings;
mod timers;
mod transaction;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use frontdesk_domain::{
    Audience, AuditEntry, ClientId, ContactId, ConversationId, ConversationKey, ConversationSummary, Entry,
    Participant, Receipts, TenantId, Watermark,
};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use self::{
    definitions::DefinitionsState, directory::DirectoryState, outbox::OutboxState, settings::SettingsState,
    timers::TimersState,
};
use frontdesk_ports::{
    changes::{Change, ChangePosition, Changes},
    content_hash::{ContentHash, KnownEntry},
    error::StoreError,
    log::Record,
    page::{Page, PageRequest},
    store::{
        AssigneeFilter, ConversationFilter, ConversationStore, EntryRange, Persisted, ReceiptUpdate, RequestRecord,
        Snapshot,
    },
    store_inspector::IntegrityRecord,
};
use frontdesk_storage::{ListCursor, OutboxSignal, PersistBatch, Planned};

/// Conversations and directory in memory, for tests. Can be switched off, as a database that is down.
#[derive(Debug)]
pub struct MemoryStore {
    epoch: String,
    installation: String,
    state: Arc<Mutex<State>>,
    /// Held by the transaction that runs, and by single writes to what transactions write.
    turn: Arc<tokio::sync::Mutex<()>>,
    outbox: OutboxSignal,
}

/// The audit entries of each tenant.
type AuditState = BTreeMap<TenantId, Vec<AuditEntry>>;

#[derive(Debug, Default)]
struct State {
    unavailable: bool,
    conversations: BTreeMap<ConversationKey, Held>,
    /// The last number given to a change of each tenant's conversations.
    changes: BTreeMap<TenantId, u64>,
    receipts: BTreeMap<ConversationKey, Receipts>,
    directory: DirectoryState,
    definitions: DefinitionsState,
    /// The audit entries of each tenant, the oldest first.
    audit: AuditState,
    outbox: OutboxState,
    books: BTreeMap<TenantId, IntegrityRecord>,
    timers: TimersState,
    settings: SettingsState,
}

/// A conversation and its entries; `entries[n]` is number n + 1.
#[derive(Debug, Default)]
struct Held {
    snapshot: Snapshot,
    entries: Vec<(Entry, ContentHash)>,
    /// The number of its last change.
    changed: u64,
}

/// Why a call failed: the test wanted it.
#[derive(Debug, thiserror::Error)]
#[error("switched off")]
struct SwitchedOff;

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty database of a desk and with an epoch of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            epoch: Uuid::new_v4().to_string(),
            installation: Uuid::new_v4().to_string(),
            state: Arc::default(),
            turn: Arc::default(),
            outbox: OutboxSignal::default(),
        }
    }

    /// Whether calls are answered. While not, every one of them gives [`StoreError::Unavailable`] and changes nothing.
    pub fn set_available(&self, available: bool) {
        self.lock().unavailable = !available;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        answering(&self.state)
    }

    fn shared(&self) -> Arc<Mutex<State>> {
        Arc::clone(&self.state)
    }

    /// Waits until no transaction runs, and lets none begin while the guard lives.
    async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Runs `work` on the timers, if calls are answered.
    fn timers<T>(&self, work: impl FnOnce(&mut TimersState) -> T) -> Result<T, StoreError> {
        Ok(work(&mut self.state()?.timers))
    }

    /// Runs `work` on the directory, if calls are answered.
    fn directory<T>(&self, work: impl FnOnce(&mut DirectoryState) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&mut self.state()?.directory)
    }
}

/// The state, if calls are answered.
fn answering(state: &Mutex<State>) -> Result<MutexGuard<'_, State>, StoreError> {
    // A test that panicked while it held the lock has failed already.
    let state = state.lock().unwrap_or_else(PoisonError::into_inner);
    if state.unavailable {
        return Err(StoreError::Unavailable(SwitchedOff.into()));
    }
    Ok(state)
}

#[async_trait]
impl ConversationStore for MemoryStore {
    async fn load(&self, key: ConversationKey) -> Result<Option<Snapshot>, StoreError> {
        let state = self.state()?;
        Ok(state.conversations.get(&key).map(|held| held.snapshot.clone()))
    }

    async fn persist(&self, records: &[Record]) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
        let mut state = self.state()?;
        let batch = PersistBatch::of(records);
        let snapshots = batch.keys().filter_map(|key| {
            let held = state.conversations.get(&key)?;
            Some((key, held.snapshot.clone()))
        });
        let snapshots = snapshots.collect();
        let known = state.known(&batch.doubtful(&snapshots));
        let plans = batch.plan(snapshots, &known);
        state.number(&plans);
        Ok(plans.into_iter().map(|(key, planned)| (key, state.write(key, planned))).collect())
    }

    async fn entries(
        &self,
        key: ConversationKey,
        range: EntryRange,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let state = self.state()?;
        let entries = state.conversations.get(&key).into_iter().flat_map(|held| &held.entries);
        let visible = entries.map(|(entry, _)| entry).filter(|entry| entry.visible_to(audience));
        let mut found: Vec<_> = match range {
            EntryRange::After(seq) => visible.filter(|entry| entry.seq > seq).take(limit).collect(),
            EntryRange::Before(seq) => {
                let below: Vec<_> = visible.filter(|entry| entry.seq < seq).collect();
                below.into_iter().rev().take(limit).collect()
            }
        };
        found.sort_by_key(|entry| entry.seq);
        Ok(found.into_iter().cloned().collect())
    }

    async fn find_request(
        &self,
        key: ConversationKey,
        sender: Participant,
        client_id: ClientId,
    ) -> Result<Option<RequestRecord>, StoreError> {
        let state = self.state()?;
        let mut entries = state.conversations.get(&key).into_iter().flat_map(|held| &held.entries);
        let found = entries.find(|(entry, _)| entry.author.member == sender && entry.client_id == client_id);
        Ok(found.map(|(entry, _)| RequestRecord { outcome: entry.outcome(), digest: entry.digest }))
    }

    async fn list(
        &self,
        tenant: TenantId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, StoreError> {
        let state = self.state()?;
        let rows = state.summaries(tenant).filter(|row| matches(filter, row));
        page_of(rows.collect(), page, |row| ListCursor { at: row.last_at, id: row.conversation.0 })
    }

    async fn newest_change(&self, tenant: TenantId) -> Result<ChangePosition, StoreError> {
        Ok(ChangePosition::behind(self.state()?.changes_of(tenant)))
    }

    async fn changed_since(
        &self,
        tenant: TenantId,
        after: ChangePosition,
        limit: usize,
        most: usize,
    ) -> Result<Option<Changes>, StoreError> {
        let state = self.state()?;
        let of_tenant = state.conversations.iter().filter(|(key, _)| key.tenant == tenant);
        let changes = of_tenant.filter_map(|(key, held)| {
            let summary = ConversationSummary::of(key.conversation, &held.snapshot.conversation)?;
            let change = Change::of_conversation(held.changed, summary);
            (change.position > after).then_some(change)
        });
        let mut items: Vec<_> = changes.collect();
        if items.len() > most || after.number > state.changes_of(tenant) {
            return Ok(None);
        }
        items.sort_by_key(|change| change.position);
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(Some(Changes { items, more }))
    }

    async fn latest_of_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let state = self.state()?;
        let theirs = state.summaries(tenant).filter(|row| row.contact == contact);
        let latest = theirs.max_by_key(|row| (row.opened_at, row.conversation));
        Ok(latest.map(|row| row.conversation))
    }

    async fn raise_receipts(&self, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
        let mut state = self.state()?;
        for update in updates {
            let receipts = state.receipts.entry(update.key).or_default();
            receipts.observe(update.member, update.kind, update.up_to_seq, u64::MAX);
        }
        Ok(())
    }

    async fn receipts(&self, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
        let state = self.state()?;
        Ok(state.receipts.get(&key).map_or_else(Vec::new, |receipts| receipts.iter().collect()))
    }
}

impl State {
    fn known(&self, doubtful: &[(ConversationKey, &Entry)]) -> Vec<KnownEntry> {
        let matching = doubtful.iter().flat_map(|(key, offered)| {
            let entries = self.conversations.get(key).into_iter().flat_map(|held| &held.entries);
            let request = (offered.author.member, offered.client_id);
            entries
                .filter(move |(entry, _)| entry.seq == offered.seq || (entry.author.member, entry.client_id) == request)
                .map(|(entry, hash)| KnownEntry {
                    key: *key,
                    seq: entry.seq,
                    hash: *hash,
                    sender: entry.author.member,
                    client_id: entry.client_id,
                })
        });
        matching.collect()
    }

    /// Gives each tenant of which something is written its next number.
    fn number(&mut self, plans: &BTreeMap<ConversationKey, Planned<'_>>) {
        let written = plans.iter().filter(|(_, planned)| !planned.write.is_empty());
        let tenants: BTreeSet<_> = written.map(|(key, _)| key.tenant).collect();
        for tenant in tenants {
            *self.changes.entry(tenant).or_default() += 1;
        }
    }

    fn changes_of(&self, tenant: TenantId) -> u64 {
        self.changes.get(&tenant).copied().unwrap_or_default()
    }

    fn write(&mut self, key: ConversationKey, planned: Planned<'_>) -> Persisted {
        if let Some(change) = planned.snooze {
            self.timers.follow(key, change);
        }
        if !planned.write.is_empty() {
            let changed = self.changes_of(key.tenant);
            let held = self.conversations.entry(key).or_default();
            held.snapshot = planned.snapshot;
            held.changed = changed;
            let written = planned.write.iter();
            held.entries.extend(written.map(|offered| (offered.entry().clone(), offered.hash)));
        }
        planned.persisted
    }

    fn summaries(&self, tenant: TenantId) -> impl Iterator<Item = ConversationSummary> {
        self.conversations
            .iter()
            .filter(move |(key, _)| key.tenant == tenant)
            .filter_map(|(key, held)| ConversationSummary::of(key.conversation, &held.snapshot.conversation))
    }
}

fn matches(filter: &ConversationFilter, row: &ConversationSummary) -> bool {
    let assignee = row.assignment.as_ref().map(|held| held.agent);
    filter.status.is_none_or(|status| status == row.status)
        && filter.inbox.is_none_or(|inbox| inbox == row.inbox)
        && filter.contact.is_none_or(|contact| contact == row.contact)
        && filter.within.has(&row.resource())
        && match filter.assignee {
            AssigneeFilter::Any => true,
            AssigneeFilter::Unassigned => assignee.is_none(),
            AssigneeFilter::Agent(agent) => assignee == Some(agent),
        }
}

/// The page of `rows` that `request` asks for, from the highest cursor down.
fn page_of<T>(
    mut rows: Vec<T>,
    request: &PageRequest,
    cursor_of: impl Fn(&T) -> ListCursor,
) -> Result<Page<T>, StoreError> {
    let start = ListCursor::resume(request.cursor.as_deref())?;
    rows.retain(|row| cursor_of(row) < start);
    rows.sort_by_key(|row| std::cmp::Reverse(cursor_of(row)));
    Ok(Page::cut(rows, request, cursor_of))
}
