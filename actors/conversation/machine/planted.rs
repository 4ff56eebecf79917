//! Mistakes on purpose, for `tests/faults`: see `frontdesk_ports::planted`.

use frontdesk_domain::{Command, Decision, Entry, Rejection};
use frontdesk_ports::planted::Fault;

use super::{ConversationMachine, Now};
use crate::conversation::pending::Pending;

impl<T> ConversationMachine<T> {
    /// Tells the sender that the log holds what it was not given yet.
    pub(super) fn acknowledge_early(&mut self, entry: &Entry) {
        if Fault::AcknowledgeBeforePublish.is_planted() {
            self.recognise(entry);
        }
    }

    /// Judges a claim by what was so when it came in: another that was written since is not looked at.
    pub(super) fn judge_as_before(
        &self,
        call: &Pending<T>,
        decision: Result<Decision, Rejection>,
        now: Now,
    ) -> Result<Decision, Rejection> {
        let waited = call.waited(now.monotonic).as_millis();
        let came_in = now.wall.plus_millis(-i64::try_from(waited).unwrap_or(i64::MAX));
        match decision {
            Err(Rejection::AlreadyClaimed { at, .. })
                if call.request.command == Command::Claim
                    && at >= came_in
                    && Fault::ClaimByReadThenWrite.is_planted() =>
            {
                let mut before = self.view.state.clone();
                before.assignment = None;
                before.decide_unseen(&call.request, self.rules, now.wall)
            }
            decision => decision,
        }
    }
}

/// After which entry a resume goes on.
pub(in crate::conversation) fn resume_after(last_seq: u64) -> u64 {
    last_seq + u64::from(Fault::ResumeOffByOne.is_planted())
}
