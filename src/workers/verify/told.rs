//! The pass over the ack stream and the receipts: acknowledgements claim neither more nor less than is there.

use std::collections::BTreeMap;

use frontdesk_domain::{ConversationKey, Participant, ReceiptKind, Watermark};
use frontdesk_ports::{AckRecord, LoggedAck, StoredProgress};
use frontdesk_protocol::AckKind;

use super::{Anomaly, Finding, Findings, Verifier};
use crate::kit::WorkerError;

/// What looks understated and may only be on its way: looked at again at the end.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    /// Conversations of which channel 2 says less than this number, which the database holds.
    untold: Vec<(ConversationKey, u64)>,
}

impl Verifier {
    /// Compares each acknowledgement with the database. Both only grow, and the acknowledgement is read first.
    pub(super) async fn read_acknowledgements(&self, findings: &mut Findings) -> Result<Suspects, WorkerError> {
        let position = self.log.acknowledgement_position().await?;
        let (mut next, mut suspects) = (position.first_seq, Suspects::default());
        while next <= position.last_seq {
            let mut acks = self.log.acknowledgements(self.options.scope, next, PORTION).await?;
            acks.retain(|ack| ack.log_seq <= position.last_seq);
            let Some(last) = acks.last() else { break };
            next = last.log_seq + 1;
            let states = self.states(acks.iter().map(|ack| ack.record.key)).await?;
            for LoggedAck { log_seq, record } in acks {
                let Some(state) = states.get(&record.key) else { continue };
                findings.report.counts.acknowledgements += 1;
                let is_written = log_seq <= position.processed_seq;
                self.judge(record, state, is_written, findings, &mut suspects).await?;
            }
            self.show(findings);
        }
        Ok(suspects)
    }

    async fn judge(
        &self,
        AckRecord { key, kind, ack }: AckRecord,
        state: &StoredProgress,
        is_written: bool,
        findings: &mut Findings,
        suspects: &mut Suspects,
    ) -> Result<(), WorkerError> {
        let told = ack.up_to_seq;
        let mut add = |anomaly, why| findings.report.add(anomaly, finding(key, told, why));
        match kind {
            AckKind::Persisted if told > state.last_seq && !self.is_held(key, told).await? => {
                add(Anomaly::Overstated, "senders were told that it is in the database, and it is not");
            }
            AckKind::Persisted if told < state.last_seq && state.last_at <= self.ago(self.options.grace) => {
                if suspects.untold.len() < MOST_SUSPECTS {
                    suspects.untold.push((key, state.last_seq));
                }
            }
            AckKind::Persisted => {}
            AckKind::Receipt(..) if told > state.last_seq && told > self.log.last_logged(key).await? => {
                add(Anomaly::Overstated, "a receipt for an entry that was never logged");
            }
            AckKind::Receipt(member, kind) if is_written && told > mark_of(state, member, kind) => {
                add(Anomaly::Understated, "a receipt that the database does not know of");
            }
            AckKind::Receipt(..) | AckKind::Failed(_) => {}
        }
        Ok(())
    }

    /// Checks the receipts of these conversations of the database.
    pub(super) async fn read_receipts(
        &self,
        keys: impl Iterator<Item = ConversationKey>,
        findings: &mut Findings,
    ) -> Result<(), WorkerError> {
        for state in self.states(keys).await?.into_values() {
            for (_, Watermark { delivered, read }) in &state.receipts {
                findings.report.counts.receipts += 1;
                let highest = (*delivered).max(*read);
                if highest > state.last_seq && highest > self.log.last_logged(state.key).await? {
                    let why = "the database holds a receipt for an entry that is in neither";
                    findings.report.add(Anomaly::Overstated, finding(state.key, highest, why));
                } else if read > delivered {
                    let why = "the database says read before it says delivered";
                    findings.report.add(Anomaly::Overstated, finding(state.key, *read, why));
                }
            }
        }
        Ok(())
    }

    /// Looks at suspects once more: what was on its way has arrived. While no worker runs nothing does, and nothing is
    /// missing.
    pub(super) async fn look_again(&self, suspects: Suspects, findings: &mut Findings) -> Result<(), WorkerError> {
        for (key, seq) in suspects.untold {
            if self.options.workers_run && self.log.acknowledged(key).await? < seq {
                let why = "it is in the database, and senders were not told";
                findings.report.add(Anomaly::Understated, finding(key, seq, why));
            }
        }
        Ok(())
    }

    /// Whether the entry is there, whatever its conversation's row knows of it.
    async fn is_held(&self, key: ConversationKey, seq: u64) -> Result<bool, WorkerError> {
        let entries = self.store.entries_after(key, seq.saturating_sub(1), 1).await?;
        Ok(entries.first().is_some_and(|entry| entry.seq == seq))
    }

    async fn states(
        &self,
        keys: impl Iterator<Item = ConversationKey>,
    ) -> Result<BTreeMap<ConversationKey, StoredProgress>, WorkerError> {
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        keys.dedup();
        Ok(self.store.progress(&keys).await?.into_iter().map(|state| (state.key, state)).collect())
    }
}

fn mark_of(state: &StoredProgress, member: Participant, kind: ReceiptKind) -> u64 {
    let mark = state.receipts.iter().find(|(other, _)| *other == member).map_or_else(Watermark::default, |held| held.1);
    match kind {
        ReceiptKind::Delivered => mark.delivered,
        ReceiptKind::Read => mark.read,
    }
}

const fn finding(key: ConversationKey, seq: u64, why: &'static str) -> Finding {
    Finding { key: Some(key), seq, place: None, why }
}

/// Acknowledgements asked for at a time.
const PORTION: usize = 500;

/// Conversations that are looked at again at the end.
const MOST_SUSPECTS: usize = 100_000;
