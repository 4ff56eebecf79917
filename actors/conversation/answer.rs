//! Answering commands, and measuring how long that took.

use frontdesk_domain::{Answer, Rejection};
use frontdesk_ports::commands::{ExecuteError, Executed};

use super::{actor::ConversationActor, call::ExecuteCall};

impl ConversationActor {
    /// Answers a command whose entry is in the log.
    pub(super) fn answer(&self, call: ExecuteCall, outcome: Result<Answer, Rejection>) {
        match outcome {
            Ok(answer) => self.settle(call, answer),
            Err(rejection) => self.reject(call, rejection),
        }
    }

    fn settle(&self, call: ExecuteCall, answer: Answer) {
        metrics::histogram!("desk_hop_seconds", "hop" => "accept").record(self.ports.seconds_since(call.since));
        metrics::counter!("desk_commands_total", "outcome" => "accepted").increment(1);
        call.reply.send(Ok(Executed { answer, durability: self.ports.log.durability() }));
    }

    pub(super) fn reject(&self, call: ExecuteCall, rejection: Rejection) {
        metrics::counter!("desk_commands_total", "outcome" => rejection.code()).increment(1);
        call.reply.send(Err(ExecuteError::Rejected(rejection)));
    }

    /// Refuses a command, or leaves its outcome open if the same request may have been logged by an earlier attempt.
    pub(super) fn refuse(&self, call: ExecuteCall, error: ExecuteError) {
        let name = call.name();
        let in_flight = self.in_flight.as_ref().is_some_and(|call| call.name() == name);
        let error = if in_flight || self.doubts.holds(name) { ExecuteError::Unknown } else { error };
        let outcome = match error {
            ExecuteError::Unknown => "unknown",
            ExecuteError::Overloaded { .. } => "overloaded",
            _ => "unavailable",
        };
        metrics::counter!("desk_commands_total", "outcome" => outcome).increment(1);
        call.reply.send(Err(error));
    }
}
