//! Receipts of one conversation that are to be published.

use std::collections::HashMap;

use frontdesk_domain::{Participant, ReceiptKind};

/// Receipts that grew here and are not published yet.
#[derive(Debug, Default)]
pub(super) struct DirtyReceipts {
    pub(super) marks: HashMap<(Participant, ReceiptKind), u64>,
    pub(super) publishing: Publishing,
}

/// Receipts are published one batch after the other, so that no older value of the same receipt comes last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Publishing {
    /// No receipt is being published.
    #[default]
    Idle,
    /// A timer runs until the next batch is published.
    Scheduled,
    /// A batch is being published.
    Running,
}

impl DirtyReceipts {
    /// Remembers a receipt; the highest of each kind counts.
    pub(super) fn raise(&mut self, member: Participant, kind: ReceiptKind, up_to_seq: u64) {
        let mark = self.marks.entry((member, kind)).or_default();
        *mark = up_to_seq.max(*mark);
    }

    /// Whether there is nothing left to publish.
    pub(super) fn is_clean(&self) -> bool {
        self.marks.is_empty() && self.publishing == Publishing::Idle
    }
}
