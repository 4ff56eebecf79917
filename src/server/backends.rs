//! Chooses the adapter behind each port.

use std::sync::Arc;

use anyhow::Context;
use frontdesk_application::{Application, settings::SettingsCache};
use frontdesk_config::{Settings, StoreKind, WorkersSettings};
use frontdesk_memory::MemoryPresence;
use frontdesk_nats::NatsLog;
use frontdesk_ports::{
    Clock, Commands, Database, DeadLetterStore, Feed, Log, LogInspector, Notices, Presence, RateLimits, Redelivery,
    Sessions,
};

use frontdesk_postgres::PostgresStore;
use frontdesk_redis::RedisPresence;
use frontdesk_sqlite::SqliteStore;
use frontdesk_workers::{Redeliverer, WorkerPorts};
use secrecy::ExposeSecret;

/// Every port that actors, workers and API work with. Cloning it clones handles.
#[derive(Clone)]
pub(crate) struct Backends {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) log_inspector: Arc<dyn LogInspector>,
    pub(crate) feed: Arc<dyn Feed>,
    pub(crate) notices: Arc<dyn Notices>,
    pub(crate) database: Database,
    /// The one cache of tenants' settings in this process.
    pub(crate) tenant_settings: Arc<SettingsCache>,
    pub(crate) presence: Arc<dyn Presence>,
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) rate_limits: Arc<dyn RateLimits>,
    pub(crate) clock: Arc<dyn Clock>,
    nats: NatsLog,
}

/// The id of the installation whose database this is, made once with the database.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn installation_id(database: &Database) -> anyhow::Result<String> {
    let found = database.installation.installation_id().await;
    found.context("the database does not say of which installation it is")
}

impl Backends {
    /// The adapters that the settings name, on an open database and a connected broker.
    ///
    /// # Errors
    /// Something cannot be opened; the error says what in one line.
    pub(crate) fn open(
        settings: &Settings,
        database: Database,
        nats: NatsLog,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let memory = MemoryPresence::new(Arc::clone(&clock));
        let (presence, sessions, rate_limits): (Arc<dyn Presence>, Arc<dyn Sessions>, Arc<dyn RateLimits>) =
            match &settings.redis.url {
                None => {
                    let memory = Arc::new(memory);
                    (Arc::clone(&memory) as _, Arc::clone(&memory) as _, memory)
                }
                Some(url) => {
                    let redis = RedisPresence::connect(url.expose_secret(), settings.redis.timeout, memory)
                        .context("redis.url is not an address of a Redis server")?;
                    let redis = Arc::new(redis);
                    (Arc::clone(&redis) as _, Arc::clone(&redis) as _, redis)
                }
            };
        let tenant_settings = Arc::new(SettingsCache::new(Arc::clone(&database.settings), Arc::clone(&clock)));
        Ok(Self {
            log: Arc::new(nats.clone()),
            log_inspector: Arc::new(nats.clone()),
            feed: Arc::new(nats.clone()),
            notices: Arc::new(nats.clone()),
            database,
            tenant_settings,
            presence,
            sessions,
            rate_limits,
            clock,
            nats,
        })
    }

    /// The use cases, which tell all processes what changed.
    pub(crate) fn application(&self) -> Application {
        let application = Application::new(Arc::clone(&self.database.transactions), Arc::clone(&self.clock));
        application.with_notices(Arc::clone(&self.notices))
    }

    /// Reads and removes stored dead letters.
    pub(crate) fn dead_letters(&self) -> Arc<dyn DeadLetterStore> {
        Arc::new(self.nats.clone())
    }

    /// Redelivers dead letters, with `commands` for those that are written into conversations.
    pub(crate) fn redelivery(&self, settings: &WorkersSettings, commands: Arc<dyn Commands>) -> Arc<dyn Redelivery> {
        Arc::new(Redeliverer::new(self.for_workers(commands), settings.clone()))
    }

    /// The ports of workers, which write into conversations through `commands`.
    pub(crate) fn for_workers(&self, commands: Arc<dyn Commands>) -> WorkerPorts {
        let queues = self.nats.clone();
        WorkerPorts {
            log: Arc::clone(&self.log),
            database: self.database.clone(),
            commands,
            log_inspector: Arc::clone(&self.log_inspector),
            feed: Arc::clone(&self.feed),
            dead_letter_sink: Arc::new(self.nats.clone()),
            dead_letters: Arc::new(self.nats.clone()),
            max_delivery_notices: self.nats.max_delivery_notices(),
            events: Arc::new(self.nats.clone()),
            trim: Arc::new(self.nats.clone()),
            clock: Arc::clone(&self.clock),
            queues: Arc::new(move |queue| queues.work(queue)),
        }
    }
}

/// For commands that need an existing installation and would otherwise create an empty one.
///
/// # Errors
/// There is no database yet.
pub(crate) fn expect_database(settings: &Settings) -> anyhow::Result<()> {
    let folder = &settings.server.data_dir;
    let is_there = settings.store.kind != StoreKind::Sqlite || folder.join("frontdesk.db").exists();
    anyhow::ensure!(is_there, "there is no database in {}: no installation has run there", folder.display());
    Ok(())
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// It cannot be opened, or a newer version wrote it.
pub(crate) async fn open_database(settings: &Settings) -> anyhow::Result<Database> {
    match settings.store.kind {
        StoreKind::Sqlite => {
            let path = settings.server.data_dir.join("frontdesk.db");
            let store = SqliteStore::open(&path, settings.store.max_connections).await;
            let store = Arc::new(store.with_context(|| format!("cannot open {}", path.display()))?);
            Ok(Database::of(store))
        }
        StoreKind::Postgres => {
            let url = settings.store.url.as_ref().context("store.url is not set")?;
            let store = PostgresStore::connect(url, settings.store.max_connections).await;
            let store = Arc::new(store.context("cannot use the Postgres database of store.url")?);
            Ok(Database::of(store))
        }
    }
}
