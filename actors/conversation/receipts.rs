//! Receipts: watermarks that only grow, told at once here and published a little later, the last value only.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix::{AsyncContext, Context};
use frontdesk_domain::{Member, ReceiptKind};
use frontdesk_ports::AckRecord;
use frontdesk_protocol::{Ack, AckKind, socket::ServerFrame};

use super::{actor::ConversationActor, call::ReceiptCall};

/// Receipts that grew here and are not published yet.
#[derive(Debug, Default)]
pub(super) struct DirtyReceipts {
    marks: HashMap<(Member, ReceiptKind), u64>,
}

impl DirtyReceipts {
    pub(super) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }
}

impl ConversationActor {
    /// Takes a receipt of a watching session; of any other there is nothing to take.
    pub(super) fn receipt(&mut self, call: &ReceiptCall, ctx: &mut Context<Self>) {
        let Some(author) = self.watchers.author(call.session) else { return };
        let before = self.journal.receipts.of(author.member());
        self.observe(author.member(), call.kind, call.up_to_seq);
        let after = self.journal.receipts.of(author.member());
        let first = self.dirty.is_empty();
        if after.delivered > before.delivered {
            self.dirty.marks.insert((author.member(), ReceiptKind::Delivered), after.delivered);
        }
        if after.read > before.read {
            self.dirty.marks.insert((author.member(), ReceiptKind::Read), after.read);
        }
        if first && !self.dirty.is_empty() {
            ctx.run_later(COALESCE, |actor, _| actor.publish_receipts());
        }
    }

    /// Raises a watermark and tells the watchers what grew.
    pub(super) fn observe(&mut self, member: Member, kind: ReceiptKind, up_to_seq: u64) {
        let conversation = self.key.conversation;
        let before = self.journal.receipts.of(member);
        let last_seq = self.journal.state.last_seq;
        let Some(after) = self.journal.receipts.observe(member, kind, up_to_seq, last_seq) else { return };
        if after.delivered > before.delivered {
            self.watchers.tell(ServerFrame::Delivered { conversation, member, up_to_seq: after.delivered });
        }
        if after.read > before.read {
            self.watchers.tell(ServerFrame::Read { conversation, member, up_to_seq: after.read });
        }
    }

    fn publish_receipts(&mut self) {
        let marks = std::mem::take(&mut self.dirty.marks);
        let (desk, key) = (Arc::clone(&self.desk), self.key);
        // Best effort: a receipt that is lost on the way is made up for by the next, and clients repeat theirs on resume.
        actix_rt::spawn(async move {
            for ((member, kind), up_to_seq) in marks {
                let record = AckRecord { key, kind: AckKind::Receipt(member, kind), ack: Ack { up_to_seq } };
                if let Err(error) = desk.log.acknowledge(record).await {
                    metrics::counter!("desk_receipts_lost_total").increment(1);
                    tracing::debug!(conversation.id = %key, error = %error, "a receipt was not published");
                }
            }
        });
    }
}

const COALESCE: Duration = Duration::from_millis(25);
