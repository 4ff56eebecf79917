//! The state that all clients of a run share.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;
use uuid::Uuid;

use super::wire::{Endpoint, Ticket};
use crate::{dice::Dice, history::What, record::RecordWriter};

/// The state that all clients of a run share: endpoints, orders, counters, conversations.
#[derive(Debug)]
pub(crate) struct RunState {
    pub endpoints: Vec<Endpoint>,
    pub orders: watch::Sender<Orders>,
    pub counters: Counters,
    state: Mutex<State>,
}

/// What clients are ordered to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Orders {
    pub phase: Phase,
    /// Stop reading for a while now and then.
    pub nap: bool,
    /// Leave without closing the socket now and then.
    pub ghost: bool,
    /// Repeat what was accepted long ago, now and then.
    pub late: bool,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Clients send requests.
    Work,
    /// Clients begin nothing more; requests in flight are finished.
    Settle,
    /// Clients close their sockets.
    End,
}

/// Counters of what clients were answered so far.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub accepted: AtomicU64,
    pub refused: AtomicU64,
    /// Refusals that said that the log is full.
    pub full: AtomicU64,
    pub lost: AtomicU64,
    pub unknown: AtomicU64,
    pub naps: AtomicU64,
    pub ghosts: AtomicU64,
    /// Requests repeated after a long time.
    pub late: AtomicU64,
    pub busy: AtomicU64,
}

/// A conversation that has begun.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub tenant: String,
    pub conversation: String,
    pub contact: Ticket,
}

#[derive(Debug, Default)]
struct State {
    known: Vec<Known>,
    accepted_up_to: BTreeMap<String, u64>,
    ids: VecDeque<(String, String)>,
}

impl RunState {
    pub(crate) fn new(endpoints: Vec<Endpoint>) -> Self {
        let orders = Orders { phase: Phase::Work, nap: false, ghost: false, late: false };
        Self { endpoints, orders: watch::Sender::new(orders), counters: Counters::default(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds this lock")
    }

    /// A conversation has begun.
    pub(crate) fn begin(&self, conversation: &str, contact: &Ticket, writer: &RecordWriter) {
        let (tenant, conversation) = (contact.tenant.clone(), conversation.to_owned());
        let member = contact.member.clone();
        writer.write(What::Began { conversation: conversation.clone(), tenant: tenant.clone(), contact: member });
        self.state().known.push(Known { tenant, conversation, contact: contact.clone() });
    }

    /// All conversations that have begun.
    pub(crate) fn known(&self) -> Vec<Known> {
        self.state().known.clone()
    }

    /// A conversation of this tenant.
    pub(crate) fn some_conversation(&self, tenant: &str, dice: &mut Dice) -> Option<String> {
        let state = self.state();
        let own: Vec<&Known> = state.known.iter().filter(|known| known.tenant == tenant).collect();
        (!own.is_empty()).then(|| dice.pick(&own).conversation.clone())
    }

    /// An entry was accepted.
    pub(crate) fn accepted(&self, conversation: &str, seq: u64) {
        self.counters.accepted.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        let highest = state.accepted_up_to.entry(conversation.to_owned()).or_default();
        *highest = seq.max(*highest);
    }

    /// The highest number accepted, for each conversation.
    pub(crate) fn accepted_up_to(&self) -> BTreeMap<String, u64> {
        self.state().accepted_up_to.clone()
    }

    /// An id for a request: now and then one that another tenant used a moment ago, which must make no difference.
    pub(crate) fn fresh_id(&self, tenant: &str, dice: &mut Dice) -> String {
        let mut state = self.state();
        if dice.happens(30)
            && let Some(at) = state.ids.iter().position(|(of, _)| of != tenant)
            && let Some((_, id)) = state.ids.remove(at)
        {
            return id;
        }
        let id = Uuid::now_v7().to_string();
        state.ids.push_back((tenant.to_owned(), id.clone()));
        if state.ids.len() > REMEMBERED {
            state.ids.pop_front();
        }
        id
    }
}

impl Counters {
    /// A request was refused.
    pub(crate) fn refused(&self, code: Option<&str>) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        if code == Some("log_full") {
            self.full.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All counts, for comparisons.
    pub(crate) fn counts(&self) -> [u64; 4] {
        [&self.accepted, &self.refused, &self.lost, &self.unknown].map(|count| count.load(Ordering::Relaxed))
    }
}

const REMEMBERED: usize = 64;
