//! One command at a time: decide, publish, settle whatever became of it.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context};
use frontdesk_domain::{Answer, Decision, Entry, RecentRequests, Rejection};
use frontdesk_ports::{AppendError, Record, RequestRecord, StoreError, commands::ExecuteError};
use frontdesk_protocol::Envelope;
use tracing::Instrument;

use super::{
    actor::ConversationActor,
    call::{BUSY_RETRY_MS, ExecuteCall, LONGEST_WAIT},
    refresh::refresh,
};
use crate::trace::trace_id;

impl ConversationActor {
    /// Takes a command in, or refuses it if too many wait already.
    pub(super) fn enqueue(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        if self.is_full() {
            // Word that the database has caught up comes with the next entry at the latest, and there will be none.
            self.catch_up_later(ctx);
        }
        if self.is_full() || self.queue.len() >= self.ports.settings.queue_capacity {
            return self.refuse(call, ExecuteError::Overloaded { retry_after_ms: BUSY_RETRY_MS });
        }
        metrics::gauge!("desk_conversation_queue").increment(1);
        self.queue.push_back(call);
        self.work(ctx);
        self.expire_later(ctx);
    }

    /// Whether so much waits for the database that nothing more is taken.
    pub(super) const fn is_full(&self) -> bool {
        self.journal.unpersisted() > MAX_UNPERSISTED
    }

    /// Gives the next command its turn, if none has it.
    pub(super) fn work(&mut self, ctx: &mut Context<Self>) {
        while !self.busy {
            let Some(call) = self.take_next() else { return };
            metrics::histogram!("desk_hop_seconds", "hop" => "queue").record(self.ports.seconds_since(call.since));
            if self.waited(&call) > LONGEST_WAIT {
                // Nothing of it was sent, so this is a refusal and not a doubt.
                self.refuse(call, ExecuteError::Unavailable);
            } else {
                self.attempt(call, ctx);
            }
        }
    }

    fn take_next(&mut self) -> Option<ExecuteCall> {
        let call = self.queue.pop_front()?;
        metrics::gauge!("desk_conversation_queue").decrement(1);
        Some(call)
    }

    /// Refuses commands that wait behind one which cannot be settled, in time for their senders.
    fn expire_later(&mut self, ctx: &mut Context<Self>) {
        let Some(oldest) = self.queue.front().filter(|_| !self.expiring) else { return };
        let left = LONGEST_WAIT.saturating_sub(self.waited(oldest));
        self.expiring = true;
        ctx.run_later(left + Duration::from_millis(1), |actor, ctx| {
            actor.expiring = false;
            while actor.queue.front().is_some_and(|oldest| actor.waited(oldest) > LONGEST_WAIT) {
                if let Some(call) = actor.take_next() {
                    actor.refuse(call, ExecuteError::Unavailable);
                }
            }
            actor.expire_later(ctx);
        });
    }

    /// Decides on what is known now and acts on it. Called again after every catch-up.
    fn attempt(&mut self, mut call: ExecuteCall, ctx: &mut Context<Self>) {
        // An attempt that may still land must not land after a refusal: then the refusal is logged, and it is one or the other.
        call.request.repeat |= self.doubts.holds(call.name());
        let span = tracing::debug_span!("decide", trace.id = trace_id(&call.trace), conversation.id = %self.key);
        let decision = span.in_scope(|| self.journal.decide(&call.request, self.ports.clock.now()));
        #[cfg(feature = "planted-faults")]
        let decision = self.judge_as_before(&call, decision, self.ports.clock.now());
        match decision {
            Ok(Decision::AskStore) => self.ask_store(call, ctx),
            decision => self.act(call, decision, ctx),
        }
    }

    fn act(&mut self, call: ExecuteCall, decision: Result<Decision, Rejection>, ctx: &mut Context<Self>) {
        match decision {
            Ok(Decision::Append(entry)) => self.append(call, entry, ctx),
            Ok(Decision::Settled(outcome)) => self.settle_and_go_on(call, outcome, ctx),
            // Others may have written since this was known. The log's compare-and-set finds that out for what is appended; for
            // what is not, the log is read.
            Err(rejection) if self.is_final(&rejection) || self.is_current(&call) => {
                self.reject_and_go_on(call, rejection, ctx);
            }
            Err(_) => self.reload(call, ctx),
            Ok(Decision::AskStore) => self.fail(call, ExecuteError::Unavailable, ctx),
        }
    }

