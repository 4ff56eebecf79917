//! The sections, one per file. Defaults live in `default.toml` only; the comments here repeat them for the reader.

mod auth;
mod broker;
mod conversation;
mod demo;
mod redis;
mod server;
mod session;
mod store;
mod telemetry;
mod workers;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use auth::AuthSettings;
pub use broker::{BrokerMode, BrokerSettings, SyncInterval};
pub use conversation::ConversationSettings;
pub use demo::DemoSettings;
pub use redis::RedisSettings;
pub use server::ServerSettings;
pub use session::{SessionSettings, Transport};
pub use store::{StoreKind, StoreSettings};
pub use telemetry::{LogFormat, TelemetrySettings};
pub use workers::WorkersSettings;

/// Everything that can be set. Fields may be changed after loading (the command line does); [`Settings::validate`] then
/// has to be asked again.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Listeners, addresses and the data folder.
    pub server: ServerSettings,
    /// NATS JetStream: the log.
    pub broker: BrokerSettings,
    /// The database and its connections.
    pub store: StoreSettings,
    /// What is shared between nodes and may be lost.
    pub redis: RedisSettings,
    /// Sessions: one per connected socket.
    pub session: SessionSettings,
    /// Conversations that are active in memory.
    pub conversation: ConversationSettings,
    /// Workers and their queues.
    pub workers: WorkersSettings,
    /// Tokens, log-ins and passwords.
    pub auth: AuthSettings,
    /// Logs, metrics and traces.
    pub telemetry: TelemetrySettings,
    /// The example tenant.
    pub demo: DemoSettings,
}

impl Settings {
    /// The file with the signing keys: `auth.key_file`, or `keys.json` in the data folder.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.auth.key_file.clone().unwrap_or_else(|| self.server.data_dir.join("keys.json"))
    }
}
