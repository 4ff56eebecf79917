//! The broker's monitoring pages: what goes through it and what it holds.

use reqwest::Client;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::{
    rates::{Collected, Kind},
    seconds_from,
};
use crate::report::Series;

/// Bytes on disk, of all streams.
pub(super) const STORED: &str = "bytes stored";

/// A broker, and what it said.
#[derive(Debug)]
pub(super) struct BrokerPage {
    client: Client,
    url: String,
    collected: Collected,
}

/// Of `/varz`, what is shown.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct General {
    in_msgs: f64,
    out_msgs: f64,
    in_bytes: f64,
    out_bytes: f64,
    slow_consumers: f64,
    connections: f64,
}

/// Of `/jsz`, what is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Streams {
    messages: f64,
    bytes: f64,
    memory: f64,
}

impl BrokerPage {
    pub(super) fn new(client: &Client, name: String, url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { client: client.clone(), url, collected: Collected::new(name) }
    }

    /// Reads the pages. One that does not answer leaves a gap.
    pub(super) async fn look(&mut self, origin: Instant) {
        let kind = |group, unit| Kind { group, unit };
        if let Some(general) = self.get::<General>("varz").await {
            let at = seconds_from(origin, Instant::now());
            for (name, value) in [("messages in", general.in_msgs), ("messages out", general.out_msgs)] {
                self.collected.count(name, kind("broker", "per second"), at, value);
            }
            for (name, value) in [("bytes in", general.in_bytes), ("bytes out", general.out_bytes)] {
                self.collected.count(name, kind("broker traffic", "bytes per second"), at, value);
            }
            self.collected.count("slow consumers", kind("shed", "per second"), at, general.slow_consumers);
            self.collected.gauge("connections", kind("broker connections", "count"), at, general.connections);
        }
        if let Some(streams) = self.get::<Streams>("jsz").await {
            let at = seconds_from(origin, Instant::now());
            self.collected.gauge("messages stored", kind("broker messages", "count"), at, streams.messages);
            self.collected.gauge(STORED, kind("broker store", "bytes"), at, streams.bytes);
            self.collected.gauge("bytes in memory streams", kind("broker store", "bytes"), at, streams.memory);
        }
    }

    pub(super) fn into_series(self) -> impl Iterator<Item = Series> {
        self.collected.into_series()
    }

    async fn get<T: DeserializeOwned>(&self, page: &str) -> Option<T> {
        self.client.get(format!("{}/{page}", self.url)).send().await.ok()?.json().await.ok()
    }
}
