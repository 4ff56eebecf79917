//! The state of conversations at each entry, for workers that derive something from the log.

mod cache;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frontdesk_domain::{Conversation, ConversationKey, Entry};
use frontdesk_ports::{ConversationStore, Log, Record};

use super::error::WorkerError;
use cache::{Cache, Projected};

/// Follows conversations by their entries and says how each stands before and after every entry.
///
/// It folds entries itself, because the database may be behind; it reads the database only where the log does not reach
/// back far enough. States of the conversations used last are kept in memory.
pub struct Projection {
    log: Arc<dyn Log>,
    store: Arc<dyn ConversationStore>,
    cache: Mutex<Cache>,
}

/// Most records read from the log at once.
const PAGE: usize = 256;

impl Projection {
    /// A projection that keeps the states of `capacity` conversations, about half a kilobyte each.
    #[must_use]
    pub fn new(log: Arc<dyn Log>, store: Arc<dyn ConversationStore>, capacity: usize) -> Self {
        Self { log, store, cache: Mutex::new(Cache::new(capacity)) }
    }

    /// Brings the conversation of `key` up to `records`, which are its own and ascend by number, and returns how it
    /// stands then.
    ///
    /// `visit` is called for each record in order, with what `before` made of the state before the entry and with the
    /// state that includes it. For an entry that comes late or again the state before is not known any more (`None`),
    /// and the state after may include later entries. Gaps between records are filled and not visited.
    ///
    /// Cancel safe. After an error the records may be given again; those that were visited are visited again, as late
    /// ones.
    ///
    /// # Errors
    /// [`WorkerError::Missing`] if neither log nor database holds an entry before those given; log and database errors.
    pub async fn advance<B>(
        &self,
        key: ConversationKey,
        records: &[Record],
        before: impl Fn(&Conversation) -> B,
        mut visit: impl FnMut(&Entry, Option<B>, &Conversation),
    ) -> Result<Conversation, WorkerError> {
        let mut state = self.cache().take(key).unwrap_or_default();
        let advanced = self.fold(key, &mut state, records, before, &mut visit).await;
        let conversation = advanced.map(|()| state.conversation.clone());
        self.cache().put(key, state);
        conversation
    }

    /// `state` is right in any case, but may have come less far after an error.
    async fn fold<B>(
        &self,
        key: ConversationKey,
        state: &mut Projected,
        records: &[Record],
        before: impl Fn(&Conversation) -> B,
        visit: &mut impl FnMut(&Entry, Option<B>, &Conversation),
    ) -> Result<(), WorkerError> {
        for record in records {
            let entry = &record.envelope.entry;
            if entry.seq > state.seq() + 1 {
                self.reach(key, state, entry.seq - 1).await?;
            }
            if entry.seq <= state.seq() {
                visit(entry, None, &state.conversation);
            } else {
                let known = before(&state.conversation);
                state.apply(record);
                visit(entry, Some(known), &state.conversation);
            }
        }
        Ok(())
    }

    /// Folds every entry up to number `seq`, none of which was given.
    ///
    /// For a conversation that is not known at all the database is read first, because the conversation may be long. It
    /// need not answer: while the database is unavailable the log alone is enough, if it reaches back far enough.
    async fn reach(&self, key: ConversationKey, state: &mut Projected, seq: u64) -> Result<(), WorkerError> {
        let is_unknown = state.seq() == 0;
        let mut loaded = Ok(());
        if is_unknown {
            loaded = self.load(key, state).await;
        }
        self.read_up_to(key, state, seq).await?;
        if state.seq() < seq && !is_unknown {
            loaded = self.load(key, state).await;
            self.read_up_to(key, state, seq).await?;
        }
        if state.seq() < seq {
            loaded?;
            return Err(WorkerError::Missing { key, seq: state.seq() + 1 });
        }
        Ok(())
    }

    async fn load(&self, key: ConversationKey, state: &mut Projected) -> Result<(), WorkerError> {
        if let Some(snapshot) = self.store.load(key).await?
            && snapshot.conversation.last_seq > state.seq()
        {
            *state = snapshot.into();
        }
        Ok(())
    }

    /// Reads from the log up to the first gap, and not beyond `seq`.
    async fn read_up_to(&self, key: ConversationKey, state: &mut Projected, seq: u64) -> Result<(), WorkerError> {
        while state.seq() < seq {
            let from = state.seq();
            for record in self.log.read(key, state.log_seq, PAGE).await? {
                if state.seq() < seq {
                    state.apply(&record);
                }
            }
            if state.seq() == from {
                break;
            }
        }
        Ok(())
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
