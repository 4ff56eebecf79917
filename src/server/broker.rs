//! The broker: a local server that this process runs, or an external one.

use anyhow::Context;
use frontdesk_config::{BrokerMode, Settings};
use frontdesk_nats::{
    NatsLog, NatsOptions,
    supervisor::{LocalBroker, Supervisor, SupervisorOptions},
};

/// A connection to the broker, and the local server if there is one.
pub(crate) struct Broker {
    pub(crate) log: NatsLog,
    local: Option<Supervisor>,
}

impl Broker {
    /// Starts the local server if the settings ask for one, connects, and verifies streams and consumers, which must
    /// belong to this installation.
    ///
    /// # Errors
    /// No server is to be had, or what it holds is not what the settings say; the error says what in one line.
    pub(crate) async fn start(settings: &Settings, installation_id: String) -> anyhow::Result<Self> {
        let options = options(settings, installation_id);
        let (options, local) = match settings.broker.mode {
            BrokerMode::External => (options, None),
            BrokerMode::Embedded => {
                let supervisor = SupervisorOptions::new(&settings.broker, settings.server.data_dir.clone());
                let local = Supervisor::start(supervisor).await.context("cannot start the local broker")?;
                let options = options.with_local(&local.connection().url, &local.connection().core);
                (options, Some(local))
            }
        };
        let log = NatsLog::connect(options).await.context("cannot use the broker")?;
        Ok(Self { log, local })
    }

    /// Connects to the broker that the settings name or that another process runs on the same data folder; starts the
    /// local one only if there is none. Creates no streams on a running one. Also returns whether it was running
    /// already.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub(crate) async fn find_or_start(settings: &Settings, installation_id: String) -> anyhow::Result<(Self, bool)> {
        let options = options(settings, installation_id.clone());
        let options = match settings.broker.mode {
            BrokerMode::External => options,
            BrokerMode::Embedded => match LocalBroker::running(&settings.server.data_dir)? {
                Some(running) => options.with_local(&running.url, &running.core),
                None => return Ok((Self::start(settings, installation_id).await?, false)),
            },
        };
        let options = NatsOptions { creates_missing: false, ..options };
        let log = NatsLog::connect(options).await.context("cannot use the broker")?;
        Ok((Self { log, local: None }, true))
    }

    /// Waits for appends in flight, closes the connection, then ends the local server in order.
    pub(crate) async fn shutdown(self) {
        self.log.settled().await;
        self.log.close().await;
        if let Some(local) = self.local {
            local.shutdown().await;
        }
    }
}

fn options(settings: &Settings, installation_id: String) -> NatsOptions {
    NatsOptions::new(installation_id, &settings.broker, &settings.workers)
}
