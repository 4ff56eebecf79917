//! What a local broker is started with.

use std::path::PathBuf;
use std::time::Duration;

use frontdesk_config::{BrokerSettings, SyncInterval};

/// What a local broker is started with.
#[derive(Debug, Clone)]
pub struct SupervisorOptions {
    /// The `nats-server` program; `None` searches `.tools/bin` and the PATH.
    pub binary: Option<PathBuf>,
    /// The installation's data folder; the broker keeps its files in `nats` below it.
    pub data_dir: PathBuf,
    /// First token of every subject; the users' rights are made from it.
    pub subject_prefix: String,
    /// When the server syncs to disk.
    pub sync_interval: SyncInterval,
    /// Disk space for all streams together, in bytes.
    pub max_file_store_bytes: u64,
    /// Port for clients; 0 chooses a free one and keeps it.
    pub client_port: u16,
    /// Port for health checks; 0 chooses a free one and keeps it.
    pub monitor_port: u16,
    /// Time between health checks, and how long an answer may take. Five failures in a row restart the server.
    pub health_interval: Duration,
}

impl SupervisorOptions {
    /// As the settings say, with a health check every second.
    #[must_use]
    pub fn new(settings: &BrokerSettings, data_dir: PathBuf) -> Self {
        Self {
            binary: settings.nats_server_path.clone(),
            data_dir,
            subject_prefix: settings.subject_prefix.clone(),
            sync_interval: settings.sync_interval,
            max_file_store_bytes: settings.max_file_store_bytes,
            client_port: settings.client_port,
            monitor_port: settings.monitor_port,
            health_interval: Duration::from_secs(1),
        }
    }
}
