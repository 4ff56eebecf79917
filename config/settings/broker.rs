//! `[broker]`: NATS JetStream, the log that every message goes through.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use humantime_serde::re::humantime;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::values::{choice, comma_list, empty_is_none, hidden};

/// How the log is reached, how it is laid out and how much of it is kept.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerSettings {
    /// Whether this process runs the broker itself. Default "embedded".
    #[serde(deserialize_with = "choice")]
    pub mode: BrokerMode,
    /// Servers of an external broker. Default: none.
    #[serde(deserialize_with = "comma_list")]
    pub urls: Vec<String>,
    /// User name at an external broker. Default: not set.
    #[serde(deserialize_with = "empty_is_none")]
    pub credentials_user: Option<String>,
    /// Password at an external broker. Default: not set.
    #[serde(deserialize_with = "empty_is_none", serialize_with = "hidden")]
    pub credentials_password: Option<SecretString>,
    /// First token of every subject. Default "desk".
    pub subject_prefix: String,
    /// Streams that share the 64 partitions of the message log: a power of two up to 64. Default 8.
    pub message_streams: u16,
    /// Copies of each stream: 1, 3 or 5. Default 1.
    pub replicas: usize,
    /// When the embedded broker syncs to disk. Default "always".
    pub sync_interval: SyncInterval,
    /// Disk space for all streams together, in bytes (embedded). Default 2 GiB.
    pub max_file_store_bytes: u64,
    /// Room for each message stream, in bytes. Default 128 MiB.
    pub stream_max_bytes: u64,
    /// How long an acknowledgement may take before the outcome counts as unknown. Default "2s", which is also the most.
    #[serde(with = "humantime_serde")]
    pub ack_timeout: Duration,
    /// How long persisted entries stay in the log. Default "1h".
    #[serde(with = "humantime_serde")]
    pub retain: Duration,
    /// How long they stay in a stream that is nearly full; `retain` if that is shorter. Default "2m".
    #[serde(with = "humantime_serde")]
    pub retain_at_least: Duration,
    /// The `nats-server` program (embedded). Default: not set, so it is searched.
    #[serde(deserialize_with = "empty_is_none")]
    pub nats_server_path: Option<PathBuf>,
    /// Port for clients of the embedded broker; 0 for a free one. Default 0.
    pub client_port: u16,
    /// Port for the embedded broker's health checks; 0 for a free one. Default 0.
    pub monitor_port: u16,
}

impl BrokerSettings {
    /// Bytes of the store that the message streams leave for all other streams.
    #[must_use]
    pub fn bytes_beside_messages(&self) -> u64 {
        self.max_file_store_bytes.saturating_sub(self.message_bytes())
    }

    /// Bytes that all message streams together may take.
    #[must_use]
    pub fn message_bytes(&self) -> u64 {
        self.stream_max_bytes.saturating_mul(u64::from(self.message_streams))
    }
}

/// Who runs the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BrokerMode {
    /// This process starts and watches a local `nats-server`.
    Embedded,
    /// The operator; this process connects to `broker.urls`.
    External,
}

/// When the embedded broker asks the disk to keep what it acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncInterval {
    /// Before every acknowledgement: a power cut loses nothing acknowledged.
    Always,
    /// Once in this time: a power cut loses what came since.
    Every(Duration),
}

impl FromStr for SyncInterval {
    type Err = humantime::DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "always" { Ok(Self::Always) } else { humantime::parse_duration(text).map(Self::Every) }
    }
}

impl fmt::Display for SyncInterval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => formatter.write_str("always"),
            Self::Every(time) => humantime::format_duration(*time).fmt(formatter),
        }
    }
}

impl<'de> Deserialize<'de> for SyncInterval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is neither \"always\" nor a duration")))
    }
}

impl Serialize for SyncInterval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