    fn append(&mut self, call: ExecuteCall, entry: Entry, ctx: &mut Context<Self>) {
        if self.is_overdue(&call) {
            return self.fail(call, ExecuteError::Unavailable, ctx);
        }
        let (begun, upon) = (self.ports.clock.monotonic(), self.journal.tail);
        if upon.is_stale(begun, self.ports.log.retention()) {
            return self.reload(call, ctx);
        }
        let envelope = Envelope::new(self.key, entry, Some(call.trace.clone()));
        let (ports, longest) = (Arc::clone(&self.ports), self.ports.settings.command_timeout);
        let span = tracing::debug_span!("append", trace.id = trace_id(&call.trace), conversation.id = %self.key, seq = envelope.entry.seq);
        self.in_flight = Some(call);
        #[cfg(feature = "planted-faults")]
        self.acknowledge_early(&envelope);
        let publish = async move {
            let answer = tokio::time::timeout(longest, ports.log.append(&envelope, upon.log_seq)).await;
            metrics::histogram!("desk_hop_seconds", "hop" => "append").record(ports.seconds_since(begun));
            // The log answers well within this; if it ever does not, the conversation goes on.
            let result = answer.unwrap_or_else(|late| Err(AppendError::Unknown(late.into())));
            (result, envelope)
        };
        self.run(ctx, publish.instrument(span), move |actor, (result, envelope), ctx| {
            if let Ok(log_seq) = result {
                let record = Record { log_seq, envelope };
                // The answer goes out first: the sender learns `accepted` before it sees its own entry come back.
                actor.recognise(&record);
                if !actor.fold(&record) {
                    actor.behind = true;
                }
                actor.journal.confirm(begun);
                actor.doubts.settle(log_seq);
            }
            match (actor.in_flight.take(), result) {
                (Some(call), Err(error)) => actor.append_failed(call, error, upon.log_seq, ctx),
                // Logged: the log says so, or it came in live.
                _ => actor.finish(ctx),
            }
        });
    }

    fn append_failed(&mut self, call: ExecuteCall, error: AppendError, upon: u64, ctx: &mut Context<Self>) {
        match error {
            // The record there may be this very one, from an attempt whose answer was lost.
            AppendError::Conflict => {
                self.doubts.add(call.name(), upon);
                self.reload(call, ctx);
            }
            AppendError::Unknown(error) => {
                tracing::warn!(conversation.id = %self.key, error = %error, "append unanswered; settling");
                let again = self.doubts.holds(call.name());
                self.doubts.add(call.name(), upon);
                if again { self.reload_later(call, ctx) } else { self.reload(call, ctx) }
            }
            AppendError::TooLarge => self.fail(call, ExecuteError::TooLarge, ctx),
            AppendError::Full => self.fail(call, ExecuteError::LogFull, ctx),
            _ => self.fail(call, ExecuteError::Unavailable, ctx),
        }
    }

    /// Answers the command that is being published if `record` is what it caused: that is proof enough.
    pub(super) fn recognise(&mut self, record: &Record) {
        let entry = &record.envelope.entry;
        let name = (entry.author.member, entry.client_id);
        let caused = |call: &mut ExecuteCall| call.name() == name && call.request.command.digest() == entry.digest;
        if let Some(call) = self.in_flight.take_if(caused) {
            self.answer(call, entry.outcome());
        }
    }

    /// Reads where the conversation stands and attempts the command again.
    fn reload(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        if self.is_overdue(&call) && !self.doubts.holds(call.name()) {
            return self.fail(call, ExecuteError::Unavailable, ctx);
        }
        let (ports, key, known) = (Arc::clone(&self.ports), self.key, self.known());
        self.run(ctx, async move { refresh(&ports, key, known).await }, move |actor, result, ctx| match result {
            Ok(found) => {
                actor.take_over(found);
                actor.attempt(call, ctx);
            }
            Err(error) => {
                tracing::warn!(conversation.id = %actor.key, error = %error, "could not reload");
                actor.fail(call, ExecuteError::Unavailable, ctx);
            }
        });
    }

