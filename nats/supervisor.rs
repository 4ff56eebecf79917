//! A local `nats-server`, started and watched by this process: the broker of a one-machine installation.
//!
//! It listens on 127.0.0.1 only, keeps everything under `<data_dir>/nats`, is restarted on its old port when it ends or
//! stops answering, and never outlives this process: the kernel kills it (`setpriv --pdeathsig`), and where that is not
//! to be had, the next start ends what was left behind.

mod binary;
mod child;
mod configuration;
mod credentials;
mod error;
mod files;
mod health;
mod launch;
mod lock;
mod options;
mod ports;
mod principals;
mod running;
mod stored_principals;
mod watch;

use tokio::sync::{oneshot, watch as latest};

use crate::local_user::LocalUser;

pub use error::SupervisorError;
pub use options::SupervisorOptions;
pub use principals::{LocalPrincipals, new_password};

/// A running local broker. Dropping it kills the server at once; [`Supervisor::shutdown`] lets it finish first.
#[derive(Debug)]
pub struct Supervisor {
    broker: LocalBroker,
    status: latest::Receiver<BrokerStatus>,
    thread: SupervisorThread,
}

/// The thread that owns the server. Dropping it kills the server, also one that is being started, and waits for that.
#[derive(Debug)]
struct SupervisorThread {
    end: Option<oneshot::Sender<EndGracefully>>,
    handle: Option<std::thread::JoinHandle<()>>,
}

/// Where the local broker is, and who may connect. Stays the same over restarts.
#[derive(Debug, Clone)]
pub struct LocalBroker {
    /// Address for clients, such as `nats://127.0.0.1:14222`.
    pub url: String,
    /// Address of the monitoring pages, such as `http://127.0.0.1:18222`.
    pub monitor_url: String,
    /// The service itself; has the rights of a worker too.
    pub core: LocalUser,
    /// Background work in a process of its own.
    pub worker: LocalUser,
}

/// How the server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokerStatus {
    /// Whether it answered the last health check.
    pub is_up: bool,
    /// Process id of the local server.
    pub process_id: u32,
    /// How many times it was started again.
    pub restarts: u32,
}

impl LocalBroker {
    fn at(ports: ports::Ports, core: LocalUser, worker: LocalUser) -> Self {
        Self {
            url: format!("nats://127.0.0.1:{}", ports.client),
            monitor_url: format!("http://127.0.0.1:{}", ports.monitor),
            core,
            worker,
        }
    }
}

/// Asks the watching thread for an orderly end; dropping the channel instead asks for an immediate one.
#[derive(Debug)]
struct EndGracefully;

impl Supervisor {
    /// Starts a server, waits until it is healthy, and watches it from then on.
    ///
    /// The work is done on a thread of its own, so that the server lives exactly as long as the supervisor, whatever
    /// becomes of the runtime that called. Dropping the future ends the server again, and waits for that.
    ///
    /// # Errors
    /// When no suitable `nats-server` is installed, another process uses the data folder, a port that was asked for is
    /// taken, or the server does not become healthy.
    pub async fn start(options: SupervisorOptions) -> Result<Self, SupervisorError> {
        let (started, first_health) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let handle = std::thread::Builder::new()
            .name("nats-supervisor".to_owned())
            .spawn(move || watch::run(options, started, ended))
            .map_err(SupervisorError::Thread)?;
        let thread = SupervisorThread { end: Some(end), handle: Some(handle) };
        let (broker, status) = first_health.await.map_err(|_| SupervisorError::Died)??;
        Ok(Self { broker, status, thread })
    }

    /// Where the broker is, and who may connect.
    #[must_use]
    pub const fn connection(&self) -> &LocalBroker {
        &self.broker
    }

    /// How the server is doing, now and at every change.
    #[must_use]
    pub fn status(&self) -> latest::Receiver<BrokerStatus> {
        self.status.clone()
    }

    /// Asks the server to finish, and kills it when it has not done so within ten seconds.
    pub async fn shutdown(mut self) {
        if let Some(end) = self.thread.end.take() {
            // Refused only when the watching thread is gone, and then so is the server.
            let _ = end.send(EndGracefully);
        }
        while self.status.changed().await.is_ok() {}
    }
}

impl Drop for SupervisorThread {
    /// Waits for the kill, which takes milliseconds, so that the data folder is free afterwards.
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(handle) = self.handle.take() {
            let _ = handle.join();
        }
    }
}
