//! One command: decide, publish, settle whatever became of it.

use std::time::Duration;

use frontdesk_domain::{Decision, Entry, Principal, RecentRequests, Rejection, Request};
use frontdesk_ports::{Record, RequestRecord, commands::ExecuteError};

use super::{
    ConversationMachine, Now,
    operation::{AppendFailure, Operation, Output},
};
use crate::conversation::pending::Pending;

/// What arrived for the command that has its turn.
impl<T> ConversationMachine<T> {
    /// The log has stored what it was given, as `record`.
    pub fn handle_appended(&mut self, record: &Record, now: Now) {
        // The answer goes out first: the sender learns `accepted` before it sees its own entry come back.
        self.recognise(&record.envelope.entry);
        if !self.fold(record) {
            self.behind = true;
        }
        if let Operation::Appending { begun, .. } = self.take_operation() {
            self.view.confirm(begun);
        }
        self.in_doubt.settle(record.log_seq);
        self.go_on(now);
    }

    /// The log has not stored what it was given, or did not say so.
    pub fn handle_append_failed(&mut self, failure: AppendFailure, now: Now) {
        if let Operation::Appending { call: Some(call), upon, .. } = self.take_operation() {
            self.append_failed(call, failure, upon, now);
        }
        // Without a call it came in live meanwhile, so it is stored whatever the log says.
        self.go_on(now);
    }

    /// The database holds a request of that name.
    pub fn handle_request_found(&mut self, found: RequestRecord, now: Now) {
        if let Operation::AskingStore { call, .. } = self.take_operation() {
            if found.digest == call.request.command.digest() {
                self.answer(call, found.outcome);
            } else {
                self.reject(call, Rejection::IdReuse, now);
            }
        }
        self.go_on(now);
    }

    /// The database does not hold a request of that name.
    pub fn handle_request_absent(&mut self, now: Now) {
        if let Operation::AskingStore { call, asked_at } = self.take_operation() {
            self.attempt_unseen(call, asked_at, now);
        }
        self.go_on(now);
    }

    /// The database does not answer.
    pub fn handle_request_unknown(&mut self, now: Now) {
        if let Operation::AskingStore { call, .. } = self.take_operation() {
            self.fail(call, ExecuteError::Unavailable, now);
        }
        self.go_on(now);
    }
}

impl<T> ConversationMachine<T> {
    /// Ends the operation that is under way.
    pub(super) const fn take_operation(&mut self) -> Operation<T> {
        std::mem::replace(&mut self.operation, Operation::Idle)
    }

    /// Decides on what is known now and acts on it. Called again after every reload.
    pub(super) fn attempt(&mut self, mut call: Pending<T>, now: Now) {
        // An attempt that may still land must not land after a refusal: then the refusal is logged, and it is one or
        // the other.
        call.request.repeat |= self.in_doubt.holds(call.name());
        let decision = self.view.decide(&call.request, self.rules, now.wall);
        #[cfg(feature = "planted-faults")]
        let decision = self.judge_as_before(&call, decision, now);
        if decision == Ok(Decision::AskStore) {
            let (sender, client_id) = call.name();
            self.operation = Operation::AskingStore { call, asked_at: self.view.state.last_seq };
            self.outputs.push_back(Output::FindRequest { sender, client_id });
        } else {
            self.act(call, decision, now);
        }
    }

    fn act(&mut self, call: Pending<T>, decision: Result<Decision, Rejection>, now: Now) {
        match decision {
            Ok(Decision::Append(entry)) => self.append(call, entry, now),
            Ok(Decision::Settled(outcome)) => self.answer(call, outcome),
            // Others may have written since this was known. The log's compare-and-set finds that out for what is
            // appended; for what is not, the log is read.
            Err(rejection) if self.is_final(&call.request, &rejection) || self.is_current(&call) => {
                self.reject(call, rejection, now)
            }
            Err(_) => self.reload(call, now),
            Ok(Decision::AskStore) => self.fail(call, ExecuteError::Unavailable, now),
        }
    }

    fn append(&mut self, call: Pending<T>, entry: Entry, now: Now) {
        if self.is_overdue(&call, now) {
            return self.fail(call, ExecuteError::Unavailable, now);
        }
        let upon = self.view.tail;
        if upon.is_stale(now.monotonic, self.settings.retention) {
            return self.reload(call, now);
        }
        let upon = upon.log_seq;
        self.operation = Operation::Appending { call: Some(call), upon, begun: now.monotonic };
        #[cfg(feature = "planted-faults")]
        self.acknowledge_early(&entry);
        self.outputs.push_back(Output::Append { entry, upon });
    }

