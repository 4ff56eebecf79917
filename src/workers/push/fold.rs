//! Bringing a conversation's state up to the entries at hand.

use frontdesk_domain::ConversationKey;
use frontdesk_ports::Record;

use super::{PushWorker, folds::Fold, targets::Targets};
use crate::error::WorkerError;

/// Records read from the log at a time.
const PAGE: usize = 256;

impl Fold {
    const fn seq(&self) -> u64 {
        self.conversation.last_seq
    }

    /// Folds `record` in if it is the next one.
    fn apply(&mut self, record: &Record) {
        if record.envelope.entry.seq == self.seq() + 1 {
            self.conversation.apply(&record.envelope.entry);
            self.log_seq = record.log_seq;
        }
    }
}

impl PushWorker {
    /// Folds `records` in, ascending by number, and gathers whom they concern. `fold` is right in any case, but may have come
    /// less far after an error.
    pub(super) async fn fold(
        &self,
        key: ConversationKey,
        fold: &mut Fold,
        records: &[Record],
    ) -> Result<Targets, WorkerError> {
        let mut targets = Targets::default();
        for record in records {
            let entry = &record.envelope.entry;
            if entry.seq > fold.seq() + 1 {
                self.reach(key, fold, entry.seq - 1).await?;
            }
            if entry.seq <= fold.seq() {
                // It comes late or again, and what was before it is not known any more.
                targets.add(entry, None, &fold.conversation);
            } else {
                let before = fold.conversation.status;
                fold.apply(record);
                targets.add(entry, Some(before), &fold.conversation);
            }
        }
        Ok(targets)
    }

    /// Folds in every entry up to number `seq`, none of which was delivered here.
    ///
    /// Of a conversation that is not known at all the database is asked first, for it may be long. It need not answer: as
    /// long as the log reaches back far enough, agents hear of news while the database is away.
    async fn reach(&self, key: ConversationKey, fold: &mut Fold, seq: u64) -> Result<(), WorkerError> {
        let unknown = fold.seq() == 0;
        let mut loaded = Ok(());
        if unknown {
            loaded = self.load(key, fold).await;
        }
        self.read_up_to(key, fold, seq).await?;
        if fold.seq() < seq && !unknown {
            loaded = self.load(key, fold).await;
            self.read_up_to(key, fold, seq).await?;
        }
        if fold.seq() < seq {
            loaded?;
            return Err(WorkerError::Missing { key, seq: fold.seq() + 1 });
        }
        Ok(())
    }

    async fn load(&self, key: ConversationKey, fold: &mut Fold) -> Result<(), WorkerError> {
        if let Some(snapshot) = self.store.load(key).await?
            && snapshot.conversation.last_seq > fold.seq()
        {
            *fold = snapshot.into();
        }
        Ok(())
    }

    /// Reads from the log as far as it goes without a hole, not beyond `seq`.
    async fn read_up_to(&self, key: ConversationKey, fold: &mut Fold, seq: u64) -> Result<(), WorkerError> {
        while fold.seq() < seq {
            let before = fold.seq();
            for record in self.log.read(key, fold.log_seq, PAGE).await? {
                if fold.seq() < seq {
                    fold.apply(&record);
                }
            }
            if fold.seq() == before {
                break;
            }
        }
        Ok(())
    }
}
