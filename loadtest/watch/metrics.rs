//! A server's metrics page: the figures that a report shows.

use std::collections::BTreeMap;

use reqwest::Client;
use tokio::time::Instant;

use super::{
    prometheus,
    rates::{Collected, Kind},
    seconds_from,
};
use crate::report::Series;

/// A page, and what it said.
#[derive(Debug)]
pub(super) struct MetricsPage {
    client: Client,
    url: String,
    collected: Collected,
    /// The sum of the histogram that is being read; its count follows.
    sum: Option<(String, f64)>,
}

/// A histogram as a page tells it: where it is shown, what its values are to be multiplied with, its buckets.
type Growing = (Kind, f64, Vec<(f64, f64)>);

/// How a metric is to be read.
#[derive(Debug, Clone, Copy)]
enum Reading {
    Gauge,
    Counter,
    /// Half and 99 of 100 of what came in the last second; in milliseconds if it is in seconds.
    Histogram,
    /// The mean of what came in the last second.
    Mean,
}

impl MetricsPage {
    pub(super) fn new(client: &Client, name: String, url: &str) -> Self {
        let url = format!("{}/metrics", url.trim_end_matches('/'));
        Self { client: client.clone(), url, collected: Collected::new(name), sum: None }
    }

    /// Reads the page. One that does not answer leaves a gap.
    pub(super) async fn look(&mut self, origin: Instant) {
        let Ok(answer) = self.client.get(&self.url).send().await else { return };
        let Ok(text) = answer.text().await else { return };
        self.read(seconds_from(origin, Instant::now()), &text);
    }

    pub(super) fn read(&mut self, at: f64, text: &str) {
        let mut buckets: BTreeMap<String, Growing> = BTreeMap::new();
        for line in prometheus::lines(text) {
            let part = ["_bucket", "_sum", "_count"].into_iter().find(|part| line.name.ends_with(part));
            let name = part.and_then(|part| line.name.strip_suffix(part)).unwrap_or(line.name);
            let Some((_, reading, group, unit)) = SHOWN.iter().find(|(shown, ..)| *shown == name) else { continue };
            let kind = Kind { group, unit };
            let labelled = match line.other_labels() {
                labels if labels.is_empty() => name.to_owned(),
                labels => format!("{name}{{{labels}}}"),
            };
            match (reading, part) {
                (Reading::Gauge, _) => self.collected.gauge(&labelled, kind, at, line.value),
                (Reading::Counter, _) => self.collected.count(&labelled, kind, at, line.value),
                (Reading::Mean, Some("_sum")) => self.sum = Some((labelled, line.value)),
                (Reading::Mean, Some("_count")) => {
                    if let Some((_, sum)) = self.sum.take_if(|(name, _)| *name == labelled) {
                        self.collected.mean(&format!("{labelled} mean"), kind, at, sum, line.value);
                    }
                }
                (Reading::Histogram, Some("_bucket")) => {
                    let scale = if *unit == "ms" { 1000.0 } else { 1.0 };
                    let bounds = &mut buckets.entry(labelled).or_insert((kind, scale, Vec::new())).2;
                    bounds.extend(line.bound().map(|bound| (bound, line.value)));
                }
                (Reading::Histogram | Reading::Mean, _) => {}
            }
        }
        for (name, (kind, scale, buckets)) in buckets {
            self.collected.histogram(&format!("{name} p50"), kind, at, 0.5, scale, buckets.clone());
            self.collected.histogram(&format!("{name} p99"), kind, at, 0.99, scale, buckets);
        }
    }

    pub(super) fn into_series(self) -> impl Iterator<Item = Series> {
        self.collected.into_series()
    }
}

/// What is kept of a page: name, how it is read, the chart it belongs to, its unit.
const SHOWN: [(&str, Reading, &str, &str); 23] = [
    ("desk_sessions_open", Reading::Gauge, "sessions", "count"),
    ("desk_conversations_live", Reading::Gauge, "sessions", "count"),
    ("desk_watchers", Reading::Gauge, "sessions", "count"),
    ("desk_commands_in_hand", Reading::Gauge, "queue", "count"),
    ("desk_conversation_queue", Reading::Gauge, "queue", "count"),
    ("desk_log_inflight", Reading::Gauge, "queue", "count"),
    ("desk_worker_pending", Reading::Gauge, "queue", "count"),
    ("desk_consumer_pending", Reading::Gauge, "queue", "count"),
    ("desk_ledger_unpersisted", Reading::Gauge, "queue", "count"),
    ("desk_outbox_bytes", Reading::Gauge, "outbox", "bytes"),
    ("desk_persist_lag_seconds", Reading::Gauge, "lag", "seconds"),
    ("desk_shed_total", Reading::Counter, "shed", "per second"),
    ("desk_commands_total", Reading::Counter, "commands", "per second"),
    ("desk_sessions_evicted_total", Reading::Counter, "shed", "per second"),
    ("desk_conversation_mailbox_full_total", Reading::Counter, "shed", "per second"),
    ("desk_shard_mailbox_full_total", Reading::Counter, "shed", "per second"),
    ("desk_broker_slow_consumer_total", Reading::Counter, "shed", "per second"),
    ("desk_hop_seconds", Reading::Histogram, "hop", "ms"),
    ("desk_log_append_seconds", Reading::Histogram, "hop", "ms"),
    ("desk_persist_seconds", Reading::Histogram, "database", "ms"),
    ("desk_persist_batch_size", Reading::Mean, "batch", "count"),
    ("desk_persist_entries_total", Reading::Counter, "commands", "per second"),
    ("desk_feed_wait_seconds", Reading::Histogram, "hop", "ms"),
];
