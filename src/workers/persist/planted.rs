//! What the planted faults of the persist worker do: see `frontdesk_ports::planted`.

use frontdesk_ports::{Delivery, planted::Fault};
use frontdesk_protocol::Envelope;

use super::PersistWorker;

impl PersistWorker {
    /// Logs once more what was delivered once more.
    pub(super) async fn relog(&self, delivery: &Delivery, envelope: &Envelope) {
        if delivery.attempt < 2 || !Fault::Relog.is_planted() {
            return;
        }
        if let Ok(Some(last)) = self.writer.log.last(envelope.key()).await {
            let mut again = envelope.clone();
            again.entry.seq = last.envelope.entry.seq + 1;
            let _somebody_else_was_faster = self.writer.log.append(&again, last.log_seq).await;
        }
    }
}