    /// Refuses a command, unless it may have been appended: then there is no refusing it any more. Either that is settled in
    /// time, or the sender hears nothing and repeats it. Appending the same again is safe: at most one of them lands.
    fn fail(&mut self, call: ExecuteCall, error: ExecuteError, ctx: &mut Context<Self>) {
        if !self.doubts.holds(call.name()) || self.is_overdue(&call) {
            self.refuse(call, error);
            return self.finish_if_busy(ctx);
        }
        self.reload_later(call, ctx);
    }

    fn reload_later(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        self.busy = true;
        ctx.run_later(RELOAD_PAUSE, move |actor, ctx| actor.reload(call, ctx));
    }

    /// The id is older than what is remembered: the database knows whether it was used.
    fn ask_store(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        let (ports, key, asked_at) = (Arc::clone(&self.ports), self.key, self.journal.state.last_seq);
        let (sender, client_id) = call.name();
        let ask = async move {
            let find = ports.conversations.find_request(key, sender, client_id);
            tokio::time::timeout(LONGEST_WAIT, find)
                .await
                .unwrap_or_else(|late| Err(StoreError::Unavailable(late.into())))
        };
        self.run(ctx, ask, move |actor, found: Result<Option<RequestRecord>, StoreError>, ctx| match found {
            Ok(Some(found)) if found.digest == call.request.command.digest() => {
                actor.settle_and_go_on(call, found.outcome, ctx);
            }
            Ok(Some(_)) => actor.reject_and_go_on(call, Rejection::IdReuse, ctx),
            Ok(None) => actor.attempt_unseen(call, asked_at, ctx),
            Err(_) => actor.fail(call, ExecuteError::Unavailable, ctx),
        });
    }

    /// The database did not hold the request. It may have been logged while that was asked, by another node: then it is
    /// remembered here, unless more came than is remembered.
    fn attempt_unseen(&mut self, call: ExecuteCall, asked_at: u64, ctx: &mut Context<Self>) {
        let now = self.ports.clock.now();
        let came = self.journal.state.last_seq.saturating_sub(asked_at);
        match self.journal.decide(&call.request, now) {
            Ok(Decision::AskStore) if came <= RecentRequests::KEPT as u64 => {
                let decision = self.journal.state.decide_unseen(&call.request, now);
                self.act(call, decision, ctx);
            }
            _ if self.is_overdue(&call) => self.fail(call, ExecuteError::Unavailable, ctx),
            _ => self.attempt(call, ctx),
        }
    }

    fn waited(&self, call: &ExecuteCall) -> Duration {
        self.ports.clock.monotonic().saturating_sub(call.since)
    }

    fn is_overdue(&self, call: &ExecuteCall) -> bool {
        self.waited(call) > self.ports.settings.command_timeout
    }

    /// Whether everything logged before `call` came in is known here.
    fn is_current(&self, call: &ExecuteCall) -> bool {
        self.journal.tail.known_at >= call.since
    }

    /// Whether no entry that is not known here could change this.
    fn is_final(&self, rejection: &Rejection) -> bool {
        match rejection {
            Rejection::Forbidden | Rejection::IdReuse | Rejection::SnoozeOutOfRange => true,
            Rejection::NotFound => self.journal.state.opening.is_some(),
            _ => false,
        }
    }

    /// Ends the operation that led here. Called straight from [`Self::work`] there is none, and its loop goes on.
    fn finish_if_busy(&mut self, ctx: &mut Context<Self>) {
        if self.busy {
            self.finish(ctx);
        }
    }

    fn settle_and_go_on(&mut self, call: ExecuteCall, outcome: Result<Answer, Rejection>, ctx: &mut Context<Self>) {
        self.answer(call, outcome);
        self.finish_if_busy(ctx);
    }

    fn reject_and_go_on(&mut self, call: ExecuteCall, rejection: Rejection, ctx: &mut Context<Self>) {
        if self.doubts.holds(call.name()) {
            // Refused now, accepted by an earlier attempt that may still land: only the log can tell.
            return self.fail(call, ExecuteError::Rejected(rejection), ctx);
        }
        self.reject(call, rejection);
        self.finish_if_busy(ctx);
    }
}

/// Most entries of one conversation that may wait for the database before commands are refused.
const MAX_UNPERSISTED: u64 = 4_096;

const RELOAD_PAUSE: Duration = Duration::from_millis(200);
