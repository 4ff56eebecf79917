//! The broker: a supervised local server, or one that others run.

use anyhow::Context;
use frontdesk_config::{BrokerMode, Settings};
use frontdesk_nats::{
    NatsLog, NatsOptions,
    supervisor::{LocalBroker, Supervisor, SupervisorOptions},
};

use crate::backends::Stores;

/// A connection to the broker, and the local server if there is one.
pub(crate) struct Broker {
    pub(crate) log: NatsLog,
    local: Option<Supervisor>,
}

impl Broker {
    /// Starts the local server if the settings ask for one, connects, and verifies streams and consumers, which must be those of
    /// the desk whose database this is.
    ///
    /// # Errors
    /// No server is to be had, or what it holds is not what the settings say; the error says what in one line.
    pub(crate) async fn start(settings: &Settings, stores: &Stores) -> anyhow::Result<Self> {
        let options = options(settings, stores).await?;
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

    /// Connects to the broker that the settings name or that another process runs on the same data folder; starts the local
    /// one only if there is none. Makes nothing where something runs. Also says whether it was there already.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub(crate) async fn find_or_start(settings: &Settings, stores: &Stores) -> anyhow::Result<(Self, bool)> {
        let options = options(settings, stores).await?;
        let options = match settings.broker.mode {
            BrokerMode::External => options,
            BrokerMode::Embedded => match LocalBroker::running(&settings.server.data_dir)? {
                Some(running) => options.with_local(&running.url, &running.core),
                None => return Ok((Self::start(settings, stores).await?, false)),
            },
        };
        let options = NatsOptions { creates_missing: false, ..options };
        let log = NatsLog::connect(options).await.context("cannot use the broker")?;
        Ok((Self { log, local: None }, true))
    }

    /// Waits for appends in flight, then ends the local server in order.
    pub(crate) async fn shutdown(self) {
        self.log.settled().await;
        if let Some(local) = self.local {
            local.shutdown().await;
        }
    }
}

async fn options(settings: &Settings, stores: &Stores) -> anyhow::Result<NatsOptions> {
    let desk = stores.conversations.desk_id().await.context("the database does not say which desk it is of")?;
    Ok(NatsOptions::new(desk, &settings.broker, &settings.workers))
}
