//! What a run found, for people and for programs.

mod machine;
mod text;

use std::{sync::atomic::Ordering, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::{
    options::BenchOptions,
    process::Usage,
    recorder::{Recorder, Tally},
};
use machine::Machine;

/// What a run found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    scenario: &'static str,
    version: &'static str,
    machine: Machine,
    options: BenchOptions,
    messages: Tally,
    /// Messages that counted, a second, from the first to the last arrival.
    messages_per_second: f64,
    retries: u64,
    frames_received: u64,
    latency: Vec<Latency>,
    usage: Vec<Used>,
    seconds: f64,
    complaints: Vec<String>,
}

/// How long something took, in milliseconds.
#[derive(Debug, Serialize)]
struct Latency {
    what: &'static str,
    meaning: &'static str,
    count: u64,
    mean_ms: f64,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    max_ms: f64,
}

/// What one process, or a kind of processes, used while it counted.
#[derive(Debug, Serialize)]
struct Used {
    who: &'static str,
    #[serde(flatten)]
    usage: Usage,
    cpu_microseconds_per_message: f64,
}

impl Report {
    /// Sums a run up.
    pub(crate) fn of(
        options: &BenchOptions,
        recorder: &Recorder,
        took: Duration,
        used: Option<(Usage, Usage)>,
        own: Usage,
    ) -> Self {
        let measured = recorder.schedule().measured() as f64;
        let used_by = |who, usage: Usage| Used {
            who,
            usage,
            cpu_microseconds_per_message: usage.cpu_seconds * 1e6 / measured.max(1.0),
        };
        let mut usage = Vec::new();
        if let Some((server, broker)) = used {
            usage.extend([used_by("server", server), used_by("broker", broker)]);
        }
        usage.push(used_by("load generator", own));
        let latency = recorder.with_latencies(|found| {
            vec![
                Latency::of("accepted", "due until the sender knows that it is in the log", &found.accepted),
                Latency::of("delivered", "due until it is at the other side's socket", &found.delivered),
                Latency::of("persisted", "due until the sender knows that it is in the database", &found.persisted),
                Latency::of("lateness", "due until handed to the socket: the generator's own doing", &found.lateness),
            ]
        });
        Self {
            scenario: "bench",
            version: env!("CARGO_PKG_VERSION"),
            machine: Machine::this(),
            options: options.clone(),
            messages: recorder.tally(),
            messages_per_second: measured / took.as_secs_f64().max(f64::EPSILON),
            retries: recorder.counts().retries.load(Ordering::Relaxed),
            frames_received: recorder.counts().frames.load(Ordering::Relaxed),
            latency,
            usage,
            seconds: took.as_secs_f64(),
            complaints: recorder.complaints(),
        }
    }

    /// Whether every message arrived exactly once and in order.
    pub(crate) fn is_sound(&self) -> bool {
        let Tally { sent, accepted, arrived, doubled } = self.messages;
        sent == accepted && sent == arrived && doubled == 0 && self.complaints.is_empty()
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("our own types always encode")
    }
}

impl Latency {
    fn of(what: &'static str, meaning: &'static str, found: &Histogram<u64>) -> Self {
        let ms = |micros: u64| micros as f64 / 1000.0;
        let at = |quantile: f64| ms(found.value_at_quantile(quantile));
        Self {
            what,
            meaning,
            count: found.len(),
            mean_ms: found.mean() / 1000.0,
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: ms(found.max()),
        }
    }
}
