//! Taking over what was logged beyond what is known here.

use std::time::Duration;

use frontdesk_ports::commands::ExecuteError;

use super::{
    ConversationMachine, Now,
    operation::{Operation, Output},
};
use crate::conversation::{load::Loaded, refresh::Found, view::ConversationView};

impl<T> ConversationMachine<T> {
    /// Reads what the log has beyond what is known here, now or after the operation under way.
    pub fn catch_up(&mut self) {
        if self.is_idle() { self.begin_catch_up() } else { self.behind = true }
    }

    /// The same after a moment; once, however often it is asked for meanwhile.
    pub fn catch_up_later(&mut self, now: Now) {
        self.catch_up_at.get_or_insert(now.monotonic + CATCH_UP_RETRY);
    }

    /// Other nodes know of entry `seq`. If it does not come in live, it is looked for.
    pub fn note_remote_seq(&mut self, seq: u64, now: Now) {
        self.remote_seq = self.remote_seq.max(seq);
        if self.remote_seq > self.view.state.last_seq {
            self.remote_due.get_or_insert(now.monotonic + LIVE_GRACE);
        }
    }

    /// The log was read, for [`Output::Reload`] or [`Output::CatchUp`]. `persisted_seq` is how far the database has
    /// come, 0 if that was not asked.
    pub fn handle_refreshed(&mut self, found: Found, persisted_seq: u64, now: Now) {
        let operation = self.take_operation();
        self.take_over(found);
        self.handle_persisted(persisted_seq);
        match operation {
            Operation::Reloading { call } => {
                self.attempt(call, now);
                self.go_on(now);
            }
            _ => self.end_catch_up(false, now),
        }
    }

    /// Log or database could not be read.
    pub fn handle_refresh_failed(&mut self, now: Now) {
        match self.take_operation() {
            Operation::Reloading { call } => {
                self.fail(call, ExecuteError::Unavailable, now);
                self.go_on(now);
            }
            _ => {
                self.catch_up_later(now);
                self.end_catch_up(true, now);
            }
        }
    }

    pub(super) fn begin_catch_up(&mut self) {
        self.behind = false;
        self.operation = Operation::CatchingUp;
        self.outputs.push_back(Output::CatchUp(self.view.known()));
    }

    fn end_catch_up(&mut self, failed: bool, now: Now) {
        self.outputs.push_back(Output::CaughtUp { failed });
        // Commands first, or a stream of gaps would keep them waiting for ever.
        self.work(now);
        if self.behind && self.is_idle() {
            self.begin_catch_up();
        }
    }

    fn take_over(&mut self, found: Found) {
        match found {
            Found::Following { records, known_at } => {
                // What came in live meanwhile is known by now, and nothing is between what follows and that.
                let whole = records.iter().all(|record| self.fold(record));
                debug_assert!(whole, "what follows is read without a hole");
                self.view.confirm(known_at);
            }
            Found::Anew(loaded) => self.replace(*loaded),
        }
        self.in_doubt.settle(self.view.tail.log_seq);
    }

    /// Takes over what was loaded anew, and tells subscribers what they did not see yet.
    fn replace(&mut self, loaded: Loaded) {
        let seen = self.view.state.last_seq;
        if loaded.state.last_seq < seen {
            // More came in live while this was read.
            return self.view.confirm(loaded.tail.known_at);
        }
        let persisted_seq = loaded.persisted_seq;
        if loaded.state.last_seq == seen {
            self.view.tail = loaded.tail;
            return self.handle_persisted(persisted_seq);
        }
        let renewed = ConversationView::of(loaded, self.settings.recent_entries);
        let before = std::mem::replace(&mut self.view, renewed);
        for (member, mark) in before.receipts.iter() {
            self.view.raise_receipt(member, mark);
        }
        // If even the database's newest do not reach back that far, subscribers see by `prev` that something is missing
        // and ask for the range.
        let missed = self.view.held().filter(|entry| entry.seq > seen).cloned();
        self.outputs.extend(missed.map(Output::Applied));
        // Read without the database, less is known to be persisted than before; it still is.
        self.view.persisted(before.persisted_seq);
        if persisted_seq > before.persisted_seq {
            self.outputs.push_back(Output::Persisted(persisted_seq));
        }
    }
}

/// Before a catch-up that failed is repeated.
const CATCH_UP_RETRY: Duration = Duration::from_millis(500);

/// How long an entry that others know of may take to come in live.
const LIVE_GRACE: Duration = Duration::from_millis(250);
