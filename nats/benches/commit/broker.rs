//! A server and streams for one measurement.

use std::{path::PathBuf, time::Duration};

use async_nats::jetstream::{self, stream};
use frontdesk_config::SyncInterval;
use frontdesk_nats::supervisor::{Supervisor, SupervisorOptions};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

/// A server with a folder of its own; both end with it.
pub(crate) struct Broker {
    supervisor: Supervisor,
    _folder: TempDir,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SupervisorOptions {
            binary: None,
            data_dir: PathBuf::from(folder.path()),
            subject_prefix: "desk".to_owned(),
            sync_interval: SyncInterval::Always,
            max_file_store_bytes: 4 << 30,
            client_port: 0,
            monitor_port: 0,
            health_interval: Duration::from_secs(60),
        };
        let supervisor = Supervisor::start(options).await.expect("nats-server starts; nats/install.sh installs it");
        Self { supervisor, _folder: folder }
    }

    /// A connection of its own.
    pub(crate) async fn client(&self) -> jetstream::Context {
        let broker = self.supervisor.connection();
        let options = async_nats::ConnectOptions::new()
            .user_and_password(broker.core.name.clone(), broker.core.password.expose_secret().to_owned())
            .custom_inbox_prefix(&broker.core.inbox_prefix);
        let client = options.connect(&broker.url).await.unwrap();
        jetstream::context::ContextBuilder::new()
            .timeout(Duration::from_secs(30))
            .max_ack_inflight(100_000)
            .build(client)
    }

    /// Makes `count` streams; stream n takes `desk.bench.<n>.>`.
    pub(crate) async fn streams(&self, count: usize, atomic: bool) {
        let client = self.client().await;
        for number in 0..count {
            let config = stream::Config {
                name: format!("BENCH-{number}"),
                subjects: vec![format!("desk.bench.{number}.>")],
                discard: stream::DiscardPolicy::New,
                allow_atomic_publish: atomic,
                ..stream::Config::default()
            };
            client.create_stream(config).await.unwrap();
        }
    }

    /// Processor time of the server so far, from the kernel.
    pub(crate) fn cpu(&self) -> Duration {
        let process = self.supervisor.status().borrow().process_id;
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // USER_HZ is 100 wherever Linux runs.
        Duration::from_millis(ticks * 10)
    }
}
