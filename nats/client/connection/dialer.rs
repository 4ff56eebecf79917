//! Opens connections and checks that the broker at the other end is the right one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_nats::{ConnectErrorKind, ConnectOptions, Event, jetstream::context::ContextBuilder};
use secrecy::ExposeSecret as _;
use tokio::{sync::Notify, time::Instant};

use super::Connection;
use crate::{
    client::{backoff::Backoff, reconnects::Reconnects},
    error::SetupError,
    options::NatsOptions,
    setup::check_server,
    topology::Topology,
};

/// Opens connections to the broker, and checks that it can be used.
pub(super) struct Dialer {
    options: NatsOptions,
    topology: Topology,
    pub(super) next: AtomicUsize,
    pub(super) reconnects: Reconnects,
}

impl Dialer {
    pub(super) fn new(options: &NatsOptions) -> Result<Self, SetupError> {
        if options.urls.is_empty() {
            return Err(SetupError::NoAddress);
        }
        // Nodes that start together must not all dial the first server.
        let next = AtomicUsize::new(fastrand::usize(..options.urls.len()));
        Ok(Self { topology: options.topology()?, options: options.clone(), next, reconnects: Reconnects::default() })
    }

    pub(super) async fn first(&self, patience: Duration) -> Result<Arc<Connection>, SetupError> {
        let deadline = Instant::now() + patience;
        let urls = || self.options.urls.join(", ");
        let mut backoff = Backoff::default();
        loop {
            match self.dial().await {
                Ok(connection) => return Ok(connection),
                Err(error) if error.kind() == ConnectErrorKind::AuthorizationViolation => {
                    return Err(SetupError::Unauthorised { urls: urls(), source: error.into() });
                }
                Err(error) if Instant::now() >= deadline => {
                    return Err(SetupError::Unreachable { urls: urls(), source: error.into() });
                }
                Err(_) => backoff.wait().await,
            }
        }
    }

    pub(super) async fn until_connected(&self) -> Arc<Connection> {
        let (mut backoff, mut reported) = (Backoff::default(), None);
        loop {
            backoff.wait().await;
            let unfit = match self.dial().await {
                Ok(connection) => match self.check(&connection).await {
                    Ok(()) => return connection,
                    Err(error) => error,
                },
                Err(error) => {
                    tracing::debug!(%error, "the broker cannot be reached; dialling again");
                    continue;
                }
            };
            let error = unfit.to_string();
            if unfit.is_transient() || reported.as_ref() == Some(&error) {
                tracing::debug!(error, "the broker at this address is not ready; dialling again");
            } else {
                tracing::error!(error, "the broker at this address cannot be used; dialling again");
                reported = Some(error);
            }
        }
    }

    /// Whether the server that listens at this address now may replace the broker of the first connection.
    async fn check(&self, connection: &Connection) -> Result<(), SetupError> {
        check_server(&connection.client.server_info())?;
        let jetstream = ContextBuilder::new().timeout(OWNER_TIMEOUT).build(connection.client.clone());
        self.topology.check_broker(&jetstream).await
    }

    pub(super) async fn dial(&self) -> Result<Arc<Connection>, async_nats::ConnectError> {
        let options = &self.options;
        let url = &options.urls[self.next.fetch_add(1, Ordering::Relaxed) % options.urls.len()];
        let lost = Arc::new(Notify::new());
        let mut connect = ConnectOptions::new()
            .name("frontdesk")
            .custom_inbox_prefix(&options.inbox_prefix)
            .ping_interval(PING_INTERVAL)
            .connection_timeout(CONNECT_TIMEOUT.min(options.retain_at_least / 4))
            .request_timeout(Some(REQUEST_TIMEOUT))
            .max_reconnects(1)
            .ignore_discovered_servers()
            .reconnect_delay_callback(|_| Duration::from_millis(fastrand::u64(..50)))
            .event_callback({
                let (lost, reconnects) = (Arc::clone(&lost), self.reconnects.clone());
                move |event| {
                    handle_event(&event, &lost, &reconnects);
                    std::future::ready(())
                }
            });
        if let Some((user, password)) = &options.credentials {
            connect = connect.user_and_password(user.clone(), password.expose_secret().to_owned());
        }
        let client = connect.connect(url).await?;
        let jetstream = ContextBuilder::new().timeout(options.ack_timeout).build(client.clone());
        Ok(Arc::new(Connection { client, jetstream, lost, reconnects: self.reconnects.clone() }))
    }
}

fn handle_event(event: &Event, lost: &Notify, reconnects: &Reconnects) {
    match event {
        Event::Disconnected | Event::Closed => lost.notify_one(),
        // A subscription's buffer was full: messages were dropped, and this event is the only sign of it.
        Event::SlowConsumer(_) => {
            metrics::counter!("desk_broker_slow_consumer_total").increment(1);
            reconnects.overflow();
        }
        Event::ServerError(error) => {
            metrics::counter!("desk_broker_errors_total").increment(1);
            tracing::warn!(%error, "the broker reported an error");
        }
        Event::LameDuckMode => tracing::warn!("the broker announced that it is stopping"),
        Event::Connected | Event::Draining | Event::ClientError(_) => {}
    }
}

/// Silence after which the client pings the broker; after three times this the connection counts as cut. With the
/// library's default of a minute, a frozen broker would go unnoticed for two.
const PING_INTERVAL: Duration = Duration::from_secs(3);

/// Time limit for opening a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Time limit for asking a stream which installation owns it.
const OWNER_TIMEOUT: Duration = Duration::from_millis(500);

/// Time limit for requests that have no other one.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
