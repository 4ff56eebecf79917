//! Settings for nodes under test: free ports, bounds that tests would run into out of the way, cheap passwords.

use std::path::Path;

use super::{broker::Broker, cache::Cache, database::Database, programs};

/// What a node's file of settings says.
#[derive(Debug)]
pub(super) struct NodeSettings<'a> {
    pub port: u16,
    pub admin_port: u16,
    pub data: &'a Path,
    pub key_file: &'a Path,
    pub shared: Option<Shared<'a>>,
}

/// What the nodes of a cluster share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared<'a> {
    pub broker: &'a Broker,
    pub database: &'a Database,
    pub cache: &'a Cache,
}

impl NodeSettings<'_> {
    pub(super) fn to_toml(&self) -> String {
        let Self { port, admin_port, data, key_file, .. } = self;
        let store = match &self.shared {
            None => format!("[broker]\nnats_server_path = {:?}\n", programs::nats_server()),
            Some(Shared { broker, database, cache }) => format!(
                "[broker]\nmode = \"external\"\nurls = {:?}\nreplicas = {}\n\n\
                 [store]\nkind = \"postgres\"\nurl = {:?}\n\n[redis]\nurl = {:?}\n",
                broker.urls(),
                broker.size(),
                database.url(),
                cache.url(),
            ),
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:{admin_port}\"\n\
             public_url = \"http://127.0.0.1:{port}\"\ndata_dir = {data:?}\n\n{store}\n\
             [session]\nmax_per_address = 10000\ncommands_per_second = 100000\ncommands_burst = 100000\n\n\
             [auth]\nkey_file = {key_file:?}\nlogin_attempts_per_minute = 100000\nargon2_memory_kib = 64\n\
             argon2_iterations = 1\n"
        )
    }
}
