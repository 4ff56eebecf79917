//! Executing what the machine asks for: reading and writing the log, answering, telling subscribers.

use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Answer, ClientId, Entry, Event, Participant};
use frontdesk_ports::{
    AppendError, Record, StoreError,
    commands::{ExecuteError, Executed},
};
use frontdesk_protocol::{Envelope, RejectCode, socket::ServerFrame};
use frontdesk_telemetry::{join_text, trace_id};
use tracing::Instrument;

use super::{
    actor::ConversationActor,
    call::{LONGEST_WAIT, ReadError, Ticket},
    machine::{AppendFailure, Output},
    pending::Pending,
    refresh::{Beside, Wanted, beside, refresh},
    tail::KnownUpTo,
};

impl ConversationActor {
    pub(super) fn perform(&mut self, output: Output<Ticket>, ctx: &mut Context<Self>) {
        match output {
            Output::Append { entry, upon } => self.append(entry, upon, ctx),
            Output::Reload(known) => self.reload(known, ctx),
            Output::CatchUp(known) => self.read_missed(known, ctx),
            Output::FindRequest { sender, client_id } => self.find_request(sender, client_id, ctx),
            Output::Answer { call, result } => self.answer(call, result),
            Output::Applied(entry) => {
                if matches!(entry.event, Event::Assigned { .. } | Event::Unassigned { .. }) {
                    self.hide_from_refused();
                }
                self.subscribers.tell_entry(&entry);
                self.announce_assignee(&entry.event);
            }
            Output::Persisted(up_to_seq) => {
                self.subscribers.tell(ServerFrame::Persisted { conversation: self.key.conversation, up_to_seq });
            }
            Output::CaughtUp { failed } => {
                for call in std::mem::take(&mut self.in_catch_up) {
                    if failed {
                        let _gone = call.refused.send(ReadError::Unavailable);
                    } else {
                        self.answer_watch(call, ctx);
                    }
                }
            }
        }
    }

    /// Runs `operation`, feeds its result to the machine by `handle`, and goes on with what follows from that.
    fn run<T: 'static>(
        &self,
        ctx: &mut Context<Self>,
        operation: impl Future<Output = T> + 'static,
        handle: impl FnOnce(&mut Self, T) + 'static,
    ) {
        ctx.spawn(operation.into_actor(self).map(move |result, actor, ctx| {
            handle(actor, result);
            actor.drive(ctx);
        }));
    }

    fn append(&self, entry: Entry, upon: u64, ctx: &mut Context<Self>) {
        let trace = self.machine.in_flight().map(|call| call.ticket.trace.clone());
        let trace_of = trace.as_deref().map(trace_id).unwrap_or_default();
        let span = tracing::debug_span!("append", trace.id = trace_of, conversation.id = %self.key, seq = entry.seq);
        if let Some(trace) = &trace {
            join_text(&span, trace);
        }
        let envelope = Envelope::new(self.key, entry, trace);
        let (ports, longest) = (Arc::clone(&self.ports), self.ports.settings.command_timeout);
        let publish = async move {
            let begun = ports.clock.monotonic();
            let answer = tokio::time::timeout(longest, ports.log.append(&envelope, upon)).await;
            metrics::histogram!("desk_hop_seconds", "hop" => "append").record(ports.seconds_since(begun));
            // The log answers well within this; if it ever does not, the conversation goes on.
            let result = answer.unwrap_or_else(|late| Err(AppendError::Unknown(late.into())));
            result.map(|log_seq| Record { log_seq, envelope })
        };
        self.run(ctx, publish.instrument(span), |actor, result| match result {
            Ok(record) => actor.machine.handle_appended(&record, actor.now()),
            Err(error) => {
                let failure = match &error {
                    AppendError::Conflict => AppendFailure::Conflict,
                    AppendError::Unknown(error) => {
                        let (key, error) = (actor.key, error.as_ref() as &dyn std::error::Error);
                        tracing::warn!(conversation.id = %key, error, "append unanswered; reading the log to settle it");
                        AppendFailure::Unknown
                    }
                    AppendError::TooLarge => AppendFailure::TooLarge,
                    AppendError::Full => AppendFailure::Full,
                    _ => AppendFailure::Unavailable,
                };
                actor.machine.handle_append_failed(failure, actor.now());
            }
        });
    }

    /// Reads where the conversation stands.
    fn reload(&self, known: KnownUpTo, ctx: &mut Context<Self>) {
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        let read = async move { refresh(&ports, key, known).await };
        self.run(ctx, read, |actor, result| match result {
            Ok(found) => actor.machine.handle_refreshed(found, 0, actor.now()),
            Err(error) => {
                tracing::warn!(conversation.id = %actor.key, error = %error, "could not read the conversation again");
                actor.machine.handle_refresh_failed(actor.now());
            }
        });
    }

    /// Reads what was missed, and acknowledgements with it.
    fn read_missed(&mut self, known: KnownUpTo, ctx: &mut Context<Self>) {
        self.in_catch_up.append(&mut self.waiting_for_catch_up);
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        let wanted = Wanted { receipts: !self.subscribers.is_empty(), persisted: self.machine.is_full() };
        let read = async move {
            let found = refresh(&ports, key, known).await?;
            Ok((found, beside(&ports, key, wanted).await))
        };
        self.run(ctx, read, |actor, result| match result {
            Ok((found, Beside { persisted_seq, receipts })) => {
                actor.machine.handle_refreshed(found, persisted_seq, actor.now());
                for (member, mark) in receipts {
                    actor.observe_mark(member, mark);
                }
            }
            Err(error) => {
                let error: super::load::LoadError = error;
                tracing::warn!(conversation.id = %actor.key, error = %error, "could not catch up; trying again");
                actor.machine.handle_refresh_failed(actor.now());
            }
        });
    }

    /// Asks the database for a request that is older than what is remembered.
    fn find_request(&self, sender: Participant, client_id: ClientId, ctx: &mut Context<Self>) {
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        let find = async move {
            let find = ports.conversations.find_request(key, sender, client_id);
            tokio::time::timeout(LONGEST_WAIT, find)
                .await
                .unwrap_or_else(|late| Err(StoreError::Unavailable(late.into())))
        };
        self.run(ctx, find, |actor, found| match found {
            Ok(Some(found)) => actor.machine.handle_request_found(found, actor.now()),
            Ok(None) => actor.machine.handle_request_absent(actor.now()),
            Err(_) => actor.machine.handle_request_unknown(actor.now()),
        });
    }

    /// Answers a command, and records how long that took.
    fn answer(&self, call: Pending<Ticket>, result: Result<Answer, ExecuteError>) {
        let outcome = match &result {
            Ok(_) => "accepted",
            Err(ExecuteError::Rejected(rejection)) => RejectCode::of(rejection).problem().as_str(),
            Err(ExecuteError::Unknown) => "unknown",
            Err(ExecuteError::Overloaded { .. }) => "overloaded",
            Err(_) => "unavailable",
        };
        metrics::counter!("desk_commands_total", "outcome" => outcome).increment(1);
        let executed = result.map(|answer| {
            metrics::histogram!("desk_hop_seconds", "hop" => "accept").record(self.ports.seconds_since(call.since));
            Executed { answer, durability: self.ports.log.durability() }
        });
        call.ticket.reply.send(executed);
    }
}
