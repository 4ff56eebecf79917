//! One command at a time: decide, publish, settle whatever became of it.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context};
use frontdesk_domain::{Conversation, Decision, Entry, Rejection};
use frontdesk_ports::{AppendError, Record, RequestRecord, StoreError, commands::ExecuteError};
use frontdesk_protocol::Envelope;
use tracing::Instrument;

use super::{actor::ConversationActor, call::ExecuteCall, load::load};
use crate::trace::trace_id;

impl ConversationActor {
    /// Gives the next command its turn, if none has it.
    pub(super) fn work(&mut self, ctx: &mut Context<Self>) {
        while !self.busy {
            let Some(call) = self.queue.pop_front() else { return };
            metrics::gauge!("desk_conversation_queue").decrement(1);
            let waited = self.desk.clock.monotonic().saturating_sub(call.since);
            metrics::histogram!("desk_hop_seconds", "hop" => "queue").record(waited.as_secs_f64());
            if waited > LONGEST_WAIT {
                // Nothing of it was sent, so this is a refusal and not a doubt.
                self.refuse(call, ExecuteError::Unavailable);
            } else {
                self.attempt(call, ctx);
            }
        }
    }

    /// Decides on what is known now and acts on it. Called again after every catch-up.
    fn attempt(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        let now = self.desk.clock.monotonic();
        if self.journal.tail.log_seq == 0
            && now.saturating_sub(self.journal.tail.known_at) > self.desk.log.retention() / 4
        {
            return self.reload(call, ctx);
        }
        let span = tracing::debug_span!("decide", trace.id = trace_id(&call.trace), conversation.id = %self.key);
        let decision = span.in_scope(|| self.journal.decide(&call.request, self.desk.clock.now()));
        match decision {
            Ok(Decision::Append(entry)) => self.append(call, entry, ctx),
            Ok(Decision::Settled(answer)) => self.settle_and_go_on(call, answer, ctx),
            Ok(Decision::AskStore) => self.ask_store(call, ctx),
            Err(rejection) => self.reject_and_go_on(call, rejection, ctx),
        }
    }

    fn append(&mut self, call: ExecuteCall, entry: Entry, ctx: &mut Context<Self>) {
        let envelope = Envelope::new(self.key, entry, Some(call.trace.clone()));
        let (desk, expected) = (Arc::clone(&self.desk), self.journal.tail.log_seq);
        let span = tracing::debug_span!("append", trace.id = trace_id(&call.trace), conversation.id = %self.key, seq = envelope.entry.seq);
        let publish = async move {
            let begun = desk.clock.monotonic();
            let result = desk.log.append(&envelope, expected).await;
            metrics::histogram!("desk_hop_seconds", "hop" => "append").record(desk.seconds_since(begun));
            (result, envelope)
        };
        self.run(ctx, publish.instrument(span), move |actor, (result, envelope), ctx| match result {
            Ok(log_seq) => {
                let answer = frontdesk_domain::Answer { seq: envelope.entry.seq, at: envelope.entry.at };
                // The answer goes out first: the sender learns `accepted` before it sees its own entry come back.
                actor.settle(call, answer);
                if !actor.fold(&Record { log_seq, envelope }) {
                    actor.behind = true;
                }
                actor.finish(ctx);
            }
            // The record there may be this very one, from an attempt whose answer was lost.
            Err(AppendError::Conflict) => actor.reload(ExecuteCall { in_doubt: true, ..call }, ctx),
            Err(AppendError::Unknown(error)) => {
                tracing::warn!(conversation.id = %actor.key, error = %error, "append unanswered; settling");
                actor.reload(ExecuteCall { in_doubt: true, ..call }, ctx);
            }
            Err(AppendError::TooLarge) => actor.fail(call, ExecuteError::TooLarge, ctx),
            Err(AppendError::Full) => actor.fail(call, ExecuteError::LogFull, ctx),
            Err(_) => actor.fail(call, ExecuteError::Unavailable, ctx),
        });
    }

    /// Reads where the conversation stands and attempts the command again.
    fn reload(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        let (desk, key) = (Arc::clone(&self.desk), self.key);
        self.run(ctx, async move { load(&desk, key).await }, move |actor, result, ctx| match result {
            Ok(loaded) => {
                actor.replace(loaded);
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
        let waited = self.desk.clock.monotonic().saturating_sub(call.since);
        if !call.in_doubt {
            self.refuse_and_go_on(call, error, ctx);
        } else if waited > self.desk.conversation.command_timeout {
            self.refuse_and_go_on(call, ExecuteError::Unknown, ctx);
        } else {
            self.busy = true;
            ctx.run_later(RELOAD_PAUSE, move |actor, ctx| actor.reload(call, ctx));
        }
    }

    /// The id is older than what is remembered: the database knows whether it was used.
    fn ask_store(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        let (desk, key) = (Arc::clone(&self.desk), self.key);
        let (sender, client_id) = (call.request.author.member(), call.request.client_id);
        let ask = async move { desk.conversations.find_request(key, sender, client_id).await };
        self.run(ctx, ask, move |actor, found: Result<Option<RequestRecord>, StoreError>, ctx| match found {
            Ok(Some(found)) if found.digest == call.request.command.digest() => {
                actor.settle_and_go_on(call, found.answer, ctx);
            }
            Ok(Some(_)) => actor.reject_and_go_on(call, Rejection::IdReuse, ctx),
            Ok(None) => actor.attempt_unseen(call, ctx),
            Err(_) => actor.fail(call, ExecuteError::Unavailable, ctx),
        });
    }

    fn attempt_unseen(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        let state: &Conversation = &self.journal.state;
        match state.decide_unseen(&call.request, self.desk.clock.now()) {
            Ok(Decision::Append(entry)) => self.append(call, entry, ctx),
            Ok(Decision::Settled(answer)) => self.settle_and_go_on(call, answer, ctx),
            Ok(Decision::AskStore) => self.fail(call, ExecuteError::Unavailable, ctx),
            Err(rejection) => self.reject_and_go_on(call, rejection, ctx),
        }
    }

    /// Ends the operation that led here. Called straight from [`Self::work`] there is none, and its loop goes on.
    fn finish_if_busy(&mut self, ctx: &mut Context<Self>) {
        if self.busy {
            self.finish(ctx);
        }
    }

    fn settle_and_go_on(&mut self, call: ExecuteCall, answer: frontdesk_domain::Answer, ctx: &mut Context<Self>) {
        self.settle(call, answer);
        self.finish_if_busy(ctx);
    }

    fn reject_and_go_on(&mut self, call: ExecuteCall, rejection: Rejection, ctx: &mut Context<Self>) {
        self.reject(call, rejection);
        self.finish_if_busy(ctx);
    }

    fn refuse_and_go_on(&mut self, call: ExecuteCall, error: ExecuteError, ctx: &mut Context<Self>) {
        self.refuse(call, error);
        self.finish_if_busy(ctx);
    }
}

/// Longest time that a command waits for its turn before it is refused, unsent.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

const RELOAD_PAUSE: Duration = Duration::from_millis(200);
