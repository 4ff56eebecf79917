//! Receipts that are held back while the desk is busy: the last of each conversation and kind, because it says all.

use std::collections::HashMap;

use frontdesk_domain::{ConversationId, ReceiptKind};

/// At most two for each conversation that is watched; mostly none, and then no memory either.
#[derive(Debug, Default)]
pub(super) struct HeldReceipts(Option<Box<Held>>);

#[derive(Debug, Default)]
struct Held(HashMap<(ConversationId, ReceiptKind), u64>);

impl HeldReceipts {
    /// Holds a receipt, or raises the one that is held.
    pub(super) fn hold(&mut self, conversation: ConversationId, kind: ReceiptKind, up_to_seq: u64) {
        let held = self.0.get_or_insert_default().0.entry((conversation, kind)).or_default();
        *held = (*held).max(up_to_seq);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All that is held; nothing is afterwards, and no memory is kept for it.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (ConversationId, ReceiptKind, u64)> + use<> {
        let held = self.0.take().map(|held| held.0).unwrap_or_default();
        held.into_iter().map(|((conversation, kind), up_to_seq)| (conversation, kind, up_to_seq))
    }
}
