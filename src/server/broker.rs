//! The broker: a supervised local server, or one that others run.

use anyhow::Context;
use frontdesk_config::{BrokerMode, Settings};
use frontdesk_nats::{
    NatsLog, NatsOptions,
    supervisor::{Supervisor, SupervisorOptions},
};

/// A connection to the broker, and the local server if there is one.
pub(crate) struct Broker {
    pub(crate) log: NatsLog,
    local: Option<Supervisor>,
}

impl Broker {
    /// Starts the local server if the settings ask for one, connects, and verifies streams and consumers.
    ///
    /// # Errors
    /// No server is to be had, or what it holds is not what the settings say; the error says what in one line.
    pub(crate) async fn start(settings: &Settings) -> anyhow::Result<Self> {
        let options = NatsOptions::new(&settings.broker, &settings.workers);
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

    /// Waits for appends in flight, then ends the local server in order.
    pub(crate) async fn shutdown(self) {
        self.log.settled().await;
        if let Some(local) = self.local {
            local.shutdown().await;
        }
    }
}
