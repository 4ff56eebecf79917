//! Receipts that are held back while the desk is busy: the last of each conversation and kind, because it says all.

use std::collections::HashMap;

use frontdesk_domain::{ConversationId, ReceiptKind};

/// At most two for each conversation that is watched.
#[derive(Debug, Default)]
pub(super) struct HeldReceipts(HashMap<(ConversationId, ReceiptKind), u64>);

impl HeldReceipts {
    /// Holds a receipt, or raises the one that is held.
    pub(super) fn hold(&mut self, conversation: ConversationId, kind: ReceiptKind, up_to_seq: u64) {
        let held = self.0.entry((conversation, kind)).or_default();
        *held = (*held).max(up_to_seq);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is held; nothing is afterwards, and no memory is kept for it.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (ConversationId, ReceiptKind, u64)> + use<> {
        std::mem::take(&mut self.0).into_iter().map(|((conversation, kind), up_to_seq)| (conversation, kind, up_to_seq))
    }
}
