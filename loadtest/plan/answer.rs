//! How much of everything is needed.

use serde::Serialize;

use super::{
    fit::Band,
    measured::{Capacity, Measured},
    question::Question,
};
use crate::report::Unit;

/// What is needed. Bands hold 95 of 100; numbers of processes are rounded up at each end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Answer {
    pub(super) highest_rate: f64,
    pub(super) sessions: f64,
    pub(super) gateways: Band,
    pub(super) workers: Band,
    pub(super) brokers: Band,
    /// Of all processes together.
    pub(super) cores: Band,
    /// Of gateways, workers and brokers together, in bytes; none if unknown.
    pub(super) memory: Option<Band>,
    /// Bytes of the log on each broker; none if unknown.
    pub(super) log_bytes: Option<Band>,
    /// Bytes that the database grows by a day; none if unknown.
    pub(super) database_bytes_per_day: Option<Band>,
    /// How far beyond what was measured this is, by rate and by sockets: 1 is as far as was measured.
    pub(super) beyond_rate: f64,
    pub(super) beyond_sessions: f64,
}

/// What one machine does, and how it is shared.
#[derive(Debug, Clone, Copy)]
struct Node {
    cores: f64,
    /// The share of them that may be busy.
    busy: f64,
    /// What each machine beyond the first adds.
    scale_out: f64,
}

impl Answer {
    /// Of a question; `capacity` is that for its p99.
    pub(super) fn to(question: &Question, measured: &Measured, capacity: &Capacity) -> Self {
        let (rate, sessions) = (question.highest_rate(), question.sessions());
        let node = Node {
            cores: cores_per_node(question, measured),
            busy: capacity.busy,
            scale_out: added(question, measured),
        };
        let spare = f64::from(question.spare);
        let used = |role: &str| measured.cores.get(role).map_or_else(Band::default, |line| line.at(rate));
        // One process with everything in it does the work of both.
        let (both, gateway, worker) = (used("node").plus(used("server")), used("gateway"), used("worker"));
        let gateway_cores = gateway.plus(both.map(|cores| cores * (1.0 - WORKERS_SHARE)));
        let worker_cores = worker.plus(both.map(|cores| cores * WORKERS_SHARE));
        let by_sockets = (sessions / question.sessions_per_gateway).ceil();
        let gateways = gateway_cores.map(|cores| node.machines(cores).max(by_sockets) + spare);
        let workers = worker_cores.map(|cores| node.machines(cores) + spare);
        let alone = gateways.high <= 1.0 && workers.high <= 1.0;
        let brokers = Band::exactly(if alone { 1.0 } else { COPIES });
        // Each copy does all of the writing.
        let broker_cores = used("broker").map(|cores| cores * brokers.value);
        let stores = ["database", "redis"].into_iter().map(used).fold(Band::default(), Band::plus);
        let all = gateway_cores.plus(worker_cores).plus(broker_cores).plus(stores);
        let others = workers.value * measured.worker_memory + brokers.value * measured.broker_memory;
        let memory = measured.memory.map(|line| {
            let (each, slope) = (line.at(0.0), line.slope);
            Band {
                low: gateways.low * each.low + slope.low * sessions + others,
                value: gateways.value * each.value + slope.value * sessions + others,
                high: gateways.high * each.high + slope.high * sessions + others,
            }
        });
        // As if the busiest hour lasted: the log may not overflow in it.
        let in_log = question.messages_per_day * question.busy_hour * question.retain_hours.min(24.0);
        Self {
            highest_rate: rate,
            sessions,
            gateways,
            workers,
            brokers,
            cores: all.map(|cores| cores / node.busy),
            memory,
            log_bytes: measured.log_bytes.map(|bytes| bytes.map(|bytes| bytes * in_log.min(question.messages_per_day))),
            database_bytes_per_day: measured
                .database_bytes
                .map(|bytes| bytes.map(|bytes| bytes * question.messages_per_day)),
            beyond_rate: rate / measured.highest_rate.max(f64::EPSILON),
            beyond_sessions: sessions / measured.most_sessions.max(f64::EPSILON),
        }
    }
}

