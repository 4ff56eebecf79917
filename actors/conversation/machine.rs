//! The protocol of one conversation on one node, as a pure state machine: no actor, no clock, no IO.
//!
//! Commands are decided one at a time and published upon the last record known here (compare-and-set). What comes back
//! settles the command, or leaves it *in doubt*: then the log is read and the command is attempted again until it is
//! settled or `command_timeout` is over. Meanwhile further commands wait in a bounded queue.
//!
//! The methods are of four kinds:
//! - getters, such as [`view`](ConversationMachine::view);
//! - `handle_*`: something arrived, such as the answer to a publish;
//! - commands of the owner, such as [`execute`](ConversationMachine::execute) and
//!   [`catch_up`](ConversationMachine::catch_up);
//! - `poll_*`: what is to be done now ([`poll_output`](ConversationMachine::poll_output)) and when to call again
//!   without any arrival ([`poll_timeout`](ConversationMachine::poll_timeout)).
//!
//! After each call of the second and third kind, `poll_output` is called until it gives nothing, in that order: an
//! answer comes before the entry that it tells of. Every output that starts an operation is answered by exactly one
//! `handle_*` call.

mod catching_up;
mod deciding;
mod in_doubt;
mod operation;
#[cfg(feature = "planted-faults")]
mod planted;

use std::{collections::VecDeque, time::Duration};

use frontdesk_domain::{Answer, InboxRules, Rejection, Timestamp};
use frontdesk_ports::{Record, commands::ExecuteError};

pub use self::operation::{AppendFailure, Output};
#[cfg(feature = "planted-faults")]
pub(super) use self::planted::resume_after;
use self::{in_doubt::InDoubt, operation::Operation};
use super::{
    call::{BUSY_RETRY_MS, LONGEST_WAIT},
    load::Loaded,
    pending::Pending,
    view::{ConversationView, Folded},
};

/// One conversation's protocol. `T` is what the owner attaches to a command to answer it.
#[derive(Debug, Clone)]
pub struct ConversationMachine<T> {
    view: ConversationView,
    settings: MachineSettings,
    rules: InboxRules,
    /// What is under way. Only one operation ever is; commands wait meanwhile.
    operation: Operation<T>,
    /// Commands waiting for their turn; bounded by `queue_capacity`.
    queue: VecDeque<Pending<T>>,
    in_doubt: InDoubt,
    /// Whether a gap was seen that the operation under way does not close. Never while none is under way.
    behind: bool,
    /// When a failed catch-up is repeated.
    catch_up_at: Option<Duration>,
    /// Highest entry that acknowledgements mentioned, though it was perhaps not received.
    remote_seq: u64,
    /// When it is looked for, if it has not come by then.
    remote_due: Option<Duration>,
    outputs: VecDeque<Output<T>>,
}

/// Limits of one conversation.
#[derive(Debug, Clone, Copy)]
pub struct MachineSettings {
    /// Commands that may wait.
    pub queue_capacity: usize,
    /// How long a command is attempted.
    pub command_timeout: Duration,
    /// Entries kept in memory although the database holds them.
    pub recent_entries: usize,
    /// How long the log keeps a record at least.
    pub retention: Duration,
}

/// The moment of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Wall clock; written into entries.
    pub wall: Timestamp,
    /// Monotonic time; measures timeouts and pauses.
    pub monotonic: Duration,
}

/// Getters: what the owner may look at.
impl<T> ConversationMachine<T> {
    /// A machine for the conversation as it was loaded.
    #[must_use]
    pub fn new(loaded: Loaded, settings: MachineSettings) -> Self {
        Self {
            view: ConversationView::of(loaded, settings.recent_entries),
            settings,
            rules: InboxRules::default(),
            operation: Operation::Idle,
            queue: VecDeque::new(),
            in_doubt: InDoubt::default(),
            behind: false,
            catch_up_at: None,
            remote_seq: 0,
            remote_due: None,
            outputs: VecDeque::new(),
        }
    }

    /// What is known of the conversation.
    #[must_use]
    pub const fn view(&self) -> &ConversationView {
        &self.view
    }

    pub(super) const fn view_mut(&mut self) -> &mut ConversationView {
        &mut self.view
    }

    /// The command that is being published, unless it was answered already.
    #[must_use]
    pub const fn in_flight(&self) -> Option<&Pending<T>> {
        if let Operation::Appending { call: Some(call), .. } = &self.operation { Some(call) } else { None }
    }

    /// Whether an operation is under way or commands wait.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        !self.is_idle() || self.behind || !self.queue.is_empty()
    }

    /// Commands that wait for their turn.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether so much waits for the database that no further command is taken.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.view.unpersisted() > MAX_UNPERSISTED
    }

    const fn is_idle(&self) -> bool {
        matches!(self.operation, Operation::Idle)
    }
}

/// Commands of the owner.
impl<T> ConversationMachine<T> {
    /// Sets what the conversation's inbox allows. Commands that wait, or are attempted again, are judged by it too;
    /// until it is called, the defaults hold.
    pub const fn set_rules(&mut self, rules: InboxRules) {
        self.rules = rules;
    }

