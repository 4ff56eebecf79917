//! The connection to the broker, and its replacement whenever it is lost.
//!
//! The client library would reconnect for ever by itself and then send whatever was queued meanwhile, hours later if need
//! be: an append upon "no record yet" could then land on a conversation whose records came and were trimmed since. So a
//! client lives no longer than its connection: it may try once to come back (which bounds the age of what it still sends
//! to the connection timeout), and from the moment it was cut we use it no more and dial anew. That also frees what the
//! library keeps for requests that were never answered.
//!
//! What a frozen *server* holds in its socket is beyond any client. On one server that is harmless: nothing else happened
//! while it was frozen. In a cluster, a server that was frozen for longer than the retention must be killed, not thawed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, Event,
    connection::State,
    jetstream::{Context, context::ContextBuilder},
};
use frontdesk_ports::{BoxError, LogError};
use secrecy::ExposeSecret as _;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Instant, interval, sleep, timeout},
};

use crate::{
    error::SetupError,
    interruptions::Interruptions,
    jitter,
    options::NatsOptions,
    topology::{self, Topology},
};

/// A live connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: Client,
    pub(crate) broker: Context,
    lost: Arc<Notify>,
    interruptions: Interruptions,
}

/// The connection there is now, if any. Clones look at the same one; with the last of them it is closed.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    current: watch::Receiver<Option<Arc<Link>>>,
    pub(crate) interruptions: Interruptions,
    _keeper: Arc<Keeper>,
}

/// The task that dials anew. Ends with the last handle.
#[derive(Debug)]
struct Keeper(JoinHandle<()>);

/// Nothing can be sent.
#[derive(Debug, thiserror::Error)]
#[error("not connected to the broker")]
pub(crate) struct NotConnected;

impl Links {
    /// Connects, and keeps connected from then on.
    ///
    /// # Errors
    /// [`SetupError`] when no server answers within the options' patience, refuses us, or is unfit.
    pub(crate) async fn connect(options: &NatsOptions) -> Result<Self, SetupError> {
        let dialer = Dialer::new(options)?;
        let link = dialer.first(options.patience).await?;
        topology::check_server(&link.client.server_info())?;
        metrics::gauge!("desk_broker_connected").set(1.0);
        let (sender, current) = watch::channel(Some(link));
        let interruptions = dialer.interruptions.clone();
        let keeper = Keeper(tokio::spawn(keep(dialer, sender)));
        Ok(Self { current, interruptions, _keeper: Arc::new(keeper) })
    }

    /// The connection, unless it is down.
    pub(crate) fn get(&self) -> Result<Arc<Link>, NotConnected> {
        let link = self.current.borrow().clone();
        link.filter(|link| link.is_up()).ok_or(NotConnected)
    }

    /// The connection, for reads.
    pub(crate) fn reach(&self) -> Result<Arc<Link>, LogError> {
        self.get().map_err(|error| LogError::Unavailable(error.into()))
    }

    /// The next connection after `old`; waits while there is none. `None` when there never will be one.
    pub(crate) async fn after(&mut self, old: Option<&Arc<Link>>) -> Option<Arc<Link>> {
        let is_new = |link: &Option<Arc<Link>>| {
            // One that was just cut may still stand there; whatever comes next is told as well.
            link.as_ref().is_some_and(|link| link.is_up() && old.is_none_or(|old| !Arc::ptr_eq(link, old)))
        };
        self.current.wait_for(is_new).await.ok().and_then(|link| link.clone())
    }
}

