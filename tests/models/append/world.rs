//! Two nodes with the product's machine, the broker, the network and two clients.

mod node;
mod requests;
mod steps;

use std::{
    collections::hash_map::DefaultHasher,
    fmt::{self, Write},
    hash::Hasher,
    sync::Arc,
    time::Duration,
};

use frontdesk_actors::conversation::{AppendFailure, Now};
use frontdesk_domain::{Entry, Event, Request, Timestamp};
use frontdesk_ports::Record;

use self::{
    node::{Node, Work},
    requests::{accepts, opening, request},
};
use super::{OURS, Rules};

/// Publishes of each request that get as far as the network; of later ones nothing comes. With two for both claims,
/// three times as many states show nothing else.
const fn publishes(asked: Asked) -> [u8; 2] {
    match asked {
        Asked::Messages => [2, 2],
        Asked::Claims => [2, 1],
    }
}

/// What the two clients ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    /// Each client writes a note.
    Messages,
    /// Both claim the conversation.
    Claims,
}

/// A request, by the node that it goes to first.
pub(super) type Op = usize;

#[derive(Debug, Clone)]
pub(crate) struct World {
    log: Vec<Arc<Record>>,
    /// Ids that the broker remembers.
    remembered: [bool; 2],
    /// On their way to the broker.
    sent: Vec<Publish>,
    nodes: [Node; 2],
    requests: Arc<[Request; 2]>,
    clients: [Client; 2],
    /// Whether the client got no answer to a try.
    unheard: [bool; 2],
    /// Whether the last answer was a failure, and not what the rules say.
    failed: [bool; 2],
    /// Whether a command failed because another entry came first.
    failed_by_conflict: bool,
    publishes: [u8; 2],
    /// Times that the client may still ask again.
    repeats: [u8; 2],
    kills: u8,
}

#[derive(Debug, Clone)]
struct Publish {
    op: Op,
    entry: Entry,
    upon: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Client {
    Waits,
    /// Told that it is entry `seq`.
    Accepted(u64),
    /// Told so on its only try. Told so after a try without an answer, it still does not know.
    Refused,
    /// Got no answer.
    Unknown,
}

impl World {
    pub(crate) fn first(asked: Asked) -> Self {
        let opened = Arc::new(opening());
        let requests = [0, 1].map(|op| request(op, asked));
        let mut world = Self {
            nodes: [0, 1].map(|_| Node::on(std::slice::from_ref(&opened))),
            log: vec![opened],
            remembered: [false; 2],
            sent: Vec::new(),
            requests: Arc::new(requests),
            clients: [Client::Waits; 2],
            unheard: [false; 2],
            failed: [false; 2],
            failed_by_conflict: false,
            publishes: publishes(asked),
            repeats: [1; 2],
            kills: 1,
        };
        for op in 0..2 {
            world.ask(op, op, OURS);
        }
        world
    }

    /// What tells this state from others.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = Hashing(DefaultHasher::new());
        let sent: Vec<_> = self.sent.iter().map(|sent| (sent.op, sent.upon, sent.entry.seq)).collect();
        let nodes = self.nodes.each_ref().map(|node| (&node.machine, node.work));
        let log: Vec<_> = self.log_names();
        let failures = (self.failed, self.failed_by_conflict);
        let budgets = (self.remembered, self.unheard, failures, self.publishes, self.repeats, self.kills);
        write!(hasher, "{log:?}{sent:?}{nodes:?}{:?}{budgets:?}", self.clients).expect("hashing does not fail");
        hasher.0.finish()
    }

    /// Who caused which entry.
    pub(crate) fn log_names(&self) -> Vec<(u64, Option<Op>, bool)> {
        self.log.iter().map(|record| (record.envelope.entry.seq, self.op_of(record), accepts(record))).collect()
    }

    fn op_of(&self, record: &Record) -> Option<Op> {
        self.requests.iter().position(|request| request.client_id == record.envelope.entry.client_id)
    }

