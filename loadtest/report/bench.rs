//! The report of a plain benchmark.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use super::{
    FORMAT, Report,
    machine::Machine,
    model::{Checks, Nodes, Process, Scenario, Validity},
    times::Hop,
};
use crate::{options::BenchOptions, process::Usage, recorder::Recorder};

impl Report {
    /// Sums a run up.
    pub(crate) fn of(
        options: &BenchOptions,
        recorder: &Recorder,
        took: Duration,
        used: Option<(Usage, Usage)>,
        own: Usage,
    ) -> Self {
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
        let process = |name: &str, role: &str, usage: Usage| Process {
            name: name.to_owned(),
            role: role.to_owned(),
            cpu_seconds: usage.cpu_seconds,
            peak_bytes: usage.peak_bytes,
            ..Process::default()
        };
        let mut processes = Vec::new();
        if let Some((server, broker)) = used {
            processes.extend([process("server", "node", server), process("broker", "broker", broker)]);
        }
        processes.push(process("load generator", "generator", own));
        Self {
            format: FORMAT,
            scenario: Scenario {
                name: "bench".to_owned(),
                description: "Contacts and agents talk in pairs, at a steady rate.".to_owned(),
                configuration: serde_json::to_string_pretty(options).expect("our own types always encode"),
                command: std::env::args().collect::<Vec<_>>().join(" "),
                nodes: Nodes { gateways: 1, workers: 1, brokers: 1 },
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
            steps: Vec::new(),
            timeline: Vec::new(),
            processes,
            series: Vec::new(),
            faults: Vec::new(),
        }
    }
}
