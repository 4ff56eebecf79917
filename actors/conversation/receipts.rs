//! Receipts: watermarks that only grow, told at once here and published a little later, the last value only.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Member, ReceiptKind, Receipts, Watermark};
use frontdesk_ports::AckRecord;
use frontdesk_protocol::{Ack, AckKind, socket::ServerFrame};

use super::{actor::ConversationActor, call::ReceiptCall};

/// Receipts that grew here and are not published yet.
#[derive(Debug, Default)]
pub(super) struct DirtyReceipts {
    marks: HashMap<(Member, ReceiptKind), u64>,
    /// Whether somebody is going to publish them, or is doing so: one after the other, so that no older value of the same
    /// receipt comes last.
    publishing: bool,
}

impl DirtyReceipts {
    /// Whether there is nothing left to publish.
    pub(super) fn is_clean(&self) -> bool {
        self.marks.is_empty() && !self.publishing
    }
}

impl ConversationActor {
    /// Takes a receipt of a watching session; of any other there is nothing to take.
    pub(super) fn receipt(&mut self, call: &ReceiptCall, ctx: &mut Context<Self>) {
        let Some(author) = self.watchers.author(call.session) else { return };
        let member = author.member();
        let before = self.journal.receipts.of(member);
        // Nobody can hold what does not exist, whatever it says.
        self.observe(member, call.kind, call.up_to_seq.min(self.last_seq_for(author.audience())));
        let after = self.journal.receipts.of(member);
        if after.delivered > before.delivered {
            self.dirty.marks.insert((member, ReceiptKind::Delivered), after.delivered);
        }
        if after.read > before.read {
            self.dirty.marks.insert((member, ReceiptKind::Read), after.read);
        }
        if !self.dirty.marks.is_empty() && !std::mem::replace(&mut self.dirty.publishing, true) {
            ctx.run_later(COALESCE, |actor, ctx| actor.publish_receipts(ctx));
        }
    }

    /// Raises a watermark and tells the watchers what grew.
    ///
    /// One that comes from elsewhere may be ahead of what is known here: the entry is on its way.
    pub(super) fn observe(&mut self, member: Member, kind: ReceiptKind, up_to_seq: u64) {
        let conversation = self.key.conversation;
        let before = self.journal.receipts.of(member);
        let Some(after) = self.journal.receipts.observe(member, kind, up_to_seq, u64::MAX) else { return };
        if after.delivered > before.delivered {
            self.watchers.tell(ServerFrame::Delivered { conversation, member, up_to_seq: after.delivered });
        }
        if after.read > before.read {
            self.watchers.tell(ServerFrame::Read { conversation, member, up_to_seq: after.read });
        }
    }

    pub(super) fn observe_mark(&mut self, member: Member, mark: Watermark) {
        self.observe(member, ReceiptKind::Delivered, mark.delivered);
        self.observe(member, ReceiptKind::Read, mark.read);
    }

    fn publish_receipts(&mut self, ctx: &mut Context<Self>) {
        let marks = std::mem::take(&mut self.dirty.marks);
        let (desk, key) = (Arc::clone(&self.desk), self.key);
        // Best effort: a receipt that is lost on the way is made up for by the next, and clients repeat theirs on resume.
        let publish = async move {
            for ((member, kind), up_to_seq) in marks {
                let record = AckRecord { key, kind: AckKind::Receipt(member, kind), ack: Ack { up_to_seq } };
                if let Err(error) = desk.log.acknowledge(record).await {
                    metrics::counter!("desk_receipts_lost_total").increment(1);
                    tracing::debug!(conversation.id = %key, error = %error, "a receipt was not published");
                }
            }
        };
        ctx.spawn(publish.into_actor(self).map(|(), actor, ctx| {
            if actor.dirty.marks.is_empty() {
                actor.dirty.publishing = false;
            } else {
                ctx.run_later(COALESCE, |actor, ctx| actor.publish_receipts(ctx));
            }
        }));
    }
}

/// Raises `member`'s marks to those in `mark`, without telling anybody.
pub(super) fn take_mark(receipts: &mut Receipts, member: Member, mark: Watermark) {
    receipts.observe(member, ReceiptKind::Delivered, mark.delivered, u64::MAX);
    receipts.observe(member, ReceiptKind::Read, mark.read, u64::MAX);
}

const COALESCE: Duration = Duration::from_millis(25);