impl Node {
    /// How many of it have so many cores to give.
    fn machines(&self, cores: f64) -> f64 {
        let one = self.cores * self.busy;
        if cores <= one { 1.0 } else { 1.0 + ((cores - one) / (one * self.scale_out)).ceil() }
    }
}

/// Everything that is taken for true without having been measured, and how far the answer reaches beyond what was.
pub(super) fn assumptions(
    question: &Question,
    measured: &Measured,
    capacity: &Capacity,
    answer: &Answer,
) -> Vec<String> {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let mut said = vec![
        format!(
            "highest rate: {} a day x {} in the busiest hour / 3600 s x {} for the highest minute = {}",
            Unit::Count.write(question.messages_per_day),
            percent(question.busy_hour),
            question.peak,
            Unit::PerSecond.write(answer.highest_rate)
        ),
        format!(
            "{} of the cores may be busy: {}",
            percent(capacity.busy),
            if capacity.was_not_reached {
                "latency never ran out in the run, so this much is taken for safe"
            } else {
                "as many as were when 99 of 100 messages were still in time"
            }
        ),
        format!("machines of {} cores like the measured one", cores_per_node(question, measured)),
        format!(
            "each machine beyond the first adds {} of what the first carries, {}",
            percent(added(question, measured)),
            if measured.scale_out().is_some() { "as measured" } else { "which was not measured" }
        ),
        format!("a gateway holds at most {} sockets", Unit::Count.write(question.sessions_per_gateway)),
        format!("{} gateway and as many workers more than needed, so that they may be away", question.spare),
        "a worker and a broker take as much memory as the most that was measured".to_owned(),
        "the cost of a message does not depend on how many sockets are idle".to_owned(),
    ];
    if answer.brokers.value > 1.0 {
        said.push(format!(
            "{COPIES} brokers: each record has that many copies, and each broker works as hard as the measured one"
        ));
    }
    if measured.cores.contains_key("node") || measured.cores.contains_key("server") {
        said.push(format!(
            "gateway and worker were one process in the run: {} of its CPU is taken for the worker's, and its memory for the gateway's",
            percent(WORKERS_SHARE)
        ));
    }
    if !measured.cores.contains_key("database") {
        said.push("no database was a process of its own in the run: its CPU is not in the cores; more than one node needs Postgres".to_owned());
    }
    if measured.memory.is_none() {
        said.push(
            "sockets did not vary in the run: memory is not known; name a report of `run idle` with --memory"
                .to_owned(),
        );
    }
    if measured.log_bytes.is_some() {
        said.push(format!(
            "entries stay in the log for {} h, counted as if the busiest hour lasted",
            question.retain_hours
        ));
    }
    if measured.left_out > 0 {
        said.push(format!(
            "{} steps left out: nothing was delivered, or the generator did not keep up",
            measured.left_out
        ));
    }
    said.extend(beyond("messages a second", answer.highest_rate, measured.highest_rate));
    said.extend(beyond("sockets", answer.sessions, measured.most_sessions));
    said
}

/// What each machine beyond the first adds.
fn added(question: &Question, measured: &Measured) -> f64 {
    measured.scale_out().unwrap_or(question.scale_out)
}

fn beyond(what: &str, asked: f64, measured: f64) -> Option<String> {
    (asked > measured).then(|| {
        format!(
            "EXTRAPOLATED: {} {what} are {:.1} times the most that was measured ({})",
            Unit::Count.write(asked),
            asked / measured.max(f64::EPSILON),
            Unit::Count.write(measured)
        )
    })
}

fn cores_per_node(question: &Question, measured: &Measured) -> f64 {
    f64::from(if question.cores_per_node > 0 { question.cores_per_node } else { measured.machine_cores })
}

/// Of the CPU of a process that is both, the worker's part: 15 of 38, measured with the two apart.
const WORKERS_SHARE: f64 = 0.4;

/// Copies of each record where machines may die.
const COPIES: f64 = 3.0;
