//! Receipts: watermarks that only grow. They are published a little later, the last value only, and told once they are,
//! so that what subscribers were told never goes back, whichever node is killed.

use std::{sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Participant, ReceiptKind, Watermark};
use frontdesk_ports::AckRecord;
use frontdesk_protocol::{Ack, AckKind, socket::ServerFrame};

use super::{actor::ConversationActor, call::ReceiptCall, dirty_receipts::Publishing};

impl ConversationActor {
    /// Takes a receipt of a watching session; of any other there is nothing to take.
    pub(super) fn receipt(&mut self, call: &ReceiptCall, ctx: &mut Context<Self>) {
        let Some(principal) = self.subscribers.principal(call.session) else { return };
        let member = principal.participant();
        let known = self.view().receipts.of(member);
        // Bounded by the last entry that the participant may see: a client may claim more.
        let up_to_seq = call.up_to_seq.min(self.last_seq_for(principal.audience()));
        if up_to_seq > known.delivered {
            self.dirty.raise(member, ReceiptKind::Delivered, up_to_seq);
        }
        if call.kind == ReceiptKind::Read && up_to_seq > known.read {
            self.dirty.raise(member, ReceiptKind::Read, up_to_seq);
        }
        self.publish_soon(COALESCE, ctx);
    }

    /// Takes a receipt that some node published.
    ///
    /// One that is lower than what is known here was published late, by a node that was stopped meanwhile. Channel 2
    /// keeps the last value only, so the higher one is published again.
    pub(super) fn handle_receipt(
        &mut self,
        member: Participant,
        kind: ReceiptKind,
        up_to_seq: u64,
        ctx: &mut Context<Self>,
    ) {
        self.observe(member, kind, up_to_seq);
        let known = self.view().receipts.of(member);
        let known = if kind == ReceiptKind::Read { known.read } else { known.delivered };
        if up_to_seq < known {
            self.dirty.raise(member, kind, known);
            self.publish_soon(COALESCE, ctx);
        }
    }

    /// Raises a watermark and tells the watchers what grew.
    ///
    /// One that comes from elsewhere may be ahead of what is known here: the entry is on its way.
    pub(super) fn observe(&mut self, member: Participant, kind: ReceiptKind, up_to_seq: u64) {
        let conversation = self.key.conversation;
        let before = self.view().receipts.of(member);
        let Some(after) = self.machine.view_mut().receipts.observe(member, kind, up_to_seq, u64::MAX) else { return };
        if after.delivered > before.delivered {
            self.subscribers.tell(ServerFrame::Delivered { conversation, member, up_to_seq: after.delivered });
        }
        if after.read > before.read {
            self.subscribers.tell(ServerFrame::Read { conversation, member, up_to_seq: after.read });
        }
    }

    pub(super) fn observe_mark(&mut self, member: Participant, mark: Watermark) {
        self.observe(member, ReceiptKind::Delivered, mark.delivered);
        self.observe(member, ReceiptKind::Read, mark.read);
    }

    fn publish_soon(&mut self, wait: Duration, ctx: &mut Context<Self>) {
        if !self.dirty.marks.is_empty() && self.dirty.publishing == Publishing::Idle {
            self.dirty.publishing = Publishing::Scheduled;
            ctx.run_later(wait, |actor, ctx| actor.publish_receipts(ctx));
        }
    }

    fn publish_receipts(&mut self, ctx: &mut Context<Self>) {
        self.dirty.publishing = Publishing::Running;
        let marks = std::mem::take(&mut self.dirty.marks);
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        let publish = async move {
            let (mut published, mut unsure) = (Vec::new(), Vec::new());
            for ((member, kind), up_to_seq) in marks {
                let record = AckRecord { key, kind: AckKind::Receipt(member, kind), ack: Ack { up_to_seq } };
                match ports.log.acknowledge(record).await {
                    Ok(()) => published.push((member, kind, up_to_seq)),
                    Err(error) => {
                        metrics::counter!("desk_receipts_repeated_total").increment(1);
                        tracing::debug!(conversation.id = %key, error = %error, "a receipt was not published; trying again");
                        unsure.push((member, kind, up_to_seq));
                    }
                }
            }
            (published, unsure)
        };
        ctx.spawn(publish.into_actor(self).map(|(published, unsure), actor, ctx| {
            let wait = if unsure.is_empty() { COALESCE } else { RETRY };
            for (member, kind, up_to_seq) in published {
                actor.observe(member, kind, up_to_seq);
            }
            for (member, kind, up_to_seq) in unsure {
                actor.dirty.raise(member, kind, up_to_seq);
            }
            actor.dirty.publishing = Publishing::Idle;
            actor.publish_soon(wait, ctx);
        }));
    }
}

const COALESCE: Duration = Duration::from_millis(25);

/// Before the next try, while the log takes none.
const RETRY: Duration = Duration::from_millis(500);