    /// Takes a command in, or refuses it if too many wait already.
    pub fn execute(&mut self, call: Pending<T>, now: Now) {
        if self.is_full() {
            // An acknowledgement that the database has caught up comes with the next entry at the latest, and there is
            // none.
            self.catch_up_later(now);
        }
        if self.is_full() || self.queue.len() >= self.settings.queue_capacity {
            return self.refuse(call, ExecuteError::Overloaded { retry_after_ms: BUSY_RETRY_MS });
        }
        metrics::gauge!("desk_conversation_queue").increment(1);
        self.queue.push_back(call);
        self.work(now);
    }

    /// Frees buffers that a conversation at rest does not need.
    pub fn shrink(&mut self) {
        if self.outputs.is_empty() {
            self.outputs = VecDeque::new();
        }
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
    }
}

/// Inputs: each `handle_` method takes one event that arrived.
impl<T> ConversationMachine<T> {
    /// A record came in live: this node's own or another's.
    pub fn handle_live(&mut self, record: &Record) {
        self.recognise(&record.envelope.entry);
        if !self.fold(record) {
            self.catch_up();
        }
    }

    /// The database holds every entry up to `up_to_seq`.
    pub fn handle_persisted(&mut self, up_to_seq: u64) {
        if self.view.persisted(up_to_seq) {
            self.outputs.push_back(Output::Persisted(up_to_seq));
        }
    }

    /// The moment of [`Self::poll_timeout`] has come. Without effect before it.
    pub fn handle_timeout(&mut self, now: Now) {
        self.expire(now);
        if self.catch_up_at.is_some_and(|at| at <= now.monotonic) {
            self.catch_up_at = None;
            self.catch_up();
        }
        if self.remote_due.is_some_and(|at| at <= now.monotonic) {
            self.remote_due = None;
            if self.remote_seq > self.view.state.last_seq {
                self.catch_up();
            }
        }
        self.end_pause(now);
    }
}

/// What is to be done.
impl<T> ConversationMachine<T> {
    /// The next thing to do or to tell; `None` when there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output<T>> {
        self.outputs.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called, if nothing arrives before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let pause = if let Operation::Pausing { until, .. } = &self.operation { Some(*until) } else { None };
        let expiry = self.queue.front().map(|oldest| oldest.since + LONGEST_WAIT + Duration::from_millis(1));
        [pause, expiry, self.catch_up_at, self.remote_due].into_iter().flatten().min()
    }
}

impl<T> ConversationMachine<T> {
    /// Goes on after an operation ended: what was missed is read, then the next command gets its turn.
    fn go_on(&mut self, now: Now) {
        if self.is_idle() && self.behind { self.begin_catch_up() } else { self.work(now) }
    }

    /// Gives the next command its turn, if none has it.
    fn work(&mut self, now: Now) {
        while self.is_idle() {
            let Some(call) = self.take_next() else { return };
            let waited = call.waited(now.monotonic);
            metrics::histogram!("desk_hop_seconds", "hop" => "queue").record(waited.as_secs_f64());
            if waited > LONGEST_WAIT {
                // Nothing of it was sent, so it is refused and not in doubt.
                self.refuse(call, ExecuteError::Unavailable);
            } else {
                self.attempt(call, now);
            }
        }
    }

    fn take_next(&mut self) -> Option<Pending<T>> {
        let call = self.queue.pop_front()?;
        metrics::gauge!("desk_conversation_queue").decrement(1);
        Some(call)
    }

    /// Refuses commands that wait behind one which cannot be settled, in time for their senders.
    fn expire(&mut self, now: Now) {
        while self.queue.front().is_some_and(|oldest| oldest.waited(now.monotonic) > LONGEST_WAIT) {
            if let Some(call) = self.take_next() {
                self.refuse(call, ExecuteError::Unavailable);
            }
        }
    }

    /// Folds what continues the conversation; `false` if something before it is missing.
    fn fold(&mut self, record: &Record) -> bool {
        match self.view.fold(record) {
            Folded::Applied(entry) => {
                self.outputs.push_back(Output::Applied(entry));
                true
            }
            Folded::Known => true,
            Folded::Gap => false,
        }
    }

    fn answer(&mut self, call: Pending<T>, outcome: Result<Answer, Rejection>) {
        let result = outcome.map_err(ExecuteError::Rejected);
        self.outputs.push_back(Output::Answer { call, result });
    }

    /// Refuses a command, or leaves its outcome open if the same request may have been logged by an earlier attempt.
    fn refuse(&mut self, call: Pending<T>, error: ExecuteError) {
        let name = call.name();
        let in_flight = self.in_flight().is_some_and(|call| call.name() == name);
        let error = if in_flight || self.in_doubt.holds(name) { ExecuteError::Unknown } else { error };
        self.outputs.push_back(Output::Answer { call, result: Err(error) });
    }
}

/// Most entries of one conversation that may wait for the database before commands are refused.
const MAX_UNPERSISTED: u64 = 4_096;
