//! A server of one's own, and waiting.

use std::{path::PathBuf, process::Command, sync::Arc, time::Duration};

use frontdesk_config::SyncInterval;
use frontdesk_nats::{
    NatsLog, NatsOptions,
    supervisor::{LocalPrincipals, Supervisor, SupervisorOptions},
};
use frontdesk_protocol::socket::Durability;
use tempfile::TempDir;
use tokio::time::Instant;

/// A running server; ends with the last handle.
#[derive(Clone)]
pub(crate) struct Server {
    supervisor: Arc<Supervisor>,
    folder: Arc<TempDir>,
}

impl Server {
    /// Starts one that syncs before each acknowledgement, as an installation does.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SupervisorOptions {
            binary: None,
            data_dir: PathBuf::from(folder.path()),
            subject_prefix: "desk".to_owned(),
            sync_interval: SyncInterval::Always,
            max_file_store_bytes: 512 << 20,
            client_port: 0,
            monitor_port: 0,
            // So long that a server which a test freezes is not restarted.
            health_interval: Duration::from_secs(60),
        };
        let supervisor = Supervisor::start(options).await.expect("nats-server starts; nats/install.sh installs it");
        Self { supervisor: Arc::new(supervisor), folder: Arc::new(folder) }
    }

    /// How to reach it as the core.
    pub(crate) fn options(&self) -> NatsOptions {
        let broker = self.supervisor.connection();
        let options = NatsOptions {
            desk: "ours".to_owned(),
            urls: Vec::new(),
            credentials: None,
            inbox_prefix: String::new(),
            subject_prefix: "desk".to_owned(),
            message_streams: 4,
            replicas: 1,
            message_stream_bytes: 16 << 20,
            other_bytes: 64 << 20,
            durability: Durability::Disk,
            retain: Duration::from_secs(3600),
            retain_at_least: Duration::from_secs(300),
            ack_timeout: Duration::from_secs(2),
            ack_wait: Duration::from_secs(1),
            max_in_flight: 1024,
            creates_missing: true,
            patience: Duration::from_secs(5),
        };
        options.with_local(&broker.url, &broker.core)
    }

    /// The same as a worker.
    pub(crate) fn worker_options(&self) -> NatsOptions {
        let broker = self.supervisor.connection();
        NatsOptions { creates_missing: false, ..self.options().with_local(&broker.url, &broker.worker) }
    }

    /// A log on it.
    pub(crate) async fn log(&self) -> NatsLog {
        NatsLog::connect(self.options()).await.unwrap()
    }

    /// A plain client of the core user, with JetStream.
    pub(crate) async fn client(&self) -> async_nats::jetstream::Context {
        use secrecy::ExposeSecret as _;
        let broker = self.supervisor.connection();
        let options = async_nats::ConnectOptions::new()
            .user_and_password(broker.core.name.clone(), broker.core.password.expose_secret().to_owned())
            .custom_inbox_prefix(&broker.core.inbox_prefix);
        async_nats::jetstream::new(options.connect(&broker.url).await.unwrap())
    }

    /// The programs of others at it.
    pub(crate) fn principals(&self) -> LocalPrincipals {
        LocalPrincipals::open(self.folder.path(), "desk").unwrap()
    }

    /// What it wrote to its log.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("nats/nats-server.log")).unwrap_or_default()
    }

    /// Address of the server, as a `nats://` URL.
    pub(crate) fn url(&self) -> &str {
        &self.supervisor.connection().url
    }

    /// Sends the server a signal. After `STOP`, returns once all its threads have stopped: until then it may answer.
    pub(crate) fn signal(&self, signal: &str) {
        let process = self.supervisor.status().borrow().process_id.to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status().unwrap();
        assert!(sent.success(), "kill -s {signal} {process}");
        let begun = Instant::now();
        while signal == "STOP" && !has_stopped(&process) {
            assert!(begun.elapsed() < Duration::from_secs(10), "{process} does not stop");
            std::thread::yield_now();
        }
    }

    /// Kills the server and waits until it is back.
    pub(crate) async fn restart(&self) {
        let mut status = self.supervisor.status();
        let before = status.borrow().restarts;
        self.signal("KILL");
        let back = status.wait_for(|status| status.is_up && status.restarts > before);
        tokio::time::timeout(Duration::from_secs(20), back).await.expect("back within 20 s").unwrap();
    }
}

/// Waits until `condition` gives something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, condition: impl Fn() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Whether every thread of a process is stopped by a signal.
fn has_stopped(process: &str) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.flatten().all(|thread| {
        // The state follows the name in brackets; a thread that has ended meanwhile answers nothing.
        let status = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        status.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('T'))
    })
}