    /// What must never be.
    pub(crate) fn broken(&self) -> Option<&'static str> {
        if self.log.iter().zip(1..).any(|(record, seq)| record.envelope.entry.seq != seq) {
            return Some("not dense");
        }
        if self.failed_by_conflict {
            return Some("failed by a conflict");
        }
        let assigned = |record: &&Arc<Record>| matches!(record.envelope.entry.event, Event::Assigned { .. });
        if self.log.iter().filter(assigned).count() > 1 {
            return Some("claimed twice");
        }
        for op in 0..2 {
            let logged = || self.log.iter().filter(|record| self.op_of(record) == Some(op));
            let there = logged().any(|record| accepts(record));
            let on_its_way = self.sent.iter().any(|sent| sent.op == op);
            match self.clients[op] {
                _ if logged().count() > 1 => return Some("stands twice"),
                Client::Accepted(seq) => match self.log.get(seq as usize - 1) {
                    None if !on_its_way => return Some("lost"),
                    Some(record) if self.op_of(record) != Some(op) || !accepts(record) => return Some("misplaced"),
                    _ => {}
                },
                Client::Refused if there => return Some("refused, and there"),
                _ => {}
            }
        }
        None
    }

    /// Every state that one step leads to, and what the step is.
    pub(crate) fn next(&self, rules: Rules) -> Vec<(String, Self)> {
        let mut found = Vec::new();
        let mut step = |what: String, change: &dyn Fn(&mut Self)| {
            let mut next = self.clone();
            change(&mut next);
            next.sent.sort_by_key(|sent| (sent.op, sent.upon));
            found.push((what, next));
        };
        for at in 0..self.sent.len() {
            let op = self.sent[at].op;
            // One that is lost is one that takes no step.
            for answered in [true, false] {
                step(format!("publish of {op} arrives, answered: {answered}"), &|next| {
                    next.arrive(at, answered, rules)
                });
            }
        }
        if self.remembered != [false; 2] {
            step("the broker forgets ids".to_owned(), &|next| next.remembered = [false; 2]);
        }
        for (at, node) in self.nodes.iter().enumerate() {
            match node.work {
                Some(Work::Appending { lost: false, .. }) => {
                    let failure =
                        if rules.reports_unknown { AppendFailure::Unknown } else { AppendFailure::Unavailable };
                    for now in [IN_TIME, LATE] {
                        step(format!("node {at} gets no answer, at {:?}", now.monotonic), &|next| {
                            next.append_failed(at, failure, now, rules);
                        });
                    }
                }
                Some(Work::Reading { last_seq }) => {
                    for now in [IN_TIME, LATE] {
                        step(format!("node {at} reads, at {:?}", now.monotonic), &|next| {
                            next.read(at, last_seq, now, rules)
                        });
                    }
                }
                Some(Work::Appending { lost: true, .. }) | None => {}
            }
            let known = node.machine.view().known().last_seq as usize;
            for record in self.log.iter().skip(known).take(1) {
                step(format!("node {at} receives {}", record.envelope.entry.seq), &|next| {
                    next.nodes[at].machine.handle_live(record);
                    next.drive(at, rules);
                });
            }
            // Pauses between two tries. No command waits behind another for so long that it is refused unsent.
            if let Some(due) = node.machine.poll_timeout().filter(|due| *due < LONGEST_WAIT) {
                step(format!("a pause of node {at} ends"), &|next| {
                    let now = Now { monotonic: due, ..LATE };
                    next.nodes[at].machine.handle_timeout(now);
                    next.drive(at, rules);
                });
            }
            if self.kills > 0 {
                step(format!("node {at} is killed"), &|next| next.kill(at));
            }
        }
        for (op, client) in self.clients.iter().enumerate() {
            if *client != Client::Unknown || self.repeats[op] == 0 {
                continue;
            }
            for at in (0..2).filter(|at| !self.nodes[*at].machine.is_at_work()) {
                step(format!("client {op} asks node {at} again"), &|next| {
                    next.repeats[op] -= 1;
                    next.clients[op] = Client::Waits;
                    next.ask(op, at, rules);
                });
            }
        }
        found
    }
}

/// Feeds what is written to a hasher.
struct Hashing(DefaultHasher);

impl Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// When commands come in.
const ASKED: Duration = Duration::from_millis(1);

/// A step that happens soon after. Steps may be late in any order: then the clock stands for the waiting of one
/// command.
const IN_TIME: Now = Now { wall: Timestamp(1_000), monotonic: Duration::from_millis(2) };

/// A step after [`COMMAND_TIMEOUT`].
const LATE: Now = Now { wall: Timestamp(1_000), monotonic: Duration::from_millis(200) };

/// How long a command is attempted.
const COMMAND_TIMEOUT: Duration = Duration::from_millis(150);

/// Earlier than the machine refuses what waits behind another command.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
