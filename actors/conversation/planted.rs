//! What the planted faults of conversations do: see `frontdesk_ports::planted`.

use frontdesk_domain::{Command, Decision, Rejection, Timestamp};
use frontdesk_ports::{Record, planted::Fault};
use frontdesk_protocol::Envelope;

use super::{actor::ConversationActor, call::ExecuteCall};

impl ConversationActor {
    /// Tells the sender that the log holds what it was not asked yet.
    pub(super) fn acknowledge_early(&mut self, envelope: &Envelope) {
        if Fault::AcknowledgeBeforePublish.is_planted() {
            self.recognise(&Record { log_seq: 0, envelope: envelope.clone() });
        }
    }

    /// Judges a claim by what was so when it came in: another that was written since is not looked at.
    pub(super) fn judge_as_before(
        &self,
        call: &ExecuteCall,
        decision: Result<Decision, Rejection>,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        let waited = self.ports.clock.monotonic().saturating_sub(call.since).as_millis();
        let came_in = now.plus_millis(-i64::try_from(waited).unwrap_or(i64::MAX));
        match decision {
            Err(Rejection::AlreadyClaimed { at, .. })
                if call.request.command == Command::Claim
                    && at >= came_in
                    && Fault::ClaimByReadThenWrite.is_planted() =>
            {
                let mut before = self.journal.state.clone();
                before.assignment = None;
                before.decide_unseen(&call.request, now)
            }
            decision => decision,
        }
    }
}

/// After which entry a resume goes on.
pub(super) fn resume_after(last_seq: u64) -> u64 {
    last_seq + u64::from(Fault::ResumeOffByOne.is_planted())
}