    fn append_failed(&mut self, call: Pending<T>, failure: AppendFailure, upon: u64, now: Now) {
        match failure {
            AppendFailure::Conflict => {
                self.in_doubt.add(call.name(), upon);
                self.reload(call, now);
            }
            AppendFailure::Unknown => {
                let again = self.in_doubt.holds(call.name());
                self.in_doubt.add(call.name(), upon);
                if again { self.pause(call, now) } else { self.reload(call, now) }
            }
            AppendFailure::TooLarge => self.fail(call, ExecuteError::TooLarge, now),
            AppendFailure::Full => self.fail(call, ExecuteError::LogFull, now),
            AppendFailure::Unavailable => self.fail(call, ExecuteError::Unavailable, now),
        }
    }

    /// Answers the command that is being published if `entry` is what it caused: that is proof enough.
    pub(super) fn recognise(&mut self, entry: &Entry) {
        let Operation::Appending { call, .. } = &mut self.operation else { return };
        let name = (entry.author.member, entry.client_id);
        let caused = |call: &mut Pending<T>| call.name() == name && call.request.command.digest() == entry.digest;
        if let Some(call) = call.take_if(caused) {
            self.answer(call, entry.outcome());
        }
    }

    /// Reads where the conversation stands, to attempt the command again.
    pub(super) fn reload(&mut self, call: Pending<T>, now: Now) {
        if self.is_overdue(&call, now) && !self.in_doubt.holds(call.name()) {
            return self.fail(call, ExecuteError::Unavailable, now);
        }
        self.operation = Operation::Reloading { call };
        self.outputs.push_back(Output::Reload(self.view.known()));
    }

    /// Refuses a command, unless it may have been appended: then it must not be refused. Either that is settled in
    /// time, or the sender gets no answer and repeats it. Appending the same again is safe: at most one of them is
    /// stored.
    pub(super) fn fail(&mut self, call: Pending<T>, error: ExecuteError, now: Now) {
        if !self.in_doubt.holds(call.name()) || self.is_overdue(&call, now) {
            self.refuse(call, error);
        } else {
            self.pause(call, now);
        }
    }

    fn pause(&mut self, call: Pending<T>, now: Now) {
        self.operation = Operation::Pausing { call, until: now.monotonic + RELOAD_PAUSE };
    }

    pub(super) fn end_pause(&mut self, now: Now) {
        if !matches!(&self.operation, Operation::Pausing { until, .. } if *until <= now.monotonic) {
            return;
        }
        if let Operation::Pausing { call, .. } = self.take_operation() {
            self.reload(call, now);
        }
        self.go_on(now);
    }

    /// The database did not hold the request. It may have been logged while that was asked, by another node: then it is
    /// remembered here, unless more came than is remembered.
    fn attempt_unseen(&mut self, call: Pending<T>, asked_at: u64, now: Now) {
        let came = self.view.state.last_seq.saturating_sub(asked_at);
        match self.view.decide(&call.request, self.rules, now.wall) {
            Ok(Decision::AskStore) if came <= RecentRequests::KEPT as u64 => {
                let decision = self.view.state.decide_unseen(&call.request, self.rules, now.wall);
                self.act(call, decision, now);
            }
            _ if self.is_overdue(&call, now) => self.fail(call, ExecuteError::Unavailable, now),
            _ => self.attempt(call, now),
        }
    }

    fn reject(&mut self, call: Pending<T>, rejection: Rejection, now: Now) {
        if self.in_doubt.holds(call.name()) {
            // Refused now, accepted by an earlier attempt that may still land: only the log can tell.
            self.fail(call, ExecuteError::Rejected(rejection), now);
        } else {
            self.answer(call, Err(rejection));
        }
    }

    fn is_overdue(&self, call: &Pending<T>, now: Now) -> bool {
        call.waited(now.monotonic) > self.settings.command_timeout
    }

    /// Whether everything logged before `call` came in is known here.
    fn is_current(&self, call: &Pending<T>) -> bool {
        self.view.tail.known_at >= call.since
    }

    /// Whether no entry that is not known here could change this.
    const fn is_final(&self, request: &Request, rejection: &Rejection) -> bool {
        match rejection {
            Rejection::IdReuse => true,
            // The first copy may be logged and not known here. Then its answer holds, whatever its sender may do by
            // now.
            _ if request.repeat => false,
            Rejection::SnoozeOutOfRange => true,
            // What an agent may do can depend on who holds the conversation.
            Rejection::Forbidden | Rejection::NotFound if matches!(request.principal, Principal::Agent(..)) => false,
            Rejection::Forbidden => true,
            Rejection::NotFound => self.view.state.opening.is_some(),
            _ => false,
        }
    }
}

/// Between two looks into a log that does not settle a request.
const RELOAD_PAUSE: Duration = Duration::from_millis(200);