impl Link {
    fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Returns once the connection was cut.
    async fn until_lost(&self) {
        // The library drops events when many come at once, so its state is looked at as well.
        let mut look = interval(Duration::from_millis(250));
        while self.is_up() {
            tokio::select! {
                () = self.lost.notified() => return,
                _ = look.tick() => self.interruptions.look(),
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn keep(dialer: Dialer, current: watch::Sender<Option<Arc<Link>>>) {
    loop {
        let link = current.borrow().clone();
        if let Some(link) = link {
            link.until_lost().await;
        }
        current.send_replace(None);
        metrics::gauge!("desk_broker_connected").set(0.0);
        tracing::warn!("the connection to the broker is lost; dialling");
        let cut = Instant::now();
        let link = dialer.until_connected().await;
        metrics::gauge!("desk_broker_connected").set(1.0);
        metrics::counter!("desk_broker_reconnects_total").increment(1);
        tracing::info!(duration_ms = cut.elapsed().as_millis(), "connected to the broker again");
        current.send_replace(Some(link));
    }
}

/// Opens connections.
struct Dialer {
    options: NatsOptions,
    topology: Topology,
    next: AtomicUsize,
    interruptions: Interruptions,
}

impl Dialer {
    fn new(options: &NatsOptions) -> Result<Self, SetupError> {
        if options.urls.is_empty() {
            return Err(SetupError::NoAddress);
        }
        // Nodes that start together should not all dial the first server.
        let next = AtomicUsize::new(jitter::below(options.urls.len()));
        Ok(Self {
            topology: options.topology()?,
            options: options.clone(),
            next,
            interruptions: Interruptions::default(),
        })
    }

    async fn first(&self, patience: Duration) -> Result<Arc<Link>, SetupError> {
        let deadline = Instant::now() + patience;
        let urls = || self.options.urls.join(", ");
        let mut pause = Pause::default();
        loop {
            match self.dial().await {
                Ok(link) => return Ok(link),
                Err(error) if error.kind() == ConnectErrorKind::AuthorizationViolation => {
                    return Err(SetupError::Unauthorised { urls: urls(), source: error.into() });
                }
                Err(error) if Instant::now() >= deadline => {
                    return Err(SetupError::Unreachable { urls: urls(), source: error.into() });
                }
                Err(_) => pause.wait().await,
            }
        }
    }

    async fn until_connected(&self) -> Arc<Link> {
        let (mut pause, mut told) = (Pause::default(), None);
        loop {
            pause.wait().await;
            let unfit = match self.dial().await {
                Ok(link) => match self.check(&link).await {
                    Ok(()) => return link,
                    Err(error) => error,
                },
                Err(error) => {
                    tracing::debug!(%error, "the broker cannot be reached yet");
                    continue;
                }
            };
            let error = unfit.to_string();
            if unfit.is_transient() || told.as_ref() == Some(&error) {
                tracing::debug!(error, "this broker cannot take the place of the former yet");
            } else {
                tracing::error!(error, "this broker cannot take the place of the former; dialling on");
                told = Some(error);
            }
        }
    }

    /// Whether it may take the place of the broker that we started with: whatever listens at its address now.
    async fn check(&self, link: &Link) -> Result<(), SetupError> {
        topology::check_server(&link.client.server_info())?;
        let broker = ContextBuilder::new().timeout(WHOSE).build(link.client.clone());
        self.topology.check_broker(&broker).await
    }

    async fn dial(&self) -> Result<Arc<Link>, async_nats::ConnectError> {
        let options = &self.options;
        let url = &options.urls[self.next.fetch_add(1, Ordering::Relaxed) % options.urls.len()];
        let lost = Arc::new(Notify::new());
        let mut connect = ConnectOptions::new()
            .name("frontdesk")
            .custom_inbox_prefix(&options.inbox_prefix)
            .ping_interval(PING)
            .connection_timeout(CONNECT.min(options.retain_at_least / 4))
            .request_timeout(Some(REQUEST))
            .max_reconnects(1)
            .ignore_discovered_servers()
            .reconnect_delay_callback(|_| jitter::up_to(Duration::from_millis(50)))
            .event_callback({
                let (lost, interruptions) = (Arc::clone(&lost), self.interruptions.clone());
                move |event| {
                    note(&event, &lost, &interruptions);
                    std::future::ready(())
                }
            });
        if let Some((user, password)) = &options.credentials {
            connect = connect.user_and_password(user.clone(), password.expose_secret().to_owned());
        }
        let client = connect.connect(url).await?;
        let broker = ContextBuilder::new().timeout(options.ack_timeout).build(client.clone());
        Ok(Arc::new(Link { client, broker, lost, interruptions: self.interruptions.clone() }))
    }
}

fn note(event: &Event, lost: &Notify, interruptions: &Interruptions) {
    match event {
        Event::Disconnected | Event::Closed => lost.notify_one(),
        // A subscription's buffer was full: what came then is gone, and only this tells of it.
        Event::SlowConsumer(_) => {
            metrics::counter!("desk_broker_slow_consumer_total").increment(1);
            interruptions.overflow();
        }
        Event::ServerError(error) => {
            metrics::counter!("desk_broker_errors_total").increment(1);
            tracing::warn!(%error, "the broker reports an error");
        }
        Event::LameDuckMode => tracing::warn!("the broker is about to stop"),
        Event::Connected | Event::Draining | Event::ClientError(_) => {}
    }
}

/// The pause between two attempts: twice as long each time, with full jitter so that nodes spread out.
pub(crate) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_millis(50))
    }
}

impl Pause {
    pub(crate) async fn wait(&mut self) {
        sleep(jitter::up_to(self.0)).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(2));
    }
}

/// Bounds a call to the client library that has no bound of its own: its queue may be full while a connection is down.
pub(crate) async fn bounded<T, E: Into<BoxError>>(
    limit: Duration,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, LogError> {
    match timeout(limit, call).await {
        Ok(done) => done.map_err(|error| LogError::Unavailable(error.into())),
        Err(elapsed) => Err(LogError::Unavailable(elapsed.into())),
    }
}

/// Silence after which the broker is asked whether it is there; after three times this the connection counts as cut. The
/// library's own minute would leave a frozen broker unnoticed for two.
const PING: Duration = Duration::from_secs(3);

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// How long one stream may take to say whose it is.
const WHOSE: Duration = Duration::from_millis(500);

/// How long an answer to a request may take that has no other bound.
const REQUEST: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
