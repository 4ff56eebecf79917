//! The steps: what a request, an answer of the broker, a read or a kill changes in the world.

use std::sync::Arc;

use frontdesk_actors::conversation::{AppendFailure, Found, KnownUpTo, Now, Output, Pending};
use frontdesk_domain::Answer;
use frontdesk_ports::{Record, commands::ExecuteError};

use super::{
    ASKED, Client, IN_TIME, Op, Publish, World,
    node::{Node, Work},
    requests::record,
};
use crate::append::Rules;

impl World {
    pub(super) fn ask(&mut self, op: Op, at: usize, rules: Rules) {
        let call = Pending { request: self.requests[op].clone(), since: ASKED, ticket: op };
        self.nodes[at].machine.execute(call, IN_TIME);
        self.drive(at, rules);
    }

    /// Does what the machine of node `at` asks for, as the product's actor does.
    pub(super) fn drive(&mut self, at: usize, rules: Rules) {
        while let Some(output) = self.nodes[at].machine.poll_output() {
            match output {
                Output::Append { entry, upon } => {
                    let op = self.nodes[at].machine.in_flight().expect("a command is published").ticket;
                    if !rules.waits {
                        self.clients[op] = Client::Accepted(entry.seq);
                    }
                    let lost = self.publishes[op] == 0;
                    self.nodes[at].work = Some(Work::Appending { op, upon, lost });
                    if !lost {
                        self.publishes[op] -= 1;
                        self.sent.push(Publish { op, entry, upon });
                    }
                }
                Output::Reload(KnownUpTo { last_seq, .. }) | Output::CatchUp(KnownUpTo { last_seq, .. }) => {
                    assert_eq!(self.nodes[at].work, None, "one operation at a time");
                    self.nodes[at].work = Some(Work::Reading { last_seq });
                }
                Output::FindRequest { .. } => panic!("every request of this model is remembered"),
                Output::Answer { call, result } => self.answer(call.ticket, &result),
                Output::Applied(_) | Output::Persisted(_) | Output::CaughtUp { .. } => {}
            }
        }
    }

    /// The broker gets a publish; its node gets the answer if it still waits for it.
    pub(super) fn arrive(&mut self, at: usize, answered: bool, rules: Rules) {
        let Publish { op, entry, upon } = self.sent.remove(at);
        let last = self.log.last().map_or(0, |record| record.log_seq);
        let stored = !self.remembered[op] && (!rules.expectation || upon == last);
        if stored {
            self.log.push(Arc::new(record(last + 1, entry)));
            self.remembered[op] = true;
        }
        let waits = |node: &Node| node.work == Some(Work::Appending { op, upon, lost: false });
        let Some(node) = self.nodes.iter().position(waits).filter(|_| answered) else { return };
        if stored {
            self.nodes[node].work = None;
            let record = Arc::clone(&self.log[self.log.len() - 1]);
            self.nodes[node].machine.handle_appended(&record, IN_TIME);
            self.drive(node, rules);
        } else {
            let failure = if rules.reports_conflicts { AppendFailure::Conflict } else { AppendFailure::Unavailable };
            self.append_failed(node, failure, IN_TIME, rules);
            // Another entry came first: the command is decided again, and only the rules may refuse it.
            self.failed_by_conflict |= self.failed[op];
        }
    }

    pub(super) fn append_failed(&mut self, at: usize, failure: AppendFailure, now: Now, rules: Rules) {
        self.nodes[at].work = None;
        self.nodes[at].machine.handle_append_failed(failure, now);
        self.drive(at, rules);
    }

    pub(super) fn read(&mut self, at: usize, last_seq: u64, now: Now, rules: Rules) {
        let new = self.log.iter().filter(|record| record.envelope.entry.seq > last_seq);
        let records = new.map(|record| Record::clone(record)).collect();
        self.nodes[at].work = None;
        self.nodes[at].machine.handle_refreshed(Found::Following { records, known_at: IN_TIME.monotonic }, 0, now);
        self.drive(at, rules);
    }

    /// The node forgets everything and is rebuilt from the log. Who waited for it gets no answer.
    pub(super) fn kill(&mut self, at: usize) {
        self.kills -= 1;
        let before = std::mem::replace(&mut self.nodes[at], Node::on(&self.log));
        let in_hand = format!("{:?}", before.machine);
        for op in 0..2 {
            let waited = self.clients[op] == Client::Waits && in_hand.contains(&format!("ticket: {op}"));
            if waited {
                self.clients[op] = Client::Unknown;
                self.unheard[op] = true;
            }
        }
    }

    fn answer(&mut self, op: Op, result: &Result<Answer, ExecuteError>) {
        let answer = match result {
            Ok(answer) => Client::Accepted(answer.seq),
            Err(ExecuteError::Unknown) => Client::Unknown,
            Err(_) if self.unheard[op] => Client::Unknown,
            Err(_) => Client::Refused,
        };
        self.failed[op] = !matches!(result, Ok(_) | Err(ExecuteError::Unknown | ExecuteError::Rejected(_)));
        self.unheard[op] |= matches!(answer, Client::Unknown);
        self.clients[op] = answer;
    }
}
