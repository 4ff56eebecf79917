//! What the nodes under test are told: bounds that people would run into out of the way, cheap passwords.

use std::path::Path;

/// What a node's file of settings says.
#[derive(Debug)]
pub(super) struct NodeSettings<'a> {
    pub port: u16,
    pub admin_port: u16,
    pub data: &'a Path,
    pub key_file: &'a Path,
    pub shared: Option<Shared<'a>>,
    /// Room for each message stream, where it is not to be the usual.
    pub stream_bytes: Option<u64>,
    /// Whether the embedded broker syncs seldom.
    pub lazy_sync: bool,
}

/// What the nodes of a cluster share.
#[derive(Debug, Clone)]
pub(super) struct Shared<'a> {
    pub brokers: Vec<String>,
    pub database: &'a str,
    pub redis: &'a str,
}

impl NodeSettings<'_> {
    pub(super) fn to_toml(&self) -> String {
        let Self { port, admin_port, data, key_file, .. } = self;
        let store = match &self.shared {
            None => format!(
                "[broker]\nmax_file_store_bytes = 4294967296\nnats_server_path = {:?}\n{}",
                super::programs::nats_server(),
                if self.lazy_sync { "sync_interval = \"2m\"\n" } else { "" }
            ),
            Some(Shared { brokers, .. }) => {
                format!("[broker]\nmode = \"external\"\nurls = {brokers:?}\nreplicas = {}\n", brokers.len())
            }
        };
        // With one stream it is full soon, and there is room again soon after.
        let small = |bytes: u64| format!("stream_max_bytes = {bytes}\nmessage_streams = 1\nretain = \"2s\"\n");
        let room = self.stream_bytes.map(small).unwrap_or_default();
        let rest = match &self.shared {
            None => String::new(),
            Some(Shared { database, redis, .. }) => {
                format!("[store]\nkind = \"postgres\"\nurl = {database:?}\n\n[redis]\nurl = {redis:?}\n")
            }
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:{admin_port}\"\n\
             public_url = \"http://127.0.0.1:{port}\"\ndata_dir = {data:?}\n\n{store}{room}\n{rest}\n\
             [session]\nmax_per_address = 20000\ncommands_per_second = 100000\ncommands_burst = 100000\n\n\
             [auth]\nkey_file = {key_file:?}\naccess_ttl = \"12h\"\nlogin_attempts_per_minute = 100000\n\
             argon2_memory_kib = 64\nargon2_iterations = 1\n\n[workers]\ntrim_interval = \"1s\"\n"
        )
    }
}
