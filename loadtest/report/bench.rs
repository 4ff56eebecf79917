//! The report of a plain benchmark.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use super::{
    FORMAT, Report,
    machine::Machine,
    model::{Checks, Nodes, Scenario, Step, Validity},
    times::Hop,
};
use crate::{options::BenchOptions, recorder::Recorder, watch::Seen};

impl Report {
    /// Sums a run up.
    pub(crate) fn of(options: &BenchOptions, recorder: &Recorder, took: Duration, seen: Seen) -> Self {
        let tally = recorder.tally();
        let [sent, accepted, arrived, doubled] =
            [tally.sent, tally.accepted, tally.arrived, tally.doubled].map(|count| count as u64);
        let (hops, persisted) = recorder.with_latencies(|found| {
            let hops = vec![
                Hop::new("accepted", "due until the sender knows that it is in the log", &found.accepted),
                Hop::new("delivered", "due until it is at the other side's socket", &found.delivered),
                Hop::new("persisted", "due until the sender knows that it is in the database", &found.persisted),
                Hop::new("lateness", "due until handed to the socket: the generator's own doing", &found.lateness),
            ];
            (hops, found.persisted.len())
        });
        let mut complaints = recorder.complaints();
        if accepted < sent {
            complaints.push(format!("{} of {sent} messages were not accepted", sent - accepted));
        }
        let measured = f64::from(options.seconds);
        let step = Step {
            label: format!("{}/s", options.rate),
            until: measured,
            offered: f64::from(options.rate),
            accepted: hops[0].times.count() as f64 / measured,
            delivered: hops[1].times.count() as f64 / measured,
            sessions: u64::from(options.sockets),
            conversations: options.pairs() as u64,
            nodes: NODES,
            used: seen.used(0.0, measured),
            hops: hops.clone(),
            ..Step::default()
        };
        Self {
            format: FORMAT,
            scenario: Scenario {
                name: "bench".to_owned(),
                description: "Contacts and agents talk in pairs, at a steady rate.".to_owned(),
                configuration: serde_json::to_string_pretty(options).expect("our own types always encode"),
                command: std::env::args().collect::<Vec<_>>().join(" "),
                nodes: NODES,
                ..Scenario::default()
            },
            began_at_ms: 0,
            seconds: took.as_secs_f64(),
            machine: Machine::this(),
            versions: BTreeMap::from([("loadtest".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]),
            validity: Validity::default(),
            checks: Checks {
                sent,
                accepted,
                delivered: arrived,
                persisted,
                lost: accepted.saturating_sub(arrived),
                duplicated: doubled,
                unknown: sent - accepted,
                backed_off: recorder.counts().retries.load(Ordering::Relaxed),
                frames: recorder.counts().frames.load(Ordering::Relaxed),
                ..Checks::default()
            },
            complaints,
            hops,
            steps: vec![step],
            timeline: Vec::new(),
            processes: seen.processes,
            series: seen.series,
            faults: Vec::new(),
        }
    }
}

/// One process and its broker.
const NODES: Nodes = Nodes { gateways: 1, workers: 1, brokers: 1 };
